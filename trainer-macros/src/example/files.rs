//! The data files that the struct names, looked at.

use std::path::Path;

use syn::LitStr;

use super::check::Plan;
use super::role::Role;
use crate::diagnostics::Errors;
use crate::inspect::{self, Extent, Seen};

/// A data file of the struct.
pub(super) struct Looked<'a> {
    /// The key that names it.
    pub(super) key: &'static str,
    /// Its path, as it is written.
    pub(super) path: &'a LitStr,
    /// Where it is, if it is there and small enough to be watched for changes.
    pub(super) tracked: Option<String>,
    /// Where its summary is, if there is one.
    pub(super) summary: Option<String>,
    /// What was seen in it; nothing if it cannot be read, or nobody looked.
    pub(super) seen: Option<Seen>,
}

/// The largest file that is watched for changes, in bytes: the compiler reads as much at every build.
const TRACKED: u64 = 16 << 20;

/// Looks at every data file; what is a mistake whatever the fields' types are is noted at its path.
pub(super) fn look<'a>(plan: &'a Plan, errors: &mut Errors) -> Vec<Looked<'a>> {
    let asked = plan.extent;
    if asked == Extent::Off {
        return Vec::new();
    }
    let columns: Vec<(String, Role)> = plan.columns.iter().map(|column| (column.from.clone(), column.role)).collect();
    plan.files()
        .filter_map(|(key, path)| {
            let at = inspect::package_root(path.span())?.join(path.value());
            let mut looked =
                Looked { key, path, tracked: tracked(&at), summary: tracked(&inspect::summary_of(&at)), seen: None };
            if asked.in_force() != Extent::Off {
                match inspect::look(&path.value(), &at, asked, &columns) {
                    Ok(seen) => {
                        note_mistakes(&seen, path, errors);
                        looked.seen = Some(seen);
                    }
                    Err(error) => errors.add(path.span(), error.to_string(), ""),
                }
            }
            Some(looked)
        })
        .collect()
}

fn tracked(path: &Path) -> Option<String> {
    let size = path.metadata().ok().filter(std::fs::Metadata::is_file)?.len();
    (size <= TRACKED).then(|| path.to_str().map(str::to_owned)).flatten()
}

fn note_mistakes(seen: &Seen, path: &LitStr, errors: &mut Errors) {
    for mistake in &seen.mistakes {
        let more = match mistake.rows - 1 {
            0 => String::new(),
            1 => "\nhelp: 1 more row is like it".to_owned(),
            more => format!("\nhelp: {more} more rows are like it"),
        };
        errors.add(path.span(), format!("{}{more}", mistake.error), "");
    }
}
