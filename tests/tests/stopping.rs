//! A run that is asked to stop ends with a checkpoint, from which it goes on as if it had never stopped; and what a run
//! writes for other programs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::Value;
use trainer_core::args::{IntervalStrategy, ReportTo, ResumeFrom, SaveStrategy, StepsOrRatio};
use trainer_core::model::{BertConfig, BertForSequenceClassification};
use trainer_core::train::checkpoint::{folder_of, step_of};
use trainer_core::train::{Callback, Control, LogEntry, RunMoment, StopRequest, TrainOutput};
use trainer_core::{Result, Trainer};
use trainer_tests::json;
use trainer_tests::reference::{ReferenceTrainer, Tone};

/// Updates of the runs here: five an epoch.
const UPDATES: usize = 10;

/// A small model with dropout, from scratch, on the reference's rows; it evaluates after each epoch.
fn trainer(output: &Path) -> Result<ReferenceTrainer<Tone>> {
    let mut trainer = ReferenceTrainer::<Tone>::new(&json("training/a-plain/run.json"), output)?;
    trainer.model = BertForSequenceClassification::from_config(BertConfig {
        vocab_size: 800,
        hidden_size: 16,
        num_hidden_layers: 1,
        num_attention_heads: 2,
        intermediate_size: 32,
        max_position_embeddings: 64,
        ..BertConfig::default()
    })?;
    let arguments = &mut trainer.args.0;
    arguments.per_device_train_batch_size = 5;
    arguments.gradient_accumulation_steps = 2;
    arguments.num_train_epochs = 2.0;
    arguments.eval_strategy = IntervalStrategy::Epoch;
    arguments.save_strategy = SaveStrategy::Epoch;
    arguments.logging_steps = StepsOrRatio::Steps(3);
    Ok(trainer)
}

/// Where a test asks for the stop.
#[derive(Clone, Copy, Debug)]
enum At {
    Update(usize),
    EvaluationAfter(usize),
}

/// Asks for a stop at one place.
struct Asking(StopRequest, At);

impl Callback for Asking {
    fn on_step_end(&mut self, moment: &RunMoment<'_>, _: &mut Control) -> Result<()> {
        if matches!(self.1, At::Update(update) if update == moment.state.global_step) {
            self.0.stop();
        }
        Ok(())
    }

    fn on_prediction_step(
        &mut self,
        moment: &RunMoment<'_>,
        _: trainer_core::train::PredictionProgress,
        _: &mut Control,
    ) -> Result<()> {
        if matches!(self.1, At::EvaluationAfter(update) if update == moment.state.global_step) {
            self.0.stop();
        }
        Ok(())
    }
}

fn train_and_ask(output: &Path, at: At) -> Result<(ReferenceTrainer<Tone>, TrainOutput)> {
    let mut trainer = trainer(output)?;
    trainer.callbacks = Box::new(move || {
        let request = StopRequest::new();
        vec![Box::new(Asking(request.clone(), at)), Box::new(request)]
    });
    let output = trainer.train()?;
    Ok((trainer, output))
}

fn resume(output: &Path) -> Result<(ReferenceTrainer<Tone>, TrainOutput)> {
    let mut trainer = trainer(output)?;
    trainer.args.0.resume_from_checkpoint = Some(ResumeFrom::Latest);
    let output = trainer.train()?;
    Ok((trainer, output))
}

