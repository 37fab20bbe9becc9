//! What a run would do, before a step is taken.

use std::fmt;

use super::agreement::agree;
use super::memory::{Memory, MemoryNeeds, block_sizes, kept, stays_within};
use super::setup::Setup;
use super::{Intervals, Plan, PlanSettings, TrainerParts, schedule::LearningRate};
use crate::args::{SaveStrategy, TrainingArgs};
use crate::error::{Error, ErrorKind, Result};
use crate::model::family::Sizes;
use crate::model::seen::accepted;
use crate::model::{Model, peft};
use crate::optim;
use crate::tensor::threads;
use crate::transformer::computed_by;

/// What a run would do: its steps, its learning rates, the memory of its parameters, the disk of its checkpoints.
#[derive(Clone, Debug, PartialEq)]
pub struct RunPlan {
    /// The steps.
    pub steps: Plan,
    /// The learning rate of the first, the middle and the last update, and the highest of all.
    pub learning_rates: LearningRates,
    /// Numbers in the parameters that are trained, and in all.
    pub trained_parameters: usize,
    /// Numbers in all parameters.
    pub parameters: usize,
    /// Bytes of weights, gradients, optimiser state and activations, for a batch whose rows are as long as they can be.
    pub memory: Memory,
    /// Bytes of one checkpoint: weights and optimiser state.
    pub checkpoint_bytes: usize,
    /// Checkpoints that are on disk at once, at most.
    pub checkpoints_kept: usize,
}

/// Some learning rates of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LearningRates {
    /// Of the first update.
    pub first: f64,
    /// Of the update in the middle.
    pub middle: f64,
    /// Of the last update.
    pub last: f64,
    /// The highest.
    pub highest: f64,
}

/// Bytes of a number in `f32`.
const NUMBER: usize = 4;

impl RunPlan {
    /// The plan of a trainer.
    ///
    /// # Errors
    /// As [`Trainer::train`](crate::Trainer::train), as far as no row needs to be encoded: also where the memory exceeds
    /// the trainer's `memory_budget`.
    pub fn new<P: TrainerParts>(parts: &P) -> Result<Self> {
        let arguments = parts.args().arguments();
        let setup = Setup::new(parts)?;
        let needs = within_budget(&setup)?;
        let Some(dataset) = parts.train_dataset() else {
            return Err(Error::new(ErrorKind::Data, format!("`{}` has no `train_dataset` to train on", P::NAME)));
        };
        let steps = Plan::new(PlanSettings::new(&arguments, dataset.len()))?;
        agree(&setup, dataset.len())?;
        let total = steps.max_steps();
        let best = setup.best_model()?;
        let rate = LearningRate::new(&arguments, best.as_ref(), total)?;
        let is_adapted = peft::is_adapted(parts.model().parameters());
        Ok(Self {
            learning_rates: LearningRates {
                first: rate.after(0),
                middle: rate.after(total / 2),
                last: rate.after(total.saturating_sub(1)),
                highest: (0..total).map(|update| rate.after(update)).fold(0.0, f64::max),
            },
            trained_parameters: needs.trained,
            parameters: needs.parameters,
            memory: needs.memory(),
            checkpoint_bytes: NUMBER
                * (if is_adapted { needs.trained } else { needs.parameters } + needs.kept_by_optimizer),
            checkpoints_kept: checkpoints(&arguments, &Intervals::new(&arguments, total), &steps),
            steps,
        })
    }
}

/// What the memory of a run follows from.
///
/// # Errors
/// [`ErrorKind::Arguments`] if it exceeds the `memory_budget` of the trainer.
pub(super) fn within_budget<P: TrainerParts>(setup: &Setup<'_, P>) -> Result<MemoryNeeds> {
    let model = setup.parts.model();
    let family = model.family();
    let kept_of = optim::chosen(setup.parts.optimizer(), &setup.arguments)?.keeps();
    let (mut parameters, mut trained, mut kept_by_optimizer, mut trains_embeddings) = (0, 0, 0, false);
    for parameter in model.parameters().list() {
        let count = parameter.variable.elem_count();
        parameters += count;
        if parameter.trainable {
            trained += count;
            kept_by_optimizer += kept_of.of_shape(parameter.variable.dims());
            trains_embeddings |= family.is_some_and(|family| family.has_table(&parameter.name));
        }
    }
    let configuration = model.configuration().map(|configuration| Sizes::of_config(&configuration));
    let sizes =
        family.zip(configuration).and_then(|(family, sizes)| block_sizes(family, &sizes, <P::Model as Model>::HEAD));
    let blocks = sizes.map_or(0, |sizes| sizes.blocks);
    let (adapters, trains_lengths) = peft::sizes(model.parameters(), blocks);
    let in_fewer_bits = peft::in_fewer_bits(model.parameters());
    let needs = MemoryNeeds {
        parameters: parameters + in_fewer_bits.numbers,
        weight_bytes: NUMBER * parameters + in_fewer_bits.bytes,
        trained,
        kept_by_optimizer,
        trains_embeddings,
        adapters,
        accumulation: setup.arguments.gradient_accumulation_steps,
        rows: setup.arguments.per_device_train_batch_size,
        length: setup.limits().longest(),
        blocks: sizes.map(|sizes| (sizes, computed_by(setup.arguments.device, trains_lengths))),
        tokens_per_chunk: setup.arguments.tokens_per_chunk(),
        keeps: kept(setup.arguments.gradient_checkpointing),
        threads: threads::current()
            .map_or_else(|| setup.arguments.num_threads.unwrap_or_else(threads::cores), |threads| threads.count()),
    };
    if let Some(budget) = P::MEMORY_BUDGET {
        accepted(stays_within(&needs, budget), ErrorKind::Arguments)?;
    }
    Ok(needs)
}

fn checkpoints(arguments: &crate::args::TrainingArguments, intervals: &Intervals, steps: &Plan) -> usize {
    let written = match intervals.save_strategy {
        SaveStrategy::No => 0,
        SaveStrategy::Steps => (1..=steps.max_steps())
            .filter(|update| intervals.after_update(*update, steps.max_steps()).should_save)
            .count(),
        SaveStrategy::Epoch | SaveStrategy::Best => steps.epochs(),
    };
    // A new checkpoint is there before the oldest goes; the best one stays besides.
    let limit = arguments.save_total_limit.filter(|limit| *limit > 0);
    limit.map_or(written, |limit| written.min(limit + 1 + usize::from(arguments.load_best_model_at_end)))
}

impl fmt::Display for RunPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mebibytes = |bytes: usize| bytes as f64 / f64::from(1u32 << 20);
        let rates = &self.learning_rates;
        writeln!(
            f,
            "steps          {} updates in {} epochs: {} rows in batches of {}, {} batches an update",
            self.steps.max_steps(),
            self.steps.epochs(),
            self.steps.rows(),
            self.steps.batch_size(),
            self.steps.accumulation()
        )?;
        writeln!(
            f,
            "learning rate  {:.2e} at first, {:.2e} in the middle, {:.2e} at the end; at most {:.2e}",
            rates.first, rates.middle, rates.last, rates.highest
        )?;
        writeln!(f, "parameters     {} of {} trained", self.trained_parameters, self.parameters)?;
        match self.memory.activations {
            Some(_) => writeln!(f, "memory         {}", self.memory.words_with_batch().as_str())?,
            None => writeln!(f, "memory         {}; activations come on top", self.memory.words().as_str())?,
        }
        write!(
            f,
            "disk           {:.0} MiB a checkpoint, at most {} at once",
            mebibytes(self.checkpoint_bytes),
            self.checkpoints_kept
        )
    }
}
