//! The derive and attribute macros of `trainer-core`, which re-exports them: depend on that crate.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[allow(dead_code, reason = "the macros that use it follow in their own commits")]
mod diagnostics;
