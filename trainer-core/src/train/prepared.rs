//! A run before its first step: data encoded, plan counted, optimiser and schedule made; and where it stands after that.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use super::agreement::agree;
use super::best::BestModel;
use super::run_files;
use super::run_plan::within_budget;
use super::schedule::LearningRate;
use super::setup::Setup;
use super::{
    Callback, CallbackList, Control, EarlyStopping, Intervals, Plan, PlanSettings, TrainerParts, TrainerState,
    UpdateRecord, checkpoint,
};
use crate::args::TrainingArguments;
use crate::collate::{Item, ItemInput};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Model, peft};
use crate::optim::{self, Optimizer};
use crate::tensor::params::Parameter;

/// A run: everything that its loop needs, and where it stands.
pub(crate) struct Prepared<'a, P: TrainerParts> {
    pub(super) setup: Setup<'a, P>,
    pub(super) items: Arc<[Item]>,
    /// Tokens of each item.
    pub(super) lengths: Vec<usize>,
    pub(super) evaluation_sets: Vec<EvaluationSet>,
    pub(super) parameters: Vec<Parameter>,
    /// Floating-point operations for a token, forward and backward, as Hugging Face estimates them.
    pub(super) flos_per_token: f64,
    pub(super) optimizer: Box<dyn Optimizer>,
    pub(super) learning_rate: LearningRate,
    pub(super) plan: Plan,
    pub(super) intervals: Intervals,
    pub(super) best: Option<BestModel>,
    pub(super) callbacks: CallbackList,
    /// Whether a callback of the user's may look at the gradients, which are then scaled before the step.
    pub(super) gradients_are_shown: bool,
    pub(super) control: Control,
    pub(super) state: TrainerState,
    pub(super) progress: RunProgress,
    /// The checkpoint at which the run was asked to end.
    pub(super) paused: Option<PathBuf>,
    pub(super) begin: Instant,
}

/// An evaluation set, encoded.
pub(super) struct EvaluationSet {
    pub(super) name: Option<String>,
    pub(super) items: Vec<Item>,
}

/// What a run counts beyond the state that Hugging Face writes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RunProgress {
    /// The sum of the losses of all updates.
    pub(super) total_loss: f64,
    /// The sum of the losses of the updates since the last log event.
    pub(super) loss_since_log: f64,
    /// The update of the last log event.
    pub(super) logged_at: usize,
    /// Evaluations so far, each over one data set.
    pub(super) evaluations: usize,
    /// Evaluations before this epoch began, which length-grouped orders depend on.
    pub(super) evaluations_before_epoch: usize,
    /// Whether what is due at the end of the epoch has been done.
    pub(super) epoch_is_closed: bool,
    /// The last update.
    pub(super) last: UpdateRecord,
    /// Floating-point operations of the last update.
    pub(super) flos_of_update: f64,
    pub(super) coverage_is_proved: bool,
    /// Whether a checkpoint holds everything that was done so far.
    pub(super) is_saved: bool,
}

impl RunProgress {
    pub(super) fn add(&mut self, record: &UpdateRecord) {
        self.total_loss += record.loss;
        self.loss_since_log += record.loss;
        self.last = *record;
        self.is_saved = false;
    }
}