/// What a whole run leaves: the bits of its last checkpoint, and its history without times.
type Outcome = (BTreeMap<&'static str, Vec<u8>>, Vec<LogEntry>);

fn outcome(trainer: &ReferenceTrainer<Tone>, output: &Path) -> Outcome {
    let last = folder_of(output, UPDATES);
    let files = ["model.safetensors", "optimizer.safetensors"];
    let files = files.map(|name| (name, fs::read(last.join(name)).expect("the last checkpoint is whole")));
    let is_time = |key: &String| key.ends_with("runtime") || key.ends_with("per_second");
    let history = trainer.state().log_history.into_iter();
    let history = history.map(|entry| entry.into_iter().filter(|(key, _)| !is_time(key)).collect());
    (files.into(), history.collect())
}

fn never_stopping() -> Result<Outcome> {
    let folder = tempfile::tempdir()?;
    let mut trainer = trainer(folder.path())?;
    let output = trainer.train()?;
    assert_eq!((output.global_step, output.paused), (UPDATES, None));
    Ok(outcome(&trainer, folder.path()))
}

fn checkpoints(output: &Path) -> Vec<usize> {
    let entries = fs::read_dir(output).unwrap();
    let mut steps: Vec<usize> = entries.filter_map(|entry| step_of(&entry.unwrap().path())).collect();
    steps.sort_unstable();
    steps
}

#[test]
fn a_run_that_is_stopped_and_resumed_equals_one_that_never_stopped() -> Result<()> {
    trainer_tests::on_both_ways(stopped_and_resumed)
}

fn stopped_and_resumed() -> Result<()> {
    let whole = never_stopping()?;
    // In an epoch, at its last update, in the evaluation after it, in the next epoch.
    for (at, update) in [(At::Update(3), 3), (At::Update(5), 5), (At::EvaluationAfter(5), 5), (At::Update(6), 6)] {
        let folder = tempfile::tempdir()?;
        let (trainer, output) = train_and_ask(folder.path(), at)?;
        let checkpoint = folder_of(folder.path(), update);
        assert_eq!((output.global_step, output.paused), (update, Some(checkpoint)), "{at:?}");
        let evaluations = trainer.state().log_history.iter().filter(|entry| entry.contains_key("eval_loss")).count();
        let expected = usize::from(matches!(at, At::EvaluationAfter(_)) || update > 5);
        assert_eq!(evaluations, expected, "{at:?}: an epoch that is not over is not evaluated");
        let (resumed, output) = resume(folder.path())?;
        assert_eq!((output.global_step, output.paused), (UPDATES, None), "{at:?}");
        assert!(outcome(&resumed, folder.path()) == whole, "{at:?}: resumed to other bits");
    }
    Ok(())
}

#[test]
fn a_request_at_the_last_update_changes_nothing() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (trainer, output) = train_and_ask(folder.path(), At::Update(UPDATES))?;
    assert_eq!(output.paused, None);
    assert_eq!(checkpoints(folder.path()), [5, 10]);
    assert!(outcome(&trainer, folder.path()) == never_stopping()?);
    Ok(())
}

#[test]
fn the_arguments_choose_the_files_for_other_programs() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let board = folder.path().join("board");
    let mut trainer = trainer(&folder.path().join("out"))?;
    let arguments = &mut trainer.args.0;
    arguments.report_to = vec![ReportTo::Tensorboard, ReportTo::Jsonl, ReportTo::Tensorboard];
    arguments.logging_dir = Some(board.clone());
    arguments.run_name = Some("first".to_owned());
    trainer.train()?;
    let files: Vec<PathBuf> = fs::read_dir(board.join("first"))?.map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "one file, however often it is named: {files:?}");
    let bytes = fs::read(&files[0])?;
    for tag in ["brain.Event:2", "train/loss", "eval/accuracy", "train/train_runtime"] {
        assert!(bytes.windows(tag.len()).any(|window| window == tag.as_bytes()), "no `{tag}`");
    }
    let record = fs::read_to_string(folder_of(&folder.path().join("out"), UPDATES).join("run.json"))?;
    assert_eq!(serde_json::from_str::<Value>(&record).unwrap()["run_name"], "first");
    assert!(folder.path().join("out/log.jsonl").is_file());
    Ok(())
}

/// Signals to a process that trains.
#[cfg(unix)]
mod signals {
    use std::io::{BufRead, BufReader};
    use std::process::{Child, Command, Stdio};
    use std::thread;
    use std::time::{Duration, Instant};

    use super::*;

