//! The rules over arguments and the trainer that they are for, each a `const fn` with its words in it.
//!
//! What comes in: [`Facts`], and what the trainer says of itself as [`Surroundings`]. What goes out: a [`Verdict`].
//! `#[derive(TrainingArgs)]` has the compiler run a rule at the argument to change, once for each trainer that takes the
//! arguments; a run asks the same rules before its first step.

use super::choice::{IntervalStrategy, SaveStrategy, StepsOrRatio, Warmup};
use super::facts::Facts;
use super::length::RunLength;
use super::words::{Verdict, Words, contains, nearest, same, split_prefix, words};

/// What rules about arguments look at in the trainer that takes them.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    /// The name of its struct.
    pub trainer: &'a str,
    /// Whether it has something to evaluate on.
    pub has_eval_dataset: bool,
    /// The keys of its metrics; `None` where only the run knows them, as when several data sets are evaluated.
    pub metrics: Option<&'a [&'a str]>,
    /// The names of metrics that give several values, whose keys begin with the name and `_`; empty names are none.
    pub several: &'a [&'a str],
    /// Rows of its training set; `None` where only the run knows them.
    pub train_rows: Option<usize>,
    /// The positions of its model, and the file that says them; `None` where only the run knows them.
    pub positions: Option<(usize, &'a str)>,
}

impl<'a> Surroundings<'a> {
    /// A trainer of which nothing but the name is known, so that nothing is refused.
    pub const fn unknown(trainer: &'a str) -> Self {
        Self { trainer, has_eval_dataset: true, metrics: None, several: &[], train_rows: None, positions: None }
    }
}

/// A trainer, as the rules about its arguments see it.
pub trait Surrounded {
    /// What it says of itself.
    const SURROUNDINGS: Surroundings<'static>;
}

/// That a struct of arguments goes with a trainer: a constant for each rule, which the compiler cannot compute where the
/// rule refuses.
///
/// `#[derive(TrainingArgs)]` gives the constants of the rules that are about an argument that is written, `#[trainer]`
/// asks for all of them.
pub trait Agrees {
    /// [`evaluation_needs_a_dataset`].
    const EVAL_STRATEGY: () = ();
    /// [`evaluation_on_start_needs_a_dataset`].
    const EVAL_ON_START: () = ();
    /// [`best_metric_is_computed`].
    const METRIC_FOR_BEST_MODEL: () = ();
    /// [`warmup_ends`].
    const WARMUP: () = ();
    /// [`evaluations_are_within_the_run`].
    const EVAL_STEPS: () = ();
    /// [`checkpoints_are_within_the_run`].
    const SAVE_STEPS: () = ();
    /// [`max_length_is_within_the_positions`].
    const MAX_LENGTH: () = ();
}

/// Arguments about which no rule has anything to say.
#[derive(Debug)]
pub enum NothingToAgreeOn {}

impl Agrees for NothingToAgreeOn {}

/// Texts are not cut at more tokens than the model has positions.
pub const fn max_length_is_within_the_positions(facts: &Facts<'_>, around: &Surroundings<'_>) -> Verdict {
    match around.positions {
        Some((positions, file)) => length_fits("`max_length`", facts.max_length, Some(positions), file),
        None => Verdict::Accepted,
    }
}

/// A longest length is within the model's positions; `file` is the one that says them, where it is known.
pub const fn length_fits(name: &str, length: Option<usize>, positions: Option<usize>, file: &str) -> Verdict {
    let (Some(length), Some(positions)) = (length, positions) else { return Verdict::Accepted };
    if length <= positions {
        return Verdict::Accepted;
    }
    let message = words(name)
        .then(" is ")
        .number(length as i128)
        .then(", but the model has ")
        .number(positions as i128)
        .then(" positions");
    let message =
        if file.is_empty() { message } else { message.then(" (`max_position_embeddings` in ").then(file).then(")") };
    Verdict::refused(message, words("write at most ").number(positions as i128).then("; longer texts are cut"))
}

/// Evaluations need something to evaluate on.
pub const fn evaluation_needs_a_dataset(facts: &Facts<'_>, around: &Surroundings<'_>) -> Verdict {
    if around.has_eval_dataset || !facts.evaluates() {
        return Verdict::Accepted;
    }
    let message = words("`eval_strategy` is \"")
        .then(facts.eval_strategy.name())
        .then("\", but `")
        .then(around.trainer)
        .then("` has no `eval_dataset`");
    Verdict::refused(message, words("add the field `eval_dataset: Dataset<…>`, or write `eval_strategy = \"no\"`"))
}

/// So does the evaluation before the first update.
pub const fn evaluation_on_start_needs_a_dataset(facts: &Facts<'_>, around: &Surroundings<'_>) -> Verdict {
    // One mistake, one answer: a strategy that evaluates is refused for that.
    if around.has_eval_dataset || !facts.eval_on_start || facts.evaluates() {
        return Verdict::Accepted;
    }
    Verdict::refused(
        words("`eval_on_start` is true, but `").then(around.trainer).then("` has no `eval_dataset`"),
        words("add the field `eval_dataset: Dataset<…>`, or leave `eval_on_start` out"),
    )
}

