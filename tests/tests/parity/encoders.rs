//! Every head of every family of encoders: logits, loss and every gradient equal those of transformers on small models.

use std::collections::BTreeMap;
use std::path::PathBuf;

use candle_core::{DType, Device, Tensor};
use trainer_core::Result;
use trainer_core::collate::Batch;
use trainer_core::data::{ClassLabel, IGNORE};
use trainer_core::loss::{self, Loss, LossSum};
use trainer_core::model::{
    AutoModelForMaskedLM, AutoModelForSequenceClassification, AutoModelForTokenClassification, BertForMaskedLM,
    DistilBertForMaskedLM, DistilBertForTokenClassification, ElectraForMaskedLM, ElectraForSequenceClassification,
    ElectraForTokenClassification, Model, Output, RobertaForMaskedLM, RobertaForSequenceClassification,
    RobertaForTokenClassification, weights,
};
use trainer_core::tensor::random::Mode;
use trainer_tests::on_both_ways;

/// The reference is computed in f64; weights of deviation 0.3 make logits of up to 5.
const LOGITS: f32 = 5e-5;
const LOSS: f32 = 1e-5;
/// Relative to the norm of the tensor's gradient.
const GRADIENTS: f64 = 1e-4;
/// The gradient of a key bias is zero in exact arithmetic.
const ZERO_GRADIENT: f64 = 1e-6;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Level {
    Low,
    Middle,
    High,
}

impl ClassLabel for Level {
    const COUNT: usize = 3;
    const NAMES: &'static [&'static str] = &["low", "middle", "high"];
    const TYPE_NAME: &'static str = "Level";

    fn index(&self) -> usize {
        *self as usize
    }

    fn from_index(index: usize) -> Option<Self> {
        [Self::Low, Self::Middle, Self::High].get(index).copied()
    }
}

fn folder(name: &str) -> PathBuf {
    trainer_tests::fixtures().join("encoders").join(name)
}

/// The batch and the figures of a model.
struct Expected {
    batch: Batch,
    tensors: BTreeMap<String, Tensor>,
}

impl Expected {
    fn of(name: &str) -> Result<Self> {
        let mut tensors = weights::read(&folder(name).join("expected.safetensors"), &Device::Cpu)?;
        let labels = tensors.remove("labels").expect("labels");
        let shape = labels.dims().to_vec();
        let labels = labels.flatten_all()?.to_vec1::<i64>()?;
        let labels: Vec<u32> = labels.into_iter().map(|label| u32::try_from(label).unwrap_or(IGNORE)).collect();
        let mut take = |key: &str| tensors.remove(key).map(|value| value.to_dtype(DType::U32)).transpose();
        let mask = take("attention_mask")?.expect("a mask");
        let flat = mask.flatten_all()?.to_vec1::<u32>()?;
        let real = flat.iter().enumerate().filter(|(_, real)| **real == 1).map(|(place, _)| place as u32).collect();
        let batch = Batch {
            rows: (0..mask.dim(0)?).collect(),
            input_ids: take("input_ids")?,
            attention_mask: Some(mask),
            token_type_ids: take("token_type_ids")?,
            labels: Some(Tensor::from_vec(labels, shape, &Device::Cpu)?),
            real_tokens: Some(real),
            ..Batch::default()
        };
        Ok(Self { batch, tensors })
    }

    /// The logits; those at padding are zeros.
    fn logits(&self) -> Result<Tensor> {
        let logits = &self.tensors["logits"];
        if logits.rank() == 2 {
            return Ok(logits.clone());
        }
        let mask = self.batch.attention_mask()?.to_dtype(DType::F32)?;
        Ok(logits.broadcast_mul(&mask.unsqueeze(2)?)?)
    }

    /// The sum of the losses, of rows of the vocabulary if the model gives them.
    fn loss(&self, model: &impl Model, logits: &Tensor) -> Result<LossSum> {
        if let Some(rows) = model.vocabulary_rows(&self.batch, Mode::Evaluate)? {
            return loss::linear_cross_entropy(&rows.hidden, &rows.weight, rows.bias.as_ref(), &rows.labels, 0.0);
        }
        let labels = self.batch.labels()?.flatten_all()?;
        let logits = logits.reshape((labels.elem_count(), ()))?;
        loss::ce().loss(&Output { logits }, &Batch { labels: Some(labels), ..self.batch.clone() })
    }
}

