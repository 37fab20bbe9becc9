//! A run as curves in `TensorBoard`.
//!
//! In: log events. Out: an event file, with a point at the event's update for each of its numbers. Its folder is
//! `logging_dir`, or one of its own under `runs` in `output_dir`. Values that are not defined give no point.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::event_file::EventFile;
use crate::args::TrainingArguments;
use crate::error::{Error, Result};
use crate::train::{Callback, Control, LogEntry, RunMoment, number_from_json};

/// Writes each log event into a file that `TensorBoard` reads: `tensorboard --logdir <folder>`.
///
/// The tags are Hugging Face's: `eval_loss` is the curve `eval/loss`, `test_loss` is `test/loss`, and all others are under
/// `train/`. A point is in the file before the run goes on.
///
/// Source: `transformers.integrations.TensorBoardCallback`.
#[derive(Debug)]
pub struct TensorBoard {
    events: EventFile,
}

impl TensorBoard {
    /// Begins an event file in `folder`, beside those that are there.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) if it cannot be written.
    pub fn create(folder: &Path) -> Result<Self> {
        Ok(Self { events: EventFile::create(folder, &host())? })
    }

    /// Begins an event file in the `folder` of a run that resumes after so many updates: later points of its earlier files
    /// are shown no longer.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) if it cannot be written.
    pub fn resume(folder: &Path, update: usize) -> Result<Self> {
        let mut board = Self::create(folder)?;
        board.events.take_back_from(update + 1)?;
        Ok(board)
    }

    /// Begins the event file of a run that has done so many updates, in the folder that its arguments name.
    pub(crate) fn of_run(arguments: &TrainingArguments, update: usize) -> Result<Self> {
        match update {
            0 => Self::create(&folder_of(arguments, SystemTime::now())),
            update => {
                let before = newest_folder(arguments)?;
                Self::resume(&before.unwrap_or_else(|| folder_of(arguments, SystemTime::now())), update)
            }
        }
    }
}

impl Callback for TensorBoard {
    fn on_log(&mut self, moment: &RunMoment<'_>, logs: &LogEntry, _control: &mut Control) -> Result<()> {
        let numbers = logs.iter().filter(|(key, _)| *key != "step");
        let points = numbers.filter_map(|(key, value)| Some((tag(key), number_from_json(value)?)));
        self.events.add_scalars(moment.state.global_step, &points.collect::<Vec<_>>())
    }
}

/// The curve of a value. Source: `transformers.integrations.rewrite_logs`.
fn tag(key: &str) -> String {
    for part in ["eval", "test"] {
        if let Some(name) = key.strip_prefix(part).and_then(|rest| rest.strip_prefix('_')) {
            return format!("{part}/{name}");
        }
    }
    format!("train/{key}")
}

/// `logging_dir`, with the run's name if it has one; or `<output_dir>/runs/<time>_<host>`, with the name behind it.
fn folder_of(arguments: &TrainingArguments, now: SystemTime) -> PathBuf {
    let name = arguments.run_name.as_deref().map(file_name);
    match (&arguments.logging_dir, name) {
        (Some(folder), None) => folder.clone(),
        (Some(folder), Some(name)) => folder.join(name),
        (None, None) => runs(arguments).join(format!("{}_{}", time(now), host())),
        (None, Some(name)) => runs(arguments).join(format!("{}_{}_{name}", time(now), host())),
    }
}

/// The folder in which the newest run of these arguments wrote, if it is to be found.
fn newest_folder(arguments: &TrainingArguments) -> Result<Option<PathBuf>> {
    let runs = runs(arguments);
    if arguments.logging_dir.is_some() || !runs.is_dir() {
        return Ok(None);
    }
    let end = arguments.run_name.as_deref().map(|name| format!("_{}", file_name(name))).unwrap_or_default();
    let mut newest = None;
    for entry in fs::read_dir(&runs).map_err(|error| Error::io("read", &runs, error))? {
        let path = entry.map_err(|error| Error::io("read", &runs, error))?.path();
        let is_of_the_run = path.is_dir() && path.to_string_lossy().ends_with(&end);
        // Their names begin with the time.
        if is_of_the_run && newest.as_ref().is_none_or(|newest| path > *newest) {
            newest = Some(path);
        }
    }
    Ok(newest)
}

fn runs(arguments: &TrainingArguments) -> PathBuf {
    arguments.output_dir.join("runs")
}

/// A name as a folder's: what some file system refuses in names becomes `-`.
fn file_name(name: &str) -> String {
    let kept = |letter: char| if letter.is_alphanumeric() || "._+=@,".contains(letter) { letter } else { '-' };
    let name: String = name.trim().chars().map(kept).collect();
    // `.` and `..` are folders that exist.
    if name.chars().all(|letter| letter == '.') { "-".repeat(name.len().max(1)) } else { name }
}

/// The name of this computer, as far as the environment tells it.
fn host() -> String {
    let of_variable = |name| std::env::var(name).ok();
    let of_file = |path| fs::read_to_string(path).ok();
    let name = of_file("/proc/sys/kernel/hostname")
        .or_else(|| of_file("/etc/hostname"))
        .or_else(|| of_variable("HOSTNAME"))
        .or_else(|| of_variable("COMPUTERNAME"))
        .filter(|name| !name.trim().is_empty());
    name.map_or_else(|| "localhost".to_owned(), |name| file_name(&name))
}

