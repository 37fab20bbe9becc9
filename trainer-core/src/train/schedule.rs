//! The learning rate of every update, from the arguments.

use std::fs;
use std::path::Path;

use super::BestModel;
use crate::args::{
    PlateauMode, RampType, SchedulerParameters, SchedulerType, ThresholdMode as ThresholdArgument, TrainingArguments,
};
use crate::error::{Error, ErrorKind, Result};
use crate::optim::{
    Curve, Goal, Greedy, Minimum, Plateau, PlateauRule, PlateauState, ReduceOnPlateau, Schedule, ScheduleKind,
    ThresholdMode,
};

/// The learning rate of every update: a function of the updates done, or lowered when a metric stops getting better.
pub(super) enum LearningRate {
    Schedule(Schedule),
    Plateau(Box<Plateau>),
}

/// What a plateau remembers, in a checkpoint.
const FILE_NAME: &str = "scheduler.json";

impl LearningRate {
    /// The schedule that the arguments choose, for a run of `max_steps` updates.
    pub(super) fn new(arguments: &TrainingArguments, best: Option<&BestModel>, max_steps: usize) -> Result<Self> {
        let greater_is_better = best.is_some_and(BestModel::greater_is_better);
        match rule(arguments, greater_is_better) {
            Some(rule) => Ok(Self::Plateau(Box::new(Plateau::new(rule, arguments.learning_rate)?))),
            None => {
                let warmup = arguments.warmup.of(max_steps);
                Ok(Self::Schedule(Schedule::new(kind(arguments)?, arguments.learning_rate, warmup, max_steps)?))
            }
        }
    }

    /// The learning rate of the next update, when so many are done.
    pub(super) fn after(&self, updates: usize) -> f64 {
        match self {
            Self::Schedule(schedule) => schedule.learning_rate(updates),
            Self::Plateau(plateau) => plateau.learning_rate(),
        }
    }

    /// Takes in the metric of an evaluation; only plateaus look at it.
    pub(super) fn observe(&mut self, metric: Option<f64>) {
        if let (Self::Plateau(plateau), Some(metric)) = (self, metric) {
            plateau.observe(metric);
        }
    }

    /// Writes what a plateau remembers into a checkpoint.
    pub(super) fn save(&self, checkpoint: &Path) -> Result<()> {
        let Self::Plateau(plateau) = self else { return Ok(()) };
        let path = checkpoint.join(FILE_NAME);
        let text = serde_json::to_string_pretty(plateau.state())
            .map_err(|error| Error::new(ErrorKind::Checkpoint, error.to_string()))?;
        fs::write(&path, text + "\n").map_err(|error| Error::io("write", &path, error))
    }

    /// Reads it back.
    pub(super) fn load(&mut self, checkpoint: &Path) -> Result<()> {
        let Self::Plateau(plateau) = self else { return Ok(()) };
        let path = checkpoint.join(FILE_NAME);
        let text = fs::read_to_string(&path).map_err(|error| Error::io("read", &path, error))?;
        let state: PlateauState = serde_json::from_str(&text)
            .map_err(|error| Error::new(ErrorKind::Checkpoint, error.to_string()).at(path.display()))?;
        plateau.load_state(state)
    }
}

fn kind(arguments: &TrainingArguments) -> Result<ScheduleKind> {
    let own = &arguments.lr_scheduler_kwargs;
    let half_wave = own.num_cycles.unwrap_or(0.5);
    Ok(match arguments.lr_scheduler_type {
        SchedulerType::Linear => ScheduleKind::Linear,
        SchedulerType::Cosine => ScheduleKind::Cosine { num_cycles: half_wave },
        SchedulerType::CosineWithRestarts => {
            ScheduleKind::CosineWithRestarts { num_cycles: own.num_cycles.unwrap_or(1.0) as u32 }
        }
        SchedulerType::Polynomial => {
            ScheduleKind::Polynomial { lr_end: own.lr_end.unwrap_or(1e-7), power: own.power.unwrap_or(1.0) }
        }
        SchedulerType::ConstantWithWarmup => ScheduleKind::ConstantWithWarmup,
        SchedulerType::InverseSqrt => ScheduleKind::InverseSqrt { timescale: own.timescale },
        SchedulerType::CosineWithMinLr => {
            ScheduleKind::CosineWithMinLr { num_cycles: half_wave, minimum: minimum(own)? }
        }
        SchedulerType::CosineWarmupWithMinLr => ScheduleKind::CosineWarmupWithMinLr {
            num_cycles: half_wave,
            minimum: minimum(own)?,
            warmup_lr_rate: own.warmup_lr_rate,
        },
        SchedulerType::WarmupStableDecay => ScheduleKind::WarmupStableDecay {
            num_decay_steps: own.num_decay_steps.ok_or_else(|| missing("num_decay_steps", "warmup_stable_decay"))?,
            num_stable_steps: own.num_stable_steps,
            warmup_type: own.warmup_type.map_or(Curve::Linear, curve),
            decay_type: own.decay_type.map_or(Curve::Cosine, curve),
            min_lr_ratio: own.min_lr_ratio.unwrap_or(0.0),
            num_cycles: half_wave,
        },
        SchedulerType::Constant | SchedulerType::ReduceLrOnPlateau | SchedulerType::Greedy => ScheduleKind::Constant,
    })
}

