use std::collections::BTreeSet;

use candle_core::{Device, Tensor};
use serde_json::{Value, json};

use super::*;
use crate::collate::Batch;
use crate::data::IGNORE;
use crate::model::family::{KnownTensor, Sizes};
use crate::model::{BartConfig, MarianConfig, Model, T5Config, bart, marian, t5};
use crate::tensor::random::Mode;

fn of_t5() -> T5Config {
    T5Config {
        vocab_size: 30,
        d_model: 8,
        d_kv: 3,
        d_ff: 12,
        num_layers: 3,
        num_decoder_layers: Some(2),
        num_heads: 2,
        relative_attention_num_buckets: 6,
        ..T5Config::default()
    }
}

fn of_bart() -> BartConfig {
    BartConfig {
        vocab_size: 30,
        max_position_embeddings: 20,
        encoder_layers: 3,
        encoder_ffn_dim: 12,
        encoder_attention_heads: 4,
        decoder_layers: 2,
        decoder_ffn_dim: 10,
        decoder_attention_heads: 2,
        d_model: 8,
        ..BartConfig::default()
    }
}

fn of_marian(share_encoder_decoder_embeddings: bool) -> MarianConfig {
    MarianConfig {
        vocab_size: 30,
        decoder_vocab_size: Some(25),
        share_encoder_decoder_embeddings,
        max_position_embeddings: 20,
        encoder_layers: 3,
        encoder_ffn_dim: 12,
        encoder_attention_heads: 4,
        decoder_layers: 2,
        decoder_ffn_dim: 10,
        decoder_attention_heads: 2,
        d_model: 8,
        pad_token_id: Some(24),
        decoder_start_token_id: Some(24),
        ..MarianConfig::default()
    }
}

/// The tensors of a model are those that its family says, and its modules are listed.
fn is_as_described<C: Seq2SeqFamily>(config: C, family: &Family) -> Result<Seq2SeqModel<C>> {
    let sizes = Sizes::of_config(&config.configuration().expect("a configuration"));
    let model = Seq2SeqModel::from_config(config)?;
    let mut expected = Vec::new();
    let mut add = |prefix: &str, tensors: &[KnownTensor], copies: Option<usize>| {
        for tensor in tensors {
            let shape: Vec<usize> = tensor.shape.iter().map(|size| sizes.of(*size)).collect();
            let name = |block: usize| format!("{prefix}{}", tensor.name.replace("{}", &block.to_string()));
            let copies = copies.unwrap_or(family.copies(tensor, &sizes));
            expected.extend((0..copies).map(|block| (name(block), shape.clone())));
        }
    };
    add(family.prefix, family.tensors, None);
    add(family.prefix, family.first_block, Some(1));
    for (condition, tensors) in family.only_where {
        if sizes.meet(*condition) {
            add(family.prefix, tensors, None);
        }
    }
    add("", family.head_tensors, None);
    if sizes.tie_word_embeddings == Some(false) {
        add("", family.own_head, None);
    }
    expected.sort();
    let found: Vec<_> =
        model.parameters().list().into_iter().map(|found| (found.name, found.variable.dims().to_vec())).collect();
    assert_eq!(found, expected, "{}", family.name);
    let numbers: usize = found.iter().map(|(_, shape)| shape.iter().product::<usize>()).sum();
    assert_eq!(family.numbers(&sizes), numbers, "{}", family.name);
    let module = |name: &String| name.rsplit_once('.').map_or(name.clone(), |(module, _)| module.to_owned());
    let modules: BTreeSet<String> = found.iter().map(|(name, _)| module(name)).collect();
    for name in modules.iter().filter(|name| *name != "final_logits_bias") {
        assert!(C::MODULES.iter().any(|module| module.is_named(name)), "{name} is listed");
    }
    Ok(model)
}

#[test]
fn the_tensors_of_a_family_are_those_of_its_files() -> Result<()> {
    is_as_described(of_t5(), &t5::FAMILY)?;
    is_as_described(T5Config { feed_forward_proj: "gated-gelu".to_owned(), ..of_t5() }, &t5::FAMILY)?;
    is_as_described(T5Config { tie_word_embeddings: false, num_decoder_layers: None, ..of_t5() }, &t5::FAMILY)?;
    is_as_described(of_bart(), &bart::FAMILY)?;
    is_as_described(BartConfig { tie_word_embeddings: false, ..of_bart() }, &bart::FAMILY)?;
    is_as_described(of_marian(true), &marian::FAMILY)?;
    let model = is_as_described(of_marian(false), &marian::FAMILY)?;
    assert!(marian::FAMILY.has_table("model.decoder.embed_tokens.weight"));
    assert!(!marian::FAMILY.has_table("model.decoder.layers.0.fc1.weight"));
    assert_eq!(model.family().map(|family| family.name), Some("Marian"));
    assert_eq!((model.vocabulary_size(), model.target_vocabulary_size()), (Some(30), Some(25)));
    Ok(())
}

