//! Shared by the tests of the workspace: where the fixtures are, and a trainer for the reference's runs.

pub mod reference;
pub mod reviews;

use std::path::PathBuf;

/// The folder of the golden figures that are committed beside the tests.
pub fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// A JSON file among the fixtures.
///
/// # Panics
/// If it is missing or no JSON: fixtures are committed.
pub fn json(path: &str) -> serde_json::Value {
    let text = std::fs::read_to_string(fixtures().join(path)).expect("the fixture is committed");
    serde_json::from_str(&text).expect("the fixture is JSON")
}
