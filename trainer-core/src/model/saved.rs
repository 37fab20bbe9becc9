//! Saving a model as a directory that Python loads.

use std::fs;
use std::path::Path;

use candle_core::Device;
use serde_json::json;

use super::{Model, weights};
use crate::data::{Task, TaskKind};
use crate::error::{Error, ErrorKind, Result};

/// Writes `config.json` and `model.safetensors` into a directory that exists, and reads the weights back.
///
/// # Errors
/// [`ErrorKind::Io`] if a file cannot be written; [`ErrorKind::Checkpoint`] if it does not read back as written.
pub fn save<T: Task>(model: &impl Model, directory: &Path) -> Result<()> {
    if let Some(mut config) = model.configuration() {
        config["problem_type"] = json!(problem_type(T::KIND));
        let path = directory.join("config.json");
        fs::write(&path, format!("{config:#}\n")).map_err(|source| Error::io("write", &path, source))?;
    }
    let path = directory.join("model.safetensors");
    let values = model.parameters().values();
    weights::write(&path, &values)?;
    let back = weights::read(&path, &Device::Cpu)?;
    for (name, value) in &values {
        let same = back.get(name).is_some_and(|back| back.dims() == value.dims())
            && back[name].flatten_all()?.to_vec1::<f32>()? == value.flatten_all()?.to_vec1::<f32>()?;
        if !same && !has_nan(value)? {
            let message = format!("{}: `{name}` does not read back as it was written", path.display());
            return Err(Error::new(ErrorKind::Checkpoint, message).help("the disk may be full or failing"));
        }
    }
    Ok(())
}

fn has_nan(value: &candle_core::Tensor) -> Result<bool> {
    Ok(value.flatten_all()?.to_vec1::<f32>()?.iter().any(|value| value.is_nan()))
}

fn problem_type(kind: TaskKind) -> &'static str {
    match kind {
        TaskKind::SequenceClassification => "single_label_classification",
        TaskKind::MultiLabelClassification => "multi_label_classification",
        TaskKind::Regression => "regression",
    }
}
