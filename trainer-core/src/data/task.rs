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
    /// One class for each word of a text.
    TokenClassification,
    /// The words of a text itself: those that are masked, or the next one at each place.
    LanguageModeling,
    /// What an assistant answers.
    Conversation,
    /// One text for another.
    Seq2Seq,
}

impl TaskKind {
    /// Whether a model of the task gives scores for every id of its vocabulary, at each token that has a label.
    pub const fn is_over_vocabulary(self) -> bool {
        matches!(self, Self::LanguageModeling | Self::Conversation | Self::Seq2Seq)
    }

    /// Whether labels and scores stand at tokens, `[batch, length]`, and not at examples.
    pub const fn is_over_tokens(self) -> bool {
        matches!(self, Self::TokenClassification) || self.is_over_vocabulary()
    }
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
    /// How many numbers the model gives for an example, or for a token where the task is over tokens; 0 for as many as
    /// the vocabulary has.
    const OUTPUTS: usize;
    /// The classes, if there are any.
    const LABELS: Option<LabelSet>;
    /// What a prediction for one example is.
    type Prediction: Send;

    /// Reads a prediction from the logits of one example, `[OUTPUTS]`; of the words of one example, `[words * OUTPUTS]`, where
    /// the task gives each a class: −∞ for each class of a word that the model does not read.
    ///
    /// # Errors
    /// [`ErrorKind::Shape`] for another number of logits, and for a task whose predictions are texts.
    fn prediction(logits: &[f32]) -> Result<Self::Prediction>;

    /// A prediction that is a text which the model wrote; `None` for a task whose predictions are read from logits.
    fn written(text: String) -> Option<Self::Prediction> {
        let _ = text;
        None
    }
}

/// One class for each text: softmax over the classes of `L`.
pub struct SequenceClassification<L>(PhantomData<fn() -> L>);

/// Any number of classes for each text: a sigmoid for each class of `L`.
pub struct MultiLabelClassification<L>(PhantomData<fn() -> L>);

/// `N` numbers for each text.
pub struct Regression<const N: usize>;

/// One class of `T` for each word.
pub struct TokenClassification<T>(PhantomData<fn() -> T>);

/// The words of a text itself; model and collator say whether masked ones or the next.
pub struct LanguageModeling;

/// What an assistant answers to a prompt, or in a conversation.
pub struct Conversation;

/// One text for another, such as its translation.
pub struct Seq2Seq;

/// The classes predicted for the words of one text.
#[derive(Clone, Debug, PartialEq)]
pub struct TagsPrediction<T> {
    /// The most probable class of each word; the first of equals. A word that the model does not read, because the tokenizer
    /// makes nothing of it or it lies beyond the longest length, has the class named `O`, or the first where none is.
    pub tags: Vec<T>,
    /// Their probabilities; 0 for a word that the model does not read.
    pub scores: Vec<f32>,
}

/// The text that the model wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextPrediction {
    /// The text, without special tokens.
    pub text: String,
}

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
    /// The classes whose probability is above one half, or above the [threshold](Self::with_threshold) that was asked for.
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
        Ok(ClassesPrediction { labels: Vec::new(), probabilities }.with_threshold(0.5))
    }
}

impl<L: ClassLabel> ClassesPrediction<L> {
    /// The same prediction with the classes whose probability is above `threshold`, between 0 and 1: lower finds more of
    /// the classes that are there, higher fewer that are not.
    /// [`PredictionOutput::best_threshold`](crate::infer::PredictionOutput::best_threshold) chooses one.
    #[must_use]
    pub fn with_threshold(self, threshold: f64) -> Self {
        let thresholds = vec![threshold; self.probabilities.len()];
        self.with_thresholds(&thresholds)
    }

