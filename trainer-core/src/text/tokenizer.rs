//! A tokenizer and what it knows about itself: its vocabulary, its special tokens, its sides and its limit.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use tokenizers::{AddedToken, ModelWrapper, PaddingDirection, TruncationDirection};

use super::config::{self, Config, Files};
use super::padding::padding_has_a_token;
use super::special::{self, ROLES, SpecialToken, SpecialTokens};
use super::{PaddingSettings, Side};
use crate::args::rules::Verdict;
use crate::error::{Error, ErrorKind, Result};
use crate::hub;

/// Turns texts into token ids and back: the tokenizer of a Hugging Face model, or one trained on the user's texts.
///
/// Truncation and padding settings inside a `tokenizer.json` are not used: what happens to a text is what the caller
/// asks for. Cloning is cheap.
#[derive(Clone)]
pub struct Tokenizer {
    pub(super) pipeline: Arc<tokenizers::Tokenizer>,
    pub(super) config: Config,
    special_tokens: SpecialTokens,
    /// Where it came from, for messages: a folder, a hub id, or empty when it was trained here.
    origin: PathBuf,
    padding_side: Side,
    truncation_side: Side,
    pad_type_id: u32,
}

impl Tokenizer {
    /// The tokenizer in a folder, or of a model on the Hugging Face hub (downloaded once, then from the cache).
    ///
    /// `source` is a folder if there is one of that name, else a hub id such as `bert-base-uncased`. The cache is
    /// Hugging Face's own (`HF_HOME`, `HF_ENDPOINT`, `HF_TOKEN` and `HF_HUB_OFFLINE` are honoured).
    ///
    /// # Errors
    /// No such folder and no such model, no connection, or files that cannot be read.
    pub fn from_pretrained(source: impl AsRef<str>) -> Result<Self> {
        let source = source.as_ref();
        if Path::new(source).is_dir() {
            return Self::from_dir(source);
        }
        let files = Files {
            tokenizer: hub::file(source, config::TOKENIZER)?,
            config: hub::optional_file(source, config::CONFIG)?,
            special_tokens_map: hub::optional_file(source, config::SPECIAL_TOKENS_MAP)?,
            chat_template: hub::optional_file(source, config::CHAT_TEMPLATE)?,
        };
        Self::read(&files)
    }

    /// The tokenizer in the folder `path`: its `tokenizer.json`, and the settings beside it.
    pub fn from_dir(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let file = path.join(config::TOKENIZER);
        if file.is_file() {
            return Self::from_file(file);
        }
        let shown = path.display();
        if !path.is_dir() {
            return Err(Error::new(ErrorKind::Text, format!("there is no folder `{shown}`"))
                .help("give the folder that holds `tokenizer.json`"));
        }
        let old = ["vocab.txt", "vocab.json", "spiece.model", "sentencepiece.bpe.model", "tokenizer.model"];
        let error = Error::new(ErrorKind::Text, format!("the folder `{shown}` has no `tokenizer.json`"));
        Err(match old.iter().find(|name| path.join(name).is_file()) {
            Some(name) => error.help(format!(
                "it has `{name}`, the older format; convert it once in Python: \
                 AutoTokenizer.from_pretrained(\"{shown}\").save_pretrained(\"{shown}\")"
            )),
            None => error.help("copy it from the model's page on the hub, together with `tokenizer_config.json`"),
        })
    }

