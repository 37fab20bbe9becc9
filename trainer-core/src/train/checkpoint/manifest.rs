//! The manifest of a folder: each file's size and hash.
//!
//! In: a folder. Out: its `manifest.json`, and later whether each file is still what was saved.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::{Error, ErrorKind, Result};

/// The name of the manifest in its folder.
pub const MANIFEST_FILE: &str = "manifest.json";

/// The shape of the manifest that this crate writes and reads.
const FORMAT: u32 = 1;

/// Each file of a folder, by its path in it, with `/` on every system.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Manifest {
    format: u32,
    files: BTreeMap<String, FileEntry>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct FileEntry {
    /// In bytes.
    size: u64,
    /// In hexadecimal digits.
    sha256: String,
}

impl Manifest {
    /// Hashes every file of a folder, and has the system put each on the disk.
    ///
    /// Refuses links and whatever else is no plain file, because a rename would not carry what they stand for.
    pub(super) fn of_synced(folder: &Path) -> Result<Self> {
        let mut files = BTreeMap::new();
        collect(folder, "", &mut files)?;
        Ok(Self { format: FORMAT, files })
    }

    /// Writes `manifest.json`, and has the system put it and the folder on the disk.
    pub(super) fn write_synced(&self, folder: &Path) -> Result<()> {
        let path = folder.join(MANIFEST_FILE);
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| Error::new(ErrorKind::Checkpoint, format!("cannot write a manifest: {error}")))?;
        fs::write(&path, text + "\n")
            .and_then(|()| sync_file(&path))
            .map_err(|error| Error::io("write", &path, error))?;
        sync_folder(folder)
    }

    /// Reads the manifest of a folder.
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(MANIFEST_FILE);
        let text = fs::read_to_string(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => torn(folder, "has no `manifest.json`"),
            _ => Error::io("read", &path, error),
        })?;
        let manifest: Self = serde_json::from_str(&text)
            .map_err(|error| torn(folder, &format!("has a damaged `manifest.json`: {error}")))?;
        if manifest.format != FORMAT {
            let message = format!("`{}` has a manifest of format {}", folder.display(), manifest.format);
            return Err(
                Error::new(ErrorKind::Checkpoint, message).help("it is of a newer version of this crate: use that")
            );
        }
        Ok(manifest)
    }

    /// Whether the folder's manifest counts a file of this name, at its top or below a folder of that name.
    pub(super) fn counts(&self, name: &str) -> bool {
        name == MANIFEST_FILE
            || self
                .files
                .keys()
                .any(|path| path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
    }
}

/// Compares every file of a folder with its manifest. Files that the manifest does not count are left alone.
///
/// # Errors
/// [`ErrorKind::Checkpoint`] with the first file that is missing, cut off or changed, or for a folder without a manifest.
pub fn verify(folder: &Path) -> Result<()> {
    for (name, entry) in &Manifest::read(folder)?.files {
        let path = path_in(folder, name)?;
        let size = match fs::metadata(&path) {
            Ok(metadata) if metadata.is_file() => metadata.len(),
            Ok(_) => return Err(torn(folder, &format!("has a folder in place of the file `{name}`"))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(torn(folder, &format!("lacks the file `{name}`")));
            }
            Err(error) => return Err(Error::io("read", &path, error)),
        };
        if size < entry.size {
            return Err(torn(folder, &format!("has only {size} of the {} bytes of `{name}`", entry.size)));
        }
        if size > entry.size || hash(&path).map_err(|error| Error::io("read", &path, error))? != entry.sha256 {
            return Err(torn(folder, &format!("has another `{name}` than was saved")));
        }
    }
    Ok(())
}

fn torn(folder: &Path, what: &str) -> Error {
    Error::new(ErrorKind::Checkpoint, format!("`{}` {what}", folder.display()))
        .help("it was not saved to its end, or changed since: take another checkpoint")
}

/// The path of a file that a manifest names, which must not lead out of its folder.
fn path_in(folder: &Path, name: &str) -> Result<PathBuf> {
    let inside = Path::new(name);
    if name.is_empty() || !inside.components().all(|part| matches!(part, Component::Normal(_))) {
        return Err(torn(folder, &format!("has a manifest that names `{name}`, which is not in it")));
    }
    Ok(folder.join(inside))
}

fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, FileEntry>) -> Result<()> {
    let unreadable = |error| Error::io("read", folder, error);
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let (path, kind) = (entry.path(), entry.file_type().map_err(unreadable)?);
        let Ok(name) = entry.file_name().into_string() else {
            return Err(not_plain(&path, "has a name that is not UTF-8"));
        };
        let name = format!("{prefix}{name}");
        if kind.is_dir() {
            collect(&path, &format!("{name}/"), files)?;
            sync_folder(&path)?;
        } else if !kind.is_file() {
            return Err(not_plain(&path, "is a link or a device"));
        } else if name == MANIFEST_FILE {
            return Err(not_plain(&path, "has the name of the manifest"));
        } else {
            let read = sync_file(&path).and_then(|()| Ok((fs::metadata(&path)?.len(), hash(&path)?)));
            let (size, sha256) = read.map_err(|error| Error::io("write", &path, error))?;
            files.insert(name, FileEntry { size, sha256 });
        }
    }
    Ok(())
}

fn not_plain(path: &Path, why: &str) -> Error {
    Error::new(ErrorKind::Checkpoint, format!("`{}` {why}, and cannot be saved", path.display()))
        .help("save plain files and folders, under names of their own")
}

/// The SHA-256 of a file, in hexadecimal digits.
fn hash(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 18];
    loop {
        let count = match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hasher.update(&buffer[..count]);
    }
    Ok(hasher.finalize().iter().fold(String::with_capacity(64), |hex, byte| hex + &format!("{byte:02x}")))
}

/// Has the system put a file's content on the disk; some systems need it open for writing, some files allow reading only.
fn sync_file(path: &Path) -> io::Result<()> {
    OpenOptions::new().read(true).write(true).open(path).or_else(|_| File::open(path))?.sync_all()
}

/// Has the system put the names in a folder on the disk, where it has a call for that.
pub(super) fn sync_folder(folder: &Path) -> Result<()> {
    if cfg!(unix) {
        File::open(folder).and_then(|opened| opened.sync_all()).map_err(|error| Error::io("sync", folder, error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("adapter")).unwrap();
        fs::write(folder.path().join("adapter/a.bin"), "abc").unwrap();
        fs::write(folder.path().join("config.json"), "{}").unwrap();
        Manifest::of_synced(folder.path()).unwrap().write_synced(folder.path()).unwrap();
        folder
    }

    #[test]
    fn a_manifest_holds_the_size_and_hash_of_every_file() {
        let folder = saved();
        verify(folder.path()).unwrap();
        let manifest = Manifest::read(folder.path()).unwrap();
        let entry = &manifest.files["adapter/a.bin"];
        assert_eq!(entry.size, 3);
        assert_eq!(entry.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert!(manifest.counts("adapter") && manifest.counts("config.json") && !manifest.counts("adapt"));
    }

    #[test]
    fn a_file_that_is_missing_cut_off_or_changed_is_named() {
        type Damage = fn(&Path);
        let damages: [(Damage, &str); 5] = [
            (
                |folder| fs::write(folder.join("adapter/a.bin"), "ab").unwrap(),
                "only 2 of the 3 bytes of `adapter/a.bin`",
            ),
            (|folder| fs::write(folder.join("adapter/a.bin"), "abd").unwrap(), "another `adapter/a.bin`"),
            (|folder| fs::remove_file(folder.join("config.json")).unwrap(), "lacks the file `config.json`"),
            (|folder| fs::remove_file(folder.join(MANIFEST_FILE)).unwrap(), "no `manifest.json`"),
            (|folder| fs::write(folder.join(MANIFEST_FILE), "{\"form").unwrap(), "damaged `manifest.json`"),
        ];
        for (damage, named) in damages {
            let folder = saved();
            damage(folder.path());
            let error = verify(folder.path()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Checkpoint);
            assert!(error.message().contains(named), "{error}");
        }
    }

    #[test]
    fn a_manifest_leads_nowhere_else() {
        let folder = saved();
        let text = r#"{"format": 1, "files": {"../secret": {"size": 1, "sha256": ""}}}"#;
        fs::write(folder.path().join(MANIFEST_FILE), text).unwrap();
        assert!(verify(folder.path()).unwrap_err().message().contains("../secret"));
    }

    #[test]
    #[cfg(unix)]
    fn a_link_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/nowhere", folder.path().join("model.safetensors")).unwrap();
        assert!(Manifest::of_synced(folder.path()).unwrap_err().message().contains("is a link"));
    }
}
