//! `config.json` of Marian's models.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::family::{FAMILY, IGNORED, IGNORED_OF_TWO_TABLES};
use crate::error::{Error, ErrorKind, Result};
use crate::model::BartConfig;
use crate::model::bart;
use crate::model::family::Family;
use crate::model::peft::Module;
use crate::model::seq2seq::{PositionTable, Seq2SeqDescription, Seq2SeqFamily, SideDescription, configuration, is_of};

/// The configuration of a Marian model; what it does not name is kept as it was read.
///
/// Source: `transformers.MarianConfig`, whose defaults these are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MarianConfig {
    /// Ids of the vocabulary; of the source, if the target has its own.
    pub vocab_size: usize,
    /// Ids of the target's vocabulary; those of `vocab_size` if left out.
    pub decoder_vocab_size: Option<usize>,
    /// The longest source, and the longest target, in tokens.
    pub max_position_embeddings: usize,
    /// Blocks of the encoder.
    pub encoder_layers: usize,
    /// Numbers for each token inside of the encoder's feed-forward layers.
    pub encoder_ffn_dim: usize,
    /// Attention heads of the encoder's blocks.
    pub encoder_attention_heads: usize,
    /// Blocks of the decoder.
    pub decoder_layers: usize,
    /// Numbers for each token inside of the decoder's feed-forward layers.
    pub decoder_ffn_dim: usize,
    /// Attention heads of the decoder's blocks.
    pub decoder_attention_heads: usize,
    /// The activation between the feed-forward layers: `gelu`, `gelu_new`, `relu`, `silu`, `swish`.
    pub activation_function: String,
    /// Numbers for each token.
    pub d_model: usize,
    /// Dropout of embeddings, and of what attention and the feed-forward layers add.
    pub dropout: f64,
    /// Dropout of attention's probabilities.
    pub attention_dropout: f64,
    /// Dropout inside of the feed-forward layers.
    pub activation_dropout: f64,
    /// Deviation of fresh weights.
    pub init_std: f64,
    /// Whether words are multiplied with `sqrt(d_model)`.
    pub scale_embedding: bool,
    /// Whether source and target share a table of words.
    pub share_encoder_decoder_embeddings: bool,
    /// Whether the head is the table of the target's words; a file whose head differs from it has its own all the same.
    pub tie_word_embeddings: bool,
    /// The id of the padding token.
    pub pad_token_id: Option<u32>,
    /// The first id that the decoder reads; that of padding if left out.
    pub decoder_start_token_id: Option<u32>,
    /// Everything else in the file.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Default for MarianConfig {
    fn default() -> Self {
        let ids = [("eos_token_id", 0), ("forced_eos_token_id", 0)];
        let ids = ids.into_iter().map(|(key, id)| (key.to_owned(), Value::from(id)));
        Self {
            vocab_size: 58101,
            decoder_vocab_size: None,
            max_position_embeddings: 1024,
            encoder_layers: 12,
            encoder_ffn_dim: 4096,
            encoder_attention_heads: 16,
            decoder_layers: 12,
            decoder_ffn_dim: 4096,
            decoder_attention_heads: 16,
            activation_function: "gelu".to_owned(),
            d_model: 1024,
            dropout: 0.1,
            attention_dropout: 0.0,
            activation_dropout: 0.0,
            init_std: 0.02,
            scale_embedding: false,
            share_encoder_decoder_embeddings: true,
            tie_word_embeddings: true,
            pad_token_id: Some(58100),
            decoder_start_token_id: Some(58100),
            other: ids.chain([("is_encoder_decoder".to_owned(), Value::from(true))]).collect(),
        }
    }
}

impl MarianConfig {
    /// Ids of the target's vocabulary.
    pub fn target_vocabulary(&self) -> usize {
        match self.decoder_vocab_size {
            Some(size) if !self.share_encoder_decoder_embeddings => size,
            _ => self.vocab_size,
        }
    }

    /// The same sizes as those of a BART model.
    fn sizes(&self) -> BartConfig {
        BartConfig {
            vocab_size: self.vocab_size,
            max_position_embeddings: self.max_position_embeddings,
            encoder_layers: self.encoder_layers,
            encoder_ffn_dim: self.encoder_ffn_dim,
            encoder_attention_heads: self.encoder_attention_heads,
            decoder_layers: self.decoder_layers,
            decoder_ffn_dim: self.decoder_ffn_dim,
            decoder_attention_heads: self.decoder_attention_heads,
            activation_function: self.activation_function.clone(),
            d_model: self.d_model,
            dropout: self.dropout,
            attention_dropout: self.attention_dropout,
            activation_dropout: self.activation_dropout,
            init_std: self.init_std,
            scale_embedding: self.scale_embedding,
            tie_word_embeddings: self.tie_word_embeddings,
            pad_token_id: self.pad_token_id,
            decoder_start_token_id: self.decoder_start_token_id,
            other: Map::new(),
        }
    }
}

impl Seq2SeqFamily for MarianConfig {
    const FAMILY: Option<&'static Family> = Some(&FAMILY);
    const MODULES: &'static [Module<'static>] = bart::MODULES;

    fn description(&self) -> Result<Seq2SeqDescription> {
        is_of(&self.other, &FAMILY)?;
        if self.target_vocabulary() == 0 {
            return Err(Error::new(ErrorKind::Model, "`decoder_vocab_size` is 0, but must be at least 1"));
        }
        let of_bart = self.sizes().description_of_any()?;
        let shared = self.share_encoder_decoder_embeddings;
        let side = |side: SideDescription, own_words, vocabulary| SideDescription {
            words: if shared { side.words } else { own_words },
            vocabulary,
            positions: PositionTable::Sinusoidal,
            ..side
        };
        Ok(Seq2SeqDescription {
            encoder: side(of_bart.encoder, "encoder.embed_tokens", self.vocab_size),
            decoder: side(of_bart.decoder, "decoder.embed_tokens", self.target_vocabulary()),
            ignored: if shared { IGNORED } else { IGNORED_OF_TWO_TABLES },
            ..of_bart
        })
    }

    fn configuration(&self) -> Option<Value> {
        configuration(self, &FAMILY, "MarianMTModel")
    }
}
