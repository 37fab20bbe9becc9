//! What may vary between runs.
//!
//! What comes in: an attribute of the user's struct, a TOML or JSON file, the environment, the command line. What goes
//! out: one [`TrainingArguments`], checked. It refuses names it does not know and values that cannot work.

mod choice;
mod training_arguments;

pub use choice::{
    ComputeDevice, IntervalStrategy, OptimizerName, PlateauMode, RampType, ReportTo, ResumeFrom, SaveStrategy,
    SchedulerType, StepsOrRatio, ThresholdMode, Warmup,
};
pub use training_arguments::{SchedulerParameters, TrainingArguments};