    /// Tells the test that it is the process to be stopped, and where it writes.
    const TRAIN_HERE: &str = "TRAINER_TEST_TRAIN_HERE";
    /// The update in which the process waits for its signal.
    const WAITS_IN: usize = 4;

    /// Waits in an update until the signal is said to have come, and says that it waits.
    struct Waiting(PathBuf);

    impl Callback for Waiting {
        fn on_step_begin(&mut self, moment: &RunMoment<'_>, _: &mut Control) -> Result<()> {
            if moment.state.global_step + 1 == WAITS_IN {
                fs::write(self.0.join("waits"), "")?;
                wait_for("the signal", || self.0.join("signalled").exists());
            }
            Ok(())
        }
    }

    fn wait_for(what: &str, mut is_there: impl FnMut() -> bool) {
        let begun = Instant::now();
        while !is_there() {
            assert!(begun.elapsed() < Duration::from_mins(1), "{what} does not come");
            thread::sleep(Duration::from_millis(5));
        }
    }

    fn train_until_stopped(folder: &Path) -> Result<()> {
        let mut trainer = trainer(&folder.join("out"))?;
        let own = folder.to_owned();
        trainer.callbacks = Box::new(move || vec![Box::new(Waiting(own.clone()))]);
        let output = trainer.train()?;
        assert_eq!((output.global_step, output.paused.is_some()), (WAITS_IN, true));
        Ok(())
    }

    /// A process that trains and stands in an update.
    fn start(test: &str, folder: &Path) -> Child {
        let child = Command::new(env::current_exe().unwrap())
            .args(["--exact", &format!("signals::{test}"), "--nocapture"])
            .env(TRAIN_HERE, folder)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        wait_for("the update", || folder.join("waits").exists());
        child
    }

    fn signal(child: &Child, name: &str) {
        let kill = format!("kill -{name} {}", child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// Reads what the process says until a line holds `words`.
    fn wait_for_words(said: &mut impl BufRead, words: &str) {
        let mut line = String::new();
        while said.read_line(&mut line).unwrap() > 0 {
            if line.contains(words) {
                return;
            }
            line.clear();
        }
        panic!("it never says `{words}`");
    }

    #[test]
    fn a_first_signal_ends_the_run_with_a_checkpoint() -> Result<()> {
        if let Some(folder) = env::var_os(TRAIN_HERE) {
            return train_until_stopped(Path::new(&folder));
        }
        let folder = tempfile::tempdir()?;
        let mut child = start("a_first_signal_ends_the_run_with_a_checkpoint", folder.path());
        let mut said = BufReader::new(child.stderr.take().unwrap());
        signal(&child, "TERM");
        wait_for_words(&mut said, "asked to stop");
        fs::write(folder.path().join("signalled"), "").unwrap();
        wait_for_words(&mut said, "stopped at update 4 of 10");
        assert!(child.wait()?.success());
        let output = folder.path().join("out");
        assert_eq!(checkpoints(&output), [WAITS_IN]);
        let (resumed, _) = resume(&output)?;
        assert!(outcome(&resumed, &output) == never_stopping()?);
        Ok(())
    }

    #[test]
    fn a_second_signal_ends_the_process() -> Result<()> {
        if let Some(folder) = env::var_os(TRAIN_HERE) {
            return train_until_stopped(Path::new(&folder));
        }
        let folder = tempfile::tempdir()?;
        let mut child = start("a_second_signal_ends_the_process", folder.path());
        let mut said = BufReader::new(child.stderr.take().unwrap());
        signal(&child, "INT");
        wait_for_words(&mut said, "asked to stop");
        signal(&child, "INT");
        let mut status = None;
        wait_for("the end", || {
            status = child.try_wait().unwrap();
            status.is_some()
        });
        assert_eq!(status.and_then(|status| status.code()), Some(130));
        assert_eq!(checkpoints(&folder.path().join("out")), [0; 0]);
        Ok(())
    }
}
