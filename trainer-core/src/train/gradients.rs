//! The gradients of one update, summed over its window of micro-batches; and the proof that every parameter has one.

use std::collections::BTreeSet;

use candle_core::DType;

use crate::error::{Error, ErrorKind, Result};
use crate::loss::LossSum;
use crate::tensor::params::{Gradients, Parameter, Parameters};
use crate::tensor::threads;

/// The sums of a window of micro-batches: of losses, of their weights, of gradients. Divided once, by the update.
#[derive(Debug, Default)]
pub(super) struct WindowSums {
    pub(super) gradients: Gradients,
    loss: f64,
    weight: f64,
}

impl WindowSums {
    /// Adds a micro-batch: its loss, its weight, and the gradient of every parameter that is trained.
    ///
    /// # Errors
    /// [`ErrorKind::Numeric`] for a loss or weight that is not a finite number; nothing is added then.
    pub(super) fn add(&mut self, loss: &LossSum, parameters: &[Parameter]) -> Result<()> {
        let value = loss.sum().to_dtype(DType::F64)?.to_scalar::<f64>()?;
        if !value.is_finite() || !loss.weight().is_finite() || loss.weight() < 0.0 {
            let message = format!("the loss is {value} with a weight of {}", loss.weight());
            return Err(Error::new(ErrorKind::Numeric, message)
                .help("lower `learning_rate`, or look for numbers that are not finite in these rows"));
        }
        let mut store = threads::run_on_first(|| loss.sum().backward())?;
        for parameter in parameters.iter().filter(|parameter| parameter.trainable) {
            let Some(gradient) = store.remove(&parameter.variable) else { continue };
            let sum = match self.gradients.remove(&parameter.name) {
                Some(sum) => (sum + gradient)?,
                None => gradient,
            };
            self.gradients.insert(parameter.name.clone(), sum);
        }
        self.loss += value;
        self.weight += loss.weight();
        Ok(())
    }

    /// What the gradients are divided by; 0 if every label of the window is ignored.
    pub(super) fn weight(&self) -> f64 {
        self.weight
    }

    /// The loss of the window; 0 if nothing in it counts.
    pub(super) fn mean_loss(&self) -> f64 {
        if self.weight == 0.0 { 0.0 } else { self.loss / self.weight }
    }
}

/// Every parameter that is trained must have a gradient: candle drops some without a word.
///
/// # Errors
/// [`ErrorKind::Gradient`] names the parameters that have none and the place where the graph is cut.
pub(super) fn prove_coverage(parameters: &Parameters, gradients: &Gradients) -> Result<()> {
    let trained: BTreeSet<String> =
        parameters.list().into_iter().filter(|parameter| parameter.trainable).map(|parameter| parameter.name).collect();
    if trained.is_empty() {
        let message = "the model has no parameter to train";
        return Err(Error::new(ErrorKind::Gradient, message)
            .help("build its layers from `Parameters::builder`, and do not freeze all of them"));
    }
    let in_order: Vec<String> = parameters.in_creation_order().into_iter().filter(|n| trained.contains(n)).collect();
    let missing: Vec<&String> = in_order.iter().filter(|name| !gradients.contains_key(*name)).collect();
    let Some(last) = missing.last() else { return Ok(()) };
    let place = last.rsplit_once('.').map_or(last.as_str(), |(layer, _)| layer);
    let mut message = format!(
        "{} of {} parameters got no gradient and would never learn; the graph is cut at or after `{place}`",
        missing.len(),
        in_order.len()
    );
    for name in missing.iter().take(8) {
        message = format!("{message}\n  {name}");
    }
    if missing.len() > 8 {
        message = format!("{message}\n  and {} more", missing.len() - 8);
    }
    Err(Error::new(ErrorKind::Gradient, message)
        .help(
            "candle's `LayerNorm`, `RmsNorm`, `ops::softmax_last_dim`, `rotary_emb::rope` and `ops::sdpa` have no \
             backward: take those of `trainer_core::nn`",
        )
        .help("a parameter that is not meant to be trained is left out with `model.parameters().freeze(…)`"))
}
