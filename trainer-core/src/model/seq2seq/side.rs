//! The tokens of one side, source or target, packed.

use candle_core::{DType, Tensor};

use crate::collate::Batch;
use crate::error::{Error, ErrorKind, Result};
use crate::transformer::TokenLayout;

/// The tokens of one side of a batch.
pub(in crate::model) struct Side {
    /// The ids of the real tokens, `[tokens]`.
    pub(in crate::model) ids: Tensor,
    /// Where they stand.
    pub(in crate::model) layout: TokenLayout,
}

impl Side {
    /// The tokens of the source; `dtype`: the type that the model computes in.
    ///
    /// # Errors
    /// [`ErrorKind::Data`] for a batch without `input_ids`, or a row without a token.
    pub(in crate::model) fn source(batch: &Batch, dtype: DType) -> Result<Self> {
        Self::packed(batch.input_ids()?, TokenLayout::of(batch, dtype)?)
    }

    /// The tokens that the decoder reads: those that `decoder_attention_mask` marks, or all where there is no mask.
    ///
    /// # Errors
    /// As [`source`](Self::source), and [`ErrorKind::Shape`] for a mask of another shape.
    pub(in crate::model) fn target(batch: &Batch, dtype: DType) -> Result<Self> {
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

    fn packed(ids: &Tensor, layout: TokenLayout) -> Result<Self> {
        Ok(Self { ids: layout.pack(&ids.unsqueeze(2)?)?.squeeze(1)?, layout })
    }

    /// That no sequence is longer than the model has positions for.
    ///
    /// # Errors
    /// [`ErrorKind::Data`] with both lengths.
    pub(in crate::model) fn refuse_longer_than(&self, positions: usize) -> Result<()> {
        let length = self.layout.length();
        if length <= positions {
            return Ok(());
        }
        let message = format!("a batch is {length} tokens long, but the model has {positions} positions");
        Err(Error::new(ErrorKind::Data, message).help(format!("set `max_length = {positions}`")))
    }
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
