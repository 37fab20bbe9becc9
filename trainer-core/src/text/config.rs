//! The files beside `tokenizer.json`: `tokenizer_config.json`, `special_tokens_map.json` and the chat template.
//!
//! What comes in: the folder's JSON files, kept whole so that saving loses nothing. What goes out: the settings that
//! this crate uses. It refuses a file that is not JSON, or whose settings have another type than they should.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use serde_json::{Map, Value};

use super::Side;
use super::chat_template::ChatTemplate;
use crate::error::{Error, ErrorKind, Result};

/// Lengths above this are Hugging Face's way of saying that there is no limit (`VERY_LARGE_INTEGER`, 1e30).
const NO_LIMIT: f64 = 1e9;

/// Where the files of a tokenizer are; all but the first may be absent.
#[derive(Clone, Debug)]
pub(super) struct Files {
    pub(super) tokenizer: PathBuf,
    pub(super) config: Option<PathBuf>,
    pub(super) special_tokens_map: Option<PathBuf>,
    pub(super) chat_template: Option<PathBuf>,
}

pub(super) const TOKENIZER: &str = "tokenizer.json";
pub(super) const CONFIG: &str = "tokenizer_config.json";
pub(super) const SPECIAL_TOKENS_MAP: &str = "special_tokens_map.json";
pub(super) const CHAT_TEMPLATE: &str = "chat_template.jinja";

impl Files {
    /// The files beside this `tokenizer.json`.
    pub(super) fn beside(tokenizer: &Path) -> Self {
        let there = |name: &str| Some(tokenizer.with_file_name(name)).filter(|path| path.is_file());
        Self {
            tokenizer: tokenizer.to_path_buf(),
            config: there(CONFIG),
            special_tokens_map: there(SPECIAL_TOKENS_MAP),
            chat_template: there(CHAT_TEMPLATE),
        }
    }
}

/// What `tokenizer_config.json` says, and what else is saved beside the tokenizer.
#[derive(Clone, Debug)]
pub(super) struct Config {
    /// Every key of the file, as it was read.
    pub(super) fields: Map<String, Value>,
    pub(super) model_max_length: Option<usize>,
    pub(super) padding_side: Option<Side>,
    pub(super) truncation_side: Option<Side>,
    /// The text of `chat_template.jinja`, which is saved again as it is.
    pub(super) chat_template_file: Option<String>,
    /// The file that it was read from; `None` when the program gave it.
    pub(super) chat_template_path: Option<PathBuf>,
    /// The chat template once it was read; clones share it.
    pub(super) compiled_chat_template: Arc<OnceLock<ChatTemplate>>,
}

impl Config {
    /// The settings in `fields`, which were read from `path`.
    pub(super) fn new(fields: Map<String, Value>, path: &Path) -> Result<Self> {
        Ok(Self {
            model_max_length: length(&fields, "model_max_length", path)?,
            padding_side: side(&fields, "padding_side", path)?,
            truncation_side: side(&fields, "truncation_side", path)?,
            chat_template_file: None,
            chat_template_path: None,
            compiled_chat_template: Arc::default(),
            fields,
        })
    }

    /// Reads the files that are there; the roles of special tokens in `special_tokens_map.json` fill what
    /// `tokenizer_config.json` leaves open.
    pub(super) fn read(files: &Files) -> Result<Self> {
        let path = files.config.clone().unwrap_or_else(|| files.tokenizer.with_file_name(CONFIG));
        let mut fields = files.config.as_deref().map_or_else(|| Ok(Map::new()), read_object)?;
        if let Some(map) = files.special_tokens_map.as_deref() {
            for (role, token) in read_object(map)? {
                if fields.get(&role).is_none_or(Value::is_null) {
                    fields.insert(role, token);
                }
            }
        }
        let mut config = Self::new(fields, &path)?;
        if let Some(path) = files.chat_template.as_deref() {
            let text = fs::read_to_string(path).map_err(|source| Error::io("read", path, source))?;
            config.chat_template_file = Some(text);
            config.chat_template_path = Some(path.to_path_buf());
        }
        Ok(config)
    }

    /// The chat template: the file beside the tokenizer, else the one in `tokenizer_config.json` (the one named
    /// `default` if there are several).
    pub(super) fn chat_template(&self) -> Option<&str> {
        if let Some(text) = &self.chat_template_file {
            return Some(text);
        }
        match self.fields.get("chat_template")? {
            Value::String(text) => Some(text),
            Value::Array(named) => {
                let default = named.iter().find(|entry| entry.get("name").and_then(Value::as_str) == Some("default"));
                default?.get("template")?.as_str()
            }
            _ => None,
        }
    }

    /// Where the chat template stands, for messages.
    pub(super) fn place_of_chat_template(&self) -> String {
        match &self.chat_template_path {
            Some(path) => format!("`{}`", path.display()),
            None => "the chat template".to_owned(),
        }
    }

    /// Takes another chat template, in place of those that were read.
    pub(super) fn set_chat_template(&mut self, template: String) {
        self.fields.shift_remove("chat_template");
        self.chat_template_file = Some(template);
        self.chat_template_path = None;
        self.compiled_chat_template = Arc::default();
    }

    /// Whether the setting `name` is there and true.
    pub(super) fn is_true(&self, name: &str) -> bool {
        self.fields.get(name).and_then(Value::as_bool) == Some(true)
    }
}

fn length(fields: &Map<String, Value>, name: &str, path: &Path) -> Result<Option<usize>> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_f64() {
            Some(number) if number >= NO_LIMIT => Ok(None),
            Some(number) if number >= 1.0 && number.fract() == 0.0 => Ok(Some(number as usize)),
            _ => Err(wrong_value(path, name, value, "write the most tokens a text may have, such as 512")),
        },
    }
}

fn side(fields: &Map<String, Value>, name: &str, path: &Path) -> Result<Option<Side>> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_str().and_then(Side::from_name) {
            Some(side) => Ok(Some(side)),
            None => Err(wrong_value(path, name, value, "write \"left\" or \"right\"")),
        },
    }
}

fn wrong_value(path: &Path, name: &str, value: &Value, help: &str) -> Error {
    Error::new(ErrorKind::Text, format!("{}: `{name}` cannot be {value}", path.display())).help(help)
}

/// The JSON object in the file `path`.
fn read_object(path: &Path) -> Result<Map<String, Value>> {
    let bytes = fs::read(path).map_err(|source| Error::io("read", path, source))?;
    serde_json::from_slice(&bytes).map_err(|source| {
        Error::new(ErrorKind::Text, format!("{}: not a JSON object that can be read: {source}", path.display()))
            .help("the file is damaged, or half written; copy or download it again")
            .caused_by(source)
    })
}
