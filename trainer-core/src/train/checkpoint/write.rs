//! Writing a folder so that it is there or it is not.
//!
//! In: the folder to be, and a function that fills a folder. The function fills `.checkpoint-12.tmp-…` beside it; that is
//! hashed, put on the disk and renamed. Out: the folder, or an error and nothing changed. What killed processes left
//! is removed; a folder with files that were not saved here is not replaced.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::manifest::{Manifest, sync_folder};
use super::step_of;
use crate::error::{Error, ErrorKind, Result};

/// Where the system cannot tell whether the writer of a leftover lives, it is one after this time without a change.
const ABANDONED_AFTER: Duration = Duration::from_hours(24);

/// What a hidden folder beside a checkpoint is there for; the second part of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Being filled.
    Filling,
    /// Put aside, while a new one takes its name.
    Replaced,
    /// To be deleted.
    Deleted,
}

impl Stage {
    const ALL: [Self; 3] = [Self::Filling, Self::Replaced, Self::Deleted];

    fn name(self) -> &'static str {
        match self {
            Self::Filling => "tmp",
            Self::Replaced => "old",
            Self::Deleted => "gone",
        }
    }

    /// A path beside `place` that no other call of this process gives: `.checkpoint-12.tmp-4711-3`.
    pub(super) fn path(self, place: &Place<'_>) -> PathBuf {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        place.parent.join(format!(".{}.{}-{}-{count}", place.name, self.name(), std::process::id()))
    }

    /// What a hidden name says: whose, and what for.
    fn parse(hidden: &str) -> Option<(&str, Self)> {
        let hidden = hidden.strip_prefix('.')?;
        Self::ALL.into_iter().find_map(|stage| {
            let (original, numbers) = hidden.rsplit_once(&format!(".{}-", stage.name()))?;
            let (process, count) = numbers.split_once('-')?;
            let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            (!original.is_empty() && is_number(process) && is_number(count)).then_some((original, stage))
        })
    }
}

/// A folder by its parent and its name.
pub(super) struct Place<'a> {
    pub(super) parent: &'a Path,
    name: &'a str,
}

impl<'a> Place<'a> {
    pub(super) fn of(folder: &'a Path) -> Result<Self> {
        let name = folder.file_name().and_then(|name| name.to_str()).ok_or_else(|| {
            Error::new(ErrorKind::Io, format!("`{}` does not name a folder to save in", folder.display()))
                .help("write a path that ends in a name, such as `results/final`")
        })?;
        let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Ok(Self { parent, name })
    }
}

/// Writes a folder in one piece: `fill` gets an empty folder, which takes the name `folder` when it is on the disk.
///
/// A folder that this function wrote before, a checkpoint and an empty folder are replaced. On an error, of `fill` too, a
/// folder of that name is what it was.
///
/// # Errors
/// Those of `fill`; [`ErrorKind::Io`] if the disk refuses; [`ErrorKind::Checkpoint`] if `folder` holds files that were
/// not saved here, or if `fill` made something else than files and folders.
pub fn write(folder: &Path, fill: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let place = Place::of(folder)?;
    fs::create_dir_all(place.parent).map_err(|error| Error::io("create", place.parent, error))?;
    remove_leftovers(place.parent)?;
    check_replaceable(folder)?;
    let filling = Filling::create(&place)?;
    fill(&filling.path)?;
    Manifest::of_synced(&filling.path)?.write_synced(&filling.path)?;
    filling.take_name_of(folder, &place)
}

/// Checks that a folder can be made, written in and renamed in: before a run that will need it.
///
/// # Errors
/// [`ErrorKind::Io`] with what the system says.
pub fn check_writable(output_dir: &Path) -> Result<()> {
    let refuse = |error| {
        Error::io("save in", output_dir, error).help("choose another `output_dir`, or change who may write there")
    };
    if let Some(file) = output_dir.ancestors().find(|path| path.is_file()) {
        let what = if file == output_dir { "it".to_owned() } else { format!("`{}`", file.display()) };
        return Err(Error::new(ErrorKind::Io, format!("cannot save in `{}`: {what} is a file", output_dir.display()))
            .help("choose another `output_dir`, or move the file"));
    }
    fs::create_dir_all(output_dir).map_err(refuse)?;
    let place = Place { parent: output_dir, name: "trial" };
    let (before, after) = (Stage::Filling.path(&place), Stage::Deleted.path(&place));
    let tried = fs::create_dir(&before)
        .and_then(|()| fs::write(before.join("trial"), b"trial"))
        .and_then(|()| fs::rename(&before, &after));
    let removed = [&before, &after].map(|path| if path.exists() { fs::remove_dir_all(path) } else { Ok(()) });
    tried.and(removed.into_iter().collect()).map_err(refuse)
}

