//! The gradient of a parameter, whole or by rows.

use std::collections::BTreeMap;
use std::sync::Arc;

use candle_core::{CpuStorage, DType, Device, Shape, Storage, Tensor};

use crate::Result;
use crate::tensor::kernels::optimizer::Rows;

/// The gradient of each trained parameter, by its name.
pub type Gradients = BTreeMap<String, Gradient>;

/// The gradient of one parameter. A clone is another handle to the same numbers.
///
/// A callback finds it in [`RunMoment::gradients`](crate::train::RunMoment::gradients); [`to_tensor`](Self::to_tensor)
/// gives it in the shape of the parameter, whichever of the two it is.
#[derive(Clone, Debug)]
pub enum Gradient {
    /// A number for each element of the parameter.
    Dense(DenseGradient),
    /// Some rows of a table, such as the embeddings of the tokens that occurred; the others have the gradient 0.
    Rows(RowGradient),
}

/// A gradient with a number for each element of its parameter.
#[derive(Clone, Debug)]
pub struct DenseGradient(Dense);

#[derive(Clone, Debug)]
enum Dense {
    /// From candle's graph, of any type and on any device.
    Tensor(Tensor),
    /// From a slot.
    Values { shape: Shape, values: Arc<Vec<f32>> },
}

/// A gradient that is 0 outside of some rows of its parameter.
#[derive(Clone, Debug)]
pub struct RowGradient {
    shape: Shape,
    width: usize,
    sums: Arc<Sums>,
}

/// Rows of a table, each with the place of its numbers among those of all of them.
pub(super) type Touched = Vec<(u32, u32)>;

#[derive(Clone, Debug)]
struct Sums {
    /// Sorted by the first.
    touched: Touched,
    values: Vec<f32>,
}

impl Gradient {
    /// The shape of the parameter.
    pub fn shape(&self) -> &Shape {
        match self {
            Self::Dense(dense) => dense.shape(),
            Self::Rows(rows) => rows.shape(),
        }
    }

    /// The whole gradient, in the shape of the parameter. Rows that have none are 0.
    ///
    /// # Errors
    /// [`ErrorKind::Tensor`](crate::ErrorKind::Tensor) if the tensor cannot be made.
    pub fn to_tensor(&self) -> Result<Tensor> {
        match self {
            Self::Dense(dense) => dense.to_tensor(),
            Self::Rows(rows) => rows.to_tensor(),
        }
    }

    /// Multiplies every number by `factor`. Another handle to them keeps what it had.
    pub(crate) fn scale(&mut self, factor: f32) -> Result<()> {
        match self {
            Self::Dense(DenseGradient(Dense::Tensor(tensor))) => *tensor = (&*tensor * f64::from(factor))?,
            Self::Dense(DenseGradient(Dense::Values { values, .. })) => {
                multiply(Arc::make_mut(values).as_mut_slice(), factor);
            }
            Self::Rows(rows) => multiply(&mut Arc::make_mut(&mut rows.sums).values, factor),
        }
        Ok(())
    }
}

impl From<Tensor> for Gradient {
    fn from(tensor: Tensor) -> Self {
        Self::Dense(tensor.into())
    }
}

impl From<DenseGradient> for Gradient {
    fn from(dense: DenseGradient) -> Self {
        Self::Dense(dense)
    }
}

impl From<RowGradient> for Gradient {
    fn from(rows: RowGradient) -> Self {
        Self::Rows(rows)
    }
}

impl From<Tensor> for DenseGradient {
    fn from(tensor: Tensor) -> Self {
        Self(Dense::Tensor(tensor))
    }
}

impl DenseGradient {
    /// As many `values` as the shape has elements.
    pub(super) fn from_values(shape: Shape, values: Vec<f32>) -> Self {
        debug_assert_eq!(shape.elem_count(), values.len(), "a number for each element");
        Self(Dense::Values { shape, values: Arc::new(values) })
    }

    /// The shape of the parameter.
    pub fn shape(&self) -> &Shape {
        match &self.0 {
            Dense::Tensor(tensor) => tensor.shape(),
            Dense::Values { shape, .. } => shape,
        }
    }

