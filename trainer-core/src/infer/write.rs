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
use crate::train::evaluation::writing::{Asked, NewTokens, Writing, going_on};
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
        self.written_as(text, (config.clone(), NewTokens::Said))
    }

    /// What the model writes for a text, so many tokens.
    pub(super) fn written_as(&self, text: &str, how: (GenerationConfig, NewTokens)) -> Result<String> {
        let tokenizer = self.setup.parts.tokenizer();
        let writing = Writing::new(self.setup.parts.model(), tokenizer, how)?;
        let goes_on = matches!(P::Model::HEAD, Head::Any | Head::Vocabulary(Reads::Causal));
        if let (true, Some(tokenizer)) = (goes_on, tokenizer) {
            let prompt = going_on(&tokenizer.encode_once_begun(text)?).to_vec();
            return self.written_after(&writing, prompt);
        }
        let (input, _) = encode_input(&Input::Text { text, pair: None }, tokenizer, self.limits)?;
        let prompt = input.tokens().map(|encoding| encoding.input_ids.clone()).unwrap_or_default();
        self.written_after(&writing, prompt)
    }

    fn written_after(&self, writing: &Writing<'_>, prompt: Vec<u32>) -> Result<String> {
        let texts = self.setup.threads.during(|| writing.texts(&[prompt]))?;
        texts.into_iter().next().ok_or_else(|| Error::new(ErrorKind::Shape, "the model wrote no text"))
    }

    /// What a causal model answers in a conversation, which the tokenizer's chat template renders with all special tokens, as
    /// in training.
    ///
    /// # Errors
    /// As [`write`](Self::write), and as
    /// [`Tokenizer::apply_chat_template`](crate::text::Tokenizer::apply_chat_template).
    pub fn write_chat(&self, messages: &[Message], config: &GenerationConfig) -> Result<String> {
        let Some(tokenizer) = self.setup.parts.tokenizer() else {
            return Err(Error::new(ErrorKind::Text, "a conversation needs a tokenizer with a chat template")
                .help("add a field `tokenizer: Tokenizer` to the trainer"));
        };
        let prompt = tokenizer.encode_rendered_text(&tokenizer.apply_chat_template(messages, true)?)?;
        let writing = Writing::new(self.setup.parts.model(), Some(tokenizer), (config.clone(), NewTokens::Said))?;
        self.written_after(&writing, prompt.input_ids)
    }

    /// What the model writes for each item, in their order.
    pub(super) fn written(&self, items: &[Item]) -> Result<Vec<String>> {
        let writing = Writing::new(self.setup.parts.model(), self.setup.parts.tokenizer(), self.setup.generation())?;
        let mut texts = Vec::with_capacity(items.len());
        for batch in items.chunks(self.setup.arguments.per_device_eval_batch_size.max(1)) {
            let prompt = |item| Ok(Asked::of(item, TaskOf::<P>::KIND)?.prompt.to_vec());
            let prompts = batch.iter().map(prompt).collect::<Result<Vec<_>>>()?;
            texts.extend(self.setup.threads.during(|| writing.texts(&prompts))?);
        }
        Ok(texts)
    }
}
