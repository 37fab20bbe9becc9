//! The arguments that are a choice between names, as enums; each parses from and prints as the name that files and
//! flags use.

use std::fmt;
use std::path::PathBuf;

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

            /// The choice of that name, if there is one.
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($name $(| $alias)* => Some(Self::$variant),)+
                    _ => None,
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
        /// One JSON object per line, in `logging_dir`.
        Jsonl = "jsonl",
        /// One static page with the curves, in `output_dir`.
        Html = "html",
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

impl fmt::Display for ComputeDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda(index) => write!(f, "cuda:{index}"),
            Self::Metal(index) => write!(f, "metal:{index}"),
        }
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

/// How long the learning rate rises at the start: so many updates, or a share of all updates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Warmup {
    /// So many updates.
    Steps(usize),
    /// That share of all updates, in `0.0..=1.0`.
    Ratio(f64),
}

impl Warmup {
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
