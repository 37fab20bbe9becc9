//! Which structs the derive takes: every argument as a field or fixed, types of the user's own, names that are shadowed.

use std::path::PathBuf;

use trainer_core::args::{
    ComputeDevice, IntervalStrategy, OptimizerName, RampType, ReportTo, ResumeFrom, SaveStrategy, SchedulerType,
    StepsOrRatio, Warmup,
};
use trainer_core::prelude::*;

use super::refused;

/// Every argument as a field, with its default.
#[derive(TrainingArgs)]
struct Everything {
    output_dir: PathBuf,
    num_train_epochs: f64,
    max_steps: Option<usize>,
    per_device_train_batch_size: usize,
    per_device_eval_batch_size: usize,
    gradient_accumulation_steps: usize,
    max_tokens_per_chunk: Option<usize>,
    gradient_checkpointing: bool,
    learning_rate: f64,
    weight_decay: f64,
    adam_beta1: f64,
    adam_beta2: f64,
    adam_epsilon: f64,
    max_grad_norm: f64,
    optim: OptimizerName,
    lr_scheduler_type: SchedulerType,
    warmup_steps: Warmup,
    label_smoothing_factor: f64,
    do_train: bool,
    do_eval: bool,
    eval_strategy: IntervalStrategy,
    eval_steps: Option<StepsOrRatio>,
    eval_delay: f64,
    eval_on_start: bool,
    save_strategy: SaveStrategy,
    save_steps: StepsOrRatio,
    save_total_limit: Option<usize>,
    logging_strategy: IntervalStrategy,
    logging_steps: StepsOrRatio,
    logging_first_step: bool,
    logging_dir: Option<PathBuf>,
    run_name: Option<String>,
    report_to: Vec<ReportTo>,
    load_best_model_at_end: bool,
    metric_for_best_model: Option<String>,
    greater_is_better: Option<bool>,
    early_stopping_patience: Option<usize>,
    early_stopping_threshold: f64,
    group_by_length: bool,
    dataloader_drop_last: bool,
    max_length: Option<usize>,
    seed: u64,
    data_seed: Option<u64>,
    resume_from_checkpoint: Option<ResumeFrom>,
    num_threads: Option<usize>,
    device: ComputeDevice,
    num_cycles: Option<f64>,
    power: Option<f64>,
    lr_end: Option<f64>,
    min_lr: Option<f64>,
    max_lr: Option<f64>,
    min_lr_rate: Option<f64>,
    warmup_lr_rate: Option<f64>,
    timescale: Option<usize>,
    num_stable_steps: Option<usize>,
    num_decay_steps: Option<usize>,
    min_lr_ratio: Option<f64>,
    warmup_type: Option<RampType>,
    decay_type: Option<RampType>,
    plateau_mode: Option<trainer_core::args::PlateauMode>,
    plateau_factor: Option<f64>,
    plateau_patience: Option<usize>,
    plateau_threshold: Option<f64>,
    plateau_threshold_mode: Option<trainer_core::args::ThresholdMode>,
    plateau_cooldown: Option<usize>,
    plateau_warmup: Option<usize>,
    plateau_eps: Option<f64>,
    plateau_smooth: Option<bool>,
    plateau_window_size: Option<usize>,
    plateau_reset_start: Option<usize>,
}

#[test]
fn every_argument_can_be_a_field_and_keeps_its_default() {
    assert_eq!(Everything::default().arguments(), TrainingArguments::default());
    assert_eq!(Everything::FACTS, TrainingArguments::default().facts(&[]));
}

const LONGEST: usize = 64;

/// Every kind of value, fixed.
#[derive(TrainingArgs)]
#[training_args(evaluation_strategy = "steps", eval_steps = 0.25, save_strategy = "best", max_steps = -1)]
#[training_args(warmup_ratio = 0.1, optim = "adamw_torch", lr_scheduler_type = "warmup_stable_decay")]
#[training_args(num_decay_steps = 10, decay_type = "1-sqrt", report_to = ["jsonl", "tensorboard"], device = "cpu")]
#[training_args(resume_from_checkpoint = "latest", max_length = LONGEST, greater_is_better = false, weight_decay = 1)]
#[training_args(run_name = "first", data_seed = 5, do_train = true)]
struct AllFixed {}

#[test]
fn every_kind_of_value_can_be_fixed() {
    let arguments = AllFixed::default().arguments();
    let mut expected = TrainingArguments {
        eval_strategy: IntervalStrategy::Steps,
        eval_steps: Some(StepsOrRatio::Ratio(0.25)),
        save_strategy: SaveStrategy::Best,
        max_length: Some(64),
        warmup: Warmup::Ratio(0.1),
        lr_scheduler_type: SchedulerType::WarmupStableDecay,
        report_to: vec![ReportTo::Jsonl, ReportTo::Tensorboard],
        resume_from_checkpoint: Some(ResumeFrom::Latest),
        greater_is_better: Some(false),
        weight_decay: 1.0,
        run_name: Some("first".to_owned()),
        data_seed: Some(5),
        do_train: true,
        ..TrainingArguments::default()
    };
    expected.lr_scheduler_kwargs.num_decay_steps = Some(10);
    expected.lr_scheduler_kwargs.decay_type = Some(RampType::OneMinusSqrt);
    assert_eq!(arguments, expected);
    assert_eq!(AllFixed::FACTS, expected.facts(&["num_decay_steps", "decay_type"]));
}

fn computed() -> usize {
    12
}

