//! Classes of texts: all-MiniLM-L6-v2 with a head.

use std::time::Instant;

use compare_job::{Job, Order, Record, Task};
use trainer_core::collate::Item;
use trainer_core::prelude::*;

use crate::noting::{Clock, write_down};

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    First,
    Second,
    Third,
}

#[derive(Example)]
struct Passage {
    text: String,
    label: Source,
}

#[derive(TrainingArgs)]
#[training_args(max_grad_norm = 1.0, save_strategy = "no")]
struct Args {
    max_steps: usize,
    learning_rate: f64,
    per_device_train_batch_size: usize,
    per_device_eval_batch_size: usize,
    group_by_length: bool,
    num_threads: Option<usize>,
    seed: u64,
    output_dir: std::path::PathBuf,
}

/// Pads, and writes down what it was given.
struct RowsWrittenDown;

impl Collator for RowsWrittenDown {
    fn collate(&self, items: &[&Item], tokenizer: Option<&Tokenizer>) -> trainer_core::Result<Batch> {
        write_down(items);
        Padding::new().collate(items, tokenizer)
    }
}

#[trainer(collator = Padding, callbacks = [Clock])]
struct PassageTrainer {
    model: BertForSequenceClassification<Source>,
    args: Args,
    train_dataset: Dataset<Passage>,
    tokenizer: Tokenizer,
}

#[trainer(collator = RowsWrittenDown, callbacks = [Clock])]
struct CheckedTrainer {
    model: BertForSequenceClassification<Source>,
    args: Args,
    train_dataset: Dataset<Passage>,
    tokenizer: Tokenizer,
}

/// The seconds that predicting every row takes, after one row to warm up.
fn predict(trainer: &PassageTrainer) -> trainer_core::Result<f64> {
    trainer.predict_one("Warm up.")?;
    let begin = Instant::now();
    let output = trainer.predict(&trainer.train_dataset)?;
    let seconds = begin.elapsed().as_secs_f64();
    assert_eq!(output.predictions.len(), trainer.train_dataset.len());
    Ok(seconds)
}

/// Trains or predicts, as the job says.
pub(crate) fn run(job: &Job, record: &mut Record) -> trainer_core::Result<()> {
    let args = Args {
        max_steps: job.updates,
        learning_rate: job.learning_rate,
        per_device_train_batch_size: job.batch,
        per_device_eval_batch_size: job.batch,
        group_by_length: job.order == Order::Grouped,
        num_threads: job.threads,
        seed: job.seed,
        output_dir: job.scratch.clone(),
    };
    let model = BertForSequenceClassification::from_pretrained(&job.model)?;
    let (train_dataset, tokenizer) = (Dataset::from_jsonl(&job.texts)?, Tokenizer::from_dir(&job.model)?);
    if job.task == Task::Check {
        let mut trainer = CheckedTrainer { model, args, train_dataset, tokenizer };
        trainer.train()?;
    } else {
        let mut trainer = PassageTrainer { model, args, train_dataset, tokenizer };
        if job.task == Task::Predict {
            record.prediction_seconds = Some(predict(&trainer)?);
        } else {
            trainer.train()?;
        }
    }
    Ok(())
}
