//! Shared by the tests of the workspace: where the fixtures are, and a trainer for the reference's runs.

pub mod language;
pub mod real;
pub mod reference;
pub mod reviews;
mod rows;

use std::path::PathBuf;

use trainer_core::Result;
use trainer_core::transformer::{Way, computing};

/// Runs a test with blocks computed both ways; if it fails, what it printed says on which.
///
/// # Errors
/// What the test gives, on the first way on which it gives one.
pub fn on_both_ways(test: impl Fn() -> Result<()>) -> Result<()> {
    for way in [Way::Fused, Way::Reference] {
        println!("blocks are computed the way {way:?}");
        computing(way, &test)?;
    }
    Ok(())
}

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
