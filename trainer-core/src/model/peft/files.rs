//! The folder of an adapter as PEFT lays it out: `adapter_config.json` and `adapter_model.safetensors`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use candle_core::Tensor;
use serde_json::{Map, Value, json};

use super::adapted::{Adapted, Adapters, put_on};
use super::lora::Targets;
use super::{BaseModel, Lora, tied};
use crate::data::TaskKind;
use crate::error::{Error, ErrorKind, Result};
use crate::model::stored::{self, Transposed};
use crate::model::{Head, Model, Reads, saved, weights};
use crate::nn::LinearLayers;
use crate::tensor::params::Parameters;

/// What an adapter is, in its folder.
pub(crate) const CONFIG_FILE: &str = "adapter_config.json";
const WEIGHTS_FILE: &str = "adapter_model.safetensors";
/// What PEFT puts in front of every name.
const PREFIX: &str = "base_model.model.";

/// Writes the adapters of a model and the modules that are trained with them, and reads them back.
pub(crate) fn save(model: &impl Model, task: TaskKind, folder: &Path) -> Result<()> {
    let parameters = model.parameters();
    let Some(adapted) = Adapted::of(parameters) else {
        return Err(Error::new(ErrorKind::Model, "the model has no adapters to save"));
    };
    let task_type = model.configuration().and_then(|_| task_type(model, task));
    let is_tied = tied::is_tied_by_peft(model, |name| adapted.saves(name));
    let config = configuration(&adapted, parameters, task_type, is_tied);
    let path = folder.join(CONFIG_FILE);
    fs::write(&path, format!("{config:#}\n")).map_err(|source| Error::io("write", &path, source))?;
    let mut values = parameters.values().into_iter().filter(|(name, _)| adapted.saves(name)).collect();
    if is_tied {
        tied::with_head(&mut values);
    }
    let values = stored::turned(parameters, values)?.into_iter();
    let values = values.map(|(name, value)| (format!("{PREFIX}{name}"), value)).collect();
    saved::write_values(&folder.join(WEIGHTS_FILE), &values)
}

/// What PEFT calls the task; it has no name for that of masked words.
fn task_type<M: Model>(_: &M, task: TaskKind) -> Option<&'static str> {
    Some(match task {
        TaskKind::SequenceClassification | TaskKind::MultiLabelClassification | TaskKind::Regression => "SEQ_CLS",
        TaskKind::TokenClassification => "TOKEN_CLS",
        TaskKind::LanguageModeling | TaskKind::Conversation => match M::HEAD {
            Head::Vocabulary(Reads::Masked) => return None,
            _ => "CAUSAL_LM",
        },
        TaskKind::Seq2Seq => "SEQ_2_SEQ_LM",
    })
}

fn configuration(adapted: &Adapted, parameters: &Parameters, task_type: Option<&str>, is_tied: bool) -> Value {
    let (lora, base) = (&adapted.lora, parameters.attached::<BaseModel>());
    let targets = match &lora.targets {
        Targets::Named(names) => names.clone(),
        Targets::Usual | Targets::AllLinear => names_of(&adapted.layers, parameters),
    };
    // PEFT's own type is a whole number.
    let alpha = if lora.alpha.fract() == 0.0 { json!(lora.alpha as i64) } else { json!(lora.alpha) };
    json!({
        "base_model_name_or_path": base.map(|base| base.0),
        "bias": "none",
        "ensure_weight_tying": is_tied,
        // How the base's files hold the weights that the adapters are on; ours are all of one way.
        "fan_in_fan_out": adapted.layers.iter().any(|layer| Transposed::of(parameters).has_layer(layer)),
        "inference_mode": true,
        "init_lora_weights": true,
        "lora_alpha": alpha,
        "lora_dropout": lora.dropout,
        "modules_to_save": adapted.modules_to_save,
        "peft_type": "LORA",
        "r": lora.r,
        "target_modules": targets,
        "task_type": task_type,
        "use_dora": lora.use_dora,
        "use_rslora": lora.use_rslora,
    })
}

