//! The sizes in a `config.json`, and what of it decides which tensors there are.

use serde_json::Value;

/// A size of a model, by the key of `config.json` that says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// `vocab_size`.
    Vocabulary,
    /// `hidden_size`.
    Hidden,
    /// `embedding_size`, which is the hidden size in most families.
    Embedding,
    /// `intermediate_size`; of an encoder, where there are two sides.
    Intermediate,
    /// `max_position_embeddings`.
    Positions,
    /// Two more than `max_position_embeddings`: the rows of BART's table of them.
    PositionRows,
    /// `type_vocab_size`.
    TokenTypes,
    /// `num_hidden_layers`; of an encoder, where there are two sides.
    Blocks,
    /// `num_attention_heads`; of an encoder, where there are two sides.
    Heads,
    /// Numbers for each token of all attention heads: `num_attention_heads` times `head_dim`.
    Gathered,
    /// Numbers for each token of keys, and of values: `num_key_value_heads` times `head_dim`.
    KeyValue,
    /// Three times the hidden size: queries, keys and values of one layer.
    ThreeHidden,
    /// `relative_attention_num_buckets`: rows of a table of relative positions.
    Buckets,
    /// `decoder_layers`; as many as the encoder's, if nothing says it.
    DecoderBlocks,
    /// `decoder_attention_heads`; as many as the encoder's, if nothing says it.
    DecoderHeads,
    /// `decoder_ffn_dim`; the encoder's, if nothing says it.
    DecoderIntermediate,
    /// `decoder_vocab_size`, where the decoder has a table of words of its own; that of both otherwise.
    DecoderVocabulary,
    /// One.
    One,
}

/// The sizes that a `config.json` says, by its keys, and what of it decides which tensors there are; `None` where it says
/// nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the keys of `config.json`")]
pub struct Sizes {
    pub vocab_size: Option<usize>,
    pub hidden_size: Option<usize>,
    pub embedding_size: Option<usize>,
    pub num_hidden_layers: Option<usize>,
    pub num_attention_heads: Option<usize>,
    pub intermediate_size: Option<usize>,
    pub max_position_embeddings: Option<usize>,
    pub type_vocab_size: Option<usize>,
    pub num_key_value_heads: Option<usize>,
    pub head_dim: Option<usize>,
    pub relative_attention_num_buckets: Option<usize>,
    pub decoder_layers: Option<usize>,
    pub decoder_attention_heads: Option<usize>,
    pub decoder_ffn_dim: Option<usize>,
    pub decoder_vocab_size: Option<usize>,
    pub tie_word_embeddings: Option<bool>,
    pub share_encoder_decoder_embeddings: Option<bool>,
    /// Whether `feed_forward_proj` begins with `gated-`.
    pub has_gate: Option<bool>,
}

/// What a configuration may ask for, so that a model has some tensors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Embeddings have another width than blocks.
    WidthsDiffer,
    /// The feed-forward layers have no gate.
    FeedForwardIsPlain,
    /// The feed-forward layers have a gate.
    FeedForwardHasGate,
    /// Source and target share a table of words.
    SidesShareWords,
    /// Source and target have a table of words each.
    SidesHaveOwnWords,
}

impl Sizes {
    /// Nothing is said.
    pub const NONE: Self = Self {
        vocab_size: None,
        hidden_size: None,
        embedding_size: None,
        num_hidden_layers: None,
        num_attention_heads: None,
        intermediate_size: None,
        max_position_embeddings: None,
        type_vocab_size: None,
        num_key_value_heads: None,
        head_dim: None,
        relative_attention_num_buckets: None,
        decoder_layers: None,
        decoder_attention_heads: None,
        decoder_ffn_dim: None,
        decoder_vocab_size: None,
        tie_word_embeddings: None,
        share_encoder_decoder_embeddings: None,
        has_gate: None,
    };

