//! Which way is better is known by the metric that chooses the best model.

use candle_core::Device;
use trainer_core::Result;
use trainer_core::prelude::*;

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq)]
enum Side {
    Left,
    Right,
}

#[derive(Example)]
struct Point {
    features: [f32; 2],
    label: Side,
}

#[derive(TrainingArgs)]
#[training_args(eval_strategy = "epoch", save_strategy = "epoch", load_best_model_at_end = true, learning_rate = 0.2)]
struct Args {
    output_dir: String,
    #[arg(default = "brier")]
    metric_for_best_model: String,
    greater_is_better: Option<bool>,
}

/// How many points are on the wrong side.
#[metric(greater_is_better = false)]
fn wrong(predictions: Predictions<'_, Side>, labels: Labels<'_, Side>) -> f64 {
    predictions.iter().zip(labels.iter()).filter(|(predicted, actual)| predicted != actual).count() as f64
}

struct Line {
    parameters: Parameters,
    layer: candle_nn::Linear,
}

impl Line {
    fn new() -> Result<Self> {
        let parameters = Parameters::new(&Device::Cpu, 3);
        let layer = candle_nn::linear(2, 2, parameters.builder().pp("layer"))?;
        Ok(Self { parameters, layer })
    }
}

impl Model for Line {
    fn forward(&self, batch: &Batch, _mode: Mode) -> Result<Output> {
        Ok(Output { logits: batch.features()?.apply(&self.layer)? })
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }
}

#[trainer(metrics = [accuracy, brier, wrong])]
struct LineTrainer {
    model: Line,
    args: Args,
    train_dataset: Dataset<Point>,
    eval_dataset: Dataset<Point>,
}

fn points(numbers: std::ops::Range<u32>) -> Dataset<Point> {
    let point = |n: u32| {
        let features = [0.618_034, 0.414_214].map(|step: f32| 2.0 * (n as f32 * step).fract() - 1.0);
        Point { features, label: if features[0] < features[1] { Side::Left } else { Side::Right } }
    };
    Dataset::from_examples(numbers.map(point).collect())
}

/// The best value of the state, and all values that the evaluations gave.
fn run(metric: &str, more: &[&str]) -> Result<(f64, Vec<f64>)> {
    let folder = tempfile::tempdir()?;
    let output_dir = folder.path().display().to_string();
    let flags = ["line", "--output-dir", &output_dir, "--metric-for-best-model", metric];
    let args = Args::try_parse_from(flags.iter().chain(more))?;
    let mut trainer =
        LineTrainer { model: Line::new()?, args, train_dataset: points(0..200), eval_dataset: points(200..260) };
    trainer.train()?;
    let key = format!("eval_{metric}");
    let values = trainer.state().log_history.iter().filter_map(|entry| entry.get(&key)?.as_f64()).collect();
    Ok((trainer.state().best_metric.unwrap_or(f64::NAN), values))
}

#[test]
fn a_metric_that_is_better_when_smaller_keeps_the_smallest() -> Result<()> {
    for metric in ["brier", "wrong"] {
        let (best, values) = run(metric, &[])?;
        let (least, most) = values.iter().fold((f64::MAX, f64::MIN), |(l, m), value| (l.min(*value), m.max(*value)));
        assert!(least < most, "{metric} changes: {values:?}");
        assert_eq!(best.to_bits(), least.to_bits(), "{metric} of {values:?}");
    }
    Ok(())
}

#[test]
fn what_is_given_counts_before_what_the_metric_says() -> Result<()> {
    let (best, values) = run("brier", &["--greater-is-better", "true"])?;
    let most = values.iter().copied().fold(f64::MIN, f64::max);
    assert_eq!(best.to_bits(), most.to_bits(), "{values:?}");
    Ok(())
}
