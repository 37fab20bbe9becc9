//! Learning-rate schedules.
//!
//! In comes the number of updates completed; out goes what the learning rate is multiplied by, in f64. A [`Schedule`]
//! is a pure function, so a resumed run has nothing to restore. Refused when it is made: parameters with which a
//! formula divides by zero or leaves the range of learning rates.
//!
//! Source of the formulas: `transformers/optimization.py`. With a warm-up, the first update has the learning rate 0.

use std::f64::consts::PI;

use crate::Result;

mod check;

use check::{at_least_zero, check, depends_on_total, refusal};

/// Which curve the learning rate follows, with the curve's own parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ScheduleKind {
    /// Up to the learning rate during the warm-up, then in a straight line to 0.
    Linear,
    /// After the warm-up, along a cosine.
    Cosine {
        /// Waves of the cosine until the last update; 0.5 falls once from the top to 0.
        num_cycles: f64,
    },
    /// After the warm-up, along half a cosine that starts again at the top `num_cycles` times.
    CosineWithRestarts {
        /// How often it starts at the top, at least once.
        num_cycles: u32,
    },
    /// After the warm-up, along a power of what remains, down to `lr_end`.
    Polynomial {
        /// The learning rate of the end (Hugging Face: 1e-7), below the run's learning rate.
        lr_end: f64,
        /// The exponent; 1 is a straight line.
        power: f64,
    },
    /// Always the learning rate, without a warm-up.
    Constant,
    /// The learning rate, after a warm-up.
    ConstantWithWarmup,
    /// After the warm-up, as one over the square root of the updates.
    InverseSqrt {
        /// Updates after the warm-up in which it falls to one over the square root of 2; left out: as many as the
        /// warm-up has, or 10 000 without one.
        timescale: Option<usize>,
    },
    /// After the warm-up, along a cosine down to a minimum.
    CosineWithMinLr {
        /// Waves of the cosine until the last update; 0.5 falls once.
        num_cycles: f64,
        /// Where the cosine ends.
        minimum: Minimum,
    },
    /// As [`ScheduleKind::CosineWithMinLr`], one update ahead: the first update already has a learning rate above 0.
    CosineWarmupWithMinLr {
        /// Waves of the cosine until the last update; 0.5 falls once.
        num_cycles: f64,
        /// Where the cosine ends.
        minimum: Minimum,
        /// The share of the learning rate that the first update has; left out: one step of the warm-up.
        warmup_lr_rate: Option<f64>,
    },
    /// Warm-up, then the learning rate itself, then a decay.
    WarmupStableDecay {
        /// Updates of the decay.
        num_decay_steps: usize,
        /// Updates at the learning rate itself; left out: what warm-up and decay leave of the run.
        num_stable_steps: Option<usize>,
        /// How it rises.
        warmup_type: Curve,
        /// How it falls.
        decay_type: Curve,
        /// The share of the learning rate where the warm-up starts and the decay ends.
        min_lr_ratio: f64,
        /// Waves of a cosine decay; 0.5 falls once.
        num_cycles: f64,
    },
}

/// Where a cosine ends, as Hugging Face's `min_lr` or `min_lr_rate`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Minimum {
    /// A learning rate, not above the run's.
    LearningRate(f64),
    /// A share of the run's learning rate, 0 to 1.
    Ratio(f64),
}

/// How a warm-up rises or a decay falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// In a straight line.
    Linear,
    /// Along half a cosine.
    Cosine,
    /// As `1 - sqrt`: steep where the learning rate is high.
    OneMinusSqrt,
}

/// The learning rate of every update of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schedule {
    kind: ScheduleKind,
    learning_rate: f64,
    warmup: f64,
    total: f64,
}

/// The updates of a warm-up: `warmup` itself if it is at least 1 (rounded down), else that share of `total_steps`
/// (rounded up).
///
/// # Errors
/// [`ErrorKind::Arguments`](crate::ErrorKind::Arguments) if it is negative or not finite.
///
/// Source: `transformers.TrainingArguments.get_warmup_steps`.
pub fn warmup_steps(warmup: f64, total_steps: usize) -> Result<usize> {
    if !warmup.is_finite() || warmup < 0.0 {
        return Err(refusal(format!("`warmup_steps` is {warmup}"))
            .help("write a number of updates, or a share of the run between 0 and 1"));
    }
    Ok(if warmup >= 1.0 { warmup as usize } else { (total_steps as f64 * warmup).ceil() as usize })
}

