//! Files that are written from the source, and stand in the repository to be read.

use std::fs;
use std::path::Path;

/// Fails if the file is not `text`; with `TRAINER_BLESS=1` it becomes it. The path is from the folder of this crate.
pub(super) fn is_up_to_date(path: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let found = fs::read_to_string(&path).unwrap_or_default();
    if found == text {
        return;
    }
    if std::env::var_os("TRAINER_BLESS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        return;
    }
    let line = found.lines().zip(text.lines()).take_while(|(found, expected)| found == expected).count();
    panic!(
        "{}:{}: not what it is written from\nhelp: TRAINER_BLESS=1 cargo test -p trainer-macros --lib, and read the \
         difference\nfound:    {}\nexpected: {}",
        path.display(),
        line + 1,
        found.lines().nth(line).unwrap_or_default(),
        text.lines().nth(line).unwrap_or_default(),
    );
}
