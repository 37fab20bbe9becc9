//! Conversations as token ids, and which of these a model has to learn.
//!
//! What comes in: a prompt with its completion, the turns of a conversation, or a plain text. What goes out: the tokens of
//! the whole, cut to the length asked for, and a label for each: its own id where it is learned, else [`IGNORE`]. It refuses
//! a row in which nothing is to be learned, one that loses all of that when it is cut, and a chat template that does not let
//! the assistant's words be told from the rest.

use std::ops::Range;

use super::chat_template::{Rendered, touches};
use super::{Encoding, Side, Tokenizer};
use crate::data::{IGNORE, Input, Message};
use crate::error::{Error, ErrorKind, Result};

/// The role of what a model learns to say.
const ASSISTANT: &str = "assistant";

/// Which tokens of a conversation a model learns to write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Learned {
    /// The completion, or what the assistant says; of a plain text everything.
    #[default]
    Answers,
    /// All of it, as in a plain text.
    Everything,
}

/// The tokens of a row of supervised fine-tuning, and a label for each.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EncodedConversation {
    /// The tokens of the whole.
    pub encoding: Encoding,
    /// For each token its own id where it is learned, else [`IGNORE`].
    pub labels: Vec<u32>,
    /// Whether it was longer than the longest length.
    pub is_cut: bool,
}

/// Takes away what is longer than `max_length`.
fn cut(
    mut encoding: Encoding,
    mut labels: Vec<u32>,
    max_length: Option<usize>,
    side: Side,
) -> Result<EncodedConversation> {
    let whole = encoding.len();
    let Some(length) = max_length.filter(|&length| length < whole) else {
        return Ok(EncodedConversation { encoding, labels, is_cut: false });
    };
    let kept = match side {
        Side::Right => 0..length,
        Side::Left => whole - length..whole,
    };
    encoding.keep(&kept);
    labels.truncate(kept.end);
    labels.drain(..kept.start);
    if labels.iter().all(|&label| label == IGNORE) {
        let (end, other) = match side {
            Side::Right => ("first", "`tokenizer.set_truncation_side(Side::Left)` to keep the end of long rows"),
            Side::Left => ("last", "`tokenizer.set_truncation_side(Side::Right)` to keep the beginning of long rows"),
        };
        let message = format!("the row has {whole} tokens, and nothing of its {end} {length} is to be learned");
        return Err(Error::new(ErrorKind::Data, message)
            .help("raise `max_length`, shorten what stands before the answer, or leave the row out")
            .help(format!("or call {other}")));
    }
    Ok(EncodedConversation { encoding, labels, is_cut: true })
}

impl Tokenizer {
    /// Encodes a row of supervised fine-tuning, cut to `max_length` tokens on the tokenizer's side of truncation.
    ///
    /// * A prompt and its completion are one text, with the special tokens of a text, and end with the end token.
    /// * Turns are laid out by the chat template, which writes all special tokens itself. What the assistant says is what stands
    ///   in the template's `{% generation %}` blocks; without any, what each turn of its adds to the text of the turns before.
    /// * A plain text ends with the end token, if the tokenizer has one.
    ///
    /// Source: `trl.SFTTrainer._prepare_dataset` with `completion_only_loss` and `assistant_only_loss`. Where the tokens of a
    /// prompt are not the first of prompt and completion together, `trl` warns and counts tokens all the same; here a token is
    /// learned if it has a character of the completion. Rows without anything to learn are dropped there, and refused here.
    ///
    /// # Errors
    /// [`ErrorKind::Data`] for a row with nothing to learn, before or after it is cut; [`ErrorKind::Text`] for a template that is
    /// missing or does not tell what the assistant says, and for a completion without end token.
    pub fn encode_conversation(
        &self,
        input: &Input<'_>,
        max_length: Option<usize>,
        learned: Learned,
    ) -> Result<EncodedConversation> {
        let (encoding, is_learned) = match *input {
            Input::Completion { prompt, completion } => self.encode_completion(prompt, completion, learned)?,
            Input::Messages(messages) => self.encode_messages(messages, learned)?,
            Input::Text { text, pair: None } => {
                let encoding = self.encode_to_the_end(text)?;
                let everything = vec![true; encoding.len()];
                (encoding, everything)
            }
            _ => {
                return Err(Error::new(ErrorKind::Data, "the example is no conversation")
                    .help("give it a `prompt` and a `completion`, or `messages: Vec<Message>`"));
            }
        };
        if !is_learned.contains(&true) {
            return Err(Error::new(ErrorKind::Data, "nothing in this row is to be learned")
                .help("a conversation to learn from has a turn of the role `assistant` that says something"));
        }
        let label = |(&id, &learned): (&u32, &bool)| if learned { id } else { IGNORE };
        let labels = encoding.input_ids.iter().zip(&is_learned).map(label).collect();
        cut(encoding, labels, max_length, self.truncation_side())
    }

