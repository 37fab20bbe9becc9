//! What every answer of the compiler must be, whatever it is about.
//!
//! What comes in: the files of `compile_fail/`, a program with mistakes and the answer beside each. What goes out: that an
//! answer has a first line in the user's words and a help, points into the user's file and nowhere else, and that there
//! are as many as mistakes; and a table of the mistakes with their cases, in `compile_fail/README.md`.

#[path = "compile_fail_audit/answer.rs"]
mod answer;
#[path = "compile_fail_audit/case.rs"]
mod case;
#[path = "compile_fail_audit/table.rs"]
mod table;

use std::path::{Path, PathBuf};

use case::Case;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("compile_fail")
}

/// Fails with every objection at once.
fn none_of(objections: &[String]) {
    assert!(objections.is_empty(), "{} objections:\n{}", objections.len(), objections.join("\n"));
}

fn objections(to: impl Fn(&Case) -> Vec<String>) -> Vec<String> {
    case::all(&folder()).iter().flat_map(to).collect()
}

#[test]
fn there_are_at_least_a_hundred_cases_each_with_its_answer() {
    let cases = case::all(&folder());
    assert!(cases.len() >= 100, "{} cases", cases.len());
    none_of(&case::without_partner(&folder()));
}

#[test]
fn a_case_says_its_row_and_has_one_error_for_each_mistake() {
    none_of(&objections(|case| case.announcement_is_wrong().into_iter().collect()));
}

#[test]
fn an_answer_shows_nothing_of_our_own() {
    none_of(&objections(answer::shows_our_own));
}

#[test]
fn an_answer_begins_with_what_is_wrong_in_the_words_of_the_style() {
    none_of(&objections(answer::has_another_style));
}

#[test]
fn an_answer_says_what_to_write() {
    none_of(&objections(answer::lacks_help));
}

#[test]
fn an_answer_points_into_the_file_that_is_wrong() {
    none_of(&objections(answer::points_elsewhere));
}

#[test]
fn no_token_is_answered_twice() {
    none_of(&objections(answer::answers_twice));
}

#[test]
fn three_mistakes_in_one_item_are_three_errors_for_each_macro() {
    let cases = case::all(&folder());
    for theme in ["class_label", "example", "training_args", "metric", "loss", "trainer"] {
        let name = format!("{theme}/three_mistakes");
        let found = cases.iter().find(|case| case.name == name).map(|case| case.errors().len());
        assert_eq!(found, Some(3), "{name}");
    }
}

#[test]
fn the_table_lists_the_cases_of_every_row() {
    let cases = case::all(&folder());
    none_of(&table::rows_without_cases(&cases));
    let (path, table) = (folder().join("README.md"), table::page(&cases));
    if std::env::var("TRYBUILD").is_ok_and(|value| value == "overwrite") {
        std::fs::write(&path, &table).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == table, "{} is not that of these cases: run this test with TRYBUILD=overwrite", path.display());
}
