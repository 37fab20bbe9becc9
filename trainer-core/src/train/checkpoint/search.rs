//! The newest whole checkpoint of a run, and the deletion of those that are no longer wanted.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::manifest::verify;
use super::step_of;
use super::write::{Place, Stage, lock, remove_leftovers};
use crate::error::{Error, Result};

/// Below this spread, times of change say nothing of the order, and the updates do.
const TIMES_THAT_TELL: Duration = Duration::from_secs(1);

/// What [`newest_whole`] found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Newest {
    /// The checkpoint with the highest update that is whole.
    pub checkpoint: Option<PathBuf>,
    /// Which newer ones it passed over, and why: to print.
    pub notes: Vec<String>,
}

/// The checkpoint of the highest update in `output_dir` whose every file is what was saved.
///
/// No folder and no checkpoint give `None`. What a killed process left is cleared first.
pub fn newest_whole(output_dir: &Path) -> Result<Newest> {
    let mut found = Newest::default();
    if !output_dir.is_dir() {
        return Ok(found);
    }
    // Leftovers that cannot be cleared, in a folder that may only be read, do no harm to its checkpoints.
    if let Err(error) = remove_leftovers(output_dir) {
        found.notes.push(error.to_string());
    }
    let mut checkpoints = checkpoints_in(output_dir)?;
    checkpoints.sort_by_key(|(step, _)| std::cmp::Reverse(*step));
    for (_, path) in checkpoints {
        match verify(&path) {
            Ok(()) => {
                found.checkpoint = Some(path);
                break;
            }
            Err(error) => found.notes.push(format!("passed over a checkpoint: {}", error.message())),
        }
    }
    Ok(found)
}

/// Deletes the oldest checkpoints of `output_dir` until `save_total_limit` are left, and gives those it deleted.
///
/// The one just written and the best one stay, whatever the limit. Without a limit, or with 0, all stay.
///
/// Source: `transformers.trainer_utils.rotate_checkpoints`.
pub fn rotate(
    output_dir: &Path,
    save_total_limit: Option<usize>,
    just_written: &Path,
    best: Option<&Path>,
) -> Result<Vec<PathBuf>> {
    let Some(limit) = save_total_limit.filter(|limit| *limit > 0) else { return Ok(Vec::new()) };
    let checkpoints = oldest_first(checkpoints_in(output_dir)?);
    let identity = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let stays: BTreeSet<PathBuf> = [Some(just_written), best].into_iter().flatten().map(identity).collect();
    let staying = checkpoints.iter().filter(|path| stays.contains(&identity(path))).count();
    let too_many = checkpoints.len().saturating_sub(limit.max(staying));
    let goes: Vec<PathBuf> =
        checkpoints.into_iter().filter(|path| !stays.contains(&identity(path))).take(too_many).collect();
    for path in &goes {
        delete(path)?;
    }
    Ok(goes)
}

/// First the name goes, then the content: a checkpoint is there or it is not.
fn delete(checkpoint: &Path) -> Result<()> {
    let hidden = Stage::Deleted.path(&Place::of(checkpoint)?);
    // Other processes leave it to this one while it lives.
    let _lock = lock(checkpoint);
    fs::rename(checkpoint, &hidden)
        .and_then(|()| fs::remove_dir_all(&hidden))
        .map_err(|error| Error::io("delete", checkpoint, error))
}

fn checkpoints_in(output_dir: &Path) -> Result<Vec<(usize, PathBuf)>> {
    let unreadable = |error: io::Error| Error::io("read", output_dir, error);
    let mut checkpoints = Vec::new();
    for entry in fs::read_dir(output_dir).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if let Some(step) = step_of(&path).filter(|_| path.is_dir()) {
            checkpoints.push((step, path));
        }
    }
    Ok(checkpoints)
}

