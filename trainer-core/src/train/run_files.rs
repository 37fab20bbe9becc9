//! The files of a checkpoint: model, tokenizer, optimiser, schedule, state; written, and read to go on.

use std::path::Path;

use candle_core::Device;

use super::best;
use super::checkpoint::{self, RunRecord};
use super::prepared::Prepared;
use super::setup::{self, TaskOf};
use super::{TrainerParts, TrainerState};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Model, saved, weights};

const OPTIMIZER: &str = "optimizer.safetensors";

/// Writes everything that Python needs to load the model, and that this crate needs to go on.
pub(super) fn write<P: TrainerParts>(run: &Prepared<'_, P>, folder: &Path) -> Result<()> {
    write_model(run.setup.parts, folder)?;
    let state = run.optimizer.state()?.into_iter().collect();
    weights::write(&folder.join(OPTIMIZER), &state)?;
    run.learning_rate.save(folder)?;
    run.state.save(folder)?;
    record(run).save(folder)
}

/// Writes the model and its tokenizer.
pub(crate) fn write_model<P: TrainerParts>(parts: &P, folder: &Path) -> Result<()> {
    setup::adapt(parts)?;
    saved::save::<TaskOf<P>>(parts.model(), folder)?;
    match parts.tokenizer() {
        Some(tokenizer) => tokenizer.save(folder),
        None => Ok(()),
    }
}

/// Reads a checkpoint into a run that has not begun.
pub(super) fn read<P: TrainerParts>(run: &mut Prepared<'_, P>, folder: &Path) -> Result<()> {
    if !folder.is_dir() {
        let message = format!("there is no checkpoint `{}`", folder.display());
        return Err(
            Error::new(ErrorKind::Checkpoint, message).help("checkpoints are folders named `checkpoint-<update>`")
        );
    }
    if folder.join(checkpoint::MANIFEST_FILE).is_file() {
        checkpoint::verify(folder)?;
    } else {
        crate::note(format!("{} has no manifest, so it is not known to be whole", folder.display()));
    }
    let mut state = TrainerState::load(folder)?;
    if state.global_step > run.plan.max_steps() {
        let (done, all) = (state.global_step, run.plan.max_steps());
        let message = format!("{} is at update {done}, but this run has only {all}", folder.display());
        return Err(Error::new(ErrorKind::Checkpoint, message)
            .help("it is of another run: set another `output_dir`, or raise `num_train_epochs` or `max_steps`"));
    }
    if let Some(note) = best::forget_lost_checkpoint(&mut state) {
        crate::note(note);
    }
    run.progress.epoch_is_closed = true;
    if folder.join(RunRecord::FILE_NAME).is_file() {
        go_on_from(run, &RunRecord::load(folder)?, folder)?;
    }
    let parameters = run.setup.parts.model().parameters();
    saved::restore(parameters, folder).map_err(|error| error.at(folder.display()))?;
    let optimizer = weights::read(&folder.join(OPTIMIZER), &Device::Cpu)?;
    run.optimizer.load_state(&parameters.list(), optimizer, state.global_step)?;
    run.learning_rate.load(folder)?;
    for note in run.callbacks.restore(&state.stateful_callbacks)? {
        crate::note(note);
    }
    state.take_plan(&run.plan, &run.intervals);
    run.state = state;
    Ok(())
}

/// Takes over what the run counts; refuses data or a plan that would make other updates.
fn go_on_from<P: TrainerParts>(run: &mut Prepared<'_, P>, before: &RunRecord, folder: &Path) -> Result<()> {
    let (longer, others): (Vec<String>, Vec<String>) =
        before.differences(&record(run)).into_iter().partition(|difference| difference.starts_with("`max_steps`"));
    if !others.is_empty() {
        let message = format!("{} is of another run: {}", folder.display(), others.join(", "));
        return Err(Error::new(ErrorKind::Checkpoint, message)
            .help("set them back, or start a new run from its weights with `from_pretrained`"));
    }
    for difference in longer {
        crate::note(format!("{difference}: the learning rate follows the new plan from here on"));
    }
    run.progress.total_loss = before.total_loss;
    run.progress.loss_since_log = before.loss_since_log;
    run.progress.logged_at = before.logged_at;
    run.progress.evaluations = before.evaluations;
    run.progress.evaluations_before_epoch = before.evaluations_before_epoch;
    run.progress.epoch_is_closed = before.epoch_is_closed;
    Ok(())
}

fn record<P: TrainerParts>(run: &Prepared<'_, P>) -> RunRecord {
    let arguments = &run.setup.arguments;
    RunRecord {
        run_name: arguments.run_name.clone(),
        total_loss: run.progress.total_loss,
        loss_since_log: run.progress.loss_since_log,
        logged_at: run.progress.logged_at,
        evaluations: run.progress.evaluations,
        evaluations_before_epoch: run.progress.evaluations_before_epoch,
        epoch_is_closed: run.progress.epoch_is_closed,
        ..RunRecord::new(&run.plan, arguments.seed, arguments.order_seed(), run.state.global_step)
    }
}
