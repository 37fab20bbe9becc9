//! The README's program with a model and a loss of its own, as it stands there; a test runs it.

use candle_core::{Device, Tensor};
use candle_nn::{Linear, linear};
use trainer_core::prelude::*;

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Inside,
    Outside,
}

#[derive(Example)]
struct Point {
    features: [f32; 2],
    label: Place,
}

#[derive(TrainingArgs)]
#[training_args(output_dir = "results/points", learning_rate = 0.01, num_train_epochs = 40.0)]
struct Args {}

/// Two layers in plain candle; the parameters are known by the names that the builder is given.
struct TwoLayers {
    parameters: Parameters,
    hidden: Linear,
    output: Linear,
}

impl TwoLayers {
    fn new(seed: u64) -> trainer_core::Result<Self> {
        let parameters = Parameters::new(&Device::Cpu, seed);
        let builder = parameters.builder();
        let (hidden, output) = (linear(2, 16, builder.pp("hidden"))?, linear(16, 2, builder.pp("output"))?);
        Ok(Self { parameters, hidden, output })
    }
}

impl Model for TwoLayers {
    fn forward(&self, batch: &Batch, _mode: Mode) -> trainer_core::Result<Output> {
        Ok(Output { logits: batch.features()?.apply(&self.hidden)?.relu()?.apply(&self.output)? })
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }
}

/// Rows that the model is sure of count less (focal loss, Lin et al. 2017, with gamma = 2).
#[loss]
fn unsure_first(output: &Output, batch: &Batch) -> trainer_core::Result<LossSum> {
    let logs = candle_nn::ops::log_softmax(&output.logits, 1)?;
    let of_label = logs.gather(&batch.labels()?.unsqueeze(1)?, 1)?.squeeze(1)?;
    let unsure = of_label.exp()?.affine(-1.0, 1.0)?.sqr()?;
    let each = (unsure * of_label.neg()?)?;
    LossSum::weighted(&each, &Tensor::ones_like(&each)?)
}

#[trainer(loss = unsure_first, metrics = [accuracy])]
struct PointTrainer {
    model: TwoLayers,
    args: Args,
    train_dataset: Dataset<Point>,
    eval_dataset: Dataset<Point>,
}

/// Points of the square from -1 to 1; inside is the circle of radius 0.7.
fn points(numbers: std::ops::Range<u32>) -> Dataset<Point> {
    let point = |n: u32| {
        let features = [0.618_034, 0.414_214].map(|step: f32| 2.0 * (n as f32 * step).fract() - 1.0);
        let label = if features[0].hypot(features[1]) < 0.7 { Place::Inside } else { Place::Outside };
        Point { features, label }
    };
    Dataset::from_examples(numbers.map(point).collect())
}

fn main() -> trainer_core::Result<()> {
    let mut trainer = PointTrainer {
        model: TwoLayers::new(42)?,
        args: Args::parse(),
        train_dataset: points(0..400),
        eval_dataset: points(400..500),
    };
    trainer.train()?;
    println!("{}", trainer.evaluate()?);
    Ok(())
}
