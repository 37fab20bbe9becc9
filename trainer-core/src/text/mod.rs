//! Texts become token ids.

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

/// A tokenizer.
#[derive(Clone, Debug)]
pub struct Tokenizer {}