    /// A prompt and its completion as one text that ends, and whether each token is of the completion.
    fn encode_completion(&self, prompt: &str, completion: &str, learned: Learned) -> Result<(Encoding, Vec<bool>)> {
        if self.special_tokens().eos_token.is_none() {
            let message =
                format!("{} has no `eos_token`, so that a model cannot learn where a completion ends", self.place());
            return Err(Error::new(ErrorKind::Text, message)
                .help("write `\"eos_token\": \"</s>\"` there, with a token of its vocabulary"));
        }
        let whole = self.encode_to_the_end(&format!("{prompt}{completion}"))?;
        if learned == Learned::Everything {
            let everything = vec![true; whole.len()];
            return Ok((whole, everything));
        }
        let mut begun = self.encode_once_begun(prompt)?;
        while begun.special_tokens_mask.last() == Some(&1) && begun.text_tokens() > 0 {
            let kept = 0..begun.len() - 1;
            begun.keep(&kept);
        }
        let is_learned = if whole.input_ids.starts_with(&begun.input_ids) {
            (0..whole.len()).map(|position| position >= begun.input_ids.len()).collect()
        } else {
            let start = prompt.chars().count();
            let of_completion = |(&(_, end), &special): (&(usize, usize), &u32)| special == 0 && end > start;
            let mut found: Vec<bool> =
                whole.offsets.iter().zip(&whole.special_tokens_mask).map(of_completion).collect();
            // The end token stands behind the text.
            if let Some(last) = found.last_mut() {
                *last = true;
            }
            found
        };
        Ok((whole, is_learned))
    }

    /// The tokens of a text that ends with the end token, once, and begins with what the tokenizer puts there, once.
    ///
    /// Source: `trl` appends the end token to texts that do not end with it.
    fn encode_to_the_end(&self, text: &str) -> Result<Encoding> {
        let mut encoding = self.encode_once_begun(text)?;
        let Some(end) = &self.special_tokens().eos_token else { return Ok(encoding) };
        if encoding.input_ids.last() != Some(&end.id) {
            let longer = self.encode_once_begun(&format!("{text}{}", end.token))?;
            if longer.input_ids.last() == Some(&end.id) {
                return Ok(longer);
            }
            encoding.push_special(end.id);
            return Ok(encoding);
        }
        // The text had its end, and the tokenizer added another.
        let added = encoding.special_tokens_mask.last() == Some(&1);
        if added && encoding.input_ids.len() > 1 && encoding.input_ids[encoding.len() - 2] == end.id {
            let kept = 0..encoding.len() - 1;
            encoding.keep(&kept);
        }
        Ok(encoding)
    }

    /// As [`encode`](Self::encode); a text that begins with the token of beginnings gets no second one.
    pub(crate) fn encode_once_begun(&self, text: &str) -> Result<Encoding> {
        let mut encoding = self.encode(text, None)?;
        if let (Some(begin), [first, second, ..]) = (&self.special_tokens().bos_token, encoding.input_ids.as_slice())
            && (*first, *second) == (begin.id, begin.id)
            && encoding.special_tokens_mask.first() == Some(&1)
            && text.starts_with(&begin.token)
        {
            let kept = 1..encoding.len();
            encoding.keep(&kept);
        }
        Ok(encoding)
    }

    /// The turns of a conversation, and whether each token is the assistant's.
    fn encode_messages(&self, messages: &[Message], learned: Learned) -> Result<(Encoding, Vec<bool>)> {
        if learned == Learned::Everything {
            let text = self.apply_chat_template(messages, false)?;
            let (encoding, _) = self.encode_rendered(&text)?;
            let everything = vec![true; encoding.len()];
            return Ok((encoding, everything));
        }
        let Rendered { text, generated } = self.render_chat(messages, false)?;
        let spans = match generated {
            Some(spans) => spans,
            None => self.turns_of_the_assistant(messages, &text)?,
        };
        let (encoding, places) = self.encode_rendered(&text)?;
        let is_learned = places.iter().map(|place| touches(place, &spans)).collect();
        Ok((encoding, is_learned))
    }

    /// The characters of `text`, that of all `messages`, that the assistant says, by a template that does not tell: what
    /// each of its turns adds to the turns before and the beginning of a turn of its.
    fn turns_of_the_assistant(&self, messages: &[Message], text: &str) -> Result<Vec<Range<usize>>> {
        let mut spans = Vec::new();
        for (position, _) in messages.iter().enumerate().filter(|(_, message)| message.role == ASSISTANT) {
            let up_to = |turns: usize, begun: bool| {
                if turns == messages.len() && !begun {
                    return Ok(text.to_owned());
                }
                if turns == 0 {
                    return Err(self.does_not_tell(position + 1, "it is the first, which nothing stands before"));
                }
                self.apply_chat_template(&messages[..turns], begun)
            };
            let (before, after) = (up_to(position, true)?, up_to(position + 1, false)?);
            if !after.starts_with(&before) {
                return Err(self.does_not_tell(
                    position + 1,
                    "it does not go on from the beginning that `add_generation_prompt` writes",
                ));
            }
            if !text.starts_with(&after) {
                return Err(self.does_not_tell(position + 1, "the template writes it otherwise once more turns follow"));
            }
            let start = before.chars().count();
            spans.push(start..start + after[before.len()..].chars().count());
        }
        Ok(spans)
    }

    fn does_not_tell(&self, turn: usize, why: &str) -> Error {
        let place = self.config.place_of_chat_template();
        Error::new(ErrorKind::Text, format!("{place} does not tell what the assistant says in turn {turn}: {why}"))
            .help("mark it in the template: `{% generation %}{{ message['content'] + eos_token }}{% endgeneration %}`")
            .help("or learn every token of the conversation: `collator = CausalLm`")
    }
}

#[cfg(test)]
mod tests;
