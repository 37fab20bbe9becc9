//! `AdamW` as torch computes it.
//!
//! In come parameters and gradients of one update; the parameters and two moments of each are changed in place, in one
//! pass over plain slices where they are f32 on the CPU, by tensor operations elsewhere. Every parameter has its own
//! count of updates. Refused: settings with which the quotient is not defined, and state that does not fit, by name.

use std::collections::BTreeMap;

use candle_core::{DType, Device, Shape, Tensor};

use super::Optimizer;
use crate::tensor::gradients::{Gradient, Gradients};
use crate::tensor::kernels::optimizer::AdamWStep;
use crate::tensor::params::Parameter;
use crate::{Error, ErrorKind, Result};

mod in_place;
mod state;
mod touched;

use in_place::{InPlace, Slices};
pub(super) use state::{missing, take_steps};

/// The settings of [`AdamW`]; the default is Hugging Face's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamWSettings {
    /// How much of the mean of the gradients stays in each update, 0 to below 1.
    pub beta1: f64,
    /// How much of the mean of their squares stays, 0 to below 1.
    pub beta2: f64,
    /// Added to the root of the mean square, above 0.
    pub epsilon: f64,
    /// Share of a parameter that each update takes away, times the learning rate; only where the parameter decays.
    pub weight_decay: f64,
}

impl Default for AdamWSettings {
    fn default() -> Self {
        Self { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0.0 }
    }
}

/// Adam with decoupled weight decay.
///
/// Source: `torch.optim.AdamW` without `amsgrad` and `maximize`.
#[derive(Debug)]
pub struct AdamW {
    settings: AdamWSettings,
    entries: BTreeMap<String, Entry>,
}

/// What is remembered of one trained parameter.
#[derive(Debug)]
struct Entry {
    /// Updates in which it had a gradient.
    steps: usize,
    shape: Shape,
    moments: Moments,
}

#[derive(Debug)]
enum Moments {
    /// There was no gradient yet; they are 0.
    Untouched,
    /// Of an f32 parameter on the CPU.
    Slices(Slices),
    /// Of any other, in the type that it is computed in.
    Tensors { first: Tensor, second: Tensor },
}

impl AdamW {
    /// An optimiser that has not seen a gradient yet.
    ///
    /// # Errors
    /// [`ErrorKind::Arguments`] for a setting with which an update is not defined, with its name.
    pub fn new(settings: AdamWSettings) -> Result<Self> {
        for (name, beta) in [("adam_beta1", settings.beta1), ("adam_beta2", settings.beta2)] {
            if !(0.0..1.0).contains(&beta) {
                return Err(Error::new(ErrorKind::Arguments, format!("`{name}` is {beta}"))
                    .help(format!("write a `{name}` of at least 0 and below 1")));
            }
        }
        // Updates are computed in f32, where a number below its smallest is 0 and the quotient not defined.
        if !(settings.epsilon as f32 > 0.0 && settings.epsilon.is_finite()) {
            return Err(Error::new(ErrorKind::Arguments, format!("`adam_epsilon` is {}", settings.epsilon))
                .help("write an `adam_epsilon` above 0, such as 1e-8"));
        }
        if !(settings.weight_decay >= 0.0 && settings.weight_decay.is_finite()) {
            return Err(Error::new(ErrorKind::Arguments, format!("`weight_decay` is {}", settings.weight_decay))
                .help("write a `weight_decay` of 0 or more"));
        }
        Ok(Self { settings, entries: BTreeMap::new() })
    }

    /// That the parameters are those of the updates before.
    fn check_shapes(&self, parameters: &[Parameter]) -> Result<()> {
        for parameter in parameters {
            let Some(entry) = self.entries.get(&parameter.name) else { continue };
            if entry.shape != *parameter.variable.shape() {
                return Err(Error::new(
                    ErrorKind::Shape,
                    format!(
                        "`{}` has the shape {:?}, and had {:?} in the update before",
                        parameter.name,
                        parameter.variable.dims(),
                        entry.shape.dims()
                    ),
                ));
            }
        }
        Ok(())
    }
}

