//! What everything computes with: randomness, named parameters, kernels on slices, and threads.

pub mod decay;
pub mod gradients;
pub(crate) mod kernels;
pub mod mersenne_twister;
pub(crate) mod origin;
pub mod params;
pub mod random;
pub(crate) mod threads;
pub(crate) mod way;

pub use kernels::activation::Activation;
