//! The state of `AdamW` as named tensors, and back.
//!
//! Out go `exp_avg/<name>`, `exp_avg_sq/<name>` (in the shape of the parameter) and `step/<name>` (an i64 scalar) for
//! every trained parameter. In come the same; files without any `step/…` are accepted, every parameter then has the
//! updates of the run. Refused by name: what is missing, what belongs to no trained parameter, and other shapes.

use std::collections::BTreeMap;

use candle_core::{DType, Device, Tensor};

use super::in_place::Slices;
use super::{Entry, Moments, computed_in, is_sliced};
use crate::tensor::params::Parameter;
use crate::{Error, ErrorKind, Result};

const FIRST: &str = "exp_avg";
const SECOND: &str = "exp_avg_sq";
const STEP: &str = "step";

pub(super) fn save(entries: &BTreeMap<String, Entry>) -> Result<Vec<(String, Tensor)>> {
    let mut state = Vec::with_capacity(entries.len() * 3);
    for (name, entry) in entries {
        let (first, second) = match &entry.moments {
            Moments::Untouched => {
                let zeros = Tensor::zeros(&entry.shape, DType::F32, &Device::Cpu)?;
                (zeros.clone(), zeros)
            }
            Moments::Slices(Slices { first, second, .. }) => (
                Tensor::from_slice(first, &entry.shape, &Device::Cpu)?,
                Tensor::from_slice(second, &entry.shape, &Device::Cpu)?,
            ),
            Moments::Tensors { first, second } => (first.clone(), second.clone()),
        };
        state.push((format!("{FIRST}/{name}"), first));
        state.push((format!("{SECOND}/{name}"), second));
        state.push((format!("{STEP}/{name}"), Tensor::new(entry.steps.cast_signed() as i64, &Device::Cpu)?));
    }
    Ok(state)
}

pub(super) fn load(
    parameters: &[Parameter],
    mut state: BTreeMap<String, Tensor>,
    updates: usize,
) -> Result<BTreeMap<String, Entry>> {
    let mut entries = BTreeMap::new();
    if state.is_empty() && updates == 0 {
        return Ok(entries);
    }
    let counts = state.keys().any(|key| key.starts_with("step/"));
    for parameter in parameters.iter().filter(|parameter| parameter.trainable) {
        let first = take(&mut state, FIRST, parameter)?;
        let second = take(&mut state, SECOND, parameter)?;
        let steps = if counts { take_steps(&mut state, parameter)? } else { updates };
        let entry =
            Entry { steps, shape: parameter.variable.shape().clone(), moments: moments(parameter, &first, &second)? };
        entries.insert(parameter.name.clone(), entry);
    }
    match state.keys().next() {
        None => Ok(entries),
        Some(key) => Err(Error::new(
            ErrorKind::Checkpoint,
            format!("the optimiser state has `{key}`, which belongs to no trained parameter"),
        )
        .help("resume with the model and the frozen parameters that the checkpoint was made with")),
    }
}

fn moments(parameter: &Parameter, first: &Tensor, second: &Tensor) -> Result<Moments> {
    let variable = parameter.variable.as_tensor();
    if is_sliced(variable) {
        let values = |tensor: &Tensor| -> Result<Vec<f32>> {
            Ok(tensor.to_device(&Device::Cpu)?.to_dtype(DType::F32)?.flatten_all()?.to_vec1()?)
        };
        return Ok(Moments::Slices(Slices::new(values(first)?, values(second)?)));
    }
    let place = |tensor: &Tensor| -> Result<Tensor> {
        Ok(tensor.detach().to_dtype(computed_in(variable))?.to_device(variable.device())?)
    };
    Ok(Moments::Tensors { first: place(first)?, second: place(second)? })
}

pub(in crate::optim) fn missing(key: &str) -> Error {
    Error::new(ErrorKind::Checkpoint, format!("the optimiser state has no `{key}`"))
        .help("resume with the model and the frozen parameters that the checkpoint was made with")
}

fn take(state: &mut BTreeMap<String, Tensor>, kind: &str, parameter: &Parameter) -> Result<Tensor> {
    let key = format!("{kind}/{}", parameter.name);
    let tensor = state.remove(&key).ok_or_else(|| missing(&key))?;
    if tensor.shape() == parameter.variable.shape() {
        return Ok(tensor);
    }
    Err(Error::new(
        ErrorKind::Checkpoint,
        format!(
            "`{key}` of the optimiser state has the shape {:?}, and the parameter {:?}",
            tensor.dims(),
            parameter.variable.dims()
        ),
    ))
}

/// A count of updates, an integer or (as torch writes it) an f32.
pub(in crate::optim) fn take_steps(state: &mut BTreeMap<String, Tensor>, parameter: &Parameter) -> Result<usize> {
    let key = format!("{STEP}/{}", parameter.name);
    let tensor = state.remove(&key).ok_or_else(|| missing(&key))?;
    let count = if tensor.elem_count() == 1 {
        tensor.to_device(&Device::Cpu)?.to_dtype(DType::F64)?.flatten_all()?.to_vec1::<f64>()?.first().copied()
    } else {
        None
    };
    match count {
        Some(count) if count >= 0.0 && count.fract() == 0.0 && count < 2f64.powi(53) => Ok(count as usize),
        _ => Err(Error::new(ErrorKind::Checkpoint, format!("`{key}` of the optimiser state is no count of updates"))),
    }
}
