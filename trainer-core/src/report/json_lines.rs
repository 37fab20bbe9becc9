//! A run as lines of JSON, for other programs: `log.jsonl`.
//!
//! In: updates and log events. Out: one object a line, `kind` `update`, `log`, `evaluation` or `summary`, with `step` and
//! `epoch`. A line is in the file before the run goes on. A run that resumes goes on in the file from its update; a new
//! run puts an older file aside.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::line::EventKind;
use crate::error::{Error, Result};
use crate::train::{Callback, Control, LogEntry, RunMoment, number_to_json};

/// Writes `log.jsonl`: each update's `loss`, `grad_norm`, `learning_rate`, `rows` and `tokens`, and each log event.
///
/// Numbers that are not finite are the strings `NaN`, `Infinity` and `-Infinity`.
#[derive(Debug)]
pub struct JsonLines {
    path: PathBuf,
    file: File,
    /// Lines that stood at the update from which the run resumes; that update may say them again.
    standing: Vec<(usize, Vec<String>)>,
}

impl JsonLines {
    /// The name of the file.
    pub const FILE_NAME: &'static str = "log.jsonl";

    /// Begins the file of a new run in `folder`; one of an earlier run is kept as `log-1.jsonl`, `log-2.jsonl`, ….
    pub fn create(folder: &Path) -> Result<Self> {
        let path = folder.join(Self::FILE_NAME);
        fs::create_dir_all(folder).map_err(|error| Error::io("create", folder, error))?;
        if path.exists() {
            let mut count = 1_u32;
            while folder.join(format!("log-{count}.jsonl")).exists() {
                count += 1;
            }
            let kept = folder.join(format!("log-{count}.jsonl"));
            fs::rename(&path, &kept).map_err(|error| Error::io("rename", &path, error))?;
        }
        Self::open(path, Vec::new())
    }

    /// Goes on in the file of a run that resumes after so many updates: later lines, and one cut off, are taken away.
    pub fn resume(folder: &Path, update: usize) -> Result<Self> {
        let path = folder.join(Self::FILE_NAME);
        fs::create_dir_all(folder).map_err(|error| Error::io("create", folder, error))?;
        let content = match fs::read(&path) {
            Ok(content) => content,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(Error::io("read", &path, error)),
        };
        let (mut kept, mut standing) = (0_u64, Vec::new());
        for line in content.split_inclusive(|byte| *byte == b'\n') {
            let Some((step, entry)) = read_line(line).filter(|(step, _)| *step <= update) else { break };
            kept += line.len() as u64;
            if step == update {
                standing.push((step, identity(&entry)));
            }
        }
        let opened = Self::open(path, standing)?;
        opened.file.set_len(kept).map_err(|error| Error::io("shorten", &opened.path, error))?;
        Ok(opened)
    }

    fn open(path: PathBuf, standing: Vec<(usize, Vec<String>)>) -> Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(&path);
        let file = file.map_err(|error| Error::io("write", &path, error))?;
        Ok(Self { path, file, standing })
    }

    fn write(&mut self, kind: &str, moment: &RunMoment<'_>, values: LogEntry) -> Result<()> {
        let mut line = LogEntry::new();
        line.insert("kind".to_owned(), Value::from(kind));
        line.insert("step".to_owned(), Value::from(moment.state.global_step));
        line.insert("epoch".to_owned(), number_to_json(moment.state.epoch));
        line.extend(values.into_iter().filter(|(key, _)| key != "step" && key != "epoch"));
        if self.standing.contains(&(moment.state.global_step, identity(&line))) {
            return Ok(());
        }
        // One call for a line: a killed process leaves whole lines and at most one that is cut off.
        let text = Value::Object(line).to_string() + "\n";
        self.file.write_all(text.as_bytes()).map_err(|error| Error::io("write", &self.path, error))
    }
}

/// A whole line with its update.
fn read_line(line: &[u8]) -> Option<(usize, LogEntry)> {
    let entry: LogEntry = serde_json::from_slice(line.strip_suffix(b"\n")?).ok()?;
    let step = usize::try_from(entry.get("step")?.as_u64()?).ok()?;
    Some((step, entry))
}

/// What makes a line the same as another at one update: its kind and the names of its values.
fn identity(entry: &LogEntry) -> Vec<String> {
    let mut names: Vec<String> = entry.keys().cloned().collect();
    names.sort();
    names.extend(entry.get("kind").map(Value::to_string));
    names
}

