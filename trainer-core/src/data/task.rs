//! Tasks: what the roles of an example's fields amount to, as a type.

use std::marker::PhantomData;

use super::ClassLabel;
use crate::error::{Error, ErrorKind, Result};

/// The kind of a [`Task`], to be compared while compiling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TaskKind {
    /// One class for each text.
    SequenceClassification,
    /// Any number of classes for each text.
    MultiLabelClassification,
    /// Numbers for each text.
    Regression,
}

/// The classes that a task or a model's head speaks of, to be compared while compiling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LabelSet {
    /// The enum's own name.
    pub type_name: &'static str,
    /// The classes' names, in order.
    pub names: &'static [&'static str],
}

/// What a model learns from an example; decided by the roles of the example's fields.
pub trait Task: Sized + Send + Sync + 'static {
    /// Which kind of task it is.
    const KIND: TaskKind;
    /// How many numbers the model gives for an example.
    const OUTPUTS: usize;
    /// The classes, if there are any.
    const LABELS: Option<LabelSet>;
    /// What a prediction for one example is.
    type Prediction: Send;

    /// Reads a prediction from the logits of one example, `[OUTPUTS]`.
    fn prediction(logits: &[f32]) -> Result<Self::Prediction>;
}

/// One class for each text: softmax over the classes of `L`.
pub struct SequenceClassification<L>(PhantomData<fn() -> L>);

/// Any number of classes for each text: a sigmoid for each class of `L`.
pub struct MultiLabelClassification<L>(PhantomData<fn() -> L>);

/// `N` numbers for each text.
pub struct Regression<const N: usize>;

/// The class predicted for one text.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassPrediction<L> {
    /// The most probable class; the first of equals.
    pub label: L,
    /// Its probability.
    pub score: f32,
    /// The probability of every class, in their order.
    pub probabilities: Vec<f32>,
}

/// The classes predicted for one text.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassesPrediction<L> {
    /// The classes whose probability is above one half.
    pub labels: Vec<L>,
    /// The probability of every class, in their order, each on its own.
    pub probabilities: Vec<f32>,
}

/// The numbers predicted for one text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ValuePrediction<const N: usize> {
    /// The numbers, in the order of the label.
    pub values: [f32; N],
}

impl<L: ClassLabel> Task for SequenceClassification<L> {
    const KIND: TaskKind = TaskKind::SequenceClassification;
    const OUTPUTS: usize = L::COUNT;
    const LABELS: Option<LabelSet> = Some(LabelSet { type_name: L::TYPE_NAME, names: L::NAMES });
    type Prediction = ClassPrediction<L>;

    fn prediction(logits: &[f32]) -> Result<Self::Prediction> {
        if logits.len() != L::COUNT {
            return Err(wrong_width::<Self>(logits.len()));
        }
        let probabilities = softmax(logits);
        let best = first_maximum(&probabilities) as usize;
        Ok(ClassPrediction {
            label: L::from_index(best).ok_or_else(|| wrong_width::<Self>(logits.len()))?,
            score: probabilities.get(best).copied().unwrap_or(f32::NAN),
            probabilities,
        })
    }
}

impl<L: ClassLabel> Task for MultiLabelClassification<L> {
    const KIND: TaskKind = TaskKind::MultiLabelClassification;
    const OUTPUTS: usize = L::COUNT;
    const LABELS: Option<LabelSet> = Some(LabelSet { type_name: L::TYPE_NAME, names: L::NAMES });
    type Prediction = ClassesPrediction<L>;

    fn prediction(logits: &[f32]) -> Result<Self::Prediction> {
        if logits.len() != L::COUNT {
            return Err(wrong_width::<Self>(logits.len()));
        }
        let probabilities: Vec<f32> = logits.iter().map(|logit| 1.0 / (1.0 + (-logit).exp())).collect();
        let present = probabilities.iter().enumerate().filter(|(_, probability)| **probability > 0.5);
        let labels = present.filter_map(|(index, _)| L::from_index(index)).collect();
        Ok(ClassesPrediction { labels, probabilities })
    }
}

impl<const N: usize> Task for Regression<N> {
    const KIND: TaskKind = TaskKind::Regression;
    const OUTPUTS: usize = N;
    const LABELS: Option<LabelSet> = None;
    type Prediction = ValuePrediction<N>;

    fn prediction(logits: &[f32]) -> Result<Self::Prediction> {
        let values = logits.try_into().map_err(|_| wrong_width::<Self>(logits.len()))?;
        Ok(ValuePrediction { values })
    }
}

/// The error for a model that gives another number of logits for an example than its task needs.
pub(crate) fn wrong_width<T: Task>(found: usize) -> Error {
    let expected = T::OUTPUTS;
    let numbers = if found == 1 { "number" } else { "numbers" };
    let message = format!("the model gives {found} {numbers} for an example, but its task needs {expected}");
    let error = Error::new(ErrorKind::Shape, message);
    match T::LABELS {
        Some(labels) => error.help(format!(
            "one for each class of `{}`, in this order: {}",
            labels.type_name,
            labels.names.join(", ")
        )),
        None => error.help(format!("make the last layer {expected} wide")),
    }
}

fn softmax(logits: &[f32]) -> Vec<f32> {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let exponentials: Vec<f32> = logits.iter().map(|logit| (logit - largest).exp()).collect();
    let sum: f32 = exponentials.iter().sum();
    exponentials.iter().map(|exponential| exponential / sum).collect()
}

/// The position of the largest value; of equals the first, as numpy's `argmax`. 0 if there are no values.
pub fn first_maximum(values: &[f32]) -> u32 {
    let mut best = 0;
    for (index, value) in values.iter().enumerate() {
        if *value > values[best] {
            best = index;
        }
    }
    best as u32
}
