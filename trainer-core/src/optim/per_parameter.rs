//! What optimisers share that make an update of each parameter on its own numbers.
//!
//! In come a rule and what it keeps of a parameter; out comes an [`Optimizer`]. A parameter in f32 on the CPU is changed in
//! place. Of any other the numbers come to the CPU and go back, in f64 if it is of that type, else in f32. The gradient of some rows
//! of a table is taken as whole, so that the result is, bit for bit, that of zeros elsewhere.

use std::cell::RefCell;
use std::collections::BTreeMap;

use candle_core::{CpuStorage, DType, Device, InplaceOp1, Layout, Shape, Tensor, WithDType, bail};

use super::Optimizer;
use super::adamw::{check_step, missing, take_steps};
use crate::tensor::gradients::{Gradient, Gradients};
use crate::tensor::kernels::Real;
use crate::tensor::params::Parameter;
use crate::{Error, ErrorKind, Result};

/// Changes a parameter by its gradient, as plain numbers.
pub(super) trait Rule: Send {
    /// What is kept of a parameter of this shape: the names in a checkpoint, and the shapes.
    fn kept(&self, shape: &Shape) -> Vec<(&'static str, Shape)>;

    /// Changes a parameter in place, and what is kept of it. All slices are as long as their shapes say.
    fn update<T: Real>(&self, parameter: &mut [T], kept: &mut [Vec<T>], gradient: &[T], update: &Update<'_>);
}

/// The numbers of one update of one parameter.
pub(super) struct Update<'a> {
    pub(super) dims: &'a [usize],
    /// Which update of this parameter it is, from 1.
    pub(super) step: usize,
    /// What the gradient is multiplied by before anything else.
    pub(super) scale: f64,
    pub(super) learning_rate: f64,
    /// The share of the parameter that an update takes away, times the learning rate; 0 where it does not decay.
    pub(super) weight_decay: f64,
}

/// An optimiser of a rule.
#[derive(Debug)]
pub(super) struct PerParameter<R> {
    rule: R,
    weight_decay: f64,
    entries: BTreeMap<String, Entry>,
}

/// What is remembered of one trained parameter.
#[derive(Debug)]
struct Entry {
    /// Updates in which it had a gradient.
    steps: usize,
    shape: Shape,
    kept: Kept,
}

#[derive(Debug)]
enum Kept {
    Single(Vec<Vec<f32>>),
    Double(Vec<Vec<f64>>),
}

impl<R: Rule> PerParameter<R> {
    /// # Errors
    /// [`ErrorKind::Arguments`] for a weight decay below 0.
    pub(super) fn new(rule: R, weight_decay: f64) -> Result<Self> {
        if weight_decay >= 0.0 && weight_decay.is_finite() {
            return Ok(Self { rule, weight_decay, entries: BTreeMap::new() });
        }
        Err(Error::new(ErrorKind::Arguments, format!("`weight_decay` is {weight_decay}"))
            .help("write a `weight_decay` of 0 or more"))
    }

