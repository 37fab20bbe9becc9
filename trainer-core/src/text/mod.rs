//! Texts become token ids.
//!
//! What comes in: texts, pairs of texts, or lists of words, and a tokenizer read from a Hugging Face folder or trained
//! on the user's own texts. What goes out: an [`Encoding`] for each, truncated to the length asked for and not yet
//! padded. It refuses a folder without a `tokenizer.json`, a length that leaves no room for the special tokens, and
//! padding with a tokenizer that has no padding token.

mod padding;

pub use padding::{PaddingSettings, Side};

/// The tokens of one text or pair of texts, before padding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Encoding {
    /// The tokens' ids in the vocabulary.
    pub input_ids: Vec<u32>,
    /// 1 for a token, 0 for padding.
    pub attention_mask: Vec<u32>,
    /// 0 for the first text, 1 for the second.
    pub token_type_ids: Vec<u32>,
    /// 1 for a token that the tokenizer added, such as `[CLS]`.
    pub special_tokens_mask: Vec<u32>,
    /// Where each token stands in its text, in characters; `(0, 0)` for special tokens.
    pub offsets: Vec<(usize, usize)>,
}
mod config;
mod encode;
mod encoding;
pub mod padding;
mod save;
mod special;
mod tokenizer;

pub use encoding::Encoding;
pub use padding::{PaddingSettings, Side};
pub use special::{SpecialToken, SpecialTokens};
pub use tokenizer::Tokenizer;
