//! What the parameters of a schedule may be.
//!
//! In comes a kind with its parameters and the learning rate it is for; out goes nothing, or the refusal that names the
//! parameter.

use super::{Minimum, ScheduleKind};
use crate::{Error, ErrorKind, Result};

impl Minimum {
    fn check(self, learning_rate: f64) -> Result<()> {
        match self {
            Self::LearningRate(minimum) => {
                at_least_zero("min_lr", minimum)?;
                below_learning_rate("min_lr", minimum, learning_rate)
            }
            Self::Ratio(ratio) => share("min_lr_rate", ratio),
        }
    }
}

/// Whether the schedule asks how long the run is.
pub(super) fn depends_on_total(kind: ScheduleKind) -> bool {
    !matches!(
        kind,
        ScheduleKind::Constant
            | ScheduleKind::ConstantWithWarmup
            | ScheduleKind::InverseSqrt { .. }
            | ScheduleKind::WarmupStableDecay { num_stable_steps: Some(_), .. }
    )
}

/// Refuses parameters with which the formula divides by zero or leaves the range of learning rates.
pub(super) fn check(kind: ScheduleKind, learning_rate: f64) -> Result<()> {
    match kind {
        ScheduleKind::Cosine { num_cycles } => at_least_zero("num_cycles", num_cycles),
        ScheduleKind::CosineWithRestarts { num_cycles: 0 } => {
            Err(refusal("`num_cycles` is 0, and a cosine with restarts starts at least once")
                .help("write `num_cycles = 1` or more"))
        }
        ScheduleKind::Polynomial { lr_end, power } => {
            at_least_zero("lr_end", lr_end)?;
            at_least_zero("power", power)?;
            if lr_end < learning_rate {
                return Ok(());
            }
            Err(refusal(format!("`lr_end` is {lr_end}, which is not below the learning rate {learning_rate}"))
                .help("write a smaller `lr_end`"))
        }
        ScheduleKind::InverseSqrt { timescale: Some(0) } => {
            Err(refusal("`timescale` is 0, and the schedule divides by it")
                .help("write a number of updates, or leave it out"))
        }
        ScheduleKind::Linear
        | ScheduleKind::CosineWithRestarts { .. }
        | ScheduleKind::Constant
        | ScheduleKind::ConstantWithWarmup
        | ScheduleKind::InverseSqrt { .. } => Ok(()),
        ScheduleKind::CosineWithMinLr { num_cycles, minimum } => {
            at_least_zero("num_cycles", num_cycles)?;
            minimum.check(learning_rate)
        }
        ScheduleKind::CosineWarmupWithMinLr { num_cycles, minimum, warmup_lr_rate } => {
            at_least_zero("num_cycles", num_cycles)?;
            minimum.check(learning_rate)?;
            warmup_lr_rate.map_or(Ok(()), |rate| share("warmup_lr_rate", rate))
        }
        ScheduleKind::WarmupStableDecay { min_lr_ratio, num_cycles, .. } => {
            at_least_zero("num_cycles", num_cycles)?;
            share("min_lr_ratio", min_lr_ratio)
        }
    }
}

pub(super) fn refusal(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Arguments, message)
}

pub(super) fn at_least_zero(name: &str, value: f64) -> Result<()> {
    if value.is_finite() && value >= 0.0 {
        return Ok(());
    }
    Err(refusal(format!("`{name}` is {value}")).help(format!("write a `{name}` of 0 or more")))
}

fn share(name: &str, value: f64) -> Result<()> {
    if (0.0..=1.0).contains(&value) {
        return Ok(());
    }
    Err(refusal(format!("`{name}` is {value}, and it is a share of the learning rate"))
        .help(format!("write a `{name}` between 0 and 1")))
}

fn below_learning_rate(name: &str, value: f64, learning_rate: f64) -> Result<()> {
    // A learning rate of 0 has no share that `value` could be.
    if value <= learning_rate && learning_rate > 0.0 {
        return Ok(());
    }
    Err(refusal(format!("`{name}` is {value}, and the learning rate is only {learning_rate}"))
        .help(format!("write a smaller `{name}`")))
}