    /// The tokenizer in this `tokenizer.json`, with the settings in the files beside it.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self> {
        Self::read(&Files::beside(path.as_ref()))
    }

    fn read(files: &Files) -> Result<Self> {
        let path = files.tokenizer.as_path();
        let bytes = fs::read(path).map_err(|source| Error::io("read", path, source))?;
        let pipeline = tokenizers::Tokenizer::from_bytes(bytes).map_err(|source| {
            Error::new(ErrorKind::Text, format!("{}: not a tokenizer that can be read: {source}", path.display()))
                .help("the file is damaged, half written, or of another kind; copy or download it again")
                .caused_by(source)
        })?;
        Self::assemble(pipeline, Config::read(files)?, path.parent().unwrap_or(path).to_path_buf())
    }

    /// Puts a pipeline and its settings together: gives the special tokens their roles, as Hugging Face does.
    pub(super) fn assemble(mut pipeline: tokenizers::Tokenizer, config: Config, origin: PathBuf) -> Result<Self> {
        let padding = pipeline.get_padding().cloned();
        let truncation = pipeline.get_truncation().cloned();
        pipeline.with_padding(None);
        pipeline.with_truncation(None).map_err(cannot_add)?;

        add_configured_tokens(&mut pipeline, &config)?;
        let side_of_padding = padding.as_ref().map(|padding| match padding.direction {
            PaddingDirection::Left => Side::Left,
            PaddingDirection::Right => Side::Right,
        });
        let side_of_truncation = truncation.map(|truncation| match truncation.direction {
            TruncationDirection::Left => Side::Left,
            TruncationDirection::Right => Side::Right,
        });
        let type_id = config.fields.get("pad_token_type_id").and_then(Value::as_u64);
        let type_id = type_id.and_then(|id| u32::try_from(id).ok());
        Ok(Self {
            special_tokens: roles(&pipeline, &config, padding.as_ref().map(|padding| padding.pad_token.as_str())),
            padding_side: config.padding_side.or(side_of_padding).unwrap_or(Side::Right),
            truncation_side: config.truncation_side.or(side_of_truncation).unwrap_or(Side::Right),
            pad_type_id: type_id.or(padding.map(|padding| padding.pad_type_id)).unwrap_or(0),
            pipeline: Arc::new(pipeline),
            config,
            origin,
        })
    }

    /// How many ids there are: the model's vocabulary and the added tokens. A model needs as many embedding rows.
    pub fn vocabulary_size(&self) -> usize {
        // Ids may have gaps (a token added with an id of its own), and a row is needed up to the largest.
        let largest = self.pipeline.get_added_vocabulary().get_added_tokens_decoder().keys().max();
        self.pipeline.get_vocab_size(true).max(largest.map_or(0, |&id| id as usize + 1))
    }

    /// The id of a token of the vocabulary.
    pub fn token_to_id(&self, token: &str) -> Option<u32> {
        self.pipeline.token_to_id(token)
    }

    /// The token that has this id.
    pub fn id_to_token(&self, id: u32) -> Option<String> {
        self.pipeline.id_to_token(id)
    }

    /// The special tokens by their role.
    pub fn special_tokens(&self) -> &SpecialTokens {
        &self.special_tokens
    }

    /// Counts a token among the special ones without a role.
    pub(super) fn list_special_token(&mut self, token: SpecialToken) {
        self.special_tokens.additional.push(token);
    }

    /// The id that stands for what the vocabulary does not have; `None` when it can spell every text.
    pub fn unknown_id(&self) -> Option<u32> {
        if let Some(token) = &self.special_tokens.unk_token {
            return Some(token.id);
        }
        let token = match self.pipeline.get_model() {
            ModelWrapper::WordPiece(model) => Some(model.unk_token.as_str()),
            ModelWrapper::WordLevel(model) => Some(model.unk_token.as_str()),
            ModelWrapper::BPE(model) => model.unk_token.as_deref(),
            ModelWrapper::Unigram(_) => None,
        };
        self.token_to_id(token?)
    }

    /// The most tokens that the model was made for (`model_max_length`); `None` when the files do not say.
    pub fn max_length(&self) -> Option<usize> {
        self.config.model_max_length
    }

    /// Sets the most tokens that the model was made for; saved as `model_max_length`.
    pub fn set_max_length(&mut self, length: usize) {
        self.config.model_max_length = Some(length);
        self.config.fields.insert("model_max_length".to_owned(), length.into());
    }

    /// What to pad with, and on which side.
    ///
    /// # Errors
    /// A tokenizer without padding token, as of many models that continue texts.
    pub fn padding(&self) -> Result<PaddingSettings> {
        let Some(pad) = &self.special_tokens.pad_token else {
            let place = self.place();
            let usual = special::usual_names("pad_token").iter().find(|token| self.token_to_id(token).is_some());
            let other = self.special_tokens.eos_token.as_ref().or(self.special_tokens.unk_token.as_ref());
            let token = usual.copied().or(other.map(|token| token.token.as_str()));
            let error = match padding_has_a_token(&place, false, token) {
                Verdict::Refused { message, help } => Error::new(ErrorKind::Text, message.as_str()).help(help.as_str()),
                Verdict::Accepted => Error::new(ErrorKind::Text, "texts must be padded"),
            };
            let token = token.unwrap_or("</s>");
            return Err(error.help(format!("or call `tokenizer.set_pad_token(\"{token}\")?`")));
        };
        Ok(PaddingSettings { id: pad.id, type_id: self.pad_type_id, token: pad.token.clone(), side: self.padding_side })
    }

    /// Where its settings stand, for messages.
    pub(super) fn place(&self) -> String {
        if self.origin.as_os_str().is_empty() {
            "this tokenizer".to_owned()
        } else {
            format!("`{}`", self.origin.join(config::CONFIG).display())
        }
    }

    /// Takes a token of the vocabulary as the padding token.
    ///
    /// # Errors
    /// A token that the vocabulary does not have: a new one would have no embedding in the model.
    pub fn set_pad_token(&mut self, token: &str) -> Result<()> {
        let Some(id) = self.token_to_id(token) else {
            let known: Vec<String> = ROLES
                .iter()
                .filter_map(|role| self.special_tokens.of(role))
                .map(|t| format!("`{}`", t.token))
                .collect();
            return Err(Error::new(ErrorKind::Text, format!("`{token}` is no token of this tokenizer"))
                .help(format!("take one of the vocabulary; its special tokens are {}", known.join(", "))));
        };
        Arc::make_mut(&mut self.pipeline).add_special_tokens([AddedToken::from(token, true)]).map_err(cannot_add)?;
        self.special_tokens.additional.retain(|token| token.id != id);
        self.special_tokens.set("pad_token", SpecialToken { token: token.to_owned(), id });
        self.config.fields.insert("pad_token".to_owned(), token.into());
        Ok(())
    }

    /// The side on which texts are padded.
    pub fn padding_side(&self) -> Side {
        self.padding_side
    }

    /// Pads on this side from now on.
    pub fn set_padding_side(&mut self, side: Side) {
        self.padding_side = side;
        self.config.fields.insert("padding_side".to_owned(), side.name().into());
    }

    /// The side of a text that truncation takes away.
    pub fn truncation_side(&self) -> Side {
        self.truncation_side
    }

    /// Truncates on this side from now on.
    pub fn set_truncation_side(&mut self, side: Side) {
        self.truncation_side = side;
        self.config.fields.insert("truncation_side".to_owned(), side.name().into());
    }

    /// Whether the model that it belongs to takes `token_type_ids` (by `model_input_names`; true if that is not said).
    pub fn uses_token_type_ids(&self) -> bool {
        let names = self.config.fields.get("model_input_names").and_then(Value::as_array);
        names.is_none_or(|names| names.iter().any(|name| name.as_str() == Some("token_type_ids")))
    }

    /// All that its tokens follow from, except for the side of truncation, as `tokenizer.json` says it; `None` if it gives
    /// other tokens for the same text each time.
    pub(crate) fn written(&self) -> Option<String> {
        match self.pipeline.get_model() {
            ModelWrapper::BPE(model) if model.dropout.is_some_and(|share| share > 0.0) => None,
            _ => self.pipeline.to_string(false).ok(),
        }
    }

    /// The Jinja template that lays out a conversation, as it stands in the files.
    pub fn chat_template(&self) -> Option<&str> {
        self.config.chat_template()
    }
}

