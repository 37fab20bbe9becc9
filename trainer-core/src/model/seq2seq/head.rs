//! A head over the vocabulary: the table of words again, or one of its own.

use candle_core::Tensor;
use candle_nn::{Init, VarBuilder};

use super::Tensors;
use crate::collate::Batch;
use crate::data::IGNORE;
use crate::error::{Error, ErrorKind, Result};
use crate::loss::LabelledRows;
use crate::model::VocabularyRows;
use crate::nn::weight::Weight;
use crate::transformer::TokenLayout;

/// Scores over the vocabulary: `hidden · tableᵀ + bias`.
#[derive(Clone, Debug)]
pub(in crate::model) struct VocabularyHead {
    /// `[vocabulary, hidden]`.
    table: Weight,
    /// `[1, vocabulary]`, as files have it.
    bias: Option<Weight>,
}

impl VocabularyHead {
    /// The head whose table is `weight` below the builder's prefix; a table that is known already is shared.
    pub(in crate::model) fn new(
        vocabulary: usize,
        hidden: usize,
        deviation: f64,
        builder: &VarBuilder<'_>,
    ) -> Result<Self> {
        let init = Init::Randn { mean: 0.0, stdev: deviation };
        Ok(Self { table: Weight::ask(builder, (vocabulary, hidden), "weight", init)?, bias: None })
    }

    /// The same with a bias of this name below the builder's prefix.
    pub(in crate::model) fn with_bias(self, name: &str, builder: &VarBuilder<'_>) -> Result<Self> {
        let vocabulary = self.table.tensor().dim(0)?;
        Ok(Self { bias: Some(Weight::ask(builder, (1, vocabulary), name, Init::Const(0.0))?), ..self })
    }

    /// The scores of `hidden`, `[rows, hidden]`: `[rows, vocabulary]`.
    pub(in crate::model) fn scores(&self, hidden: &Tensor) -> Result<Tensor> {
        let scores = hidden.matmul(&self.table.value().t()?)?;
        match &self.bias {
            Some(bias) => Ok(scores.broadcast_add(&bias.value())?),
            None => Ok(scores),
        }
    }

    /// The scores of every place, `[batch, length, vocabulary]`; zeros where there is no token.
    pub(in crate::model) fn scores_of_places(&self, hidden: &Tensor, layout: &TokenLayout) -> Result<Tensor> {
        layout.unpack_with_zeros(&self.scores(hidden)?)
    }

    /// The rows of `hidden` that have a label in the batch, with what their scores would be computed of; `hidden`: one row
    /// for each token of `layout`.
    ///
    /// # Errors
    /// [`ErrorKind::Data`] for a batch without labels, or with one where there is no token; [`ErrorKind::Shape`] for labels
    /// of other places.
    pub(in crate::model) fn labelled(
        &self,
        hidden: &Tensor,
        layout: &TokenLayout,
        batch: &Batch,
    ) -> Result<VocabularyRows> {
        let labels = batch.labels()?;
        let (found, expected) = (labels.dims(), [layout.batch(), layout.length()]);
        if found != expected {
            let message = format!("the labels are {found:?}, but what the decoder reads is {expected:?}");
            return Err(Error::new(ErrorKind::Shape, message));
        }
        let all = LabelledRows::of(labels)?;
        let rows = LabelledRows::of(&layout.pack(&labels.unsqueeze(2)?)?)?;
        if rows.len() < all.len() {
            let message = format!("{} labels stand where the decoder reads padding", all.len() - rows.len());
            let help = format!("mark their places with 1 in `decoder_attention_mask`, or write {IGNORE} as the label");
            return Err(Error::new(ErrorKind::Data, message).help(help));
        }
        let bias = self.bias.as_ref().map(|bias| bias.value().flatten_all()).transpose()?;
        let labels = Tensor::from_slice(rows.labels(), rows.len(), labels.device())?;
        Ok(VocabularyRows { hidden: rows.gather(hidden)?, weight: self.table.value(), bias, labels })
    }
}

/// The tensors of a file without a head of its own that repeats the table of words, and whether the head is that table:
/// a head that differs from it is the model's own, whatever `config.json` says.
pub(in crate::model) fn tied<'a>(tensors: Tensors<'a>, head: &str, table: &str) -> Result<(Tensors<'a>, bool)> {
    let is_tied = match (tensors.get(head), tensors.get(table)) {
        (Some(head), Some(table)) if head.dims() == table.dims() => {
            head.ne(table)?.to_dtype(candle_core::DType::U32)?.sum_all()?.to_scalar::<u32>()? == 0
        }
        (Some(_), _) => false,
        (None, _) => true,
    };
    if !is_tied {
        return Ok((tensors, false));
    }
    let without =
        |name: &str, value: &Tensor| Ok(if name == head { Vec::new() } else { vec![(name.to_owned(), value.clone())] });
    Ok((tensors.convert(without)?, true))
}
