//! What every configuration of a causal language model must keep to.

use crate::error::{Error, ErrorKind, Result};
pub(in crate::model) use crate::model::configuration::{activation, refuse_zeros};

/// That the `model_type` of the file is one of these.
pub(in crate::model) fn refuse_another_type(found: &str, known: &[&str]) -> Result<()> {
    if known.contains(&found) {
        return Ok(());
    }
    let message = format!("`model_type` is \"{found}\", but this model is \"{}\"", known.join("\" or \""));
    Err(Error::new(ErrorKind::Model, message).help("`AutoModelForCausalLM` takes the model that the file names"))
}
