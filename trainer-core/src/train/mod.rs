//! The trainer: what a struct under `#[trainer]` is made of, and the checks between its parts.

pub mod checks;
