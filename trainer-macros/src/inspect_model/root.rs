//! Where paths in attributes begin.

use std::path::{Path, PathBuf};

use proc_macro2::Span;

/// The folder of the package that the tokens at `span` are written in: the nearest one with a `Cargo.toml`.
///
/// An editor may not say which file it expands, and then Cargo's word counts.
pub(super) fn package_root(span: Span) -> Option<PathBuf> {
    let source = proc_macro::is_available().then(|| span.unwrap().local_file()).flatten();
    let declared = || std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    source.and_then(|source| package_of(&source)).or_else(declared)
}

fn package_of(source: &Path) -> Option<PathBuf> {
    // The compiler may say the path from its own working directory.
    let source = source.canonicalize().ok()?;
    source.ancestors().skip(1).find(|folder| folder.join("Cargo.toml").is_file()).map(Path::to_path_buf)
}