    /// The sizes that `config.json` says, as the model was made with them.
    pub fn of_config(config: &Value) -> Self {
        let one = |key: &str| config.get(key).and_then(Value::as_u64).and_then(|size| usize::try_from(size).ok());
        // What only one family says goes first: Python writes the common name beside it.
        let first = |keys: &[&str]| keys.iter().rev().find_map(|key| one(key));
        let size = |size: Size| first(size.spellings());
        let flag = |key: &str| config.get(key).and_then(Value::as_bool);
        let feed_forward = config.get("feed_forward_proj").and_then(Value::as_str);
        Self {
            vocab_size: size(Size::Vocabulary),
            hidden_size: size(Size::Hidden),
            embedding_size: size(Size::Embedding),
            num_hidden_layers: size(Size::Blocks),
            num_attention_heads: size(Size::Heads),
            intermediate_size: size(Size::Intermediate),
            max_position_embeddings: size(Size::Positions),
            type_vocab_size: size(Size::TokenTypes),
            num_key_value_heads: one("num_key_value_heads"),
            head_dim: first(&["head_dim", "d_kv"]),
            relative_attention_num_buckets: size(Size::Buckets),
            decoder_layers: size(Size::DecoderBlocks),
            decoder_attention_heads: size(Size::DecoderHeads),
            decoder_ffn_dim: size(Size::DecoderIntermediate),
            decoder_vocab_size: size(Size::DecoderVocabulary),
            tie_word_embeddings: flag("tie_word_embeddings"),
            share_encoder_decoder_embeddings: flag("share_encoder_decoder_embeddings"),
            has_gate: feed_forward.map(|name| name.starts_with("gated-")),
        }
    }

    /// Whether the configuration asks for it.
    pub const fn meet(&self, condition: Condition) -> bool {
        match condition {
            Condition::WidthsDiffer => self.of(Size::Embedding) != self.of(Size::Hidden),
            Condition::FeedForwardIsPlain => !matches!(self.has_gate, Some(true)),
            Condition::FeedForwardHasGate => matches!(self.has_gate, Some(true)),
            Condition::SidesShareWords => !matches!(self.share_encoder_decoder_embeddings, Some(false)),
            Condition::SidesHaveOwnWords => matches!(self.share_encoder_decoder_embeddings, Some(false)),
        }
    }

    /// These sizes, and those of `defaults` where nothing is said.
    pub const fn or(&self, defaults: &Self) -> Self {
        let (said, or) = (self, defaults);
        Self {
            vocab_size: either(said.vocab_size, or.vocab_size),
            hidden_size: either(said.hidden_size, or.hidden_size),
            embedding_size: either(said.embedding_size, or.embedding_size),
            num_hidden_layers: either(said.num_hidden_layers, or.num_hidden_layers),
            num_attention_heads: either(said.num_attention_heads, or.num_attention_heads),
            intermediate_size: either(said.intermediate_size, or.intermediate_size),
            max_position_embeddings: either(said.max_position_embeddings, or.max_position_embeddings),
            type_vocab_size: either(said.type_vocab_size, or.type_vocab_size),
            num_key_value_heads: either(said.num_key_value_heads, or.num_key_value_heads),
            head_dim: either(said.head_dim, or.head_dim),
            relative_attention_num_buckets: either(
                said.relative_attention_num_buckets,
                or.relative_attention_num_buckets,
            ),
            decoder_layers: either(said.decoder_layers, or.decoder_layers),
            decoder_attention_heads: either(said.decoder_attention_heads, or.decoder_attention_heads),
            decoder_ffn_dim: either(said.decoder_ffn_dim, or.decoder_ffn_dim),
            decoder_vocab_size: either(said.decoder_vocab_size, or.decoder_vocab_size),
            tie_word_embeddings: either_flag(said.tie_word_embeddings, or.tie_word_embeddings),
            share_encoder_decoder_embeddings: either_flag(
                said.share_encoder_decoder_embeddings,
                or.share_encoder_decoder_embeddings,
            ),
            has_gate: either_flag(said.has_gate, or.has_gate),
        }
    }

    /// One of the sizes; 0 if nothing says it.
    pub const fn of(&self, size: Size) -> usize {
        let size = match size {
            Size::Hidden => self.hidden_size,
            Size::Embedding => either(self.embedding_size, self.hidden_size),
            Size::Blocks => self.num_hidden_layers,
            Size::Heads => self.num_attention_heads,
            // Where nothing says it, as in GPT-2, it is four times the hidden size.
            Size::Intermediate => either(self.intermediate_size, times(4, self.hidden_size)),
            Size::Gathered => times(of(self.num_attention_heads), self.head_size()),
            Size::KeyValue => times(of(either(self.num_key_value_heads, self.num_attention_heads)), self.head_size()),
            Size::ThreeHidden => times(3, self.hidden_size),
            Size::Positions => self.max_position_embeddings,
            Size::PositionRows => match self.max_position_embeddings {
                Some(positions) => Some(positions.saturating_add(2)),
                None => None,
            },
            Size::TokenTypes => self.type_vocab_size,
            Size::Buckets => self.relative_attention_num_buckets,
            Size::DecoderBlocks => either(self.decoder_layers, self.num_hidden_layers),
            Size::DecoderHeads => either(self.decoder_attention_heads, self.num_attention_heads),
            Size::DecoderIntermediate => either(self.decoder_ffn_dim, Some(self.of(Size::Intermediate))),
            Size::DecoderVocabulary if self.meet(Condition::SidesHaveOwnWords) => {
                either(self.decoder_vocab_size, self.vocab_size)
            }
            Size::Vocabulary | Size::DecoderVocabulary => self.vocab_size,
            Size::One => Some(1),
        };
        of(size)
    }

