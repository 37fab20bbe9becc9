//! What encodings follow from, as one number: another text, tokenizer, length or version makes another.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::data::Input;
use crate::text::Tokenizer;

/// What the encodings of a data set follow from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::train) struct Key(pub(super) [u8; 32]);

impl Key {
    pub(super) fn hexadecimal(&self) -> String {
        self.0.iter().fold(String::with_capacity(64), |mut digits, byte| {
            let _ = write!(digits, "{byte:02x}");
            digits
        })
    }
}

/// The key of rows of texts that `tokenizer` encodes, what is read and what is written cut to so many tokens; `kind` says what
/// is made of them. It is made of
/// the texts themselves, so whatever wrote them is in it. `None` for a tokenizer that gives other tokens each time.
pub(in crate::train) fn key_of<'a>(
    tokenizer: &Tokenizer,
    lengths: [Option<usize>; 2],
    kind: &str,
    rows: impl Iterator<Item = Vec<&'a str>>,
) -> Option<Key> {
    let mut hasher = Sha256::new();
    let mut add = |bytes: &[u8]| {
        hasher.update((bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    add(env!("CARGO_PKG_VERSION").as_bytes());
    add(tokenizer.written()?.as_bytes());
    add(tokenizer.chat_template().unwrap_or_default().as_bytes());
    add(format!("{:?}", tokenizer.special_tokens()).as_bytes());
    add(tokenizer.truncation_side().name().as_bytes());
    for length in lengths {
        add(&length.map_or(u64::MAX, |length| length as u64).to_le_bytes());
    }
    add(kind.as_bytes());
    for texts in rows {
        add(&(texts.len() as u64).to_le_bytes());
        for text in texts {
            add(text.as_bytes());
        }
    }
    Some(Key(hasher.finalize().into()))
}

/// The texts of an input, if it is made of texts.
pub(in crate::train) fn texts<'a>(input: &Input<'a>) -> Option<Vec<&'a str>> {
    match *input {
        Input::Text { text, pair } => Some([Some(text), pair].into_iter().flatten().collect()),
        Input::Words(words) => Some(words.iter().map(String::as_str).collect()),
        Input::Completion { prompt: first, completion: second }
        | Input::SourceTarget { source: first, target: second } => Some(vec![first, second]),
        Input::Messages(messages) => {
            Some(messages.iter().flat_map(|turn| [turn.role.as_str(), turn.content.as_str()]).collect())
        }
        Input::Tokens { .. } | Input::Features(_) => None,
    }
}
