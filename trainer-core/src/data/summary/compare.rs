//! Whether a data file is the one that its committed summary was written from.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::fingerprint::Fingerprint;
use super::{EXTENSION, VERSION, committed};

/// In what way `data` is another file than its summary was written from, if there is a summary and it is.
pub(in super::super) fn difference(data: &Path, file: &str, manifest_dir: &str) -> Option<String> {
    let places: [PathBuf; 2] = [committed(file, manifest_dir), data.with_extension(EXTENSION)];
    let summary = places.iter().find(|place| place.is_file())?;
    let shown = summary.display();
    let Some(written) = fingerprint(summary) else {
        return Some(format!("`{shown}` is no summary that this version reads"));
    };
    let bytes = data.metadata().ok()?.len();
    if bytes != written.bytes {
        let (data, then) = (data.display(), written.bytes);
        return Some(format!("`{data}` has {bytes} bytes, but `{shown}` was written when it had {then}"));
    }
    let now = Fingerprint::of(data).ok()?;
    (now.sha256 != written.sha256)
        .then(|| format!("`{}` has another content than when `{shown}` was written", data.display()))
}

fn fingerprint(summary: &Path) -> Option<Fingerprint> {
    let written: Value = serde_json::from_slice(&std::fs::read(summary).ok()?).ok()?;
    if written.get("version")?.as_u64()? != VERSION {
        return None;
    }
    Some(Fingerprint { bytes: written.get("bytes")?.as_u64()?, sha256: written.get("sha256")?.as_str()?.to_owned() })
}
