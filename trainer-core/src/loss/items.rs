//! What a loss over classes compares: one row of scores and one label for each item, whether items are examples or tokens.

use candle_core::{DType, Tensor};

use super::LabelledRows;
use crate::collate::Batch;
use crate::error::{Error, ErrorKind, Result};
use crate::model::Output;

/// Scores and labels, item by item.
#[derive(Debug)]
pub(super) struct Items {
    /// `[items, classes]`.
    pub(super) logits: Tensor,
    /// The label of each item.
    pub(super) labels: Vec<u32>,
    /// The row of the data set that each item is of, for messages.
    pub(super) rows: Vec<usize>,
}

/// The items of a batch: its examples, or those of its tokens that have a label.
///
/// # Errors
/// [`ErrorKind::Shape`] for labels that are no classes, or not as many as there are scores; `loss` is the name in the message.
pub(super) fn labelled_items(output: &Output, batch: &Batch, loss: &str) -> Result<Items> {
    let (logits, labels) = (&output.logits, batch.labels()?);
    let refuse = |expected: String| {
        let (found, kind) = (labels.dims(), labels.dtype().as_str());
        let message = format!("{loss} needs {expected}, found labels {found:?} of {kind}");
        Err(Error::new(ErrorKind::Shape, message))
    };
    match *logits.dims() {
        [items, _] if labels.dims() == [items] && labels.dtype() == DType::U32 => {
            Ok(Items { logits: logits.clone(), labels: labels.to_vec1()?, rows: batch.rows.clone() })
        }
        [items, _] => refuse(format!("one class for each of {items} items")),
        [sequences, length, classes] if labels.dims() == [sequences, length] && labels.dtype() == DType::U32 => {
            let labelled = LabelledRows::of(labels)?;
            let logits = labelled.gather(&logits.reshape((sequences * length, classes))?)?;
            let row = |place: &u32| batch.rows.get(*place as usize / length.max(1)).copied();
            // Packed rows hold several examples: their items are not named.
            let rows = match batch.sequence_lengths {
                None => labelled.positions().iter().filter_map(row).collect(),
                Some(_) => Vec::new(),
            };
            Ok(Items { logits, labels: labelled.labels().to_vec(), rows })
        }
        [sequences, length, _] => refuse(format!("one class for each of {sequences} x {length} tokens")),
        _ => {
            let message = format!("{loss} needs scores `[items, classes]`, found {:?}", logits.dims());
            Err(Error::new(ErrorKind::Shape, message))
        }
    }
}
