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

/// The key of texts that `tokenizer` encodes, cut to `length` tokens. It is made of the texts themselves, so whatever wrote
/// them is in it. `None` for a tokenizer that gives other tokens each time.
pub(in crate::train) fn key_of<'a>(
    tokenizer: &Tokenizer,
    length: Option<usize>,
    texts: impl Iterator<Item = (&'a str, Option<&'a str>)>,
) -> Option<Key> {
    let mut hasher = Sha256::new();
    let mut add = |bytes: &[u8]| {
        hasher.update((bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    add(env!("CARGO_PKG_VERSION").as_bytes());
    add(tokenizer.written()?.as_bytes());
    add(tokenizer.truncation_side().name().as_bytes());
    add(&length.map_or(u64::MAX, |length| length as u64).to_le_bytes());
    for (text, pair) in texts {
        add(text.as_bytes());
        match pair {
            Some(pair) => add(pair.as_bytes()),
            None => add(&[]),
        }
        add(&[u8::from(pair.is_some())]);
    }
    Some(Key(hasher.finalize().into()))
}

/// The text and the second text of an input, if it is made of texts.
pub(in crate::train) fn texts<'a>(input: &Input<'a>) -> Option<(&'a str, Option<&'a str>)> {
    match *input {
        Input::Text { text, pair } => Some((text, pair)),
        _ => None,
    }
}
