//! How a model says that it writes: `generation_config.json`, or the keys of an older `config.json`.
//!
//! What comes in: the files of a model. What goes out: a [`GenerationConfig`], and the file as it was, to be saved with the
//! model. It refuses values of another kind, and says which settings are not followed here.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::config::{EarlyStopping, GenerationConfig};
use crate::error::{Error, ErrorKind, Result};
use crate::model::pretrained::Pretrained;
use crate::tensor::params::Parameters;

/// What the file is called.
pub(crate) const FILE: &str = "generation_config.json";

/// How a model that was loaded says that it writes.
#[derive(Clone, Debug)]
pub(crate) struct OwnGeneration {
    pub(crate) config: GenerationConfig,
    /// Whether it says how long texts may be.
    pub(crate) says_length: bool,
    /// The id that a decoder begins with, where it is not the one that it was trained with.
    pub(crate) decoder_start: Option<u32>,
    /// What the file holds, if there is one.
    pub(crate) file: Option<Value>,
}

/// Settings that change what is written and that are not followed here, with what changes nothing.
const OTHERS: &[(&str, f64)] = &[
    ("num_return_sequences", 1.0),
    ("num_beam_groups", 1.0),
    ("diversity_penalty", 0.0),
    ("penalty_alpha", 0.0),
    ("min_p", 0.0),
    ("typical_p", 1.0),
    ("epsilon_cutoff", 0.0),
    ("eta_cutoff", 0.0),
    ("encoder_repetition_penalty", 1.0),
    ("encoder_no_repeat_ngram_size", 0.0),
    ("guidance_scale", 1.0),
];

/// The same, which change nothing where they are false, or a list of nothing.
const OTHERS_IF_SAID: &[&str] = &[
    "begin_suppress_tokens",
    "constraints",
    "dola_layers",
    "exponential_decay_length_penalty",
    "force_words_ids",
    "max_time",
    "prompt_lookup_num_tokens",
    "remove_invalid_values",
    "renormalize_logits",
    "sequence_bias",
    "stop_strings",
    "token_healing",
    "top_h",
    "watermarking_config",
];

/// The keys of an object, read one by one.
struct Keys<'a> {
    object: &'a Map<String, Value>,
    file: &'a Path,
}

impl GenerationConfig {
    /// How the model in a local directory, or of this name on the hub, says that it writes: by `generation_config.json`, or
    /// where there is none by `config.json`. What they leave out is as in the [`Default`](GenerationConfig::default).
    ///
    /// Of a model with an encoder, `max_length` and `min_length` say how many tokens are written, and the decoder's start is one
    /// of them; of any other model, where the prompt takes a part, only `max_new_tokens` and `min_new_tokens` do.
    /// `bad_words_ids` of one token each are [`suppress_tokens`](Self::suppress_tokens). `pad_token_id` is left
    /// out: every text is as long as it is. A loaded model begins with the `decoder_start_token_id` of the file. Of settings that
    /// are not followed here a note says so.
    ///
    /// ```no_run
    /// use trainer_core::model::generation::GenerationConfig;
    ///
    /// let config = GenerationConfig { max_new_tokens: 60, ..GenerationConfig::from_pretrained("facebook/bart-large-cnn")? };
    /// # Ok::<(), trainer_core::Error>(())
    /// ```
    ///
    /// Source: `transformers.GenerationConfig.from_pretrained`.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] for a file that is no JSON object, and for a value of another kind; [`ErrorKind::Hub`] without a
    /// connection to the hub.
    pub fn from_pretrained(model: impl AsRef<Path>) -> Result<Self> {
        Ok(own_generation(&Pretrained::open(model.as_ref())?)?.config)
    }
}

/// Keeps beside the parameters how their model says that it writes.
pub(in crate::model) fn keep_own_generation(files: &Pretrained, parameters: &Parameters) -> Result<()> {
    parameters.attach(own_generation(files)?);
    Ok(())
}

fn own_generation(files: &Pretrained) -> Result<OwnGeneration> {
    let config: Map<String, Value> = files.config()?;
    let has_encoder = config.get("is_encoder_decoder").and_then(Value::as_bool) == Some(true);
    let Some(path) = files.optional(FILE)? else {
        return read(&Keys { object: &config, file: files.config_file() }, has_encoder, None, files.place());
    };
    let object = object(&path)?;
    let file = Some(Value::Object(object.clone()));
    read(&Keys { object: &object, file: &path }, has_encoder, file, files.place())
}

fn object(path: &PathBuf) -> Result<Map<String, Value>> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::io("read", path, source))?;
    serde_json::from_str(&text).map_err(|source| {
        Error::new(ErrorKind::Model, "this is no JSON object")
            .help("the file is one object with a key for each setting; copy or download it again")
            .at(format!("{}:{}", path.display(), source.line()))
            .caused_by(source)
    })
}

