//! Model directories are looked at while compiling.
//!
//! What comes in: the folder in an attribute. What goes out: [`Seen`], what the compiler has to compare with a trainer, or
//! the first reason why the folder is none of a model. Of `config.json` and the tokenizer only named fields are kept, of
//! the weights only the header is read; nothing is written.

mod config;
mod json;
mod tokenizer;
mod weights;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

pub(crate) use config::Config;
use proc_macro2::Span;
use serde_json::{Map, Value};
pub(crate) use tokenizer::Tokenizer;
pub(crate) use weights::Tensors;

use crate::diagnostics::nearest;

/// What was seen of a model directory.
pub(crate) struct Seen {
    /// What messages call `config.json`, the weights, `tokenizer.json` and `tokenizer_config.json`.
    pub(crate) shown: [String; 4],
    pub(crate) config: Config,
    pub(crate) tensors: Vec<Tensors>,
    /// The name of every tensor, sorted.
    pub(crate) names: Vec<String>,
    pub(crate) tokenizer: Option<Tokenizer>,
    /// The files that must be read again when they change.
    pub(crate) tracked: Vec<PathBuf>,
}

/// Why a folder cannot be looked at.
#[derive(Debug)]
pub(crate) struct Mistake {
    pub(crate) message: String,
    pub(crate) help: String,
}

pub(crate) type Result<T> = std::result::Result<T, Mistake>;

/// A file that was read whole.
struct File {
    path: PathBuf,
    /// What messages call it.
    shown: String,
    bytes: Vec<u8>,
    changed: Option<SystemTime>,
}

impl Mistake {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into() }
    }
}

/// Files above this are not looked at again when they change: the compiler would read all of them.
const MOST_TRACKED: u64 = 16 << 20;

const WEIGHTS: &str = "model.safetensors";
const INDEX: &str = "model.safetensors.index.json";

/// Whether files are looked at while compiling; a package that is published without them turns it off.
pub(crate) fn is_on() -> bool {
    !crate::inspect::is_turned_off(std::env::var("TRAINER_DATA_CHECKS").ok().as_deref())
}

/// Looks at the folder `written`, which begins at the package of the tokens at `span`.
pub(crate) fn look(written: &str, span: Span, needs_tokenizer: bool) -> Result<Seen> {
    let path = Path::new(written);
    let root = crate::inspect::package_root(span).unwrap_or_default();
    let folder = Folder { path: root.join(path), written: written.trim_end_matches('/').to_owned() };
    if !folder.path.is_dir() {
        return Err(folder.is_missing());
    }
    let file = folder.required("config.json")?;
    let config = config::read(&file)?;
    let mut tracked = vec![file.path];
    let (weights, header) = folder.weights(&mut tracked)?;
    let tokenizer = folder.tokenizer(needs_tokenizer, &mut tracked)?;
    Ok(Seen {
        shown: ["config.json", weights, "tokenizer.json", "tokenizer_config.json"].map(|name| folder.show(name)),
        config,
        tensors: weights::together(&header),
        names: header.into_keys().collect(),
        tokenizer,
        tracked,
    })
}

/// The folder of a model.
struct Folder {
    path: PathBuf,
    written: String,
}

impl Folder {
    fn show(&self, name: &str) -> String {
        format!("{}/{name}", self.written)
    }

    fn is_missing(&self) -> Mistake {
        let what = if self.path.is_file() { "is a file, expected the folder of a model" } else { "" };
        if !what.is_empty() {
            return Mistake::new(format!("`{}` {what}", self.written), MADE_OF);
        }
        let message = format!("there is no folder `{}`", self.written);
        let looked = format!("it was looked for at `{}`", self.path.display());
        let (Some(parent), Some(name)) = (self.path.parent(), self.path.file_name().and_then(|name| name.to_str()))
        else {
            return Mistake::new(message, looked);
        };
        let others = names_in(parent, Path::is_dir);
        let help = match nearest(name, others.iter().map(String::as_str)) {
            Some(near) => {
                let near = Path::new(&self.written).with_file_name(near);
                format!("did you mean \"{}\"? {looked}", near.display())
            }
            None => format!("{looked}{}", self.as_a_name_on_the_hub()),
        };
        Mistake::new(message, help)
    }

