//! What everything computes with: randomness, named parameters, and kernels on slices.

pub mod decay;
pub mod gradients;
pub(crate) mod kernels;
pub mod mersenne_twister;
pub(crate) mod origin;
pub mod params;
pub mod random;

pub use kernels::activation::Activation;
