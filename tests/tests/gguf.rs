//! GGUF files give the model that they hold.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use candle_core::quantized::gguf_file::{self, Value};
use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{DType, Device, Tensor};
use trainer_core::Result;
use trainer_core::collate::Batch;
use trainer_core::model::generation::{Generate as _, GenerationConfig};
use trainer_core::model::{LlamaForCausalLM, Model, weights};
use trainer_core::prelude::Tokenizer;
use trainer_core::tensor::random::Mode;
use trainer_tests::fixtures;

/// The names of a file for those of the fixture.
const NAMES: [(&str, &str); 12] = [
    ("model.embed_tokens", "token_embd"),
    ("model.norm", "output_norm"),
    ("lm_head", "output"),
    ("input_layernorm", "attn_norm"),
    ("post_attention_layernorm", "ffn_norm"),
    ("self_attn.q_proj", "attn_q"),
    ("self_attn.k_proj", "attn_k"),
    ("self_attn.v_proj", "attn_v"),
    ("self_attn.o_proj", "attn_output"),
    ("mlp.gate_proj", "ffn_gate"),
    ("mlp.up_proj", "ffn_up"),
    ("mlp.down_proj", "ffn_down"),
];

fn folder() -> PathBuf {
    fixtures().join("models/llama-untied")
}

/// Row `2 i + j` of a head is row `i` of half `j`: what llama.cpp's converter does to queries and keys.
fn interleaved(weight: &Tensor, heads: usize) -> Result<Tensor> {
    let rows = weight.to_vec2::<f32>()?;
    let size = rows.len() / heads;
    let from = |row: usize| (row / size) * size + (row % size % 2) * (size / 2) + row % size / 2;
    let rows: Vec<Vec<f32>> = (0..rows.len()).map(|row| rows[from(row)].clone()).collect();
    Ok(Tensor::new(rows, &Device::Cpu)?)
}

fn metadata() -> BTreeMap<String, Value> {
    let count = |number| Value::U32(number);
    BTreeMap::from(
        [
            ("general.architecture", Value::String("llama".to_owned())),
            ("llama.block_count", count(2)),
            ("llama.context_length", count(64)),
            ("llama.embedding_length", count(32)),
            ("llama.feed_forward_length", count(64)),
            ("llama.attention.head_count", count(4)),
            ("llama.attention.head_count_kv", count(2)),
            ("llama.attention.layer_norm_rms_epsilon", Value::F32(1e-6)),
            ("llama.rope.freq_base", Value::F32(10000.0)),
            ("tokenizer.ggml.eos_token_id", count(2)),
        ]
        .map(|(key, value)| (key.to_owned(), value)),
    )
}

/// The tensors of the fixture as a file has them, in the type `dtype`.
fn tensors(dtype: GgmlDType) -> Result<BTreeMap<String, QTensor>> {
    let mut tensors = BTreeMap::new();
    for (name, value) in weights::read(&folder().join("model.safetensors"), &Device::Cpu)? {
        let mut theirs = name.replace("model.layers.", "blk.");
        for (own, other) in NAMES {
            theirs = theirs.replace(own, other);
        }
        let value = match theirs.as_str() {
            name if name.contains("attn_q") => interleaved(&value, 4)?,
            name if name.contains("attn_k") => interleaved(&value, 2)?,
            _ => value,
        };
        let dtype = if value.rank() == 1 { GgmlDType::F32 } else { dtype };
        tensors.insert(theirs, QTensor::quantize(&value, dtype)?);
    }
    Ok(tensors)
}

fn write(path: &Path, metadata: &BTreeMap<String, Value>, tensors: &BTreeMap<String, QTensor>) -> Result<()> {
    let metadata: Vec<(&str, &Value)> = metadata.iter().map(|(key, value)| (key.as_str(), value)).collect();
    let tensors: Vec<(&str, &QTensor)> = tensors.iter().map(|(name, tensor)| (name.as_str(), tensor)).collect();
    Ok(gguf_file::write(&mut File::create(path)?, &metadata, &tensors)?)
}

fn logits(model: &impl Model) -> Result<Tensor> {
    let input_ids = Some(Tensor::new(&[[1u32, 274, 279, 285, 86, 635, 450, 290, 265, 471]], &Device::Cpu)?);
    Ok(model.forward(&Batch { rows: vec![0], input_ids, ..Batch::default() }, Mode::Evaluate)?.logits)
}

fn distance(one: &Tensor, other: &Tensor) -> Result<f32> {
    Ok((one - other)?.abs()?.max_all()?.to_scalar::<f32>()?)
}

#[test]
fn a_file_gives_the_model_that_the_folder_gives() -> Result<()> {
    let temporary = tempfile::tempdir()?;
    let path = temporary.path().join("model.gguf");
    let expected = LlamaForCausalLM::from_pretrained(folder())?;
    for (dtype, bound) in [(GgmlDType::F32, 0.0), (GgmlDType::Q8_0, 0.1)] {
        write(&path, &metadata(), &tensors(dtype)?)?;
        let model = LlamaForCausalLM::from_gguf(&path)?;
        let difference = distance(&logits(&model)?, &logits(&expected)?)?;
        assert!(difference <= bound, "{dtype:?}: scores differ by {difference}");
        assert!(model.parameters().list().iter().all(|parameter| parameter.variable.dtype() == DType::F32));
        assert_eq!(model.config().eos_token_id, expected.config().eos_token_id);
    }
    Ok(())
}

