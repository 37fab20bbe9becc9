//! A trainer with everything that it needs, annotated.

use trainer_core::prelude::*;

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rating {
    Negative,
    Neutral,
    Positive,
}

#[derive(Example)]
pub struct Review {
    pub text: String,
    #[example(label)]
    pub rating: Rating,
}

#[derive(TrainingArgs)]
#[training_args(output_dir = "results", eval_strategy = "epoch", save_strategy = "epoch", seed = 3)]
pub struct Args {
    #[arg(default = 5e-5, range = 1e-7..=1e-2)]
    pub learning_rate: f64,
    #[arg(default = 3.0)]
    pub num_train_epochs: f64,
    #[arg(default = 16)]
    pub per_device_train_batch_size: usize,
}

#[metric]
pub fn within_one(predictions: Predictions<'_, Rating>, labels: Labels<'_, Rating>) -> f64 {
    let near = predictions.iter().zip(labels.iter()).filter(|(p, l)| p.index().abs_diff(l.index()) <= 1).count();
    near as f64 / labels.len() as f64
}

#[trainer(collator = Padding, loss = weighted_ce([1.0, 2.0, 3.0]), metrics = [accuracy, f1(average = "macro"), within_one])]
pub struct ReviewTrainer {
    pub model: BertForSequenceClassification<Rating>,
    pub args: Args,
    pub train_dataset: Dataset<Review>,
    pub eval_dataset: Dataset<Review>,
    pub tokenizer: Tokenizer,
}
