//! The table of mistakes that the compiler answers, with the cases of each.

use std::fmt::Write as _;

use super::case::Case;

/// The mistakes, in the order of their numbers from 1.
const ROWS: &[&str] = &[
    "an unknown key in any attribute",
    "a key twice, a value of the wrong kind, a value that is missing",
    "a number outside of what can work",
    "a default outside of the field's own `range`",
    "a field that is no training argument and not `own`",
    "old or foreign names",
    "`weighted_ce([…])` with another count than there are classes",
    "class weights that are negative, not finite, or all zero",
    "a loss that does not fit the task",
    "a collator that does not fit the schema or the task",
    "a collator that needs the tokenizer, where there is none",
    "a metric that does not fit",
    "parts of a trainer that are missing, of other types, or over other labels",
    "`metric_for_best_model` that no metric gives",
    "`load_best_model_at_end` without matching strategies",
    "an evaluation without a data set, metrics without an evaluation",
    "`early_stopping_patience` without an evaluation or a metric",
    "a schedule that never leaves its warm-up",
    "a precision or device that cannot be had",
    "a LoRA target that names no parameter, a rank or scale that cannot work",
    "a field without a role, two with the same, roles that make no task",
    "a role on a type that cannot hold it",
    "a data file that is not there, is empty, or is not of its format",
    "a data file without the column, or with another type in it",
    "a label in the file that is no variant",
    "a class without an example in the training file",
    "`input_ids` and `attention_mask` of different lengths, empty texts",
    "a placeholder of a template that is no field, a `formatting` function of another signature",
    "`#[metric]` or `#[loss]` on something else than a function that is one",
    "`#[derive(ClassLabel)]` on something else than a label set",
    "a `model_dir` whose files do not go with the rest",
    "a `memory_budget` that the plan exceeds",
];

/// The cases of row `number`.
fn cases_of(number: usize, cases: &[Case]) -> Vec<&str> {
    let of_row = cases.iter().filter(|case| case.rows().iter().any(|row| usize::from(*row) == number));
    of_row.map(|case| case.name.as_str()).collect()
}

/// Rows that have no case.
pub(crate) fn rows_without_cases(cases: &[Case]) -> Vec<String> {
    let without = (1..=ROWS.len()).filter(|number| cases_of(*number, cases).is_empty());
    without.map(|number| format!("row {number} has no case")).collect()
}

/// `compile_fail/README.md`.
pub(crate) fn page(cases: &[Case]) -> String {
    let errors: usize = cases.iter().map(|case| case.errors().len()).sum();
    let mut page = format!(
        "# What the compiler answers\n\n\
         {} programs with {errors} mistakes, each with the answer beside it. The first line of a program says which rows of this table\n\
         it is about, and how many errors there are: `// rows 1, 2: 3 errors`. What every answer must be is in\n\
         `tests/compile_fail_audit.rs`, which also writes this page:\n\n\
         ```sh\n\
         TRYBUILD=overwrite cargo test -p trainer-tests --test compile_fail --test compile_fail_audit\n\
         ```\n\n\
         | row | mistake | cases |\n|---|---|---|\n",
        cases.len(),
    );
    for (number, mistake) in (1..).zip(ROWS) {
        let cases: Vec<String> =
            cases_of(number, cases).iter().map(|name| format!("[{name}]({name}.stderr)")).collect();
        let cases = cases.join(", ");
        writeln!(page, "| {number} | {mistake} | {cases} |").unwrap();
    }
    page
}
