//! The arguments that are a choice between names, as enums; each parses from and prints as the name that files and
//! flags use.

use std::fmt;
use std::path::PathBuf;

use super::words::same;

/// An enum of unit variants with the name of each: `ALL`, `NAMES`, `name()`, `from_name()`, `Display`.
macro_rules! choices {
    ($(#[$doc:meta])* $type:ident { $($(#[$variant_doc:meta])* $variant:ident = $name:literal $(| $alias:literal)*,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $type {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $type {
            /// Every choice, in the order of [`Self::NAMES`].
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];
            /// The names that files and flags use, in the order of the variants.
            pub const NAMES: &'static [&'static str] = &[$($name,)+];
            /// Every spelling that is accepted: the names, then the aliases.
            pub const SPELLINGS: &'static [&'static str] = &[$($name,)+ $($($alias,)*)+];

            /// The name that files and flags use.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// The choice of that name or alias, if there is one.
            pub const fn from_name(name: &str) -> Option<Self> {
                $(if same(name, $name) $(|| same(name, $alias))* {
                    return Some(Self::$variant);
                })+
                None
            }

            /// The choice of that name, for generated code, which has the name checked by
            /// [`is_a_choice`](super::rules::is_a_choice) beside it; the first one for a name that is refused there.
            #[doc(hidden)]
            pub const fn named(name: &str) -> Self {
                match Self::from_name(name) {
                    Some(choice) => choice,
                    None => Self::ALL[0],
                }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

choices! {
    /// When something happens during training: evaluation, logging. Source: `transformers.IntervalStrategy`.
    IntervalStrategy {
        /// Never.
        No = "no",
        /// Every so many updates.
        Steps = "steps",
        /// At the end of each epoch.
        Epoch = "epoch",
    }
}

choices! {
    /// When a checkpoint is written. Source: `transformers.trainer_utils.SaveStrategy`.
    SaveStrategy {
        /// Never.
        No = "no",
        /// Every so many updates.
        Steps = "steps",
        /// At the end of each epoch.
        Epoch = "epoch",
        /// Whenever an evaluation gives a new best metric.
        Best = "best",
    }
}

choices! {
    /// How the learning rate goes over the run. Source: `transformers.SchedulerType`.
    SchedulerType {
        /// Straight down to 0 after warm-up.
        Linear = "linear",
        /// Half a cosine (or `num_cycles` of it) down to 0 after warm-up.
        Cosine = "cosine",
        /// `num_cycles` cosines, each from the full rate, after warm-up.
        CosineWithRestarts = "cosine_with_restarts",
        /// `power` of the way that is left, down to `lr_end`, after warm-up.
        Polynomial = "polynomial",
        /// Always the full rate, without warm-up.
        Constant = "constant",
        /// The full rate after warm-up.
        ConstantWithWarmup = "constant_with_warmup",
        /// One over the square root of the update, after warm-up.
        InverseSqrt = "inverse_sqrt",
        /// Lowered when the evaluation's metric stops getting better.
        ReduceLrOnPlateau = "reduce_lr_on_plateau",
        /// A cosine down to `min_lr` (or `min_lr_rate` of the full rate), after warm-up.
        CosineWithMinLr = "cosine_with_min_lr",
        /// The same, with a warm-up that starts at `warmup_lr_rate` of the full rate.
        CosineWarmupWithMinLr = "cosine_warmup_with_min_lr",
        /// Warm-up, then the full rate, then `num_decay_steps` of decay.
        WarmupStableDecay = "warmup_stable_decay",
        /// Raised while the evaluation's metric gets better, lowered while it does not.
        Greedy = "greedy",
    }
}

choices! {
    /// The optimiser.
    OptimizerName {
        /// Adam with decoupled weight decay.
        AdamW = "adamw" | "adamw_torch" | "adamw_torch_fused",
        /// Gradient descent.
        Sgd = "sgd",
        /// An update like Adam's that keeps a number for each row and column.
        Adafactor = "adafactor",
        /// A step of the learning rate in the direction of a mean of gradients.
        Lion = "lion" | "lion_32bit",
    }
}

choices! {
    /// The curve of one part of the `warmup_stable_decay` schedule.
    RampType {
        /// A straight line.
        Linear = "linear",
        /// Half a cosine.
        Cosine = "cosine",
        /// One minus a square root.
        OneMinusSqrt = "1-sqrt",
    }
}

choices! {
    /// Which way the metric of a plateau schedule is better.
    PlateauMode {
        /// A lower metric is better.
        Min = "min",
        /// A higher metric is better.
        Max = "max",
    }
}

choices! {
    /// What the threshold of a plateau schedule is measured in.
    ThresholdMode {
        /// As a share of the best metric.
        Rel = "rel",
        /// In the metric's own unit.
        Abs = "abs",
    }
}

choices! {
    /// Where the figures of a run are written, beside the progress bar and `trainer_state.json`.
    ReportTo {
        /// Event files that `TensorBoard` reads, in `logging_dir`.
        Tensorboard = "tensorboard",
        /// One JSON object per line, in `log.jsonl` in `output_dir`; every run writes it, named here or not.
        Jsonl = "jsonl",
    }
}

/// The device that computes, written `cpu`, `cuda`, `cuda:1`, `metal`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ComputeDevice {
    /// The processor.
    Cpu,
    /// The NVIDIA card of that index.
    Cuda(usize),
    /// The Apple card of that index.
    Metal(usize),
}