/// The layers by their last names, such as `query`, if these mean no other layer of the model; else by their full names.
fn names_of(layers: &BTreeSet<String>, parameters: &Parameters) -> Vec<String> {
    let last = |name: &str| name.rsplit('.').next().unwrap_or(name).to_owned();
    let short: BTreeSet<String> = layers.iter().map(|name| last(name)).collect();
    let all: LinearLayers = parameters.attached().unwrap_or_default();
    let is_meant = all.keys().all(|name| short.contains(&last(name)) == layers.contains(name));
    if is_meant { short.into_iter().collect() } else { layers.iter().cloned().collect() }
}

/// Puts the adapters of a folder on a model.
pub(super) fn load(model: &impl Model, folder: &Path) -> Result<()> {
    let parameters = model.parameters();
    if Adapted::of(parameters).is_some() {
        return Err(Error::new(ErrorKind::Model, "the model has adapters already")
            .help("load the base model again, or merge its adapters first with `merge_adapter`"));
    }
    let before = parameters.attached::<Adapters>();
    let values = tensors(folder, parameters)?;
    let lora = read_config(folder, &values)?;
    let adapted = put_on(model, &lora).map_err(|error| error.at(folder.join(CONFIG_FILE).display()))?;
    let set = set_values(parameters, &adapted, values);
    if set.is_err() {
        adapted.take_off(parameters);
        match before {
            Some(before) => parameters.attach(before),
            None => parameters.forget::<Adapters>(),
        }
    }
    set.map_err(|error| error.at(folder.join(WEIGHTS_FILE).display()))
}

/// Gives the adapters of a model the values of a folder of adapters like them.
pub(crate) fn restore(parameters: &Parameters, folder: &Path) -> Result<()> {
    let Some(adapted) = Adapted::of(parameters) else {
        return Err(Error::new(ErrorKind::Model, "the model has no adapters"));
    };
    if !folder.join(CONFIG_FILE).is_file() && folder.join("model.safetensors").is_file() {
        let message = format!("{} holds a whole model, but this run trains adapters", folder.display());
        return Err(Error::new(ErrorKind::Checkpoint, message)
            .help("it is of another run: set another `output_dir`, or leave `peft` out"));
    }
    let values = tensors(folder, parameters)?;
    let differences = read_config(folder, &values)?.differences(&adapted.lora);
    if !differences.is_empty() {
        let message = format!("{} has other adapters: {}", folder.display(), differences.join(", "));
        return Err(Error::new(ErrorKind::Checkpoint, message)
            .help("set them back, or start a new run from these adapters with `load_adapter`"));
    }
    set_values(parameters, &adapted, values).map_err(|error| error.at(folder.join(WEIGHTS_FILE).display()))
}

/// Every tensor of the folder, by the name that the parameter has here.
fn tensors(folder: &Path, parameters: &Parameters) -> Result<BTreeMap<String, Tensor>> {
    let path = folder.join(WEIGHTS_FILE);
    let values = weights::read(&path, parameters.device()).map_err(|error| match error.kind() {
        ErrorKind::Io => error.help(format!("the folder of an adapter holds `{CONFIG_FILE}` and `{WEIGHTS_FILE}`")),
        _ => error,
    })?;
    let own_name = |(name, value): (String, Tensor)| match name.strip_prefix(PREFIX) {
        // Some versions of PEFT leave the name of the adapter in, and what wraps a module that is saved.
        Some(own) => {
            let own = own.replace(".modules_to_save", "").replace(".default", "");
            let own = own
                .strip_suffix("lora_magnitude_vector.weight")
                .map_or(own.clone(), |layer| format!("{layer}lora_magnitude_vector"));
            Ok((own, value))
        }
        None => {
            let message = format!("{}: `{name}` does not begin with `{PREFIX}`", path.display());
            Err(Error::new(ErrorKind::Model, message).help("save the adapter with `save_pretrained` of PEFT"))
        }
    };
    let mut values = values.into_iter().map(own_name).collect::<Result<_>>()?;
    tied::without_head(&mut values, parameters);
    stored::turned(parameters, values)
}

/// All saved parameters get their values; a head that the folder does not have stays as it is.
fn set_values(parameters: &Parameters, adapted: &Adapted, values: BTreeMap<String, Tensor>) -> Result<()> {
    let is_there = |name: &str| name.contains(".lora_") || values.contains_key(name);
    let absent: Vec<String> =
        parameters.values().into_keys().filter(|name| adapted.saves(name) && !is_there(name)).collect();
    if !absent.is_empty() {
        crate::note(format!("the adapters come without {}, which stay as they are", absent.join(", ")));
    }
    parameters.set_values_of(|name| adapted.saves(name) && is_there(name), &values)
}