    fn entry(&mut self, parameter: &Parameter) -> Result<&mut Entry> {
        let shape = parameter.variable.shape();
        let zeros = || Entry {
            steps: 0,
            shape: shape.clone(),
            kept: Kept::zeros(&self.rule.kept(shape), parameter.variable.dtype()),
        };
        let entry = self.entries.entry(parameter.name.clone()).or_insert_with(zeros);
        if entry.shape == *shape {
            return Ok(entry);
        }
        let (name, found, before) = (&parameter.name, shape.dims(), entry.shape.dims());
        let message = format!("`{name}` has the shape {found:?}, and had {before:?} in the update before");
        Err(Error::new(ErrorKind::Shape, message))
    }
}

impl Kept {
    fn zeros(kept: &[(&'static str, Shape)], dtype: DType) -> Self {
        let lengths = kept.iter().map(|(_, shape)| shape.elem_count());
        match dtype {
            DType::F64 => Self::Double(lengths.map(|length| vec![0.0; length]).collect()),
            _ => Self::Single(lengths.map(|length| vec![0.0; length]).collect()),
        }
    }

    fn tensor(&self, at: usize, shape: &Shape) -> Result<Tensor> {
        Ok(match self {
            Self::Single(kept) => Tensor::from_slice(kept.get(at).map_or(&[][..], Vec::as_slice), shape, &Device::Cpu)?,
            Self::Double(kept) => Tensor::from_slice(kept.get(at).map_or(&[][..], Vec::as_slice), shape, &Device::Cpu)?,
        })
    }

    fn push(&mut self, tensor: &Tensor) -> Result<()> {
        match self {
            Self::Single(kept) => kept.push(numbers(tensor)?),
            Self::Double(kept) => kept.push(numbers(tensor)?),
        }
        Ok(())
    }
}

impl<R: Rule> Optimizer for PerParameter<R> {
    fn step(&mut self, parameters: &[Parameter], gradients: &Gradients, scale: f32, learning_rate: f64) -> Result<()> {
        check_step(parameters, gradients, scale, learning_rate)?;
        for parameter in parameters.iter().filter(|parameter| parameter.trainable) {
            self.entry(parameter)?;
        }
        for parameter in parameters.iter().filter(|parameter| parameter.trainable) {
            let Some(gradient) = gradients.get(&parameter.name) else { continue };
            let Some(entry) = self.entries.get_mut(&parameter.name) else { continue };
            let shape = entry.shape.clone();
            let update = Update {
                dims: shape.dims(),
                step: entry.steps + 1,
                scale: f64::from(scale),
                learning_rate,
                weight_decay: if parameter.decays { self.weight_decay } else { 0.0 },
            };
            entry
                .update(&self.rule, parameter, gradient, &update)
                .map_err(|error| error.at(format_args!("optimiser, `{}`", parameter.name)))?;
            entry.steps += 1;
        }
        Ok(())
    }

    fn state(&self) -> Result<Vec<(String, Tensor)>> {
        let mut state = Vec::new();
        for (name, entry) in &self.entries {
            for (at, (kind, shape)) in self.rule.kept(&entry.shape).iter().enumerate() {
                state.push((format!("{kind}/{name}"), entry.kept.tensor(at, shape)?));
            }
            state.push((format!("step/{name}"), Tensor::new(entry.steps.cast_signed() as i64, &Device::Cpu)?));
        }
        Ok(state)
    }

    fn load_state(&mut self, parameters: &[Parameter], state: BTreeMap<String, Tensor>, updates: usize) -> Result<()> {
        let (mut state, mut entries) = (state, BTreeMap::new());
        if state.is_empty() && updates == 0 {
            self.entries = entries;
            return Ok(());
        }
        for parameter in parameters.iter().filter(|parameter| parameter.trainable) {
            let shape = parameter.variable.shape();
            let mut kept = Kept::zeros(&[], parameter.variable.dtype());
            for (kind, shape) in self.rule.kept(shape) {
                let key = format!("{kind}/{}", parameter.name);
                let tensor = state.remove(&key).ok_or_else(|| missing(&key))?;
                if *tensor.shape() != shape {
                    let (found, expected) = (tensor.dims(), shape.dims());
                    let message =
                        format!("`{key}` of the optimiser state has the shape {found:?}, expected {expected:?}");
                    return Err(Error::new(ErrorKind::Checkpoint, message));
                }
                kept.push(&tensor)?;
            }
            let steps = take_steps(&mut state, parameter)?;
            entries.insert(parameter.name.clone(), Entry { steps, shape: shape.clone(), kept });
        }
        if let Some(key) = state.keys().next() {
            let message = format!("the optimiser state has `{key}`, which belongs to no trained parameter");
            return Err(Error::new(ErrorKind::Checkpoint, message).help(
                "resume with the model, the optimiser and the frozen parameters that the checkpoint was made with",
            ));
        }
        self.entries = entries;
        Ok(())
    }
}

impl Entry {
    fn update<R: Rule>(
        &mut self,
        rule: &R,
        parameter: &Parameter,
        gradient: &Gradient,
        update: &Update<'_>,
    ) -> Result<()> {
        let variable = &parameter.variable;
        match &mut self.kept {
            Kept::Single(kept) if variable.dtype() == DType::F32 && variable.device().is_cpu() => {
                if let Gradient::Dense(dense) = gradient {
                    let of_slice = |gradient: &[f32]| {
                        let change = |values: &mut [f32]| rule.update(values, kept, gradient, update);
                        Ok(variable.inplace_op1(&InPlace(RefCell::new(change)))?)
                    };
                    if let Some(updated) = dense.on_f32_slice(of_slice)? {
                        return updated;
                    }
                }
                let gradient = numbers::<f32>(&gradient.to_tensor()?)?;
                let change = |values: &mut [f32]| rule.update(values, kept, &gradient, update);
                Ok(variable.inplace_op1(&InPlace(RefCell::new(change)))?)
            }
            Kept::Single(kept) => elsewhere(rule, parameter, kept, gradient, update),
            Kept::Double(kept) => elsewhere(rule, parameter, kept, gradient, update),
        }
    }
}

/// The update of a parameter that is not in the memory of the CPU, or of another type.
fn elsewhere<R: Rule, T: Real + WithDType>(
    rule: &R,
    parameter: &Parameter,
    kept: &mut [Vec<T>],
    gradient: &Gradient,
    update: &Update<'_>,
) -> Result<()> {
    let variable = &parameter.variable;
    let (mut values, gradient) = (numbers::<T>(variable)?, numbers::<T>(&gradient.to_tensor()?)?);
    rule.update(&mut values, kept, &gradient, update);
    let values = Tensor::from_vec(values, variable.shape(), &Device::Cpu)?;
    Ok(variable.set(&values.to_dtype(variable.dtype())?.to_device(variable.device())?)?)
}

/// The elements of a tensor, one behind the other.
fn numbers<T: WithDType>(tensor: &Tensor) -> Result<Vec<T>> {
    Ok(tensor.detach().to_device(&Device::Cpu)?.to_dtype(T::DTYPE)?.flatten_all()?.to_vec1()?)
}

/// A change of f32 elements where they are; in a cell, because candle hands the operation out by shared reference.
struct InPlace<F>(RefCell<F>);

impl<F: FnMut(&mut [f32])> InplaceOp1 for InPlace<F> {
    fn name(&self) -> &'static str {
        "optimizer"
    }

    fn cpu_fwd(&self, storage: &mut CpuStorage, layout: &Layout) -> candle_core::Result<()> {
        let parameter = match (storage, layout.contiguous_offsets()) {
            (CpuStorage::F32(values), Some((start, end))) => values.get_mut(start..end),
            _ => None,
        };
        let Some(parameter) = parameter else { bail!("the elements are not f32, one behind the other in memory") };
        (self.0.borrow_mut())(parameter);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
