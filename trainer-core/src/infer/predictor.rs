//! A trained model, ready to predict: what was checked once is kept.

use crate::collate::Item;
use crate::data::{Dataset, Input, Target, Task, TaskKind};
use crate::error::{Error, ErrorKind, Result};
use crate::infer::PredictionOutput;
use crate::model::{Head, Model, Reads};
use crate::train::TrainerParts;
use crate::train::encode::{Limits, encode_input};
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
    /// # Errors
    /// [`ErrorKind::Data`] for a row that the model cannot take, with its place.
    pub fn predict(&self, dataset: &Dataset<P::Example>) -> Result<PredictionOutput<TaskOf<P>>> {
        let items = self.setup.encode(dataset)?;
        if TaskOf::<P>::KIND.is_over_vocabulary() {
            let written =
                self.written(&items)?.into_iter().map(|text| TaskOf::<P>::written(text).ok_or_else(no_logits));
            return Ok(PredictionOutput { predictions: written.collect::<Result<_>>()?, logits: Vec::new() });
        }
        let pass = self.setup.pass(self.setup.arguments.per_device_eval_batch_size);
        PredictionOutput::new(self.setup.threads.during(|| pass.logits::<TaskOf<P>>(&items))?)
    }

    /// What the model makes of one text; with `formatting`, of one that is formatted already.
    ///
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
        let item = self.item(text)?;
        let pass = self.setup.pass(1);
        match self.setup.threads.during(|| pass.logits::<TaskOf<P>>(&[item]))?.first() {
            Some(logits) => TaskOf::<P>::prediction(logits),
            None => Err(no_logits()),
        }
    }

    /// One text as an item without a label; of words, each has one at its first token, so that the model says its tag.
    fn item(&self, text: &str) -> Result<Item> {
        let tokenizer = self.setup.parts.tokenizer();
        if TaskOf::<P>::KIND != TaskKind::TokenClassification {
            let (input, _) = encode_input(&Input::Text { text, pair: None }, tokenizer, self.limits)?;
            return Ok(Item { row: 0, input, target: Target::None });
        }
        let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        let (input, _) = encode_input(&Input::Words(&words), tokenizer, self.limits)?;
        let no_classes = vec![0; words.len()];
        let labels = input.tokens().map(|encoding| encoding.labels_of_words(&no_classes)).unwrap_or_default();
        Ok(Item { row: 0, input, target: Target::Tokens(labels) })
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
