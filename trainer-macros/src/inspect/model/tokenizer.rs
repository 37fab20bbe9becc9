//! `tokenizer.json` and the settings beside it: how many tokens there are, and which one pads.
//!
//! The rules are those of the core's `text::Tokenizer`: what the configuration names is added to the vocabulary, and a
//! folder that names no special token at all has those of the usual names.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use serde_json::{Map, Value};

use super::json::{NotJson, Reader, unescaped};
use super::{File, Mistake, Result};

/// What is read of a tokenizer.
pub(crate) struct Tokenizer {
    pub(crate) vocabulary: usize,
    pub(crate) has_pad_token: bool,
    /// A token that could pad.
    pub(crate) could_pad: Option<String>,
    pub(crate) max_length: Option<usize>,
}

/// What is read of `tokenizer.json` itself.
#[derive(Clone, Default)]
struct Pipeline {
    /// Tokens of the model's vocabulary.
    count: usize,
    /// The tokens asked about that the vocabulary has.
    known: Vec<String>,
    /// Added tokens: the token, its id, whether it is special.
    added: Vec<(String, usize, bool)>,
    /// The token in the settings of padding.
    padding: Option<String>,
}

const ROLES: [&str; 7] = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

/// What a padding token is usually called.
const USUAL_PADS: [&str; 2] = ["[PAD]", "<pad>"];

/// Lengths above this are Hugging Face's way of saying that there is no limit.
const NO_LIMIT: f64 = 1e9;

/// Reads a tokenizer; `config` is where `tokenizer_config.json` is or would be, with its fields and those of
/// `special_tokens_map.json`.
pub(super) fn read(file: &File, config: &str, fields: &Map<String, Value>) -> Result<Tokenizer> {
    let configured = configured(fields);
    let pipeline = pipeline(file, &configured)?;
    let mut new: Vec<&str> = pipeline.added.iter().map(|(token, ..)| token.as_str()).collect();
    new.extend(configured.iter().map(String::as_str));
    new.retain(|token| !pipeline.known.iter().any(|known| known == token));
    new.sort_unstable();
    new.dedup();
    // Ids may have gaps, and a row is needed up to the largest.
    let largest = pipeline.added.iter().map(|(_, id, _)| id.saturating_add(1)).max().unwrap_or(0);

    let named: Vec<(&str, String)> =
        ROLES.iter().filter_map(|role| Some((*role, content(fields.get(*role)?)?.to_owned()))).collect();
    let of = |role: &str| named.iter().find(|(named, _)| *named == role).map(|(_, token)| token.clone());
    let usual = |names: &[&str]| {
        let special = |name: &&&str| pipeline.added.iter().any(|(token, _, special)| *special && token == **name);
        names.iter().find(special).filter(|_| named.is_empty()).map(|name| (*name).to_owned())
    };
    let has = |token: &str| new.contains(&token) || pipeline.known.iter().any(|known| known == token);
    let named_pad = of("pad_token");
    let pad = USUAL_PADS.iter().find(|token| has(token)).map(|token| (*token).to_owned());
    let end = of("eos_token").or_else(|| usual(&["</s>", "[EOS]", "<|endoftext|>"]));
    let unknown = || of("unk_token").or_else(|| usual(&["[UNK]", "<unk>", "<|endoftext|>"]));
    Ok(Tokenizer {
        vocabulary: pipeline.count.saturating_add(new.len()).max(largest),
        has_pad_token: match &named_pad {
            Some(token) => !token.is_empty(),
            None => usual(&USUAL_PADS).is_some() || pipeline.padding.as_deref().is_some_and(has),
        },
        could_pad: pad.or(end).or_else(unknown),
        max_length: max_length(config, fields)?,
    })
}

/// Every token that the configuration names.
fn configured(fields: &Map<String, Value>) -> Vec<String> {
    let mut tokens: Vec<&str> = Vec::new();
    if let Some(Value::Object(by_id)) = fields.get("added_tokens_decoder") {
        tokens.extend(by_id.values().filter_map(content));
    }
    tokens.extend(ROLES.iter().filter_map(|role| content(fields.get(*role)?)));
    for list in ["additional_special_tokens", "extra_special_tokens"] {
        match fields.get(list) {
            Some(Value::Array(list)) => tokens.extend(list.iter().filter_map(content)),
            Some(Value::Object(named)) => tokens.extend(named.values().filter_map(content)),
            _ => {}
        }
    }
    tokens.into_iter().filter(|token| !token.is_empty()).map(str::to_owned).collect()
}