#[test]
fn files_that_are_not_read_are_refused_in_words() -> Result<()> {
    let temporary = tempfile::tempdir()?;
    let path = temporary.path().join("model.gguf");
    let refused = || match LlamaForCausalLM::from_gguf(&path) {
        Ok(_) => panic!("it is read"),
        Err(error) => error.to_string(),
    };
    let text = |text: &str| Value::String(text.to_owned());
    for (key, value, words) in [
        ("general.architecture", text("gemma"), "the model is \"gemma\", but only \"llama\""),
        ("llama.rope.scaling.type", text("yarn"), "rotary positions are scaled (\"yarn\")"),
        ("llama.attention.head_count_kv", Value::U32(3), "`num_key_value_heads` is 3"),
        ("llama.embedding_length", text("many"), "the file does not say `llama.embedding_length`"),
        ("llama.embedding_length", Value::U32(64), "has the shape"),
    ] {
        let metadata = metadata().into_iter().chain([(key.to_owned(), value)]).collect();
        write(&path, &metadata, &tensors(GgmlDType::F32)?)?;
        let message = refused();
        assert!(message.contains(words) && message.contains("model.gguf"), "{message}");
    }
    let mut fewer = tensors(GgmlDType::F32)?;
    let one = fewer.remove("blk.1.ffn_up.weight").expect("the file has it");
    write(&path, &metadata(), &fewer)?;
    assert!(refused().contains("lacks a tensor: `model.layers.1.mlp.up_proj.weight`"), "{}", refused());
    let mut more = tensors(GgmlDType::F32)?;
    more.insert("blk.1.attn_qkv.weight".to_owned(), one);
    write(&path, &metadata(), &more)?;
    assert!(refused().contains("has a tensor that the model does not: `blk.1.attn_qkv.weight`"), "{}", refused());
    write(&path, &metadata(), &tensors(GgmlDType::F32)?)?;
    let whole = fs::read(&path)?;
    fs::write(&path, &whole[..200])?;
    assert!(refused().contains("no whole GGUF file"), "{}", refused());
    fs::write(&path, &whole[..whole.len() - 100])?;
    assert!(refused().contains("cannot be read") || refused().contains("no whole GGUF file"), "{}", refused());
    fs::write(&path, b"{}")?;
    assert!(refused().contains("no whole GGUF file"), "{}", refused());
    Ok(())
}

/// A real model: set `TRAINER_GGUF` to a file of SmolLM2-135M-Instruct, and `TRAINER_GGUF_TOKENIZER` to the folder of its
/// tokenizer. With `TRAINER_GGUF_LOGITS`, a safetensors file with `input_ids` and `logits`, scores are compared with these.
#[test]
#[ignore = "needs a GGUF file: set TRAINER_GGUF and TRAINER_GGUF_TOKENIZER"]
fn a_real_model_writes_a_sensible_answer() -> Result<()> {
    let (Some(file), Some(tokenizer)) = (std::env::var_os("TRAINER_GGUF"), std::env::var_os("TRAINER_GGUF_TOKENIZER"))
    else {
        println!("skipped: set TRAINER_GGUF to a file, and TRAINER_GGUF_TOKENIZER to the folder of its tokenizer");
        return Ok(());
    };
    let model = LlamaForCausalLM::from_gguf(Path::new(&file))?;
    let tokenizer = Tokenizer::from_pretrained(tokenizer.to_string_lossy())?;
    if let Some(reference) = std::env::var_os("TRAINER_GGUF_LOGITS") {
        let reference = weights::read(Path::new(&reference), &Device::Cpu)?;
        let input_ids = Some(reference["input_ids"].to_dtype(DType::U32)?);
        let batch = Batch { rows: vec![0], input_ids, ..Batch::default() };
        let found = model.forward(&batch, Mode::Evaluate)?.logits;
        let difference = distance(&found, &reference["logits"])?;
        println!("scores differ by {difference}");
        assert!(difference < 1e-3, "scores differ by {difference}");
    }
    let prompt = "<|im_start|>user\nWhat is the capital of France?<|im_end|>\n<|im_start|>assistant\n";
    let ids = tokenizer.encode(prompt, None)?.input_ids;
    for config in [
        GenerationConfig { max_new_tokens: 24, ..GenerationConfig::default() },
        GenerationConfig { max_new_tokens: 24, num_beams: 3, ..GenerationConfig::default() },
    ] {
        let begin = std::time::Instant::now();
        let written = model.generate(std::slice::from_ref(&ids), &config)?;
        let text = tokenizer.decode_without_special_tokens(&written[0])?;
        println!("{} tokens in {:?}: {text}", written[0].len(), begin.elapsed());
        assert!(text.contains("Paris"), "{text}");
    }
    Ok(())
}
