//! Training: the steps of a run, what is due at each, those who watch, and what is kept on disk.
//!
//! What comes in: a model, batches, a loss, an optimiser and the arguments of a run. What goes out: a trained model,
//! checkpoints that are there or are not, and the state that Hugging Face writes. One step is one update, whatever the
//! gradient accumulation.

mod agreement;
pub mod best;
mod callback;
pub mod checkpoint;
pub mod checks;
pub mod collators;
mod control;
mod due;
mod early_stopping;
pub(crate) mod encode;
pub(crate) mod evaluation;
mod feed;
mod flow;
pub mod formatting;
mod gradients;
mod kept;
mod lay_out;
pub mod memory;
pub mod model_dir;
pub mod parts;
mod plan;
pub(crate) mod prepared;
mod python_json;
mod run;
pub(crate) mod run_files;
mod run_plan;
mod schedule;
pub(crate) mod setup;
#[cfg(feature = "signals")]
pub(crate) mod signals;
mod state;
mod stop;
pub(crate) mod token_cache;

pub use best::BestModel;
pub use callback::{Callback, CallbackList, PredictionProgress, RunMoment, UpdateRecord};
pub use control::Control;
pub use early_stopping::EarlyStopping;
pub use flow::{Found, Intervals};
pub use memory::Memory;
pub use parts::TrainerParts;
pub use plan::{Plan, PlanSettings, Position, Window};
pub use prepared::TrainOutput;
pub use python_json::{number_from_json, number_to_json};
pub use run_plan::{LearningRates, RunPlan};
pub use state::{LogEntry, TrainerState};
pub use stop::StopRequest;
