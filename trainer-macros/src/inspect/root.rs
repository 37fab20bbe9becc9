//! Where the files that an attribute names are.

use std::path::{Path, PathBuf};

use proc_macro2::Span;

/// The folder of the package whose source the span is in: the nearest folder above it with a `Cargo.toml`.
///
/// An editor may not say which file it expands, and then Cargo's word counts. The working directory never does: it is the
/// workspace's under Cargo and the package's in an editor.
pub(crate) fn package_root(span: Span) -> Option<PathBuf> {
    let source = proc_macro::is_available().then(|| span.unwrap().local_file()).flatten();
    let declared = || std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    source.and_then(|source| package_of(&source)).or_else(declared)
}

fn package_of(source: &Path) -> Option<PathBuf> {
    // The compiler may say the path from its own working directory.
    let source = source.canonicalize().ok()?;
    source.ancestors().skip(1).find(|folder| folder.join("Cargo.toml").is_file()).map(Path::to_path_buf)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_of_a_source_file_is_the_nearest_folder_with_a_manifest() {
        let manifest_dir = Path::new(env!("CARGO_MANIFEST_DIR"));
        let found = package_of(&manifest_dir.join("src/inspect/root.rs"));
        assert_eq!(found, manifest_dir.canonicalize().ok());
        assert_eq!(package_of(Path::new("/no/such/file.rs")), None);
    }
}
