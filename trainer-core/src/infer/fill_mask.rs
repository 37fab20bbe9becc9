//! Masked words, filled in.
//!
//! What comes in: a text with mask tokens. What goes out: for each of them the tokens that the model finds most probable. It
//! refuses a text without a mask, and a tokenizer that has none.

use candle_core::{D, DType, IndexOp};

use super::predictor::Predictor;
use crate::collate::{Collator, Item, ItemInput, Padding};
use crate::data::{Input, Target};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Head, Model, Reads};
use crate::nn;
use crate::tensor::gradients::without;
use crate::tensor::random::Mode;
use crate::tensor::threads;
use crate::text::{SpecialToken, Tokenizer};
use crate::train::TrainerParts;
use crate::train::encode::encode_input;

/// A token that could stand where a mask stands.
#[derive(Clone, Debug, PartialEq)]
pub struct FilledMask {
    /// Its id.
    pub id: u32,
    /// The token, as it reads.
    pub token: String,
    /// Its probability.
    pub score: f32,
}

/// A text's tokens, and what the model puts in the place of each mask: the places, and the ids with their probabilities.
struct Filled {
    input_ids: Vec<u32>,
    masks: Vec<Masked>,
}

/// A place, and the most probable ids there with their probabilities.
type Masked = (usize, Vec<(u32, f32)>);

impl<P: TrainerParts> Predictor<'_, P> {
    /// The `count` most probable tokens for each mask token of a text, in the order of the text; the most probable first.
    ///
    /// # Errors
    /// [`ErrorKind::Text`] without a tokenizer that has a mask token, and for a text without one;
    /// [`ErrorKind::Model`] for a model that does not fill in masks.
    ///
    /// Source: `transformers.FillMaskPipeline`.
    pub fn fill_mask(&self, text: &str, count: usize) -> Result<Vec<Vec<FilledMask>>> {
        let (tokenizer, _) = self.mask_token()?;
        let found = self.filled(text, count)?.masks.into_iter().map(|(_, best)| {
            let read = |(id, score)| Ok(FilledMask { id, token: tokenizer.decode(&[id])?, score });
            best.into_iter().map(read).collect::<Result<Vec<_>>>()
        });
        found.collect()
    }

    /// The text with the most probable token in the place of each mask.
    pub(super) fn with_masks_filled(&self, text: &str) -> Result<String> {
        let (tokenizer, _) = self.mask_token()?;
        let Filled { mut input_ids, masks } = self.filled(text, 1)?;
        for (place, best) in masks {
            if let (Some(token), Some((id, _))) = (input_ids.get_mut(place), best.first()) {
                *token = *id;
            }
        }
        tokenizer.decode_without_special_tokens(&input_ids)
    }

    fn mask_token(&self) -> Result<(&Tokenizer, &SpecialToken)> {
        let Some(tokenizer) = self.setup.parts.tokenizer() else {
            return Err(Error::new(ErrorKind::Text, "masks are filled in with a tokenizer, and the trainer has none")
                .help("add a field `tokenizer: Tokenizer` to the trainer"));
        };
        match &tokenizer.special_tokens().mask_token {
            Some(mask) => Ok((tokenizer, mask)),
            None => Err(Error::new(ErrorKind::Text, "the tokenizer has no mask token")
                .help("name it as `mask_token` in `tokenizer_config.json`")),
        }
    }

    fn filled(&self, text: &str, count: usize) -> Result<Filled> {
        let (tokenizer, mask) = self.mask_token()?;
        if !matches!(P::Model::HEAD, Head::Any | Head::Vocabulary(Reads::Masked)) {
            return Err(Error::new(ErrorKind::Model, "this model does not fill in masks")
                .help("take a masked language model, such as `BertForMaskedLM`"));
        }
        let (input, _) = encode_input(&Input::Text { text, pair: None }, Some(tokenizer), self.limits)?;
        let input_ids = input.tokens().map(|encoding| encoding.input_ids.clone()).unwrap_or_default();
        let masked: Vec<usize> = (0..input_ids.len()).filter(|place| input_ids[*place] == mask.id).collect();
        if masked.is_empty() {
            let message = format!("the text has no `{}`, so there is nothing to fill in", mask.token);
            return Err(Error::new(ErrorKind::Text, message).help("write it where a word is missing"));
        }
        let masks = self.setup.threads.during(|| self.most_probable(input, &masked, count))?;
        Ok(Filled { input_ids, masks })
    }

    /// The most probable ids at each of the places, with their probabilities.
    fn most_probable(&self, input: ItemInput, places: &[usize], count: usize) -> Result<Vec<Masked>> {
        let item = Item { row: 0, input, target: Target::None };
        let model = self.setup.parts.model();
        let batch = Padding::new().collate(&[&item], self.setup.parts.tokenizer())?;
        let batch = batch.to_device(model.parameters().device())?;
        let logits = without(|| threads::run_on_first(|| model.forward(&batch, Mode::Evaluate)))?.logits;
        let at = |place: &usize| {
            let probabilities = nn::log_softmax(&logits.i((0, *place))?.unsqueeze(0)?)?.exp()?;
            let values = probabilities.to_dtype(DType::F32)?.squeeze(D::Minus(2))?.to_vec1::<f32>()?;
            let mut ranked: Vec<(u32, f32)> = (0..).zip(values).collect();
            ranked.sort_by(|one, other| other.1.total_cmp(&one.1));
            ranked.truncate(count);
            Ok((*place, ranked))
        };
        places.iter().map(at).collect()
    }
}
