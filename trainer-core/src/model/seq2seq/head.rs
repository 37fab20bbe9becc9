//! A head over the vocabulary: the table of words again, or one of its own.

use candle_core::Tensor;
use candle_nn::{Init, VarBuilder};

use super::{SideDescription, Tensors};
use crate::collate::Batch;
use crate::error::Result;
use crate::model::VocabularyRows;
use crate::model::labelled::{labelled_tokens, labels_of};
use crate::nn::weight::Weight;
use crate::transformer::TokenLayout;

/// Scores over the vocabulary: `hidden · scale · tableᵀ + bias`.
#[derive(Clone, Debug)]
pub(super) struct VocabularyHead {
    scale: Option<f64>,
    /// `[vocabulary, hidden]`.
    table: Weight,
    /// `[1, vocabulary]`, as files have it.
    bias: Option<Weight>,
}

/// What the label of a token is.
const NEXT_TOKEN: &str = "the token of the target that the decoder reads next, as the collator `Seq2Seq` does";

impl VocabularyHead {
    /// The head after a decoder whose table is `weight` below the builder's prefix; a table that is known already is shared.
    pub(super) fn new(decoder: &SideDescription, scale: Option<f64>, builder: &VarBuilder<'_>) -> Result<Self> {
        let init = Init::Randn { mean: 0.0, stdev: decoder.words_deviation };
        let table = Weight::ask(builder, (decoder.vocabulary, decoder.block.hidden_size), "weight", init)?;
        Ok(Self { scale, table, bias: None })
    }

    /// The same with a bias of this name below the builder's prefix.
    pub(super) fn with_bias(self, name: &str, builder: &VarBuilder<'_>) -> Result<Self> {
        let vocabulary = self.table.tensor().dim(0)?;
        Ok(Self { bias: Some(Weight::ask(builder, (1, vocabulary), name, Init::Const(0.0))?), ..self })
    }

    /// The scores of `hidden`, `[rows, hidden]`: `[rows, vocabulary]`.
    pub(super) fn scores(&self, hidden: &Tensor) -> Result<Tensor> {
        let scores = self.scaled(hidden.clone())?.matmul(&self.table.value().t()?)?;
        match &self.bias {
            Some(bias) => Ok(scores.broadcast_add(&bias.value())?),
            None => Ok(scores),
        }
    }

    /// The rows of `hidden` that have a label in the batch, with what their scores would be computed of; `hidden`: one row
    /// for each token of `layout`.
    ///
    /// # Errors
    /// As [`labelled_tokens`].
    pub(super) fn labelled(&self, hidden: &Tensor, layout: &TokenLayout, batch: &Batch) -> Result<VocabularyRows> {
        let rows = labelled_tokens(batch, layout, NEXT_TOKEN)?;
        let labels = labels_of(&rows, hidden)?;
        let bias = self.bias.as_ref().map(|bias| bias.value().flatten_all()).transpose()?;
        Ok(VocabularyRows::over(self.scaled(rows.gather(hidden)?)?, &self.table, bias, labels))
    }

    fn scaled(&self, rows: Tensor) -> Result<Tensor> {
        match self.scale {
            Some(scale) => Ok((rows * scale)?),
            None => Ok(rows),
        }
    }
}

/// The tensors of a file without a head of its own that repeats the table of words, and whether the head is that table:
/// a head that differs from it is the model's own, whatever `config.json` says.
pub(super) fn tied<'a>(tensors: Tensors<'a>, head: &str, table: &str) -> Result<(Tensors<'a>, bool)> {
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