impl Callback for JsonLines {
    fn on_step_end(&mut self, moment: &RunMoment<'_>, _control: &mut Control) -> Result<()> {
        let Some(update) = moment.update else { return Ok(()) };
        let values = [
            ("loss", number_to_json(update.loss)),
            ("grad_norm", number_to_json(update.grad_norm)),
            ("learning_rate", number_to_json(update.learning_rate)),
            ("rows", Value::from(update.rows)),
            ("tokens", Value::from(update.tokens)),
        ];
        self.write("update", moment, values.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }

    fn on_log(&mut self, moment: &RunMoment<'_>, logs: &LogEntry, _control: &mut Control) -> Result<()> {
        self.write(EventKind::of(logs).name(), moment, logs.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::{Plan, PlanSettings, TrainerState, UpdateRecord};

    fn run_updates(lines: &mut JsonLines, updates: std::ops::RangeInclusive<usize>) {
        let plan = Plan::new(PlanSettings { rows: 8, batch_size: 1, ..PlanSettings::default() }).unwrap();
        let mut control = Control::default();
        for step in updates {
            let mut state = TrainerState { global_step: step, epoch: step as f64 / 8.0, ..TrainerState::default() };
            let update = UpdateRecord { loss: 0.5, grad_norm: f64::NAN, learning_rate: 1e-5, rows: 1, tokens: 9 };
            let mut moment = RunMoment::new(&state, &plan, None);
            moment.update = Some(update);
            lines.on_step_end(&moment, &mut control).unwrap();
            let logs = state.log(LogEntry::from_iter([("loss".to_owned(), number_to_json(0.5))]));
            lines.on_log(&RunMoment::new(&state, &plan, None), &logs, &mut control).unwrap();
        }
    }

    fn kinds_and_steps(path: &Path) -> Vec<(String, u64)> {
        let text = fs::read_to_string(path).unwrap();
        let values = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        values.map(|value| (value["kind"].as_str().unwrap().to_owned(), value["step"].as_u64().unwrap())).collect()
    }

    fn expected(updates: u64) -> Vec<(String, u64)> {
        (1..=updates).flat_map(|step| [("update".to_owned(), step), ("log".to_owned(), step)]).collect()
    }

    #[test]
    fn every_update_and_log_event_is_a_line() {
        let folder = tempfile::tempdir().unwrap();
        run_updates(&mut JsonLines::create(&folder.path().join("logs")).unwrap(), 1..=2);
        let path = folder.path().join("logs/log.jsonl");
        assert_eq!(kinds_and_steps(&path), expected(2));
        let first = fs::read_to_string(&path).unwrap().lines().next().unwrap().to_owned();
        let line = r#"{"kind":"update","step":1,"epoch":0.125,"loss":0.5,"grad_norm":"NaN","learning_rate":0.00001,"rows":1,"tokens":9}"#;
        assert_eq!(serde_json::from_str::<Value>(&first).unwrap(), serde_json::from_str::<Value>(line).unwrap());
    }

    #[test]
    fn a_run_that_resumes_says_no_update_twice() {
        let folder = tempfile::tempdir().unwrap();
        run_updates(&mut JsonLines::create(folder.path()).unwrap(), 1..=5);
        let path = folder.path().join("log.jsonl");
        // Killed in the middle of a line.
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, &text[..text.len() - 7]).unwrap();
        let mut resumed = JsonLines::resume(folder.path(), 3).unwrap();
        assert_eq!(kinds_and_steps(&path), expected(3));
        run_updates(&mut resumed, 3..=6);
        assert_eq!(kinds_and_steps(&path), expected(6));
    }

    #[test]
    fn a_new_run_puts_the_older_file_aside() {
        let folder = tempfile::tempdir().unwrap();
        for updates in [1, 2, 3] {
            run_updates(&mut JsonLines::create(folder.path()).unwrap(), 1..=updates);
        }
        for (name, updates) in [("log-1.jsonl", 1), ("log-2.jsonl", 2), ("log.jsonl", 3)] {
            assert_eq!(kinds_and_steps(&folder.path().join(name)), expected(updates));
        }
        let elsewhere = tempfile::tempdir().unwrap();
        run_updates(&mut JsonLines::resume(elsewhere.path(), 0).unwrap(), 1..=1);
        assert_eq!(kinds_and_steps(&elsewhere.path().join("log.jsonl")), expected(1));
    }
}