#[derive(TrainingArgs)]
struct Computed {
    #[arg(default = computed())]
    per_device_train_batch_size: usize,
    #[arg(default = LONGEST)]
    max_length: usize,
    #[arg(default = SaveStrategy::Best)]
    save_strategy: SaveStrategy,
    #[arg(default = "epoch")]
    eval_strategy: String,
}

#[test]
fn a_default_can_be_computed_and_is_then_unknown_while_compiling() {
    let arguments = Computed::default().arguments();
    assert_eq!((arguments.per_device_train_batch_size, arguments.max_length), (12, Some(64)));
    assert_eq!(Computed::UNKNOWN, ["per_device_train_batch_size"]);
    assert_eq!((Computed::FACTS.max_length, Computed::FACTS.save_strategy), (Some(64), SaveStrategy::Best));
    let refusal = refused(Computed::try_parse_from(["train", "--per-device-train-batch-size", "0"]));
    assert!(refusal.starts_with("--per-device-train-batch-size: `per_device_train_batch_size` is 0, but must be"));
}

/// A type of the user's own as an argument.
#[derive(Clone, Debug, PartialEq)]
struct Split(u32, u32);

impl trainer_core::args::ArgumentValue for Split {
    const KIND: trainer_core::args::value::ValueKind = trainer_core::args::value::ValueKind::Own("two numbers, `3:1`");

    fn from_text(text: &str) -> Result<Self, String> {
        let parts = text.split_once(':').and_then(|(left, right)| Some(Self(left.parse().ok()?, right.parse().ok()?)));
        parts.ok_or_else(|| Self::KIND.words().as_str().to_owned())
    }

    fn to_text(&self) -> String {
        format!("{}:{}", self.0, self.1)
    }
}

#[derive(TrainingArgs)]
struct WithSplit {
    #[arg(own, default = "3:1")]
    split: Split,
}

#[test]
fn a_type_of_the_users_own_can_be_an_argument() {
    assert_eq!(WithSplit::default().split, Split(3, 1));
    assert_eq!(
        refused(WithSplit::try_parse_from(["train", "--split", "3"])),
        "--split: `split` is \"3\", but must be two numbers, `3:1`"
    );
}

mod shadowed {
    //! Generated code does not depend on the names around it.
    #![allow(dead_code, non_camel_case_types, reason = "they shadow the names of the prelude")]

    use trainer_core::args::TrainingArgs as _;

    struct Result;
    struct Option;
    struct String;
    struct Vec;
    struct Ok;
    struct Err;
    struct Some;
    struct None;
    struct Default;
    struct Clone;
    struct str;
    struct f64;
    struct usize;
    struct bool;

    #[derive(trainer_core::TrainingArgs)]
    #[training_args(seed = 3, metric_for_best_model = "f1", eval_steps = 10, max_steps = -1, report_to = ["jsonl"])]
    #[training_args(warmup_ratio = 0.1)]
    struct Args {
        #[arg(default = 5e-5, range = 1e-7..=1e-2, env = "TRAINER_TEST_SHADOWED", choices = [5e-5, 1e-5])]
        learning_rate: ::core::primitive::f64,
        #[arg(own)]
        note: ::core::option::Option<::std::string::String>,
    }

    #[test]
    fn the_derive_works_where_the_prelude_is_shadowed() {
        let args = Args::try_parse_from(["train", "--note", "n"]).unwrap();
        assert_eq!(args.arguments().seed, 3);
        assert_eq!(args.note.as_deref(), ::core::option::Option::Some("n"));
    }
}

mod renamed {
    //! The core under another name, as in a crate that re-exports it.
    mod inner {
        pub(super) use trainer_core as engine;
    }

    use inner::engine::args::TrainingArgs as _;

    #[derive(inner::engine::TrainingArgs)]
    #[training_args(crate = inner::engine, seed = 3, eval_strategy = "epoch", load_best_model_at_end = true)]
    #[training_args(save_strategy = "epoch")]
    struct ByPath {
        learning_rate: f64,
    }

    #[derive(inner::engine::TrainingArgs)]
    #[training_args(crate = "inner::engine", seed = 4)]
    struct ByText {
        #[arg(default = 1, range = 0..=1)]
        weight_decay: f64,
    }

    #[test]
    fn the_core_can_have_another_name() {
        assert_eq!(ByPath::default().arguments().seed, 3);
        assert_eq!(ByText::default().arguments().seed, 4);
        assert_eq!(ByText::default().weight_decay, 1.0);
        assert_eq!(ByPath::default().learning_rate, 5e-5);
    }
}

#[test]
fn the_derive_works_inside_a_function_and_for_raw_names() {
    #[derive(TrainingArgs)]
    struct Local {
        #[arg(own, default = 1)]
        r#type: u8,
    }
    assert_eq!(Local::try_parse_from(["train", "--type", "2"]).unwrap().r#type, 2);
}

macro_rules! args {
    ($name:ident { $($field:ident: $type:ty = $default:expr),* }) => {
        #[derive(TrainingArgs)]
        struct $name {
            $(#[arg(default = $default)] $field: $type,)*
        }
    };
}

args!(FromMacro { learning_rate: f64 = 1e-3, seed: u64 = 9 });

#[test]
fn the_struct_can_come_out_of_a_macro() {
    let arguments = FromMacro::default().arguments();
    assert_eq!((arguments.learning_rate, arguments.seed), (1e-3, 9));
}

#[test]
fn both_crates_have_the_same_names() {
    let core = include_str!("../../../trainer-core/src/args/names.rs");
    let macros = include_str!("../../../trainer-macros/src/training_args/names.rs");
    assert!(core == macros, "copy one `names.rs` over the other");
}
