//! Ctrl-C, `SIGTERM` and `SIGHUP` while a run trains.
//!
//! In: the first of these signals. Out: a [`StopRequest`], which every run of the process sees. A second signal ends the
//! process, and so does the first when no run is under way. A process that handles or ignores one of them keeps its own
//! way with all.

use std::io::{self, Write};
use std::process;
use std::sync::{LazyLock, Mutex, MutexGuard, Once, PoisonError};

use super::StopRequest;

/// What shells say of a process that Ctrl-C ended.
const ENDED_BY_SIGNAL: i32 = 130;

static RUNS: LazyLock<Mutex<Runs>> = LazyLock::new(Mutex::default);

/// The runs of this process.
#[derive(Default)]
struct Runs {
    under_way: usize,
    request: StopRequest,
}

fn runs() -> MutexGuard<'static, Runs> {
    RUNS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// As long as this lives, a signal is a request to a run.
pub(crate) struct Listening(StopRequest);

impl Listening {
    /// Listens for signals, unless the process has its own way with them.
    pub(crate) fn begin() -> Self {
        static INSTALL: Once = Once::new();
        // It fails where the process handles one of the signals, which then stays as it is.
        INSTALL.call_once(|| drop(ctrlc::try_set_handler(answer)));
        let mut runs = runs();
        runs.under_way += 1;
        Self(runs.request.clone())
    }

    /// What a signal asks for: a callback of the run.
    pub(crate) fn request(&self) -> StopRequest {
        self.0.clone()
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let mut runs = runs();
        runs.under_way -= 1;
        if runs.under_way == 0 {
            // The next run is not asked anything yet.
            runs.request = StopRequest::new();
        }
    }
}

/// Answers a signal, on a thread of its own.
fn answer() {
    let runs = runs();
    if runs.under_way == 0 || runs.request.is_asked() {
        process::exit(ENDED_BY_SIGNAL);
    }
    runs.request.stop();
    // Standard error may be the terminal that was closed.
    let words = "asked to stop: what is under way is finished and a checkpoint is written; a second time ends at once";
    drop(writeln!(io::stderr(), "\nnote: {words}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_for_the_runs_under_way_and_not_for_the_next() {
        let (first, second) = (Listening::begin(), Listening::begin());
        assert!(!first.request().is_asked());
        answer();
        assert!(first.request().is_asked() && second.request().is_asked());
        drop((first, second));
        assert!(!Listening::begin().request().is_asked());
    }
}
