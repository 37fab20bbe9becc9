//! The tensors of layers, which carry no gradient while their parameters are frozen.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use candle_core::{Result, Shape, Tensor};
use candle_nn::{Init, VarBuilder};

use crate::tensor::origin::{self, Origin};

/// A tensor of a layer, and whether its parameter is frozen.
#[derive(Clone, Debug)]
pub(super) struct Weight {
    tensor: Tensor,
    frozen: Arc<AtomicBool>,
}

impl Weight {
    /// Asks the builder for a tensor.
    pub(super) fn ask(builder: &VarBuilder<'_>, shape: impl Into<Shape>, name: &str, init: Init) -> Result<Self> {
        Ok(Self::ask_with_origin(builder, shape, name, init)?.0)
    }

    /// As [`ask`](Self::ask), with the parameter that the tensor is; none if the builder is not over our store.
    pub(super) fn ask_with_origin(
        builder: &VarBuilder<'_>,
        shape: impl Into<Shape>,
        name: &str,
        init: Init,
    ) -> Result<(Self, Option<Origin>)> {
        let tensor = builder.get_with_hints(shape.into(), name, init)?;
        let origin = origin::take(&tensor);
        let frozen = origin.as_ref().map_or_else(Arc::default, |origin| Arc::clone(&origin.frozen));
        Ok((Self { tensor, frozen }, origin))
    }

    /// The tensor to compute with: cut off from the parameter while that is frozen, so that no gradient is computed.
    pub(super) fn value(&self) -> Tensor {
        if self.is_frozen() { self.tensor.detach() } else { self.tensor.clone() }
    }

    /// Whether its parameter is frozen.
    pub(super) fn is_frozen(&self) -> bool {
        self.frozen.load(Ordering::Relaxed)
    }

    /// The tensor, whether or not its parameter is frozen.
    pub(super) fn tensor(&self) -> &Tensor {
        &self.tensor
    }
}

impl From<Tensor> for Weight {
    fn from(tensor: Tensor) -> Self {
        Self { tensor, frozen: Arc::default() }
    }
}
