//! Saving, so that Python's `AutoTokenizer` loads what this crate used.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::Tokenizer;
use super::config::{CHAT_TEMPLATE, CONFIG, TOKENIZER};
use super::special::ROLES;
use crate::error::{Error, ErrorKind, Result};

/// The class that reads any `tokenizer.json`, in every version of transformers.
const GENERAL_CLASS: &str = "PreTrainedTokenizerFast";

/// What transformers 5 calls [`GENERAL_CLASS`]; earlier versions do not know that name.
const GENERAL_CLASS_SINCE_5: &str = "TokenizersBackend";

impl Tokenizer {
    /// Writes `tokenizer.json`, `tokenizer_config.json` and, if there is one, `chat_template.jinja` into `dir`, which is
    /// made if it is not there. Settings that were loaded and not changed are written as they were.
    ///
    /// # Errors
    /// A folder or file that cannot be written.
    pub fn save(&self, dir: impl AsRef<Path>) -> Result<()> {
        let dir = dir.as_ref();
        fs::create_dir_all(dir).map_err(|source| Error::io("create the folder", dir, source))?;
        let cannot_write = |source: Box<dyn std::error::Error + Send + Sync>| {
            Error::new(ErrorKind::Text, format!("the tokenizer cannot be written: {source}")).caused_by(source)
        };
        let pipeline = self.pipeline.to_string(true).map_err(cannot_write)?;
        let config =
            serde_json::to_string_pretty(&self.saved_config()).map_err(|source| cannot_write(source.into()))?;
        write(&dir.join(TOKENIZER), &pipeline)?;
        write(&dir.join(CONFIG), &(config + "\n"))?;
        if let Some(template) = self.template_of_its_own_file() {
            write(&dir.join(CHAT_TEMPLATE), template)?;
        }
        Ok(())
    }

    /// The chat template that goes into `chat_template.jinja`: the only one there is. Several with names stay where they are.
    fn template_of_its_own_file(&self) -> Option<&str> {
        let in_config = self.config.fields.get("chat_template").and_then(Value::as_str);
        self.config.chat_template_file.as_deref().or(in_config)
    }

    /// The fields of `tokenizer_config.json`: those that were loaded, and what Python needs besides.
    fn saved_config(&self) -> Value {
        let mut fields = self.config.fields.clone();
        if self.template_of_its_own_file().is_some() {
            fields.shift_remove("chat_template");
        }
        let class = fields.get("tokenizer_class").and_then(Value::as_str);
        if class.is_none_or(|class| class == GENERAL_CLASS_SINCE_5) {
            fields.insert("tokenizer_class".to_owned(), GENERAL_CLASS.into());
        }
        for role in ROLES {
            if let Some(token) = self.special_tokens().of(role)
                && fields.get(role).is_none_or(Value::is_null)
            {
                fields.insert(role.to_owned(), token.token.as_str().into());
            }
        }
        for (key, side) in [("padding_side", self.padding_side()), ("truncation_side", self.truncation_side())] {
            fields.insert(key.to_owned(), side.name().into());
        }
        match self.max_length() {
            Some(length) => fields.insert("model_max_length".to_owned(), length.into()),
            // Python writes "no limit" as an integer of 31 digits, and takes it when the key is missing.
            None => fields.shift_remove("model_max_length"),
        };
        Value::Object(fields)
    }
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).map_err(|source| Error::io("write", path, source))
}