/// Keys that change what an adapter computes, and that must be absent or say nothing.
const NOT_COMPUTED: &[&str] = &[
    "lora_bias",
    "rank_pattern",
    "alpha_pattern",
    "layers_to_transform",
    "exclude_modules",
    "layer_replication",
    "target_parameters",
    "trainable_token_indices",
    "use_qalora",
    "use_bdlora",
    "alora_invocation_tokens",
    "arrow_config",
    "kasa_config",
    "velora_config",
];

/// The ways to begin adapters that leave the base as it is, among those that have a name.
const OF_THE_BASE: &[&str] = &["gaussian", "orthogonal", "eva"];

/// Reads `adapter_config.json`; `values` tell which of the modules that PEFT lists are there.
fn read_config(folder: &Path, values: &BTreeMap<String, Tensor>) -> Result<Lora> {
    let path = folder.join(CONFIG_FILE);
    let text = fs::read_to_string(&path).map_err(|source| Error::io("read", &path, source))?;
    let refuse = |message: String| Error::new(ErrorKind::Model, message).at(path.display());
    let config: Map<String, Value> = serde_json::from_str(&text)
        .map_err(|source| refuse(format!("this is no JSON object: {source}")).caused_by(source))?;
    let says_nothing = |value: &Value| match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    };
    let is_of = |key: &str, wanted: &str| config.get(key).is_none_or(|value| value == wanted);
    if !is_of("peft_type", "LORA") || !is_of("bias", "none") {
        let (key, known) = if is_of("peft_type", "LORA") { ("bias", "none") } else { ("peft_type", "LORA") };
        return Err(refuse(format!("`{key}` is {}, but only \"{known}\" is known here", config[key])));
    }
    if let Some(key) = NOT_COMPUTED.iter().find(|key| config.get(**key).is_some_and(|value| !says_nothing(value))) {
        return Err(refuse(format!("`{key}` is {}, which this version does not compute", config[*key])));
    }
    if let Some(begun) =
        config.get("init_lora_weights").and_then(Value::as_str).filter(|begun| !OF_THE_BASE.contains(begun))
    {
        let message =
            format!("`init_lora_weights` is \"{begun}\": these adapters are of a base that was changed for them");
        return Err(refuse(message).help(
            "save them in Python as adapters of the base as it was, with `path_initial_model_for_weight_conversion`",
        ));
    }
    let number = |key: &str| config.get(key).and_then(Value::as_f64);
    let switch = |key: &str| config.get(key).and_then(Value::as_bool).unwrap_or(false);
    let missing = |key: &str| refuse(format!("`{key}` is missing, or no number"));
    let lora = Lora {
        r: config.get("r").and_then(Value::as_u64).ok_or_else(|| missing("r"))? as usize,
        alpha: number("lora_alpha").ok_or_else(|| missing("lora_alpha"))?,
        dropout: number("lora_dropout").unwrap_or(0.0),
        targets: match config.get("target_modules") {
            Some(Value::Array(names)) => Targets::Named(strings(names)),
            Some(Value::String(all)) if all == "all-linear" => Targets::AllLinear,
            Some(Value::Null) | None => Targets::Usual,
            Some(other) => return Err(refuse(format!("`target_modules` is {other}, expected a list of names"))),
        },
        modules_to_save: Vec::new(),
        use_rslora: switch("use_rslora"),
        use_dora: switch("use_dora"),
        bits: None,
    };
    let mut modules_to_save: Vec<String> =
        config.get("modules_to_save").and_then(Value::as_array).map(|names| strings(names)).unwrap_or_default();
    modules_to_save.sort();
    modules_to_save.dedup();
    // PEFT lists the names that heads have in any model.
    modules_to_save
        .retain(|module| values.keys().any(|name| name.split('.').any(|part| module.split('.').next() == Some(part))));
    Ok(Lora { modules_to_save, ..lora })
}

fn strings(values: &[Value]) -> Vec<String> {
    values.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}
