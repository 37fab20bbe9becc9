//! T5 with a head over the vocabulary: text for text.

use std::path::Path;

use candle_core::{DType, Device, Tensor};
use serde_json::{Value, json};

use super::T5Config;
use super::stack::T5Stack;
use crate::collate::{Batch, DecoderStart};
use crate::error::Result;
use crate::model::loading::{DEFAULT_SEED, HeadFrom, Names, Tensors};
use crate::model::peft::Module;
use crate::model::pretrained::Pretrained;
use crate::model::resizing::resized;
use crate::model::seq2seq::{Side, VocabularyHead, decoder_start, tied};
use crate::model::{Head, Model, Output, Reads, VocabularyRows};
use crate::nn::{self, Embedding};
use crate::tensor::params::Parameters;
use crate::tensor::random::Mode;
use crate::transformer::{Direction, Source, TokenLayout, noisy};

/// T5 with a head over the vocabulary, tied to the table of words or with weights of its own (v1.1, FLAN).
///
/// Source: `transformers.T5ForConditionalGeneration`.
pub struct T5ForConditionalGeneration {
    pub(super) words: Embedding,
    pub(super) encoder: T5Stack,
    pub(super) decoder: T5Stack,
    pub(super) head: VocabularyHead,
    pub(super) config: T5Config,
    pub(super) parameters: Parameters,
}

const NAMES: Names = Names {
    prefix: "",
    head: &[],
    other_heads: &["classification_head.", "qa_outputs."],
    ignored: &[
        "encoder.embed_tokens.weight",
        "decoder.embed_tokens.weight",
        // Files of the first versions have a table there that nothing uses.
        "EncDecAttention.relative_attention_bias.weight",
    ],
};

/// The modules of the family.
pub(in crate::model) const MODULES: &[Module<'static>] = &[
    Module::other("shared"),
    Module::usual_target("encoder.block.#.layer.0.SelfAttention.q"),
    Module::linear("encoder.block.#.layer.0.SelfAttention.k"),
    Module::usual_target("encoder.block.#.layer.0.SelfAttention.v"),
    Module::linear("encoder.block.#.layer.0.SelfAttention.o"),
    Module::other("encoder.block.#.layer.0.SelfAttention.relative_attention_bias"),
    Module::other("encoder.block.#.layer.0.layer_norm"),
    Module::linear("encoder.block.#.layer.1.DenseReluDense.wi"),
    Module::linear("encoder.block.#.layer.1.DenseReluDense.wi_0"),
    Module::linear("encoder.block.#.layer.1.DenseReluDense.wi_1"),
    Module::linear("encoder.block.#.layer.1.DenseReluDense.wo"),
    Module::other("encoder.block.#.layer.1.layer_norm"),
    Module::other("encoder.final_layer_norm"),
    Module::usual_target("decoder.block.#.layer.0.SelfAttention.q"),
    Module::linear("decoder.block.#.layer.0.SelfAttention.k"),
    Module::usual_target("decoder.block.#.layer.0.SelfAttention.v"),
    Module::linear("decoder.block.#.layer.0.SelfAttention.o"),
    Module::other("decoder.block.#.layer.0.SelfAttention.relative_attention_bias"),
    Module::other("decoder.block.#.layer.0.layer_norm"),
    Module::usual_target("decoder.block.#.layer.1.EncDecAttention.q"),
    Module::linear("decoder.block.#.layer.1.EncDecAttention.k"),
    Module::usual_target("decoder.block.#.layer.1.EncDecAttention.v"),
    Module::linear("decoder.block.#.layer.1.EncDecAttention.o"),
    Module::other("decoder.block.#.layer.1.layer_norm"),
    Module::linear("decoder.block.#.layer.2.DenseReluDense.wi"),
    Module::linear("decoder.block.#.layer.2.DenseReluDense.wi_0"),
    Module::linear("decoder.block.#.layer.2.DenseReluDense.wi_1"),
    Module::linear("decoder.block.#.layer.2.DenseReluDense.wo"),
    Module::other("decoder.block.#.layer.2.layer_norm"),
    Module::other("decoder.final_layer_norm"),
    Module::other("lm_head"),
];

