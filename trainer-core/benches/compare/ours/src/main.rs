//! Our side of the comparison, through nothing but the public interface: the structs of a user's program.

mod peak;

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use compare_job::{Job, Order, Record, Task, Update};
use trainer_core::collate::Item;
use trainer_core::prelude::*;

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
#[training_args(learning_rate = 5e-5, max_grad_norm = 1.0, save_strategy = "no")]
struct Args {
    max_steps: usize,
    per_device_train_batch_size: usize,
    per_device_eval_batch_size: usize,
    group_by_length: bool,
    num_threads: Option<usize>,
    seed: u64,
    output_dir: std::path::PathBuf,
}

/// The updates of the run and, in a check, the rows of its batches.
static UPDATES: Mutex<Vec<Update>> = Mutex::new(Vec::new());
static ROWS: Mutex<Vec<Vec<usize>>> = Mutex::new(Vec::new());

/// What was collected, out of its lock.
fn taken<T>(list: &Mutex<Vec<T>>) -> Vec<T> {
    std::mem::take(&mut list.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Notes when each update ends.
struct Clock;

impl Callback for Clock {
    fn on_step_end(&mut self, moment: &RunMoment<'_>, _control: &mut Control) -> trainer_core::Result<()> {
        if let Some(update) = moment.update {
            let update = Update::ending_now(update.loss, Some(update.tokens));
            UPDATES.lock().unwrap_or_else(PoisonError::into_inner).push(update);
        }
        Ok(())
    }
}

/// Pads, and writes down what it was given.
struct RowsWrittenDown;

impl Collator for RowsWrittenDown {
    fn collate(&self, items: &[&Item], tokenizer: Option<&Tokenizer>) -> trainer_core::Result<Batch> {
        let rows = items.iter().map(|item| item.row).collect();
        ROWS.lock().unwrap_or_else(PoisonError::into_inner).push(rows);
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

fn args(job: &Job) -> Args {
    Args {
        max_steps: job.updates,
        per_device_train_batch_size: job.batch,
        per_device_eval_batch_size: job.batch,
        group_by_length: job.order == Order::Grouped,
        num_threads: job.threads,
        seed: job.seed,
        output_dir: job.scratch.clone(),
    }
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

fn main() -> compare_job::Result<()> {
    let job = Job::of_this_process()?;
    let mut record = Record::default();
    if job.task == Task::Peak {
        record.gflops = Some(peak::gflops(job.threads));
        return record.write(&job.record);
    }
    let (model, args) = (BertForSequenceClassification::from_pretrained(&job.model)?, args(&job));
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
    record.updates = taken(&UPDATES);
    record.rows = taken(&ROWS);
    record.write(&job.record)
}
