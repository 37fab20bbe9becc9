//! Models that read a source and write a target.
//!
//! What comes in: a family's configuration, what it calls its parts ([`Seq2SeqFamily`]), and a batch with `input_ids` and
//! `decoder_input_ids`. What goes out: scores over the vocabulary for the rows of the target, rows for the loss, and texts that
//! the model writes. Families differ in this description alone. It refuses configurations of another architecture, tensors
//! that are missing or left over, texts longer than the positions, and labels where nothing is decoded.

mod auto;
mod head;
mod model;
mod side;
mod stack;
#[cfg(test)]
mod tests;
mod writing;

pub use auto::{AnySeq2SeqConfig, AutoModelForSeq2SeqLM};
pub use model::Seq2SeqModel;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::family::Family;
use super::loading::Tensors;
use super::peft::Module;
use super::seen::{accepted, is_of_the_family};
use crate::collate::DecoderStart;
use crate::error::{ErrorKind, Result};
use crate::transformer::{BlockNames, BlockSettings, CrossNames, Deviations};

/// A family of models that write a text for another, by its configuration.
pub trait Seq2SeqFamily: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
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
    /// [`ErrorKind::Model`] for settings that cannot work, or that are not computed here.
    fn description(&self) -> Result<Seq2SeqDescription>;

    /// What `config.json` says of a model of this configuration.
    fn configuration(&self) -> Option<Value>;
}

/// What a model that writes a text for another is built from.
#[derive(Clone, Debug)]
pub struct Seq2SeqDescription {
    /// What stands in front of every name but the head's, such as `model.`.
    pub prefix: &'static str,
    /// What reads the source.
    pub encoder: SideDescription,
    /// What reads the target, and looks at the source.
    pub decoder: SideDescription,
    /// Whether the head of a new model multiplies with the table of the decoder's words; files say it by the head they hold.
    pub ties_embeddings: bool,
    /// Whether scores have a bias (`final_logits_bias`), which is not trained.
    pub has_score_bias: bool,
    /// What rows are multiplied with before the head.
    pub output_scale: Option<f64>,
    /// The first id that the decoder reads, and that of padding.
    pub decoder_start: Option<DecoderStart>,
    /// Ends of names of tensors that files may hold and that are no parameters: second names of shared ones, computed ones.
    pub ignored: &'static [&'static str],
}

/// What an encoder or a decoder is built from.
#[derive(Clone, Debug)]
pub struct SideDescription {
    /// What its parts are called.
    pub names: &'static SideNames,
    /// The settings of every block.
    pub block: BlockSettings,
    /// How many blocks there are.
    pub blocks: usize,
    /// The deviations of fresh weights in blocks, if they are not all that of the settings.
    pub deviations: Option<Deviations>,
    /// The table of words below the model's prefix; both sides share it where they name the same.
    pub words: &'static str,
    /// Ids of the table.
    pub vocabulary: usize,
    /// The deviation of fresh words, and of a fresh head.
    pub words_deviation: f64,
    /// What words are multiplied with.
    pub scale: Option<f64>,
    /// The id whose row learns nothing where it is read.
    pub padding: Option<u32>,
    /// How it knows where a token stands.
    pub positions: PositionTable,
    /// The longest text, in tokens, if there is an end to it.
    pub position_limit: Option<usize>,
}

/// What a family calls the parts of an encoder or of a decoder.
#[derive(Clone, Copy, Debug)]
pub struct SideNames {
    /// The side itself, below the model's prefix.
    pub side: &'static str,
    /// The list of blocks.
    pub blocks: &'static str,
    /// The parts of a block.
    pub block: BlockNames,
    /// Those of cross-attention, in a decoder.
    pub cross: Option<CrossNames>,
    /// The norm after the last block, if there is one: what it gives is dropped out too.
    pub last_norm: Option<&'static str>,
    /// What draws the dropout of embeddings.
    pub embedding_dropout: &'static str,
}

/// How a side knows where a token stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PositionTable {
    /// By a table that is trained, two rows longer than there are positions; a norm follows the embeddings.
    Learned {
        /// The table, below the side.
        table: &'static str,
        /// The norm, below the side.
        norm: &'static str,
    },
    /// By sines and cosines.
    Sinusoidal,
    /// By what the distance of two tokens adds to their score.
    Relative {
        /// The table of distances, below the side.
        table: &'static str,
    },
}

impl Seq2SeqDescription {
    /// The full name of the table of a side's words.
    fn words(&self, side: &SideDescription) -> String {
        format!("{}{}", self.prefix, side.words)
    }
}

/// What `config.json` says of a model: its configuration, the family, and the class that Python has for it.
pub(super) fn configuration(config: &impl Serialize, family: &Family, class: &str) -> Option<Value> {
    let mut config = serde_json::to_value(config).ok()?;
    config["model_type"] = json!(family.model_type);
    config["architectures"] = json!([class]);
    config["dtype"] = json!("float32");
    Some(config)
}

/// That the rest of a configuration names this family, or none.
pub(super) fn is_of(other: &Map<String, Value>, family: &Family) -> Result<()> {
    accepted(is_of_the_family(other.get("model_type").and_then(Value::as_str), Some(family)), ErrorKind::Model)
}

/// What the decoder begins with, as `config.json` says it.
pub(super) fn decoder_start(start: Option<u32>, padding: Option<u32>) -> Option<DecoderStart> {
    let padding = padding?;
    Some(DecoderStart { start: start.unwrap_or(padding), padding })
}