fn rule(arguments: &TrainingArguments, greater_is_better: bool) -> Option<PlateauRule> {
    let own = &arguments.lr_scheduler_kwargs;
    let mode = match own.plateau_mode {
        Some(PlateauMode::Max) => Goal::Max,
        None if greater_is_better => Goal::Max,
        Some(PlateauMode::Min) | None => Goal::Min,
    };
    let threshold_mode = own.plateau_threshold_mode.map(|mode| match mode {
        ThresholdArgument::Rel => ThresholdMode::Relative,
        ThresholdArgument::Abs => ThresholdMode::Absolute,
    });
    match arguments.lr_scheduler_type {
        SchedulerType::ReduceLrOnPlateau => {
            let default = ReduceOnPlateau::default();
            Some(PlateauRule::ReduceOnPlateau(ReduceOnPlateau {
                mode,
                factor: own.plateau_factor.unwrap_or(default.factor),
                patience: own.plateau_patience.unwrap_or(default.patience),
                threshold: own.plateau_threshold.unwrap_or(default.threshold),
                threshold_mode: threshold_mode.unwrap_or(default.threshold_mode),
                cooldown: own.plateau_cooldown.unwrap_or(default.cooldown),
                min_lr: own.min_lr.unwrap_or(default.min_lr),
                eps: own.plateau_eps.unwrap_or(default.eps),
            }))
        }
        SchedulerType::Greedy => {
            let default = Greedy::default();
            let window_size = own.plateau_window_size.unwrap_or(50);
            Some(PlateauRule::Greedy(Greedy {
                mode,
                factor: own.plateau_factor.unwrap_or(default.factor),
                patience: own.plateau_patience.unwrap_or(default.patience),
                threshold: own.plateau_threshold.unwrap_or(default.threshold),
                threshold_mode: threshold_mode.unwrap_or(default.threshold_mode),
                cooldown: own.plateau_cooldown.unwrap_or(default.cooldown),
                warmup: own.plateau_warmup.unwrap_or(default.warmup),
                min_lr: own.min_lr.unwrap_or(default.min_lr),
                max_lr: own.max_lr.unwrap_or(default.max_lr),
                eps: own.plateau_eps.unwrap_or(default.eps),
                window_size: own.plateau_smooth.unwrap_or(false).then_some(window_size),
                reset_start: own.plateau_reset_start.unwrap_or(default.reset_start),
            }))
        }
        _ => None,
    }
}

fn minimum(own: &SchedulerParameters) -> Result<Minimum> {
    match (own.min_lr, own.min_lr_rate) {
        (Some(rate), None) => Ok(Minimum::LearningRate(rate)),
        (None, Some(ratio)) => Ok(Minimum::Ratio(ratio)),
        (None, None) => Err(missing("min_lr", "cosine_with_min_lr")),
        (Some(_), Some(_)) => {
            let message = "`min_lr` and `min_lr_rate` are both set";
            Err(Error::new(ErrorKind::Arguments, message).help("leave one of them out"))
        }
    }
}

fn missing(name: &str, schedule: &str) -> Error {
    Error::new(ErrorKind::Arguments, format!("`lr_scheduler_type` is `{schedule}`, which needs `{name}`"))
}

fn curve(ramp: RampType) -> Curve {
    match ramp {
        RampType::Linear => Curve::Linear,
        RampType::Cosine => Curve::Cosine,
        RampType::OneMinusSqrt => Curve::OneMinusSqrt,
    }
}
