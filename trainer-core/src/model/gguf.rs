//! Weights in GGUF files, as llama.cpp reads and writes them.
//!
//! What comes in: one file with the numbers of a Llama, quantised in any way, and its sizes. What goes out: the model, its
//! weights as `f32`, to be trained and saved like any other. It refuses files of other architectures, rotary positions that are
//! scaled, and tensors that are missing or left over.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use candle_core::quantized::gguf_file::{Content, Value};
use candle_core::{Device, Tensor};
use serde_json::{Map, json};

use super::Model as _;
use super::causal::CausalFamily as _;
use super::llama::{LlamaConfig, LlamaForCausalLM};
use super::packing::Packing;
use super::peft::{BaseModel, Bits};
use crate::error::{Error, ErrorKind, Result};

/// The one architecture that is read here; files of Mistral and SmolLM2 are of it too.
const ARCHITECTURE: &str = "llama";

/// What files call the tensors outside of the blocks, and the model.
const OUTER: [(&str, &str); 3] = [
    ("token_embd.weight", "model.embed_tokens.weight"),
    ("output_norm.weight", "model.norm.weight"),
    ("output.weight", "lm_head.weight"),
];

/// What files call the parts of a block, and the model.
const INNER: [(&str, &str); 9] = [
    ("attn_norm", "input_layernorm"),
    ("attn_q", "self_attn.q_proj"),
    ("attn_k", "self_attn.k_proj"),
    ("attn_v", "self_attn.v_proj"),
    ("attn_output", "self_attn.o_proj"),
    ("ffn_norm", "post_attention_layernorm"),
    ("ffn_gate", "mlp.gate_proj"),
    ("ffn_up", "mlp.up_proj"),
    ("ffn_down", "mlp.down_proj"),
];

impl LlamaForCausalLM {
    /// Loads a model from a GGUF file: its weights become `f32`, its sizes are read from the file too. The tokenizer is not.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] if the file cannot be read; [`ErrorKind::Model`] for a file of another kind or architecture, and with
    /// the names of tensors that are missing or unexpected.
    pub fn from_gguf(file: impl AsRef<Path>) -> Result<Self> {
        Self::load_gguf(file.as_ref(), None)
    }

    /// As [`from_gguf`](Self::from_gguf), with the weights of the blocks kept in 8 or 4 bits, as
    /// [`from_pretrained_in`](Self::from_pretrained_in) does.
    ///
    /// # Errors
    /// As [`from_gguf`](Self::from_gguf).
    pub fn from_gguf_in(file: impl AsRef<Path>, bits: Bits) -> Result<Self> {
        Self::load_gguf(file.as_ref(), Some(bits))
    }

    fn load_gguf(path: &Path, bits: Option<Bits>) -> Result<Self> {
        let place = path.display().to_string();
        let mut reader = BufReader::new(File::open(path).map_err(|source| Error::io("read", path, source))?);
        let content = Content::read(&mut reader).map_err(|source| {
            let message = format!("this is no whole GGUF file: {source}");
            Error::new(ErrorKind::Model, message).help("copy or download it again").at(&place).caused_by(source)
        })?;
        let config = configuration(&content).map_err(|error| error.at(&place))?;
        let mut packing = bits.map(|bits| Packing::new(bits, LlamaConfig::MODULES));
        let mut values = BTreeMap::new();
        for name in content.tensor_infos.keys() {
            let Some(known) = own_name(name) else { return Err(unexpected(name).at(&place)) };
            let value =
                content.tensor(&mut reader, name, &Device::Cpu).and_then(|value| value.dequantize(&Device::Cpu));
            let value = value.map_err(|source| {
                let message = format!("`{name}` cannot be read: {source}");
                Error::new(ErrorKind::Model, message).help("copy or download the file again").at(&place)
            })?;
            let value = halves_together(&known, value, &config)?;
            let value = match &mut packing {
                Some(packing) => packing.take(&known, value)?,
                None => Some(value),
            };
            values.extend(value.map(|value| (known, value)));
        }
        let model = Self::from_values(config, values, packing.as_ref()).map_err(|error| error.at(&place))?;
        let parameters = model.parameters();
        let (missing, unused) = (parameters.initialised(), parameters.unused_values());
        if let Some(name) = missing.first().or(unused.first()) {
            let what = if missing.is_empty() { "has a tensor that the model does not" } else { "lacks a tensor" };
            let message = format!("the file {what}: `{name}`");
            return Err(Error::new(ErrorKind::Model, message).help("take a whole file of one model").at(place));
        }
        parameters.attach(BaseModel(place));
        Ok(model)
    }
}

