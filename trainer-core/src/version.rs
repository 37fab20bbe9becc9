//! Whether the macros are those of this version.
//!
//! What comes in: the version that the macros say of themselves, in a constant beside every item that they expand. What
//! goes out: a verdict. A crate that depends on `trainer-core` alone has macros of the same version; one that names
//! `trainer-macros` too can have others, whose code would be refused for reasons that nobody could guess.

use crate::args::rules::{Verdict, Words, same};

/// The version of this crate.
const CORE: &str = env!("CARGO_PKG_VERSION");

/// The macros are those that this version of the core was made with.
///
/// ```compile_fail,E0080
/// const _: () = trainer_core::train::checks::accept(trainer_core::version::macros_are("0.0.1"));
/// ```
pub const fn macros_are(version: &str) -> Verdict {
    if same(version, CORE) {
        return Verdict::Accepted;
    }
    let message = Words::new()
        .then("`trainer-macros` ")
        .then(version)
        .then(" was used with `trainer-core` ")
        .then(CORE)
        .then(", but they go together only in the same version");
    let help = Words::new()
        .then("depend on `trainer-core` alone, which brings its macros; or `cargo update -p trainer-macros --precise ")
        .then(CORE)
        .then("`");
    Verdict::refused(message, help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::rules::accept;

    #[test]
    fn macros_of_the_same_version_are_accepted() {
        const VERDICT: Verdict = macros_are(env!("CARGO_PKG_VERSION"));
        assert!(VERDICT.is_accepted());
    }

    #[test]
    fn macros_of_another_version_are_refused_with_both_versions_and_what_to_do() {
        let Verdict::Refused { message, help } = macros_are("0.0.1") else { panic!("0.0.1 was accepted") };
        let said = format!(
            "`trainer-macros` 0.0.1 was used with `trainer-core` {CORE}, but they go together only in the same version"
        );
        assert_eq!(message.as_str(), said);
        let write = format!(
            "depend on `trainer-core` alone, which brings its macros; or `cargo update -p trainer-macros --precise {CORE}`"
        );
        assert_eq!(help.as_str(), write);
    }

    #[test]
    #[should_panic(expected = "`trainer-macros` 99.0.0 was used with `trainer-core`")]
    fn the_compiler_stops_at_macros_of_another_version() {
        accept(macros_are("99.0.0"));
    }
}
