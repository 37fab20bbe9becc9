//! Conversations become texts: the Jinja template that a model's tokenizer has for them.
//!
//! What comes in: turns, and a template from `chat_template.jinja`, from `tokenizer_config.json`, or of the user's own. What
//! goes out: the text that `apply_chat_template` of transformers gives, byte for byte, its token ids, and which of them lie
//! in a `{% generation %}` block. It refuses a tokenizer without template, a template that is no Jinja (with the line), and
//! a conversation that the template refuses (with the template's own words).

mod environment;
mod generation;
mod json;
mod methods;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use minijinja::Value;

use self::environment::Jinja;
use super::encode::{cannot_encode, from_crate};
use super::special::ROLES;
use super::{Encoding, Tokenizer};
use crate::data::Message;
use crate::error::{Error, ErrorKind, Result};

/// A template that is read, ready to lay out conversations.
#[derive(Clone)]
pub(super) struct ChatTemplate(Arc<Jinja>);

/// A conversation as its template writes it, as token ids.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EncodedChat {
    /// The text that the template writes.
    pub text: String,
    /// Its tokens. None is added to those that the template writes.
    pub encoding: Encoding,
    /// 1 for each token of which a part is inside of a `{% generation %}` block, else 0; `None` if the template has no such
    /// block.
    pub assistant_mask: Option<Vec<u32>>,
}

/// The text of a conversation, and which characters of it the assistant says, if the template tells.
pub(super) struct Rendered {
    pub(super) text: String,
    /// In characters, ascending; `None` if the template has no `{% generation %}` block.
    pub(super) generated: Option<Vec<Range<usize>>>,
}

impl fmt::Debug for ChatTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChatTemplate")
    }
}

impl ChatTemplate {
    /// Reads a template; `place` is where it stands, for messages.
    ///
    /// # Errors
    /// A template that is no Jinja, with the line.
    pub(super) fn new(source: &str, place: &str) -> Result<Self> {
        Ok(Self(Arc::new(Jinja::new(source, place)?)))
    }
}

impl Tokenizer {
    /// The text of a conversation, laid out by the tokenizer's chat template.
    ///
    /// * `add_generation_prompt`: whether the text ends with the beginning of the assistant's next turn, for a model that is
    ///   to write it.
    ///
    /// Source: `tokenizer.apply_chat_template(messages, add_generation_prompt=…, tokenize=False)`.
    ///
    /// # Errors
    /// A tokenizer without chat template; no turn at all; a conversation that the template refuses, in its words; a template
    /// that does what Jinja in a sandbox does not.
    pub fn apply_chat_template(&self, messages: &[Message], add_generation_prompt: bool) -> Result<String> {
        let template = self.compiled_chat_template()?;
        not_empty(messages)?;
        template.0.render(&self.chat_variables(messages, add_generation_prompt))
    }

    /// As [`apply_chat_template`](Self::apply_chat_template), with the tokens of the text and which of them the assistant says.
    ///
    /// A token counts as the assistant's where any character of it does. (transformers 5 gives a mask of zeros, without a
    /// word, when a block starts with a space that belongs to a token of a byte-level tokenizer.)
    ///
    /// Source: `tokenizer.apply_chat_template(messages, return_dict=True, return_assistant_tokens_mask=True)`.
    ///
    /// # Errors
    /// As [`apply_chat_template`](Self::apply_chat_template); a template that changes what a `{% generation %}` block wrote,
    /// so that nobody knows where it is.
    pub fn encode_chat(&self, messages: &[Message], add_generation_prompt: bool) -> Result<EncodedChat> {
        let rendered = self.render_chat(messages, add_generation_prompt)?;
        let (encoding, places) = self.encode_rendered(&rendered.text)?;
        let assistant_mask =
            rendered.generated.map(|spans| places.iter().map(|place| u32::from(touches(place, &spans))).collect());
        Ok(EncodedChat { text: rendered.text, encoding, assistant_mask })
    }

    /// Takes this Jinja template for conversations; saved as `chat_template.jinja`.
    ///
    /// # Errors
    /// A template that is no Jinja, with the line.
    pub fn set_chat_template(&mut self, template: impl Into<String>) -> Result<()> {
        let template = template.into();
        ChatTemplate::new(&template, "the chat template")?;
        self.config.set_chat_template(template);
        Ok(())
    }

    /// The text of a conversation and what of it the assistant says.
    pub(super) fn render_chat(&self, messages: &[Message], add_generation_prompt: bool) -> Result<Rendered> {
        let template = self.compiled_chat_template()?;
        not_empty(messages)?;
        template.0.render_with_spans(&self.chat_variables(messages, add_generation_prompt))
    }

    /// The tokens of a text that holds its special tokens already, and the characters that each stands for.
    ///
    /// The characters are those before a byte-level tokenizer takes spaces out of its offsets: the space before a word is a
    /// part of the word's token.
    pub(super) fn encode_rendered(&self, text: &str) -> Result<(Encoding, Vec<Range<usize>>)> {
        let found = self.look_up_text(text, 0, None, None).map_err(cannot_encode)?;
        let places = found.get_offsets().iter().map(|&(start, end)| start..end).collect();
        Ok((from_crate(&self.put_together(found, None, false)?), places))
    }

    /// A text that a template rendered, as ids: the template writes the special tokens.
    pub(crate) fn encode_rendered_text(&self, text: &str) -> Result<Encoding> {
        Ok(self.encode_rendered(text)?.0)
    }

    /// The template, read once for all clones of the tokenizer.
    pub(super) fn compiled_chat_template(&self) -> Result<&ChatTemplate> {
        if let Some(template) = self.config.compiled_chat_template.get() {
            return Ok(template);
        }
        let Some(source) = self.chat_template() else { return Err(self.no_chat_template()) };
        let template = ChatTemplate::new(source, &self.config.place_of_chat_template())?;
        Ok(self.config.compiled_chat_template.get_or_init(|| template))
    }

    fn no_chat_template(&self) -> Error {
        Error::new(ErrorKind::Text, format!("{} has no chat template, and the data are conversations", self.place()))
            .help("call `tokenizer.set_chat_template(\"{% for message in messages %}…{% endfor %}\")?` with the template that the model was trained with")
            .help("or put it into the tokenizer's folder as `chat_template.jinja`; models made for chats have one on their page of the hub")
    }

    fn chat_variables(&self, messages: &[Message], add_generation_prompt: bool) -> Vec<(&'static str, Value)> {
        let turn = |message: &Message| {
            Value::from_pairs([("role", message.role.as_str()), ("content", message.content.as_str())])
        };
        let special = self.special_tokens();
        let tokens = ROLES.iter().filter_map(|role| Some((*role, Value::from(special.of(role)?.token.as_str()))));
        let mut variables = vec![
            ("messages", messages.iter().map(turn).collect()),
            ("tools", Value::from(())),
            ("documents", Value::from(())),
            ("add_generation_prompt", Value::from(add_generation_prompt)),
        ];
        variables.extend(tokens);
        variables
    }
}

fn not_empty(messages: &[Message]) -> Result<()> {
    if messages.is_empty() {
        return Err(Error::new(ErrorKind::Data, "the conversation has no turn")
            .help("give at least one message, such as {\"role\": \"user\", \"content\": \"…\"}"));
    }
    Ok(())
}

/// Whether a token that stands for these characters has one of `spans`; one that stands for none, whether it is in a span.
pub(super) fn touches(token: &Range<usize>, spans: &[Range<usize>]) -> bool {
    let end = token.end.max(token.start + 1);
    spans.iter().any(|span| token.start < span.end && end > span.start)
}

#[cfg(test)]
mod tests;
