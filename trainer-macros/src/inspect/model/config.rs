//! `config.json`: the family, the sizes and the classes of a model.

use serde_json::{Map, Value};

use super::{File, Mistake, Result};

/// What is read of `config.json`.
pub(crate) struct Config {
    pub(crate) model_type: Option<String>,
    /// Each size of [`SIZES`]; none where the file does not say it.
    pub(crate) sizes: Vec<(&'static str, Option<usize>)>,
    /// What of the file decides which tensors there are.
    pub(crate) flags: [(&'static str, Option<bool>); 3],
    pub(crate) num_labels: Option<usize>,
    /// The classes by their numbers; none if they are only placeholders.
    pub(crate) labels: Vec<String>,
}

/// The keys that say sizes: that of most families, and what others call it, which goes first where both are there.
const SIZES: [&[&str]; 15] = [
    &["vocab_size"],
    &["hidden_size", "dim", "n_embd", "d_model"],
    &["embedding_size"],
    &["num_hidden_layers", "n_layers", "n_layer", "encoder_layers", "num_layers"],
    &["num_attention_heads", "n_heads", "n_head", "encoder_attention_heads", "num_heads"],
    &["intermediate_size", "hidden_dim", "n_inner", "encoder_ffn_dim", "d_ff"],
    &["max_position_embeddings", "n_positions"],
    &["type_vocab_size"],
    &["num_key_value_heads"],
    &["head_dim", "d_kv"],
    &["relative_attention_num_buckets"],
    &["decoder_layers", "num_decoder_layers"],
    &["decoder_attention_heads"],
    &["decoder_ffn_dim"],
    &["decoder_vocab_size"],
];

pub(super) fn read(file: &File) -> Result<Config> {
    let fields = object(file)?;
    let mut sizes = Vec::new();
    for spellings in SIZES {
        let [name, ..] = spellings else { continue };
        let Some((key, value)) =
            spellings.iter().rev().find_map(|key| Some((*key, fields.get(*key).filter(|value| !value.is_null())?)))
        else {
            sizes.push((*name, None));
            continue;
        };
        let Some(size) = value.as_u64().and_then(|size| usize::try_from(size).ok()) else {
            let message = format!("{}: `{key}` is {value}, expected a whole number of at least 0", place(file, key));
            return Err(Mistake::new(message, "take `config.json` from where the weights are from"));
        };
        sizes.push((*name, Some(size)));
    }
    let flag = |key: &str| fields.get(key).and_then(Value::as_bool);
    let feed_forward = fields.get("feed_forward_proj").and_then(Value::as_str);
    Ok(Config {
        model_type: fields.get("model_type").and_then(Value::as_str).map(str::to_owned),
        sizes,
        flags: [
            ("tie_word_embeddings", flag("tie_word_embeddings")),
            ("share_encoder_decoder_embeddings", flag("share_encoder_decoder_embeddings")),
            ("has_gate", feed_forward.map(|name| name.starts_with("gated-"))),
        ],
        num_labels: fields.get("num_labels").and_then(Value::as_u64).map(|count| count as usize),
        labels: labels(&fields).unwrap_or_default(),
    })
}

fn labels(fields: &Map<String, Value>) -> Option<Vec<String>> {
    let named = fields.get("id2label")?.as_object()?;
    let name = |id: usize| named.get(&id.to_string())?.as_str().map(str::to_owned);
    let labels: Vec<String> = (0..named.len()).map(name).collect::<Option<_>>()?;
    let is_placeholder = |(id, label): (usize, &String)| *label == format!("LABEL_{id}");
    (!labels.iter().enumerate().all(is_placeholder)).then_some(labels)
}

/// The line on which a key stands, as far as it can be told.
fn place(file: &File, key: &str) -> String {
    let text = String::from_utf8_lossy(&file.bytes);
    match text.find(&format!("\"{key}\"")) {
        Some(start) => format!("{}:{}", file.shown, text.get(..start).unwrap_or_default().matches('\n').count() + 1),
        None => file.shown.clone(),
    }
}

/// The one object in a small file.
pub(super) fn object(file: &File) -> Result<Map<String, Value>> {
    match serde_json::from_slice::<Value>(&file.bytes) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(Mistake::new(
            format!("{}: this is no JSON object", file.shown),
            "the file is one object with a key for each setting",
        )),
        Err(error) => {
            let words = error.to_string();
            let reason = words.rsplit_once(" at line ").map_or(words.as_str(), |(reason, _)| reason);
            let what = if error.is_eof() { "the JSON ends too early" } else { "this is not JSON" };
            Err(Mistake::new(
                format!("{}:{}:{}: {what}: {reason}", file.shown, error.line(), error.column()),
                "the file is damaged, or half written; copy or download it again",
            ))
        }
    }
}