impl<'a, P: TrainerParts> Prepared<'a, P> {
    /// Checks and encodes everything, before the first step.
    ///
    /// # Errors
    /// Whatever would stop the run later and can be known now: arguments, data, an output folder that cannot be written.
    pub(crate) fn new(parts: &'a P, mut callbacks: CallbackList) -> Result<Self> {
        let setup = Setup::new(parts)?;
        let Some(dataset) = parts.train_dataset() else {
            return Err(Error::new(ErrorKind::Data, format!("`{}` has no `train_dataset` to train on", P::NAME)));
        };
        within_budget(&setup)?;
        if parts.peft().is_some() {
            peft::refuse_merged(parts.model().parameters())?;
        }
        peft::refuse_training_in_fewer_bits(parts.model().parameters())?;
        checkpoint::check_writable(&setup.arguments.output_dir)?;
        let plan = Plan::new(PlanSettings::new(&setup.arguments, dataset.len()))?;
        let intervals = Intervals::new(&setup.arguments, plan.max_steps());
        let best = setup.best_model()?;
        let learning_rate = LearningRate::new(&setup.arguments, best.as_ref(), plan.max_steps())?;
        for note in agree(&setup, dataset.len())? {
            crate::note(note);
        }
        let items = setup.learnable(dataset)?;
        setup.note_supervision(&items)?;
        let evaluation_sets = encode_evaluation_sets(&setup)?;
        parts.model().parameters().redraw(setup.arguments.seed)?;
        peft::begin_lengths(parts.model().parameters())?;
        let gradients_are_shown = !callbacks.is_empty();
        if let Some(early_stopping) = early_stopping(&setup.arguments)? {
            callbacks.push(early_stopping);
        }
        Ok(Self {
            lengths: items.iter().map(length).collect(),
            items: items.into(),
            evaluation_sets,
            flos_per_token: flos_per_token(&parts.model().parameters().list()),
            parameters: parts.model().parameters().list(),
            optimizer: optim::chosen(parts.optimizer(), &setup.arguments)?.optimizer(&setup.arguments)?,
            learning_rate,
            state: TrainerState::new(&plan, &intervals),
            plan,
            intervals,
            best,
            callbacks,
            gradients_are_shown,
            control: Control::default(),
            progress: RunProgress::default(),
            paused: None,
            begin: Instant::now(),
            setup,
        })
    }

    /// Goes on from a checkpoint, as if the run had never stopped.
    ///
    /// # Errors
    /// [`ErrorKind::Checkpoint`] for a checkpoint that is not whole, or of a run with other data or another plan.
    pub(crate) fn resume(&mut self, checkpoint: &Path) -> Result<()> {
        run_files::read(self, checkpoint)?;
        self.parameters = self.setup.parts.model().parameters().list();
        Ok(())
    }

    /// Updates that are done.
    pub(crate) fn global_step(&self) -> usize {
        self.state.global_step
    }

    /// Adds a callback that looks on.
    pub(crate) fn watch(&mut self, callback: Box<dyn Callback>) {
        self.callbacks.push(callback);
    }

    /// Trains to the end of the plan.
    pub(crate) fn train(mut self) -> Result<TrainOutput> {
        self.begin = Instant::now();
        let from = self.state.global_step;
        let threads = self.setup.threads.clone();
        threads.during(|| {
            self.run_epochs()?;
            self.finish(from)
        })
    }
}

/// What a run gave.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainOutput {
    /// Updates done.
    pub global_step: usize,
    /// The mean loss over all updates.
    pub training_loss: f64,
    /// Seconds that it took.
    pub seconds: f64,
    /// The checkpoint to go on from, if the run was asked to stop before its end.
    pub paused: Option<PathBuf>,
}

/// Six for each number outside of the embeddings.
///
/// Source: `transformers.PreTrainedModel.floating_point_ops`.
fn flos_per_token(parameters: &[Parameter]) -> f64 {
    let counted = parameters.iter().filter(|parameter| !parameter.name.ends_with("embeddings.weight"));
    6.0 * counted.map(|parameter| parameter.variable.elem_count() as f64).sum::<f64>()
}

fn length(item: &Item) -> usize {
    match &item.input {
        ItemInput::Tokens(encoding) => encoding.len(),
        ItemInput::Features(numbers) => numbers.len(),
    }
}

fn encode_evaluation_sets<P: TrainerParts>(setup: &Setup<'_, P>) -> Result<Vec<EvaluationSet>> {
    let sets = setup.parts.eval_datasets();
    let encode = |(name, dataset): (Option<&str>, _)| {
        Ok(EvaluationSet { name: name.map(str::to_owned), items: setup.learnable(dataset)? })
    };
    let needed = setup.arguments.eval_strategy != crate::args::IntervalStrategy::No || setup.arguments.eval_on_start;
    if needed { sets.into_iter().map(encode).collect() } else { Ok(Vec::new()) }
}

fn early_stopping(arguments: &TrainingArguments) -> Result<Option<Box<dyn Callback>>> {
    let Some(patience) = arguments.early_stopping_patience else { return Ok(None) };
    Ok(Some(Box::new(EarlyStopping::new(patience, arguments.early_stopping_threshold)?)))
}
