//! Metric functions as `#[metric]` writes them out, on batches of each task.

use super::super::{EvaluationLabels, MetricSet};
use super::*;
use crate::data::ClassLabel;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Rating {
    Negative,
    Neutral,
    Positive,
}

impl ClassLabel for Rating {
    const COUNT: usize = 3;
    const NAMES: &'static [&'static str] = &["negative", "neutral", "positive"];
    const TYPE_NAME: &'static str = "Rating";

    fn index(&self) -> usize {
        *self as usize
    }

    fn from_index(index: usize) -> Option<Self> {
        [Self::Negative, Self::Neutral, Self::Positive].get(index).copied()
    }
}

/// Writes out a metric function as the macro does.
macro_rules! metric_function {
    ($name:ident, $needs:expr, $labels:expr, |$($argument:ident: $type:ty),+| $value:expr) => {
        #[allow(non_camel_case_types)]
        enum $name {}

        impl MetricFunction for $name {
            const NAME: &'static str = stringify!($name);
            const GREATER_IS_BETTER: bool = true;
            const NEEDS: Needs = $needs;
            const LABELS: Option<LabelSet> = $labels;

            fn compute(kept: &Kept) -> Result<Vec<MetricValue>> {
                fn call($($argument: $type),+) -> impl serde::Serialize {
                    $value
                }
                values(Self::NAME, call($(<$type as MetricArgument<'_>>::view(kept)?),+))
            }
        }
    };
}

const RATING: Option<LabelSet> = <Rating as MetricElement>::LABELS;

metric_function!(
    within_one,
    <Predictions<'_, Rating> as MetricArgument<'_>>::NEEDS.and(<Labels<'_, Rating> as MetricArgument<'_>>::NEEDS),
    first_labels(&[
        <Predictions<'_, Rating> as MetricArgument<'_>>::LABELS,
        <Labels<'_, Rating> as MetricArgument<'_>>::LABELS,
    ]),
    |predictions: Predictions<'_, Rating>, labels: Labels<'_, Rating>| {
        let pairs = predictions.iter().zip(labels.iter());
        let near = pairs.filter(|(p, l)| p.index().abs_diff(l.index()) <= 1).count();
        near as f64 / labels.len() as f64
    }
);

metric_function!(
    sharpness,
    Needs::PROBABILITIES,
    RATING,
    |rows: Probabilities<'_, Rating>, scores: Scores<'_, Rating>| {
        let largest: f32 = rows.iter().map(|row| row.iter().copied().fold(0.0, f32::max)).sum();
        [("first", f64::from(largest)), ("positive", f64::from(scores.of(Rating::Positive).sum::<f32>()))]
    }
);

metric_function!(hardest, Needs::LOSSES.and(Needs::LOGITS), None, |losses: Losses<'_>, logits: Logits<'_>| {
    assert_eq!(losses.len(), logits.len());
    losses.iter().fold(0.0, f32::max)
});

metric_function!(
    label_count,
    Needs::LABELS.and(Needs::PREDICTIONS),
    RATING,
    |labels: Labels<'_, Vec<Rating>>, found: Predictions<'_, Vec<Rating>>| {
        assert_eq!(found.get(0), Some(vec![Rating::Neutral]));
        labels.iter().map(|classes| classes.len()).sum::<usize>()
    }
);

metric_function!(
    bias,
    Needs::LABELS.and(Needs::PREDICTIONS),
    None,
    |labels: Labels<'_, f32>, predictions: Predictions<'_, f32>| {
        predictions.iter().zip(labels.iter()).map(|(p, l)| f64::from(p - l)).sum::<f64>() / labels.len() as f64
    }
);

const LOGITS: [f32; 6] = [2.0, 1.0, 0.0, 0.0, 0.0, 3.0];

fn classes(labels: &[u32]) -> EvaluationBatch<'_> {
    let labels = EvaluationLabels::Classes(labels);
    EvaluationBatch { logits: &LOGITS, outputs: 3, labels, ..EvaluationBatch::default() }
}

fn value<F: MetricFunction>(batch: &EvaluationBatch<'_>) -> Result<Vec<MetricValue>> {
    let mut metric = FunctionMetric::<F>::new();
    metric.update(batch)?;
    metric.compute()
}

#[test]
fn a_function_sees_the_items_of_all_batches() {
    let mut set = MetricSet::new(vec![Box::new(FunctionMetric::<within_one>::new())]).unwrap();
    set.set_classes(Rating::NAMES).unwrap();
    set.update(&classes(&[0, 1])).unwrap();
    set.update(&classes(&[2, 2])).unwrap();
    assert_eq!(set.compute().unwrap().get("eval_within_one"), Some(0.75));
    assert_eq!(set.greater_is_better("within_one"), Some(true));
    set.reset();
    assert_eq!(set.compute().unwrap().get("within_one"), None);
}

#[test]
fn only_what_is_needed_is_kept() {
    let mut kept = Kept::new(Needs::LABELS);
    kept.add(&classes(&[0, 1])).unwrap();
    assert!(matches!(&kept.labels, kept::Column::Classes(labels) if *labels == [0, 1]));
    assert!(matches!(&kept.predictions, kept::Column::Empty));
    assert!(kept.logits.is_empty() && matches!(&kept.probabilities, kept::Rows::Kept(rows) if rows.is_empty()));
    assert_eq!((kept.items(), kept.outputs()), (2, 3));
}

#[test]
fn probabilities_come_by_row_and_scores_by_class() {
    let values = value::<sharpness>(&classes(&[0, 2])).unwrap();
    let softmax = |x: f64, row: [f64; 3]| x.exp() / row.map(f64::exp).iter().sum::<f64>();
    let (first, second) = ([2.0, 1.0, 0.0], [0.0, 0.0, 3.0]);
    let near = |found: Option<f64>, expected: f64| assert!((found.unwrap() - expected).abs() < 1e-6);
    assert_eq!([values[0].key.as_str(), values[1].key.as_str()], ["sharpness_first", "sharpness_positive"]);
    near(values[0].value, softmax(2.0, first) + softmax(3.0, second));
    near(values[1].value, softmax(0.0, first) + softmax(3.0, second));
}

#[test]
fn several_classes_come_as_a_list() {
    let labels = EvaluationLabels::MultiHot(&[1.0, 1.0, 0.0, 0.0, 0.0, 1.0]);
    let logits = [-1.0, 1.0, 0.0, 1.0, 1.0, 1.0];
    let values = value::<label_count>(&EvaluationBatch { logits: &logits, labels, ..classes(&[]) }).unwrap();
    assert_eq!(values[0].value, Some(3.0));
}

#[test]
fn numbers_come_as_numbers() {
    let labels = EvaluationLabels::Values(&[1.0, 2.0]);
    let batch = EvaluationBatch { logits: &[1.5, 3.0], outputs: 1, labels, ..EvaluationBatch::default() };
    assert_eq!(value::<bias>(&batch).unwrap()[0].value, Some(0.75));
}

#[test]
fn losses_are_refused_if_the_loss_gives_none() {
    let with = EvaluationBatch { losses: Some(&[0.25, 0.5]), ..classes(&[0, 1]) };
    assert_eq!(value::<hardest>(&with).unwrap()[0].value, Some(0.5));
    let error = value::<hardest>(&classes(&[0, 1])).unwrap_err();
    assert!(error.message().starts_with("metric `hardest`: `Losses` is asked for"), "{error}");
}

#[test]
fn an_argument_that_does_not_fit_the_task_is_refused_with_what_fits() {
    let message = |result: Result<Vec<MetricValue>>| result.unwrap_err().to_string();
    let labels = EvaluationLabels::MultiHot(&[1.0, 1.0, 0.0, 0.0, 0.0, 1.0]);
    let sets = EvaluationBatch { labels, ..classes(&[]) };
    assert_eq!(
        message(value::<within_one>(&sets)),
        "metric `within_one`: an argument is over `Rating`, but here an item can have several classes\n\
         help: write `Vec<Rating>` for the classes of an item"
    );
    assert!(message(value::<label_count>(&classes(&[0, 1]))).contains("here each item has one class"));
    assert!(message(value::<bias>(&classes(&[0, 1]))).contains("here the model predicts classes"));
    let numbers = EvaluationBatch { labels: EvaluationLabels::Values(&LOGITS), ..classes(&[]) };
    assert!(message(value::<bias>(&numbers)).ends_with("help: write `[f32; 3]`"));
    assert!(message(value::<sharpness>(&numbers)).contains("numbers have no probabilities"));
    let two = EvaluationBatch { outputs: 2, ..classes(&[0, 1, 1]) };
    assert!(message(value::<within_one>(&two)).contains("`Rating` has 3 classes, but the model gives 2 scores"));
}

#[test]
fn a_metric_over_other_classes_than_the_task_is_refused() {
    let mut metric = FunctionMetric::<within_one>::new();
    metric.set_classes(&["bad", "fair", "good"]);
    let error = metric.update(&classes(&[0, 1])).unwrap_err();
    assert_eq!(
        error.message(),
        "`within_one` is about the classes of `Rating` (negative, neutral, positive), but this task has bad, fair, good"
    );
}

#[test]
fn label_sets_are_compared_by_type_and_names() {
    let other = Some(LabelSet { type_name: "Rating", names: &["negative", "neutral", "good"] });
    let renamed = Some(LabelSet { type_name: "Stars", names: Rating::NAMES });
    assert!(same_labels(RATING, RATING) && same_labels(RATING, None));
    assert!(!same_labels(RATING, other) && !same_labels(RATING, renamed));
    assert_eq!(first_labels(&[None, RATING, renamed]), RATING);
    const { assert!(same_labels(None, None)) };
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Tag {
    Outside,
    Begin,
    Inside,
}

impl ClassLabel for Tag {
    const COUNT: usize = 3;
    const NAMES: &'static [&'static str] = &["O", "B-PER", "I-PER"];
    const TYPE_NAME: &'static str = "Tag";

    fn index(&self) -> usize {
        *self as usize
    }

    fn from_index(index: usize) -> Option<Self> {
        [Self::Outside, Self::Begin, Self::Inside].get(index).copied()
    }
}

metric_function!(whole_sentences, <Entities<'_, Tag> as MetricArgument<'_>>::NEEDS, None, |sentences: Entities<
    '_,
    Tag,
>| {
    let scheme = super::super::EntityScheme::Lenient;
    assert_eq!(sentences.labels(0), [Tag::Begin, Tag::Inside]);
    assert!(sentences.labels(9).is_empty());
    (0..sentences.len()).filter(|at| sentences.actual(*at, scheme) == sentences.predicted(*at, scheme)).count()
});

#[test]
fn entities_come_by_sentence() {
    let labels = EvaluationLabels::Classes(&[1, 2, 0, 1]);
    let logits = [0., 1., 0., 0., 0., 1., 1., 0., 0., 1., 0., 0.];
    let batch =
        EvaluationBatch { logits: &logits, outputs: 3, labels, sequences: Some(&[2, 2]), ..EvaluationBatch::default() };
    assert_eq!(value::<whole_sentences>(&batch).unwrap()[0].value, Some(1.0));
    let message = value::<whole_sentences>(&classes(&[0, 1])).unwrap_err().to_string();
    assert!(message.contains("this task has no sentences with a class for each word"), "{message}");
}

metric_function!(
    copied_tokens,
    Needs::PREDICTIONS.and(Needs::LABELS).and(Needs::LOSSES),
    None,
    |found: Predictions<'_, u32>, labels: Labels<'_, u32>, losses: Losses<'_>| {
        assert_eq!(losses.len(), labels.len());
        found.iter().zip(labels.iter()).filter(|(a, b)| a == b).count()
    }
);

metric_function!(longest, Needs::TEXTS, None, |texts: Texts<'_>| {
    texts.iter().map(|text| text.prediction.len()).max().unwrap_or(0)
});

