//! Encoders with a head over the vocabulary, for tokens that are masked.

use std::path::Path;

use candle_core::{Device, Tensor};
use candle_nn::Init;
use serde_json::Value;

use super::head::{InFiles, configuration};
use super::model::WORDS;
use super::{EncoderConfig as _, EncoderFamily, EncoderModel, HiddenStates};
use crate::collate::Batch;
use crate::error::Result;
use crate::model::family::Family;
use crate::model::labelled::{labelled_tokens, labels_of};
use crate::model::loading::{DEFAULT_SEED, HeadFrom};
use crate::model::peft::Module;
use crate::model::pretrained::Pretrained;
use crate::model::resizing::resized;
use crate::model::{Head, Model, Output, Reads, VocabularyRows};
use crate::nn::weight::Weight;
use crate::nn::{self, LayerNorm, Linear};
use crate::tensor::Activation;
use crate::tensor::params::Parameters;
use crate::tensor::random::Mode;

/// An encoder of a family with a head that gives, for every token, one score for each id of the vocabulary.
///
/// The scores are products with the table of the words, which is stored once; with `tie_word_embeddings` set to false in
/// `config.json` the head has a table of its own, with a bias of its own.
///
/// Source: `transformers.BertForMaskedLM` and its kin.
pub struct ForMaskedLM<F: EncoderFamily> {
    encoder: EncoderModel<F>,
    dense: Linear,
    activation: Activation,
    norm: LayerNorm,
    table: Weight,
    bias: Weight,
    config: F::Config,
    parameters: Parameters,
}

impl<F: EncoderFamily> ForMaskedLM<F> {
    /// Loads a model from a local directory, or by its name on the hub.
    ///
    /// Both spellings of the parameters are read: norms as `weight`/`bias` or `gamma`/`beta`, names with and without the
    /// family's prefix (`bert.`), the head's bias beside its layer or in it. A head that the file does not have is drawn from
    /// the seed, and said.
    ///
    /// # Errors
    /// [`ErrorKind::Model`](crate::ErrorKind::Model) names every other tensor that is missing, unexpected or of another shape.
    pub fn from_pretrained(model: impl AsRef<Path>) -> Result<Self> {
        Self::load(&Pretrained::open(model.as_ref())?, HeadFrom::File)
    }

    /// A model from scratch: every parameter is drawn from the run's seed.
    ///
    /// # Errors
    /// [`ErrorKind::Model`](crate::ErrorKind::Model) for a configuration that cannot work.
    pub fn from_config(config: F::Config) -> Result<Self> {
        Self::build(config, Parameters::new(&Device::Cpu, DEFAULT_SEED))
    }

    /// The model's configuration.
    pub fn config(&self) -> &F::Config {
        &self.config
    }

    pub(in crate::model) fn load(files: &Pretrained, from: HeadFrom) -> Result<Self> {
        let head = F::MASKED;
        let in_files = InFiles { family: head.family, names: head.names, drawn: &[] };
        let names = in_files.tensors();
        let (config, settings, tensors) = in_files.read::<F>(files, &names, from)?;
        let weight = format!("{}.weight", head.decoder);
        let [beside, inside] = [head.bias, head.decoder].map(|place| format!("{place}.bias"));
        let (has_beside, has_inside) = (tensors.get(&beside).is_some(), tensors.get(&inside).is_some());
        let tensors = tensors.convert(|name, value| {
            let names = match (name, settings.ties_embeddings) {
                // The second name of what is stored once.
                (name, true) if name == weight => vec![],
                (name, true) if name == inside && name != beside && has_beside => vec![],
                (name, true) if name == inside && name != beside => vec![&beside],
                (name, false) if name == beside && !has_inside => vec![&beside, &inside],
                (name, _) => return Ok(vec![(name.to_owned(), value.clone())]),
            };
            Ok(names.into_iter().map(|name| (name.clone(), value.clone())).collect())
        })?;
        let deviation = settings.block.initializer_range;
        in_files.model_of(tensors, deviation, |parameters| Self::build(config, parameters))
    }