impl Schedule {
    /// A schedule around `learning_rate` for a run of `total_steps` updates, of which `warmup_steps` warm up.
    ///
    /// A warm-up longer than the run is accepted, as it is by Hugging Face: the run then never reaches the learning
    /// rate.
    ///
    /// # Errors
    /// [`ErrorKind::Arguments`](crate::ErrorKind::Arguments) for parameters outside what the formula can compute
    /// with, with the parameter's name.
    pub fn new(kind: ScheduleKind, learning_rate: f64, warmup_steps: usize, total_steps: usize) -> Result<Self> {
        at_least_zero("learning_rate", learning_rate)?;
        check(kind, learning_rate)?;
        if total_steps == 0 && depends_on_total(kind) {
            return Err(refusal("this schedule needs the number of updates of the run, and it is 0"));
        }
        if matches!(kind, ScheduleKind::Polynomial { .. }) && warmup_steps == total_steps {
            return Err(refusal(format!(
                "a polynomial schedule has nothing to decay over: `warmup_steps` is {warmup_steps} and so is the run"
            ))
            .help(format!("write a `warmup_steps` below {total_steps}")));
        }
        Ok(Self { kind, learning_rate, warmup: warmup_steps as f64, total: total_steps as f64 })
    }

    /// The learning rate of the update that follows `updates_completed` updates.
    pub fn learning_rate(&self, updates_completed: usize) -> f64 {
        self.learning_rate * self.factor(updates_completed)
    }

    /// What the learning rate is multiplied by in the update that follows `updates_completed` updates.
    pub fn factor(&self, updates_completed: usize) -> f64 {
        let done = updates_completed as f64;
        let warming = done < self.warmup;
        match self.kind {
            ScheduleKind::Constant => 1.0,
            ScheduleKind::CosineWarmupWithMinLr { num_cycles, minimum, warmup_lr_rate } => {
                if warming {
                    self.warmup_from(done, warmup_lr_rate)
                } else {
                    let progress = self.progress(done + 1.0);
                    above(minimum.ratio(self.learning_rate), cosine(num_cycles, progress))
                }
            }
            ScheduleKind::WarmupStableDecay { warmup_type, min_lr_ratio, .. } if warming => {
                above(min_lr_ratio, rise(warmup_type, done / self.warmup))
            }
            _ if warming => done / self.warmup,
            ScheduleKind::Linear => ((self.total - done) / (self.total - self.warmup).max(1.0)).max(0.0),
            ScheduleKind::Cosine { num_cycles } => cosine(num_cycles, self.progress(done)).max(0.0),
            ScheduleKind::CosineWithRestarts { num_cycles } => {
                let progress = self.progress(done);
                if progress >= 1.0 {
                    0.0
                } else {
                    (0.5 * (1.0 + (PI * ((f64::from(num_cycles) * progress) % 1.0)).cos())).max(0.0)
                }
            }
            ScheduleKind::Polynomial { lr_end, power } => self.polynomial(done, lr_end, power),
            ScheduleKind::ConstantWithWarmup => 1.0,
            ScheduleKind::InverseSqrt { timescale } => {
                let timescale = match timescale {
                    Some(updates) => updates as f64,
                    None if self.warmup > 0.0 => self.warmup,
                    None => 10_000.0,
                };
                1.0 / ((done + (timescale - self.warmup)) / timescale).sqrt()
            }
            ScheduleKind::CosineWithMinLr { num_cycles, minimum } => {
                above(minimum.ratio(self.learning_rate), cosine(num_cycles, self.progress(done)))
            }
            ScheduleKind::WarmupStableDecay { .. } => self.stable_then_decay(done),
        }
    }

    /// How far the run is between the end of the warm-up (0) and its last update (1); beyond that, above 1.
    fn progress(&self, done: f64) -> f64 {
        (done - self.warmup) / (self.total - self.warmup).max(1.0)
    }

    fn warmup_from(&self, done: f64, first: Option<f64>) -> f64 {
        match first {
            None => (done + 1.0) / self.warmup,
            Some(first) => first + (1.0 - first) * done / (self.warmup - 1.0).max(1.0),
        }
    }

    fn polynomial(&self, done: f64, lr_end: f64, power: f64) -> f64 {
        if done > self.total {
            return lr_end / self.learning_rate;
        }
        let remaining = 1.0 - (done - self.warmup) / (self.total - self.warmup);
        ((self.learning_rate - lr_end) * remaining.powf(power) + lr_end) / self.learning_rate
    }

