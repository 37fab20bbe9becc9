//! The tokens of a batch that have a label: those that a head over the vocabulary is asked about.

use crate::collate::Batch;
use crate::data::IGNORE;
use crate::error::{Error, ErrorKind, Result};
use crate::transformer::TokenLayout;

/// The tokens whose label counts: their rows among the real tokens of `layout`, and their labels. `each` says in a message
/// what the label of a token is.
///
/// # Errors
/// [`ErrorKind::Shape`] for labels of another shape than the tokens; [`ErrorKind::Data`] for one where there is padding.
pub(super) fn labelled_tokens(batch: &Batch, layout: &TokenLayout, each: &str) -> Result<(Vec<u32>, Vec<u32>)> {
    let (labels, ids) = (batch.labels()?, batch.input_ids()?);
    if labels.dims() != ids.dims() {
        let message = format!("the labels are {:?}, but the tokens {:?}", labels.dims(), ids.dims());
        return Err(Error::new(ErrorKind::Shape, message).help(format!("give each token a label: {each}")));
    }
    let of_tokens = layout.pack(&labels.unsqueeze(2)?)?.squeeze(1)?.to_vec1::<u32>()?;
    let found = labels.flatten_all()?.to_vec1::<u32>()?.iter().filter(|label| **label != IGNORE).count();
    let (rows, labels): (Vec<u32>, Vec<u32>) = (0..).zip(of_tokens).filter(|(_, label)| *label != IGNORE).unzip();
    if rows.len() < found {
        let message = format!("{} labels stand where there is padding", found - rows.len());
        return Err(Error::new(ErrorKind::Data, message).help("mark their places with 1 in `attention_mask`"));
    }
    Ok((rows, labels))
}
