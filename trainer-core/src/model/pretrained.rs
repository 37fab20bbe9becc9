//! A model directory as Hugging Face lays it out: `config.json` and `model.safetensors`, or several files and their index.

use std::fs;
use std::path::{Path, PathBuf};

use candle_core::Device;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::seen::ONE_MODEL;
use super::weights::{self, Take};
use super::{peft, shards};
use crate::error::{Error, ErrorKind, Result};

/// The file of all weights.
const WEIGHTS: &str = "model.safetensors";

/// What a folder of a model is made of, to say in messages.
const FILES_OF_A_MODEL: &str = "a model directory holds `config.json`, `model.safetensors` and `tokenizer.json`";

/// The files of a pretrained model.
pub struct Pretrained {
    place: String,
    config: PathBuf,
    /// The file of all weights, or the index of several.
    weights: PathBuf,
    /// Whether the files are of the hub, and not beside each other in a folder of the user's.
    is_of_the_hub: bool,
}

impl Pretrained {
    /// The files in a local directory, or of a model on the hub if there is no such directory.
    pub fn open(model: &Path) -> Result<Self> {
        let place = model.display().to_string();
        if model.is_dir() {
            refuse_adapters(model, &place)?;
            let (one, index) = (model.join(WEIGHTS), model.join(shards::INDEX));
            let weights = if !one.is_file() && index.is_file() { index } else { one };
            return Ok(Self { place, config: model.join("config.json"), weights, is_of_the_hub: false });
        }
        if model.is_file() {
            let message = format!("`{place}` is a file, expected the folder of a model");
            return Err(Error::new(ErrorKind::Model, message).help(FILES_OF_A_MODEL));
        }
        let config = crate::hub::file(&place, "config.json")?;
        let weights = match crate::hub::optional_file(&place, WEIGHTS)? {
            Some(one) => one,
            None => match crate::hub::optional_file(&place, shards::INDEX)? {
                Some(index) => index,
                None => crate::hub::file(&place, WEIGHTS)?,
            },
        };
        Ok(Self { config, weights, place, is_of_the_hub: true })
    }

    /// What messages call it.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Where `config.json` is.
    pub fn config_file(&self) -> &Path {
        &self.config
    }

    /// Where `model.safetensors` is, or the index of several files.
    pub fn weights_file(&self) -> &Path {
        &self.weights
    }

    /// `config.json`, as a family reads it.
    pub fn config<C: DeserializeOwned>(&self) -> Result<C> {
        let text = fs::read_to_string(&self.config)
            .map_err(|source| Error::io("read", &self.config, source).help(FILES_OF_A_MODEL))?;
        let object: Map<String, Value> = serde_json::from_str(&text).map_err(|source| self.not_json(source))?;
        serde_json::from_value(Value::Object(object.clone())).map_err(|source| {
            let error = self.wrong_value::<C>(&object, &text, &source);
            error.caused_by(source)
        })
    }

    /// Names the key whose value is of another type, and its line.
    fn wrong_value<C: DeserializeOwned>(
        &self,
        object: &Map<String, Value>,
        text: &str,
        source: &serde_json::Error,
    ) -> Error {
        let file = self.config.display();
        let alone = |(key, value): &(&String, &Value)| {
            serde_json::from_value::<C>(Value::Object(Map::from_iter([((*key).clone(), (*value).clone())]))).is_err()
        };
        let Some((key, value)) = object.iter().find(alone) else {
            return Error::new(ErrorKind::Model, source.to_string()).at(file);
        };
        let reason = source.to_string();
        let expected = match reason.rsplit_once(", expected ").map(|(_, expected)| expected) {
            Some("usize" | "u32") => ", expected a whole number of at least 0",
            Some("f64") => ", expected a number",
            Some("a string") => ", expected a text",
            _ => "",
        };
        let error = Error::new(ErrorKind::Model, format!("`{key}` is {value}{expected}"));
        match text.find(&format!("\"{key}\"")) {
            Some(start) => error.at(format!("{file}:{}", text[..start].matches('\n').count() + 1)),
            None => error.at(file),
        }
    }

    fn not_json(&self, source: serde_json::Error) -> Error {
        if source.is_data() {
            return Error::new(ErrorKind::Model, "this is no JSON object")
                .help("`config.json` is one object with a key for each setting")
                .at(self.config.display())
                .caused_by(source);
        }
        let (message, place) = (source.to_string(), format!("{}:{}", self.config.display(), source.line()));
        let reason = message.rsplit_once(" at line ").map_or(message.as_str(), |(reason, _)| reason);
        let what = if source.is_eof() { "the JSON ends too early" } else { "this is not JSON" };
        Error::new(ErrorKind::Model, format!("{what}: {reason}"))
            .help("the file is damaged, or half written; copy or download it again")
            .at(place)
            .caused_by(source)
    }

    /// Hands on every tensor of the file or files, by its name there, before the next one is read.
    pub(super) fn each_weight(&self, device: &Device, take: Take<'_>) -> Result<()> {
        let is_index = self.weights.file_name().is_some_and(|name| name == shards::INDEX);
        let read = if is_index {
            shards::each(&self.weights, |name| self.beside_the_weights(name), device, take)
        } else {
            weights::each(&self.weights, device, take)
        };
        read.map_err(|error| match error.kind() {
            ErrorKind::Io => error.help(FILES_OF_A_MODEL),
            _ => error,
        })
    }

    fn beside_the_weights(&self, name: &str) -> Result<PathBuf> {
        if self.is_of_the_hub {
            return crate::hub::file(&self.place, name);
        }
        Ok(self.weights.with_file_name(name))
    }

    /// Stops unless the model and the file have the same tensors.
    pub fn refuse_differences(&self, missing: &[String], unexpected: &[String]) -> Result<()> {
        if missing.is_empty() && unexpected.is_empty() {
            return Ok(());
        }
        let file = self.weights.display();
        let mut lines = Vec::new();
        if !missing.is_empty() {
            lines.push(format!("{file} lacks {}", quoted(missing)));
        }
        if !unexpected.is_empty() {
            lines.push(format!("{file} has tensors that this model does not: {}", quoted(unexpected)));
        }
        Err(Error::new(ErrorKind::Model, lines.join("\n")).help(ONE_MODEL))
    }
}

/// The folder of an adapter is no model by itself.
fn refuse_adapters(model: &Path, place: &str) -> Result<()> {
    if !model.join(peft::CONFIG_FILE).is_file() || model.join("config.json").is_file() {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Model, format!("`{place}` holds adapters, not a whole model"))
        .help("load the base model with `from_pretrained`, then the adapters with `load_adapter`"))
}

/// The names in backticks; only as many as someone reads.
fn quoted(names: &[String]) -> String {
    const SHOWN: usize = 12;
    let mut list: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    if names.len() > SHOWN {
        list.push(format!("and {} more", names.len() - SHOWN));
    }
    list.join(", ")
}
