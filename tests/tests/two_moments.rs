//! One rule, two moments: what cannot work is answered in the same words while compiling, in a file, on the command line and
//! in code. The compiler's words are those of the golden files in `compile_fail/`; the lines that they answer are read here as
//! TOML and as flags.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use trainer_core::args::rules::{Verdict, checkpoints_are_within_the_run, evaluations_are_within_the_run};
use trainer_core::args::{
    IntervalStrategy, OptimizerName, PlateauMode, RampType, ReportTo, SaveStrategy, StepsOrRatio, Surroundings,
    ThresholdMode, Warmup,
};
use trainer_core::prelude::*;
use trainer_core::text::WordPieceSettings;

/// Every argument that has a rule, as a field.
#[derive(TrainingArgs, Debug)]
struct Every {
    output_dir: String,
    num_train_epochs: f64,
    max_steps: Option<usize>,
    per_device_train_batch_size: usize,
    per_device_eval_batch_size: usize,
    gradient_accumulation_steps: usize,
    max_tokens_per_chunk: Option<usize>,
    learning_rate: f64,
    weight_decay: f64,
    adam_beta1: f64,
    adam_beta2: f64,
    adam_epsilon: f64,
    max_grad_norm: f64,
    optim: OptimizerName,
    lr_scheduler_type: String,
    warmup_steps: Warmup,
    label_smoothing_factor: f64,
    eval_strategy: String,
    eval_steps: Option<StepsOrRatio>,
    eval_delay: f64,
    save_strategy: String,
    save_steps: StepsOrRatio,
    save_total_limit: Option<usize>,
    logging_strategy: IntervalStrategy,
    logging_steps: StepsOrRatio,
    report_to: Vec<ReportTo>,
    load_best_model_at_end: bool,
    metric_for_best_model: Option<String>,
    early_stopping_patience: Option<usize>,
    early_stopping_threshold: f64,
    max_length: Option<usize>,
    generation_max_length: Option<usize>,
    generation_num_beams: usize,
    neftune_noise_alpha: Option<f64>,
    seed: u64,
    data_seed: Option<u64>,
    num_threads: Option<usize>,
    device: String,
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
    plateau_mode: Option<PlateauMode>,
    plateau_factor: Option<f64>,
    plateau_patience: Option<usize>,
    plateau_threshold: Option<f64>,
    plateau_threshold_mode: Option<ThresholdMode>,
    plateau_cooldown: Option<usize>,
    plateau_warmup: Option<usize>,
    plateau_eps: Option<f64>,
    plateau_window_size: Option<usize>,
    plateau_reset_start: Option<usize>,
}

/// The warm-up as a share, which excludes `warmup_steps`.
#[derive(TrainingArgs, Debug)]
struct Ratio {
    warmup_ratio: f64,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("compile_fail")
}

