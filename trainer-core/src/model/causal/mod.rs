//! Causal language models: scores of the token that comes next, at every token of a text.
//!
//! What comes in: a family's configuration, what it calls its parts ([`CausalFamily`]), and a batch. What goes out: scores
//! over the vocabulary, rows for the loss, and texts that the model writes. Families differ in this description alone. It refuses
//! configurations of another architecture, tensors that are missing or left over, and texts longer than the positions.

mod auto;
mod decoder;
mod model;
mod rules;
#[cfg(test)]
mod tests;
mod writing;

pub use auto::{AnyCausalConfig, AutoModelForCausalLM};
pub use model::CausalModel;
pub(super) use rules::{activation, refuse_another_type, refuse_zeros};
pub(super) use writing::batch as batch_of_prompts;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::family::Family;
use super::peft::Module;
use crate::error::Result;
use crate::transformer::{BlockNames, BlockSettings, Deviations};

/// A family of causal language models, by its configuration.
pub trait CausalFamily: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Its tensors and sizes, to judge a model directory while compiling.
    const FAMILY: Option<&'static Family>;
    /// The families of which a configuration is one, where that is not said while compiling.
    const FAMILIES: &'static [&'static Family] = &[];
    /// Its modules, to be named in `lora`.
    const MODULES: &'static [Module<'static>];

    /// As [`FAMILY`](Self::FAMILY), of a configuration that says which family it is of.
    fn family(&self) -> Option<&'static Family> {
        Self::FAMILY
    }

    /// What its models are built from.
    ///
    /// # Errors
    /// [`ErrorKind::Model`](crate::ErrorKind::Model) for settings that cannot work, or that are not computed here.
    fn description(&self) -> Result<CausalDescription>;

    /// What `config.json` says of a model of this configuration.
    fn configuration(&self) -> Option<Value>;
}

/// What a causal language model is built from.
#[derive(Clone, Debug)]
pub struct CausalDescription {
    /// What its family calls the parts.
    pub names: &'static CausalNames,
    /// The settings of each block, from the first to the last.
    pub blocks: Vec<BlockSettings>,
    /// Numbers for each token.
    pub hidden_size: usize,
    /// Ids of the vocabulary.
    pub vocabulary: usize,
    /// The longest text, in tokens; as many rows has the table of positions, if there is one.
    pub positions: usize,
    /// Whether the vocabulary's head multiplies with the table of words.
    pub ties_embeddings: bool,
    /// Dropout of the embeddings.
    pub embedding_dropout: f64,
    /// The deviations of fresh weights in blocks, if they are not all that of the tables.
    pub deviations: Option<Deviations>,
}

/// What a family of causal language models calls its parts.
#[derive(Clone, Copy, Debug)]
pub struct CausalNames {
    /// What stands in front of every name but the head's, such as `model.`.
    pub prefix: &'static str,
    /// The table of words.
    pub words: &'static str,
    /// The table of positions, if there is one.
    pub positions: Option<&'static str>,
    /// The list of blocks.
    pub blocks: &'static str,
    /// The parts of a block.
    pub block: BlockNames,
    /// The norm after the last block.
    pub last_norm: &'static str,
    /// Layers of a block whose weights the family's files hold as `[inputs, outputs]`.
    pub transposed: &'static [&'static str],
}
