//! What a trainer can do, once its struct says what it is made of.

use std::path::Path;

use crate::args::{ReportTo, ResumeFrom, TrainingArgs, TrainingArguments};
use crate::data::{Dataset, Example, Task};
use crate::error::{Error, ErrorKind, Result};
use crate::infer::{PredictionOutput, Predictor};
use crate::metrics::Metrics;
use crate::model::Model;
use crate::report::{JsonLines, Progress, TensorBoard};
use crate::train::prepared::Prepared;
use crate::train::setup::{Setup, TaskOf};
use crate::train::{CallbackList, RunPlan, TrainOutput, TrainerParts, TrainerState, checkpoint, run_files};

/// Trains, evaluates and predicts; implemented for every struct with `#[trainer(…)]`.
pub trait Trainer: TrainerParts + Sized {
    /// Trains the model to the end of its plan, from the checkpoint that `resume_from_checkpoint` names or from the start.
    ///
    /// Everything that can be known before the first step is checked before it: arguments, every row against the model,
    /// that the output folder can be written. The first update proves that every parameter has a gradient.
    ///
    /// While it trains, a first Ctrl-C (or `SIGTERM`, `SIGHUP`) ends the run after its update, with a checkpoint to go on
    /// from ([`TrainOutput::paused`]); a second one ends the process. A process that handles or ignores one of these
    /// signals itself keeps its own way; without the feature `signals`, every process does.
    ///
    /// # Errors
    /// What is wrong with arguments, data, model or files; a loss or gradient that is not finite; a parameter without a
    /// gradient. Checkpoints that were written before stay whole.
    fn train(&mut self) -> Result<TrainOutput> {
        let arguments = self.args().arguments();
        let checkpoint = match &arguments.resume_from_checkpoint {
            None => None,
            Some(ResumeFrom::Path(path)) => Some(path.clone()),
            Some(ResumeFrom::Latest) => {
                let newest = checkpoint::newest_whole(&arguments.output_dir)?;
                newest.notes.iter().for_each(crate::note);
                if newest.checkpoint.is_none() {
                    let folder = arguments.output_dir.display();
                    crate::note(format!(
                        "`{folder}` has no checkpoint to go on from: this run starts at the beginning"
                    ));
                }
                newest.checkpoint
            }
        };
        train(self, &arguments, checkpoint.as_deref())
    }

    /// Goes on from a checkpoint, to the same bits as a run that never stopped.
    ///
    /// # Errors
    /// As [`train`](Self::train); [`ErrorKind::Checkpoint`] for a folder that is not whole or of another run.
    fn train_from(&mut self, checkpoint: impl AsRef<Path>) -> Result<TrainOutput> {
        train(self, &self.args().arguments(), Some(checkpoint.as_ref()))
    }

    /// The loss and metrics on the evaluation set; on several sets, each key begins with its set's name.
    ///
    /// # Errors
    /// [`ErrorKind::Data`] if there is no evaluation set, or a row that the model cannot take.
    fn evaluate(&self) -> Result<Metrics> {
        let sets = self.eval_datasets();
        if sets.is_empty() {
            return Err(Error::new(ErrorKind::Data, format!("`{}` has no evaluation set", Self::NAME))
                .help("give the struct a field `eval_dataset`, or call `evaluate_on(&dataset)`"));
        }
        let setup = Setup::new(self)?;
        let mut all = Metrics::new();
        for (name, dataset) in sets {
            let metrics = setup.evaluate(dataset)?;
            all.extend(match name {
                Some(name) => metrics.with_prefix(name),
                None => metrics,
            })?;
        }
        Ok(all)
    }

    /// The loss and metrics on a data set.
    fn evaluate_on(&self, dataset: &Dataset<Self::Example>) -> Result<Metrics> {
        Setup::new(self)?.evaluate(dataset)
    }

    /// What the model makes of every row of a data set, in its order; its labels are not looked at.
    fn predict(&self, dataset: &Dataset<Self::Example>) -> Result<PredictionOutput<TaskOf<Self>>> {
        self.predictor()?.predict(dataset)
    }

