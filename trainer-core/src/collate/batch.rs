//! A batch: some examples laid out as tensors.

use std::borrow::Cow;

use candle_core::{DType, Device, Tensor};

use crate::data::IGNORE;
use crate::error::{Error, ErrorKind, Result};

/// Some examples laid out as tensors, padded to one length.
///
/// The collator fills what the examples have; a model asks for what it needs, and is told what is missing.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// The rows of the data set that the examples are, in the order of the batch.
    pub rows: Vec<usize>,
    /// Token ids, `[batch, length]`, `u32`.
    pub input_ids: Option<Tensor>,
    /// 1 for a token, 0 for padding: `[batch, length]`, `u32`.
    pub attention_mask: Option<Tensor>,
    /// 0 for the first text, 1 for the second: `[batch, length]`, `u32`.
    pub token_type_ids: Option<Tensor>,
    /// Numbers, `[batch, features]`, `f32`.
    pub features: Option<Tensor>,
    /// Classes `[batch]`, `u32`; or `[batch, outputs]`, `f32`, for several labels and for numbers; or `[batch, length]`, `u32`,
    /// where tokens have labels. There the label at a place is what the model's scores *at that place* have to find: of a causal
    /// model the token after it. Collators shift, so that models and losses need not. A label of
    /// [`IGNORE`](crate::data::IGNORE) counts nothing.
    pub labels: Option<Tensor>,
    /// What a decoder reads, `[batch, target length]`, `u32`; labels then have this shape too.
    pub decoder_input_ids: Option<Tensor>,
    /// 1 for a token of the decoder, 0 for padding: `[batch, target length]`, `u32`.
    pub decoder_attention_mask: Option<Tensor>,
    /// The position of each token in its sequence, `[batch, length]`, `u32`, where several sequences lie in a row.
    pub position_ids: Option<Tensor>,
    /// The lengths of the sequences that lie one after another in each row, from its first column on; `None` where each row is
    /// one. Tokens of different sequences do not see each other.
    pub sequence_lengths: Option<Vec<Vec<usize>>>,
    /// The indices of the real tokens in the flattened `[batch * length]`. Where they are left out, they are those that the
    /// attention mask marks, or all.
    pub real_tokens: Option<Vec<u32>>,
}

impl Batch {
    /// How many examples there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no example.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The same batch on another device.
    pub fn to_device(&self, device: &Device) -> Result<Self> {
        let moved = |tensor: &Option<Tensor>| tensor.as_ref().map(|tensor| tensor.to_device(device)).transpose();
        Ok(Self {
            rows: self.rows.clone(),
            input_ids: moved(&self.input_ids)?,
            attention_mask: moved(&self.attention_mask)?,
            token_type_ids: moved(&self.token_type_ids)?,
            features: moved(&self.features)?,
            labels: moved(&self.labels)?,
            decoder_input_ids: moved(&self.decoder_input_ids)?,
            decoder_attention_mask: moved(&self.decoder_attention_mask)?,
            position_ids: moved(&self.position_ids)?,
            sequence_lengths: self.sequence_lengths.clone(),
            real_tokens: self.real_tokens.clone(),
        })
    }

    /// The indices of the real tokens in the flattened `[batch * length]`, where some are padding: those that are given, or
    /// that the attention mask marks. `None` when nothing is padding.
    ///
    /// # Errors
    /// [`ErrorKind::Shape`] for a mask of another shape than `input_ids`.
    pub fn places_of_tokens(&self) -> Result<Option<Cow<'_, [u32]>>> {
        if let Some(real) = &self.real_tokens {
            return Ok(Some(Cow::Borrowed(real)));
        }
        let Some(mask) = &self.attention_mask else { return Ok(None) };
        let (found, expected) = (mask.dims(), self.input_ids()?.dims());
        if found != expected {
            let message = format!("`attention_mask` is {found:?}, but `input_ids` are {expected:?}");
            return Err(Error::new(ErrorKind::Shape, message).help("give each token a mark: 1, or 0 for padding"));
        }
        let marks = mask.to_dtype(DType::U32)?.flatten_all()?.to_vec1::<u32>()?;
        if !marks.contains(&0) {
            return Ok(None);
        }
        let marked = (0..).zip(marks).filter(|(_, mark)| *mark != 0).map(|(place, _)| place);
        Ok(Some(Cow::Owned(marked.collect())))
    }

    /// How many tokens there are without padding, if `real_tokens` say which are; 0 for a batch of numbers.
    pub fn tokens(&self) -> usize {
        self.real_tokens.as_ref().map_or(self.padded_tokens(), Vec::len)
    }

    /// How many tokens there are with padding; 0 for a batch of numbers.
    pub fn padded_tokens(&self) -> usize {
        self.input_ids.as_ref().map_or(0, Tensor::elem_count)
    }

    /// How many of its labels each example has that count, where tokens have labels: `[batch, length]`, and in packed rows
    /// sequence by sequence.
    ///
    /// # Errors
    /// If there are no labels, or they are of another shape or type.
    pub fn labels_of_examples(&self) -> Result<Vec<usize>> {
        let labels = self.labels()?.to_vec2::<u32>()?;
        let counted = |labels: &[u32]| labels.iter().filter(|label| **label != IGNORE).count();
        let Some(lengths) = &self.sequence_lengths else {
            return Ok(labels.iter().map(|row| counted(row)).collect());
        };
        let mut of_examples = Vec::with_capacity(self.len());
        for (row, lengths) in labels.iter().zip(lengths) {
            let mut rest = row.as_slice();
            for length in lengths {
                let (sequence, after) = rest.split_at((*length).min(rest.len()));
                of_examples.push(counted(sequence));
                rest = after;
            }
        }
        Ok(of_examples)
    }

    /// The token ids, `[batch, length]`.
    pub fn input_ids(&self) -> Result<&Tensor> {
        self.input_ids.as_ref().ok_or_else(|| missing("input_ids"))
    }

    /// The attention mask, `[batch, length]`.
    pub fn attention_mask(&self) -> Result<&Tensor> {
        self.attention_mask.as_ref().ok_or_else(|| missing("attention_mask"))
    }

    /// The features, `[batch, features]`.
    pub fn features(&self) -> Result<&Tensor> {
        self.features.as_ref().ok_or_else(|| missing("features"))
    }

    /// What the decoder reads, `[batch, target length]`.
    pub fn decoder_input_ids(&self) -> Result<&Tensor> {
        self.decoder_input_ids.as_ref().ok_or_else(|| missing("decoder_input_ids"))
    }

    /// The labels, `[batch]`, `[batch, outputs]` or `[batch, length]`.
    pub fn labels(&self) -> Result<&Tensor> {
        self.labels.as_ref().ok_or_else(|| missing("labels"))
    }
}

fn missing(what: &str) -> Error {
    Error::new(ErrorKind::Data, format!("this batch has no `{what}`"))
        .help(format!("give the example a field with the role `{what}`, and take a collator that lays it out"))
}
