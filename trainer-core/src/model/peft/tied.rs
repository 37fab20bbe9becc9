//! Tables of words that are trained as a whole beside adapters, and that the head of the model shares.
//!
//! A model has one table for both here. PEFT wraps each module by itself: it ties the head to `embed_tokens` where
//! `ensure_weight_tying` says so, and to a table of another name not at all; such a folder would mean another model in Python.
//!
//! Source: `BaseTuner._check_tied_modules` of PEFT 0.21.

use std::collections::BTreeMap;

use candle_core::Tensor;

use crate::error::{Error, ErrorKind, Result};
use crate::model::tables::is_table_of_words;
use crate::model::{Head, Model, Reads};
use crate::tensor::params::Parameters;

/// The one that PEFT ties, and the head that it ties it to.
const TIED_BY_PEFT: &str = "embed_tokens.weight";
const HEAD: &str = "lm_head.weight";

/// The table of words among the parameters that `is_saved` names, if the head shares it.
fn tied_table<M: Model>(model: &M, is_saved: impl Fn(&str) -> bool) -> Option<String> {
    let Head::Vocabulary(reads) = M::HEAD else { return None };
    let is_tied =
        || model.configuration().and_then(|config| config.get("tie_word_embeddings")?.as_bool()).unwrap_or(true);
    let is_table = |name: &String| is_saved(name) && is_table_of_words(name);
    let table = model.parameters().list().into_iter().map(|parameter| parameter.name).find(is_table)?;
    // The two sides of a model of texts for texts share the table, whatever the head does.
    (reads == Reads::SourceAndTarget || is_tied()).then_some(table)
}

/// Whether the table of words is trained and PEFT ties it.
pub(super) fn is_tied_by_peft<M: Model>(model: &M, is_saved: impl Fn(&str) -> bool) -> bool {
    M::HEAD == Head::Vocabulary(Reads::Causal)
        && tied_table(model, is_saved).is_some_and(|table| table.ends_with(TIED_BY_PEFT))
}

/// Refuses to train a table of words that PEFT would not tie.
///
/// # Errors
/// [`ErrorKind::Model`] with the name of the table.
pub(super) fn refuse_others<M: Model>(model: &M, is_saved: impl Fn(&str) -> bool) -> Result<()> {
    if is_tied_by_peft(model, &is_saved) {
        return Ok(());
    }
    match tied_table(model, is_saved) {
        Some(table) => {
            let message = format!(
                "`modules_to_save` trains `{table}`, which other parts of the model share; PEFT loads it into one of them alone"
            );
            Err(Error::new(ErrorKind::Model, message)
                .help("leave it out of `modules_to_save`, or train without `peft`"))
        }
        None => Ok(()),
    }
}

/// Adds the head's own copy of the table, as PEFT saves it.
pub(super) fn with_head(values: &mut BTreeMap<String, Tensor>) {
    let table = values.iter().find(|(name, _)| name.ends_with(TIED_BY_PEFT)).map(|(_, value)| value.clone());
    values.extend(table.map(|table| (HEAD.to_owned(), table)));
}

/// Leaves the copy out again for a model that has one table.
pub(super) fn without_head(values: &mut BTreeMap<String, Tensor>, parameters: &Parameters) {
    if parameters.get(HEAD).is_none() && values.keys().any(|name| name.ends_with(TIED_BY_PEFT)) {
        values.remove(HEAD);
    }
}
