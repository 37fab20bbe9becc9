//! What a slot and candle's graph gathered, as one gradient.

use candle_core::{CpuStorage, DType, InplaceOp1, Layout, Shape, Tensor, bail};

use super::gradient::{DenseGradient, Gradient, RowGradient, add};
use crate::{Error, ErrorKind, Result};

/// The sum that a slot held: whole, by rows, or both, of which the gradient is the sum; or just the memory of one.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    pub(crate) dense: Option<Vec<f32>>,
    pub(super) rows: Option<RowGradient>,
}

impl Gathered {
    /// The gradient of a parameter of this shape, the sum of what was gathered and of what the graph gave; with the memory
    /// that is left over.
    ///
    /// # Errors
    /// [`ErrorKind::Shape`] if layers gathered for a parameter of another shape.
    pub(crate) fn into_gradient(self, shape: &Shape, from_graph: Option<Tensor>) -> Result<(Gradient, Self)> {
        let dense_fits = self.dense.as_ref().is_none_or(|dense| dense.len() == shape.elem_count());
        if !dense_fits || self.rows.as_ref().is_some_and(|rows| rows.shape() != shape) {
            let message = format!("layers gathered a gradient of another shape than {:?}", shape.dims());
            return Err(Error::new(ErrorKind::Shape, message));
        }
        match (self.dense, self.rows, from_graph) {
            (None, Some(rows), None) => Ok((rows.into(), Self::default())),
            (Some(mut dense), rows, from_graph) => {
                if let Some(rows) = &rows {
                    rows.add_to(&mut dense);
                }
                if let Some(tensor) = from_graph {
                    let tensor = DenseGradient::from(tensor.to_dtype(DType::F32)?);
                    tensor.on_f32_slice(|values| add(&mut dense, values))?;
                }
                Ok((DenseGradient::from_values(shape.clone(), dense).into(), Self { dense: None, rows }))
            }
            (None, rows, tensor) => {
                let Some(tensor) = tensor else {
                    return Err(Error::new(ErrorKind::Gradient, "there is no gradient to gather"));
                };
                let tensor = tensor.contiguous()?;
                if let Some(rows) = &rows {
                    tensor.inplace_op1(&AddRows(rows))?;
                }
                Ok((tensor.into(), Self { dense: None, rows }))
            }
        }
    }
}

impl From<Gradient> for Gathered {
    /// The memory of a gradient that is no longer needed.
    fn from(gradient: Gradient) -> Self {
        match gradient {
            Gradient::Dense(dense) => Self { dense: dense.into_memory(), rows: None },
            Gradient::Rows(rows) => Self { dense: None, rows: Some(rows) },
        }
    }
}

/// Adds rows to the gradient of a table that the graph gave, which nobody else holds.
struct AddRows<'a>(&'a RowGradient);

impl InplaceOp1 for AddRows<'_> {
    fn name(&self) -> &'static str {
        "add-rows"
    }

    fn cpu_fwd(&self, storage: &mut CpuStorage, layout: &Layout) -> candle_core::Result<()> {
        match (storage, layout.contiguous_offsets()) {
            (CpuStorage::F32(values), Some((start, end))) => {
                self.0.add_to(&mut values[start..end]);
                Ok(())
            }
            _ => bail!("rows are added to f32 in the memory of the CPU"),
        }
    }
}
