//! Weights that are kept in fewer bits as they are read, so that the model never is in memory as a whole.
//!
//! What comes in: tensors by their names in the model, one after the other. What goes out: those of linear layers inside of
//! blocks in fewer bits, and the others as they are.

use std::collections::BTreeMap;
use std::sync::Arc;

use candle_core::quantized::QTensor;
use candle_core::{DType, Tensor};

use super::peft::{Bits, InFewerBits, Module};
use crate::error::{Error, ErrorKind, Result};
use crate::nn::LinearLayers;
use crate::nn::kept::Kept;
use crate::tensor::params::Parameters;

/// What is kept in fewer bits.
#[derive(Debug)]
pub(super) struct Packing {
    bits: Bits,
    modules: &'static [Module<'static>],
    packed: BTreeMap<String, Arc<QTensor>>,
}

impl Packing {
    /// Of a model with these modules.
    pub(super) fn new(bits: Bits, modules: &'static [Module<'static>]) -> Self {
        Self { bits, modules, packed: BTreeMap::new() }
    }

    /// Keeps a tensor in fewer bits if it is the weight of a linear layer inside of a block; gives any other back.
    pub(super) fn take(&mut self, name: &str, value: Tensor) -> Result<Option<Tensor>> {
        let Some(module) = name.strip_suffix(".weight") else { return Ok(Some(value)) };
        let is_linear = self.modules.iter().any(|known| known.is_target() && known.is_named(module));
        let fits = value.rank() == 2 && value.dim(1)?.is_multiple_of(self.bits.format().block_size());
        if !is_linear || !fits {
            return Ok(Some(value));
        }
        let packed = QTensor::quantize(&value.to_dtype(DType::F32)?, self.bits.format())?;
        self.packed.insert(name.to_owned(), Arc::new(packed));
        Ok(None)
    }

    /// Parameters whose linear layers keep these weights.
    pub(super) fn given_to(&self, parameters: Parameters) -> Parameters {
        parameters.with_packed(self.packed.clone())
    }

    /// Says beside a model's parameters what it keeps in fewer bits, once its layers are made.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] for a weight that is of no linear layer alone.
    pub(super) fn note(&self, parameters: &Parameters) -> Result<()> {
        let layers: LinearLayers = parameters.attached().unwrap_or_default();
        let mut kept = InFewerBits::default();
        for (name, packed) in &self.packed {
            let layer = name.strip_suffix(".weight").and_then(|layer| layers.get(layer));
            if !layer.is_some_and(|layer| matches!(layer.weight().get(), Kept::Quantized(_))) {
                let message = format!("`{name}` is of no linear layer alone, and cannot be kept in fewer bits");
                return Err(Error::new(ErrorKind::Model, message).help("load the model with `from_pretrained`"));
            }
            kept.numbers += packed.shape().elem_count();
            kept.bytes += packed.storage_size_in_bytes();
        }
        parameters.attach(kept);
        Ok(())
    }
}