fn read(keys: &Keys<'_>, has_encoder: bool, file: Option<Value>, place: &str) -> Result<OwnGeneration> {
    let default = GenerationConfig::default();
    // A decoder that looks at a source has read its start; what a prompt takes of a length is not known here.
    let length = |new: &str, all: &str| -> Result<Option<usize>> {
        let all = keys.count(all)?.filter(|_| has_encoder).map(|length| length.saturating_sub(1));
        Ok(keys.count(new)?.or(all))
    };
    let max_new_tokens = length("max_new_tokens", "max_length")?.filter(|tokens| *tokens > 0);
    let mut suppress_tokens = keys.ids("suppress_tokens")?;
    suppress_tokens.extend(keys.single_bad_words());
    let config = GenerationConfig {
        max_new_tokens: max_new_tokens.unwrap_or(default.max_new_tokens),
        min_new_tokens: length("min_new_tokens", "min_length")?.unwrap_or(default.min_new_tokens),
        do_sample: keys.flag("do_sample")?.unwrap_or(default.do_sample),
        temperature: keys.number("temperature")?.unwrap_or(default.temperature),
        top_k: keys.count("top_k")?.unwrap_or(default.top_k),
        top_p: keys.number("top_p")?.unwrap_or(default.top_p),
        repetition_penalty: keys.number("repetition_penalty")?.unwrap_or(default.repetition_penalty),
        no_repeat_ngram_size: keys.count("no_repeat_ngram_size")?.unwrap_or(default.no_repeat_ngram_size),
        num_beams: keys.count("num_beams")?.unwrap_or(default.num_beams),
        length_penalty: keys.number("length_penalty")?.unwrap_or(default.length_penalty),
        early_stopping: keys.early_stopping()?.unwrap_or(default.early_stopping),
        eos_token_id: keys.ids("eos_token_id")?,
        forced_bos_token_id: keys.ids("forced_bos_token_id")?.first().copied(),
        forced_eos_token_id: keys.ids("forced_eos_token_id")?.first().copied(),
        suppress_tokens,
        ..default
    };
    let others = keys.not_followed();
    if !others.is_empty() {
        crate::note(format!("{place}: {} of {} changes nothing here", others.join(", "), keys.file_name()));
    }
    // Each text has one, where there are several.
    let decoder_start = keys.ids("decoder_start_token_id")?.first().copied();
    Ok(OwnGeneration { config, says_length: max_new_tokens.is_some(), decoder_start, file })
}

