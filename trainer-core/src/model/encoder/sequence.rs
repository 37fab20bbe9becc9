//! Encoders with a head over the first token, for classes or numbers.

use std::marker::PhantomData;
use std::path::Path;

use candle_core::{Device, Tensor};
use serde_json::Value;

use super::head::{InFiles, configuration, name_labels};
use super::{EncoderConfig as _, EncoderFamily, EncoderModel, Squash};
use crate::collate::Batch;
use crate::data::{LabelColumn, Task};
use crate::error::Result;
use crate::model::family::Family;
use crate::model::loading::{DEFAULT_SEED, HeadFrom};
use crate::model::peft::Module;
use crate::model::pretrained::Pretrained;
use crate::model::resizing::resized;
use crate::model::{Head, Model, Output};
use crate::nn::{self, Dropout, Linear};
use crate::tensor::params::Parameters;
use crate::tensor::random::Mode;

/// An encoder of a family with a head over the first token of each text.
///
/// `L` is the label of the examples: an enum with `#[derive(ClassLabel)]` for one class, a `Vec` or `BTreeSet` of it for
/// several, `f32` or `[f32; N]` for numbers. The head gives one score for each class, or `N` numbers.
///
/// Source: `transformers.BertForSequenceClassification` and its kin.
pub struct ForSequenceClassification<F: EncoderFamily, L> {
    encoder: EncoderModel<F>,
    first_dropout: Option<Dropout>,
    dense: Linear,
    dropout: Dropout,
    output: Linear,
    config: F::Config,
    parameters: Parameters,
    label: PhantomData<fn() -> L>,
}

impl<F: EncoderFamily, L: LabelColumn> ForSequenceClassification<F, L> {
    const IN_FILES: InFiles =
        InFiles { family: F::SEQUENCE.family, names: F::SEQUENCE.names, drawn: F::SEQUENCE.drawn };

    /// Loads a model from a local directory, or by its name on the hub.
    ///
    /// Both spellings of the parameters are read: norms as `weight`/`bias` or `gamma`/`beta`, names with and without the
    /// family's prefix (`bert.`). A head that the file does not have is drawn from the seed, and said.
    ///
    /// # Errors
    /// [`ErrorKind::Model`](crate::ErrorKind::Model) names every other tensor that is missing, unexpected or of another
    /// shape, and a head whose labels are not those of `L`.
    pub fn from_pretrained(model: impl AsRef<Path>) -> Result<Self> {
        Self::load(&Pretrained::open(model.as_ref())?, HeadFrom::File)
    }

    /// As [`from_pretrained`](Self::from_pretrained), leaving the file's head and drawing one for the labels of `L`.
    ///
    /// # Errors
    /// As [`from_pretrained`](Self::from_pretrained), but for those of the head.
    pub fn from_pretrained_with_new_head(model: impl AsRef<Path>) -> Result<Self> {
        Self::load(&Pretrained::open(model.as_ref())?, HeadFrom::Seed)
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

    pub(in crate::model) fn load(files: &Pretrained, head: HeadFrom) -> Result<Self> {
        Self::IN_FILES.load::<F, _>(files, head, Self::build)
    }

    fn build(config: F::Config, parameters: Parameters) -> Result<Self> {
        let builder = parameters.builder();
        let settings = config.settings()?;
        let (hidden, deviation) = (settings.block.hidden_size, settings.block.initializer_range);
        let probability = settings.sequence_dropout;
        let encoder = EncoderModel::with_settings(settings, &builder.pp(F::NAMES.prefix))?;
        let dense = nn::linear(hidden, hidden, deviation, builder.pp(F::SEQUENCE.dense))?;
        let outputs = <L::Task as Task>::OUTPUTS;
        let output = nn::linear(hidden, outputs, deviation, builder.pp(F::SEQUENCE.output))?;
        let before_dense = || Dropout::new(probability, F::SEQUENCE.dense);
        let first_dropout = F::SEQUENCE.drops_first.then(before_dense).transpose()?;
        let dropout = Dropout::new(probability, F::SEQUENCE.output)?;
        Ok(Self { encoder, first_dropout, dense, dropout, output, config, parameters, label: PhantomData })
    }

    /// A summary of each text from its first token, `[batch, hidden]`.
    fn summary(&self, batch: &Batch, mode: Mode) -> Result<Tensor> {
        let mut first = self.encoder.first(batch, mode)?;
        if let Some(dropout) = &self.first_dropout {
            first = dropout.forward(&first, mode)?;
        }
        let dense = self.dense.forward_in(&first, mode)?;
        Ok(match F::SEQUENCE.squash {
            Squash::Tanh => dense.tanh()?,
            Squash::By(activation) => nn::activate(&dense, activation)?,
        })
    }
}

impl<F: EncoderFamily, L: LabelColumn> Model for ForSequenceClassification<F, L> {
    const HEAD: Head = match <L::Task as Task>::LABELS {
        Some(labels) => Head::Classes(labels),
        None => Head::Values(<L::Task as Task>::OUTPUTS),
    };
    const FAMILY: Option<&'static Family> = Some(F::SEQUENCE.family);
    const MODULES: &'static [Module<'static>] = F::SEQUENCE.modules;

    fn forward(&self, batch: &Batch, mode: Mode) -> Result<Output> {
        let summary = self.dropout.forward(&self.summary(batch, mode)?, mode)?;
        Ok(Output { logits: self.output.forward(&summary)? })
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    fn configuration(&self) -> Option<Value> {
        let mut config = configuration::<F>(&self.config, "ForSequenceClassification")?;
        name_labels(&mut config, <L::Task as Task>::LABELS, <L::Task as Task>::OUTPUTS);
        Some(config)
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
