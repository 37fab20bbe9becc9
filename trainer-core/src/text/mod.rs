//! Texts become token ids.
//!
//! What comes in: texts, pairs of texts, or lists of words, and a tokenizer read from a Hugging Face folder or trained
//! on the user's own texts. What goes out: an [`Encoding`] for each, truncated to the length asked for and not yet
//! padded. It refuses a folder without a `tokenizer.json`, a length that leaves no room for the special tokens, and
//! padding with a tokenizer that has no padding token.

mod chat_template;
mod config;
mod encode;
mod encoding;
mod explain;
pub mod padding;
mod save;
mod special;
mod table;
mod tokenizer;
mod train;
mod wordpiece;

#[cfg(test)]
mod tests;

pub use chat_template::EncodedChat;
pub use encoding::Encoding;
pub use explain::{ExplainedText, Explanation};
pub use padding::{PaddingSettings, Side};
pub use special::{SpecialToken, SpecialTokens};
pub use tokenizer::Tokenizer;
pub use train::{ByteLevelBpeSettings, WordPieceSettings};
