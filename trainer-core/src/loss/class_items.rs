//! The items that have a class, with their logits.
//!
//! What comes in: logits `[items, classes]` with a class for each item, or `[batch, length, classes]` with one for each token.
//! What goes out: the rows whose label counts. It refuses labels of another shape and classes that the model does not have.

use candle_core::{D, DType, Tensor};

use super::LabelledRows;
use crate::collate::Batch;
use crate::error::{Error, ErrorKind, Result};
use crate::model::Output;

/// The items or tokens with a class, without those whose label is [`IGNORE`](super::IGNORE).
pub(super) struct ClassItems {
    /// `[labelled, classes]`.
    pub(super) logits: Tensor,
    rows: LabelledRows,
    /// How many items there are, labelled or not; `None` where tokens have labels.
    items: Option<usize>,
}

impl ClassItems {
    /// The items of a batch, for the loss that the user calls `name`; `ignored` is a class that counts nothing to it, which the
    /// model need not have.
    ///
    /// # Errors
    /// [`ErrorKind::Shape`] for labels that are no classes or not one for each row of logits; [`ErrorKind::Label`] for a class
    /// that the model does not have, with its row.
    pub(super) fn of(output: &Output, batch: &Batch, name: &str, ignored: Option<u32>) -> Result<Self> {
        let (logits, labels) = (&output.logits, batch.labels()?);
        let (classes, places) = match logits.dims() {
            [places @ .., classes] if (1..=2).contains(&places.len()) => (*classes, places),
            found => {
                let message = format!("`{name}` needs logits `[items, classes]`, found the shape {found:?}");
                return Err(Error::new(ErrorKind::Shape, message));
            }
        };
        if labels.dims() != places || labels.dtype() != DType::U32 {
            let (found, kind) = (labels.dims(), labels.dtype().as_str());
            let message = format!("`{name}` needs one class for each of {places:?} places, found {found:?} of {kind}");
            return Err(Error::new(ErrorKind::Shape, message));
        }
        let rows = LabelledRows::of(labels)?;
        check_classes(&rows, classes, places.get(1).copied().unwrap_or(1), batch, ignored)?;
        let flat = logits.reshape((labels.elem_count(), classes))?;
        let items = if places.len() == 1 { places.first().copied() } else { None };
        Ok(Self { logits: rows.gather(&flat)?, rows, items })
    }

    /// A sum that is 0, for a batch in which nothing is labelled: in the graph, so that there is a gradient, of zeros.
    pub(super) fn nothing(output: &Output) -> Result<Tensor> {
        Ok(output.logits.mul(&output.logits.zeros_like()?.detach())?.sum_all()?)
    }

    /// Their classes, all of which the model has, but for one that is ignored.
    pub(super) fn labels(&self) -> &[u32] {
        self.rows.labels()
    }

    /// The logits of the classes that the labels name, `[labelled]`, and a mask `[labelled, classes]` that is 1 there.
    pub(super) fn of_labels(&self) -> Result<(Tensor, Tensor)> {
        let labels = Tensor::from_slice(self.labels(), (self.rows.len(), 1), self.logits.device())?;
        let ones = Tensor::ones(labels.shape(), self.logits.dtype(), self.logits.device())?;
        let mask = self.logits.zeros_like()?.detach().scatter_add(&labels, &ones, D::Minus1)?;
        Ok((self.logits.gather(&labels, D::Minus1)?.squeeze(D::Minus1)?, mask))
    }

    /// A number for each labelled row, `[labelled]`, as one for each item, where an item that does not count has 0; where
    /// tokens have labels, as it is.
    pub(super) fn by_item(&self, of_labelled: &Tensor) -> Result<Tensor> {
        match self.items {
            Some(items) if items != self.rows.len() => {
                let positions = Tensor::from_slice(self.rows.positions(), self.rows.len(), of_labelled.device())?;
                let zeros = Tensor::zeros(items, of_labelled.dtype(), of_labelled.device())?;
                Ok(zeros.index_add(&positions, of_labelled, 0)?)
            }
            _ => Ok(of_labelled.clone()),
        }
    }
}

/// That the model has every class but the ignored one; `length` is how many labels a row of the batch has.
fn check_classes(
    rows: &LabelledRows,
    classes: usize,
    length: usize,
    batch: &Batch,
    ignored: Option<u32>,
) -> Result<()> {
    let is_wrong = |label: u32| label as usize >= classes && Some(label) != ignored;
    let wrong = rows.labels().iter().zip(rows.positions()).find(|(label, _)| is_wrong(**label));
    let Some((label, position)) = wrong else { return Ok(()) };
    // Packed rows hold several examples, so that the place does not tell which.
    let row = batch.rows.get(*position as usize / length.max(1)).filter(|_| batch.sequence_lengths.is_none());
    let row = row.map_or_else(String::new, |row| format!("row {row}: "));
    let message = format!("{row}class {label} is out of range for a model of {classes} classes");
    let last = classes.saturating_sub(1);
    Err(Error::new(ErrorKind::Label, message).help(format!("classes are numbered 0 to {last}")))
}
