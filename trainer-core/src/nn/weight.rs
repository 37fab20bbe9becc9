//! The tensors of layers, which carry no gradient while their parameters are frozen or nobody goes back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use candle_core::{Result, Shape, Tensor};
use candle_nn::{Init, VarBuilder};

use crate::tensor::gradients::{Gathering, GradientSlot, gathering};
use crate::tensor::origin::{self, Origin};

/// A tensor of a layer, whether its parameter is frozen, and where its gradient may go.
#[derive(Clone, Debug)]
pub(crate) struct Weight {
    tensor: Tensor,
    frozen: Arc<AtomicBool>,
    slot: Option<Arc<GradientSlot>>,
}

impl Weight {
    /// Asks the builder for a tensor.
    pub(crate) fn ask(builder: &VarBuilder<'_>, shape: impl Into<Shape>, name: &str, init: Init) -> Result<Self> {
        Ok(Self::ask_with_origin(builder, shape, name, init)?.0)
    }

    /// As [`ask`](Self::ask), with the parameter that the tensor is; none if the builder is not over our store.
    pub(crate) fn ask_with_origin(
        builder: &VarBuilder<'_>,
        shape: impl Into<Shape>,
        name: &str,
        init: Init,
    ) -> Result<(Self, Option<Origin>)> {
        let tensor = builder.get_with_hints(shape.into(), name, init)?;
        let origin = origin::take(&tensor);
        let weight = match &origin {
            Some(Origin { state, .. }) => {
                Self { tensor, frozen: Arc::clone(&state.frozen), slot: Some(Arc::clone(&state.slot)) }
            }
            None => tensor.into(),
        };
        Ok((weight, origin))
    }

    /// `length` of its rows from `start` on, as the weight of a layer of their own. They share its numbers; their gradient
    /// goes to the parameter through the graph.
    pub(crate) fn rows(&self, start: usize, length: usize) -> Result<Self> {
        let tensor = self.tensor.narrow(0, start, length)?;
        Ok(Self { tensor, frozen: Arc::clone(&self.frozen), slot: None })
    }

    /// The tensor to compute with: cut off from the parameter where that gets no gradient, so that none is computed.
    pub(crate) fn value(&self) -> Tensor {
        if self.gets_gradient() { self.tensor.clone() } else { self.tensor.detach() }
    }

    /// Whether its parameter is frozen.
    pub(crate) fn is_frozen(&self) -> bool {
        self.frozen.load(Ordering::Relaxed)
    }

    /// Whether a layer that runs on this thread now computes its gradient: it is not frozen, and somebody goes back.
    pub(crate) fn gets_gradient(&self) -> bool {
        !self.is_frozen() && gathering() != Gathering::Nothing
    }

    /// Where its gradient goes if layers are to put it there now; `None` leaves it to the graph, or there is none to put.
    pub(crate) fn slot(&self) -> Option<&Arc<GradientSlot>> {
        let is_asked_for = gathering() == Gathering::Slots && !self.is_frozen();
        self.slot.as_ref().filter(|_| is_asked_for)
    }

    /// The tensor, whether or not its parameter is frozen.
    pub(crate) fn tensor(&self) -> &Tensor {
        &self.tensor
    }
}

impl From<Tensor> for Weight {
    fn from(tensor: Tensor) -> Self {
        Self { tensor, frozen: Arc::default(), slot: None }
    }
}
