//! Losses that are functions of the user's.
//!
//! What comes in: a function under `#[loss]`, as a type. What goes out: a [`Loss`] that calls it. The traits of the
//! arguments and the result answer a function whose signature is another.

use std::marker::PhantomData;

use super::{Loss, LossSum};
use crate::collate::Batch;
use crate::error::{Error, Result};
use crate::model::Output;

/// A function under `#[loss]`, as a type of the same name.
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

/// The loss that calls the function `F`.
pub struct FunctionLoss<F>(PhantomData<fn() -> F>);

impl<F: LossFunction> FunctionLoss<F> {
    /// The loss that calls the function `F`.
    pub const fn new() -> Self {
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

/// What the first argument of a loss can be.
#[diagnostic::on_unimplemented(
    message = "the first argument of a loss is the output of the model, not `{Self}`",
    label = "not `&Output`",
    note = "write `fn name(output: &Output, batch: &Batch) -> Result<LossSum>`"
)]
pub trait LossOutput<'a> {
    /// The argument.
    fn argument(output: &'a Output) -> Self;
}

#[diagnostic::do_not_recommend]
impl<'a> LossOutput<'a> for &'a Output {
    fn argument(output: &'a Output) -> Self {
        output
    }
}

/// What the second argument of a loss can be.
#[diagnostic::on_unimplemented(
    message = "the second argument of a loss is the batch, not `{Self}`",
    label = "not `&Batch`",
    note = "write `fn name(output: &Output, batch: &Batch) -> Result<LossSum>`"
)]
pub trait LossBatch<'a> {
    /// The argument.
    fn argument(batch: &'a Batch) -> Self;
}

#[diagnostic::do_not_recommend]
impl<'a> LossBatch<'a> for &'a Batch {
    fn argument(batch: &'a Batch) -> Self {
        batch
    }
}

/// What a loss can return.
#[diagnostic::on_unimplemented(
    message = "a loss returns a sum and its weight, not `{Self}`",
    label = "not `Result<LossSum>`",
    note = "`LossSum::weighted(&losses, &weights)` makes one from the losses of the items"
)]
pub trait LossReturn {
    /// The sum.
    fn sum(self) -> Result<LossSum>;
}

#[diagnostic::do_not_recommend]
impl LossReturn for Result<LossSum, Error> {
    fn sum(self) -> Result<LossSum> {
        self
    }
}

#[diagnostic::do_not_recommend]
impl LossReturn for Result<LossSum, candle_core::Error> {
    fn sum(self) -> Result<LossSum> {
        self.map_err(Error::from)
    }
}