    /// A folder called as models on the hub are: `bert-base-uncased`, `google/bert`.
    fn as_a_name_on_the_hub(&self) -> &'static str {
        let is_name = |part: &str| {
            !part.is_empty()
                && !part.starts_with('.')
                && part.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter))
        };
        let parts: Vec<&str> = self.written.split('/').collect();
        let is_in_a_folder = parts.len() == 2 && self.path.parent().is_some_and(Path::is_dir);
        if is_in_a_folder || parts.len() > 2 || !parts.into_iter().all(is_name) {
            return "";
        }
        "\nhelp: `model_dir` is a folder of this package; the name of a model on the hub belongs in `from_pretrained`"
    }

    /// A file that must be there.
    fn required(&self, name: &str) -> Result<File> {
        match self.optional(name)? {
            Some(file) => Ok(file),
            None => Err(self.lacks(name)),
        }
    }

    fn optional(&self, name: &str) -> Result<Option<File>> {
        let path = self.path.join(name);
        if !path.is_file() {
            return Ok(None);
        }
        let shown = self.show(name);
        let bytes = fs::read(&path)
            .map_err(|error| Mistake::new(format!("{shown}: cannot be read: {error}"), "who may read the file?"))?;
        let changed = fs::metadata(&path).and_then(|metadata| metadata.modified()).ok();
        Ok(Some(File { path, shown, bytes, changed }))
    }

    fn lacks(&self, name: &str) -> Mistake {
        let message = format!("the folder `{}` has no `{name}`", self.written);
        let others = names_in(&self.path, Path::is_file);
        let at = self.path.display();
        let help = match nearest(name, others.iter().map(String::as_str)) {
            Some(near) => format!("it has `{near}`; rename it, in `{at}`"),
            None if name == WEIGHTS && others.iter().any(|other| other == "pytorch_model.bin") => {
                "it has `pytorch_model.bin`: save it as safetensors from Python first".to_owned()
            }
            None => format!("{MADE_OF}; `{at}` was looked at"),
        };
        Mistake::new(message, help)
    }

    /// The tensors of the weights, and the file that names them.
    fn weights(&self, tracked: &mut Vec<PathBuf>) -> Result<(&'static str, weights::Header)> {
        let path = self.path.join(WEIGHTS);
        if path.is_file() {
            let header = weights::header(&path, &self.show(WEIGHTS))?;
            if fs::metadata(&path).is_ok_and(|metadata| metadata.len() <= MOST_TRACKED) {
                tracked.push(path);
            }
            return Ok((WEIGHTS, header));
        }
        match self.optional(INDEX)? {
            Some(index) => {
                let header = weights::of_index(&config::object(&index)?, &self.path, &index.shown)?;
                tracked.push(index.path);
                Ok((INDEX, header))
            }
            None => Err(self.lacks(WEIGHTS)),
        }
    }

    fn tokenizer(&self, is_needed: bool, tracked: &mut Vec<PathBuf>) -> Result<Option<Tokenizer>> {
        let Some(file) = self.optional("tokenizer.json")? else {
            return if is_needed { Err(self.lacks("tokenizer.json")) } else { Ok(None) };
        };
        let mut fields: Map<String, Value> = Map::new();
        for name in ["tokenizer_config.json", "special_tokens_map.json"] {
            let Some(settings) = self.optional(name)? else { continue };
            for (key, value) in config::object(&settings)? {
                if fields.get(&key).is_none_or(Value::is_null) {
                    fields.insert(key, value);
                }
            }
            tracked.push(settings.path);
        }
        let tokenizer = tokenizer::read(&file, &self.show("tokenizer_config.json"), &fields)?;
        if file.bytes.len() as u64 <= MOST_TRACKED {
            tracked.push(file.path);
        }
        Ok(Some(tokenizer))
    }
}

const MADE_OF: &str = "a model directory holds `config.json`, `model.safetensors` and `tokenizer.json`";

fn names_in(folder: &Path, is_wanted: impl Fn(&Path) -> bool) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter(|entry| is_wanted(&entry.path()))
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort_unstable();
    names
}