#[test]
fn the_defaults_of_a_family_are_those_of_its_configuration() {
    let said = |config: Value| Sizes::of_config(&config);
    let of_t5 = said(serde_json::to_value(T5Config::default()).expect("JSON"));
    assert_eq!(t5::FAMILY.defaults, of_t5);
    assert_eq!(bart::FAMILY.defaults, said(serde_json::to_value(BartConfig::default()).expect("JSON")));
    assert_eq!(marian::FAMILY.defaults, said(serde_json::to_value(MarianConfig::default()).expect("JSON")));
    let gated = Sizes { has_gate: Some(true), ..Sizes::NONE };
    assert_eq!((t5::FAMILY.inner_layers(&Sizes::NONE), t5::FAMILY.inner_layers(&gated)), (1, 2));
    assert_eq!((bart::FAMILY.inner_layers(&Sizes::NONE), marian::FAMILY.inner_layers(&Sizes::NONE)), (1, 1));
    assert!(bart::FAMILY.has_position_table() && !marian::FAMILY.has_position_table());
}

#[test]
fn a_configuration_of_any_family_is_read_as_it_was_written() -> Result<()> {
    for config in [AnySeq2SeqConfig::from(of_t5()), of_bart().into(), of_marian(false).into()] {
        let written = config.configuration().expect("a configuration");
        let back: AnySeq2SeqConfig = serde_json::from_value(written.clone()).expect("it reads back");
        assert_eq!((back.family().map(|family| family.name), back.configuration()), {
            (config.family().map(|family| family.name), Some(written))
        });
        back.description()?;
        // Without the name of the family, as a configuration that was made here is kept.
        let own = serde_json::to_value(&config).expect("JSON");
        assert_eq!(serde_json::from_value::<AnySeq2SeqConfig>(own).expect("it reads back"), config);
    }
    Ok(())
}

#[test]
fn configurations_of_other_models_are_refused() {
    let refused = |config: Value, words: &str| {
        let config: AnySeq2SeqConfig = serde_json::from_value(config).expect("a configuration");
        let message = config.description().map(|_| ()).expect_err(words).to_string();
        assert!(message.contains(words), "{message}");
    };
    refused(json!({ "model_type": "pegasus" }), "`model_type` is \"pegasus\", which is not known for this head");
    refused(json!({}), "there is no `model_type`");
    refused(json!({ "model_type": "bart", "d_model": 10 }), "16 attention heads cannot share equally");
    refused(json!({ "model_type": "t5", "feed_forward_proj": "mish" }), "`feed_forward_proj` is \"mish\"");
    let other = json!({ "model_type": "bart" });
    let config = T5Config { other: other.as_object().cloned().expect("an object"), ..of_t5() };
    let message = config.description().map(|_| ()).expect_err("of another family").to_string();
    assert!(message.starts_with("`model_type` is \"bart\", but this model is \"t5\""), "{message}");
}

#[test]
fn a_label_where_the_decoder_reads_padding_is_refused() -> Result<()> {
    let model = Seq2SeqModel::from_config(of_t5())?;
    let ids = |rows: [[u32; 3]; 2]| Tensor::new(&rows, &Device::Cpu);
    let batch = |labels, mask| -> Result<Batch> {
        Ok(Batch {
            rows: vec![0, 1],
            input_ids: Some(ids([[5, 6, 1], [7, 1, 1]])?),
            decoder_input_ids: Some(ids([[0, 9, 4], [0, 8, 0]])?),
            decoder_attention_mask: Some(ids(mask)?),
            labels: Some(labels),
            ..Batch::default()
        })
    };
    let labels = ids([[9, 4, 1], [8, 1, IGNORE]])?;
    let rows = model.vocabulary_rows(&batch(labels.clone(), [[1, 1, 1], [1, 1, 0]])?, Mode::Evaluate)?;
    let rows = rows.expect("rows");
    assert_eq!((rows.hidden.dims(), rows.labels.to_vec1::<u32>()?), (&[5, 8][..], vec![9, 4, 1, 8, 1]));
    let refused = |batch| model.vocabulary_rows(&batch, Mode::Evaluate).map(drop).expect_err("refused").to_string();
    let message = refused(batch(labels.clone(), [[1, 1, 1], [1, 0, 0]])?);
    assert!(message.starts_with("1 labels stand where there is padding"), "{message}");
    assert!(message.contains("`decoder_attention_mask`"), "{message}");
    let message = refused(batch(labels.narrow(1, 0, 2)?, [[1, 1, 1], [1, 1, 0]])?);
    assert!(message.starts_with("the labels are [2, 2], but the tokens [2, 3]"), "{message}");
    Ok(())
}
