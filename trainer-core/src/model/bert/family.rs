//! The tensors of the BERT family, by their names in Hugging Face's files.

use crate::model::family::Size::{Hidden, Intermediate, Positions, TokenTypes, Vocabulary};
use crate::model::family::{Family, KnownTensor, Size, Sizes};

/// The BERT family.
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
    },
    prefix: "bert.",
    tensors: TENSORS,
    head: "classifier.",
    other_heads: &["cls.", "qa_outputs."],
};

const fn tensor(name: &'static str, shape: &'static [Size]) -> KnownTensor {
    KnownTensor { name, shape }
}

const TENSORS: &[KnownTensor] = &[
    tensor("embeddings.word_embeddings.weight", &[Vocabulary, Hidden]),
    tensor("embeddings.position_embeddings.weight", &[Positions, Hidden]),
    tensor("embeddings.token_type_embeddings.weight", &[TokenTypes, Hidden]),
    tensor("embeddings.LayerNorm.weight", &[Hidden]),
    tensor("embeddings.LayerNorm.bias", &[Hidden]),
    tensor("encoder.layer.{}.attention.self.query.weight", &[Hidden, Hidden]),
    tensor("encoder.layer.{}.attention.self.query.bias", &[Hidden]),
    tensor("encoder.layer.{}.attention.self.key.weight", &[Hidden, Hidden]),
    tensor("encoder.layer.{}.attention.self.key.bias", &[Hidden]),
    tensor("encoder.layer.{}.attention.self.value.weight", &[Hidden, Hidden]),
    tensor("encoder.layer.{}.attention.self.value.bias", &[Hidden]),
    tensor("encoder.layer.{}.attention.output.dense.weight", &[Hidden, Hidden]),
    tensor("encoder.layer.{}.attention.output.dense.bias", &[Hidden]),
    tensor("encoder.layer.{}.attention.output.LayerNorm.weight", &[Hidden]),
    tensor("encoder.layer.{}.attention.output.LayerNorm.bias", &[Hidden]),
    tensor("encoder.layer.{}.intermediate.dense.weight", &[Intermediate, Hidden]),
    tensor("encoder.layer.{}.intermediate.dense.bias", &[Intermediate]),
    tensor("encoder.layer.{}.output.dense.weight", &[Hidden, Intermediate]),
    tensor("encoder.layer.{}.output.dense.bias", &[Hidden]),
    tensor("encoder.layer.{}.output.LayerNorm.weight", &[Hidden]),
    tensor("encoder.layer.{}.output.LayerNorm.bias", &[Hidden]),
    tensor("pooler.dense.weight", &[Hidden, Hidden]),
    tensor("pooler.dense.bias", &[Hidden]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{BertConfig, BertForSequenceClassification, Model};

    #[test]
    fn the_tensors_of_the_family_are_those_of_a_model() -> crate::Result<()> {
        let config = BertConfig {
            vocab_size: 30,
            hidden_size: 8,
            num_hidden_layers: 3,
            num_attention_heads: 2,
            intermediate_size: 12,
            max_position_embeddings: 20,
            ..BertConfig::default()
        };
        let sizes = Sizes::of_config(&serde_json::to_value(&config).unwrap());
        let model = BertForSequenceClassification::<f32>::from_config(config)?;
        let mut expected = Vec::new();
        for tensor in FAMILY.tensors {
            let shape: Vec<usize> = tensor.shape.iter().map(|size| sizes.of(*size)).collect();
            let blocks = if tensor.is_in_blocks() { 3 } else { 1 };
            expected.extend((0..blocks).map(|block| {
                (format!("{}{}", FAMILY.prefix, tensor.name.replace("{}", &block.to_string())), shape.clone())
            }));
        }
        expected.sort();
        let found = model.parameters().list();
        let found = found.iter().filter(|parameter| !parameter.name.starts_with(FAMILY.head));
        let found: Vec<_> =
            found.map(|parameter| (parameter.name.clone(), parameter.variable.dims().to_vec())).collect();
        assert_eq!(found, expected);
        let numbers: usize = found.iter().map(|(_, shape)| shape.iter().product::<usize>()).sum();
        assert_eq!(FAMILY.numbers(&sizes), numbers);
        Ok(())
    }

    #[test]
    fn the_defaults_are_those_of_the_configuration() {
        let config = serde_json::to_value(BertConfig::default()).unwrap();
        assert_eq!(FAMILY.defaults, Sizes::of_config(&config));
    }
}
