//! What everything computes with: randomness, named parameters, and kernels on slices.

pub mod params;
pub mod random;