/// A token as a JSON file writes it: a text, or an object with `content`.
fn content(value: &Value) -> Option<&str> {
    value.as_str().or_else(|| value.get("content")?.as_str())
}

fn max_length(config: &str, fields: &Map<String, Value>) -> Result<Option<usize>> {
    match fields.get("model_max_length") {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_f64() {
            Some(number) if number >= NO_LIMIT => Ok(None),
            Some(number) if number >= 1.0 && number.fract() == 0.0 => Ok(Some(number as usize)),
            _ => Err(Mistake::new(
                format!("{config}: `model_max_length` cannot be {value}"),
                "write the most tokens a text may have, such as 512",
            )),
        },
    }
}

/// A file as it was when it was read, and the tokens asked about.
type Seen = (PathBuf, Option<SystemTime>, usize, Vec<String>);

/// What was read before in this process: several trainers may name one directory, and an editor expands again and again.
static READ: Mutex<Vec<(Seen, Pipeline)>> = Mutex::new(Vec::new());

fn pipeline(file: &File, configured: &[String]) -> Result<Pipeline> {
    let seen: Seen = (file.path.clone(), file.changed, file.bytes.len(), configured.to_vec());
    let mut cache = READ.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, pipeline)) = cache.iter().find(|(earlier, _)| *earlier == seen && seen.1.is_some()) {
        return Ok(pipeline.clone());
    }
    let pipeline = scan(&file.bytes, configured).map_err(|error| {
        let (place, what) = error.describe(&file.bytes);
        Mistake::new(
            format!("{}:{place}: not a tokenizer that can be read: {what}", file.shown),
            "the file is damaged, half written, or of another kind; copy or download it again",
        )
    })?;
    cache.retain(|(earlier, _)| earlier.0 != seen.0);
    cache.push((seen, pipeline.clone()));
    Ok(pipeline)
}

/// Where in a file stands what is read of it.
#[derive(Default)]
struct Places {
    added: Option<Range<usize>>,
    padding: Option<Range<usize>>,
    /// The tokens of the vocabulary, without their quotes.
    vocabulary: Vec<Range<usize>>,
}

fn scan(bytes: &[u8], configured: &[String]) -> std::result::Result<Pipeline, NotJson> {
    let places = places(bytes)?;
    let value = |place: Option<Range<usize>>| serde_json::from_slice(bytes.get(place?)?).ok();
    let mut pipeline = Pipeline { count: places.vocabulary.len(), ..Pipeline::default() };
    if let Some(Value::Array(tokens)) = value(places.added) {
        pipeline.added.extend(tokens.iter().filter_map(|token| {
            let id = token.get("id")?.as_u64().and_then(|id| usize::try_from(id).ok())?;
            let special = token.get("special").and_then(Value::as_bool) == Some(true);
            Some((token.get("content")?.as_str()?.to_owned(), id, special))
        }));
    }
    let padding: Option<Value> = value(places.padding);
    pipeline.padding = padding.and_then(|padding| Some(padding.get("pad_token")?.as_str()?.to_owned()));
    let asked = pipeline.added.iter().map(|(token, ..)| token).chain(configured).chain(&pipeline.padding);
    let mut asked: Vec<String> = asked.cloned().chain(USUAL_PADS.map(str::to_owned)).collect();
    asked.sort_unstable();
    let mut lengths = [false; 256];
    for token in &asked {
        if let Some(has) = lengths.get_mut(token.len().min(255)) {
            *has = true;
        }
    }
    for place in places.vocabulary {
        let raw = bytes.get(place).unwrap_or_default();
        // Most tokens are as long as none that is asked about; one with an escape is longer than it reads.
        if (lengths.get(raw.len().min(255)).is_some_and(|has| *has) || raw.contains(&b'\\'))
            && let Some(token) = unescaped(raw)
            && asked.binary_search(&token).is_ok()
        {
            pipeline.known.push(token);
        }
    }
    Ok(pipeline)
}