fn golden(case: &str) -> String {
    let path = folder().join(case).with_extension("stderr");
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The answers of a golden file by the line of their primary span: the message and its help, without the compiler's own words.
fn answers(golden: &str) -> BTreeMap<usize, Vec<String>> {
    let mut answers: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let mut lines = golden.lines().peekable();
    while let Some(line) = lines.next() {
        let Some((kind, message)) = line.split_once(": ").filter(|(kind, _)| kind.starts_with("error")) else {
            continue;
        };
        assert!(["error", "error[E0080]"].contains(&kind), "{line}");
        let mut text = message.trim_start_matches("evaluation panicked: ").to_owned();
        while let Some(more) = lines.next_if(|line| !line.trim_start().starts_with("-->")) {
            text.push('\n');
            text.push_str(more.trim_start());
        }
        let place = lines.next().expect("a place follows the message");
        let line = place.rsplit(':').nth(1).and_then(|line| line.parse().ok()).expect("a line and a column");
        answers.entry(line).or_default().push(text);
    }
    answers
}

/// The keys of a `#[training_args(…)]` line with their values.
type Keys = Vec<(String, String)>;

/// Each `#[training_args(…)]` line of a case, by its number.
fn attributes(case: &str) -> Vec<(usize, Keys)> {
    let source = std::fs::read_to_string(folder().join(case).with_extension("rs")).expect("the case is there");
    let lines = source.lines().enumerate().filter_map(|(number, line)| {
        let written = line.strip_prefix("#[training_args(")?.strip_suffix(")]")?;
        let mut keys: Keys = Vec::new();
        for piece in written.split(", ") {
            match (piece.split_once(" = "), keys.last_mut()) {
                (Some((key, value)), _) => keys.push((key.to_owned(), value.to_owned())),
                (None, Some((_, list))) => *list = format!("{list}, {piece}"),
                (None, None) => panic!("`{line}` has no key"),
            }
        }
        Some((number + 1, keys))
    });
    lines.collect()
}

/// The refusal of what a line says, without its place.
fn refusal<A: TrainingArgs + std::fmt::Debug>(keys: &Keys) -> BTreeSet<String> {
    let toml: Vec<String> = keys.iter().map(|(key, value)| format!("{key} = {value}")).collect();
    let by_file = A::from_toml_str(&toml.join("\n")).expect_err("a file that cannot work").to_string();
    let json: Vec<String> = keys.iter().map(|(key, value)| format!("\"{key}\": {value}")).collect();
    let folder = tempfile::tempdir().expect("room for a file");
    let path = folder.path().join("args.json");
    std::fs::write(&path, format!("{{\n{}\n}}", json.join(",\n"))).expect("room for a file");
    let by_json = A::from_file(&path).expect_err("a file that cannot work").to_string();
    let flags = keys.iter().map(|(key, value)| {
        format!("--{}={}", key.replace('_', "-"), value.trim_matches(['[', ']']).replace(['"', ' '], ""))
    });
    let by_flag = A::try_parse_from(std::iter::once("program".to_owned()).chain(flags));
    let by_flag = by_flag.expect_err("flags that cannot work").to_string();
    let without_place = |text: &str| text.find('`').map_or_else(|| text.to_owned(), |start| text[start..].to_owned());
    [by_file, by_flag, by_json.replace(&path.display().to_string(), "")]
        .iter()
        .map(|text| without_place(text))
        .collect()
}

fn read_as_the_compiler_reads(case: &str) -> usize {
    let (answers, attributes) = (answers(&golden(case)), attributes(case));
    for (line, keys) in &attributes {
        let compiler = answers.get(line).unwrap_or_else(|| panic!("{case}.rs:{line} has no answer in the golden file"));
        assert_eq!(compiler.len(), 1, "{case}.rs:{line} has one mistake: {compiler:?}");
        let has_ratio = keys.iter().any(|(key, _)| key == "warmup_ratio");
        let run = if has_ratio { refusal::<Ratio>(keys) } else { refusal::<Every>(keys) };
        // A message of the compiler begins where the first name does, too: what stands before it is no place there.
        let compiler = compiler[0].as_str();
        let of_compiler = compiler.find('`').map_or(compiler, |start| &compiler[start..]);
        assert_eq!(run, BTreeSet::from([of_compiler.to_owned()]), "{case}.rs:{line}: {keys:?}");
    }
    assert_eq!(attributes.len(), answers.len(), "{case}: an answer for each line");
    attributes.len()
}

#[test]
fn every_number_out_of_its_range_is_answered_in_the_same_words() {
    assert_eq!(read_as_the_compiler_reads("training_args/every_number"), 48);
}

#[test]
fn every_name_that_is_no_choice_and_every_value_of_another_kind_is_answered_in_the_same_words() {
    assert_eq!(read_as_the_compiler_reads("training_args/every_choice"), 18);
}

#[test]
fn every_combination_that_cannot_work_is_answered_in_the_same_words() {
    assert_eq!(read_as_the_compiler_reads("training_args/every_combination"), 16);
}

/// The names of the public rules of a file of the core.
fn rules_of(file: &str) -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../trainer-core/src/args").join(file);
    let source = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let verdicts = source.split("pub const fn ").skip(1).filter_map(|rest| {
        let (signature, _) = rest.split_once('{')?;
        let (name, _) = signature.split_once('(')?;
        signature.contains("-> Verdict").then(|| name.to_owned())
    });
    verdicts.collect()
}