    /// Numbers for each token inside of a head.
    const fn head_size(&self) -> Option<usize> {
        match (self.head_dim, self.hidden_size, self.num_attention_heads) {
            (Some(size), _, _) => Some(size),
            (None, Some(hidden), Some(heads)) if heads > 0 => Some(hidden / heads),
            _ => None,
        }
    }
}

impl Size {
    /// The key of `config.json` that says it in most families.
    pub const fn key(self) -> &'static str {
        self.spellings()[0]
    }

    /// Every key that says it in some family.
    const fn spellings(self) -> &'static [&'static str] {
        match self {
            Self::Vocabulary => &["vocab_size"],
            Self::Hidden => &["hidden_size", "dim", "n_embd", "d_model"],
            Self::Embedding => &["embedding_size"],
            Self::Intermediate => &["intermediate_size", "hidden_dim", "n_inner", "encoder_ffn_dim", "d_ff"],
            Self::Positions => &["max_position_embeddings", "n_positions"],
            Self::PositionRows => &["max_position_embeddings + 2"],
            Self::TokenTypes => &["type_vocab_size"],
            Self::Blocks => &["num_hidden_layers", "n_layers", "n_layer", "encoder_layers", "num_layers"],
            Self::Heads => &["num_attention_heads", "n_heads", "n_head", "encoder_attention_heads", "num_heads"],
            Self::Gathered => &["num_attention_heads * head_dim"],
            Self::KeyValue => &["num_key_value_heads * head_dim"],
            Self::ThreeHidden => &["3 * n_embd"],
            Self::Buckets => &["relative_attention_num_buckets"],
            Self::DecoderBlocks => &["decoder_layers", "num_decoder_layers"],
            Self::DecoderHeads => &["decoder_attention_heads"],
            Self::DecoderIntermediate => &["decoder_ffn_dim"],
            Self::DecoderVocabulary => &["decoder_vocab_size"],
            Self::One => &["1"],
        }
    }
}

const fn times(factor: usize, size: Option<usize>) -> Option<usize> {
    match size {
        Some(size) => Some(factor.saturating_mul(size)),
        None => None,
    }
}

/// A size; 0 if nothing says it.
const fn of(size: Option<usize>) -> usize {
    match size {
        Some(size) => size,
        None => 0,
    }
}

const fn either(said: Option<usize>, else_this: Option<usize>) -> Option<usize> {
    if said.is_some() { said } else { else_this }
}

const fn either_flag(said: Option<bool>, else_this: Option<bool>) -> Option<bool> {
    if said.is_some() { said } else { else_this }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_family_calls_a_size_goes_before_the_common_name() {
        let config = json!({ "encoder_layers": 3, "num_hidden_layers": 6, "d_model": 8, "num_decoder_layers": null });
        let sizes = Sizes::of_config(&config);
        assert_eq!((sizes.num_hidden_layers, sizes.hidden_size, sizes.decoder_layers), (Some(3), Some(8), None));
        assert_eq!(sizes.of(Size::DecoderBlocks), 3);
    }

    #[test]
    fn a_decoder_has_words_of_its_own_where_the_sides_share_none() {
        let vocabulary = |shared: bool| {
            let config =
                json!({ "vocab_size": 40, "decoder_vocab_size": 35, "share_encoder_decoder_embeddings": shared });
            Sizes::of_config(&config).of(Size::DecoderVocabulary)
        };
        assert_eq!((vocabulary(true), vocabulary(false)), (40, 35));
    }

    #[test]
    fn a_gate_is_said_by_the_name_of_the_feed_forward_layers() {
        let has_gate = |name: &str| Sizes::of_config(&json!({ "feed_forward_proj": name })).has_gate;
        assert_eq!((has_gate("gated-gelu"), has_gate("relu")), (Some(true), Some(false)));
        assert!(Sizes::NONE.meet(Condition::FeedForwardIsPlain) && !Sizes::NONE.meet(Condition::FeedForwardHasGate));
    }
}