/// A moment, in UTC, as names that are in order sort: `2026-01-31_23-59-58`.
fn time(moment: SystemTime) -> String {
    let seconds = moment.duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    let (year, month, day) = date(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year}-{month:02}-{day:02}_{hour:02}-{minute:02}-{second:02}")
}

/// The year, month and day that is so many days after 1970-01-01.
fn date(mut days: u64) -> (u64, u64, u64) {
    let is_leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let mut year = 1970;
    while days >= 365 + u64::from(is_leap(year)) {
        days -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let mut month = 1;
    for length in [31, 28 + u64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    (year, month, days + 1)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::Value;

    use super::super::event_file::tests::read;
    use super::*;
    use crate::train::{Plan, PlanSettings, TrainerState, number_to_json};

    fn log(board: &mut TensorBoard, update: usize, values: &[(&str, Value)]) {
        let plan = Plan::new(PlanSettings { rows: 8, ..PlanSettings::default() }).unwrap();
        let mut state = TrainerState { global_step: update, epoch: 0.5, ..TrainerState::default() };
        let entry = state.log(values.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect());
        board.on_log(&RunMoment::new(&state, &plan, None), &entry, &mut Control::default()).unwrap();
    }

    fn event_files(folder: &Path) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    }

    #[test]
    fn each_log_event_is_read_back_under_the_names_of_hugging_face() {
        let folder = tempfile::tempdir().unwrap();
        let mut board = TensorBoard::create(folder.path()).unwrap();
        log(&mut board, 3, &[("loss", 0.25.into()), ("grad_norm", number_to_json(f64::INFINITY))]);
        // The board is still open: what is logged is there already.
        assert_eq!(read(&event_files(folder.path())[0]).len(), 2);
        log(&mut board, 4, &[("eval_loss", 2.into()), ("eval_f1", Value::Null), ("test_f1", 0.5.into())]);
        let events = read(&event_files(folder.path())[0]);
        let points: Vec<Vec<(&str, f32)>> = events
            .iter()
            .map(|event| event.scalars.iter().map(|(tag, value)| (tag.as_str(), *value)).collect())
            .collect();
        assert_eq!(events.iter().map(|event| event.update).collect::<Vec<_>>(), [0, 3, 4]);
        assert_eq!(points[1], [("train/loss", 0.25), ("train/grad_norm", f32::INFINITY), ("train/epoch", 0.5)]);
        assert_eq!(points[2], [("eval/loss", 2.0), ("test/f1", 0.5), ("train/epoch", 0.5)]);
    }

    #[test]
    fn a_run_that_resumes_takes_back_later_points_in_a_file_beside_the_first() {
        let output = tempfile::tempdir().unwrap();
        let mut arguments = TrainingArguments { output_dir: output.path().to_owned(), ..Default::default() };
        arguments.run_name = Some("first try/2".to_owned());
        // A run of another name, and an older one of this name.
        for name in ["2099-01-01_00-00-00_host_other", "1999-01-01_00-00-00_host_first-try-2"] {
            fs::create_dir_all(output.path().join("runs").join(name)).unwrap();
        }
        log(&mut TensorBoard::of_run(&arguments, 0).unwrap(), 5, &[("loss", 1.into())]);
        log(&mut TensorBoard::of_run(&arguments, 3).unwrap(), 4, &[("loss", 2.into())]);
        let folder = newest_folder(&arguments).unwrap().unwrap();
        let files = event_files(&folder);
        assert_eq!(files.len(), 2);
        let resumed = read(&files[1]);
        assert_eq!((resumed[1].update, resumed[1].session_status), (4, Some(1)));
        assert_eq!(resumed[2].scalars[0], ("train/loss".to_owned(), 2.0));
    }

    #[test]
    fn the_folder_is_what_the_arguments_say() {
        let now = UNIX_EPOCH + Duration::from_secs(1_709_251_199);
        let (host, mut arguments) = (host(), TrainingArguments::default());
        assert!(!host.is_empty() && !host.contains('/'));
        assert_eq!(
            folder_of(&arguments, now),
            Path::new("trainer_output/runs").join(format!("2024-02-29_23-59-59_{host}"))
        );
        arguments.run_name = Some("../é:1".to_owned());
        let named = format!("2024-02-29_23-59-59_{host}_..-é-1");
        assert_eq!(folder_of(&arguments, now), Path::new("trainer_output/runs").join(named));
        arguments.logging_dir = Some(PathBuf::from("logs"));
        assert_eq!(folder_of(&arguments, now), Path::new("logs/..-é-1"));
        arguments.run_name = Some("..".to_owned());
        assert_eq!(folder_of(&arguments, now), Path::new("logs/--"));
        arguments.run_name = None;
        assert_eq!(folder_of(&arguments, now), Path::new("logs"));
    }

    #[test]
    fn days_have_the_dates_of_the_calendar() {
        for (days, expected) in [
            (0, (1970, 1, 1)),
            (58, (1970, 2, 28)),
            (59, (1970, 3, 1)),
            (10_957, (2000, 1, 1)),
            (11_016, (2000, 2, 29)),
            (20_453, (2025, 12, 31)),
            (47_541, (2100, 3, 1)),
        ] {
            assert_eq!(date(days), expected);
        }
    }
}
