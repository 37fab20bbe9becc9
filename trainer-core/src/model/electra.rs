//! The ELECTRA family: its configuration, and what it calls its parts.

use serde_json::{Map, Value};

use super::configuration;
use super::encoder::bert_like::{BLOCK, BLOCKS, TENSORS, bert_like_config, bert_like_modules, tensor};
use super::encoder::{
    EncoderConfig, EncoderFamily, EncoderModel, EncoderNames, EncoderSettings, ForMaskedLM, ForSequenceClassification,
    ForTokenClassification, MaskedHead, SequenceHead, Squash, TokenHead,
};
use super::family::{Condition, Family, Size, Sizes};
use super::peft::Module;
use crate::error::Result;
use crate::tensor::Activation;

/// ELECTRA without a head.
pub type ElectraModel = EncoderModel<Electra>;
/// ELECTRA with a head of two layers over the first token, for classes or numbers: see [`ForSequenceClassification`].
pub type ElectraForSequenceClassification<L> = ForSequenceClassification<Electra, L>;
/// ELECTRA with a linear head over every token, for the classes of words: see [`ForTokenClassification`].
pub type ElectraForTokenClassification<T> = ForTokenClassification<Electra, T>;
/// ELECTRA's generator, for masked tokens: see [`ForMaskedLM`].
pub type ElectraForMaskedLM = ForMaskedLM<Electra>;

bert_like_config! {
    /// The configuration of an ELECTRA model; what it does not name is kept as it was read.
    ///
    /// Source: `transformers.ElectraConfig`, whose defaults these are.
    ElectraConfig of FAMILY {
        vocab_size: 30522,
        hidden_size: 256,
        num_attention_heads: 4,
        intermediate_size: 1024,
        pad_token_id: Some(0),
        ;
        /// Numbers for each token before the first block; a layer stands between where blocks have another number.
        embedding_size = 128,
    }
}

impl EncoderConfig for ElectraConfig {
    fn settings(&self) -> Result<EncoderSettings> {
        configuration::refuse_zeros(&[("embedding_size", self.embedding_size)])?;
        Ok(EncoderSettings { embedding_size: self.embedding_size, ..self.like_bert()? })
    }

    fn other(&self) -> &Map<String, Value> {
        &self.other
    }
}

/// The family of ELECTRA models.
#[derive(Debug)]
pub enum Electra {}

impl EncoderFamily for Electra {
    type Config = ElectraConfig;
    const NAMES: EncoderNames = EncoderNames { prefix: "electra", blocks: BLOCKS, block: BLOCK };
    const CLASSES: &'static [(&'static str, &'static str)] = &[("electra", "Electra")];
    const SEQUENCE: SequenceHead = SequenceHead {
        family: &FAMILY,
        modules: bert_like_modules!(
            "electra",
            Module::linear("electra.embeddings_project"),
            Module::head("classifier.dense"),
            Module::head("classifier.out_proj"),
        ),
        names: &["classifier."],
        drawn: &["classifier.dense.weight", "classifier.out_proj.weight"],
        dense: "classifier.dense",
        squash: Squash::By(Activation::Gelu),
        drops_first: true,
        output: "classifier.out_proj",
    };
    const TOKENS: TokenHead = TokenHead {
        family: &Family { head_tensors: &[], output: "classifier.", ..FAMILY },
        modules: bert_like_modules!(
            "electra",
            Module::linear("electra.embeddings_project"),
            Module::head("classifier"),
        ),
    };
    const MASKED: MaskedHead = MaskedHead {
        family: &Family {
            head: "generator_",
            head_tensors: &[
                tensor("generator_predictions.dense.weight", &[Size::Embedding, Size::Hidden]),
                tensor("generator_predictions.dense.bias", &[Size::Embedding]),
                tensor("generator_predictions.LayerNorm.weight", &[Size::Embedding]),
                tensor("generator_predictions.LayerNorm.bias", &[Size::Embedding]),
                tensor("generator_lm_head.bias", &[Size::Vocabulary]),
            ],
            other_heads: &["discriminator_predictions.", "classifier.", "qa_outputs."],
            output: "",
            ..FAMILY
        },
        modules: bert_like_modules!(
            "electra",
            Module::linear("electra.embeddings_project"),
            Module::linear("generator_predictions.dense"),
            Module::other("generator_predictions.LayerNorm"),
            Module::other("generator_lm_head"),
        ),
        names: &["generator_"],
        dense: "generator_predictions.dense",
        norm: "generator_predictions.LayerNorm",
        bias: "generator_lm_head",
        decoder: "generator_lm_head",
    };
}

/// The ELECTRA family, with a head over whole texts.
///
/// Source: `transformers.ElectraModel` and `transformers.ElectraConfig`.
pub const FAMILY: Family = Family {
    name: "ELECTRA",
    model_type: "electra",
    defaults: Sizes {
        vocab_size: Some(30522),
        hidden_size: Some(256),
        embedding_size: Some(128),
        num_hidden_layers: Some(12),
        num_attention_heads: Some(4),
        intermediate_size: Some(1024),
        max_position_embeddings: Some(512),
        type_vocab_size: Some(2),
        ..Sizes::NONE
    },
    prefix: "electra.",
    tensors: TENSORS,
    only_where: &[(
        Condition::WidthsDiffer,
        &[
            tensor("embeddings_project.weight", &[Size::Hidden, Size::Embedding]),
            tensor("embeddings_project.bias", &[Size::Hidden]),
        ],
    )],
    head: "classifier.",
    head_tensors: &[
        tensor("classifier.dense.weight", &[Size::Hidden, Size::Hidden]),
        tensor("classifier.dense.bias", &[Size::Hidden]),
    ],
    output: "classifier.out_proj.",
    other_heads: &["discriminator_predictions.", "generator_", "qa_outputs."],
    ..Family::EMPTY
};
