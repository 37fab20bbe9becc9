//! Models of each kind with another vocabulary.

use candle_core::Device;

use super::*;
use crate::collate::Batch;
use crate::model::{
    BartConfig, BartForConditionalGeneration, BertConfig, BertForMaskedLM, BertForSequenceClassification, GPT2Config,
    GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM, T5Config, T5ForConditionalGeneration,
};
use crate::tensor::random::Mode;
use crate::tensor::random::Stream;

const OLD: usize = 40;

fn rows(model: &impl Model, name: &str) -> Vec<Vec<f32>> {
    let value = model.parameters().get(name).unwrap().variable.as_tensor().clone();
    let rows = value.dim(0).unwrap();
    value.reshape((rows, ())).unwrap().to_vec2().unwrap()
}

/// The old rows stay and the new ones lie at their mean, nearly and not all on one spot.
fn grew(old: &[Vec<f32>], new: &[Vec<f32>], to: usize) {
    assert_eq!((new.len(), &new[..old.len()]), (to, old));
    let mean: Vec<f32> =
        (0..old[0].len()).map(|column| old.iter().map(|row| row[column]).sum::<f32>() / old.len() as f32).collect();
    for row in &new[old.len()..] {
        let distance = row.iter().zip(&mean).map(|(value, mean)| (value - mean).abs()).fold(0.0, f32::max);
        assert!(distance < 1e-4, "{distance}");
    }
}

#[test]
fn the_table_of_words_grows_and_the_rest_stays() {
    let config = BertConfig {
        vocab_size: OLD,
        hidden_size: 8,
        num_hidden_layers: 1,
        num_attention_heads: 2,
        intermediate_size: 16,
        max_position_embeddings: 12,
        ..BertConfig::default()
    };
    let mut model = BertForSequenceClassification::<f32>::from_config(config).unwrap();
    let (words, head) = ("bert.embeddings.word_embeddings.weight", "classifier.weight");
    let (old, old_head) = (rows(&model, words), rows(&model, head));
    let drawn = model.parameters().initialised();
    model.parameters().freeze(|name| name.contains("LayerNorm"));
    model.resize_token_embeddings(OLD + 3, Some(16)).unwrap();
    grew(&old, &rows(&model, words), 48);
    assert_ne!(rows(&model, words)[OLD], rows(&model, words)[OLD + 1]);
    assert_eq!(rows(&model, head), old_head);
    assert_eq!((model.vocabulary_size(), model.config().vocab_size), (Some(48), 48));
    assert_eq!(model.configuration().unwrap()["vocab_size"], 48);
    assert!(!model.parameters().get("bert.embeddings.LayerNorm.weight").unwrap().trainable);
    assert!(model.parameters().get(words).unwrap().trainable);
    let still_drawn: Vec<String> = drawn.into_iter().filter(|name| name != words).collect();
    assert_eq!(model.parameters().initialised(), still_drawn);
    // The new ids can be read.
    let input_ids = Some(Tensor::new(&[[1u32, 47, OLD as u32]], &Device::Cpu).unwrap());
    model.forward(&Batch { rows: vec![0], input_ids, ..Batch::default() }, Mode::Evaluate).unwrap();
    let ids = OLD;
    model.resize_token_embeddings(ids, None).unwrap();
    assert_eq!(rows(&model, words), old);
}

