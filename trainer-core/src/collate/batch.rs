//! A batch: some examples laid out as tensors.

use candle_core::{Device, Tensor};

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
    /// Classes `[batch]`, `u32`; or `[batch, outputs]`, `f32`, for several labels and for numbers.
    pub labels: Option<Tensor>,
    /// The indices of the real tokens in the flattened `[batch * length]`; `None` when nothing is padding.
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
            real_tokens: self.real_tokens.clone(),
        })
    }

    /// How many tokens there are without padding; 0 for a batch of numbers.
    pub fn tokens(&self) -> usize {
        self.real_tokens.as_ref().map_or(self.padded_tokens(), Vec::len)
    }

    /// How many tokens there are with padding; 0 for a batch of numbers.
    pub fn padded_tokens(&self) -> usize {
        self.input_ids.as_ref().map_or(0, Tensor::elem_count)
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

    /// The labels, `[batch]` or `[batch, outputs]`.
    pub fn labels(&self) -> Result<&Tensor> {
        self.labels.as_ref().ok_or_else(|| missing("labels"))
    }
}

fn missing(what: &str) -> Error {
    Error::new(ErrorKind::Data, format!("this batch has no `{what}`"))
        .help(format!("give the example a field with the role `{what}`, and take a collator that lays it out"))
}
