//! A model with more, or fewer, ids in its vocabulary.
//!
//! What comes in: a model, and how many ids it is to have. What goes out: the same model, whose tables over the vocabulary have
//! as many rows: those it had, then new ones. It refuses a model with adapters, which are of the tables that it had.

use candle_core::{DType, Tensor};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::Model;
use super::generation::OwnGeneration;
use super::peft::{BaseModel, in_fewer_bits, is_adapted};
use super::tables::is_table;
use crate::error::{Error, ErrorKind, Result};
use crate::tensor::params::Parameters;
use crate::tensor::random::Stream;

/// The share of the old rows' covariance that new rows scatter by.
///
/// Source: `_init_added_embeddings_weights_with_mean` of transformers.
const SCATTER: f64 = 1e-9;

/// The keys of `config.json` that say how many ids there are.
const SIZES: [&str; 2] = ["vocab_size", "decoder_vocab_size"];

/// The model with a vocabulary of `tokens` ids, made by `build`; `None` if it has as many.
///
/// # Errors
/// [`ErrorKind::Model`] for no ids at all, and for a model with adapters or in fewer bits.
pub(super) fn resized<M: Model, C: Serialize + DeserializeOwned>(
    model: &M,
    config: &C,
    tokens: usize,
    pad_to_multiple_of: Option<usize>,
    build: impl FnOnce(C, Parameters) -> Result<M>,
) -> Result<Option<M>> {
    let size = padded(tokens, pad_to_multiple_of)?;
    let old = model.vocabulary_size().ok_or_else(not_known)?;
    if size == old {
        return Ok(None);
    }
    let parameters = model.parameters();
    if is_adapted(parameters) {
        return Err(Error::new(ErrorKind::Model, "the model has adapters, which are of the tables that it has now")
            .help("call `resize_token_embeddings` before the adapters are added"));
    }
    if in_fewer_bits(parameters).numbers > 0 {
        return Err(Error::new(
            ErrorKind::Model,
            "the model was loaded in fewer bits, and its tables stay as they are",
        )
        .help("load it with `from_pretrained` to add tokens"));
    }
    let config = with_vocabulary(config, size)?;
    let mut values = parameters.values();
    for (name, value) in &mut values {
        if is_table(name) {
            *value = of_size(name, value, (old, size), parameters.seed())?;
        }
    }
    let resized = build(config, Parameters::from_values(parameters.device(), parameters.seed(), values))?;
    resized.parameters().inherit(parameters);
    if let Some(base) = parameters.attached::<BaseModel>() {
        resized.parameters().attach(base);
    }
    if let Some(own) = parameters.attached::<OwnGeneration>() {
        resized.parameters().attach(own);
    }
    Ok(Some(resized))
}

/// The error of a model that does not say what its tables are called.
pub(super) fn not_known() -> Error {
    Error::new(ErrorKind::Model, "this model does not say which of its tables are over the vocabulary")
        .help("make it with as many ids as the tokenizer has: `tokenizer.vocabulary_size()`")
}

/// The next multiple of `pad_to_multiple_of`.
fn padded(tokens: usize, pad_to_multiple_of: Option<usize>) -> Result<usize> {
    let multiple = pad_to_multiple_of.unwrap_or(1);
    if tokens == 0 || multiple == 0 {
        let what = if tokens == 0 { "a vocabulary of 0 ids" } else { "`pad_to_multiple_of` is 0, which" };
        return Err(Error::new(ErrorKind::Model, format!("{what} cannot be"))
            .help("write `model.resize_token_embeddings(tokenizer.vocabulary_size(), None)?`"));
    }
    Ok(tokens.next_multiple_of(multiple))
}

/// The configuration that says another size.
fn with_vocabulary<C: Serialize + DeserializeOwned>(config: &C, size: usize) -> Result<C> {
    let not_json = |source: serde_json::Error| {
        Error::new(ErrorKind::Model, format!("the configuration cannot be changed: {source}")).caused_by(source)
    };
    let mut fields = serde_json::to_value(config).map_err(not_json)?;
    for key in SIZES {
        if let Some(field) = fields.get_mut(key).filter(|field| !field.is_null()) {
            *field = json!(size);
        }
    }
    serde_json::from_value(fields).map_err(not_json)
}

/// A table or bias with `new` rows in place of `old`: those that it had, then rows around their mean.
fn of_size(name: &str, value: &Tensor, (old, new): (usize, usize), seed: u64) -> Result<Tensor> {
    // Where a bias is one row, it is over the vocabulary in the other direction.
    let along = usize::from(value.rank() == 2 && value.dim(0)? == 1 && value.dim(1)? == old);
    if value.dim(along)? != old {
        let message = format!("`{name}` has the shape {:?}, but the vocabulary has {old} ids", value.shape());
        return Err(Error::new(ErrorKind::Model, message).help("the weights and `config.json` are of different models"));
    }
    if new <= old {
        return Ok(value.narrow(along, 0, new)?.contiguous()?);
    }
    let added = if along == 1 {
        Tensor::zeros((1, new - old), value.dtype(), value.device())?
    } else {
        around_the_mean(name, value, new - old, seed)?
    };
    Ok(Tensor::cat(&[value, &added], along)?)
}

/// Rows drawn from the normal distribution that has the mean of all rows of `table` and [`SCATTER`] of their covariance: the
/// sum of the rows' differences from the mean, each times a number of the standard normal distribution.
///
/// Source: `torch.distributions.MultivariateNormal` of mean and covariance, which has this distribution.
fn around_the_mean(name: &str, table: &Tensor, count: usize, seed: u64) -> Result<Tensor> {
    let rows = table.dim(0)?;
    let flat = table.to_dtype(DType::F32)?.reshape((rows, ()))?;
    let mean = flat.mean_keepdim(0)?;
    let centred = flat.broadcast_sub(&mean)?;
    let scale = (SCATTER / rows as f64).sqrt();
    let drawn = Stream::initialisation(seed, &format!("{name}.added")).normal(count * rows);
    let drawn: Vec<f32> = drawn.into_iter().map(|value| (scale * value) as f32).collect();
    let scattered = Tensor::from_vec(drawn, (count, rows), table.device())?.matmul(&centred)?;
    let added = scattered.broadcast_add(&mean)?;
    let shape = [&[count], table.dims().get(1..).unwrap_or_default()].concat();
    Ok(added.reshape(shape)?.to_dtype(table.dtype())?)
}

#[cfg(test)]
mod tests;
