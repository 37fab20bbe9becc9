//! Losses that are functions of the user's.

use std::marker::PhantomData;

use super::{Loss, LossSum};
use crate::collate::Batch;
use crate::error::Result;
use crate::model::Output;

/// A function marked `#[loss]`, as a type of its name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a loss",
    label = "not a loss",
    note = "write `#[loss]` on `fn {Self}(output: &Output, batch: &Batch) -> Result<LossSum>`"
)]
pub trait LossFunction: Send + Sync + 'static {
    /// The function's name.
    const NAME: &'static str;

    /// Calls the function.
    fn loss(output: &Output, batch: &Batch) -> Result<LossSum>;
}

/// The [`Loss`] that calls a function marked `#[loss]`.
pub struct FunctionLoss<F>(PhantomData<fn() -> F>);

impl<F: LossFunction> FunctionLoss<F> {
    /// The loss of this function.
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

impl<F: LossFunction> Default for FunctionLoss<F> {
    fn default() -> Self {
        Self::new()
    }
}

impl<F: LossFunction> Loss for FunctionLoss<F> {
    fn loss(&self, output: &Output, batch: &Batch) -> Result<LossSum> {
        F::loss(output, batch)
    }
}
