//! Values in fewer bits, which linear layers keep as they are, and which are no parameters.

use std::collections::BTreeMap;
use std::sync::Arc;

use candle_core::quantized::QTensor;
use candle_core::{DType, Device, Shape, Tensor};

use super::{Parameters, same_shape};

/// A value in fewer bits, and whether a layer has asked for it.
pub(super) struct Packed {
    pub(super) value: Arc<QTensor>,
    pub(super) is_asked_for: bool,
}

impl Packed {
    /// What the builder hands to the layer that asks: of the shape of the value, with one number. The layer finds the value
    /// where the tensor comes from.
    pub(super) fn stand_in(&mut self, name: &str, shape: Shape) -> candle_core::Result<Tensor> {
        same_shape(name, &shape, self.value.shape())?;
        self.is_asked_for = true;
        Tensor::zeros(1, DType::F32, &Device::Cpu)?.broadcast_as(shape)
    }
}

impl Parameters {
    /// The same, where linear layers that ask for these names keep the values in fewer bits.
    pub(crate) fn with_packed(self, packed: BTreeMap<String, Arc<QTensor>>) -> Self {
        let not_asked_for = |value| Packed { value, is_asked_for: false };
        self.table().packed = packed.into_iter().map(|(name, value)| (name, not_asked_for(value))).collect();
        self
    }
}