    /// The gradient as a tensor.
    ///
    /// # Errors
    /// [`ErrorKind::Tensor`](crate::ErrorKind::Tensor) if the tensor cannot be made.
    pub fn to_tensor(&self) -> Result<Tensor> {
        match &self.0 {
            Dense::Tensor(tensor) => Ok(tensor.clone()),
            Dense::Values { shape, values } => Ok(Tensor::from_slice(values, shape, &Device::Cpu)?),
        }
    }

    /// Calls `read` with the elements if they are f32 and in the memory of the CPU.
    pub(crate) fn on_f32_slice<T>(&self, read: impl FnOnce(&[f32]) -> T) -> Result<Option<T>> {
        let tensor = match &self.0 {
            Dense::Values { values, .. } => return Ok(Some(read(values))),
            Dense::Tensor(tensor) if tensor.dtype() != DType::F32 || !tensor.device().is_cpu() => return Ok(None),
            Dense::Tensor(tensor) => tensor.contiguous()?,
        };
        let (storage, layout) = tensor.storage_and_layout();
        let (Storage::Cpu(CpuStorage::F32(values)), Some((start, end))) = (&*storage, layout.contiguous_offsets())
        else {
            return Ok(None);
        };
        Ok(values.get(start..end).map(read))
    }

    /// The memory of a gradient that came from a slot, unless somebody still looks at it.
    pub(super) fn into_memory(self) -> Option<Vec<f32>> {
        match self.0 {
            Dense::Tensor(_) => None,
            Dense::Values { values, .. } => Arc::try_unwrap(values).ok(),
        }
    }
}

fn multiply(values: &mut [f32], factor: f32) {
    for value in values {
        *value *= factor;
    }
}

/// Adds `values` to the first of `sums`, one to one.
pub(super) fn add(sums: &mut [f32], values: &[f32]) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += value;
    }
}

impl RowGradient {
    /// Of a table of `(rows, width)`; `touched`: row of the table and place of its row in `values`, sorted.
    pub(super) fn new((table_rows, width): (usize, usize), touched: Touched, values: Vec<f32>) -> Self {
        debug_assert_eq!(touched.len() * width, values.len(), "a row for each that is touched");
        Self { shape: Shape::from((table_rows, width)), width, sums: Arc::new(Sums { touched, values }) }
    }

    /// The shape of the whole table, `[rows, width]`.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The rows that have a gradient, in ascending order, each with its numbers.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = (usize, &[f32])> {
        let numbers = |place: u32| {
            let start = place as usize * self.width;
            &self.sums.values[start..start + self.width]
        };
        self.sums.touched.iter().map(move |(row, place)| (*row as usize, numbers(*place)))
    }

    /// The whole gradient, `[rows, width]`.
    ///
    /// # Errors
    /// [`ErrorKind::Tensor`](crate::ErrorKind::Tensor) if the tensor cannot be made.
    pub fn to_tensor(&self) -> Result<Tensor> {
        let mut all = vec![0.0; self.shape.elem_count()];
        self.add_to(&mut all);
        Ok(Tensor::from_vec(all, &self.shape, &Device::Cpu)?)
    }

    /// Adds it to a whole gradient of the same table.
    pub(crate) fn add_to(&self, whole: &mut [f32]) {
        let mut table = whole.chunks_exact_mut(self.width);
        let mut next = 0;
        for (row, values) in self.rows() {
            if let Some(sum) = table.nth(row - next) {
                add(sum, values);
            }
            next = row + 1;
        }
    }

    /// The rows as the optimiser's kernel reads them.
    pub(crate) fn slices(&self) -> Rows<'_> {
        Rows { width: self.width, touched: &self.sums.touched, values: &self.sums.values }
    }

    /// The numbers of all rows, in an order that the same updates always give.
    pub(crate) fn values(&self) -> &[f32] {
        &self.sums.values
    }

    /// The memory, unless somebody still looks at it.
    pub(super) fn into_memory(self) -> Option<(Touched, Vec<f32>)> {
        Arc::try_unwrap(self.sums).ok().map(|sums| (sums.touched, sums.values))
    }
}
