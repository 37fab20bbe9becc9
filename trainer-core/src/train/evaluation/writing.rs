//! What a model is asked to write in an evaluation or a prediction, and the texts that it writes.

use crate::collate::{Item, ItemInput};
use crate::data::{IGNORE, Target, TaskKind};
use crate::error::{Error, ErrorKind, Result};
use crate::metrics::GeneratedText;
use crate::model::generation::{GenerationConfig, Writer};
use crate::model::{Head, Model, Reads};
use crate::tensor::gradients::without;
use crate::tensor::threads;
use crate::text::{Encoding, Tokenizer};

/// Tokens that are written where neither `generation_max_length` nor a [`GenerationConfig`] says it, or as many fewer as a
/// model has positions.
pub(crate) const NEW_TOKENS: usize = 128;

/// How many tokens are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NewTokens {
    /// As many as the configuration says.
    Said,
    /// As `generation_max_length` says.
    OfTheArguments,
    /// As the configuration says, or as many fewer as there are positions left.
    Fitting,
}

/// The prompt of a text that goes on: without the end that the tokenizer put behind it.
pub(crate) fn going_on(encoding: &Encoding) -> &[u32] {
    let added = encoding.special_tokens_mask.iter().rev().take_while(|special| **special == 1).count();
    let length = encoding.input_ids.len();
    &encoding.input_ids[..(length - added.min(length)).max(length.min(1))]
}

/// What a model is asked with, and what it should answer.
pub(crate) struct Asked<'a> {
    pub(crate) prompt: &'a [u32],
    pub(crate) answer: &'a [u32],
}

impl<'a> Asked<'a> {
    /// Of a text for a text, the source and the target; of a conversation, all that stands before the last answer, and that
    /// answer; of any other text, the text without an end that the tokenizer put behind it.
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
            _ => Ok(Self { prompt: going_on(encoding), answer: &[] }),
        }
    }
}

/// A model and a tokenizer that write together.
pub(crate) struct Writing<'a> {
    writer: &'a dyn Writer,
    tokenizer: &'a Tokenizer,
    pub(crate) config: GenerationConfig,
    new_tokens: NewTokens,
    /// The positions of the model, and whether prompts take some of them.
    positions: Option<usize>,
    goes_on: bool,
}

impl<'a> Writing<'a> {
    /// # Errors
    /// [`ErrorKind::Model`] for a model that does not write; [`ErrorKind::Text`] without a tokenizer.
    pub(crate) fn new<M: Model>(
        model: &'a M,
        tokenizer: Option<&'a Tokenizer>,
        (config, new_tokens): (GenerationConfig, NewTokens),
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
        let goes_on = !matches!(M::HEAD, Head::Vocabulary(Reads::SourceAndTarget));
        Ok(Self { writer, tokenizer, config, new_tokens, positions: model.position_limit(), goes_on })
    }

    /// The longest prompt that leaves room for as many tokens as were asked for; `None` where any does.
    pub(crate) fn longest_prompt(&self) -> Option<usize> {
        let positions = self.positions.filter(|_| self.goes_on && self.new_tokens != NewTokens::Fitting)?;
        // The last token that is written is read by nobody.
        Some((positions + 1).saturating_sub(self.config.max_new_tokens))
    }

    /// Refuses a prompt of no token, and one that leaves no room for as many tokens as `generation_max_length` says.
    pub(crate) fn check(&self, prompt: &[u32]) -> Result<()> {
        if prompt.is_empty() {
            return Err(Error::new(
                ErrorKind::Data,
                "nothing of this row stands before its answer, for a model to go on from",
            )
            .help("write rows as `prompt` and `completion`, or as `messages` that begin with a user's")
            .help("or take metrics that compare no texts, such as `perplexity`"));
        }
        match self.longest_prompt().filter(|longest| prompt.len() > *longest) {
            Some(longest) if self.new_tokens == NewTokens::OfTheArguments => {
                let message = format!(
                    "`generation_max_length` is {}, but the prompt has {} tokens, of which {longest} leave room for it in the \
                     model's positions",
                    self.config.max_new_tokens,
                    prompt.len()
                );
                Err(Error::new(ErrorKind::Data, message)
                    .help("take a smaller `generation_max_length`, a smaller `max_length`, or shorter prompts"))
            }
            _ => Ok(()),
        }
    }

    /// What the model writes after each prompt.
    pub(crate) fn texts(&self, prompts: &[Vec<u32>]) -> Result<Vec<String>> {
        let mut config = self.config.clone();
        prompts.iter().try_for_each(|prompt| self.check(prompt))?;
        if let (NewTokens::Fitting, Some(positions)) = (self.new_tokens, self.positions) {
            let longest = prompts.iter().map(Vec::len).max().filter(|_| self.goes_on).unwrap_or(1);
            config.max_new_tokens = config.max_new_tokens.min(positions.saturating_sub(longest)).max(1);
        }
        let written = without(|| threads::run_on_first(|| self.writer.write(prompts, &config)))?;
        written.iter().map(|ids| self.read(ids)).collect()
    }

    /// What the model writes for each item, beside what it should have written.
    pub(super) fn asked(&self, items: &[&Item], kind: TaskKind) -> Result<Vec<GeneratedText>> {
        let asked = items.iter().map(|item| Asked::of(item, kind)).collect::<Result<Vec<_>>>()?;
        let prompts: Vec<Vec<u32>> = asked.iter().map(|asked| asked.prompt.to_vec()).collect();
        let pairs = self.texts(&prompts)?.into_iter().zip(&asked);
        let both = |(prediction, asked): (String, &Asked<'_>)| {
            Ok(GeneratedText { prediction, reference: self.read(asked.answer)? })
        };
        pairs.map(both).collect()
    }

    /// Ids as a text.
    pub(crate) fn read(&self, ids: &[u32]) -> Result<String> {
        Ok(self.tokenizer.decode_without_special_tokens(ids)?.trim().to_owned())
    }
}
