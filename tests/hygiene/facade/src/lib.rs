//! A crate that hands the core on, as a company's own crate of crates does.

/// Crates for others to use.
pub mod reexport {
    pub use trainer_core;
}
