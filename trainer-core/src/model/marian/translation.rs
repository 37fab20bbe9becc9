//! Marian with a head over the vocabulary: translation.

use std::path::Path;

use candle_core::Device;
use serde_json::{Value, json};

use super::MarianConfig;
use crate::collate::{Batch, DecoderStart};
use crate::error::Result;
use crate::model::bart::{EncoderDecoder, HeadParts, MODULES, has_bias};
use crate::model::loading::{DEFAULT_SEED, HeadFrom, Names, Tensors};
use crate::model::peft::Module;
use crate::model::pretrained::Pretrained;
use crate::model::resizing::resized;
use crate::model::seq2seq::{decoder_start, note_dropped_layers, tied};
use crate::model::{Head, Model, Output, Reads, VocabularyRows};
use crate::tensor::params::Parameters;
use crate::tensor::random::Mode;

/// Marian with a head over the vocabulary.
///
/// Source: `transformers.MarianMTModel`.
pub struct MarianMTModel {
    pub(super) model: EncoderDecoder,
    pub(super) config: MarianConfig,
    pub(super) parameters: Parameters,
}

/// Positions are computed, so that a table of them in a file is left alone.
const NAMES: Names = Names {
    prefix: "model.",
    head: &["final_logits_bias", "lm_head."],
    other_heads: &[],
    ignored: &["embed_positions.weight", "encoder.embed_tokens.weight", "decoder.embed_tokens.weight"],
};

/// Names where source and target have a table of words each.
const NAMES_OF_TWO_TABLES: Names = Names { ignored: &["embed_positions.weight"], ..NAMES };

impl MarianMTModel {
    /// Loads a model from a local directory, or by its name on the hub.
    ///
    /// A head that differs from the table of words is the model's own; one that is missing or the same is tied to it.
    ///
    /// # Errors
    /// [`ErrorKind::Model`](crate::ErrorKind::Model) names every tensor that is missing, unexpected or of another shape.
    pub fn from_pretrained(model: impl AsRef<Path>) -> Result<Self> {
        let files = Pretrained::open(model.as_ref())?;
        let config: MarianConfig = files.config()?;
        config.sides().map_err(|error| error.at(files.config_file().display()))?;
        note_dropped_layers(&config.other, files.place());
        let (names, table) = if config.share_encoder_decoder_embeddings {
            (&NAMES, "model.shared.weight")
        } else {
            (&NAMES_OF_TWO_TABLES, "model.decoder.embed_tokens.weight")
        };
        let tensors = Tensors::read(&files, names, HeadFrom::File)?;
        let (tensors, is_tied) = tied(tensors, "lm_head.weight", table)?;
        let head = HeadParts { is_tied, has_bias: has_bias(&tensors) };
        tensors.into_model(|parameters| Self::build(config, head, parameters), None)
    }

    /// A model from scratch: every parameter is drawn from the run's seed.
    ///
    /// # Errors
    /// [`ErrorKind::Model`](crate::ErrorKind::Model) for a configuration that no model can be made of.
    pub fn from_config(config: MarianConfig) -> Result<Self> {
        let head = HeadParts { is_tied: config.tie_word_embeddings, has_bias: true };
        Self::build(config, head, Parameters::new(&Device::Cpu, DEFAULT_SEED))
    }

    /// The model's configuration.
    pub fn config(&self) -> &MarianConfig {
        &self.config
    }

    fn build(config: MarianConfig, head: HeadParts, parameters: Parameters) -> Result<Self> {
        Ok(Self { model: EncoderDecoder::new(&config.sides()?, head, &parameters)?, config, parameters })
    }
}

impl Model for MarianMTModel {
    const HEAD: Head = Head::Vocabulary(Reads::SourceAndTarget);
    const MODULES: &'static [Module<'static>] = MODULES;

    fn forward(&self, batch: &Batch, mode: Mode) -> Result<Output> {
        self.model.forward(batch, mode)
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    fn vocabulary_rows(&self, batch: &Batch, mode: Mode) -> Result<Option<VocabularyRows>> {
        self.model.vocabulary_rows(batch, mode).map(Some)
    }

    fn rows_are_alone(&self) -> bool {
        true
    }

    fn writer(&self) -> Option<&dyn crate::model::Writer> {
        Some(self)
    }

    fn decoder_start(&self) -> Option<DecoderStart> {
        decoder_start(self.config.decoder_start_token_id, self.config.pad_token_id)
    }

    fn configuration(&self) -> Option<Value> {
        let mut config = serde_json::to_value(&self.config).ok()?;
        config["model_type"] = json!("marian");
        config["architectures"] = json!(["MarianMTModel"]);
        config["dtype"] = json!("float32");
        Some(config)
    }

    fn resize_token_embeddings(&mut self, tokens: usize, pad_to_multiple_of: Option<usize>) -> Result<()> {
        let head = HeadParts::of(&self.parameters);
        let build = |config, parameters| Self::build(config, head, parameters);
        if let Some(model) = resized(self, &self.config, tokens, pad_to_multiple_of, build)? {
            *self = model;
        }
        Ok(())
    }

    fn vocabulary_size(&self) -> Option<usize> {
        Some(self.config.vocab_size)
    }

    fn position_limit(&self) -> Option<usize> {
        Some(self.config.max_position_embeddings)
    }
}
