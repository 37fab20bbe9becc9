//! What every Rust side of the comparison shares: the job that it is given and the record that it leaves.
//!
//! In: a JSON file, the program's only argument, which says what to train on and for how long. Out: a JSON file with the
//! moment at which each update ended and its loss. The driver does the arithmetic.

mod batches;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

pub use batches::{PaddedBatch, TokenisedRow, tokenise};

/// What goes wrong on the way, in words for the one who runs the comparison.
pub type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// What a side has to do.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Train for the given number of updates.
    Train,
    /// As `Train`, and write down the rows of each batch: not for timing.
    Check,
    /// Predict every row.
    Predict,
    /// Measure how many floating point operations a second the machine can do.
    Peak,
}

/// What is learned.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Learns {
    /// Classes of texts.
    Classes,
    /// The next tokens, by all weights.
    NextTokens,
    /// The next tokens, by adapters alone.
    Adapters,
    /// What is to be written for a source.
    Targets,
}

/// The order in which rows are visited.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// A random permutation.
    Random,
    /// Rows of about the same length together.
    Grouped,
}

/// One run of one side.
#[derive(Clone, Debug, Deserialize)]
pub struct Job {
    /// What to do.
    pub task: Task,
    /// What to learn.
    pub learns: Learns,
    /// Folder of the pretrained model, as `from_pretrained` of transformers takes it.
    pub model: PathBuf,
    /// Folder of the adapters to begin with, as PEFT writes them, where adapters are learned.
    pub adapter: Option<PathBuf>,
    /// The rows. For classes `{"text": …, "label": "first" | "second" | "third"}` a line, else `{"input_ids": […]}`, for targets
    /// with the ids of the target as `labels`.
    pub texts: PathBuf,
    /// The order of rows, for sides with a sampler of their own.
    pub order: Order,
    /// Rows of a batch.
    pub batch: usize,
    /// How many updates.
    pub updates: usize,
    /// The learning rate of the first update.
    pub learning_rate: f64,
    /// Seed of everything random.
    pub seed: u64,
    /// The probability of dropout; sides that read the model's `config.json` find the same there.
    pub dropout: f32,
    /// How many threads compute; without it the side decides.
    pub threads: Option<usize>,
    /// The rows of each batch, for sides without a sampler of their own.
    pub batches: Vec<Vec<usize>>,
    /// A folder that the run may write to.
    pub scratch: PathBuf,
    /// Where the record goes.
    pub record: PathBuf,
}

impl Job {
    /// The job in the file that the program's only argument names.
    pub fn of_this_process() -> Result<Self> {
        let path = std::env::args_os().nth(1).ok_or("the only argument is the path of a job: run `run.sh`")?;
        Ok(serde_json::from_str(&std::fs::read_to_string(path)?)?)
    }

    /// The learning rate of an update when it falls in a line to zero, as transformers' `linear` without warm-up.
    pub fn learning_rate(&self, update: usize) -> f64 {
        self.learning_rate * (1.0 - update as f64 / self.updates as f64)
    }
}

/// One update that is done.
#[derive(Clone, Debug, Serialize)]
pub struct Update {
    /// Seconds since 1970 when it ended.
    pub end: f64,
    /// The mean loss of its rows.
    pub loss: f64,
    /// Real tokens, where the side counts them.
    pub tokens: Option<usize>,
    /// Seconds of processor time that the process had taken by then, all threads together, where the system says it.
    pub processor: Option<f64>,
}

impl Update {
    /// An update that ends now.
    pub fn ending_now(loss: f64, tokens: Option<usize>) -> Self {
        Self { end: now(), loss, tokens, processor: processor_seconds() }
    }
}

/// What a run leaves behind.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Record {
    /// The updates in order.
    pub updates: Vec<Update>,
    /// The rows of each batch, where the job asks for them or the side writes them down anyway.
    pub rows: Vec<Vec<usize>>,
    /// Seconds that the prediction of all rows took.
    pub prediction_seconds: Option<f64>,
    /// Billions of floating point operations a second, all threads together.
    pub gflops: Option<f64>,
}

impl Record {
    /// Writes the record where the job wants it.
    pub fn write(&self, path: &Path) -> Result<()> {
        Ok(std::fs::write(path, serde_json::to_vec(self)?)?)
    }
}

/// Seconds of processor time that this process has taken, to the hundredth, as Linux says it.
fn processor_seconds() -> Option<f64> {
    let statistics = std::fs::read_to_string("/proc/self/stat").ok()?;
    // Behind the name of the program, which stands in brackets, the 12th and 13th are those of the program and the system.
    let (_, behind) = statistics.rsplit_once(')')?;
    let ticks: Vec<u32> = behind.split_whitespace().skip(11).take(2).filter_map(|word| word.parse().ok()).collect();
    (ticks.len() == 2).then(|| ticks.iter().map(|ticks| f64::from(*ticks) / 100.0).sum())
}

/// Seconds since 1970.
pub fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |time| time.as_secs_f64())
}
