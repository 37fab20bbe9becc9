//! Weights that a family's files hold the other way round.
//!
//! What comes in: tensors as a file holds them, or as the model does. What goes out: the other. A model keeps every weight as
//! `[outputs, inputs]`; files of GPT-2 hold those of its blocks as `[inputs, outputs]`.

use std::collections::{BTreeMap, BTreeSet};

use candle_core::Tensor;

use crate::error::Result;
use crate::tensor::params::Parameters;

/// The names of the parameters that files hold transposed, kept beside the parameters.
#[derive(Clone, Debug, Default)]
pub(super) struct Transposed(pub(super) BTreeSet<String>);

impl Transposed {
    /// The tensor of this name as the other side has it.
    pub(super) fn turned(&self, name: &str, value: &Tensor) -> Result<Tensor> {
        if self.0.contains(name) && value.rank() == 2 { Ok(value.t()?.contiguous()?) } else { Ok(value.clone()) }
    }

    /// Whether the weight of the layer of this name is held transposed.
    pub(super) fn has_layer(&self, layer: &str) -> bool {
        self.0.contains(&format!("{layer}.weight"))
    }

    /// Those of a model; none in most families.
    pub(super) fn of(parameters: &Parameters) -> Self {
        parameters.attached().unwrap_or_default()
    }
}

/// Values of a model's parameters, by name, as its files hold them; or those of files, as the model does.
pub(super) fn turned(parameters: &Parameters, values: BTreeMap<String, Tensor>) -> Result<BTreeMap<String, Tensor>> {
    let transposed = Transposed::of(parameters);
    let turned = |(name, value): (String, Tensor)| {
        let value = transposed.turned(&name, &value)?;
        Ok((name, value))
    };
    values.into_iter().map(turned).collect()
}
