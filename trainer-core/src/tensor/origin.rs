//! Where a tensor that a layer has just asked for comes from.
//!
//! candle's builder hands a layer a bare tensor. The store leaves the rest here, for the thread that asked: which parameter
//! of which store it is, whether it is frozen and where its gradient goes. What is left is for the layer that asks next, and for no other tensor.

use std::cell::RefCell;
use std::sync::Arc;

use candle_core::quantized::QTensor;
use candle_core::{Tensor, TensorId};

use super::params::{ParameterState, Parameters, WeakParameters};

/// Which parameter of which store a tensor is.
pub(crate) struct Origin {
    /// The store.
    pub(crate) parameters: Parameters,
    /// The parameter's full name.
    pub(crate) name: String,
    /// What the parameter shares with the layers that hold it.
    pub(crate) state: ParameterState,
    /// The numbers in fewer bits, if the tensor only stands for them: then it is no parameter.
    pub(crate) packed: Option<Arc<QTensor>>,
}

struct Left {
    tensor: TensorId,
    parameters: WeakParameters,
    name: String,
    state: ParameterState,
    packed: Option<Arc<QTensor>>,
}

thread_local! {
    static LEFT: RefCell<Option<Left>> = const { RefCell::new(None) };
}

/// Leaves the origin of a tensor for the layer that asked for it.
pub(super) fn leave(
    tensor: &Tensor,
    parameters: WeakParameters,
    name: &str,
    state: ParameterState,
    packed: Option<Arc<QTensor>>,
) {
    let left = Left { tensor: tensor.id(), parameters, name: name.to_owned(), state, packed };
    LEFT.with(|place| *place.borrow_mut() = Some(left));
}

/// The origin of a tensor that this thread has just been handed; `None` for a tensor of another kind of store.
pub(crate) fn take(tensor: &Tensor) -> Option<Origin> {
    let left = LEFT.with(|place| place.borrow_mut().take_if(|left| left.tensor == tensor.id()))?;
    let Left { parameters, name, state, packed, .. } = left;
    Some(Origin { parameters: parameters.upgrade()?, name, state, packed })
}
