//! The collator of sources and targets: `Seq2Seq` in `#[trainer(collator = …)]`.

use candle_core::{Device, Tensor};

use super::padding::pads_as_padding_does;
use super::{Batch, Collation, Collator, DecoderStart, Item, ItemInput, Padding, labels, layout};
use crate::data::{IGNORE, Target};
use crate::error::{Error, ErrorKind, Result};
use crate::text::{Side, Tokenizer};

const NAME: &str = "Seq2Seq";

/// Pads sources as [`Padding`] does and targets to the longest of them, and makes what the decoder reads: its start, then the
/// target up to the token before.
///
/// In: the tokens of a source, and as labels those of the target, its end included. Out: labels and `decoder_input_ids`
/// `[batch, target length]`, which stand in line: what is read at a place has to be followed by the label of that place. Labels
/// are padded with [`IGNORE`](crate::data::IGNORE), on the tokenizer's side; where one is ignored the decoder reads padding.
/// `decoder_attention_mask` is 0 where nothing of the target stands. How the decoder begins is the model's to say
/// ([`Collation::decoder`]).
///
/// A tokenizer that pads on the left puts the decoder's start in front of the padding, as in Hugging Face.
///
/// Source: `transformers.DataCollatorForSeq2Seq` and `shift_tokens_right` of its models.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seq2SeqCollator {
    padding: Padding,
    max_target_length: Option<usize>,
}

pads_as_padding_does!(Seq2SeqCollator);

impl Seq2SeqCollator {
    /// To the longest source and the longest target of each batch, as the tokenizer pads.
    pub fn new() -> Self {
        Self::default()
    }

    /// To at most `length` tokens of what is written, whatever the length of what is read; with a fixed length, to `length` in
    /// every batch. Targets are cut to it when they are tokenised; a longer one is an error.
    ///
    /// Source: `max_target_length` of transformers' `run_translation.py` and `run_summarization.py`.
    pub fn max_target_length(mut self, length: usize) -> Self {
        self.max_target_length = Some(length);
        self
    }

    /// The target of each row, or `None` if no row has one.
    fn targets<'a>(items: &[&'a Item]) -> Result<Option<Vec<&'a [u32]>>> {
        let mut targets = Vec::with_capacity(items.len());
        for item in items {
            match &item.target {
                Target::Tokens(target) => targets.push(target.as_slice()),
                Target::None => {}
                _ => {
                    let message = format!("row {} has a label for the whole example, and no target to write", item.row);
                    return Err(Error::new(ErrorKind::Data, message)
                        .help("give the example the fields `source` and `target`, or write `collator = Padding`"));
                }
            }
        }
        match targets.len() {
            0 => Ok(None),
            count if count == items.len() => Ok(Some(targets)),
            _ => Err(Error::new(ErrorKind::Data, "some rows of this batch have a target, and others have none")),
        }
    }

    fn lay_targets_out(
        &self,
        batch: &mut Batch,
        targets: &[&[u32]],
        fill: layout::Fill,
        decoder: DecoderStart,
    ) -> Result<()> {
        let mut longest = (0, 0);
        for (row, target) in batch.rows.iter().zip(targets) {
            labels::something_to_find(*row, target, || {
                ("its target has no token".to_owned(), "leave rows out whose `target` is empty".to_owned())
            })?;
            if target.len() > longest.1 {
                longest = (*row, target.len());
            }
        }
        let length = self.padding.target_length(NAME, longest, self.max_target_length)?;
        let (mut ids, mut mask) = (Vec::new(), Vec::new());
        for target in targets {
            let mut labels = Vec::with_capacity(length);
            fill.place(&mut labels, target, length, IGNORE);
            ids.push(decoder.start);
            let before = labels.iter().take(length - 1);
            ids.extend(before.map(|label| if *label == IGNORE { decoder.padding } else { *label }));
            let first = match fill.side {
                Side::Right => 0,
                Side::Left => length - target.len(),
            };
            let is_read = |place: usize| place == 0 || (first..first + target.len()).contains(&place);
            mask.extend((0..length).map(|place| u32::from(is_read(place))));
        }
        let shape = (targets.len(), length);
        batch.labels = Some(labels::laid_out(targets, length, fill)?);
        batch.decoder_input_ids = Some(Tensor::from_vec(ids, shape, &Device::Cpu)?);
        batch.decoder_attention_mask = Some(Tensor::from_vec(mask, shape, &Device::Cpu)?);
        Ok(())
    }
}