    fn stable_then_decay(&self, done: f64) -> f64 {
        let ScheduleKind::WarmupStableDecay {
            num_decay_steps,
            num_stable_steps,
            decay_type,
            min_lr_ratio,
            num_cycles,
            ..
        } = self.kind
        else {
            return 1.0;
        };
        let decay = num_decay_steps as f64;
        // Negative when warm-up and decay are longer than the run: the decay then starts part of the way down.
        let stable = num_stable_steps.map_or(self.total - self.warmup - decay, |steps| steps as f64);
        let decaying = done - self.warmup - stable;
        if decaying < 0.0 {
            1.0
        } else if decaying < decay {
            above(min_lr_ratio, fall(decay_type, num_cycles, decaying / decay))
        } else {
            min_lr_ratio
        }
    }
}

impl Minimum {
    fn ratio(self, learning_rate: f64) -> f64 {
        match self {
            Self::LearningRate(minimum) => minimum / learning_rate,
            Self::Ratio(ratio) => ratio,
        }
    }
}

/// Half a cosine for `num_cycles` 0.5, from 1 at `progress` 0 to 0 at 1.
fn cosine(num_cycles: f64, progress: f64) -> f64 {
    0.5 * (1.0 + (PI * num_cycles * 2.0 * progress).cos())
}

fn rise(curve: Curve, progress: f64) -> f64 {
    match curve {
        Curve::Linear => progress,
        Curve::Cosine => 0.5 * (1.0 - (PI * progress).cos()),
        Curve::OneMinusSqrt => 1.0 - (1.0 - progress).sqrt(),
    }
}

fn fall(curve: Curve, num_cycles: f64, progress: f64) -> f64 {
    match curve {
        Curve::Linear => 1.0 - progress,
        Curve::Cosine => cosine(num_cycles, progress),
        Curve::OneMinusSqrt => 1.0 - progress.sqrt(),
    }
}

/// A factor between 0 and 1, moved to between `minimum` and 1.
fn above(minimum: f64, factor: f64) -> f64 {
    (factor * (1.0 - minimum) + minimum).max(0.0)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these products are exact")]
mod tests {
    use super::*;

    fn refused(kind: ScheduleKind, warmup: usize, total: usize) -> String {
        Schedule::new(kind, 1e-3, warmup, total).expect_err("must be refused").to_string()
    }

    #[test]
    fn the_first_update_of_a_warmup_has_learning_rate_0() {
        let schedule = Schedule::new(ScheduleKind::Linear, 5e-5, 10, 100).unwrap();
        assert_eq!(schedule.learning_rate(0), 0.0);
        assert_eq!(schedule.learning_rate(10), 5e-5);
        assert_eq!(schedule.learning_rate(100), 0.0);
    }

    #[test]
    fn what_a_formula_cannot_compute_with_is_refused_by_name() {
        let polynomial = |lr_end, power| ScheduleKind::Polynomial { lr_end, power };
        assert!(refused(polynomial(1e-7, 1.0), 50, 50).contains("`warmup_steps` is 50"));
        assert!(refused(polynomial(1e-3, 1.0), 0, 50).contains("`lr_end` is 0.001"));
        assert!(refused(polynomial(1e-7, f64::NAN), 0, 50).contains("`power`"));
        assert!(refused(ScheduleKind::InverseSqrt { timescale: Some(0) }, 0, 50).contains("`timescale`"));
        assert!(refused(ScheduleKind::CosineWithRestarts { num_cycles: 0 }, 0, 50).contains("`num_cycles`"));
        assert!(refused(ScheduleKind::Cosine { num_cycles: -1.0 }, 0, 50).contains("`num_cycles`"));
        assert!(refused(ScheduleKind::Linear, 0, 0).contains("number of updates"));
        let minimum = |minimum| ScheduleKind::CosineWithMinLr { num_cycles: 0.5, minimum };
        assert!(refused(minimum(Minimum::LearningRate(0.1)), 0, 50).contains("`min_lr` is 0.1"));
        assert!(refused(minimum(Minimum::Ratio(1.5)), 0, 50).contains("`min_lr_rate` is 1.5"));
        let flat = Schedule::new(minimum(Minimum::LearningRate(0.0)), 0.0, 0, 50);
        assert!(flat.unwrap_err().to_string().contains("`min_lr`"));
    }

    #[test]
    fn a_constant_schedule_needs_no_length() {
        assert_eq!(Schedule::new(ScheduleKind::Constant, 1e-3, 0, 0).unwrap().learning_rate(7), 1e-3);
    }

    #[test]
    fn a_warmup_below_zero_or_without_a_value_is_refused() {
        assert!(warmup_steps(-1.0, 10).is_err());
        assert!(warmup_steps(f64::NAN, 10).is_err());
    }
}
