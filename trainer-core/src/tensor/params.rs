//! Parameters, ordered by name.
//!
//! What comes in: requests of layers for a tensor of a name and shape, through candle's `VarBuilder`. What goes out: the
//! same variables in the order of their names, for the optimiser, for checkpoints and for the proof that each has a
//! gradient.

use std::collections::BTreeMap;

use candle_core::{Tensor, Var};

/// One parameter of a model.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its full name, as in `model.safetensors`.
    pub name: String,
    /// Its value; layers hold tensors that share its storage.
    pub variable: Var,
    /// Whether weight decay applies: not to biases, nor to scales of norms.
    pub decays: bool,
    /// Whether it is trained; a frozen parameter has no gradient and no optimiser state.
    pub trainable: bool,
}

/// The parameters of a model, ordered by name.
#[derive(Clone, Debug, Default)]
pub struct Parameters {}

/// The gradient of each trained parameter, by its name.
pub type Gradients = BTreeMap<String, Tensor>;
