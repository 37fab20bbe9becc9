//! What a configuration of an encoder amounts to, whatever the family calls it.

use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind, Result};
use crate::model::family::Family;
use crate::model::seen::{accepted, is_of_the_family};
use crate::tensor::Activation;
use crate::transformer::{
    Biases, BlockSettings, Direction, FeedForward, NormKind, NormPlace, Positions, heads_share_the_hidden_size,
};

/// What an encoder and its heads are built from.
#[derive(Clone, Debug)]
pub struct EncoderSettings {
    /// The settings of every block.
    pub block: BlockSettings,
    /// Blocks.
    pub blocks: usize,
    /// Ids of the vocabulary.
    pub vocabulary: usize,
    /// Numbers for each token before the first block; where they are not as many as in blocks, a layer stands between.
    pub embedding_size: usize,
    /// Rows of the table of positions.
    pub positions: usize,
    /// The id of padding, where positions are counted from the row after it and only over tokens that are not padding;
    /// `None` where they are the columns.
    pub positions_after: Option<u32>,
    /// Kinds of segments; 0 if there is no table of them.
    pub token_types: usize,
    /// Whether what attention adds is dropped out, as what the feed-forward layers add.
    pub drops_attention_output: bool,
    /// Dropout before the outputs of the head over whole texts.
    pub sequence_dropout: f64,
    /// Dropout before the outputs of the head over tokens.
    pub token_dropout: f64,
    /// The activation of the head over the vocabulary.
    pub masked_activation: Activation,
    /// Whether the head over the vocabulary multiplies with the table of the words.
    pub ties_embeddings: bool,
}

impl EncoderSettings {
    /// The longest sequence, in tokens.
    pub fn position_limit(&self) -> usize {
        self.positions.saturating_sub(self.positions_after.map_or(0, |padding| padding as usize + 1))
    }
}

/// Whether the table of the words is that of the vocabulary's head; so unless the file says otherwise.
pub(in crate::model) fn ties_embeddings(other: &Map<String, Value>) -> bool {
    other.get("tie_word_embeddings").and_then(Value::as_bool).unwrap_or(true)
}

/// That the file is of this family, and of an encoder with learnt positions.
pub(in crate::model) fn refuse_another_architecture(other: &Map<String, Value>, family: &Family) -> Result<()> {
    let refuse = |message: String| Err(Error::new(ErrorKind::Model, message));
    let model_type = other.get("model_type").and_then(Value::as_str);
    accepted(is_of_the_family(model_type, Some(family)), ErrorKind::Model)?;
    if let Some(kind) = other.get("position_embedding_type").and_then(Value::as_str)
        && kind != "absolute"
    {
        return refuse(format!("`position_embedding_type` is \"{kind}\"; only \"absolute\" is known here"));
    }
    for key in ["is_decoder", "add_cross_attention"] {
        if other.get(key).and_then(Value::as_bool) == Some(true) {
            return refuse(format!("`{key}` is true, but this model is an encoder"));
        }
    }
    Ok(())
}

/// What a block of an encoder follows from, with norms after its parts and a bias in every layer.
pub(in crate::model) struct PostNormBlock {
    pub(in crate::model) hidden_size: usize,
    pub(in crate::model) attention_heads: usize,
    pub(in crate::model) intermediate_size: usize,
    pub(in crate::model) activation: Activation,
    pub(in crate::model) norm_epsilon: f64,
    pub(in crate::model) attention_dropout: f64,
    pub(in crate::model) hidden_dropout: f64,
    pub(in crate::model) initializer_range: f64,
}

/// The settings of such a block.
///
/// # Errors
/// [`ErrorKind::Model`] for heads that do not share the hidden size equally.
pub(in crate::model) fn post_norm_block(of: &PostNormBlock) -> Result<BlockSettings> {
    accepted(heads_share_the_hidden_size(of.hidden_size, of.attention_heads), ErrorKind::Model)?;
    let head_size = of.hidden_size / of.attention_heads;
    Ok(BlockSettings {
        hidden_size: of.hidden_size,
        attention_heads: of.attention_heads,
        key_value_heads: of.attention_heads,
        head_size,
        intermediate_size: of.intermediate_size,
        feed_forward: FeedForward::Plain,
        activation: of.activation,
        norm: NormKind::LayerNorm,
        norm_place: NormPlace::After,
        norm_epsilon: of.norm_epsilon,
        positions: Positions::Embedded,
        direction: Direction::Bidirectional,
        attention_scale: 1.0 / (head_size as f64).sqrt(),
        biases: Biases::ALL,
        attention_dropout: of.attention_dropout,
        hidden_dropout: of.hidden_dropout,
        inner_dropout: 0.0,
        initializer_range: of.initializer_range,
    })
}