    fn build(config: F::Config, parameters: Parameters) -> Result<Self> {
        let (builder, head) = (parameters.builder(), F::MASKED);
        let settings = config.settings()?;
        let (hidden, width, deviation) =
            (settings.block.hidden_size, settings.embedding_size, settings.block.initializer_range);
        let (vocabulary, epsilon) = (settings.vocabulary, settings.block.norm_epsilon);
        let (activation, is_tied) = (settings.masked_activation, settings.ties_embeddings);
        let of_encoder = builder.pp(F::NAMES.prefix);
        let encoder = EncoderModel::with_settings(settings, &of_encoder)?;
        let (of_table, of_bias) =
            if is_tied { (of_encoder.pp(WORDS), head.bias) } else { (builder.pp(head.decoder), head.decoder) };
        if of_bias != head.bias {
            // Python has it, and computes nothing with it.
            Weight::ask(&builder.pp(head.bias), vocabulary, "bias", Init::Const(0.0))?;
            parameters.freeze(|name| name == format!("{}.bias", head.bias));
        }
        let drawn = Init::Randn { mean: 0.0, stdev: deviation };
        Ok(Self {
            encoder,
            dense: nn::linear(hidden, width, deviation, builder.pp(head.dense))?,
            activation,
            norm: nn::layer_norm(width, epsilon, builder.pp(head.norm))?,
            table: Weight::ask(&of_table, (vocabulary, width), "weight", drawn)?,
            bias: Weight::ask(&builder.pp(of_bias), vocabulary, "bias", Init::Const(0.0))?,
            config,
            parameters,
        })
    }

    /// What is multiplied with the table, of one row for each token.
    fn transform(&self, rows: &Tensor, mode: Mode) -> Result<Tensor> {
        let dense = self.dense.forward_in(rows, mode)?;
        Ok(self.norm.forward(&nn::activate(&dense, self.activation)?)?)
    }
}

/// What the label of a token is.
const HIDDEN_TOKEN: &str = "what stood there before it was masked, as the collator `MaskedLm` does";

impl<F: EncoderFamily> Model for ForMaskedLM<F> {
    const HEAD: Head = Head::Vocabulary(Reads::Masked);
    const FAMILY: Option<&'static Family> = Some(F::MASKED.family);
    const MODULES: &'static [Module<'static>] = F::MASKED.modules;

    /// Scores `[batch, length, vocabulary]`, zeros at padding.
    fn forward(&self, batch: &Batch, mode: Mode) -> Result<Output> {
        let HiddenStates { packed, layout } = self.encoder.forward(batch, mode)?;
        let hidden = self.transform(&packed, mode)?;
        let scores = hidden.matmul(&self.table.value().t()?)?.broadcast_add(&self.bias.value())?;
        Ok(Output { logits: layout.unpack_with_zeros(&scores)? })
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    fn vocabulary_rows(&self, batch: &Batch, mode: Mode) -> Result<Option<VocabularyRows>> {
        let HiddenStates { packed, layout } = self.encoder.forward(batch, mode)?;
        let rows = labelled_tokens(batch, &layout, HIDDEN_TOKEN)?;
        let labels = labels_of(&rows, &packed)?;
        let hidden = if rows.is_empty() {
            Tensor::zeros((0, self.table.tensor().dim(1)?), packed.dtype(), packed.device())?
        } else {
            self.transform(&rows.gather(&packed)?, mode)?
        };
        Ok(Some(VocabularyRows::over(hidden, &self.table, Some(self.bias.value()), labels)))
    }

    fn configuration(&self) -> Option<Value> {
        configuration::<F>(&self.config, "ForMaskedLM")
    }

    fn resize_token_embeddings(&mut self, tokens: usize, pad_to_multiple_of: Option<usize>) -> Result<()> {
        if let Some(model) = resized(self, &self.config, tokens, pad_to_multiple_of, Self::build)? {
            *self = model;
        }
        Ok(())
    }

    fn vocabulary_size(&self) -> Option<usize> {
        Some(self.encoder.settings().vocabulary)
    }

    fn position_limit(&self) -> Option<usize> {
        Some(self.encoder.settings().position_limit())
    }
}
