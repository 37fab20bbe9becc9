use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;
use crate::model::family::{KnownTensor, Sizes};
use crate::model::gpt2::{self, GPT2Config};
use crate::model::llama::{self, LlamaConfig};
use crate::model::{Model, stored};
use crate::transformer::{Positions, Rotary, RotaryScaling};

fn gpt2() -> GPT2Config {
    GPT2Config { vocab_size: 30, n_positions: 20, n_embd: 8, n_layer: 3, n_head: 2, ..GPT2Config::default() }
}

fn llama() -> LlamaConfig {
    LlamaConfig {
        vocab_size: 30,
        hidden_size: 8,
        intermediate_size: 12,
        num_hidden_layers: 3,
        num_attention_heads: 2,
        num_key_value_heads: Some(1),
        head_dim: Some(6),
        max_position_embeddings: 20,
        ..LlamaConfig::default()
    }
}

/// The tensors of a model's files are those that its family says, and its modules those that it lists.
fn is_as_described<C: CausalFamily>(config: C, family: &Family, optional: bool) -> Result<()> {
    let sizes = Sizes::of_config(&config.configuration().expect("a configuration"));
    let model = CausalModel::from_config(config)?;
    let parameters = model.parameters();
    let mut expected = Vec::new();
    let mut add = |tensors: &[KnownTensor]| {
        for tensor in tensors {
            let shape: Vec<usize> = tensor.shape.iter().map(|size| sizes.of(*size)).collect();
            let blocks = if tensor.is_in_blocks() { 3 } else { 1 };
            let name = |block: usize| format!("{}{}", family.prefix, tensor.name.replace("{}", &block.to_string()));
            expected.extend((0..blocks).map(|block| (name(block), shape.clone())));
        }
    };
    add(family.tensors);
    if optional {
        add(family.optional);
    }
    expected.sort();
    let files = stored::turned(parameters, parameters.values())?;
    let found: Vec<_> = files
        .iter()
        .filter(|(name, _)| !name.starts_with(family.head))
        .map(|(name, value)| (name.clone(), value.dims().to_vec()))
        .collect();
    assert_eq!(found, expected);
    let module = |name: &String| name.rsplit_once('.').map_or(name.clone(), |(module, _)| module.to_owned());
    let modules: BTreeSet<String> = files.keys().map(module).collect();
    for name in &modules {
        assert!(C::MODULES.iter().any(|module| module.is_named(name)), "{name} is listed");
    }
    for known in C::MODULES.iter().filter(|known| known.name != "lm_head") {
        assert!(modules.iter().any(|name| known.is_named(name)), "{} is there", known.name);
    }
    Ok(())
}

#[test]
fn the_tensors_of_a_family_are_those_of_its_files() -> Result<()> {
    is_as_described(gpt2(), &gpt2::FAMILY, false)?;
    is_as_described(GPT2Config { n_inner: Some(5), tie_word_embeddings: false, ..gpt2() }, &gpt2::FAMILY, false)?;
    is_as_described(llama(), &llama::FAMILY, false)?;
    is_as_described(LlamaConfig { head_dim: None, num_key_value_heads: None, ..llama() }, &llama::FAMILY, false)?;
    is_as_described(LlamaConfig { attention_bias: true, mlp_bias: true, ..llama() }, &llama::FAMILY, true)
}

#[test]
fn the_defaults_of_a_family_are_those_of_its_configuration() {
    let said = |config: Value| Sizes { num_key_value_heads: None, ..Sizes::of_config(&config) };
    assert_eq!(gpt2::FAMILY.defaults, said(serde_json::to_value(GPT2Config::default()).expect("JSON")));
    assert_eq!(llama::FAMILY.defaults, said(serde_json::to_value(LlamaConfig::default()).expect("JSON")));
    assert_eq!((gpt2::FAMILY.inner_layers(&Sizes::NONE), llama::FAMILY.inner_layers(&Sizes::NONE)), (1, 2));
}

#[test]
fn the_configuration_that_is_saved_is_the_one_that_is_read() -> Result<()> {
    let saved = llama().configuration().expect("a configuration");
    let back: LlamaConfig = serde_json::from_value(saved.clone()).expect("it reads back");
    assert_eq!(back.configuration(), Some(saved));
    assert_eq!(back.description()?.blocks, llama().description()?.blocks);
    Ok(())
}

