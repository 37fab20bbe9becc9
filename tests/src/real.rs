//! Where tests on real models and texts find them. These are not part of the repository: what is missing is said, and the test
//! passes over it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The folder of texts `shared/data` beside the repository, if it is there.
pub fn texts() -> Option<PathBuf> {
    beside("data")
}

/// The folder of a tokenizer in `shared/models` beside the repository, if it is there.
pub fn tokenizer(name: &str) -> Option<PathBuf> {
    beside("models").map(|folder| folder.join(name)).filter(|folder| folder.is_dir())
}

/// The file or folder that a variable of the environment names, if it is there.
pub fn named(variable: impl AsRef<OsStr>) -> Option<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from).filter(|path| path.exists())
}

fn beside(name: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(name);
    folder.is_dir().then_some(folder)
}

/// The first `count` lines of a file, in a file of their own.
///
/// # Panics
/// If one cannot be read or the other not be written.
pub fn first_lines(from: &Path, count: usize, to: &Path) {
    let text = std::fs::read_to_string(from).expect("the texts can be read");
    let kept: Vec<&str> = text.lines().take(count).collect();
    std::fs::write(to, kept.join("\n")).expect("the folder can be written");
}

/// A line of what the system says of this process, such as `VmHWM`, the most memory that it had, in bytes; `None` where the
/// system has no such file.
pub fn memory_of_this_process(line: &str) -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let found = status.lines().find_map(|found| found.strip_prefix(line)?.strip_prefix(':'))?;
    found.split_whitespace().next()?.parse::<usize>().ok().map(|kibibytes| kibibytes * 1024)
}
