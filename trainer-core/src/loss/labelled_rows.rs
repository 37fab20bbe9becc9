//! The rows that a loss looks at: those with a label.
//!
//! What comes in: a label for each token. What goes out: the tokens whose label counts, so that a head computes nothing for
//! the others.

use candle_core::{DType, Tensor};

use super::IGNORE;
use crate::error::{Error, ErrorKind, Result};

/// The rows of a batch whose label is not [`IGNORE`], in their order.
///
/// ```
/// use candle_core::{Device, Tensor};
/// use trainer_core::loss::{IGNORE, LabelledRows};
///
/// let rows = LabelledRows::of(&Tensor::new(&[IGNORE, 4, IGNORE, 2], &Device::Cpu)?)?;
/// let hidden = Tensor::new(&[[0.0f32], [1.0], [2.0], [3.0]], &Device::Cpu)?;
/// assert_eq!(rows.labels(), [4, 2]);
/// assert_eq!(rows.gather(&hidden)?.to_vec2::<f32>()?, [[1.0], [3.0]]);
/// # Ok::<(), trainer_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct LabelledRows {
    /// The rows, `[labelled]`, `u32`; `None` if every row has a label.
    rows: Option<Tensor>,
    positions: Vec<u32>,
    labels: Vec<u32>,
    total: usize,
}

impl LabelledRows {
    /// The rows with a label, of `labels` of any shape (flattened), `u32`.
    ///
    /// # Errors
    /// [`ErrorKind::Shape`] for labels that are not `u32`.
    pub fn of(labels: &Tensor) -> Result<Self> {
        if labels.dtype() != DType::U32 {
            let message = format!("a label for each token is a `u32`, found labels of {}", labels.dtype().as_str());
            return Err(Error::new(ErrorKind::Shape, message));
        }
        let all = labels.flatten_all()?.to_vec1::<u32>()?;
        let labelled = all.iter().enumerate().filter(|(_, label)| **label != IGNORE);
        let (positions, of_rows): (Vec<u32>, Vec<u32>) = labelled.map(|(row, label)| (row as u32, *label)).unzip();
        let rows = if positions.len() == all.len() {
            None
        } else {
            Some(Tensor::from_slice(&positions, positions.len(), labels.device())?)
        };
        Ok(Self { rows, positions, labels: of_rows, total: all.len() })
    }

    /// How many rows have a label.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether no row has one.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Their positions among all rows, in order.
    pub fn positions(&self) -> &[u32] {
        &self.positions
    }

    /// Their labels.
    pub fn labels(&self) -> &[u32] {
        &self.labels
    }

    /// Their numbers, `[labelled, width]`, of those of all rows, `[rows, width]`. A gradient goes back to where each came
    /// from; rows without a label get zeros.
    ///
    /// # Errors
    /// [`ErrorKind::Shape`] for another number of rows than labels.
    pub fn gather(&self, rows: &Tensor) -> Result<Tensor> {
        match (rows.dims(), &self.rows) {
            ([count, _], None) if *count == self.total => Ok(rows.clone()),
            ([count, _], Some(labelled)) if *count == self.total => Ok(rows.index_select(labelled, 0)?),
            (found, _) => {
                let message = format!(
                    "there are {} labels, but rows of the shape {found:?}: expected `[rows, width]`",
                    self.total
                );
                Err(Error::new(ErrorKind::Shape, message))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;
    use crate::nn::gradient_check::{agree_with_differences, values};

    #[test]
    fn gradients_go_back_to_the_rows_with_a_label() -> Result<()> {
        let (hidden, scale) = (values((5, 3), "hidden"), values((2, 3), "scale"));
        let rows = LabelledRows::of(&Tensor::new(&[IGNORE, 0, IGNORE, IGNORE, 7], &Device::Cpu)?)?;
        assert_eq!((rows.len(), rows.positions(), rows.labels()), (2, &[1, 4][..], &[0, 7][..]));
        agree_with_differences(&[&hidden], |inputs| {
            let gathered = rows.gather(inputs[0]).map_err(candle_core::Error::wrap)?;
            gathered.mul(&scale)?.sum_all()
        })
    }

    #[test]
    fn where_every_row_has_a_label_nothing_is_copied() -> Result<()> {
        let hidden = values((2, 3), "hidden");
        let rows = LabelledRows::of(&Tensor::new(&[[1u32], [0]], &Device::Cpu)?)?;
        assert_eq!(rows.gather(&hidden)?.id(), hidden.as_tensor().id());
        Ok(())
    }

    #[test]
    fn another_number_of_rows_is_refused() -> Result<()> {
        let rows = LabelledRows::of(&Tensor::new(&[1u32, 0], &Device::Cpu)?)?;
        let error = rows.gather(&values((3, 3), "hidden")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Shape);
        assert!(LabelledRows::of(&values(3, "numbers")).is_err());
        Ok(())
    }
}