/// A folder that is being filled; it goes when this does, unless it has taken its name.
struct Filling {
    path: PathBuf,
    /// Says to other processes that this one lives; the system ends it with the process.
    _lock: Option<File>,
}

impl Filling {
    fn create(place: &Place<'_>) -> Result<Self> {
        loop {
            let path = Stage::Filling.path(place);
            match fs::create_dir(&path) {
                Ok(()) => {}
                // An earlier process had the same number and was killed.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(Error::io("create", &path, error)),
            }
            let lock = lock(&path);
            // Between these two lines another process may have taken it for a leftover.
            if !matches!(lock, Err(Lock::Held)) && path.is_dir() {
                return Ok(Self { path, _lock: lock.ok() });
            }
        }
    }

    fn take_name_of(self, folder: &Path, place: &Place<'_>) -> Result<()> {
        let replaced = Stage::Replaced.path(place);
        let has_older = folder.exists();
        let _lock = has_older.then(|| lock(folder));
        if has_older {
            fs::rename(folder, &replaced).map_err(|error| Error::io("replace", folder, error))?;
        }
        if let Err(error) = fs::rename(&self.path, folder) {
            if has_older {
                // What was there comes back; if even that is refused, the next write brings it back.
                let _ = fs::rename(&replaced, folder);
            }
            return Err(Error::io("write", folder, error));
        }
        sync_folder(place.parent)?;
        if has_older {
            fs::remove_dir_all(&replaced).map_err(|error| Error::io("delete", &replaced, error))?;
        }
        Ok(())
    }
}

impl Drop for Filling {
    fn drop(&mut self) {
        if self.path.exists() {
            // The error that brought us here says more than one about its traces, which the next write removes.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// Why a folder cannot be locked.
pub(super) enum Lock {
    /// A living process holds it.
    Held,
    /// The system has no locks on folders here.
    Unknown,
}

/// Says to other processes that this one has a folder in hand, for as long as the answer lives.
pub(super) fn lock(folder: &Path) -> Result<File, Lock> {
    let opened = File::open(folder).map_err(|_| Lock::Unknown)?;
    match opened.try_lock() {
        Ok(()) => Ok(opened),
        Err(TryLockError::WouldBlock) => Err(Lock::Held),
        Err(TryLockError::Error(_)) => Err(Lock::Unknown),
    }
}

/// Removes what killed processes left in a folder, and gives a checkpoint that was just being replaced its name back.
pub(super) fn remove_leftovers(parent: &Path) -> Result<()> {
    let unreadable = |error| Error::io("read", parent, error);
    for entry in fs::read_dir(parent).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let (hidden, path) = (entry.file_name(), entry.path());
        let Some((original, stage)) = hidden.to_str().and_then(Stage::parse) else { continue };
        let lock = lock(&path);
        let is_abandoned = match &lock {
            Ok(_) => path.is_dir(),
            Err(Lock::Held) => false,
            Err(Lock::Unknown) => age(&path).is_some_and(|age| age > ABANDONED_AFTER),
        };
        if !is_abandoned {
            continue;
        }
        let original = parent.join(original);
        if stage == Stage::Replaced && !original.exists() {
            fs::rename(&path, &original).map_err(|error| Error::io("restore", &original, error))?;
        } else {
            fs::remove_dir_all(&path).map_err(|error| Error::io("delete", &path, error))?;
        }
    }
    Ok(())
}

fn age(path: &Path) -> Option<Duration> {
    fs::metadata(path).ok()?.modified().ok()?.elapsed().ok()
}

/// Refuses to replace a folder in which someone else has put files.
fn check_replaceable(folder: &Path) -> Result<()> {
    let refuse = |what: String| {
        Err(Error::new(ErrorKind::Checkpoint, format!("`{}` {what}", folder.display()))
            .help("choose a new folder, or move what is there"))
    };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => return refuse("is a file".to_owned()),
        Err(error) => return Err(Error::io("read", folder, error)),
    };
    if step_of(folder).is_some() {
        return Ok(());
    }
    let manifest = Manifest::read(folder).ok();
    for entry in entries {
        let name = entry.map_err(|error| Error::io("read", folder, error))?.file_name();
        let is_ours = manifest.as_ref().zip(name.to_str()).is_some_and(|(manifest, name)| manifest.counts(name));
        if !is_ours {
            return refuse(format!("holds `{}`, which was not saved by this program", name.to_string_lossy()));
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "write_tests.rs"]
mod tests;
