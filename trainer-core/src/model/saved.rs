//! Saving a model as a directory that Python loads.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use candle_core::{Device, Tensor};
use serde_json::json;

use super::{Model, peft, stored, weights};
use crate::data::{Task, TaskKind};
use crate::error::{Error, ErrorKind, Result};
use crate::tensor::params::Parameters;

/// Writes `config.json` and `model.safetensors` into a directory that exists, and reads the weights back; of a model with
/// adapters these alone, as PEFT does.
///
/// # Errors
/// [`ErrorKind::Io`] if a file cannot be written; [`ErrorKind::Checkpoint`] if it does not read back as written.
pub fn save<T: Task>(model: &impl Model, directory: &Path) -> Result<()> {
    if peft::is_adapted(model.parameters()) {
        return peft::save(model, T::KIND, directory);
    }
    peft::refuse_training_in_fewer_bits(model.parameters())?;
    if let Some(mut config) = model.configuration() {
        if let Some(problem_type) = problem_type(T::KIND) {
            config["problem_type"] = json!(problem_type);
        }
        let path = directory.join("config.json");
        fs::write(&path, format!("{config:#}\n")).map_err(|source| Error::io("write", &path, source))?;
    }
    let parameters = model.parameters();
    write_values(&directory.join("model.safetensors"), &stored::turned(parameters, parameters.values())?)
}

/// Gives a model the values that [`save`] wrote: all of them, or those of its adapters.
///
/// # Errors
/// [`ErrorKind::Model`] if they are of another model; [`ErrorKind::Checkpoint`] if they are of other adapters.
pub(crate) fn restore(parameters: &Parameters, directory: &Path) -> Result<()> {
    if peft::is_adapted(parameters) {
        return peft::restore(parameters, directory);
    }
    let path = directory.join("model.safetensors");
    if !path.is_file() && directory.join(peft::CONFIG_FILE).is_file() {
        let message = format!("{} holds adapters, but this run trains the whole model", directory.display());
        return Err(Error::new(ErrorKind::Checkpoint, message)
            .help("it is of another run: set another `output_dir`, or write `peft = lora(…)` as it was"));
    }
    parameters.set_values(&stored::turned(parameters, weights::read(&path, parameters.device())?)?)
}

/// Writes values to a file, and compares what is read back.
pub(super) fn write_values(path: &Path, values: &BTreeMap<String, Tensor>) -> Result<()> {
    weights::write(path, values)?;
    let back = weights::read(path, &Device::Cpu)?;
    for (name, value) in values {
        let same = back.get(name).is_some_and(|back| back.dims() == value.dims())
            && back[name].flatten_all()?.to_vec1::<f32>()? == value.flatten_all()?.to_vec1::<f32>()?;
        if !same && !has_nan(value)? {
            let message = format!("{}: `{name}` does not read back as it was written", path.display());
            return Err(Error::new(ErrorKind::Checkpoint, message).help("the disk may be full or failing"));
        }
    }
    Ok(())
}

fn has_nan(value: &Tensor) -> Result<bool> {
    Ok(value.flatten_all()?.to_vec1::<f32>()?.iter().any(|value| value.is_nan()))
}

/// What `config.json` calls the task; only heads over whole sequences are told.
fn problem_type(kind: TaskKind) -> Option<&'static str> {
    match kind {
        TaskKind::SequenceClassification => Some("single_label_classification"),
        TaskKind::MultiLabelClassification => Some("multi_label_classification"),
        TaskKind::Regression => Some("regression"),
        _ => None,
    }
}