impl ComputeDevice {
    /// The device of that name, if it is one.
    pub const fn from_name(name: &str) -> Option<Self> {
        if same(name, "cpu") {
            return Some(Self::Cpu);
        }
        if let Some(index) = card(name, "cuda") {
            return Some(Self::Cuda(index));
        }
        match card(name, "metal") {
            Some(index) => Some(Self::Metal(index)),
            None => None,
        }
    }

    /// The device of that name, for generated code, which has the name checked beside it.
    #[doc(hidden)]
    pub const fn named(name: &str) -> Self {
        match Self::from_name(name) {
            Some(device) => device,
            None => Self::Cpu,
        }
    }
}

impl fmt::Display for ComputeDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda(index) => write!(f, "cuda:{index}"),
            Self::Metal(index) => write!(f, "metal:{index}"),
        }
    }
}

/// The index in `kind` or `kind:index`; no index is the first card.
const fn card(name: &str, kind: &str) -> Option<usize> {
    if same(name, kind) {
        return Some(0);
    }
    let Some((before, after)) = name.as_bytes().split_at_checked(kind.len()) else { return None };
    let (Ok(before), [b':', index @ ..]) = (std::str::from_utf8(before), after) else { return None };
    let Ok(index) = std::str::from_utf8(index) else { return None };
    match usize::from_str_radix(index, 10) {
        Ok(index) if same(before, kind) => Some(index),
        _ => None,
    }
}

/// A number of updates, or a share of the run's: files and flags write a number below 1 for a share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum StepsOrRatio {
    /// So many updates.
    Steps(usize),
    /// That share of all updates, in `0.0..1.0`.
    Ratio(f64),
}

impl StepsOrRatio {
    /// What a number says: a count from 1 on, a share below. A number that is neither becomes a share that
    /// [`in_range`](super::rules::in_range) refuses.
    pub const fn from_number(number: f64) -> Self {
        match as_count(number) {
            Some(steps) => Self::Steps(steps),
            None => Self::Ratio(number),
        }
    }

    /// The number that says it.
    pub const fn number(self) -> f64 {
        match self {
            Self::Steps(steps) => steps as f64,
            Self::Ratio(ratio) => ratio,
        }
    }

    /// The number of updates in a run of `total` updates; a share is rounded up.
    ///
    /// Source: `TrainerState.compute_steps`.
    pub fn of(self, total: usize) -> usize {
        match self {
            Self::Steps(steps) => steps,
            Self::Ratio(ratio) => (total as f64 * ratio).ceil() as usize,
        }
    }
}

impl fmt::Display for StepsOrRatio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Steps(steps) => write!(f, "{steps}"),
            Self::Ratio(ratio) => write!(f, "{ratio:?}"),
        }
    }
}

/// The count that a number says, if it is one.
const fn as_count(number: f64) -> Option<usize> {
    if number >= 0.0 && number % 1.0 == 0.0 { Some(number as usize) } else { None }
}

/// How long the learning rate rises at the start: so many updates, or a share of all updates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Warmup {
    /// So many updates.
    Steps(usize),
    /// That share of all updates, in `0.0..=1.0`.
    Ratio(f64),
}

impl Warmup {
    /// What a number says: a count, or a share when below 1. A number that is neither becomes a share that
    /// [`in_range`](super::rules::in_range) refuses.
    pub const fn from_number(number: f64) -> Self {
        match as_count(number) {
            Some(steps) => Self::Steps(steps),
            None => Self::Ratio(number),
        }
    }

    /// The number of updates of warm-up in a run of `total` updates; a share is rounded up.
    ///
    /// Source: `TrainingArguments.get_warmup_steps`.
    pub fn of(self, total: usize) -> usize {
        match self {
            Self::Steps(steps) => steps,
            Self::Ratio(ratio) => (total as f64 * ratio).ceil() as usize,
        }
    }
}

impl fmt::Display for Warmup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Steps(steps) => write!(f, "{steps}"),
            Self::Ratio(ratio) => write!(f, "{ratio:?}"),
        }
    }
}

/// The checkpoint that a run goes on from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResumeFrom {
    /// The newest whole one in `output_dir`; written `true` or `latest`.
    Latest,
    /// The checkpoint in that folder.
    Path(PathBuf),
}

impl fmt::Display for ResumeFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latest => f.write_str("latest"),
            Self::Path(path) => write!(f, "{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_is_found_by_its_name_and_its_aliases() {
        for choice in SchedulerType::ALL {
            assert_eq!(SchedulerType::from_name(choice.name()), Some(*choice));
        }
        assert_eq!(OptimizerName::from_name("adamw_torch_fused"), Some(OptimizerName::AdamW));
        assert_eq!(SaveStrategy::from_name("epochs"), None);
    }

    #[test]
    fn a_device_has_an_index_or_is_the_first() {
        for (name, device) in [
            ("cpu", Some(ComputeDevice::Cpu)),
            ("cuda", Some(ComputeDevice::Cuda(0))),
            ("cuda:12", Some(ComputeDevice::Cuda(12))),
            ("metal", Some(ComputeDevice::Metal(0))),
            ("cuda:", None),
            ("cuda:x", None),
            ("gpu", None),
            ("", None),
        ] {
            assert_eq!(ComputeDevice::from_name(name), device, "{name}");
        }
    }

    #[test]
    fn a_share_of_the_updates_is_rounded_up() {
        // transformers 5.23, `TrainingArguments(warmup_steps=w).get_warmup_steps(total)`.
        for (written, total, steps) in [(0.1, 18, 2), (0.05, 1001, 51), (0.333, 60, 20), (0.999, 10, 10), (5.0, 1, 5)] {
            assert_eq!(Warmup::from_number(written).of(total), steps);
            assert_eq!(StepsOrRatio::from_number(written).of(total), steps);
        }
    }
}