#[test]
fn every_rule_of_the_arguments_has_a_line_here() {
    let combinations = std::fs::read_to_string(folder().join("training_args/every_combination.rs")).expect("the case");
    for rule in rules_of("rules.rs") {
        // `every_choice` has these.
        if ["is_a_choice", "is_a_device"].contains(&rule.as_str()) {
            continue;
        }
        let name: String = rule.split('_').flat_map(|word| [word[..1].to_uppercase(), word[1..].to_owned()]).collect();
        assert!(combinations.contains(&format!("struct {name} {{}}")), "`{rule}` has no `{name}`");
    }
    // Those over a trainer are below, each with its case in `compile_fail/trainer/`; those over the lengths that a model can
    // take are in `model_dir.rs`, with the other rules on its files.
    let over_trainers = [
        "best_metric_is_computed",
        "checkpoints_are_within_the_run",
        "evaluation_needs_a_dataset",
        "evaluation_on_start_needs_a_dataset",
        "evaluations_are_within_the_run",
        "length_fits",
        "max_length_is_within_the_positions",
        "warmup_ends",
    ];
    assert_eq!(rules_of("surroundings.rs"), over_trainers.map(str::to_owned).into());
    // A field's own default against its type, range and choices has been compiled before any program runs.
    let of_defaults = ["default_fits", "default_fits_whole", "default_in_range", "default_is_a_choice", "range_fits"];
    assert_eq!(rules_of("kind.rs"), of_defaults.map(str::to_owned).into());
    let numbers = std::fs::read_to_string(folder().join("training_args/every_number.rs")).expect("the case");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../trainer-core/src/args/ranges.rs");
    let ranges = std::fs::read_to_string(path).expect("the ranges");
    let (_, table) = ranges.split_once("const RANGES: &[Range] = &[").expect("the table");
    let (table, _) = table.split_once("\n];").expect("its end");
    let names: Vec<&str> =
        table.lines().filter_map(|line| line.split('"').nth(1)).filter(|name| !name.contains(' ')).collect();
    assert_eq!(names.len(), 44);
    for name in names.iter().chain(&["warmup_steps", "eval_steps", "save_steps", "logging_steps"]) {
        assert!(numbers.contains(&format!("#[training_args({name} = ")), "`{name}` has no line");
    }
}

#[test]
fn arguments_that_are_set_in_code_are_answered_in_the_words_of_the_golden_files() {
    let said = |case: &str| answers(&golden(case)).into_values().flatten().collect::<BTreeSet<String>>();
    let (numbers, combinations) = (said("training_args/every_number"), said("training_args/every_combination"));
    let refused = |set: fn(&mut TrainingArguments)| {
        let mut arguments = TrainingArguments::default();
        set(&mut arguments);
        arguments.validate().expect_err("these cannot work").to_string()
    };
    let of_numbers: [fn(&mut TrainingArguments); 5] = [
        |arguments| arguments.learning_rate = -0.5,
        |arguments| arguments.adam_beta1 = 1.0,
        |arguments| arguments.max_steps = Some(0),
        |arguments| arguments.label_smoothing_factor = 1.2,
        |arguments| arguments.gradient_accumulation_steps = 0,
    ];
    for set in of_numbers {
        let message = refused(set);
        assert!(numbers.contains(&message), "{message}");
    }
    let of_combinations: [fn(&mut TrainingArguments); 5] = [
        |arguments| arguments.load_best_model_at_end = true,
        |arguments| arguments.save_strategy = SaveStrategy::Best,
        |arguments| arguments.lr_scheduler_kwargs.power = Some(2.0),
        |arguments| {
            arguments.early_stopping_patience = Some(3);
            arguments.eval_strategy = IntervalStrategy::Epoch;
        },
        |arguments| {
            arguments.lr_scheduler_type = trainer_core::args::SchedulerType::CosineWithRestarts;
            arguments.lr_scheduler_kwargs.num_cycles = Some(1.5);
        },
    ];
    for set in of_combinations {
        let message = refused(set);
        assert!(combinations.contains(&message), "{message}");
    }
}

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Rating {
    Negative,
    Neutral,
    Positive,
}

