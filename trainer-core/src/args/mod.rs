//! What may vary between runs.
//!
//! What comes in: an attribute of the user's struct, a TOML or JSON file, the environment, the command line. What goes
//! out: one [`TrainingArguments`], checked. It refuses names it does not know and values that cannot work.

mod choice;
mod command_line;
mod described;
mod facts;
mod file;
mod fit;
mod kind;
mod layers;
mod length;
#[allow(dead_code, reason = "the file is the same in the macro crate, which reads all of it")]
mod names;
mod ranges;
pub mod rules;
mod shown;
mod specification;
mod struct_args;
pub(crate) mod surroundings;
mod table;
mod training_arguments;
pub mod value;
mod words;

pub use choice::{
    ComputeDevice, IntervalStrategy, OptimizerName, PlateauMode, RampType, ReportTo, ResumeFrom, SaveStrategy,
    SchedulerType, StepsOrRatio, ThresholdMode, Warmup,
};
pub use facts::Facts;
pub use fit::IntoArgument;
pub use layers::Values;
pub use length::RunLength;
pub use shown::{Shown, show};
pub use specification::{Argument, DefaultValue, Specification};
pub use struct_args::{Absent, TrainingArgs, defaults};
pub use surroundings::{Agrees, NothingToAgreeOn, Surrounded, Surroundings};
pub use training_arguments::{SchedulerParameters, TOKENS_PER_CHUNK, TrainingArguments};
pub use value::ArgumentValue;