    /// What the model makes of one text; with `formatting`, of one that is formatted already. For many texts, one after
    /// another, take a [`predictor`](Self::predictor).
    ///
    /// # Errors
    /// [`ErrorKind::Text`] if the trainer has no tokenizer.
    fn predict_one(&self, text: &str) -> Result<<<Self::Example as Example>::Task as Task>::Prediction> {
        self.predictor()?.predict_one(text)
    }

    /// What the model makes of a pair of texts.
    ///
    /// # Errors
    /// As [`Predictor::predict_pair`].
    fn predict_pair(&self, text: &str, pair: &str) -> Result<<<Self::Example as Example>::Task as Task>::Prediction> {
        self.predictor()?.predict_pair(text, pair)
    }

    /// The model, ready to predict again and again: the parts of the trainer are checked against each other now, and not at
    /// each prediction.
    ///
    /// # Errors
    /// What is wrong with the arguments, or between the parts.
    fn predictor(&self) -> Result<Predictor<'_, Self>> {
        Predictor::new(self)
    }

    /// Writes the model and its tokenizer as a folder that Python's `from_pretrained` loads, whole or not at all.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] if the folder cannot be written; [`ErrorKind::Checkpoint`] if it holds files that were not saved
    /// by a trainer, or if what was written does not read back.
    fn save_model(&self, folder: impl AsRef<Path>) -> Result<()> {
        checkpoint::write(folder.as_ref(), |temporary| run_files::write_model(self, temporary))
    }

    /// Where the last run of this model in this process stood when it ended: its log history, its best evaluation.
    fn state(&self) -> TrainerState {
        self.model().parameters().attached().unwrap_or_default()
    }

    /// What a run would do: its steps, its learning rates, its memory and disk; no step is taken.
    fn plan(&self) -> Result<RunPlan> {
        RunPlan::new(self)
    }
}

impl<T: TrainerParts> Trainer for T {}

fn train<P: TrainerParts>(parts: &P, arguments: &TrainingArguments, from: Option<&Path>) -> Result<TrainOutput> {
    let mut callbacks = CallbackList::new();
    for callback in parts.callbacks() {
        callbacks.push(callback);
    }
    let mut run = Prepared::new(parts, callbacks)?;
    match from {
        Some(checkpoint) => run.resume(checkpoint)?,
        None => note_earlier_checkpoints(&arguments.output_dir),
    }
    let log = match run.global_step() {
        0 => JsonLines::create(&arguments.output_dir)?,
        update => JsonLines::resume(&arguments.output_dir, update)?,
    };
    run.watch(Box::new(Progress::new()));
    run.watch(Box::new(log));
    for report in ReportTo::ALL.iter().filter(|report| arguments.report_to.contains(report)) {
        match report {
            ReportTo::Tensorboard => run.watch(Box::new(TensorBoard::of_run(arguments, run.global_step())?)),
            // `log.jsonl` is always written.
            ReportTo::Jsonl => {}
        }
    }
    if arguments.logging_dir.is_some() && !arguments.report_to.contains(&ReportTo::Tensorboard) {
        crate::note("nothing is written to `logging_dir`: that is where `report_to = \"tensorboard\"` writes");
    }
    #[cfg(feature = "signals")]
    let listening = crate::train::signals::Listening::begin();
    #[cfg(feature = "signals")]
    run.watch(Box::new(listening.request()));
    run.train()
}

/// Says that a folder holds checkpoints of an earlier run, which `latest` could take for those of this one.
fn note_earlier_checkpoints(output_dir: &Path) {
    let Ok(entries) = std::fs::read_dir(output_dir) else { return };
    let newest = entries.flatten().filter_map(|entry| checkpoint::step_of(&entry.path())).max();
    if let Some(step) = newest {
        let folder = output_dir.display();
        crate::note(format!(
            "`{folder}` holds checkpoints of an earlier run, up to update {step}: `resume_from_checkpoint = \"latest\"` may \
             take them for this run's; delete them, or set another `output_dir`"
        ));
    }
}