/// The best model is chosen by a metric that there is.
///
/// A metric with several values gives `name_key`, which is accepted, as only the run knows its keys.
pub const fn best_metric_is_computed(facts: &Facts<'_>, around: &Surroundings<'_>) -> Verdict {
    let (Some(written), Some(metrics)) = (facts.metric_for_best_model, around.metrics) else {
        return Verdict::Accepted;
    };
    let (_, name) = split_prefix(written, "eval_");
    if same(name, "loss") || contains(metrics, name) {
        return Verdict::Accepted;
    }
    let mut at = 0;
    while at < around.several.len() {
        let (has_key, rest) = split_prefix(name, around.several[at]);
        if has_key && !around.several[at].is_empty() && split_prefix(rest, "_").0 {
            return Verdict::Accepted;
        }
        at += 1;
    }
    no_metric_is(written, metrics)
}

/// The refusal of a `metric_for_best_model` that none of `metrics` is.
pub(crate) const fn no_metric_is(written: &str, metrics: &[&str]) -> Verdict {
    let (_, name) = split_prefix(written, "eval_");
    let message =
        words("`metric_for_best_model` is \"").then(written).then("\", which no metric of this trainer gives");
    let help = match nearest(name, metrics) {
        Some(near) => words("did you mean \"").then(near).then("\"?"),
        None if metrics.is_empty() => words("write \"loss\", or add a metric to `metrics`"),
        None => words("there are `loss`, ").list(metrics),
    };
    Verdict::refused(message, help)
}

/// Updates of the run, where the arguments or the training file say how many.
const fn updates(facts: &Facts<'_>, around: &Surroundings<'_>) -> Option<usize> {
    if facts.max_steps.is_some() {
        return facts.max_steps;
    }
    let Some(rows) = around.train_rows else { return None };
    match RunLength::of(facts, rows) {
        Some(length) => Some(length.updates),
        None => None,
    }
}

/// `text`, then "but this run takes 94 steps", or "1 step".
const fn but_takes(text: &Words, updates: usize) -> Words {
    let text = text.then(", but this run takes ").number(updates as i128);
    text.then(if updates == 1 { " step" } else { " steps" })
}

/// Where the number of updates comes from, to begin a help.
const fn because(facts: &Facts<'_>, around: &Surroundings<'_>) -> Words {
    match (facts.max_steps, around.train_rows) {
        (Some(_), _) => words("`max_steps` says so: "),
        (None, Some(rows)) => {
            let text = words("").number(rows as i128).then(if rows == 1 {
                " row in batches of "
            } else {
                " rows in batches of "
            });
            let text = text.number(facts.per_device_train_batch_size as i128);
            let window = facts.gradient_accumulation_steps;
            let text = if window == 1 { text } else { text.then(", ").number(window as i128).then(" for each update") };
            let epochs = facts.num_train_epochs;
            if epochs % 1.0 == 0.0 && epochs < 1e9 {
                let text = text.then(", ").number(epochs as i128);
                text.then(if epochs < 1.5 { " epoch: " } else { " epochs: " })
            } else {
                text.then(": ")
            }
        }
        (None, None) => words(""),
    }
}

/// The warm-up ends before the run does.
///
/// A share below 1 that only rounding makes as long as a very short run is no mistake.
pub const fn warmup_ends(facts: &Facts<'_>, around: &Surroundings<'_>) -> Verdict {
    let Some(updates) = updates(facts, around) else { return Verdict::Accepted };
    let warmup = match facts.warmup {
        Warmup::Steps(steps) => steps,
        Warmup::Ratio(ratio) if ratio >= 1.0 => updates,
        Warmup::Ratio(_) => 0,
    };
    if warmup == 0 || warmup < updates {
        return Verdict::Accepted;
    }
    let message = words("warm-up of ").number(warmup as i128).then(if warmup == 1 { " step" } else { " steps" });
    let message = message.then(", but this run takes ").number(updates as i128);
    Verdict::refused(message, because(facts, around).then("`warmup_ratio = 0.1` warms up for a tenth of the run"))
}

/// Evaluations by steps begin before the run ends.
///
/// The last update is evaluated in any case, so that a run takes such an interval, with a note.
pub const fn evaluations_are_within_the_run(facts: &Facts<'_>, around: &Surroundings<'_>) -> Verdict {
    let Some(updates) = updates(facts, around) else { return Verdict::Accepted };
    let (IntervalStrategy::Steps, StepsOrRatio::Steps(each)) = (facts.eval_strategy, facts.eval_interval()) else {
        return Verdict::Accepted;
    };
    if each <= updates {
        return Verdict::Accepted;
    }
    let name =
        if facts.eval_steps.is_some() { "`eval_steps` is " } else { "evaluations go by `logging_steps`, which is " };
    let message = but_takes(&words(name).number(each as i128), updates);
    let help = "`eval_steps = 0.1` evaluates after each tenth of the run, `eval_strategy = \"epoch\"` after each epoch";
    Verdict::refused(message.then(": only its end is evaluated"), because(facts, around).then(help))
}

/// Checkpoints by steps begin before the run ends.
///
/// The last update is saved in any case, so that a run takes such an interval, with a note.
pub const fn checkpoints_are_within_the_run(facts: &Facts<'_>, around: &Surroundings<'_>) -> Verdict {
    let Some(updates) = updates(facts, around) else { return Verdict::Accepted };
    let (SaveStrategy::Steps, StepsOrRatio::Steps(each)) = (facts.save_strategy, facts.save_steps) else {
        return Verdict::Accepted;
    };
    if each <= updates {
        return Verdict::Accepted;
    }
    let message = but_takes(&words("`save_steps` is ").number(each as i128), updates);
    let help = "`save_steps = 0.1` saves after each tenth of the run, `save_strategy = \"epoch\"` after each epoch";
    Verdict::refused(message.then(": only its end is saved"), because(facts, around).then(help))
}

#[cfg(test)]
mod tests;
