//! What a block computes: sizes, kinds and probabilities, and the rules between them.
//!
//! What comes in: what a family read from its `config.json`. What goes out: settings that [`Block`](super::Block) is built
//! from. It refuses heads that cannot share what they must share, and positions that the heads have no room for.

use crate::args::rules::{Verdict, Words};
use crate::error::{Error, ErrorKind, Result};
use crate::tensor::Activation;

/// The sizes of a block and what it computes with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BlockSettings {
    /// Numbers for each token.
    pub hidden_size: usize,
    /// Attention heads.
    pub attention_heads: usize,
    /// Heads of keys and values, each for an equal number of attention heads that follow one another; as many as
    /// `attention_heads` where nothing is shared.
    pub key_value_heads: usize,
    /// Numbers for each token inside of a head.
    pub head_size: usize,
    /// Numbers for each token inside of the feed-forward layers.
    pub intermediate_size: usize,
    /// How the feed-forward layers go together.
    pub feed_forward: FeedForward,
    /// Between the feed-forward layers.
    pub activation: Activation,
    /// The kind of both norms.
    pub norm: NormKind,
    /// Where the norms stand.
    pub norm_place: NormPlace,
    /// Added to the variance (layer norm) or to the mean square (root-mean-square norm).
    pub norm_epsilon: f64,
    /// How attention knows where a token stands.
    pub positions: Positions,
    /// Which tokens of its sequence a token attends to.
    pub direction: Direction,
    /// What the products of queries and keys are multiplied with: `1 / sqrt(head_size)` mostly, 1 in T5.
    pub attention_scale: f64,
    /// Which linear layers have a bias.
    pub biases: Biases,
    /// Dropout of attention's probabilities.
    pub attention_dropout: f64,
    /// Dropout of what attention and the feed-forward layers add.
    pub hidden_dropout: f64,
    /// Dropout inside of the feed-forward layers, after the activation (and after its product with the other half, if
    /// gated).
    pub inner_dropout: f64,
    /// Deviation of fresh weights.
    pub initializer_range: f64,
}

/// How the feed-forward layers go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedForward {
    /// `out(activation(in(x)))`.
    Plain,
    /// `out(activation(gate(x)) · in(x))`, element by element: `SwiGLU` with [`Activation::Silu`], T5 v1.1 with
    /// [`Activation::GeluTanh`].
    ///
    /// Source: Shazeer, "GLU variants improve transformer" (2020).
    Gated,
}

/// The kind of a block's norms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NormKind {
    /// Mean and variance, with a weight and a bias: [`nn::LayerNorm`](crate::nn::LayerNorm).
    LayerNorm,
    /// The mean square alone, with a weight: [`nn::RmsNorm`](crate::nn::RmsNorm).
    RmsNorm,
}

/// Where a block's norms stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NormPlace {
    /// `x + part(norm(x))` (pre-norm). The norm after the last block is the model's.
    Before,
    /// `norm(x + part(x))` (post-norm).
    After,
}

/// How attention knows where a token stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Positions {
    /// The embeddings say it; the block adds nothing.
    Embedded,
    /// Queries and keys are turned by angles that grow with the token's column; the first half of a head's numbers is
    /// turned with the second.
    ///
    /// Source: Su et al., "`RoFormer`" (2021); `transformers` `LlamaRotaryEmbedding`.
    Rotary(Rotary),
    /// A number for the distance between two tokens is added to their score: see
    /// [`RelativeBias`](super::RelativeBias). Distances count in both directions as attention does.
    Relative {
        /// Rows of the table (`relative_attention_num_buckets`).
        buckets: usize,
        /// From this distance on all share the last row (`relative_attention_max_distance`).
        longest_distance: usize,
    },
}

/// How fast rotary positions turn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rotary {
    /// The wave length of the slowest pair is about `2π · base` tokens (`rope_theta`).
    pub base: f64,
    /// How they are slowed down, for texts longer than those that the model was first trained with.
    pub scaling: RotaryScaling,
}

