//! `#[derive(TrainingArgs)]`: what is read from where, what wins, and what is refused in which words.

#![allow(clippy::float_cmp, reason = "values are read back as they were written")]
#![allow(clippy::struct_excessive_bools, reason = "one struct has every argument")]

use std::path::PathBuf;

use trainer_core::args::{
    ComputeDevice, IntervalStrategy, ReportTo, ResumeFrom, SaveStrategy, SchedulerType, StepsOrRatio, Warmup,
};
use trainer_core::prelude::*;

#[path = "training_args/structs.rs"]
mod structs;

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