impl Optimizer for AdamW {
    fn step(&mut self, parameters: &[Parameter], gradients: &Gradients, scale: f32, learning_rate: f64) -> Result<()> {
        check_step(parameters, gradients, scale, learning_rate)?;
        self.check_shapes(parameters)?;
        for parameter in parameters.iter().filter(|parameter| parameter.trainable) {
            if !self.entries.contains_key(&parameter.name) {
                self.entries.insert(parameter.name.clone(), Entry::new(parameter));
            }
            let Some(entry) = self.entries.get_mut(&parameter.name) else { continue };
            let Some(gradient) = gradients.get(&parameter.name) else { continue };
            let numbers = Numbers::of(&self.settings, parameter.decays, entry.steps + 1, scale, learning_rate);
            entry
                .update(parameter, gradient, &numbers)
                .map_err(|error| error.at(format_args!("optimiser, `{}`", parameter.name)))?;
            entry.steps += 1;
        }
        Ok(())
    }

    fn state(&self) -> Result<Vec<(String, Tensor)>> {
        state::save(&self.entries)
    }

    fn load_state(&mut self, parameters: &[Parameter], state: BTreeMap<String, Tensor>, updates: usize) -> Result<()> {
        self.entries = state::load(parameters, state, updates)?;
        Ok(())
    }
}

/// The numbers of one update of one parameter, in the width in which torch computes them.
struct Numbers {
    gradient_scale: f64,
    decay: f64,
    first_weight: f64,
    second_keep: f64,
    step_size: f64,
    second_correction: f64,
    epsilon: f64,
}

impl Numbers {
    fn of(settings: &AdamWSettings, decays: bool, step: usize, scale: f32, learning_rate: f64) -> Self {
        let step = step as f64;
        Self {
            gradient_scale: f64::from(scale),
            decay: if decays { 1.0 - learning_rate * settings.weight_decay } else { 1.0 },
            first_weight: 1.0 - settings.beta1,
            second_keep: settings.beta2,
            step_size: learning_rate / (1.0 - settings.beta1.powf(step)),
            second_correction: (1.0 - settings.beta2.powf(step)).sqrt(),
            epsilon: settings.epsilon,
        }
    }

    fn single(&self) -> AdamWStep {
        AdamWStep {
            gradient_scale: self.gradient_scale as f32,
            decay: self.decay as f32,
            first_weight: self.first_weight as f32,
            second_keep: self.second_keep as f32,
            second_weight: (1.0 - self.second_keep) as f32,
            negative_step_size: -self.step_size as f32,
            second_correction: self.second_correction as f32,
            epsilon: self.epsilon as f32,
        }
    }
}

impl Entry {
    fn new(parameter: &Parameter) -> Self {
        Self { steps: 0, shape: parameter.variable.shape().clone(), moments: Moments::Untouched }
    }

    fn update(&mut self, parameter: &Parameter, gradient: &Gradient, numbers: &Numbers) -> Result<()> {
        if matches!(self.moments, Moments::Untouched) {
            self.moments = Moments::zeros(&parameter.variable, gradient)?;
        }
        match &mut self.moments {
            Moments::Slices(slices) => match gradient {
                Gradient::Rows(rows) => InPlace::by_rows(slices, rows, numbers.single()).update(&parameter.variable)?,
                Gradient::Dense(dense) => {
                    let of_slice = |gradient: &[f32]| {
                        InPlace::whole(slices, gradient, numbers.single()).update(&parameter.variable)
                    };
                    if let Some(updated) = dense.on_f32_slice(of_slice)? {
                        return updated;
                    }
                    let gradient = dense.to_tensor()?.to_device(&Device::Cpu)?.to_dtype(DType::F32)?;
                    let gradient = gradient.flatten_all()?.to_vec1::<f32>()?;
                    InPlace::whole(slices, &gradient, numbers.single()).update(&parameter.variable)?;
                }
            },
            Moments::Tensors { first, second } => {
                let gradient = &gradient.to_tensor()?.to_device(parameter.variable.device())?;
                let (value, new_first, new_second) =
                    update_tensors(parameter.variable.as_tensor(), first, second, gradient, numbers)?;
                parameter.variable.set(&value.to_dtype(parameter.variable.dtype())?)?;
                (*first, *second) = (new_first, new_second);
            }
            Moments::Untouched => {}
        }
        Ok(())
    }
}

