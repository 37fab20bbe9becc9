//! The BERT family: its configuration, and what it calls its parts.

use serde_json::{Map, Value};

use super::configuration;
use super::encoder::bert_like::{
    BLOCK, BLOCKS, TENSORS, TENSORS_WITH_POOLER, bert_like_config, bert_like_modules, tensor,
};
use super::encoder::{
    EncoderConfig, EncoderFamily, EncoderModel, EncoderNames, EncoderSettings, ForMaskedLM, ForSequenceClassification,
    ForTokenClassification, MaskedHead, SequenceHead, Squash, TokenHead,
};
use super::family::{Family, Size, Sizes};
use super::peft::Module;
use crate::error::Result;

/// BERT without a head.
pub type BertModel = EncoderModel<Bert>;
/// BERT with a linear head over the pooled first token, for classes or numbers: see [`ForSequenceClassification`].
pub type BertForSequenceClassification<L> = ForSequenceClassification<Bert, L>;
/// BERT with a linear head over every token, for the classes of words: see [`ForTokenClassification`].
pub type BertForTokenClassification<T> = ForTokenClassification<Bert, T>;
/// BERT with a head over the vocabulary, for masked tokens: see [`ForMaskedLM`].
pub type BertForMaskedLM = ForMaskedLM<Bert>;

bert_like_config! {
    /// The configuration of a BERT model; what it does not name is kept as it was read.
    ///
    /// Source: `transformers.BertConfig`, whose defaults these are.
    BertConfig of FAMILY {
        vocab_size: 30522,
        hidden_size: 768,
        num_attention_heads: 12,
        intermediate_size: 3072,
        pad_token_id: Some(0),
    }
}

impl EncoderConfig for BertConfig {
    fn settings(&self) -> Result<EncoderSettings> {
        let masked_activation = configuration::activation("hidden_act", &self.hidden_act)?;
        Ok(EncoderSettings { masked_activation, ..self.like_bert()? })
    }

    fn other(&self) -> &Map<String, Value> {
        &self.other
    }
}

/// The family of BERT models.
#[derive(Debug)]
pub enum Bert {}

impl EncoderFamily for Bert {
    type Config = BertConfig;
    const NAMES: EncoderNames = EncoderNames { prefix: "bert", blocks: BLOCKS, block: BLOCK };
    const CLASSES: &'static [(&'static str, &'static str)] = &[("bert", "Bert")];
    const SEQUENCE: SequenceHead = SequenceHead {
        family: &FAMILY,
        modules: bert_like_modules!("bert", Module::linear("bert.pooler.dense"), Module::head("classifier")),
        names: &["classifier."],
        drawn: &["bert.pooler.dense.weight", "classifier.weight"],
        dense: "bert.pooler.dense",
        squash: Squash::Tanh,
        drops_first: false,
        output: "classifier",
    };
    const TOKENS: TokenHead = TokenHead {
        family: &Family {
            tensors: TENSORS,
            other_heads: &["cls.", "qa_outputs.", "bert.pooler.", "pooler."],
            may_lack: &[],
            ..FAMILY
        },
        modules: bert_like_modules!("bert", Module::head("classifier")),
    };
    const MASKED: MaskedHead = MaskedHead {
        family: &Family {
            tensors: TENSORS,
            head: "cls.predictions.",
            head_tensors: &[
                tensor("cls.predictions.transform.dense.weight", &[Size::Hidden, Size::Hidden]),
                tensor("cls.predictions.transform.dense.bias", &[Size::Hidden]),
                tensor("cls.predictions.transform.LayerNorm.weight", &[Size::Hidden]),
                tensor("cls.predictions.transform.LayerNorm.bias", &[Size::Hidden]),
                tensor("cls.predictions.bias", &[Size::Vocabulary]),
            ],
            other_heads: &["cls.seq_relationship.", "classifier.", "qa_outputs.", "bert.pooler.", "pooler."],
            may_lack: &[],
            ..FAMILY
        },
        modules: bert_like_modules!(
            "bert",
            Module::linear("cls.predictions.transform.dense"),
            Module::other("cls.predictions.transform.LayerNorm"),
            Module::other("cls.predictions"),
        ),
        names: &["cls.predictions."],
        dense: "cls.predictions.transform.dense",
        norm: "cls.predictions.transform.LayerNorm",
        bias: "cls.predictions",
        decoder: "cls.predictions.decoder",
    };
}

/// The BERT family, with a head over whole texts.
///
/// Source: `transformers.BertModel` and `transformers.BertConfig`.
pub const FAMILY: Family = Family {
    name: "BERT",
    model_type: "bert",
    defaults: Sizes {
        vocab_size: Some(30522),
        hidden_size: Some(768),
        num_hidden_layers: Some(12),
        num_attention_heads: Some(12),
        intermediate_size: Some(3072),
        max_position_embeddings: Some(512),
        type_vocab_size: Some(2),
        ..Sizes::NONE
    },
    prefix: "bert.",
    tensors: TENSORS_WITH_POOLER,
    head: "classifier.",
    other_heads: &["cls.", "qa_outputs."],
    may_lack: &["pooler."],
    ..Family::EMPTY
};