#[derive(Example)]
struct Review {
    text: String,
    label: Rating,
}

/// What the cases of `compile_fail/trainer/` fix, as fields.
#[derive(TrainingArgs)]
struct Args {
    eval_strategy: IntervalStrategy,
    eval_on_start: bool,
    metric_for_best_model: Option<String>,
    warmup_steps: Warmup,
    max_steps: Option<usize>,
    eval_steps: Option<StepsOrRatio>,
    save_steps: StepsOrRatio,
    num_train_epochs: f64,
    per_device_train_batch_size: usize,
}

#[trainer(metrics = [accuracy, f1(average = "macro")])]
struct ReviewTrainer {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    eval_dataset: Option<Dataset<Review>>,
    tokenizer: Tokenizer,
}

fn rows(count: usize) -> Dataset<Review> {
    (0..count).map(|_| Review { text: "worth it".to_owned(), label: Rating::Positive }).collect()
}

fn trainer(arguments: &str) -> trainer_core::Result<ReviewTrainer> {
    let tokenizer =
        Tokenizer::train_wordpiece(&["worth it"], &WordPieceSettings { vocab_size: 40, ..Default::default() })?;
    let model = BertForSequenceClassification::from_config(BertConfig {
        vocab_size: tokenizer.vocabulary_size(),
        hidden_size: 8,
        num_hidden_layers: 1,
        num_attention_heads: 2,
        intermediate_size: 16,
        ..BertConfig::default()
    })?;
    let args = Args::from_toml_str(arguments)?;
    Ok(ReviewTrainer { model, args, train_dataset: rows(500), eval_dataset: Some(rows(2)), tokenizer })
}

#[test]
fn what_does_not_go_with_the_trainer_is_answered_before_the_run_in_the_same_words() -> trainer_core::Result<()> {
    for (case, arguments, has_eval_dataset) in [
        ("evaluation_without_dataset", "eval_strategy = \"epoch\"", false),
        ("evaluation_on_start_without_dataset", "eval_on_start = true", false),
        ("best_metric_that_is_not_computed", "eval_strategy = \"epoch\"\nmetric_for_best_model = \"f2\"", true),
        (
            "warm_up_longer_than_the_run",
            "warmup_steps = 1000\nnum_train_epochs = 2.9\nper_device_train_batch_size = 16",
            true,
        ),
    ] {
        let mut trainer = trainer(arguments)?;
        if !has_eval_dataset {
            trainer.eval_dataset = None;
        }
        let compiler: Vec<String> = answers(&golden(&format!("trainer/{case}"))).into_values().flatten().collect();
        for error in [trainer.plan().map(drop), trainer.train().map(drop)] {
            let message = error.expect_err(case).to_string();
            assert!(compiler.contains(&message), "{case}: {message}\nis not in {compiler:?}");
        }
    }
    Ok(())
}

#[test]
fn a_trial_of_a_few_steps_may_end_within_the_warm_up() -> trainer_core::Result<()> {
    let plan = trainer("warmup_steps = 1000\nmax_steps = 5")?.plan()?;
    assert_eq!(plan.steps.max_steps(), 5);
    Ok(())
}

#[test]
fn intervals_beyond_the_run_are_notes_in_the_same_words() -> trainer_core::Result<()> {
    let trainer = trainer("eval_strategy = \"steps\"\neval_steps = 200\nsave_steps = 1000\nnum_train_epochs = 1.0")?;
    trainer.plan()?;
    let arguments = trainer.args.arguments();
    let facts = arguments.facts(&[]);
    let around = Surroundings { train_rows: Some(500), ..Surroundings::unknown("ReviewTrainer") };
    let compiler: Vec<String> = answers(&golden("trainer/steps_beyond_the_run")).into_values().flatten().collect();
    for verdict in [evaluations_are_within_the_run(&facts, &around), checkpoints_are_within_the_run(&facts, &around)] {
        let Verdict::Refused { message, help } = verdict else { panic!("500 rows are 63 updates") };
        let message = format!("{}\nhelp: {}", message.as_str(), help.as_str());
        assert!(compiler.contains(&message), "{message}\nis not in {compiler:?}");
    }
    Ok(())
}
