//! BERT with a head over the pooled first token, for classes or numbers.

use std::marker::PhantomData;
use std::path::Path;

use candle_core::{Device, Tensor};
use serde_json::{Value, json};

use super::{BertConfig, BertModel, FAMILY};
use crate::collate::Batch;
use crate::data::{LabelColumn, Task};
use crate::error::{ErrorKind, Result};
use crate::model::family::Family;
use crate::model::loading::{DEFAULT_SEED, HeadFrom, Names, Tensors};
use crate::model::peft::Module;
use crate::model::pretrained::Pretrained;
use crate::model::seen::{accepted, head_gives, head_names, num_labels_fits};
use crate::model::{Head, Model, Output};
use crate::nn::{self, Dropout, Linear};
use crate::tensor::params::Parameters;
use crate::tensor::random::Mode;

/// BERT with a linear head over the pooled first token.
///
/// `L` is the label of the examples: an enum with `#[derive(ClassLabel)]` for one class or several, `f32` or `[f32; N]`
/// for numbers. The head gives one score for each class, or `N` numbers.
///
/// Source: `transformers.BertForSequenceClassification`.
pub struct BertForSequenceClassification<L> {
    encoder: BertModel,
    dropout: Dropout,
    classifier: Linear,
    config: BertConfig,
    parameters: Parameters,
    label: PhantomData<fn() -> L>,
}

const NAMES: Names = Names {
    prefix: "bert.",
    head: &["classifier."],
    other_heads: &["cls.", "qa_outputs."],
    ignored: &["position_ids"],
};

impl<L: LabelColumn> BertForSequenceClassification<L> {
    /// Loads a model from a local directory, or by its name on the hub.
    ///
    /// Both spellings of the parameters are read: norms as `weight`/`bias` or `gamma`/`beta`, names with and without
    /// `bert.`. A head that the file does not have is drawn from the seed, and said.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] names every other tensor that is missing, unexpected or of another shape, and a head whose
    /// labels are not those of `L`.
    pub fn from_pretrained(model: impl AsRef<Path>) -> Result<Self> {
        Self::load(&Pretrained::open(model.as_ref())?, HeadFrom::File)
    }

    /// As [`from_pretrained`](Self::from_pretrained), leaving the file's head and drawing one for the labels of `L`.
    pub fn from_pretrained_with_new_head(model: impl AsRef<Path>) -> Result<Self> {
        Self::load(&Pretrained::open(model.as_ref())?, HeadFrom::Seed)
    }

    /// A model from scratch: every parameter is drawn from the run's seed.
    pub fn from_config(config: BertConfig) -> Result<Self> {
        Self::build(config, Parameters::new(&Device::Cpu, DEFAULT_SEED))
    }

    /// The model's configuration.
    pub fn config(&self) -> &BertConfig {
        &self.config
    }

    fn load(files: &Pretrained, head: HeadFrom) -> Result<Self> {
        let config: BertConfig = files.config()?;
        // The configuration is judged first: weights of another model would only say that nothing fits.
        config.block().map_err(|error| error.at(files.config_file().display()))?;
        let tensors = Tensors::read(files, &NAMES, head)?;
        if head == HeadFrom::File {
            Self::takes_the_head(files, &config, tensors.get("classifier.weight"))?;
        }
        let deviation = config.initializer_range;
        tensors.into_model(|parameters| Self::build(config, parameters), Some(("classifier.weight", deviation)))
    }

    /// That the head in the files is over the labels of `L`.
    fn takes_the_head(files: &Pretrained, config: &BertConfig, classifier: Option<&Tensor>) -> Result<()> {
        if let Some(outputs) = classifier.and_then(|classifier| classifier.dims().first()) {
            let verdict = head_gives(*outputs, Self::HEAD);
            accepted(verdict, ErrorKind::Model).map_err(|error| error.at(files.weights_file().display()))?;
        }
        let labels = config.labels().unwrap_or_default();
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        let verdict = match config.other.get("num_labels").and_then(Value::as_u64) {
            Some(count) if labels.is_empty() => num_labels_fits(count as usize, Self::HEAD),
            _ => head_names(&labels, Self::HEAD),
        };
        accepted(verdict, ErrorKind::Model).map_err(|error| error.at(files.config_file().display()))
    }

    fn build(config: BertConfig, parameters: Parameters) -> Result<Self> {
        let builder = parameters.builder();
        let encoder = BertModel::new(&config, &builder.pp("bert"))?;
        let outputs = <L::Task as Task>::OUTPUTS;
        let classifier = nn::linear(config.hidden_size, outputs, config.initializer_range, builder.pp("classifier"))?;
        let dropout = Dropout::new(config.classifier_dropout.unwrap_or(config.hidden_dropout_prob), "classifier")?;
        Ok(Self { encoder, dropout, classifier, config, parameters, label: PhantomData })
    }
}

impl<L: LabelColumn> Model for BertForSequenceClassification<L> {
    const HEAD: Head = match <L::Task as Task>::LABELS {
        Some(labels) => Head::Classes(labels),
        None => Head::Values(<L::Task as Task>::OUTPUTS),
    };
    const FAMILY: Option<&'static Family> = Some(&FAMILY);
    const MODULES: &'static [Module<'static>] = super::encoder::MODULES_WITH_CLASSIFIER;

    fn forward(&self, batch: &Batch, mode: Mode) -> Result<Output> {
        let pooled = self.dropout.forward(&self.encoder.pooled(batch, mode)?, mode)?;
        Ok(Output { logits: self.classifier.forward(&pooled)? })
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    fn configuration(&self) -> Option<Value> {
        let mut config = serde_json::to_value(&self.config).ok()?;
        let names: Vec<String> = match <L::Task as Task>::LABELS {
            Some(labels) => labels.names.iter().map(|name| (*name).to_owned()).collect(),
            None => (0..<L::Task as Task>::OUTPUTS).map(|output| format!("LABEL_{output}")).collect(),
        };
        config["model_type"] = json!("bert");
        config["architectures"] = json!(["BertForSequenceClassification"]);
        config["dtype"] = json!("float32");
        config["id2label"] = names.iter().enumerate().map(|(id, name)| (id.to_string(), json!(name))).collect();
        config["label2id"] = names.iter().enumerate().map(|(id, name)| (name.clone(), json!(id))).collect();
        Some(config)
    }

    fn vocabulary_size(&self) -> Option<usize> {
        Some(self.config.vocab_size)
    }

    fn position_limit(&self) -> Option<usize> {
        Some(self.config.max_position_embeddings)
    }
}