/// By the time they were written, so that those of an earlier run with more updates go first.
fn oldest_first(checkpoints: Vec<(usize, PathBuf)>) -> Vec<PathBuf> {
    let written = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    let mut dated: Vec<(Option<SystemTime>, usize, PathBuf)> =
        checkpoints.into_iter().map(|(step, path)| (written(&path), step, path)).collect();
    dated.sort();
    let spread = match (dated.first(), dated.last()) {
        (Some((Some(first), ..)), Some((Some(last), ..))) => last.duration_since(*first).unwrap_or_default(),
        _ => Duration::ZERO,
    };
    if spread < TIMES_THAT_TELL {
        dated.sort_by_key(|(_, step, _)| *step);
    }
    dated.into_iter().map(|(_, _, path)| path).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::checkpoint::{folder_of, write};

    fn save(output: &Path, step: usize) -> PathBuf {
        let folder = folder_of(output, step);
        write(&folder, |inside| Ok(fs::write(inside.join("model.safetensors"), format!("weights {step}"))?)).unwrap();
        folder
    }

    fn steps(output: &Path) -> Vec<usize> {
        let mut steps: Vec<usize> = checkpoints_in(output).unwrap().into_iter().map(|(step, _)| step).collect();
        steps.sort_unstable();
        steps
    }

    fn set_age(checkpoint: &Path, seconds: u64) {
        let time = SystemTime::now() - Duration::from_secs(seconds);
        fs::File::open(checkpoint).unwrap().set_modified(time).unwrap();
    }

    #[test]
    fn the_newest_is_by_number_and_a_torn_one_is_passed_over_with_a_note() {
        let output = tempfile::tempdir().unwrap();
        assert_eq!(newest_whole(&output.path().join("nothing")).unwrap(), Newest::default());
        for step in [5, 9, 10] {
            save(output.path(), step);
        }
        assert_eq!(newest_whole(output.path()).unwrap().checkpoint, Some(folder_of(output.path(), 10)));
        fs::write(folder_of(output.path(), 10).join("model.safetensors"), "wei").unwrap();
        fs::create_dir(folder_of(output.path(), 11)).unwrap();
        let found = newest_whole(output.path()).unwrap();
        assert_eq!(found.checkpoint, Some(folder_of(output.path(), 9)));
        assert_eq!(found.notes.len(), 2);
        assert!(
            found.notes[0].contains("checkpoint-11") && found.notes[0].contains("manifest.json"),
            "{:?}",
            found.notes
        );
        assert!(found.notes[1].contains("only 3 of the 10 bytes of `model.safetensors`"), "{:?}", found.notes);
    }

    #[test]
    fn a_write_that_fails_leaves_the_previous_checkpoint_to_resume_from() {
        let output = tempfile::tempdir().unwrap();
        save(output.path(), 1);
        let killed = write(&folder_of(output.path(), 2), |inside| {
            fs::write(inside.join("model.safetensors"), "half")?;
            Err(io::Error::other("power cut").into())
        });
        assert!(killed.is_err());
        assert_eq!(newest_whole(output.path()).unwrap().checkpoint, Some(folder_of(output.path(), 1)));
        fs::rename(folder_of(output.path(), 1), output.path().join(".checkpoint-1.old-1-0")).unwrap();
        assert_eq!(newest_whole(output.path()).unwrap().checkpoint, Some(folder_of(output.path(), 1)));
    }

    #[test]
    fn the_oldest_go_first_and_the_newest_and_the_best_stay() {
        let output = tempfile::tempdir().unwrap();
        let saved: Vec<PathBuf> = [8, 9, 10, 11].into_iter().map(|step| save(output.path(), step)).collect();
        assert_eq!(rotate(output.path(), None, &saved[3], None).unwrap(), Vec::<PathBuf>::new());
        assert_eq!(rotate(output.path(), Some(3), &saved[3], Some(&saved[0])).unwrap(), [saved[1].clone()]);
        assert_eq!(steps(output.path()), [8, 10, 11]);
        assert_eq!(rotate(output.path(), Some(1), &saved[3], Some(&saved[0])).unwrap(), [saved[2].clone()]);
        assert_eq!(steps(output.path()), [8, 11], "the best stays beyond the limit");
        rotate(output.path(), Some(1), &saved[0], Some(&saved[0])).unwrap();
        assert_eq!(steps(output.path()), [8]);
    }

    #[test]
    fn checkpoints_of_an_earlier_run_are_older_whatever_their_number() {
        let output = tempfile::tempdir().unwrap();
        for (step, age) in [(20, 300), (30, 200), (15, 0)] {
            set_age(&save(output.path(), step), age);
        }
        rotate(output.path(), Some(2), &folder_of(output.path(), 15), None).unwrap();
        assert_eq!(steps(output.path()), [15, 30]);
    }
}
