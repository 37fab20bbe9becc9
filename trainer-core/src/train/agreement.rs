//! Whether the arguments of a run go with its trainer, asked before the first step.
//!
//! What comes in: the parts of a trainer with the arguments in force, and the rows it trains on. What goes out: notes to
//! print. It refuses what the compiler refuses, by the same rules in the same words, for what a file, a flag or code has set.

use super::TrainerParts;
use super::best::EVAL_PREFIX;
use super::setup::Setup;
use crate::args::rules::Verdict;
use crate::args::surroundings::{
    checkpoints_are_within_the_run, evaluation_needs_a_dataset, evaluation_on_start_needs_a_dataset,
    evaluations_are_within_the_run, no_metric_is, warmup_ends,
};
use crate::args::{Surroundings, TrainingArgs, TrainingArguments};
use crate::error::{Error, ErrorKind, Result};
use crate::model::Model;
use crate::model::generation::end_tokens;
use crate::text::SpecialToken;

/// Asks every rule over arguments and trainers, for a run over `rows` rows.
///
/// A warm-up that never ends is refused where the length of the run follows from its data. Where `max_steps` cuts it, as
/// for a trial of a few steps, it is a note; so is an interval beyond the end, as the last update is evaluated and saved
/// in any case.
///
/// # Errors
/// [`ErrorKind::Data`] without a data set to evaluate on; [`ErrorKind::Metric`] for a best metric that no evaluation
/// gives; [`ErrorKind::Arguments`] for a warm-up that never ends.
pub(super) fn agree<P: TrainerParts>(setup: &Setup<'_, P>, rows: usize) -> Result<Vec<String>> {
    let arguments = &setup.arguments;
    let given = arguments.lr_scheduler_kwargs.given();
    let facts = arguments.facts(&given);
    let around = Surroundings {
        trainer: P::NAME,
        has_eval_dataset: !setup.parts.eval_datasets().is_empty(),
        metrics: None,
        several: &[],
        train_rows: Some(rows),
        // The run compares its lengths with the model that it has.
        positions: None,
    };
    let data = |verdict: &Verdict| accepted(verdict, ErrorKind::Data);
    data(&evaluation_needs_a_dataset(&facts, &around))?;
    data(&evaluation_on_start_needs_a_dataset(&facts, &around))?;
    best_metric_is_given(setup)?;
    let mut notes = Vec::new();
    match (accepted(&warmup_ends(&facts, &around), ErrorKind::Arguments), arguments.max_steps) {
        (Err(error), None) => return Err(error),
        (verdict, _) => notes.extend(verdict.err()),
    }
    if is_set::<P>(arguments, "eval_steps")
        || (arguments.eval_steps.is_none() && is_set::<P>(arguments, "logging_steps"))
    {
        notes.extend(accepted(&evaluations_are_within_the_run(&facts, &around), ErrorKind::Arguments).err());
    }
    if is_set::<P>(arguments, "save_steps") {
        notes.extend(accepted(&checkpoints_are_within_the_run(&facts, &around), ErrorKind::Arguments).err());
    }
    let mut notes: Vec<String> = notes.iter().map(Error::to_string).collect();
    notes.extend(other_end_of_a_text(setup.parts));
    Ok(notes)
}

/// Of a model that writes: that its configuration names another token as the end of a text than the tokenizer does. A run writes
/// to the tokenizer's; others who load the model go by its configuration.
fn other_end_of_a_text<P: TrainerParts>(parts: &P) -> Option<String> {
    parts.model().writer()?;
    let end = parts.tokenizer()?.special_tokens().eos_token.as_ref()?;
    differs(&end_tokens(Some(&parts.model().configuration()?)), end)
}

fn differs(said: &[u32], end: &SpecialToken) -> Option<String> {
    let SpecialToken { token, id } = end;
    if said.contains(id) {
        return None;
    }
    let ids: Vec<String> = said.iter().map(u32::to_string).collect();
    let says = if said.is_empty() { "no token".to_owned() } else { format!("token {}", ids.join(" or ")) };
    Some(format!(
        "the model's configuration says that {says} ends a text, the tokenizer that `{token}` does, which is {id}\n\
         help: of a fresh model, make the configuration `.with_tokenizer(&tokenizer)`, or set its `eos_token_id`"
    ))
}

fn accepted(verdict: &Verdict, kind: ErrorKind) -> Result<()> {
    match verdict {
        Verdict::Accepted => Ok(()),
        Verdict::Refused { message, help } => Err(Error::new(kind, message.as_str()).help(help.as_str())),
    }
}

/// Whether the struct of arguments says another interval than the default, which is nobody's mistake.
fn is_set<P: TrainerParts>(arguments: &TrainingArguments, name: &str) -> bool {
    let specification = <P::Args as TrainingArgs>::SPECIFICATION;
    let is_named = specification.fixed.contains(&name)
        || specification.arguments.iter().any(|argument| argument.standard == Some(name));
    is_named && arguments.text(name) != TrainingArguments::default().text(name)
}

/// The metric that chooses the best model must be one that the evaluation gives; the run knows more of it than the compiler:
/// the names of several data sets, and the keys of a metric with several values.
fn best_metric_is_given<P: TrainerParts>(setup: &Setup<'_, P>) -> Result<()> {
    let Some(best) = setup.best_model()? else { return Ok(()) };
    let metrics = setup.metrics()?;
    let wanted = best.key().strip_prefix(EVAL_PREFIX).unwrap_or(best.key());
    let sets = setup.parts.eval_datasets();
    let named = sets.iter().filter_map(|(name, _)| wanted.strip_prefix(&format!("{}_", (*name)?)));
    let candidates: Vec<&str> = named.chain([wanted]).collect();
    let keys = metrics.keys();
    let gives = |name: &&str| *name == "loss" || metrics.may_give(name);
    if candidates.iter().any(gives) {
        return Ok(());
    }
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let written = setup.arguments.metric_for_best_model.as_deref().unwrap_or(wanted);
    accepted(&no_metric_is(written, &keys), ErrorKind::Metric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_end_of_a_text_is_said_with_both_ids() {
        let end = SpecialToken { token: "</s>".to_owned(), id: 2 };
        assert_eq!(differs(&[50256, 2], &end), None);
        let start = |said: &[u32]| differs(said, &end).unwrap().lines().next().unwrap().to_owned();
        let tokenizers = "ends a text, the tokenizer that `</s>` does, which is 2";
        assert_eq!(start(&[7, 8]), format!("the model's configuration says that token 7 or 8 {tokenizers}"));
        assert_eq!(start(&[]), format!("the model's configuration says that no token {tokenizers}"));
    }
}
