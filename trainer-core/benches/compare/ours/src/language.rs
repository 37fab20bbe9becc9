//! Language models on token ids: all weights, adapters, one text for another.

use compare_job::{Job, Order};
use trainer_core::collate::{Collation, Item};
use trainer_core::prelude::*;

use crate::noting::{Clock, write_down};

/// The id of padding in every row, as on the other side.
const PADDING: u32 = 0;

#[derive(Example)]
struct Text {
    input_ids: Vec<u32>,
}

#[derive(Example)]
struct Pair {
    input_ids: Vec<u32>,
    #[example(target_ids, column = "labels")]
    written: Vec<u32>,
}

#[derive(TrainingArgs)]
#[training_args(max_grad_norm = 1.0, save_strategy = "no")]
struct Args {
    max_steps: usize,
    learning_rate: f64,
    per_device_train_batch_size: usize,
    group_by_length: bool,
    num_threads: Option<usize>,
    seed: u64,
    output_dir: std::path::PathBuf,
}

/// `CausalLm`, which also writes down the rows.
struct NextTokens;

impl Collator for NextTokens {
    fn collate(&self, items: &[&Item], tokenizer: Option<&Tokenizer>) -> trainer_core::Result<Batch> {
        write_down(items);
        CausalLm::new().pad_id(PADDING).collate(items, tokenizer)
    }
}

/// `Seq2Seq`, which also writes down the rows.
struct Targets;

impl Collator for Targets {
    fn collate(&self, items: &[&Item], tokenizer: Option<&Tokenizer>) -> trainer_core::Result<Batch> {
        self.collate_in(items, &Collation { tokenizer, ..Collation::default() })
    }

    fn collate_in(&self, items: &[&Item], collation: &Collation<'_>) -> trainer_core::Result<Batch> {
        write_down(items);
        Seq2SeqCollator::new().pad_id(PADDING).collate_in(items, collation)
    }
}

#[trainer(collator = NextTokens, callbacks = [Clock])]
struct WholeTrainer {
    model: LlamaForCausalLM,
    args: Args,
    train_dataset: Dataset<Text>,
}

/// What the adapters are is what their folder says too.
#[trainer(
    collator = NextTokens,
    callbacks = [Clock],
    peft = lora(r = 8, alpha = 16, target_modules = ["q_proj", "v_proj"]),
)]
struct AdapterTrainer {
    model: LlamaForCausalLM,
    args: Args,
    train_dataset: Dataset<Text>,
}

#[trainer(collator = Targets, callbacks = [Clock])]
struct TargetTrainer {
    model: T5ForConditionalGeneration,
    args: Args,
    train_dataset: Dataset<Pair>,
}

fn args(job: &Job) -> Args {
    Args {
        max_steps: job.updates,
        learning_rate: job.learning_rate,
        per_device_train_batch_size: job.batch,
        group_by_length: job.order == Order::Grouped,
        num_threads: job.threads,
        seed: job.seed,
        output_dir: job.scratch.clone(),
    }
}

/// Trains all weights to find the next tokens.
pub(crate) fn train_whole(job: &Job) -> trainer_core::Result<()> {
    let model = LlamaForCausalLM::from_pretrained(&job.model)?;
    let mut trainer = WholeTrainer { model, args: args(job), train_dataset: Dataset::from_jsonl(&job.texts)? };
    trainer.train()?;
    Ok(())
}

/// Trains the adapters of the job to find the next tokens.
pub(crate) fn train_adapters(job: &Job) -> trainer_core::Result<()> {
    let model = LlamaForCausalLM::from_pretrained(&job.model)?;
    if let Some(adapter) = &job.adapter {
        model.load_adapter(adapter)?;
    }
    let mut trainer = AdapterTrainer { model, args: args(job), train_dataset: Dataset::from_jsonl(&job.texts)? };
    trainer.train()?;
    Ok(())
}

/// Trains all weights to write targets.
pub(crate) fn train_targets(job: &Job) -> trainer_core::Result<()> {
    let model = T5ForConditionalGeneration::from_pretrained(&job.model)?;
    let mut trainer = TargetTrainer { model, args: args(job), train_dataset: Dataset::from_jsonl(&job.texts)? };
    trainer.train()?;
    Ok(())
}
