//! Tables of words that are trained beside adapters, where the head shares them: what a folder says of them, and which are
//! refused.

use std::fs;

use serde_json::Value;
use trainer_core::Result;
use trainer_core::data::{LanguageModeling, Task, TaskKind};
use trainer_core::model::{saved, weights};
use trainer_core::prelude::*;

fn llama(ties: bool) -> Result<LlamaForCausalLM> {
    LlamaForCausalLM::from_config(LlamaConfig {
        vocab_size: 40,
        hidden_size: 16,
        intermediate_size: 32,
        num_hidden_layers: 1,
        num_attention_heads: 2,
        tie_word_embeddings: ties,
        ..LlamaConfig::default()
    })
}

/// What is saved of the adapters of a model: what the folder says of itself, and the names of its tensors.
fn saved_adapters<M: Model>(model: &M, folder: &std::path::Path) -> Result<(Value, Vec<String>)> {
    assert_eq!(<LanguageModeling as Task>::KIND, TaskKind::LanguageModeling);
    saved::save::<LanguageModeling>(model, folder)?;
    let config = fs::read_to_string(folder.join("adapter_config.json"))?;
    let values = weights::read(&folder.join("adapter_model.safetensors"), &candle_core::Device::Cpu)?;
    let whole = values.into_keys().filter(|name| !name.contains("lora_")).collect();
    Ok((serde_json::from_str(&config).expect("it is JSON"), whole))
}

#[test]
fn a_table_that_the_head_shares_is_saved_for_both_and_loads_into_one() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let lora = Lora::new().target_modules(&["q_proj"]).modules_to_save(&["embed_tokens"]);
    let model = llama(true)?;
    model.add_adapter(&lora)?;
    let table = model.parameters().get("model.embed_tokens.weight").expect("it has one").variable;
    table.set(&(table.as_tensor() * 2.0)?.detach())?;
    let (config, names) = saved_adapters(&model, folder.path())?;
    assert_eq!(config["ensure_weight_tying"], true);
    assert_eq!(names, ["base_model.model.lm_head.weight", "base_model.model.model.embed_tokens.weight"]);
    let again = llama(true)?;
    again.load_adapter(folder.path())?;
    let loaded = again.parameters().get("model.embed_tokens.weight").expect("it has one").variable;
    assert_eq!(loaded.to_vec2::<f32>()?, table.to_vec2::<f32>()?);

    let model = llama(false)?;
    model.add_adapter(&lora)?;
    let folder = tempfile::tempdir()?;
    let (config, names) = saved_adapters(&model, folder.path())?;
    assert_eq!(config["ensure_weight_tying"], false);
    assert_eq!(names, ["base_model.model.model.embed_tokens.weight"]);
    Ok(())
}

#[test]
fn tables_that_python_would_not_tie_are_refused() -> Result<()> {
    let refused = |error: Result<()>, table: &str| {
        let message = error.expect_err(table).to_string();
        assert!(message.contains(&format!("trains `{table}`, which other parts of the model share")), "{message}");
    };
    let gpt2 = GPT2LMHeadModel::from_config(GPT2Config {
        vocab_size: 40,
        n_embd: 16,
        n_layer: 1,
        n_head: 2,
        ..GPT2Config::default()
    })?;
    refused(gpt2.add_adapter(&Lora::new().modules_to_save(&["wte"])), "transformer.wte.weight");
    let t5 = T5ForConditionalGeneration::from_config(T5Config {
        vocab_size: 40,
        d_model: 16,
        d_kv: 8,
        d_ff: 32,
        num_layers: 1,
        num_heads: 2,
        tie_word_embeddings: false,
        ..T5Config::default()
    })?;
    refused(t5.add_adapter(&Lora::new().modules_to_save(&["shared"])), "shared.weight");
    Ok(())
}

#[test]
fn adapters_of_masked_words_have_no_task_that_peft_has_a_name_for() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let model = BertForMaskedLM::from_config(BertConfig {
        vocab_size: 40,
        hidden_size: 16,
        num_hidden_layers: 1,
        num_attention_heads: 2,
        intermediate_size: 32,
        ..BertConfig::default()
    })?;
    model.add_adapter(&Lora::new())?;
    assert_eq!(saved_adapters(&model, folder.path())?.0["task_type"], Value::Null);
    let folder = tempfile::tempdir()?;
    let model = llama(true)?;
    model.add_adapter(&Lora::new())?;
    assert_eq!(saved_adapters(&model, folder.path())?.0["task_type"], "CAUSAL_LM");
    Ok(())
}
