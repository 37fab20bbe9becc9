//! What the heads of encoders share: how they are loaded, and what their `config.json` says.

use candle_core::Tensor;
use serde_json::{Value, json};

use super::{EncoderConfig as _, EncoderFamily, EncoderSettings};
use crate::data::LabelSet;
use crate::error::{ErrorKind, Result};
use crate::model::family::Family;
use crate::model::loading::{HeadFrom, Names, Tensors};
use crate::model::pretrained::Pretrained;
use crate::model::seen::{accepted, head_gives, head_names, num_labels_fits};
use crate::model::{Head, Model};
use crate::tensor::params::Parameters;

/// A head in the files of a model.
pub(super) struct InFiles {
    /// The tensors of a model with this head.
    pub(super) family: &'static Family,
    /// What the names of the head begin with.
    pub(super) names: &'static [&'static str],
    /// The weights that are drawn as PyTorch draws the first it draws, each if none before it is drawn.
    pub(super) drawn: &'static [&'static str],
}

impl InFiles {
    /// What the model calls its tensors.
    pub(super) fn tensors(&self) -> Names {
        Names {
            prefix: self.family.prefix,
            head: self.names,
            other_heads: self.family.other_heads,
            ignored: &["position_ids", "embeddings.token_type_ids"],
        }
    }

    /// The configuration and the tensors of a model; the configuration is judged first: weights of another model would only
    /// say that nothing fits.
    pub(super) fn read<'a, F: EncoderFamily>(
        &self,
        files: &'a Pretrained,
        names: &'a Names,
        from: HeadFrom,
    ) -> Result<(F::Config, EncoderSettings, Tensors<'a>)> {
        let config: F::Config = files.config()?;
        let settings = config.settings().map_err(|error| error.at(files.config_file().display()))?;
        Ok((config, settings, Tensors::read(files, names, from)?.that_may_lack(self.family.may_lack)))
    }

    /// The model that `build` makes of the tensors.
    pub(super) fn model_of<M: Model>(
        &self,
        tensors: Tensors<'_>,
        deviation: f64,
        build: impl FnOnce(Parameters) -> Result<M>,
    ) -> Result<M> {
        let first = self.drawn.iter().find(|name| tensors.get(name).is_none());
        tensors.into_model(build, first.map(|name| (*name, deviation)))
    }

    /// Loads a model whose head is over labels.
    pub(super) fn load<F: EncoderFamily, M: Model>(
        &self,
        files: &Pretrained,
        from: HeadFrom,
        build: impl FnOnce(F::Config, Parameters) -> Result<M>,
    ) -> Result<M> {
        let names = self.tensors();
        let (config, settings, tensors) = self.read::<F>(files, &names, from)?;
        if from == HeadFrom::File {
            let outputs = format!("{}weight", self.family.outputs_of());
            takes_the_head::<F>(files, &config, tensors.get(&outputs), M::HEAD)?;
        }
        self.model_of(tensors, settings.block.initializer_range, |parameters| build(config, parameters))
    }
}

/// That the head in the files is over the labels that the model's head is over.
fn takes_the_head<F: EncoderFamily>(
    files: &Pretrained,
    config: &F::Config,
    outputs: Option<&Tensor>,
    head: Head,
) -> Result<()> {
    if let Some(outputs) = outputs.and_then(|weight| weight.dims().first()) {
        let verdict = head_gives(*outputs, head);
        accepted(verdict, ErrorKind::Model).map_err(|error| error.at(files.weights_file().display()))?;
    }
    let labels = config.labels().unwrap_or_default();
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    let verdict = match config.other().get("num_labels").and_then(Value::as_u64) {
        Some(count) if labels.is_empty() => num_labels_fits(count as usize, head),
        _ => head_names(&labels, head),
    };
    accepted(verdict, ErrorKind::Model).map_err(|error| error.at(files.config_file().display()))
}

/// `config.json` of a model for `task`, such as `ForSequenceClassification`.
pub(super) fn configuration<F: EncoderFamily>(config: &F::Config, task: &str) -> Option<Value> {
    let mut written = serde_json::to_value(config).ok()?;
    let said = config.other().get("model_type").and_then(Value::as_str);
    let class = F::CLASSES.iter().find(|(model_type, _)| said == Some(*model_type)).or(F::CLASSES.first());
    let (model_type, class) = class?;
    written["model_type"] = json!(model_type);
    written["architectures"] = json!([format!("{class}{task}")]);
    written["dtype"] = json!("float32");
    Some(written)
}

/// Names the labels of a head in `config.json`; so many placeholders if there are none.
pub(super) fn name_labels(config: &mut Value, labels: Option<LabelSet>, outputs: usize) {
    let names: Vec<String> = match labels {
        Some(labels) => labels.names.iter().map(|name| (*name).to_owned()).collect(),
        None => (0..outputs).map(|output| format!("LABEL_{output}")).collect(),
    };
    config["id2label"] = names.iter().enumerate().map(|(id, name)| (id.to_string(), json!(name))).collect();
    config["label2id"] = names.iter().enumerate().map(|(id, name)| (name.clone(), json!(id))).collect();
}
