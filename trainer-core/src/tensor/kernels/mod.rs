//! Arithmetic on slices: what comes in are plain slices of numbers, what goes out is written into slices or returned.
//!
//! Nothing here knows a tensor, a batch or a model. Work is split into pieces of a fixed size, so that the result does
//! not depend on the number of threads.

pub(crate) mod optimizer;
