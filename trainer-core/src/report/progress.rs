//! A run on the terminal.
//!
//! In: the events of a run. Out, on standard error: a bar of the updates with loss, learning rate, speed and the time that
//! remains, a second bar while it evaluates, and a line for each log event. Where standard error is no terminal, or
//! `NO_PROGRESS` is set, the lines alone.

use std::env;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::line::{EventKind, log_line, short};
use crate::error::Result;
use crate::train::{Callback, Control, LogEntry, PredictionProgress, RunMoment};

const TRAINING: &str = "{bar:24} {pos}/{len}  {eta} left  {wide_msg}";
const PREDICTION: &str = "{bar:24} {pos}/{len} batches of evaluation  {eta} left";

/// Shows how far a run is, how it goes and how long it will take.
pub struct Progress {
    display: Display,
    speed: Speed,
}

enum Display {
    Bars { all: MultiProgress, training: Option<ProgressBar>, prediction: Option<ProgressBar> },
    Lines(Box<dyn Write + Send>),
}

/// Rows of training in the time that updates took, without evaluations and checkpoints.
#[derive(Default)]
struct Speed {
    begun: Option<Instant>,
    rows: usize,
    time: Duration,
}

impl Speed {
    fn rows_per_second(&self) -> Option<f64> {
        let seconds = self.time.as_secs_f64();
        (self.rows > 0 && seconds > 0.0).then(|| self.rows as f64 / seconds)
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

impl Progress {
    /// Bars where standard error is a terminal and the variable `NO_PROGRESS` is not set, else lines.
    pub fn new() -> Self {
        let is_refused = env::var_os("NO_PROGRESS").is_some_and(|value| !value.is_empty());
        if is_refused || !io::stderr().is_terminal() {
            return Self::lines(Box::new(io::stderr()));
        }
        let display = Display::Bars { all: MultiProgress::new(), training: None, prediction: None };
        Self { display, speed: Speed::default() }
    }

    /// One line for each log event, to `out`.
    pub fn lines(out: Box<dyn Write + Send>) -> Self {
        Self { display: Display::Lines(out), speed: Speed::default() }
    }

    fn end_prediction(&mut self) {
        if let Display::Bars { prediction, .. } = &mut self.display
            && let Some(bar) = prediction.take()
        {
            bar.finish_and_clear();
        }
    }
}

fn bar(length: usize, template: &str) -> ProgressBar {
    // The templates are constants that parse; a bar of the library's own would do as well.
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(length as u64).with_style(style.progress_chars("=> "))
}

impl Callback for Progress {
    fn on_train_begin(&mut self, moment: &RunMoment<'_>, _control: &mut Control) -> Result<()> {
        self.speed = Speed::default();
        if let Display::Bars { all, training, .. } = &mut self.display {
            let bar = all.add(bar(moment.state.max_steps, TRAINING));
            bar.set_position(moment.state.global_step as u64);
            // The updates of an earlier run took no time of this one.
            bar.reset_eta();
            *training = Some(bar);
        }
        Ok(())
    }

    fn on_step_begin(&mut self, _moment: &RunMoment<'_>, _control: &mut Control) -> Result<()> {
        self.speed.begun = Some(Instant::now());
        Ok(())
    }

    fn on_step_end(&mut self, moment: &RunMoment<'_>, _control: &mut Control) -> Result<()> {
        let Some(update) = moment.update else { return Ok(()) };
        self.speed.time += self.speed.begun.take().map_or(Duration::ZERO, |begun| begun.elapsed());
        self.speed.rows += update.rows;
        if let Display::Bars { training: Some(bar), .. } = &self.display {
            let speed = self.speed.rows_per_second().map(|speed| format!("  {speed:.0} rows/s")).unwrap_or_default();
            bar.set_message(format!("loss {}  lr {}{speed}", short(update.loss), short(update.learning_rate)));
            bar.set_position(moment.state.global_step as u64);
        }
        Ok(())
    }

    fn on_log(&mut self, moment: &RunMoment<'_>, logs: &LogEntry, _control: &mut Control) -> Result<()> {
        let is_training = EventKind::of(logs) == EventKind::Log;
        let speed = self.speed.rows_per_second().filter(|_| is_training);
        let line = log_line(logs, moment.state.max_steps, speed);
        // A terminal that has gone away is no reason to end a run.
        match &mut self.display {
            Display::Bars { all, .. } => drop(all.println(line)),
            Display::Lines(out) => drop(writeln!(out, "{line}").and_then(|()| out.flush())),
        }
        if is_training {
            self.speed = Speed { begun: self.speed.begun, ..Speed::default() };
        }
        Ok(())
    }

    fn on_prediction_step(
        &mut self,
        _moment: &RunMoment<'_>,
        progress: PredictionProgress,
        _control: &mut Control,
    ) -> Result<()> {
        if let Display::Bars { all, prediction, .. } = &mut self.display {
            let bar = prediction.get_or_insert_with(|| all.add(bar(progress.total, PREDICTION)));
            bar.set_position(progress.done as u64);
        }
        Ok(())
    }

    fn on_evaluate(&mut self, _moment: &RunMoment<'_>, _metrics: &LogEntry, _control: &mut Control) -> Result<()> {
        self.end_prediction();
        Ok(())
    }

    fn on_predict(&mut self, _moment: &RunMoment<'_>, _metrics: &LogEntry, _control: &mut Control) -> Result<()> {
        self.end_prediction();
        Ok(())
    }

    fn on_train_end(&mut self, _moment: &RunMoment<'_>, _control: &mut Control) -> Result<()> {
        if let Display::Bars { training, .. } = &mut self.display
            && let Some(bar) = training.take()
        {
            bar.abandon();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use indicatif::{ProgressDrawTarget, TermLike};

    use super::*;
    use crate::train::{Plan, PlanSettings, TrainerState, UpdateRecord, number_to_json};

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn plan() -> Plan {
        Plan::new(PlanSettings { rows: 32, ..PlanSettings::default() }).unwrap()
    }

    fn run_update(progress: &mut Progress, state: &mut TrainerState) {
        let (plan, mut control) = (plan(), Control::default());
        progress.on_step_begin(&RunMoment::new(state, &plan, None), &mut control).unwrap();
        state.global_step += 1;
        state.epoch = plan.fractional_epoch(0, state.global_step);
        let mut moment = RunMoment::new(state, &plan, None);
        moment.update = Some(UpdateRecord { loss: 0.5, grad_norm: 1.0, learning_rate: 2e-5, rows: 8, tokens: 80 });
        progress.on_step_end(&moment, &mut control).unwrap();
    }

    #[test]
    fn without_a_terminal_each_log_event_is_a_line() {
        let out = Shared::default();
        let mut progress = Progress::lines(Box::new(out.clone()));
        let (plan, mut control) = (plan(), Control::default());
        let mut state = TrainerState { max_steps: plan.max_steps(), ..TrainerState::default() };
        progress.on_train_begin(&RunMoment::new(&state, &plan, None), &mut control).unwrap();
        run_update(&mut progress, &mut state);
        let logs = state.log(LogEntry::from_iter([("loss".to_owned(), number_to_json(0.5))]));
        progress.on_log(&RunMoment::new(&state, &plan, None), &logs, &mut control).unwrap();
        let text = String::from_utf8(out.0.lock().unwrap().clone()).unwrap();
        assert!(text.starts_with("step 1/12  epoch 0.25  loss 0.5  ") && text.ends_with(" rows/s\n"), "{text}");
    }

    /// A terminal that keeps what is drawn on it, one after the other.
    #[derive(Clone, Debug, Default)]
    struct Screen(Arc<Mutex<String>>);

    impl TermLike for Screen {
        fn width(&self) -> u16 {
            120
        }

        fn move_cursor_up(&self, _lines: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_down(&self, _lines: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_right(&self, _columns: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_left(&self, _columns: usize) -> io::Result<()> {
            Ok(())
        }

        fn write_line(&self, text: &str) -> io::Result<()> {
            self.write_str(text)
        }

        fn write_str(&self, text: &str) -> io::Result<()> {
            self.0.lock().unwrap().push_str(text);
            Ok(())
        }

        fn clear_line(&self) -> io::Result<()> {
            Ok(())
        }

        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_terminal_shows_bars_of_training_and_of_evaluation() {
        let screen = Screen::default();
        let target = ProgressDrawTarget::term_like(Box::new(screen.clone()));
        let display = Display::Bars { all: MultiProgress::with_draw_target(target), training: None, prediction: None };
        let mut progress = Progress { display, speed: Speed::default() };
        let (plan, mut control) = (plan(), Control::default());
        let mut state = TrainerState { max_steps: plan.max_steps(), global_step: 2, ..TrainerState::default() };
        progress.on_train_begin(&RunMoment::new(&state, &plan, None), &mut control).unwrap();
        // The library draws at most so often a second.
        std::thread::sleep(Duration::from_millis(120));
        run_update(&mut progress, &mut state);
        let moment = RunMoment::new(&state, &plan, None);
        std::thread::sleep(Duration::from_millis(120));
        progress.on_prediction_step(&moment, PredictionProgress { done: 3, total: 7 }, &mut control).unwrap();
        let shown = screen.0.lock().unwrap().clone();
        assert!(shown.contains("3/12") && shown.contains("loss 0.5  lr 2e-5"), "{shown}");
        assert!(shown.contains("3/7 batches"), "{shown}");
        screen.0.lock().unwrap().clear();
        progress.on_evaluate(&moment, &LogEntry::new(), &mut control).unwrap();
        progress.on_train_end(&moment, &mut control).unwrap();
        let shown = screen.0.lock().unwrap().clone();
        assert!(shown.contains("3/12") && !shown.contains("batches"), "{shown}");
    }
}
