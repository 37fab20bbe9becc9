//! Shared by the tests of the workspace: where the fixtures are.

pub mod reviews;

use std::path::PathBuf;

/// The folder of the golden figures that are committed beside the tests.
pub fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}
