//! What the pages of the macros say is what the compiler answers, and what the core's rules accept.

use std::fs;
use std::path::{Path, PathBuf};

use trainer_core::args::rules::in_range;
use trainer_core::args::{
    IntervalStrategy, OptimizerName, PlateauMode, RampType, ReportTo, SaveStrategy, SchedulerType, ThresholdMode,
};

const MACROS: [&str; 6] = ["class_label", "example", "loss", "metric", "trainer", "training_args"];

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn page(name: &str, file: &str) -> String {
    fs::read_to_string(root().join("trainer-macros/src").join(name).join(file)).unwrap()
}

/// The lines of every answer of the compile-fail tests, with the place of the answer.
fn answers() -> Vec<(String, String)> {
    fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, into);
            } else if path.extension().is_some_and(|extension| extension == "stderr") {
                into.push(path);
            }
        }
    }
    let mut files = Vec::new();
    collect(&root().join("tests/compile_fail"), &mut files);
    files.sort();
    let lines = |path: &PathBuf| -> Vec<(String, String)> {
        let text = fs::read_to_string(path).unwrap();
        text.lines().map(|line| (path.display().to_string(), line.trim().to_owned())).collect()
    };
    files.iter().flat_map(lines).collect()
}

#[test]
fn the_answers_on_the_pages_are_those_of_the_compiler() {
    let answers = answers();
    for name in MACROS {
        let page = page(name, "page.md");
        let blocks: Vec<&str> =
            page.split("```").skip(1).step_by(2).filter_map(|block| block.strip_prefix("text\n")).collect();
        let said: Vec<&str> = blocks.iter().flat_map(|block| block.lines()).filter(|line| !line.is_empty()).collect();
        assert!(said.len() > 4, "{name} has no answers");
        for line in said {
            assert!(
                answers.iter().any(|(_, answer)| answer == line),
                "{name}/page.md: no compile-fail test prints `{line}`"
            );
        }
    }
}

/// The form that `STYLE.md` states.
#[test]
fn answers_have_the_form_that_the_style_states() {
    let errors: Vec<(String, String)> =
        answers().into_iter().filter(|(_, line)| line.starts_with("error:") || line.starts_with("error[")).collect();
    assert!(errors.len() > 100);
    for (file, line) in answers() {
        for inner in ["this error originates in", "__private", "trainer-core/src"] {
            assert!(!line.contains(inner), "{file}: {line}");
        }
    }
    for (file, line) in errors {
        let lower = line.to_lowercase();
        for word in ["invalid", "failed to", "illegal", "please", "oops"] {
            assert!(!lower.contains(word), "{file}: {line}");
        }
        assert!(!line.ends_with(['.', '!']), "{file}: {line}");
    }
}

/// The row of a training argument.
fn row<'a>(page: &'a str, name: &str) -> &'a str {
    let start = format!("| `{name} = ");
    page.lines().find(|line| line.starts_with(&start)).unwrap_or_else(|| panic!("`{name}` is not on its page"))
}

#[test]
fn the_page_of_the_arguments_has_the_ranges_of_the_rules() {
    let page = page("training_args", "keys.md");
    let names: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("| `")?.split(" = ").next()).collect();
    let mut compared = 0;
    for name in names {
        let trainer_core::args::rules::Verdict::Refused { message, .. } = in_range(name, f64::NAN, "it") else {
            continue;
        };
        let (_, must) = message.as_str().split_once("but must be ").unwrap();
        assert!(row(&page, name).contains(must), "{name}: {must}\n{}", row(&page, name));
        compared += 1;
    }
    assert!(compared > 30, "{compared}");
}

#[test]
fn the_page_of_the_arguments_has_the_choices_of_the_core() {
    let page = page("training_args", "keys.md");
    let choices: [(&str, &[&str]); 11] = [
        ("eval_strategy", IntervalStrategy::NAMES),
        ("logging_strategy", IntervalStrategy::NAMES),
        ("save_strategy", SaveStrategy::NAMES),
        ("lr_scheduler_type", SchedulerType::NAMES),
        ("optim", OptimizerName::NAMES),
        ("warmup_type", RampType::NAMES),
        ("decay_type", RampType::NAMES),
        ("plateau_mode", PlateauMode::NAMES),
        ("plateau_threshold_mode", ThresholdMode::NAMES),
        ("report_to", ReportTo::NAMES),
        ("resume_from_checkpoint", &["latest"]),
    ];
    for (name, names) in choices {
        let listed: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        assert!(row(&page, name).contains(&listed.join(", ")), "{}", row(&page, name));
    }
}
