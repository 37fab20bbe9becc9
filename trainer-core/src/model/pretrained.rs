//! A model directory as Hugging Face lays it out: `config.json` and `model.safetensors`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use candle_core::{Device, Tensor};
use serde::de::DeserializeOwned;

use super::weights;
use crate::error::{Error, ErrorKind, Result};

/// The files of a pretrained model.
pub struct Pretrained {
    place: String,
    config: PathBuf,
    weights: PathBuf,
}

impl Pretrained {
    /// The files in a local directory, or of a model on the hub if there is no such directory.
    pub fn open(model: &Path) -> Result<Self> {
        let place = model.display().to_string();
        if model.is_dir() {
            return Ok(Self { place, config: model.join("config.json"), weights: model.join("model.safetensors") });
        }
        let file = |name| crate::hub::file(&place, name);
        Ok(Self { config: file("config.json")?, weights: file("model.safetensors")?, place })
    }

    /// What messages call it.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// `config.json`, as a family reads it.
    pub fn config<C: DeserializeOwned>(&self) -> Result<C> {
        let text = fs::read_to_string(&self.config).map_err(|source| {
            let error = Error::io("read", &self.config, source);
            error.help("a model directory holds `config.json`, `model.safetensors` and `tokenizer.json`")
        })?;
        serde_json::from_str(&text).map_err(|source| {
            Error::new(ErrorKind::Model, source.to_string()).at(self.config.display()).caused_by(source)
        })
    }

    /// Every tensor of the file, by its name there.
    pub fn weights(&self, device: &Device) -> Result<BTreeMap<String, Tensor>> {
        weights::read(&self.weights, device)
    }

    /// Stops unless the model and the file have the same tensors.
    pub fn refuse_differences(&self, missing: &[String], unexpected: &[String]) -> Result<()> {
        if missing.is_empty() && unexpected.is_empty() {
            return Ok(());
        }
        let file = self.weights.display();
        let mut lines = Vec::new();
        if !missing.is_empty() {
            lines.push(format!("{file} lacks {}", missing.join(", ")));
        }
        if !unexpected.is_empty() {
            lines.push(format!("{file} has tensors that this model does not: {}", unexpected.join(", ")));
        }
        Err(Error::new(ErrorKind::Model, lines.join("\n"))
            .help("`config.json` and the weights must be of one model, and of this architecture"))
    }
}