/// How rotary positions are slowed down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RotaryScaling {
    /// They turn as they were first defined.
    None,
    /// Every pair turns so many times slower.
    ///
    /// Source: Chen et al., "Extending context window of large language models via positional interpolation" (2023).
    Linear {
        /// How many times.
        factor: f64,
    },
    /// Pairs whose waves are long turn `factor` times slower, those whose waves are short as they did, and those between by
    /// a share of both.
    ///
    /// Source: `transformers` `_compute_llama3_parameters`.
    Llama3 {
        /// How many times slower.
        factor: f64,
        /// Waves are long above `original_positions / low_frequency_factor` tokens.
        low_frequency_factor: f64,
        /// Waves are short below `original_positions / high_frequency_factor` tokens.
        high_frequency_factor: f64,
        /// The longest text that the model was first trained with, in tokens.
        original_positions: f64,
    },
}

impl Rotary {
    /// Positions that turn as they were first defined.
    pub const fn of_base(base: f64) -> Self {
        Self { base, scaling: RotaryScaling::None }
    }
}

/// Which tokens of its sequence a token attends to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// All of them.
    Bidirectional,
    /// Itself and those before it.
    Causal,
}

/// Which linear layers of a block have a bias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Biases {
    /// The projections to queries, keys and values.
    pub query_key_value: bool,
    /// The projection of what attention gathered.
    pub attention_output: bool,
    /// The feed-forward layers.
    pub feed_forward: bool,
}

impl Biases {
    /// Every linear layer has one.
    pub const ALL: Self = Self { query_key_value: true, attention_output: true, feed_forward: true };
    /// No linear layer has one.
    pub const NONE: Self = Self { query_key_value: false, attention_output: false, feed_forward: false };
}

/// What a family calls the parts of a block, below the block's own prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockNames {
    /// The projection to queries; of the same name as those to keys and values if one layer gives all three, one after the
    /// other.
    pub query: &'static str,
    /// The projection to keys.
    pub key: &'static str,
    /// The projection to values.
    pub value: &'static str,
    /// The projection of what attention gathered.
    pub attention_output: &'static str,
    /// The norm before or after attention.
    pub attention_norm: &'static str,
    /// The feed-forward layer whose result is activated, if that is multiplied with another's
    /// ([`FeedForward::Gated`]).
    pub feed_forward_gate: Option<&'static str>,
    /// The first feed-forward layer.
    pub feed_forward_in: &'static str,
    /// The second feed-forward layer.
    pub feed_forward_out: &'static str,
    /// The norm before or after the feed-forward layers.
    pub output_norm: &'static str,
}

/// What a family calls the parts of cross-attention in a decoder's blocks, below the block's own prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CrossNames {
    /// The layers of attention.
    pub attention: AttentionNames,
    /// The norm before or after it.
    pub norm: &'static str,
}

/// What a family calls the layers of attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttentionNames {
    /// The projection to queries.
    pub query: &'static str,
    /// The projection to keys.
    pub key: &'static str,
    /// The projection to values.
    pub value: &'static str,
    /// The projection of what attention gathered.
    pub output: &'static str,
}

impl BlockNames {
    /// What the layers of attention are called.
    pub(super) fn attention(&self) -> AttentionNames {
        AttentionNames { query: self.query, key: self.key, value: self.value, output: self.attention_output }
    }
}

/// Deviations of fresh weights, where a family draws each kind of layer by its sizes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Deviations {
    /// Of the projections to queries.
    pub query: f64,
    /// Of the projections to keys and values.
    pub key_value: f64,
    /// Of the projections of what attention gathered.
    pub attention_output: f64,
    /// Of the first feed-forward layers, and of gates.
    pub feed_forward_in: f64,
    /// Of the second feed-forward layers.
    pub feed_forward_out: f64,
}

impl Deviations {
    /// One deviation for all.
    pub fn all(deviation: f64) -> Self {
        Self {
            query: deviation,
            key_value: deviation,
            attention_output: deviation,
            feed_forward_in: deviation,
            feed_forward_out: deviation,
        }
    }
}

/// What the blocks of some families have beside their settings.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BlockExtras {
    /// Cross-attention, between attention and the feed-forward layers: in a decoder that reads a source.
    pub cross: Option<CrossNames>,
    /// The deviations of fresh weights, if they are not all [`BlockSettings::initializer_range`].
    pub deviations: Option<Deviations>,
}