impl T5ForConditionalGeneration {
    /// Loads a model from a local directory, or by its name on the hub.
    ///
    /// A head that differs from the table of words is the model's own; one that is missing or the same is tied to it.
    ///
    /// # Errors
    /// [`ErrorKind::Model`](crate::ErrorKind::Model) names every tensor that is missing, unexpected or of another shape.
    pub fn from_pretrained(model: impl AsRef<Path>) -> Result<Self> {
        let files = Pretrained::open(model.as_ref())?;
        let config: T5Config = files.config()?;
        config.encoder_block().map_err(|error| error.at(files.config_file().display()))?;
        let tensors = Tensors::read(&files, &NAMES, HeadFrom::File)?;
        let (tensors, is_tied) = tied(tensors, "lm_head.weight", "shared.weight")?;
        tensors.into_model(|parameters| Self::build(config, is_tied, parameters), None)
    }

    /// A model from scratch: every parameter is drawn from the run's seed.
    ///
    /// # Errors
    /// [`ErrorKind::Model`](crate::ErrorKind::Model) for a configuration that no model can be made of.
    pub fn from_config(config: T5Config) -> Result<Self> {
        let is_tied = config.tie_word_embeddings;
        Self::build(config, is_tied, Parameters::new(&Device::Cpu, DEFAULT_SEED))
    }

    /// The model's configuration.
    pub fn config(&self) -> &T5Config {
        &self.config
    }

    fn build(config: T5Config, is_tied: bool, parameters: Parameters) -> Result<Self> {
        let builder = parameters.builder();
        let (vocabulary, width, deviation) = (config.vocab_size, config.d_model, config.initializer_factor);
        // Checked before the tables are drawn, which sizes of 0 would make of nothing.
        config.encoder_block()?;
        Ok(Self {
            words: nn::embedding(vocabulary, width, deviation, builder.pp("shared"))?,
            encoder: T5Stack::new(&config, Direction::Bidirectional, &builder.pp("encoder"))?,
            decoder: T5Stack::new(&config, Direction::Causal, &builder.pp("decoder"))?,
            head: VocabularyHead::new(
                vocabulary,
                width,
                deviation,
                &builder.pp(if is_tied { "shared" } else { "lm_head" }),
            )?,
            config,
            parameters,
        })
    }

    /// The rows before the head of every token that the decoder reads, `[target tokens, d_model]`, and where they stand.
    fn rows(&self, batch: &Batch, mode: Mode) -> Result<(Tensor, TokenLayout)> {
        let (source, target) = (Side::source(batch, DType::F32)?, Side::target(batch, DType::F32)?);
        let words = noisy(&self.words.forward(&source.ids)?, &source.layout, mode, "encoder")?;
        let encoded = self.encoder.forward(&words, &source.layout, None, mode)?;
        let words = noisy(&self.words.forward(&target.ids)?, &target.layout, mode, "decoder")?;
        let source = Source { layout: &source.layout, rows: &encoded };
        let rows = self.decoder.forward(&words, &target.layout, Some(source), mode)?;
        Ok((rows, target.layout))
    }

    /// The rows as the head is given them.
    pub(super) fn scaled(&self, rows: Tensor) -> Result<Tensor> {
        match self.config.output_scale() {
            Some(scale) => Ok((rows * scale)?),
            None => Ok(rows),
        }
    }
}

impl Model for T5ForConditionalGeneration {
    const HEAD: Head = Head::Vocabulary(Reads::SourceAndTarget);
    const MODULES: &'static [Module<'static>] = MODULES;

    fn forward(&self, batch: &Batch, mode: Mode) -> Result<Output> {
        let (rows, layout) = self.rows(batch, mode)?;
        Ok(Output { logits: self.head.scores_of_places(&self.scaled(rows)?, &layout)? })
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    fn vocabulary_rows(&self, batch: &Batch, mode: Mode) -> Result<Option<VocabularyRows>> {
        let (rows, layout) = self.rows(batch, mode)?;
        let rows = self.head.labelled(&rows, &layout, batch)?;
        Ok(Some(VocabularyRows { hidden: self.scaled(rows.hidden)?, ..rows }))
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
        config["model_type"] = json!("t5");
        config["architectures"] = json!(["T5ForConditionalGeneration"]);
        config["dtype"] = json!("float32");
        Some(config)
    }

    fn resize_token_embeddings(&mut self, tokens: usize, pad_to_multiple_of: Option<usize>) -> Result<()> {
        let is_tied = self.parameters.get("lm_head.weight").is_none();
        if let Some(model) = resized(self, &self.config, tokens, pad_to_multiple_of, |config, parameters| {
            Self::build(config, is_tied, parameters)
        })? {
            *self = model;
        }
        Ok(())
    }

    fn vocabulary_size(&self) -> Option<usize> {
        Some(self.config.vocab_size)
    }
}