impl Moments {
    /// Before the first update, which has this gradient.
    fn zeros(variable: &Tensor, gradient: &Gradient) -> Result<Self> {
        if is_sliced(variable) {
            let zeros = if matches!(gradient, Gradient::Rows(_)) { Slices::zeros } else { Slices::written_zeros };
            return Ok(Self::Slices(zeros(variable.elem_count())));
        }
        let zeros = Tensor::zeros(variable.shape(), computed_in(variable), variable.device())?;
        Ok(Self::Tensors { first: zeros.clone(), second: zeros })
    }
}

/// Whether a parameter is updated through plain slices.
fn is_sliced(variable: &Tensor) -> bool {
    variable.dtype() == DType::F32 && variable.device().is_cpu()
}

/// The type that an update is computed in: moments of half precision would lose small gradients.
fn computed_in(variable: &Tensor) -> DType {
    if variable.dtype() == DType::F64 { DType::F64 } else { DType::F32 }
}

/// The new value of a parameter and its new moments, in the type of the moments.
fn update_tensors(
    variable: &Tensor,
    first: &Tensor,
    second: &Tensor,
    gradient: &Tensor,
    numbers: &Numbers,
) -> Result<(Tensor, Tensor, Tensor)> {
    let dtype = first.dtype();
    let gradient = gradient.detach().to_dtype(dtype)?.affine(numbers.gradient_scale, 0.0)?;
    let distance = (&gradient - first)?;
    let first = if numbers.first_weight < 0.5 {
        (first + distance.affine(numbers.first_weight, 0.0)?)?
    } else {
        (&gradient - distance.affine(1.0 - numbers.first_weight, 0.0)?)?
    };
    let squared = (gradient.affine(1.0 - numbers.second_keep, 0.0)? * &gradient)?;
    let second = (second.affine(numbers.second_keep, 0.0)? + squared)?;
    let denominator = (second.sqrt()? / numbers.second_correction)?.affine(1.0, numbers.epsilon)?;
    let change = (first.affine(numbers.step_size, 0.0)? / denominator)?;
    let value = (variable.detach().to_dtype(dtype)?.affine(numbers.decay, 0.0)? - change)?;
    Ok((value, first, second))
}

/// Everything that could stop an update half-way, before anything has changed.
pub(super) fn check_step(
    parameters: &[Parameter],
    gradients: &Gradients,
    scale: f32,
    learning_rate: f64,
) -> Result<()> {
    if !scale.is_finite() {
        return Err(Error::new(ErrorKind::Numeric, format!("the gradients would be multiplied by {scale}")).help(
            "the norm of the gradients is not finite: lower `learning_rate`, or look for the parameter it starts at",
        ));
    }
    if !(learning_rate.is_finite() && learning_rate >= 0.0) {
        return Err(Error::new(ErrorKind::Numeric, format!("the learning rate of this update is {learning_rate}")));
    }
    let mut used = 0;
    for parameter in parameters {
        let Some(gradient) = gradients.get(&parameter.name) else { continue };
        used += 1;
        if gradient.shape() != parameter.variable.shape() {
            return Err(Error::new(
                ErrorKind::Shape,
                format!(
                    "the gradient of `{}` has the shape {:?}, and the parameter {:?}",
                    parameter.name,
                    gradient.shape().dims(),
                    parameter.variable.dims()
                ),
            ));
        }
    }
    if used == gradients.len() {
        return Ok(());
    }
    let stranger = gradients.keys().find(|name| parameters.iter().all(|parameter| parameter.name != **name));
    stranger.map_or(Ok(()), |name| {
        Err(Error::new(ErrorKind::Gradient, format!("there is a gradient of `{name}`, which is no parameter here")))
    })
}

#[cfg(test)]
mod tests;