fn norm(tensor: &Tensor) -> Result<f64> {
    let values = tensor.flatten_all()?.to_vec1::<f32>()?;
    Ok(values.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt())
}

/// Compares a model with the figures of its folder.
fn check(name: &str, model: &impl Model) -> Result<()> {
    let expected = Expected::of(name)?;
    let logits = model.forward(&expected.batch, Mode::Evaluate)?.logits;
    let difference = (&logits - expected.logits()?)?.abs()?.flatten_all()?.max(0)?.to_scalar::<f32>()?;
    assert!(difference < LOGITS, "{name}: logits differ by {difference}");
    let sum = expected.loss(model, &logits)?;
    let mean = (sum.sum() / sum.weight())?;
    let (found, reference) = (mean.to_scalar::<f32>()?, expected.tensors["loss"].to_scalar::<f32>()?);
    assert!((found - reference).abs() < LOSS, "{name}: loss {found}, reference {reference}");
    let mut store = mean.backward()?;
    let parameters = model.parameters().list();
    let trained = parameters.iter().filter(|parameter| parameter.trainable).count();
    assert_eq!(trained, expected.tensors.len() - 2, "{name}: parameters with a gradient");
    for parameter in parameters.iter().filter(|parameter| parameter.trainable) {
        let reference = &expected.tensors[&format!("grad.{}", parameter.name)];
        let found = store.remove(&parameter.variable).unwrap_or_else(|| panic!("`{}` has none", parameter.name));
        let difference = norm(&(found - reference)?)?;
        let is_zero = ["key.bias", "k_lin.bias"].iter().any(|end| parameter.name.ends_with(end));
        let bound = if is_zero { ZERO_GRADIENT } else { GRADIENTS * norm(reference)? };
        assert!(difference <= bound, "{name} {}: gradients differ by {difference}, of {bound}", parameter.name);
    }
    Ok(())
}

/// Compares the models of a folder, as its family and by what its `config.json` says.
macro_rules! heads {
    ($($test:ident: $folder:literal $model:ty | $auto:ty;)+) => {
        $(#[test]
        fn $test() -> Result<()> {
            on_both_ways(|| {
                check($folder, &<$model>::from_pretrained(folder($folder))?)?;
                check($folder, &<$auto>::from_pretrained(folder($folder))?)
            })
        })+
    };
}

heads! {
    bert_for_masked_tokens_with_a_table_of_its_own: "bert-untied-mlm" BertForMaskedLM | AutoModelForMaskedLM;
    roberta_for_tags: "roberta-tokcls" RobertaForTokenClassification<Level> | AutoModelForTokenClassification<Level>;
    roberta_for_masked_tokens_padded_at_the_left: "roberta-mlm" RobertaForMaskedLM | AutoModelForMaskedLM;
    xlm_roberta_for_classes: "xlm-roberta-seqcls"
        RobertaForSequenceClassification<Level> | AutoModelForSequenceClassification<Level>;
    distilbert_for_tags: "distilbert-tokcls" DistilBertForTokenClassification<Level> | AutoModelForTokenClassification<Level>;
    distilbert_for_masked_tokens: "distilbert-mlm" DistilBertForMaskedLM | AutoModelForMaskedLM;
    electra_for_classes: "electra-seqcls"
        ElectraForSequenceClassification<Level> | AutoModelForSequenceClassification<Level>;
    electra_whose_embeddings_are_as_wide_as_its_blocks: "electra-equal-seqcls"
        ElectraForSequenceClassification<Level> | AutoModelForSequenceClassification<Level>;
    electra_for_tags: "electra-tokcls" ElectraForTokenClassification<Level> | AutoModelForTokenClassification<Level>;
    electra_for_masked_tokens: "electra-mlm" ElectraForMaskedLM | AutoModelForMaskedLM;
}
