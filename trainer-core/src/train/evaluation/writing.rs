//! What a model is asked to write in an evaluation or a prediction, and the texts that it writes.

use crate::collate::{Item, ItemInput};
use crate::data::{IGNORE, Target, TaskKind};
use crate::error::{Error, ErrorKind, Result};
use crate::model::Model;
use crate::model::generation::{GenerationConfig, Writer};
use crate::tensor::gradients::without;
use crate::text::Tokenizer;

/// Tokens that are written where neither `generation_max_length` nor a [`GenerationConfig`] says it.
pub(crate) const NEW_TOKENS: usize = 128;

/// What a model is asked with, and what it should answer.
pub(crate) struct Asked<'a> {
    pub(crate) prompt: &'a [u32],
    pub(crate) answer: &'a [u32],
}

impl<'a> Asked<'a> {
    /// Of a text for a text, the source and the target; of a conversation, all that stands before the last answer, and that
    /// answer; of any other text, the text.
    pub(crate) fn of(item: &'a Item, kind: TaskKind) -> Result<Self> {
        let ItemInput::Tokens(encoding) = &item.input else {
            return Err(Error::new(ErrorKind::Data, "numbers are no prompt: a text is written after a text"));
        };
        let ids = encoding.input_ids.as_slice();
        match &item.target {
            Target::Tokens(target) if kind == TaskKind::Seq2Seq => Ok(Self { prompt: ids, answer: target }),
            Target::Tokens(labels) if kind == TaskKind::Conversation => {
                let end = labels.iter().rposition(|label| *label != IGNORE).map_or(0, |last| last + 1);
                let begin = labels[..end].iter().rposition(|label| *label == IGNORE).map_or(0, |last| last + 1);
                let (begin, end) = (begin.min(ids.len()), end.min(ids.len()));
                Ok(Self { prompt: &ids[..begin], answer: &ids[begin..end] })
            }
            _ => Ok(Self { prompt: ids, answer: &[] }),
        }
    }
}

/// A model and a tokenizer that write together.
pub(crate) struct Writing<'a> {
    writer: &'a dyn Writer,
    tokenizer: &'a Tokenizer,
    pub(crate) config: GenerationConfig,
}

impl<'a> Writing<'a> {
    /// # Errors
    /// [`ErrorKind::Model`] for a model that does not write; [`ErrorKind::Text`] without a tokenizer.
    pub(crate) fn new(
        model: &'a impl Model,
        tokenizer: Option<&'a Tokenizer>,
        config: GenerationConfig,
    ) -> Result<Self> {
        let Some(writer) = model.writer() else {
            return Err(Error::new(ErrorKind::Model, "this model does not write texts").help(
                "take one that does, such as `AutoModelForCausalLM`; a model of your own implements `Generate`, and \
                 gives itself in `Model::writer`",
            ));
        };
        let Some(tokenizer) = tokenizer else {
            return Err(Error::new(ErrorKind::Text, "texts are written with a tokenizer, and the trainer has none")
                .help("add a field `tokenizer: Tokenizer` to the trainer"));
        };
        let mut config = config;
        if let (true, Some(end)) = (config.eos_token_id.is_empty(), &tokenizer.special_tokens().eos_token) {
            config.eos_token_id = vec![end.id];
        }
        Ok(Self { writer, tokenizer, config })
    }

    /// What the model writes after each prompt.
    pub(crate) fn texts(&self, prompts: &[Vec<u32>]) -> Result<Vec<String>> {
        let written = without(|| self.writer.write(prompts, &self.config))?;
        written.iter().map(|ids| self.read(ids)).collect()
    }

    /// Ids as a text.
    pub(crate) fn read(&self, ids: &[u32]) -> Result<String> {
        Ok(self.tokenizer.decode_without_special_tokens(ids)?.trim().to_owned())
    }
}