impl fmt::Debug for Tokenizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokenizer")
            .field("origin", &self.origin)
            .field("vocabulary_size", &self.vocabulary_size())
            .field("special_tokens", &self.special_tokens)
            .finish_non_exhaustive()
    }
}

/// Tells the pipeline of every token that the configuration names and `tokenizer.json` does not, as Hugging Face does
/// when it loads: first the added tokens by id, then the special ones.
fn add_configured_tokens(pipeline: &mut tokenizers::Tokenizer, config: &Config) -> Result<()> {
    let mut tokens: Vec<AddedToken> = Vec::new();
    if let Some(Value::Object(by_id)) = config.fields.get("added_tokens_decoder") {
        let mut listed: Vec<(u64, AddedToken)> = by_id
            .iter()
            .filter_map(|(id, token)| Some((id.parse().ok()?, special::token_from_json(token, false)?)))
            .collect();
        listed.sort_by_key(|(id, _)| *id);
        tokens.extend(listed.into_iter().map(|(_, token)| token));
    }
    let roles = ROLES.iter().filter_map(|role| config.fields.get(*role));
    let lists = ["additional_special_tokens", "extra_special_tokens"].into_iter().filter_map(|k| config.fields.get(k));
    let listed = lists.flat_map(|list| match list {
        Value::Array(list) => list.iter().collect(),
        Value::Object(named) => named.values().collect(),
        _ => Vec::new(),
    });
    tokens.extend(roles.chain(listed).filter_map(|value| special::token_from_json(value, true)));

    for token in tokens {
        let known = pipeline.get_added_vocabulary().get_vocab().contains_key(&token.content);
        if !known && !token.content.is_empty() {
            let added = if token.special { pipeline.add_special_tokens([token]) } else { pipeline.add_tokens([token]) };
            added.map_err(cannot_add)?;
        }
    }
    Ok(())
}

/// Which token has which role: as the configuration says; if it names none at all, by their usual names.
fn roles(pipeline: &tokenizers::Tokenizer, config: &Config, padding: Option<&str>) -> SpecialTokens {
    let mut tokens = SpecialTokens::default();
    let mut assign = |role: &str, token: &str| {
        if let Some(id) = pipeline.token_to_id(token) {
            tokens.set(role, SpecialToken { token: token.to_owned(), id });
        }
    };
    let named: Vec<(&str, String)> = ROLES
        .iter()
        .filter_map(|role| Some((*role, special::token_from_json(config.fields.get(*role)?, true)?.content)))
        .collect();
    for (role, token) in &named {
        assign(role, token);
    }
    let added = pipeline.get_added_vocabulary();
    if named.is_empty() {
        for role in ROLES {
            if let Some(name) = special::usual_names(role).iter().find(|name| added.is_special_token(name)) {
                assign(role, name);
            }
        }
    }
    if let Some(token) = padding.filter(|_| !named.iter().any(|(role, _)| *role == "pad_token")) {
        assign("pad_token", token);
    }
    let with_role = tokens.ids();
    let mut rest: Vec<SpecialToken> = added
        .get_added_tokens_decoder()
        .iter()
        .filter(|(id, token)| token.special && !with_role.contains(id))
        .map(|(&id, token)| SpecialToken { token: token.content.clone(), id })
        .collect();
    rest.sort_by_key(|token| token.id);
    tokens.additional = rest;
    tokens
}

fn cannot_add(source: tokenizers::Error) -> Error {
    Error::new(ErrorKind::Text, format!("the tokenizer cannot be set up: {source}")).caused_by(source)
}
