//! The tokens of a batch that have a label: those that a head over the vocabulary is asked about.

use candle_core::Tensor;

use crate::collate::Batch;
use crate::data::IGNORE;
use crate::error::{Error, ErrorKind, Result};
use crate::loss::LabelledRows;
use crate::transformer::TokenLayout;

/// The tokens whose label counts, among the real tokens of `layout`. `each` says in a message what the label of a token is.
///
/// # Errors
/// [`ErrorKind::Data`] for a batch without labels, or with one where there is padding; [`ErrorKind::Shape`] for labels of
/// another shape than the tokens.
pub(super) fn labelled_tokens(batch: &Batch, layout: &TokenLayout, each: &str) -> Result<LabelledRows> {
    let labels = batch.labels()?;
    let (found, expected) = (labels.dims(), [layout.batch(), layout.length()]);
    if found != expected {
        let message = format!("the labels are {found:?}, but the tokens {expected:?}");
        return Err(Error::new(ErrorKind::Shape, message).help(format!("give each token a label: {each}")));
    }
    let all = LabelledRows::of(labels)?;
    let rows = LabelledRows::of(&layout.pack(&labels.unsqueeze(2)?)?)?;
    if rows.len() < all.len() {
        let mask = if batch.decoder_input_ids.is_some() { "decoder_attention_mask" } else { "attention_mask" };
        let message = format!("{} labels stand where there is padding", all.len() - rows.len());
        let help = format!("mark their places with 1 in `{mask}`, or write {IGNORE} (`IGNORE`) as their label");
        return Err(Error::new(ErrorKind::Data, message).help(help));
    }
    Ok(rows)
}

/// The labels of the rows, `[labelled]`.
pub(super) fn labels_of(rows: &LabelledRows, like: &Tensor) -> Result<Tensor> {
    Ok(Tensor::from_slice(rows.labels(), rows.len(), like.device())?)
}
