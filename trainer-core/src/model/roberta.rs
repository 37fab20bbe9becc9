//! The `RoBERTa` family, and XLM-RoBERTa, which differs in its vocabulary alone: the configuration, and what it calls its parts.

use serde_json::{Map, Value};

use super::encoder::bert_like::{BLOCK, BLOCKS, TENSORS, bert_like_config, bert_like_modules, tensor};
use super::encoder::{
    EncoderConfig, EncoderFamily, EncoderModel, EncoderNames, EncoderSettings, ForMaskedLM, ForSequenceClassification,
    ForTokenClassification, MaskedHead, SequenceHead, Squash, TokenHead,
};
use super::family::{Family, Size, Sizes};
use super::peft::Module;
use crate::error::{Error, ErrorKind, Result};

/// `RoBERTa` without a head.
pub type RobertaModel = EncoderModel<Roberta>;
/// `RoBERTa` with a head of two layers over the first token, for classes or numbers: see [`ForSequenceClassification`].
pub type RobertaForSequenceClassification<L> = ForSequenceClassification<Roberta, L>;
/// `RoBERTa` with a linear head over every token, for the classes of words: see [`ForTokenClassification`].
pub type RobertaForTokenClassification<T> = ForTokenClassification<Roberta, T>;
/// `RoBERTa` with a head over the vocabulary, for masked tokens: see [`ForMaskedLM`].
pub type RobertaForMaskedLM = ForMaskedLM<Roberta>;

bert_like_config! {
    /// The configuration of a `RoBERTa` or XLM-RoBERTa model; what it does not name is kept as it was read.
    ///
    /// Positions are counted from the row after `pad_token_id`, so that a model of 514 positions takes 512 tokens.
    ///
    /// Source: `transformers.RobertaConfig`, whose defaults these are.
    RobertaConfig of FAMILY {
        vocab_size: 50265,
        hidden_size: 768,
        num_attention_heads: 12,
        intermediate_size: 3072,
        pad_token_id: Some(PADDING),
    }
}

/// The id of padding where nothing says another.
const PADDING: u32 = 1;

impl EncoderConfig for RobertaConfig {
    fn settings(&self) -> Result<EncoderSettings> {
        let settings =
            EncoderSettings { positions_after: Some(self.pad_token_id.unwrap_or(PADDING)), ..self.like_bert()? };
        if settings.position_limit() == 0 {
            let message = format!(
                "`max_position_embeddings` is {}, but the first position is the row after that of padding, {}",
                settings.positions,
                settings.positions_after.unwrap_or(PADDING)
            );
            return Err(Error::new(ErrorKind::Model, message)
                .help("take the longest sequence, and the rows up to that of padding on top"));
        }
        Ok(settings)
    }

    fn other(&self) -> &Map<String, Value> {
        &self.other
    }
}

/// The family of `RoBERTa` models.
#[derive(Debug)]
pub enum Roberta {}

impl EncoderFamily for Roberta {
    type Config = RobertaConfig;
    const NAMES: EncoderNames = EncoderNames { prefix: "roberta", blocks: BLOCKS, block: BLOCK };
    const CLASSES: &'static [(&'static str, &'static str)] = &[("roberta", "Roberta"), ("xlm-roberta", "XLMRoberta")];
    const SEQUENCE: SequenceHead = SequenceHead {
        family: &FAMILY,
        modules: bert_like_modules!("roberta", Module::head("classifier.dense"), Module::head("classifier.out_proj"),),
        names: &["classifier."],
        drawn: &["classifier.dense.weight", "classifier.out_proj.weight"],
        dense: "classifier.dense",
        squash: Squash::Tanh,
        drops_first: true,
        output: "classifier.out_proj",
    };
    const TOKENS: TokenHead = TokenHead {
        family: &Family { head_tensors: &[], output: "classifier.", ..FAMILY },
        modules: bert_like_modules!("roberta", Module::head("classifier")),
    };
    const MASKED: MaskedHead = MaskedHead {
        family: &Family {
            head: "lm_head.",
            head_tensors: &[
                tensor("lm_head.dense.weight", &[Size::Hidden, Size::Hidden]),
                tensor("lm_head.dense.bias", &[Size::Hidden]),
                tensor("lm_head.layer_norm.weight", &[Size::Hidden]),
                tensor("lm_head.layer_norm.bias", &[Size::Hidden]),
                tensor("lm_head.bias", &[Size::Vocabulary]),
            ],
            other_heads: &["classifier.", "qa_outputs.", "roberta.pooler.", "pooler."],
            output: "",
            ..FAMILY
        },
        modules: bert_like_modules!(
            "roberta",
            Module::linear("lm_head.dense"),
            Module::other("lm_head.layer_norm"),
            Module::other("lm_head"),
        ),
        names: &["lm_head."],
        dense: "lm_head.dense",
        norm: "lm_head.layer_norm",
        bias: "lm_head",
        decoder: "lm_head.decoder",
    };
}

/// The `RoBERTa` family, with a head over whole texts.
///
/// Source: `transformers.RobertaModel` and `transformers.RobertaConfig`.
pub const FAMILY: Family = Family {
    name: "RoBERTa",
    model_type: "roberta",
    other_model_types: &["xlm-roberta"],
    defaults: Sizes {
        vocab_size: Some(50265),
        hidden_size: Some(768),
        num_hidden_layers: Some(12),
        num_attention_heads: Some(12),
        intermediate_size: Some(3072),
        max_position_embeddings: Some(512),
        type_vocab_size: Some(2),
        ..Sizes::NONE
    },
    prefix: "roberta.",
    tensors: TENSORS,
    head: "classifier.",
    head_tensors: &[
        tensor("classifier.dense.weight", &[Size::Hidden, Size::Hidden]),
        tensor("classifier.dense.bias", &[Size::Hidden]),
    ],
    output: "classifier.out_proj.",
    other_heads: &["lm_head.", "qa_outputs.", "roberta.pooler.", "pooler."],
    reserved_positions: PADDING as usize + 1,
    ..Family::EMPTY
};