impl Keys<'_> {
    fn get(&self, key: &str) -> Option<&Value> {
        self.object.get(key).filter(|value| !value.is_null())
    }

    fn file_name(&self) -> &str {
        self.file.file_name().and_then(|name| name.to_str()).unwrap_or_default()
    }

    /// The value of a key, read by a function that knows its kind.
    fn read<T>(&self, key: &str, expected: &str, read: impl Fn(&Value) -> Option<T>) -> Result<Option<T>> {
        let Some(value) = self.get(key) else { return Ok(None) };
        match read(value) {
            Some(value) => Ok(Some(value)),
            None => Err(Error::new(ErrorKind::Model, format!("`{key}` is {value}, expected {expected}"))
                .help("take the file from where the weights are from")
                .at(self.file.display())),
        }
    }

    fn count(&self, key: &str) -> Result<Option<usize>> {
        self.read(key, "a whole number of at least 0", |value| usize::try_from(value.as_u64()?).ok())
    }

    fn number(&self, key: &str) -> Result<Option<f64>> {
        self.read(key, "a number", Value::as_f64)
    }

    fn flag(&self, key: &str) -> Result<Option<bool>> {
        self.read(key, "true or false", Value::as_bool)
    }

    fn early_stopping(&self) -> Result<Option<EarlyStopping>> {
        self.read("early_stopping", "true, false or \"never\"", |value| match value {
            Value::Bool(true) => Some(EarlyStopping::Always),
            Value::Bool(false) => Some(EarlyStopping::WhenUnlikely),
            Value::String(never) if never == "never" => Some(EarlyStopping::Never),
            _ => None,
        })
    }

    /// One id or several.
    fn ids(&self, key: &str) -> Result<Vec<u32>> {
        let id = |value: &Value| u32::try_from(value.as_u64()?).ok();
        let ids = self.read(key, "an id, or a list of ids", |value| match value {
            Value::Array(ids) => ids.iter().map(id).collect(),
            one => id(one).map(|id| vec![id]),
        })?;
        Ok(ids.unwrap_or_default())
    }

    /// The tokens of those `bad_words_ids` that are one token.
    fn single_bad_words(&self) -> Vec<u32> {
        let words = self.get("bad_words_ids").and_then(Value::as_array);
        let one = |word: &Value| match word.as_array()?.as_slice() {
            [token] => u32::try_from(token.as_u64()?).ok(),
            _ => None,
        };
        words.into_iter().flatten().filter_map(one).collect()
    }

    /// What is set that is not followed here.
    fn not_followed(&self) -> Vec<String> {
        let other = |(key, nothing): &&(&str, f64)| {
            self.get(key).and_then(Value::as_f64).is_some_and(|value| (value - nothing).abs() > f64::EPSILON)
        };
        let is_said = |key: &&&str| match self.get(key) {
            None | Some(Value::Bool(false)) => false,
            Some(Value::Array(values)) => !values.is_empty(),
            Some(Value::Object(values)) => !values.is_empty(),
            Some(_) => true,
        };
        let numbers = OTHERS.iter().filter(other).map(|(key, _)| key);
        let others = numbers.chain(OTHERS_IF_SAID.iter().filter(is_said));
        let mut found: Vec<String> = others.map(|key| format!("`{key}`")).collect();
        let words = self.get("bad_words_ids").and_then(Value::as_array).map_or(0, Vec::len);
        if words > self.single_bad_words().len() {
            found.push("`bad_words_ids` of several tokens".to_owned());
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(object: &Value, has_encoder: bool) -> Result<OwnGeneration> {
        let object = object.as_object().expect("an object");
        read(&Keys { object, file: Path::new("model/generation_config.json") }, has_encoder, None, "model")
    }

    #[test]
    fn what_the_file_says_is_taken_and_the_rest_is_the_default() -> Result<()> {
        let said = json!({
            "max_length": 142, "min_length": 56, "num_beams": 4, "early_stopping": true, "length_penalty": 2.0,
            "no_repeat_ngram_size": 3, "forced_bos_token_id": 0, "forced_eos_token_id": [2], "eos_token_id": 2,
            "temperature": null, "bad_words_ids": [[58100], [7, 8]], "suppress_tokens": [5], "decoder_start_token_id": [7, 7],
        });
        let found = of(&said, true)?;
        let expected = GenerationConfig {
            max_new_tokens: 141,
            min_new_tokens: 55,
            num_beams: 4,
            early_stopping: EarlyStopping::Always,
            length_penalty: 2.0,
            no_repeat_ngram_size: 3,
            forced_bos_token_id: Some(0),
            forced_eos_token_id: Some(2),
            eos_token_id: vec![2],
            suppress_tokens: vec![5, 58100],
            ..GenerationConfig::default()
        };
        assert!(found.says_length && found.config == expected, "{:?}", found.config);
        assert_eq!(found.decoder_start, Some(7));
        let said = json!({
            "do_sample": true, "temperature": 0.6, "top_p": 0.9, "eos_token_id": [1, 3], "max_new_tokens": 9, "max_length": 7,
        });
        let found = of(&said, false)?.config;
        assert_eq!((found.do_sample, found.temperature, found.top_p, found.top_k), (true, 0.6, 0.9, 50));
        assert_eq!((found.eos_token_id, found.max_new_tokens), (vec![1, 3], 9));
        let nothing = of(&json!({}), false)?;
        assert!(!nothing.says_length && nothing.config == GenerationConfig::default());
        Ok(())
    }

    #[test]
    fn a_value_of_another_kind_is_refused_with_its_key_and_file() {
        for (said, words) in [
            (json!({ "num_beams": "4" }), "`num_beams` is \"4\", expected a whole number of at least 0"),
            (json!({ "early_stopping": 3 }), "`early_stopping` is 3, expected true, false or \"never\""),
            (json!({ "eos_token_id": [1, -1] }), "`eos_token_id` is [1,-1], expected an id, or a list of ids"),
            (json!({ "do_sample": 1 }), "`do_sample` is 1, expected true or false"),
        ] {
            let message = of(&said, false).map(drop).expect_err(words).to_string();
            assert!(message.starts_with(&format!("model/generation_config.json: {words}")), "{message}");
        }
    }

    #[test]
    fn settings_that_change_nothing_are_not_mentioned() {
        let said = json!({
            "num_return_sequences": 1, "typical_p": 0.9, "bad_words_ids": [[1, 2]], "renormalize_logits": true,
            "sequence_bias": [], "stop_strings": null, "remove_invalid_values": false, "exponential_decay_length_penalty": [9, 1.1],
        });
        let object = said.as_object().expect("an object");
        let keys = Keys { object, file: Path::new(FILE) };
        let expected = [
            "`typical_p`",
            "`exponential_decay_length_penalty`",
            "`renormalize_logits`",
            "`bad_words_ids` of several tokens",
        ];
        assert_eq!(keys.not_followed(), expected);
    }
}
