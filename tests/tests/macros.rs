//! What the macros make of items that are right.

use std::collections::BTreeMap;

use trainer_core::data::{Input, Role, Row, Target, Task, TaskKind};
use trainer_core::loss::{FunctionLoss, LossFunction};
use trainer_core::metrics::{EvaluationBatch, EvaluationLabels, FunctionMetric, MetricFunction, MetricValue, Needs};
use trainer_core::prelude::*;
use trainer_core::train::TrainerParts;

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq, Eq)]
enum Rating {
    VeryBad,
    #[label(name = "so so")]
    Middling,
    Good,
}

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq)]
#[label(rename_all = "SCREAMING-KEBAB-CASE")]
enum Topic {
    WorldNews,
    Sports = 1,
}

#[test]
fn a_class_has_a_name_and_a_position() {
    assert_eq!(Rating::COUNT, 3);
    assert_eq!(Rating::NAMES, ["very_bad", "so so", "good"]);
    assert_eq!(Rating::Middling.index(), 1);
    assert_eq!(Rating::from_index(2), Some(Rating::Good));
    assert_eq!(Rating::from_index(3), None);
    assert_eq!(Rating::from_name("so so"), Some(Rating::Middling));
    assert_eq!(Topic::NAMES, ["WORLD-NEWS", "SPORTS"]);
}

#[test]
fn a_class_is_printed_and_parsed_by_its_name() {
    assert_eq!(format!("{:>8}|", Rating::Good), "    good|");
    assert_eq!("very_bad".parse::<Rating>().unwrap(), Rating::VeryBad);
    let error = "verybad".parse::<Rating>().unwrap_err();
    assert_eq!(error.to_string(), "\"verybad\" is no class of `Rating`\nhelp: did you mean \"very_bad\"?");
}

#[test]
fn a_class_is_written_as_its_name_and_read_from_name_or_number() {
    assert_eq!(serde_json::to_string(&Rating::Middling).unwrap(), "\"so so\"");
    assert_eq!(serde_json::from_str::<Rating>("\"good\"").unwrap(), Rating::Good);
    assert_eq!(serde_json::from_str::<Vec<Rating>>("[0, 2]").unwrap(), [Rating::VeryBad, Rating::Good]);
    let error = serde_json::from_str::<Rating>("3").unwrap_err();
    assert!(error.to_string().contains("classes are numbered from 0 to 2"), "{error}");
}

fn read<E: Example>(cells: &str) -> trainer_core::Result<E> {
    let cells = serde_json::from_str(cells).unwrap();
    E::from_row(&Row::new("rows.jsonl", 1, &cells))
}

#[derive(Example, Debug)]
#[example(train = "data/bodies.jsonl", eval = "data/bodies.csv")]
struct Review {
    #[example(text, column = "body")]
    written: String,
    text_pair: Option<String>,
    #[example(label)]
    rating: Rating,
    #[example(extra)]
    votes: u32,
    #[example(skip)]
    seen: bool,
}