#[test]
fn heads_over_the_vocabulary_grow_with_it() {
    let bert = BertConfig {
        vocab_size: OLD,
        hidden_size: 8,
        num_hidden_layers: 1,
        num_attention_heads: 2,
        intermediate_size: 16,
        max_position_embeddings: 12,
        ..BertConfig::default()
    };
    let mut model = BertForMaskedLM::from_config(bert).unwrap();
    model.resize_token_embeddings(43, None).unwrap();
    assert_eq!(rows(&model, "cls.predictions.bias").len(), 43);

    let llama = LlamaConfig {
        vocab_size: OLD,
        hidden_size: 8,
        num_hidden_layers: 1,
        num_attention_heads: 2,
        num_key_value_heads: Some(2),
        intermediate_size: 16,
        tie_word_embeddings: false,
        ..LlamaConfig::default()
    };
    let mut model = LlamaForCausalLM::from_config(llama).unwrap();
    let (words, head) = (rows(&model, "model.embed_tokens.weight"), rows(&model, "lm_head.weight"));
    model.resize_token_embeddings(43, None).unwrap();
    grew(&words, &rows(&model, "model.embed_tokens.weight"), 43);
    grew(&head, &rows(&model, "lm_head.weight"), 43);

    let gpt2 = GPT2Config { vocab_size: OLD, n_embd: 8, n_layer: 1, n_head: 2, ..GPT2Config::default() };
    let mut model = GPT2LMHeadModel::from_config(gpt2).unwrap();
    model.resize_token_embeddings(43, None).unwrap();
    let input_ids = Some(Tensor::new(&[[1u32, 42]], &Device::Cpu).unwrap());
    let scores = model.forward(&Batch { rows: vec![0], input_ids, ..Batch::default() }, Mode::Evaluate).unwrap();
    assert_eq!(scores.logits.dims(), [1, 2, 43]);

    let t5 =
        T5Config { vocab_size: OLD, d_model: 8, d_kv: 4, d_ff: 16, num_layers: 1, num_heads: 2, ..T5Config::default() };
    let mut model = T5ForConditionalGeneration::from_config(t5).unwrap();
    let words = rows(&model, "shared.weight");
    model.resize_token_embeddings(43, None).unwrap();
    grew(&words, &rows(&model, "shared.weight"), 43);

    let bart = BartConfig {
        vocab_size: OLD,
        d_model: 8,
        encoder_layers: 1,
        decoder_layers: 1,
        encoder_attention_heads: 2,
        decoder_attention_heads: 2,
        encoder_ffn_dim: 16,
        decoder_ffn_dim: 16,
        max_position_embeddings: 12,
        ..BartConfig::default()
    };
    let mut model = BartForConditionalGeneration::from_config(bart).unwrap();
    model.resize_token_embeddings(43, None).unwrap();
    let bias = model.parameters().get("final_logits_bias").unwrap().variable;
    assert_eq!(bias.dims(), [1, 43]);
}

#[test]
fn new_rows_have_a_billionth_of_the_covariance_of_the_old() {
    let drawn = Stream::initialisation(7, "old rows").normal(600);
    let drawn: Vec<f32> = drawn.iter().map(|value| 100.0 * *value as f32).collect();
    let table = Tensor::from_vec(drawn, (200, 3), &Device::Cpu).unwrap();
    let added = around_the_mean("table", &table, 20_000, 42).unwrap();
    let covariance = |of: &Tensor| {
        let centred = of.broadcast_sub(&of.mean_keepdim(0).unwrap()).unwrap();
        let count = of.dim(0).unwrap() as f64;
        let product = centred.t().unwrap().matmul(&centred).unwrap();
        (product / count).unwrap().to_vec2::<f32>().unwrap()
    };
    // The mean is taken away first: next to it the scatter is lost in f32.
    let scattered = added.broadcast_sub(&table.mean_keepdim(0).unwrap()).unwrap();
    for (ours, old) in covariance(&scattered).iter().flatten().zip(covariance(&table).iter().flatten()) {
        assert!((f64::from(*ours) - SCATTER * f64::from(*old)).abs() < SCATTER * 10_000.0 * 0.05, "{ours} {old}");
    }
}

#[test]
fn what_cannot_be_is_refused() {
    let gpt2 = GPT2Config { vocab_size: OLD, n_embd: 8, n_layer: 1, n_head: 2, ..GPT2Config::default() };
    let mut model = GPT2LMHeadModel::from_config(gpt2).unwrap();
    assert!(model.resize_token_embeddings(0, None).unwrap_err().message().contains("0 ids"));
    assert!(model.resize_token_embeddings(4, Some(0)).unwrap_err().message().contains("`pad_to_multiple_of` is 0"));
}
