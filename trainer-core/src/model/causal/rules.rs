//! What every configuration of a causal language model must keep to.

use crate::error::{Error, ErrorKind, Result};
use crate::tensor::Activation;

/// An activation by its name in `config.json`, where `key` says it.
pub(in crate::model) fn activation(key: &str, name: &str) -> Result<Activation> {
    match name {
        "gelu" => Ok(Activation::Gelu),
        "gelu_new" | "gelu_pytorch_tanh" => Ok(Activation::GeluTanh),
        "relu" => Ok(Activation::Relu),
        "silu" | "swish" => Ok(Activation::Silu),
        other => Err(Error::new(ErrorKind::Model, format!("`{key}` is \"{other}\", which is not known"))
            .help("known are: gelu, gelu_new, gelu_pytorch_tanh, relu, silu")),
    }
}

/// That none of the sizes is 0.
pub(in crate::model) fn refuse_zeros(sizes: &[(&str, usize)]) -> Result<()> {
    match sizes.iter().find(|(_, size)| *size == 0) {
        Some((name, _)) => Err(Error::new(ErrorKind::Model, format!("`{name}` is 0, but must be at least 1"))),
        None => Ok(()),
    }
}

/// That the `model_type` of the file is one of these.
pub(in crate::model) fn refuse_another_type(found: &str, known: &[&str]) -> Result<()> {
    if known.contains(&found) {
        return Ok(());
    }
    let message = format!("`model_type` is \"{found}\", but this model is \"{}\"", known.join("\" or \""));
    Err(Error::new(ErrorKind::Model, message).help("`AutoModelForCausalLM` takes the model that the file names"))
}
