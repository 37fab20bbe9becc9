//! Encoders with a head over every token, for the classes of words.

use std::marker::PhantomData;
use std::path::Path;

use candle_core::Device;
use serde_json::Value;

use super::head::{InFiles, configuration, name_labels};
use super::{EncoderConfig as _, EncoderFamily, EncoderModel};
use crate::collate::Batch;
use crate::data::{ClassLabel, LabelSet};
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

/// The name of the head, in every family.
const CLASSIFIER: &str = "classifier";

/// An encoder of a family with a linear head over every token: one score for each class of `T`.
///
/// Source: `transformers.BertForTokenClassification` and its kin.
pub struct ForTokenClassification<F: EncoderFamily, T> {
    encoder: EncoderModel<F>,
    dropout: Dropout,
    classifier: Linear,
    config: F::Config,
    parameters: Parameters,
    label: PhantomData<fn() -> T>,
}

impl<F: EncoderFamily, T: ClassLabel> ForTokenClassification<F, T> {
    const LABELS: LabelSet = LabelSet { type_name: T::TYPE_NAME, names: T::NAMES };
    const IN_FILES: InFiles =
        InFiles { family: F::TOKENS.family, names: &["classifier."], drawn: &["classifier.weight"] };

    /// Loads a model from a local directory, or by its name on the hub.
    ///
    /// Both spellings of the parameters are read: norms as `weight`/`bias` or `gamma`/`beta`, names with and without the
    /// family's prefix (`bert.`). A head that the file does not have is drawn from the seed, and said.
    ///
    /// # Errors
    /// [`ErrorKind::Model`](crate::ErrorKind::Model) names every other tensor that is missing, unexpected or of another
    /// shape, and a head whose classes are not those of `T`.
    pub fn from_pretrained(model: impl AsRef<Path>) -> Result<Self> {
        Self::load(&Pretrained::open(model.as_ref())?, HeadFrom::File)
    }

    /// As [`from_pretrained`](Self::from_pretrained), leaving the file's head and drawing one for the classes of `T`.
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
        let dropout = Dropout::new(settings.token_dropout, CLASSIFIER)?;
        let encoder = EncoderModel::with_settings(settings, &builder.pp(F::NAMES.prefix))?;
        let classifier = nn::linear(hidden, T::COUNT, deviation, builder.pp(CLASSIFIER))?;
        Ok(Self { encoder, dropout, classifier, config, parameters, label: PhantomData })
    }
}

impl<F: EncoderFamily, T: ClassLabel> Model for ForTokenClassification<F, T> {
    const HEAD: Head = Head::Tags(Self::LABELS);
    const FAMILY: Option<&'static Family> = Some(F::TOKENS.family);
    const MODULES: &'static [Module<'static>] = F::TOKENS.modules;

    /// Scores `[batch, length, classes]`, zeros at padding.
    fn forward(&self, batch: &Batch, mode: Mode) -> Result<Output> {
        let hidden = self.encoder.forward(batch, mode)?;
        let scores = self.classifier.forward(&self.dropout.forward(&hidden.packed, mode)?)?;
        Ok(Output { logits: hidden.layout.unpack_with_zeros(&scores)? })
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    fn configuration(&self) -> Option<Value> {
        let mut config = configuration::<F>(&self.config, "ForTokenClassification")?;
        name_labels(&mut config, Some(Self::LABELS), T::COUNT);
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