    /// The same prediction with a threshold for each class, in their order; a class without one is not predicted.
    #[must_use]
    pub fn with_thresholds(self, thresholds: &[f64]) -> Self {
        let classes = self.probabilities.iter().zip(thresholds).enumerate();
        let present = classes.filter(|(_, (probability, threshold))| f64::from(**probability) > **threshold);
        let labels = present.filter_map(|(index, _)| L::from_index(index)).collect();
        Self { labels, ..self }
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

impl<T: ClassLabel> Task for TokenClassification<T> {
    const KIND: TaskKind = TaskKind::TokenClassification;
    const OUTPUTS: usize = T::COUNT;
    const LABELS: Option<LabelSet> = Some(LabelSet { type_name: T::TYPE_NAME, names: T::NAMES });
    type Prediction = TagsPrediction<T>;

    fn prediction(logits: &[f32]) -> Result<Self::Prediction> {
        if !logits.len().is_multiple_of(T::COUNT) {
            return Err(wrong_width::<Self>(logits.len()));
        }
        let mut prediction = TagsPrediction { tags: Vec::new(), scores: Vec::new() };
        let outside = T::NAMES.iter().position(|name| *name == "O").unwrap_or(0);
        for word in logits.chunks_exact(T::COUNT) {
            let (best, probabilities) = if word.iter().all(|logit| *logit == f32::NEG_INFINITY) {
                (outside, vec![0.0; T::COUNT])
            } else {
                let probabilities = softmax(word);
                (first_maximum(&probabilities) as usize, probabilities)
            };
            prediction.tags.push(T::from_index(best).ok_or_else(|| wrong_width::<Self>(logits.len()))?);
            prediction.scores.push(probabilities.get(best).copied().unwrap_or(f32::NAN));
        }
        Ok(prediction)
    }
}

/// The three tasks whose predictions are texts.
macro_rules! over_vocabulary {
    ($($task:ident)*) => {$(
        impl Task for $task {
            const KIND: TaskKind = TaskKind::$task;
            const OUTPUTS: usize = 0;
            const LABELS: Option<LabelSet> = None;
            type Prediction = TextPrediction;

            fn prediction(_logits: &[f32]) -> Result<Self::Prediction> {
                Err(Error::new(ErrorKind::Shape, "a text is written token by token, and not read from the logits of an example"))
            }

            fn written(text: String) -> Option<Self::Prediction> {
                Some(TextPrediction { text })
            }
        }
    )*};
}

over_vocabulary!(LanguageModeling Conversation Seq2Seq);

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

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Topic {
        Price,
        Service,
    }

    impl ClassLabel for Topic {
        const COUNT: usize = 2;
        const NAMES: &'static [&'static str] = &["price", "service"];
        const TYPE_NAME: &'static str = "Topic";

        fn index(&self) -> usize {
            *self as usize
        }

        fn from_index(index: usize) -> Option<Self> {
            [Self::Price, Self::Service].get(index).copied()
        }
    }

    #[test]
    fn several_classes_are_those_above_the_threshold() {
        // The sigmoids of 1 and -1 are 0.73 and 0.27.
        let prediction = MultiLabelClassification::<Topic>::prediction(&[1.0, -1.0]).unwrap();
        assert_eq!(prediction.labels, [Topic::Price]);
        assert_eq!(prediction.clone().with_threshold(0.2).labels, [Topic::Price, Topic::Service]);
        assert_eq!(prediction.clone().with_threshold(0.8).labels, []);
        assert_eq!(prediction.with_thresholds(&[0.8, 0.2]).labels, [Topic::Service]);
    }

    #[test]
    fn each_word_has_its_own_class() {
        let prediction = TokenClassification::<Topic>::prediction(&[0.0, 2.0, 3.0, 1.0]).unwrap();
        assert_eq!(prediction.tags, [Topic::Service, Topic::Price]);
        assert!(prediction.scores.iter().all(|score| (score - 0.880_797).abs() < 1e-6), "{:?}", prediction.scores);
        let unread =
            TokenClassification::<Topic>::prediction(&[0.0, 2.0, f32::NEG_INFINITY, f32::NEG_INFINITY]).unwrap();
        assert_eq!((unread.tags.as_slice(), unread.scores[1]), (&[Topic::Service, Topic::Price][..], 0.0));
        let error = TokenClassification::<Topic>::prediction(&[0.0, 2.0, 3.0]).unwrap_err();
        assert!(error.to_string().contains("`Topic`"), "{error}");
    }
}