/// One pass over the file; the vocabulary is an object of tokens and ids, or a list of tokens with scores.
fn places(bytes: &[u8]) -> std::result::Result<Places, NotJson> {
    let mut places = Places::default();
    let mut reader = Reader::new(bytes);
    reader.fields(|reader, key| {
        match bytes.get(key).unwrap_or_default() {
            b"added_tokens" => places.added = Some(reader.value()?),
            b"padding" => places.padding = Some(reader.value()?),
            b"model" => reader.fields(|reader, key| match bytes.get(key).unwrap_or_default() {
                b"vocab" => vocabulary(reader, &mut places.vocabulary),
                _ => reader.value().map(drop),
            })?,
            _ => {
                reader.value()?;
            }
        }
        Ok(())
    })?;
    reader.end()?;
    Ok(places)
}

fn vocabulary(reader: &mut Reader<'_>, tokens: &mut Vec<Range<usize>>) -> std::result::Result<(), NotJson> {
    if !reader.is_at_list() {
        return reader.fields(|reader, token| {
            tokens.push(token);
            reader.value().map(drop)
        });
    }
    reader.items(|reader| {
        let mut first = None;
        reader.items(|reader| {
            let part = reader.value()?;
            first.get_or_insert(part.start + 1..part.end.saturating_sub(1));
            Ok(())
        })?;
        tokens.extend(first);
        Ok(())
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that panics has failed")]
mod tests {
    use super::*;

    fn tokenizer(json: &str, config: &Value) -> Result<Tokenizer> {
        let file = File { path: PathBuf::new(), shown: "tokenizer.json".to_owned(), bytes: json.into(), changed: None };
        read(&file, "tokenizer_config.json", config.as_object().unwrap())
    }

    const WORDS: &str = r#"{"version": "1.0", "added_tokens": [
        {"id": 0, "content": "[PAD]", "special": true}, {"id": 9, "content": "<new>", "special": false}],
        "model": {"type": "WordPiece", "vocab": {"[PAD]": 0, "a": 1, "\u00e9": 2}, "unk_token": "a"}}"#;

    #[test]
    fn tokens_are_counted_with_those_that_were_added() {
        let seen = tokenizer(WORDS, &serde_json::json!({})).unwrap();
        assert_eq!((seen.vocabulary, seen.has_pad_token, seen.max_length), (10, true, None));
        let list = r#"{"added_tokens": [], "model": {"vocab": [["<unk>", 0.0], ["a", -1.5], ["b]", -2]]}}"#;
        let config =
            serde_json::json!({"eos_token": "</s>", "unk_token": {"content": "<unk>"}, "model_max_length": 1e30});
        let seen = tokenizer(list, &config).unwrap();
        assert_eq!((seen.vocabulary, seen.has_pad_token, seen.could_pad.as_deref()), (4, false, Some("</s>")));
    }

    #[test]
    fn a_padding_token_is_named_by_the_configuration_or_by_the_settings_of_padding() {
        let named = serde_json::json!({"unk_token": "a"});
        assert!(!tokenizer(WORDS, &named).unwrap().has_pad_token);
        let padded = WORDS.replacen('{', r#"{"padding": {"pad_token": "a"}, "#, 1);
        assert!(tokenizer(&padded, &named).unwrap().has_pad_token);
        assert!(tokenizer(WORDS, &serde_json::json!({"pad_token": "a"})).unwrap().has_pad_token);
    }

    #[test]
    fn a_damaged_file_is_refused_at_its_place() {
        let mistake = tokenizer(&WORDS[..WORDS.len() - 3], &serde_json::json!({})).err().unwrap();
        assert!(mistake.message.starts_with("tokenizer.json:3:"), "{}", mistake.message);
        assert!(mistake.message.ends_with("the JSON ends too early"), "{}", mistake.message);
        let mistake = tokenizer(WORDS, &serde_json::json!({"model_max_length": "512"})).err().unwrap();
        assert_eq!(mistake.message, "tokenizer_config.json: `model_max_length` cannot be \"512\"");
    }
}
