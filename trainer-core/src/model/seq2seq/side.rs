//! The tokens of one side, source or target, packed.

use candle_core::{DType, Device, Tensor};

use crate::collate::Batch;
use crate::error::{Error, ErrorKind, Result};
use crate::model::causal::batch_of_prompts;
use crate::transformer::TokenLayout;

/// The tokens of one side of a batch.
pub(super) struct Side {
    /// The ids of the real tokens, `[tokens]`.
    pub(super) ids: Tensor,
    /// Where they stand.
    pub(super) layout: TokenLayout,
}

impl Side {
    /// The tokens of the source; `dtype`: the type that the model computes in.
    ///
    /// # Errors
    /// [`ErrorKind::Data`] for a batch without `input_ids`, or a row without a token.
    pub(super) fn source(batch: &Batch, dtype: DType) -> Result<Self> {
        Self::packed(batch.input_ids()?, TokenLayout::of(batch, dtype)?)
    }

    /// The tokens that the decoder reads: those that `decoder_attention_mask` marks, or all where there is no mask.
    ///
    /// # Errors
    /// As [`source`](Self::source), and [`ErrorKind::Shape`] for a mask of another shape.
    pub(super) fn target(batch: &Batch, dtype: DType) -> Result<Self> {
        let ids = batch.decoder_input_ids()?;
        let mask = batch.decoder_attention_mask.as_ref().map(|mask| places(mask, ids)).transpose()?;
        let target = Batch {
            rows: batch.rows.clone(),
            input_ids: Some(ids.clone()),
            real_tokens: mask.filter(|places| places.len() < ids.elem_count()),
            ..Batch::default()
        };
        Self::packed(ids, TokenLayout::of(&target, dtype)?)
    }

    /// One token more of each row, as it is written.
    ///
    /// # Errors
    /// [`ErrorKind::Data`] for an id that the model does not know.
    pub(super) fn next(tokens: &[u32], vocabulary: usize, device: &Device) -> Result<Self> {
        let rows: Vec<Vec<u32>> = tokens.iter().map(|token| vec![*token]).collect();
        Self::source(&batch_of_prompts(&rows, vocabulary, device)?, DType::F32)
    }

    fn packed(ids: &Tensor, layout: TokenLayout) -> Result<Self> {
        Ok(Self { ids: layout.pack(&ids.unsqueeze(2)?)?.squeeze(1)?, layout })
    }
}

/// That a text is no longer than the model has positions for, if there is an end to them.
///
/// # Errors
/// [`ErrorKind::Data`] with both lengths.
pub(super) fn refuse_longer(length: usize, positions: Option<usize>) -> Result<()> {
    let Some(positions) = positions.filter(|positions| length > *positions) else { return Ok(()) };
    let message = format!("a batch is {length} tokens long, but the model has {positions} positions");
    Err(Error::new(ErrorKind::Data, message).help(format!("set `max_length = {positions}`")))
}

/// The places that a mask marks, of those of `ids`.
fn places(mask: &Tensor, ids: &Tensor) -> Result<Vec<u32>> {
    if mask.dims() != ids.dims() {
        let (found, expected) = (mask.dims(), ids.dims());
        let message = format!("`decoder_attention_mask` is {found:?}, but `decoder_input_ids` are {expected:?}");
        return Err(Error::new(ErrorKind::Shape, message));
    }
    let marks = mask.to_dtype(DType::U32)?.flatten_all()?.to_vec1::<u32>()?;
    Ok((0..).zip(marks).filter(|(_, mark)| *mark != 0).map(|(place, _)| place).collect())
}
