//! `#[derive(TrainingArgs)]`: what is read from where, what wins, and what is refused in which words.

#![allow(clippy::float_cmp, reason = "values are read back as they were written")]
#![allow(clippy::struct_excessive_bools, reason = "one struct has every argument")]

use std::path::PathBuf;

use trainer_core::args::{
    ComputeDevice, IntervalStrategy, OptimizerName, RampType, ReportTo, ResumeFrom, SaveStrategy, SchedulerType,
    StepsOrRatio, Warmup,
};
use trainer_core::prelude::*;

/// Arguments of a review trainer.
#[derive(TrainingArgs, Debug, PartialEq)]
#[training_args(
    output_dir = "results",
    eval_strategy = "epoch",
    save_strategy = "epoch",
    load_best_model_at_end = true,
    metric_for_best_model = "f1",
    seed = 3
)]
struct Args {
    /// Learning rate after warm-up.
    #[arg(default = 5e-5, range = 1e-7..=1e-2)]
    learning_rate: f64,
    #[arg(default = 3.0)]
    num_train_epochs: f64,
    #[arg(default = 16)]
    per_device_train_batch_size: usize,
}

fn refused<A: TrainingArgs>(result: trainer_core::Result<A>) -> String {
    match result {
        Ok(_) => panic!("these cannot work"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn fields_attribute_and_defaults_become_the_arguments() {
    let arguments = Args::default().arguments();
    let expected = TrainingArguments {
        output_dir: PathBuf::from("results"),
        eval_strategy: IntervalStrategy::Epoch,
        save_strategy: SaveStrategy::Epoch,
        load_best_model_at_end: true,
        metric_for_best_model: Some("f1".to_owned()),
        seed: 3,
        per_device_train_batch_size: 16,
        ..TrainingArguments::default()
    };
    assert_eq!(arguments, expected);
    assert_eq!(Args::FACTS, expected.facts(&[]));
}

#[test]
fn a_flag_wins_over_a_file_and_a_file_over_the_default() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    std::fs::write(&file, "learning_rate = 2e-5\nnum_train_epochs = 2\n").unwrap();
    let line = ["train", "--config", file.to_str().unwrap(), "--num-train-epochs", "1.5"];
    let args = Args::try_parse_from(line).unwrap();
    assert_eq!(args, Args { learning_rate: 2e-5, num_train_epochs: 1.5, per_device_train_batch_size: 16 });
    assert_eq!(Args::from_file(&file).unwrap().num_train_epochs, 2.0);

    let json = folder.path().join("config.json");
    std::fs::write(&json, "{\"learning_rate\": 3e-5,\n\"per_device_train_batch_size\": 4}").unwrap();
    let args = Args::from_file(&json).unwrap();
    assert_eq!((args.learning_rate, args.per_device_train_batch_size), (3e-5, 4));
}

#[test]
fn the_spelling_of_hugging_face_is_a_flag_too() {
    let args = Args::try_parse_from(["train", "--learning_rate=1e-4", "--per_device_train_batch_size", "2"]).unwrap();
    assert_eq!((args.learning_rate, args.per_device_train_batch_size), (1e-4, 2));
}

#[test]
fn a_key_that_is_no_argument_is_refused_with_its_line_and_the_nearest_name() {
    for (text, answer) in [
        (
            "num_train_epochs = 1\nlerning_rate = 1e-4",
            "TOML:2: `lerning_rate` is no argument of `Args`\nhelp: did you mean `learning_rate`?",
        ),
        (
            "weight_decay = 0.1",
            "TOML:1: `weight_decay` may not vary: `Args` has no field `weight_decay`\n\
             help: add the field to `Args` to let it vary",
        ),
        (
            "seed = 1",
            "TOML:1: `seed` is fixed by `#[training_args(seed = …)]` of `Args`\n\
             help: to let it vary, make it a field of `Args` instead",
        ),
        ("lr = 1", "TOML:1: `lr` is not a training argument\nhelp: write `learning_rate`"),
    ] {
        assert_eq!(refused(Args::from_toml_str(text)), answer);
    }
}

#[test]
fn an_argument_that_this_version_lacks_is_refused_from_a_file_and_a_flag() {
    for name in ["fp16", "bf16", "mixed_precision", "tf32", "auto_find_batch_size"] {
        let file = refused(Args::from_toml_str(&format!("{name} = true")));
        assert!(file.starts_with(&format!("TOML:1: `{name}` does not exist in this version\nhelp: leave it out: ")));
        let flag = format!("--{}", name.replace('_', "-"));
        let line = refused(Args::try_parse_from(["train", flag.as_str(), "true"]));
        assert!(line.starts_with(&format!("`{flag}` does not exist in this version")), "{line}");
    }
}

#[test]
fn a_flag_that_does_not_exist_is_refused_in_the_same_words() {
    assert_eq!(
        refused(Args::try_parse_from(["train", "--lerning-rate", "1"])),
        "`--lerning-rate` is no argument of `Args`\nhelp: did you mean `--learning-rate`?"
    );
    assert!(refused(Args::try_parse_from(["train", "--lr", "1"])).contains("write `learning_rate`"));
    assert!(refused(Args::try_parse_from(["train", "stray"])).contains("stray"));
    assert!(refused(Args::try_parse_from(["train", "--learning-rate"])).contains("--learning-rate"));
}

#[test]
fn a_value_that_cannot_work_is_refused_with_its_place() {
    assert_eq!(
        refused(Args::from_toml_str("\nlearning_rate = \"fast\"")),
        "TOML:2: `learning_rate` is \"fast\", but must be a number\nhelp: for example `learning_rate = 2e-5`"
    );
    assert_eq!(
        refused(Args::try_parse_from(["train", "--learning-rate", "0.5"])),
        "--learning-rate: `learning_rate` is 0.5, but must be in 1e-7..=1e-2"
    );
    assert_eq!(
        refused(Args::try_parse_from(["train", "--num-train-epochs", "-1"])),
        "--num-train-epochs: `num_train_epochs` is -1, but must be above 0\n\
         help: the usual number is 3; `max_steps` counts updates instead"
    );
    assert!(refused(Args::from_toml_str("num_train_epochs = nan")).contains("is nan, but must be above 0"));
    assert!(refused(Args::from_toml_str("learning_rate = [1, 2]")).contains("TOML:1: `learning_rate` is \"1,2\""));
    assert!(refused(Args::from_toml_str("[learning_rate]\na = 1")).contains("is a table"));
    assert!(refused(Args::from_toml_str("learning_rate =")).starts_with("TOML:1: "));
}

#[test]
fn a_file_that_is_not_there_or_of_another_kind_is_named() {
    assert!(refused(Args::from_file("missing/config.toml")).starts_with("cannot read `missing/config.toml`"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.yaml");
    std::fs::write(&file, "").unwrap();
    assert!(refused(Args::from_file(&file)).contains("neither a TOML nor a JSON file"));
    let json = folder.path().join("config.json");
    std::fs::write(&json, "{\n\"learning_rate\": }").unwrap();
    assert!(refused(Args::from_file(&json)).contains("config.json:2: expected value"));
    std::fs::write(&json, "{\n\"num_train_epochs\": 1,\n\"learning_rate\": -1}").unwrap();
    assert!(refused(Args::from_file(&json)).contains("config.json:3: `learning_rate` is -1"));
    std::fs::write(&json, "{\n\"learning_rate\": 1e-5,\n\"learning_rate\": 2e-5}").unwrap();
    assert!(
        refused(Args::from_file(&json))
            .ends_with("config.json:3: `learning_rate` gives `learning_rate` a second time\nhelp: keep one of them")
    );
}

#[test]
fn the_help_shows_what_each_flag_takes() {
    let help = refused(Args::try_parse_from(["train", "--help"]));
    let flat = help.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "Arguments of a review trainer",
        "Usage: train ",
        "--config <FILE>",
        "--learning-rate <NUMBER> Learning rate after warm-up. [default: 5e-5] [range: 1e-7..=1e-2]",
    ] {
        assert!(flat.contains(part), "{part} is not in {help}");
    }
}

#[test]
fn a_mistake_on_the_command_line_ends_the_program_with_status_2() {
    const READ_THE_LINE: &str = "TRAINER_TESTS_READ_THE_LINE";
    if std::env::var_os(READ_THE_LINE).is_some() {
        Args::parse();
        return;
    }
    // The flags of the test harness are none of `Args`.
    let test = "a_mistake_on_the_command_line_ends_the_program_with_status_2";
    let program = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--nocapture", "--exact", test])
        .env(READ_THE_LINE, "1")
        .output()
        .unwrap();
    assert_eq!(program.status.code(), Some(2));
    let printed = String::from_utf8(program.stderr).unwrap();
    assert!(printed.starts_with("error: `--nocapture` is no argument of `Args`\nhelp: "), "{printed}");
    assert!(printed.ends_with("For more information, try '--help'.\n"), "{printed}");
}

#[derive(TrainingArgs)]
#[training_args(seed = 7)]
struct Shown {
    #[arg(default = 5e-5)]
    learning_rate: f64,
    weight_decay: f64,
    num_train_epochs: f64,
    #[arg(own, default = "a")]
    note: String,
}

#[test]
fn the_values_in_force_say_where_they_come_from() {
    assert_eq!(
        Shown::default().to_string(),
        "learning_rate    = 5e-5  (default)\n\
         weight_decay     = 0.0   (default)\n\
         num_train_epochs = 3.0   (default)\n\
         note             = a     (default)\n\
         seed             = 7     (fixed in code)"
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    std::fs::write(&file, "\nweight_decay = 0.01").unwrap();
    let line = ["train", "--config", file.to_str().unwrap(), "--learning-rate", "1e-4"];
    let mut args = Shown::try_parse_from(line).unwrap();
    args.note = "b".to_owned();
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let lines: Vec<String> = args.to_string().lines().map(words).collect();
    assert_eq!(lines[0], "learning_rate = 0.0001 (--learning-rate)");
    assert_eq!(lines[1], format!("weight_decay = 0.01 ({}:2)", file.display()));
    assert_eq!(lines[2], "num_train_epochs = 3.0 (default)");
    assert_eq!(lines[3], "note = b (set in code)");
    assert_eq!(lines[4], "seed = 7 (fixed in code)");
}

#[derive(TrainingArgs, Debug)]
struct FromEnvironment {
    // Cargo sets these for every test.
    #[arg(own, env = "CARGO_PKG_NAME", default = "nobody")]
    package: String,
    #[arg(own, env = "CARGO_PKG_VERSION_MAJOR")]
    major: Option<u32>,
    #[arg(env = "CARGO_PKG_NAME")]
    max_steps: Option<usize>,
}

#[test]
fn the_environment_wins_over_the_file_and_a_flag_over_the_environment() {
    assert_eq!(
        refused(FromEnvironment::from_toml_str("max_steps = 7")),
        "environment variable CARGO_PKG_NAME: `max_steps` is \"trainer-tests\", but must be a whole number of at least 0\n\
         help: for example `max_steps = 1000`"
    );
    let args = FromEnvironment::try_parse_from(["train", "--max-steps", "5"]).unwrap();
    assert_eq!((args.package.as_str(), args.major, args.max_steps), ("trainer-tests", Some(0), Some(5)));
    let args = FromEnvironment::try_parse_from(["train", "--max-steps", "-1", "--package", "flag"]).unwrap();
    assert_eq!((args.package.as_str(), args.max_steps), ("flag", None));
}

#[derive(TrainingArgs, Debug)]
struct Own {
    /// Where the labels are.
    #[arg(own)]
    labels: PathBuf,
    #[arg(own)]
    limit: Option<usize>,
    #[arg(own, default = [0.1, 0.2])]
    thresholds: Vec<f64>,
    #[arg(own, default = "small", choices = ["small", "large"])]
    size: String,
    #[arg(own, default = vec!["a".to_owned()])]
    tags: Vec<String>,
    #[arg(own, default = true)]
    lower_case: bool,
    #[arg(own, default = 8, choices = [8, 16], range = 1..32)]
    heads: u8,
}

#[test]
fn fields_of_the_users_own_are_flags_too() {
    let args = Own::try_parse_from(["train", "--labels", "l.txt"]).unwrap();
    assert_eq!((args.labels.to_str(), args.limit, args.thresholds), (Some("l.txt"), None, vec![0.1, 0.2]));
    assert_eq!((args.size.as_str(), args.tags, args.lower_case, args.heads), ("small", vec!["a".to_owned()], true, 8));
    let line = "train --labels l --limit 3 --thresholds 1,2 --thresholds 3 --size large --tags x --lower-case false \
                --heads 16";
    let args = Own::try_parse_from(line.split_whitespace()).unwrap();
    assert_eq!((args.limit, args.thresholds), (Some(3), vec![1.0, 2.0, 3.0]));
    assert_eq!(
        (args.size.as_str(), args.tags, args.lower_case, args.heads),
        ("large", vec!["x".to_owned()], false, 16)
    );
    let args = Own::from_toml_str("labels = \"l\"\ntags = [\"a,b\", \"c\"]\nthresholds = []").unwrap();
    assert_eq!((args.tags, args.thresholds), (vec!["a,b".to_owned(), "c".to_owned()], vec![]));
}

#[test]
fn a_field_of_the_users_own_is_held_to_its_range_and_choices() {
    assert_eq!(
        refused(Own::try_parse_from(["train"])),
        "`labels` of `Own` must be given\nhelp: write `--labels …` on the command line, or `labels = …` in the file"
    );
    for (flag, value, answer) in [
        ("--size", "medium", "--size: `size` is medium, but must be one of small, large"),
        ("--heads", "40", "--heads: `heads` is 40, but must be in 1..32"),
        ("--heads", "9", "--heads: `heads` is 9, but must be one of 8, 16"),
        ("--heads", "300", "--heads: `heads` is 300, but must be a whole number from 0 to 255"),
        ("--lower-case", "maybe", "--lower-case: `lower_case` is \"maybe\", but must be true or false"),
    ] {
        assert_eq!(refused(Own::try_parse_from(["train", "--labels", "l", flag, value])), answer);
    }
}

#[derive(TrainingArgs, Debug)]
struct Strategies {
    evaluation_strategy: String,
    save_strategy: SaveStrategy,
    load_best_model_at_end: bool,
    eval_steps: Option<f64>,
    save_steps: StepsOrRatio,
    warmup_steps: f64,
    lr_scheduler_type: SchedulerType,
    num_cycles: Option<f64>,
    report_to: Vec<ReportTo>,
    resume_from_checkpoint: Option<String>,
    max_length: Option<u32>,
    device: ComputeDevice,
}

#[test]
fn fields_of_any_fitting_type_become_the_arguments() {
    let line = "train --eval-strategy steps --eval-steps 0.1 --save-steps 250 --warmup-steps 100 --device cpu \
                --lr-scheduler-type cosine --num-cycles 1.5 --report-to tensorboard,jsonl --max-length 64 \
                --resume-from-checkpoint latest";
    let arguments = Strategies::try_parse_from(line.split_whitespace()).unwrap().arguments();
    assert_eq!(arguments.eval_strategy, IntervalStrategy::Steps);
    assert_eq!(arguments.eval_steps, Some(StepsOrRatio::Ratio(0.1)));
    assert_eq!(arguments.save_steps, StepsOrRatio::Steps(250));
    assert_eq!(arguments.warmup, Warmup::Steps(100));
    assert_eq!(arguments.lr_scheduler_kwargs.num_cycles, Some(1.5));
    assert_eq!(arguments.report_to, [ReportTo::Tensorboard, ReportTo::Jsonl]);
    assert_eq!(arguments.resume_from_checkpoint, Some(ResumeFrom::Latest));
    assert_eq!(arguments.max_length, Some(64));
    let share = Strategies::try_parse_from(["train", "--warmup-steps", "0.1"]).unwrap();
    assert_eq!(share.arguments().warmup, Warmup::Ratio(0.1));
    assert_eq!(Strategies::try_parse_from(["train"]).unwrap().arguments(), TrainingArguments::default());
}

#[test]
fn an_alias_is_a_key_and_a_flag() {
    let args = Strategies::from_toml_str("evaluation_strategy = \"epoch\"").unwrap();
    assert_eq!(args.arguments().eval_strategy, IntervalStrategy::Epoch);
    assert_eq!(Strategies::from_toml_str("eval_strategy = \"epoch\"").unwrap().evaluation_strategy, "epoch");
    for flag in ["--evaluation-strategy", "--evaluation_strategy", "--eval-strategy", "--eval_strategy"] {
        assert_eq!(Strategies::try_parse_from(["train", flag, "epoch"]).unwrap().evaluation_strategy, "epoch");
    }
    let twice = refused(Strategies::from_toml_str("evaluation_strategy = \"epoch\"\neval_strategy = \"no\""));
    assert!(twice.starts_with("TOML:2: `eval_strategy` gives `evaluation_strategy` a second time"), "{twice}");
}

#[test]
fn a_combination_that_cannot_work_is_refused_with_the_place_of_what_was_given() {
    assert_eq!(
        refused(Strategies::try_parse_from(["train", "--load-best-model-at-end"])),
        "--load-best-model-at-end: `load_best_model_at_end` compares evaluations, but `eval_strategy` is \"no\"\n\
         help: write `eval_strategy = \"epoch\"` and `save_strategy = \"epoch\"`, or leave `load_best_model_at_end` out"
    );
    assert_eq!(
        refused(Strategies::from_toml_str("\n\nnum_cycles = 2")),
        "TOML:3: `num_cycles` has no meaning for `lr_scheduler_type = \"linear\"`\nhelp: leave it out"
    );
    assert_eq!(
        refused(Strategies::try_parse_from(["train", "--warmup-steps", "1.5"])),
        "--warmup-steps: `warmup_steps` is 1.5, but must be a whole number of at least 0, or a share below 1\n\
         help: `warmup_steps = 100` is 100 updates, `warmup_steps = 0.1` a tenth of them"
    );
    assert_eq!(
        refused(Strategies::try_parse_from(["train", "--eval-strategy", "epochs"])),
        "--evaluation-strategy: `eval_strategy` cannot be \"epochs\"\nhelp: did you mean \"epoch\"?"
    );
}

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
    let core = include_str!("../../trainer-core/src/args/names.rs");
    let macros = include_str!("../../trainer-macros/src/training_args/names.rs");
    assert!(core == macros, "copy one `names.rs` over the other");
}