impl Collator for Seq2SeqCollator {
    fn max_length(&self) -> Option<usize> {
        Collator::max_length(&self.padding)
    }

    fn max_target_length(&self) -> Option<usize> {
        self.max_target_length
    }

    fn padded_length(&self, longest: usize) -> Option<usize> {
        self.padding.padded_length(longest)
    }

    fn collate(&self, items: &[&Item], tokenizer: Option<&Tokenizer>) -> Result<Batch> {
        self.collate_in(items, &Collation { tokenizer, ..Collation::default() })
    }

    /// # Errors
    /// As [`Padding`]; rows of which only some have a target; an empty target; a target that is longer than it may be;
    /// targets for a model that does not say how its decoder begins.
    fn collate_in(&self, items: &[&Item], collation: &Collation<'_>) -> Result<Batch> {
        let mut batch = layout::begin(items)?;
        let encodings = Padding::encodings(NAME, items)?;
        let (_, fill) = self.padding.lay_out(NAME, &mut batch, &encodings, collation.tokenizer)?;
        let Some(targets) = Self::targets(items)? else { return Ok(batch) };
        let Some(decoder) = collation.decoder else {
            let message = "`Seq2Seq` does not know how the decoder begins: the model does not say it";
            return Err(Error::new(ErrorKind::Model, message).help(
                "take a model with a decoder, such as `T5ForConditionalGeneration`; of a model of your own write `decoder_start`, with the ids of `decoder_start_token_id` and `pad_token_id`",
            ));
        };
        self.lay_targets_out(&mut batch, &targets, fill, decoder)?;
        Ok(batch)
    }

    fn check(&self, item: &Item, _collation: &Collation<'_>) -> Result<()> {
        match (&item.target, &item.input) {
            (Target::Tokens(target), ItemInput::Tokens(_)) => labels::something_to_find(item.row, target, || {
                ("its target has no token".to_owned(), "leave rows out whose `target` is empty".to_owned())
            }),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Encoding;

    fn labels(collator: &Seq2SeqCollator, target: &[u32]) -> Result<Vec<Vec<u32>>> {
        let input = ItemInput::Tokens(Encoding::from_tokens(&[3, 4, 5, 6, 7], None, None)?);
        let item = Item { row: 8, input, target: Target::Tokens(target.to_vec()) };
        let collation = Collation { decoder: Some(DecoderStart { start: 0, padding: 0 }), ..Collation::default() };
        let batch = collator.clone().pad_id(0).collate_in(&[&item], &collation)?;
        let labels = batch.labels.ok_or_else(|| Error::new(ErrorKind::Data, "no labels"))?;
        Ok(labels.to_vec2()?)
    }

    #[test]
    fn targets_have_a_longest_length_of_their_own() -> Result<()> {
        let four = Seq2SeqCollator::new().max_target_length(4);
        assert_eq!(labels(&four, &[9, 1])?, [[9, 1]]);
        assert_eq!(labels(&four.clone().pad_to_multiple_of(3), &[9, 9, 9, 1])?, [[9, 9, 9, 1]]);
        assert_eq!(labels(&four.clone().fixed_length(6), &[9, 1])?, [[9, 1, IGNORE, IGNORE]]);
        let message = labels(&four, &[9, 9, 9, 9, 1]).expect_err("five tokens").to_string();
        let expected = "row 8 has 5 tokens to write, but `max_target_length` of `Seq2Seq` is 4\nhelp: a larger \
                        `max_target_length`, or shorter targets; texts are cut by the tokenizer, token ids are not";
        assert_eq!(message, expected);
        Ok(())
    }
}
