#![doc = include_str!("page.md")]

mod added;
mod chat_template;
mod config;
mod conversation;
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
mod words;

#[cfg(test)]
mod tests;

pub use chat_template::EncodedChat;
pub use conversation::{EncodedConversation, Learned};
pub use encoding::Encoding;
pub use explain::{ExplainedText, Explanation};
pub use padding::{PaddingSettings, Side};
pub use special::{SpecialToken, SpecialTokens};
pub use tokenizer::Tokenizer;
pub use train::{ByteLevelBpeSettings, WordPieceSettings};
