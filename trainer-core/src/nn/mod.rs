//! Layers that train: twins of candle's whose fused forms have a backward.
//!
//! What comes in: tensors and a [`VarBuilder`](candle_nn::VarBuilder) over
//! [`Parameters`](crate::tensor::params::Parameters). What goes out: tensors that gradients flow through. In candle 0.11
//! `LayerNorm`, `RmsNorm`, `softmax_last_dim` and `rope` are applied without a backward, so that everything before them
//! silently gets no gradient; build heads and models of your own from these.

mod activation;
mod dropout;
mod embedding;
#[cfg(test)]
pub(crate) mod gradient_check;
pub(crate) mod kept;
mod layer_norm;
mod linear;
mod low_rank;
mod product;
mod rms_norm;
mod rope;
pub(crate) mod slices;
mod softmax;
pub(crate) mod weight;

pub use activation::activate;
pub use dropout::Dropout;
pub(crate) use dropout::Mask;
pub use embedding::{Embedding, embedding};
pub use layer_norm::{LayerNorm, layer_norm};
pub use linear::{Linear, linear, linear_without_bias};
pub(crate) use linear::{LinearLayers, linear_in_parts};
pub(crate) use low_rank::{LowRank, LowRankSettings};
pub use rms_norm::{RmsNorm, rms_norm};
pub use rope::rope;
pub use softmax::{log_softmax, softmax};
