//! Texts that a model writes: answers, translations, what comes next.
//!
//! What comes in: items or a text, and how to write. What goes out: texts without special tokens. It refuses a model that
//! does not write, and a trainer without a tokenizer.

use super::predictor::Predictor;
use crate::collate::Item;
use crate::data::{Input, Message, Task};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{GenerationConfig, Head, Model, Reads};
use crate::train::TrainerParts;
use crate::train::encode::encode_input;
use crate::train::evaluation::writing::{Asked, Writing};
use crate::train::setup::TaskOf;

impl<P: TrainerParts> Predictor<'_, P> {
    /// What the model writes for a text: of a model of texts for texts, the other text; of a causal one, the text's
    /// continuation. For a conversation take [`write_chat`](Self::write_chat).
    ///
    /// ```no_run
    /// # use trainer_core::prelude::*;
    /// # fn answer<T: Trainer>(trainer: &T) -> trainer_core::Result<()> {
    /// let config = GenerationConfig { max_new_tokens: 40, do_sample: true, top_p: 0.9, ..Default::default() };
    /// println!("{}", trainer.predictor()?.write("The lighthouse", &config)?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Model`] for a model that does not write; [`ErrorKind::Text`] without a tokenizer; as
    /// [`Generate::generate`](crate::model::Generate::generate).
    pub fn write(&self, text: &str, config: &GenerationConfig) -> Result<String> {
        let tokenizer = self.setup.parts.tokenizer();
        let writing = Writing::new(self.setup.parts.model(), tokenizer, config.clone())?;
        let goes_on = matches!(P::Model::HEAD, Head::Any | Head::Vocabulary(Reads::Causal));
        let mut prompt = if let (true, Some(tokenizer)) = (goes_on, tokenizer) {
            tokenizer.encode_once_begun(text)?.input_ids
        } else {
            let (input, _) = encode_input(&Input::Text { text, pair: None }, tokenizer, self.limits)?;
            input.tokens().map(|encoding| encoding.input_ids.clone()).unwrap_or_default()
        };
        if goes_on {
            // A text that goes on has not ended.
            while prompt.len() > 1 && prompt.last().is_some_and(|last| writing.config.eos_token_id.contains(last)) {
                prompt.pop();
            }
        }
        let texts = self.setup.threads.during(|| writing.texts(&[prompt]))?;
        texts.into_iter().next().ok_or_else(|| Error::new(ErrorKind::Shape, "the model wrote no text"))
    }

    /// What a causal model answers in a conversation, which the tokenizer's chat template renders.
    ///
    /// # Errors
    /// As [`write`](Self::write), and as
    /// [`Tokenizer::apply_chat_template`](crate::text::Tokenizer::apply_chat_template).
    pub fn write_chat(&self, messages: &[Message], config: &GenerationConfig) -> Result<String> {
        let Some(tokenizer) = self.setup.parts.tokenizer() else {
            return Err(Error::new(ErrorKind::Text, "a conversation needs a tokenizer with a chat template")
                .help("add a field `tokenizer: Tokenizer` to the trainer"));
        };
        self.write(&tokenizer.apply_chat_template(messages, true)?, config)
    }

    /// What the model writes for each item, in their order.
    pub(super) fn written(&self, items: &[Item]) -> Result<Vec<String>> {
        let config = self.setup.generation();
        let writing = Writing::new(self.setup.parts.model(), self.setup.parts.tokenizer(), config)?;
        let mut texts = Vec::with_capacity(items.len());
        for batch in items.chunks(self.setup.arguments.per_device_eval_batch_size.max(1)) {
            let prompt = |item| Ok(Asked::of(item, TaskOf::<P>::KIND)?.prompt.to_vec());
            let prompts = batch.iter().map(prompt).collect::<Result<Vec<_>>>()?;
            texts.extend(self.setup.threads.during(|| writing.texts(&prompts))?);
        }
        Ok(texts)
    }
}
