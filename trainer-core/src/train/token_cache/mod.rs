//! Encoded data sets on disk, so that a second start does not tokenise the same texts again.
//!
//! In: what is tokenised and by what, as a key; the encodings of a data set. Out: the encodings as they were, if they are kept.
//! Entries that are damaged count as absent and are said and replaced; a folder that cannot be written is said and never
//! stops a run. Entries that nobody used for a month go, and the oldest as long as all together are too large.
//!
//! The folder: `TRAINER_CACHE` (`off` keeps nothing), else `trainer` in `HF_HOME`, in `XDG_CACHE_HOME`, or in `~/.cache`, the
//! first that is there.

mod entry;
mod key;

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

pub(super) use key::{Key, key_of, texts};

use super::encode::Cut;
use crate::text::Encoding;

/// Texts of less are tokenised about as fast as one would notice, and would only fill the disk: bytes.
const WORTH_KEEPING: usize = 2 << 20;

/// How long an entry is kept that nobody uses.
const UNUSED: Duration = Duration::from_hours(30 * 24);

/// Bytes of all entries together.
const MOST_BYTES: u64 = 8 << 30;

/// How old a file is that a run which did not end has left half written.
const ABANDONED: Duration = Duration::from_hours(24);

const ENTRY: &str = "tokens";
const HALF_WRITTEN: &str = "partial";

/// A folder of encoded data sets.
#[derive(Clone, Debug)]
pub(crate) struct TokenCache {
    folder: PathBuf,
    worth_keeping: usize,
    most_bytes: u64,
}

impl TokenCache {
    /// The one that the environment names; `None` if it is turned off or there is nowhere to keep anything.
    pub(crate) fn of_the_environment() -> Option<Self> {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        Some(Self { folder: folder(set, std::env::home_dir())?, worth_keeping: WORTH_KEEPING, most_bytes: MOST_BYTES })
    }

    /// One in a folder of its own.
    #[cfg(test)]
    pub(super) fn at(folder: &Path, worth_keeping: usize) -> Self {
        Self { folder: folder.to_path_buf(), worth_keeping, most_bytes: 1 << 20 }
    }

    /// Bytes of texts from which on encodings are kept.
    pub(super) fn worth_keeping(&self) -> usize {
        self.worth_keeping
    }

    /// The encodings of `rows` rows that are kept under `key`, each with whether its text was cut; `None` if there are none.
    pub(super) fn read(&self, key: &Key, rows: usize) -> Option<Vec<(Encoding, Cut)>> {
        let path = self.path(key);
        let bytes = fs::read(&path).ok()?;
        let read = entry::decode(&bytes, key).filter(|encodings| encodings.len() == rows);
        if read.is_none() {
            crate::note(format!("{} is damaged: the texts are tokenised again", path.display()));
        } else if let Ok(file) = File::options().append(true).open(&path) {
            // When it was last used; a folder that may only be read keeps the old time.
            let _ = file.set_modified(SystemTime::now());
        }
        read
    }

    /// Keeps encodings; says so if that cannot be.
    pub(super) fn write<'a>(&self, key: &Key, encodings: impl Iterator<Item = (&'a Encoding, Cut)> + Clone) {
        let Some(bytes) = entry::encode(encodings, key, self.most_bytes) else {
            return;
        };
        let path = self.path(key);
        match self.put(&path, &bytes) {
            Ok(()) => self.sweep(&path),
            Err(source) => crate::note(format!(
                "the tokens are not kept for the next start: cannot write `{}`: {source}; `TRAINER_CACHE` names another \
                 folder, or is `off`",
                path.display()
            )),
        }
    }

    fn path(&self, key: &Key) -> PathBuf {
        self.folder.join(format!("{}.{ENTRY}", key.hexadecimal()))
    }

    /// Writes beside the place and renames, so that an entry is whole or not there, whoever else writes it.
    fn put(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        static WRITTEN: AtomicU64 = AtomicU64::new(0);
        create_private(&self.folder)?;
        let own = format!("{}-{}.{HALF_WRITTEN}", std::process::id(), WRITTEN.fetch_add(1, Ordering::Relaxed));
        let beside = path.with_extension(own);
        let written = File::create(&beside).and_then(|mut file| file.write_all(bytes));
        let renamed = written.and_then(|()| fs::rename(&beside, path));
        if renamed.is_err() {
            let _ = fs::remove_file(&beside);
        }
        renamed
    }

    /// Removes what is old, then the oldest until the rest is small enough. What cannot be removed stays.
    fn sweep(&self, newest: &Path) {
        let Ok(folder) = fs::read_dir(&self.folder) else { return };
        let mut kept = Vec::new();
        for file in folder.flatten() {
            let (path, Ok(metadata)) = (file.path(), file.metadata()) else { continue };
            let age = metadata.modified().ok().and_then(|time| time.elapsed().ok()).unwrap_or_default();
            let most = match path.extension().and_then(|extension| extension.to_str()) {
                Some(ENTRY) => UNUSED,
                Some(HALF_WRITTEN) => ABANDONED,
                _ => continue,
            };
            if age > most {
                let _ = fs::remove_file(&path);
            } else if path != newest {
                kept.push((age, metadata.len(), path));
            }
        }
        let mut bytes: u64 = fs::metadata(newest).map_or(0, |metadata| metadata.len());
        kept.sort();
        for (_, length, path) in kept {
            bytes += length;
            if bytes > self.most_bytes {
                let _ = fs::remove_file(path);
            }
        }
    }
}

/// What holds the tokens of one's texts is for oneself to read.
fn create_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn folder(set: impl Fn(&str) -> Option<std::ffi::OsString>, home: Option<PathBuf>) -> Option<PathBuf> {
    let own = set("TRAINER_CACHE");
    if own.as_ref().is_some_and(|own| ["off", "false", "no", "0"].iter().any(|off| own.eq_ignore_ascii_case(off))) {
        return None;
    }
    let of_all = || {
        let of_user = || set("XDG_CACHE_HOME").map(PathBuf::from).or_else(|| Some(home?.join(".cache")));
        Some(set("HF_HOME").map(PathBuf::from).or_else(of_user)?.join("trainer"))
    };
    Some(own.map(PathBuf::from).or_else(of_all)?.join("tokens"))
}

#[cfg(test)]
mod tests;