#[test]
fn tokens_and_texts_of_a_vocabulary_come_as_such() {
    let text =
        |prediction: &str| super::super::GeneratedText { prediction: prediction.to_owned(), ..Default::default() };
    let texts = [text("short"), text("longest")];
    let batch = EvaluationBatch {
        labels: EvaluationLabels::Tokens(&[5, 6]),
        predicted: Some(&[5, 7]),
        losses: Some(&[0.5, 1.0]),
        texts: Some(&texts),
        ..EvaluationBatch::default()
    };
    assert_eq!(value::<copied_tokens>(&batch).unwrap()[0].value, Some(1.0));
    assert_eq!(value::<longest>(&batch).unwrap()[0].value, Some(7.0));
    assert!(
        FunctionMetric::<longest>::new().needs_texts() && !FunctionMetric::<longest>::new().needs_predicted_tokens()
    );
    let message = |result: Result<Vec<MetricValue>>| result.unwrap_err().to_string();
    assert!(message(value::<longest>(&classes(&[0, 1]))).contains("the model writes none in this task"));
    assert!(message(value::<hardest>(&batch)).contains("those of a vocabulary are not kept"));
    assert!(message(value::<sharpness>(&batch)).contains("the probabilities of a vocabulary are not kept"));
    assert!(message(value::<within_one>(&batch)).ends_with("help: write `u32`"));
    assert!(message(value::<copied_tokens>(&classes(&[0, 1]))).contains("here the model predicts classes"));
    let unpredicted = EvaluationBatch { predicted: None, ..batch };
    assert!(message(value::<copied_tokens>(&unpredicted)).contains("has no predicted tokens"));
}