/// What the file says of its model.
fn configuration(content: &Content) -> Result<LlamaConfig> {
    let get = |key: &str| content.metadata.get(key);
    let text = |key: &str| get(key).and_then(|value| value.to_string().ok()).map(String::as_str);
    let architecture = text("general.architecture").unwrap_or("of no name");
    if architecture != ARCHITECTURE {
        let message = format!("the model is \"{architecture}\", but only \"{ARCHITECTURE}\" is read from GGUF files");
        return Err(Error::new(ErrorKind::Model, message).help("take its folder with `config.json` and safetensors"));
    }
    if let Some(kind) = text("llama.rope.scaling.type").filter(|kind| *kind != "none") {
        let message = format!("rotary positions are scaled (\"{kind}\"), which is not computed here");
        return Err(Error::new(ErrorKind::Model, message));
    }
    let of_llama = |key: &str| get(&format!("llama.{key}"));
    let size = |key: &str| of_llama(key).and_then(whole);
    let needed = |key: &str| {
        let missing = || Error::new(ErrorKind::Model, format!("the file does not say `llama.{key}`"));
        size(key).ok_or_else(missing)
    };
    let number = |key: &str| of_llama(key).and_then(|value| value.to_f32().ok()).map(decimal);
    let token = |key: &str| get(&format!("tokenizer.ggml.{key}_token_id")).and_then(whole).map(|id| id as u32);
    let heads = needed("attention.head_count")?;
    let rows = |name: &str| content.tensor_infos.get(name).and_then(|info| info.shape.dims().first().copied());
    let has = |name: &str| content.tensor_infos.contains_key(name);
    let vocabulary = rows("token_embd.weight").ok_or_else(|| {
        Error::new(ErrorKind::Model, "the file lacks `token_embd.weight`").help("take a whole file of one model")
    })?;
    let mut other = Map::new();
    if let Some(padding) = token("padding") {
        other.insert("pad_token_id".to_owned(), json!(padding));
    }
    let config = LlamaConfig {
        vocab_size: vocabulary,
        hidden_size: needed("embedding_length")?,
        intermediate_size: needed("feed_forward_length")?,
        num_hidden_layers: needed("block_count")?,
        num_attention_heads: heads,
        num_key_value_heads: Some(size("attention.head_count_kv").unwrap_or(heads)),
        head_dim: size("attention.key_length"),
        max_position_embeddings: needed("context_length")?,
        rms_norm_eps: number("attention.layer_norm_rms_epsilon").unwrap_or(1e-5),
        rope_theta: Some(number("rope.freq_base").unwrap_or(10_000.0)),
        tie_word_embeddings: !has("output.weight"),
        attention_bias: has("blk.0.attn_q.bias"),
        mlp_bias: has("blk.0.ffn_up.bias"),
        bos_token_id: token("bos"),
        eos_token_id: token("eos").map(|id| json!(id)),
        other,
        ..LlamaConfig::default()
    };
    config.description()?;
    Ok(config)
}

/// A whole number, in whatever type the file has it.
fn whole(value: &Value) -> Option<usize> {
    let signed = || value.to_i64().or_else(|_| value.to_i32().map(i64::from)).ok();
    let unsigned = value.to_u64().ok().or_else(|| signed().and_then(|number| u64::try_from(number).ok()));
    unsigned.and_then(|number| usize::try_from(number).ok())
}