/// Attention heads are equal parts of the hidden size, in families whose configuration has no size of a head.
pub const fn heads_share_the_hidden_size(hidden: usize, heads: usize) -> Verdict {
    if heads > 0 && hidden.is_multiple_of(heads) {
        return Verdict::Accepted;
    }
    let message = Words::new().then("`hidden_size` is ").number(hidden as i128).then(", which ").number(heads as i128);
    Verdict::refused(
        message.then(if heads == 1 { " attention head" } else { " attention heads" }).then(" cannot share equally"),
        Words::new().then("take a multiple of `num_attention_heads`"),
    )
}

/// Each head of keys and values is shared by equally many attention heads.
pub const fn heads_share_keys_and_values(heads: usize, key_value_heads: usize) -> Verdict {
    if heads > 0 && key_value_heads > 0 && heads.is_multiple_of(key_value_heads) {
        return Verdict::Accepted;
    }
    let message = Words::new().then("`num_key_value_heads` is ").number(key_value_heads as i128).then(", which ");
    let message = message.number(heads as i128).then(if heads == 1 { " attention head" } else { " attention heads" });
    Verdict::refused(
        message.then(" cannot share equally"),
        Words::new().then("take a number that divides `num_attention_heads`"),
    )
}

/// Rotary positions turn pairs of a head's numbers.
pub const fn rotary_heads_hold_pairs(head_size: usize) -> Verdict {
    if head_size > 0 && head_size.is_multiple_of(2) {
        return Verdict::Accepted;
    }
    let message = Words::new().then("`head_dim` is ").number(head_size as i128);
    Verdict::refused(
        message.then(", but rotary positions turn pairs of a head's numbers"),
        Words::new().then("take an even number"),
    )
}

impl BlockSettings {
    /// Numbers for each token that attention gathers: of all heads.
    pub fn attention_width(&self) -> usize {
        self.attention_heads * self.head_size
    }

    /// Numbers for each token of keys, and of values: of all their heads.
    pub fn key_value_width(&self) -> usize {
        self.key_value_heads * self.head_size
    }

    /// That a block can be built from the settings.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] with the words of the first rule that refuses.
    pub fn check(&self) -> Result<()> {
        accepted(&heads_share_keys_and_values(self.attention_heads, self.key_value_heads))?;
        if let Positions::Rotary(Rotary { base, .. }) = self.positions {
            accepted(&rotary_heads_hold_pairs(self.head_size))?;
            if !(base.is_finite() && base > 0.0) {
                let message = format!("`rope_theta` is {base}, but must be above 0");
                return Err(Error::new(ErrorKind::Model, message));
            }
        }
        if self.head_size == 0 {
            return Err(Error::new(ErrorKind::Model, "the attention heads hold 0 numbers each"));
        }
        Ok(())
    }
}

fn accepted(verdict: &Verdict) -> Result<()> {
    match verdict {
        Verdict::Accepted => Ok(()),
        Verdict::Refused { message, help } => Err(Error::new(ErrorKind::Model, message.as_str()).help(help.as_str())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(verdict: &Verdict) -> String {
        match verdict {
            Verdict::Accepted => String::new(),
            Verdict::Refused { message, .. } => message.as_str().to_owned(),
        }
    }

    #[test]
    fn key_value_heads_that_divide_the_heads_are_accepted_and_no_other() {
        for divides in [1, 2, 4] {
            assert!(heads_share_keys_and_values(4, divides).is_accepted());
        }
        let message = "`num_key_value_heads` is 3, which 4 attention heads cannot share equally";
        assert_eq!(refused(&heads_share_keys_and_values(4, 3)), message);
        assert!(!refused(&heads_share_keys_and_values(4, 0)).is_empty());
        assert!(!refused(&heads_share_keys_and_values(0, 0)).is_empty());
    }

    #[test]
    fn rotary_heads_of_odd_size_are_refused() {
        assert!(rotary_heads_hold_pairs(64).is_accepted());
        let message = "`head_dim` is 5, but rotary positions turn pairs of a head's numbers";
        assert_eq!(refused(&rotary_heads_hold_pairs(5)), message);
    }
}
