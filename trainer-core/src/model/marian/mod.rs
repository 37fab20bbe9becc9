//! Marian's translation models: configuration and names, over the code of BART.

mod config;
mod translation;

pub use config::MarianConfig;
pub use translation::MarianMTModel;