/// The number as it was written before it was rounded to `f32`: 1e-5, and not 9.99999974e-6.
fn decimal(number: f32) -> f64 {
    number.to_string().parse().unwrap_or(f64::from(number))
}

/// The model's name of a tensor of the file.
fn own_name(name: &str) -> Option<String> {
    if let Some((_, own)) = OUTER.iter().find(|(theirs, _)| *theirs == name) {
        return Some((*own).to_owned());
    }
    let (block, rest) = name.strip_prefix("blk.")?.split_once('.')?;
    let (part, kind) = rest.rsplit_once('.')?;
    let (_, own) = INNER.iter().find(|(theirs, _)| *theirs == part)?;
    Some(format!("model.layers.{block}.{own}.{kind}"))
}

fn unexpected(name: &str) -> Error {
    let error = Error::new(ErrorKind::Model, format!("the file has a tensor that the model does not: `{name}`"));
    if name == "rope_freqs.weight" {
        return error.help("the rotary positions of this model are scaled, which is not computed here");
    }
    error.help("only files of Llama and its kin are read")
}

/// Queries and keys as the model turns them: the first half of a head's numbers with the second. Files have the two that
/// are turned together side by side.
fn halves_together(name: &str, value: Tensor, config: &LlamaConfig) -> Result<Tensor> {
    let heads = if name.contains(".self_attn.q_proj.") {
        config.num_attention_heads
    } else if name.contains(".self_attn.k_proj.") {
        config.num_key_value_heads.unwrap_or(config.num_attention_heads)
    } else {
        return Ok(value);
    };
    let shape = value.shape().clone();
    let rows = shape.dims().first().copied().unwrap_or(0);
    if heads == 0 || !rows.is_multiple_of(2 * heads) {
        let message = format!("`{name}` has {rows} rows, which {heads} heads of pairs cannot share equally");
        return Err(Error::new(ErrorKind::Model, message));
    }
    let pairs = value.reshape((heads, rows / heads / 2, 2, ()))?;
    Ok(pairs.transpose(1, 2)?.contiguous()?.reshape(shape)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_those_of_the_model() {
        for (name, own) in [
            ("blk.12.attn_q.weight", Some("model.layers.12.self_attn.q_proj.weight")),
            ("blk.0.ffn_norm.weight", Some("model.layers.0.post_attention_layernorm.weight")),
            ("blk.3.attn_k.bias", Some("model.layers.3.self_attn.k_proj.bias")),
            ("output.weight", Some("lm_head.weight")),
            ("blk.0.attn_qkv.weight", None),
            ("rope_freqs.weight", None),
        ] {
            assert_eq!(own_name(name).as_deref(), own, "{name}");
        }
    }

    #[test]
    fn pairs_that_stand_side_by_side_come_into_halves() -> Result<()> {
        let config = LlamaConfig { num_attention_heads: 2, num_key_value_heads: Some(1), ..LlamaConfig::default() };
        let rows = Tensor::new(&[0f32, 1., 2., 3., 4., 5., 6., 7.], &Device::Cpu)?;
        let turned = |name: &str| halves_together(name, rows.clone(), &config)?.to_vec1::<f32>().map_err(Error::from);
        assert_eq!(turned("model.layers.0.self_attn.q_proj.bias")?, [0., 2., 1., 3., 4., 6., 5., 7.]);
        assert_eq!(turned("model.layers.0.self_attn.k_proj.bias")?, [0., 2., 4., 6., 1., 3., 5., 7.]);
        assert_eq!(turned("model.layers.0.self_attn.v_proj.bias")?, [0., 1., 2., 3., 4., 5., 6., 7.]);
        Ok(())
    }

    #[test]
    fn a_number_is_what_it_was_before_it_was_rounded() {
        assert_eq!(decimal(1e-5).to_bits(), 1e-5f64.to_bits());
        assert_eq!(decimal(1e5).to_bits(), 1e5f64.to_bits());
    }
}