#[test]
fn an_example_reads_its_columns_and_keeps_their_roles() {
    let review: Review = read(r#"{"body": "fine", "rating": "good", "votes": 3}"#).unwrap();
    assert_eq!((review.votes, review.seen), (3, false));
    assert_eq!(review.input(), Input::Text { text: "fine", pair: None });
    assert_eq!(review.target(), Target::Class(2));
    let pair: Review = read(r#"{"body": "fine", "text_pair": "why", "rating": 0, "votes": 3}"#).unwrap();
    assert_eq!(pair.input(), Input::Text { text: "fine", pair: Some("why") });
    assert_eq!(Review::NAME, "Review");
    let roles: Vec<_> = Review::FIELDS.iter().map(|field| (field.name, field.column, field.role)).collect();
    let expected = [
        ("written", "body", Role::Text),
        ("text_pair", "text_pair", Role::TextPair),
        ("rating", "rating", Role::Label),
        ("votes", "votes", Role::Extra),
    ];
    assert_eq!(roles, expected);
    assert_eq!(Review::FILES.train, Some("data/bodies.jsonl"));
    assert_eq!(Review::FILES.eval, Some("data/bodies.csv"));
    assert_eq!(Review::FILES.test, None);
    assert_eq!(Review::TRAIN_ROWS, Some(3));
    assert_eq!(Review::FILES.manifest_dir, env!("CARGO_MANIFEST_DIR"));
    assert_eq!(<Review as Example>::Task::KIND, TaskKind::SequenceClassification);
}

#[derive(Example)]
struct Encoded {
    input_ids: Vec<u32>,
    attention_mask: Vec<u32>,
    token_type_ids: Option<Vec<u32>>,
    labels: Vec<Topic>,
}

#[derive(Example)]
struct Measured {
    features: [f32; 3],
    label: f32,
}

#[test]
fn the_type_of_the_label_decides_the_task() {
    let encoded: Encoded = read(r#"{"input_ids": [7, 8], "attention_mask": [1, 0], "labels": ["SPORTS"]}"#).unwrap();
    let tokens = Input::Tokens { input_ids: &[7, 8], attention_mask: Some(&[1, 0]), token_type_ids: None };
    assert_eq!(encoded.input(), tokens);
    assert_eq!(encoded.target(), Target::MultiHot(vec![0.0, 1.0]));
    assert_eq!(<Encoded as Example>::Task::KIND, TaskKind::MultiLabelClassification);

    let measured: Measured = read(r#"{"features": [1, 2, 3], "label": 0.5}"#).unwrap();
    assert_eq!(measured.input(), Input::Features(&[1.0, 2.0, 3.0]));
    assert_eq!(measured.target(), Target::Values(vec![0.5]));
    assert_eq!(<Measured as Example>::Task::KIND, TaskKind::Regression);
    assert_eq!(<Measured as Example>::Task::OUTPUTS, 1);
}

/// Share of reviews whose rating is at most one step off.
#[metric]
fn within_one(predictions: Predictions<'_, Rating>, labels: Labels<'_, Rating>) -> f64 {
    let near = predictions.iter().zip(labels.iter()).filter(|(p, l)| p.index().abs_diff(l.index()) <= 1).count();
    near as f64 / labels.len() as f64
}

#[metric(name = "parts", greater_is_better = false)]
fn several(labels: Labels<'_, Rating>, _logits: Logits<'_>) -> [(&'static str, f64); 2] {
    [("items", labels.len() as f64), ("zero", 0.0)]
}

#[test]
fn a_metric_is_called_with_what_its_arguments_ask_for() {
    let mut metric = FunctionMetric::<within_one>::new();
    assert_eq!((metric.name(), metric.greater_is_better()), ("within_one", true));
    let labels = EvaluationLabels::Classes(&[0, 0]);
    let batch =
        EvaluationBatch { logits: &[0.0, 1.0, 0.0, 0.0, 0.0, 1.0], outputs: 3, labels, ..EvaluationBatch::default() };
    metric.update(&batch).unwrap();
    assert_eq!(metric.compute().unwrap(), [MetricValue { key: "within_one".into(), value: Some(0.5) }]);
    assert_eq!(within_one::NEEDS, Needs::PREDICTIONS.and(Needs::LABELS));

    let mut metric = FunctionMetric::<several>::new();
    metric.update(&batch).unwrap();
    assert_eq!((metric.name(), metric.greater_is_better()), ("parts", false));
    let keys: Vec<String> = metric.compute().unwrap().into_iter().map(|value| value.key).collect();
    assert_eq!(keys, ["parts_items", "parts_zero"]);
}

#[loss]
fn total(output: &Output, batch: &Batch) -> trainer_core::Result<LossSum> {
    LossSum::weighted(&output.logits, batch.labels()?)
}

#[test]
fn a_loss_is_the_function_that_it_stands_for() {
    let numbers = |values: &[f32]| candle_core::Tensor::new(values, &candle_core::Device::Cpu).unwrap();
    let batch = Batch { labels: Some(numbers(&[1.0, 3.0])), ..Batch::default() };
    let sum = FunctionLoss::<total>::new().loss(&Output { logits: numbers(&[2.0, 4.0]) }, &batch).unwrap();
    assert_eq!((sum.sum().to_scalar::<f32>().unwrap(), sum.weight()), (14.0, 4.0));
    assert_eq!(total::NAME, "total");
}

struct Straight {
    parameters: Parameters,
}

impl Model for Straight {
    const HEAD: Head = Head::Values(1);

    fn forward(&self, batch: &Batch, _mode: Mode) -> trainer_core::Result<Output> {
        Ok(Output { logits: batch.features()?.sum_keepdim(1)? })
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }
}

#[derive(TrainingArgs)]
#[training_args(output_dir = "results")]
struct Args {}

struct Silent;

impl Callback for Silent {}

/// A function that is called like a built-in metric.
#[metric]
fn mse(labels: Labels<'_, f32>) -> f64 {
    labels.len() as f64
}

#[trainer(metrics = [mae, mse(name = "error"), self::mse], callbacks = [Silent])]
struct Fitting {
    model: Straight,
    args: Args,
    train_dataset: Dataset<Measured>,
    eval_dataset: BTreeMap<String, Dataset<Measured>>,
    notes: Vec<String>,
}

fn measured(label: f32) -> Dataset<Measured> {
    Dataset::from_examples(vec![Measured { features: [1.0, 2.0, 3.0], label }])
}

fn fitting() -> Fitting {
    Fitting {
        model: Straight { parameters: Parameters::new(&candle_core::Device::Cpu, 0) },
        args: Args::default(),
        train_dataset: measured(6.0),
        eval_dataset: BTreeMap::from([("far".to_owned(), measured(4.0)), ("near".to_owned(), measured(6.0))]),
        notes: Vec::new(),
    }
}

#[test]
fn a_trainer_has_the_parts_that_its_fields_and_keys_say() {
    let fitting = fitting();
    assert!(fitting.notes.is_empty());
    assert_eq!(Fitting::NAME, "Fitting");
    assert_eq!(fitting.train_dataset().map(Dataset::len), Some(1));
    let names: Vec<_> = fitting.eval_datasets().into_iter().map(|(name, dataset)| (name, dataset.len())).collect();
    assert_eq!(names, [(Some("far"), 1), (Some("near"), 1)]);
    assert!(fitting.tokenizer().is_none());
    assert!(fitting.loss().is_none());
    let metrics: Vec<String> = fitting.metrics().iter().map(|metric| metric.name().to_owned()).collect();
    assert_eq!(metrics, ["mae", "error", "mse"]);
    assert_eq!(fitting.callbacks().len(), 1);
}

#[test]
fn a_trainer_evaluates_each_of_its_data_sets_under_its_name() {
    let metrics = fitting().evaluate().unwrap();
    assert_eq!((metrics["far_mae"], metrics["near_mae"]), (2.0, 0.0));
    assert_eq!((metrics["far_error"], metrics["near_mse"]), (4.0, 1.0));
}
