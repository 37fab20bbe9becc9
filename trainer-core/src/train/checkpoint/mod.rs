//! Checkpoints on disk: one is there or it is not.
//!
//! In: a folder to be, and a function that fills it. Out: the folder with a manifest of its files, synced and renamed into
//! place; the newest whole one again; and what is deleted as new ones come. A folder is never seen half-written, a
//! folder that anything happened to is not taken, and files that were not saved here are not overwritten.

mod manifest;
mod record;
mod search;
mod write;

use std::path::{Path, PathBuf};

pub use manifest::{MANIFEST_FILE, verify};
pub use record::RunRecord;
pub use search::{Newest, newest_whole, rotate};
pub use write::{check_writable, write};

/// What the names of checkpoints begin with; the update follows.
const PREFIX: &str = "checkpoint-";

/// The folder of the checkpoint after so many updates: `checkpoint-12`.
pub fn folder_of(output_dir: &Path, step: usize) -> PathBuf {
    output_dir.join(format!("{PREFIX}{step}"))
}

/// The update that a checkpoint's name tells; `None` for any other folder.
pub fn step_of(path: &Path) -> Option<usize> {
    let digits = path.file_name()?.to_str()?.strip_prefix(PREFIX)?;
    if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_the_update() {
        assert_eq!(step_of(&folder_of(Path::new("results"), 12)), Some(12));
        for other in
            ["checkpoint-", "checkpoint-x", "checkpoint-+1", "checkpoint-1.tmp", ".checkpoint-1.tmp-2-3", "final"]
        {
            assert_eq!(step_of(Path::new(other)), None, "{other}");
        }
    }
}
