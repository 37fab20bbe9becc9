//! A trained model, ready to predict: what was checked once is kept.

use super::words::Words;
use crate::collate::Item;
use crate::data::{Dataset, Example, Input, Role, Target, Task, TaskKind};
use crate::error::{Error, ErrorKind, Result};
use crate::infer::PredictionOutput;
use crate::model::{Head, Model, Reads};
use crate::train::TrainerParts;
use crate::train::encode::{Limits, Purpose, asked_of_words, encode_input};
use crate::train::setup::{Setup, TaskOf};

/// Predicts with the model of a trainer, whose parts are checked against each other when it is made and not again: each
/// prediction costs its forward pass. Made by [`Trainer::predictor`](crate::Trainer::predictor).
///
/// ```no_run
/// # use trainer_core::prelude::*;
/// # fn answer<T: Trainer>(trainer: &T, questions: &[String]) -> trainer_core::Result<()> {
/// let predictor = trainer.predictor()?;
/// for question in questions {
///     let prediction = predictor.predict_one(question)?;
/// }
/// # Ok(())
/// # }
/// ```
pub struct Predictor<'a, P: TrainerParts> {
    pub(super) setup: Setup<'a, P>,
    pub(super) limits: Limits,
}

impl<'a, P: TrainerParts> Predictor<'a, P> {
    pub(crate) fn new(parts: &'a P) -> Result<Self> {
        let setup = Setup::new(parts)?;
        Ok(Self { limits: setup.limits(), setup })
    }

    /// What the model makes of every row of a data set, in its order; its labels are not looked at.
    ///
    /// Of a model that tags words, each row has as many tags as words; a word that the model does not read, because the tokenizer
    /// makes nothing of it or it lies beyond the longest length, is outside of all entities
    /// ([`TagsPrediction`](crate::data::TagsPrediction)). Of a row that is given as token ids the tokens with a label have a tag.
    ///
    /// # Errors
    /// [`ErrorKind::Data`] for a row that the model cannot take, with its place.
    pub fn predict(&self, dataset: &Dataset<P::Example>) -> Result<PredictionOutput<TaskOf<P>>> {
        let items = self.setup.encode(dataset, Purpose::Prediction)?;
        if TaskOf::<P>::KIND.is_over_vocabulary() {
            let written =
                self.written(&items)?.into_iter().map(|text| TaskOf::<P>::written(text).ok_or_else(no_logits));
            return Ok(PredictionOutput { predictions: written.collect::<Result<_>>()?, logits: Vec::new() });
        }
        let inputs: Vec<Input<'_>> = dataset.iter().map(Example::input).collect();
        PredictionOutput::new(self.logits(items, &inputs, self.setup.arguments.per_device_eval_batch_size)?)
    }

    /// What the model makes of one text; with `formatting`, of one that is formatted already.
    ///
    /// * Of a pair of texts: take [`predict_pair`](Self::predict_pair).
    /// * Of a model that tags words: one tag for each part of the text between white space.
    /// * Of a masked language model: the text with its masks filled in; see also [`fill_mask`](Self::fill_mask).
    /// * Of a model that writes: what it writes for the text; see also [`write`](Self::write).
    ///
    /// # Errors
    /// [`ErrorKind::Text`] if the trainer has no tokenizer.
    pub fn predict_one(&self, text: &str) -> Result<<TaskOf<P> as Task>::Prediction> {
        if TaskOf::<P>::KIND.is_over_vocabulary() {
            let text = match P::Model::HEAD {
                Head::Vocabulary(Reads::Masked) => self.with_masks_filled(text)?,
                _ => self.written_as(text, self.setup.generation())?,
            };
            return TaskOf::<P>::written(text).ok_or_else(no_logits);
        }
        if TaskOf::<P>::KIND != TaskKind::TokenClassification {
            return self.predict_input(&Input::Text { text, pair: None });
        }
        let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        self.predict_input(&Input::Words(&words))
    }

    /// What the model makes of a pair of texts; a pair that is too long loses of the longer text first.
    ///
    /// # Errors
    /// [`ErrorKind::Data`] for examples that have one text, or whose text is formatted; [`ErrorKind::Text`] if the trainer has no
    /// tokenizer.
    pub fn predict_pair(&self, text: &str, pair: &str) -> Result<<TaskOf<P> as Task>::Prediction> {
        let (fields, name) = (P::Example::FIELDS, P::Example::NAME);
        let has = |role: Role| fields.iter().any(|field| field.role == role);
        // Rows of token ids may be of two texts.
        let takes_pairs = has(Role::TextPair) || has(Role::InputIds);
        if !takes_pairs || TaskOf::<P>::KIND.is_over_tokens() || P::formatting().is_some() {
            return Err(Error::new(ErrorKind::Data, format!("a row of `{name}` is one text, and not a pair"))
                .help("`predict_one(text)` takes one; a second field, `text_pair: String`, makes rows of two"));
        }
        self.predict_input(&Input::Text { text, pair: Some(pair) })
    }

    /// What the model makes of one input.
    fn predict_input(&self, input: &Input<'_>) -> Result<<TaskOf<P> as Task>::Prediction> {
        let (read, _) = encode_input(input, self.setup.parts.tokenizer(), self.limits)?;
        let target = match (input, read.tokens()) {
            (Input::Words(words), Some(encoding)) => Target::Tokens(asked_of_words(encoding, words.len())),
            _ => Target::None,
        };
        let logits = self.logits(vec![Item { row: 0, input: read, target }], std::slice::from_ref(input), 1)?;
        TaskOf::<P>::prediction(logits.first().ok_or_else(no_logits)?)
    }

    /// The logits of each item, which was made of the input in its place; of words those of every word.
    fn logits(&self, items: Vec<Item>, inputs: &[Input<'_>], batch_size: usize) -> Result<Vec<Vec<f32>>> {
        let pass = self.setup.pass(batch_size);
        let computed = |items: &[Item]| self.setup.threads.during(|| pass.logits::<TaskOf<P>>(items));
        if TaskOf::<P>::KIND != TaskKind::TokenClassification {
            return computed(&items);
        }
        let words: Vec<Words> = items.iter().zip(inputs).map(|(item, input)| Words::of(item, input)).collect();
        let asked = items.into_iter().zip(&words).filter(|(_, words)| words.is_asked);
        let asked: Vec<Item> = asked.map(|(item, _)| item).collect();
        let mut found = computed(&asked)?.into_iter();
        let of_row = |words: &Words| {
            let of_read = if words.is_asked { found.next().ok_or_else(no_logits)? } else { Vec::new() };
            Ok(words.scores(of_read, TaskOf::<P>::OUTPUTS))
        };
        words.iter().map(of_row).collect()
    }
}

fn no_logits() -> Error {
    Error::new(ErrorKind::Shape, "the model gave no logits for the text")
}

impl<P: TrainerParts> std::fmt::Debug for Predictor<'_, P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Predictor").field("trainer", &P::NAME).field("limits", &self.limits).finish_non_exhaustive()
    }
}
