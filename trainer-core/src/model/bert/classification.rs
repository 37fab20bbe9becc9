//! BERT with a head over the pooled first token, for classes or numbers.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::path::Path;

use candle_core::{Device, Tensor};
use serde_json::{Value, json};

use super::{BertConfig, BertModel, FAMILY};
use crate::collate::Batch;
use crate::data::{LabelColumn, Task};
use crate::error::{Error, ErrorKind, Result};
use crate::model::family::Family;
use crate::model::peft::{BaseModel, Module};
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

/// The seed of fresh parameters until a run says another.
const DEFAULT_SEED: u64 = 42;

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
        let mut values = BTreeMap::new();
        let mut other_heads = Vec::new();
        // As the file spells them, for messages.
        let mut spelled: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in files.weights(&Device::Cpu)? {
            let canonical = match canonical_name(&name) {
                _ if name.ends_with("position_ids") => continue,
                Name::Classifier if head == HeadFrom::Seed => continue,
                Name::OtherHead => {
                    other_heads.push(name);
                    continue;
                }
                Name::Classifier => name.clone(),
                Name::Encoder(canonical) => canonical,
            };
            if let Some(other) = spelled.insert(canonical.clone(), name.clone()) {
                let file = files.weights_file().display();
                let message = format!("{file} has one tensor twice: as `{other}` and as `{name}`");
                return Err(Error::new(ErrorKind::Model, message).help("save it under one of these names"));
            }
            values.insert(canonical, value);
        }
        if head == HeadFrom::File {
            Self::takes_the_head(files, &config, values.get("classifier.weight"))?;
        }
        if !other_heads.is_empty() {
            crate::note(format!(
                "{}: the head for another task is not used: {}",
                files.place(),
                other_heads.join(", ")
            ));
        }
        let model = Self::build(config, Parameters::from_values(&Device::Cpu, DEFAULT_SEED, values))
            .map_err(|error| error.at(files.place()))?;
        let (fresh, missing): (Vec<String>, Vec<String>) =
            model.parameters.initialised().into_iter().partition(|name| name.starts_with("classifier."));
        let unused = model.parameters.unused_values();
        let unused: Vec<String> = unused.iter().filter_map(|name| spelled.get(name).cloned()).collect();
        files.refuse_differences(&missing, &unused)?;
        if !fresh.is_empty() {
            model.parameters.draw_as_torch("classifier.weight", model.config.initializer_range)?;
            crate::note(format!("{} has no {}: drawn from the seed, to be trained", files.place(), fresh.join(", ")));
        }
        model.parameters.attach(BaseModel(files.place().to_owned()));
        Ok(model)
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

#[derive(Clone, Copy, PartialEq, Eq)]
enum HeadFrom {
    File,
    Seed,
}

/// Where a tensor of a file belongs.
enum Name {
    /// The encoder, under this name.
    Encoder(String),
    /// The head of sequence classification.
    Classifier,
    /// The head of another task, such as masked words.
    OtherHead,
}

fn canonical_name(name: &str) -> Name {
    if name.starts_with("classifier.") {
        return Name::Classifier;
    }
    if name.starts_with("cls.") || name.starts_with("qa_outputs.") {
        return Name::OtherHead;
    }
    let name = name.strip_prefix("bert.").unwrap_or(name);
    let name = match name.strip_suffix(".gamma") {
        Some(norm) => format!("{norm}.weight"),
        None => name.strip_suffix(".beta").map_or_else(|| name.to_owned(), |norm| format!("{norm}.bias")),
    };
    Name::Encoder(format!("bert.{name}"))
}