#[test]
fn rotary_positions_are_read_as_either_version_writes_them() -> Result<()> {
    for (config, base) in [
        (json!({}), 1e4),
        (json!({ "rope_theta": 5e5 }), 5e5),
        (json!({ "rope_parameters": { "rope_theta": 1e6, "rope_type": "default" } }), 1e6),
        (json!({ "rope_theta": 1e5, "rope_scaling": null }), 1e5),
    ] {
        let config: LlamaConfig = serde_json::from_value(config).expect("a configuration");
        assert_eq!(config.description()?.blocks[0].positions, Positions::Rotary(Rotary::of_base(base)));
    }
    Ok(())
}

#[test]
fn scaled_rotary_positions_are_read_and_written_for_either_version() -> Result<()> {
    let llama3 = RotaryScaling::Llama3 {
        factor: 8.0,
        low_frequency_factor: 1.0,
        high_frequency_factor: 4.0,
        original_positions: 64.0,
    };
    let of_llama3 = json!({
        "rope_type": "llama3",
        "factor": 8.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 64,
    });
    let mut with_base = of_llama3.clone();
    with_base["rope_theta"] = json!(1e5);
    for (config, base, scaling) in [
        (json!({ "rope_scaling": { "type": "linear", "factor": 2.0 } }), 1e4, RotaryScaling::Linear { factor: 2.0 }),
        (json!({ "rope_parameters": with_base }), 1e5, llama3),
        (json!({ "rope_theta": 5e5, "rope_scaling": of_llama3 }), 5e5, llama3),
    ] {
        let config: LlamaConfig = serde_json::from_value(config).expect("a configuration");
        let expected = Positions::Rotary(Rotary { base, scaling });
        assert_eq!(config.description()?.blocks[0].positions, expected);
        let written = config.configuration().expect("a configuration");
        assert_eq!(written["rope_parameters"], written["rope_scaling"]);
        for other in ["rope_parameters", "rope_scaling"] {
            let mut of_one = written.clone();
            of_one[other] = Value::Null;
            let back: LlamaConfig = serde_json::from_value(of_one).expect("it reads back");
            assert_eq!(back.description()?.blocks[0].positions, expected);
        }
    }
    Ok(())
}

#[test]
fn a_window_is_the_longest_text_where_it_is_used() -> Result<()> {
    let window = |model_type: &str, used: bool| {
        let mut config = json!({ "model_type": model_type, "sliding_window": 12, "max_position_embeddings": 20 });
        config["use_sliding_window"] = json!(used);
        let config: LlamaConfig = serde_json::from_value(config).expect("a configuration");
        config.description().map(|description| description.positions)
    };
    assert_eq!(window("mistral", false)?, 12);
    assert_eq!((window("qwen2", false)?, window("qwen2", true)?), (20, 12));
    assert_eq!(window("llama", false)?, 20);
    Ok(())
}

#[test]
fn configurations_that_are_not_computed_are_refused() {
    let refused = |config: Value, words: &str| {
        let config: AnyCausalConfig = serde_json::from_value(config).expect("a configuration");
        let message = config.description().map(|_| ()).expect_err(words).to_string();
        assert!(message.contains(words), "{message}");
    };
    refused(json!({ "model_type": "gemma" }), "`model_type` is \"gemma\", but this model is \"gpt2\" or \"llama\"");
    refused(
        json!({ "rope_scaling": { "rope_type": "llama3", "factor": 8.0 } }),
        "\"llama3\" says no `low_freq_factor`",
    );
    refused(json!({ "rope_scaling": { "type": "linear", "factor": "2" } }), "`factor` of `rope_scaling` is \"2\"");
    refused(json!({ "rope_parameters": { "rope_type": "linear", "factor": 0 } }), "is 0, expected a number above 0");
    refused(json!({ "rope_parameters": { "rope_type": "yarn" } }), "`rope_parameters` says rotary positions");
    let narrow = json!({ "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 4.0, "high_freq_factor": 4.0 });
    refused(json!({ "rope_scaling": narrow }), "`low_freq_factor` of `rope_scaling` is 4, but must be below");
    refused(json!({ "rope_parameters": { "partial_rotary_factor": 0.5 } }), "`partial_rotary_factor`");
    refused(json!({ "num_key_value_heads": 5 }), "`num_key_value_heads` is 5");
    refused(json!({ "hidden_act": "mish" }), "`hidden_act` is \"mish\"");
    refused(json!({ "vocab_size": 0 }), "`vocab_size` is 0");
    refused(json!({ "model_type": "gpt2", "n_head": 7 }), "7 attention heads cannot share equally");
    refused(json!({ "model_type": "gpt2", "add_cross_attention": true }), "`add_cross_attention` is true");
}
