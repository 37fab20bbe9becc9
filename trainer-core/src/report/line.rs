//! A log event as one line for people.

use serde_json::Value;

use crate::train::{LogEntry, number_from_json};

/// What a log event tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EventKind {
    /// The training since the last log event.
    Log,
    /// An evaluation.
    Evaluation,
    /// The whole run.
    Summary,
}

impl EventKind {
    pub(super) fn of(entry: &LogEntry) -> Self {
        if entry.keys().any(|key| key.starts_with("eval_")) {
            Self::Evaluation
        } else if entry.contains_key("train_loss") || entry.contains_key("train_runtime") {
            Self::Summary
        } else {
            Self::Log
        }
    }

    /// Its name in `log.jsonl`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Evaluation => "evaluation",
            Self::Summary => "summary",
        }
    }
}

/// The values that come first, in this order.
const FIRST: [&str; 3] = ["loss", "grad_norm", "learning_rate"];

/// One line for a log event: `step 40/94  epoch 1.28  loss 0.5123  grad norm 2.1  lr 3.1e-5  412 rows/s`.
///
/// * `entry`: an event of the history, with its `step` and `epoch`.
/// * `max_steps`: the updates of the run.
/// * `rows_per_second`: the speed of training since the last event; evaluations have their own.
pub fn log_line(entry: &LogEntry, max_steps: usize, rows_per_second: Option<f64>) -> String {
    let number = |key: &str| entry.get(key).and_then(number_from_json);
    let mut parts = Vec::new();
    if let Some(step) = number("step") {
        parts.push(format!("step {step}/{max_steps}"));
    }
    if let Some(epoch) = number("epoch") {
        parts.push(format!("epoch {epoch:.2}"));
    }
    let first = FIRST.iter().filter_map(|key| entry.get_key_value(*key));
    let rest = entry.iter().filter(|(key, _)| !FIRST.contains(&key.as_str()));
    parts.extend(first.chain(rest).filter_map(|(key, value)| part_of(key, value)));
    if let Some(speed) = rows_per_second {
        parts.push(format!("{speed:.0} rows/s"));
    }
    parts.join("  ")
}

/// A value with its name; nothing for what is said elsewhere in the line.
fn part_of(key: &str, value: &Value) -> Option<String> {
    let shown = number_from_json(value).map_or_else(|| plain(value), short);
    match key {
        "step" | "epoch" | "total_flos" => None,
        "learning_rate" => Some(format!("lr {shown}")),
        _ if key.ends_with("_steps_per_second") => None,
        _ if key.ends_with("_samples_per_second") => Some(format!("{shown} rows/s")),
        _ if key.ends_with("_runtime") => Some(format!("{shown} s")),
        _ => Some(format!("{} {shown}", key.replace('_', " "))),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A number with four digits that count, without zeros at its end.
pub(super) fn short(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    let rounded = format!("{value:.3e}");
    let Some((digits, Ok(exponent))) = rounded.split_once('e').map(|(digits, power)| (digits, power.parse::<i32>()))
    else {
        return rounded;
    };
    if (-4..9).contains(&exponent) {
        let decimals = usize::try_from(3 - exponent).unwrap_or(0);
        without_last_zeros(&format!("{value:.decimals$}")).to_owned()
    } else {
        format!("{}e{exponent}", without_last_zeros(digits))
    }
}

fn without_last_zeros(digits: &str) -> &str {
    if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::number_to_json;

    fn entry(values: &[(&str, f64)]) -> LogEntry {
        let mut entry: LogEntry =
            values.iter().map(|(key, value)| ((*key).to_owned(), number_to_json(*value))).collect();
        entry.insert("step".to_owned(), Value::from(40));
        entry
    }

    #[test]
    fn a_log_event_reads_as_a_line() {
        let training = entry(&[("epoch", 1.2765), ("learning_rate", 3.1e-5), ("loss", 0.512345), ("grad_norm", 2.1)]);
        assert_eq!(
            log_line(&training, 94, Some(411.7)),
            "step 40/94  epoch 1.28  loss 0.5123  grad norm 2.1  lr 3.1e-5  412 rows/s"
        );
        let evaluation = entry(&[
            ("epoch", 2.0),
            ("eval_loss", 0.61),
            ("eval_f1", f64::NAN),
            ("eval_runtime", 1.25),
            ("eval_samples_per_second", 491.325),
            ("eval_steps_per_second", 70.1),
        ]);
        assert_eq!(
            log_line(&evaluation, 94, None),
            "step 40/94  epoch 2.00  eval loss 0.61  eval f1 NaN  1.25 s  491.3 rows/s"
        );
        assert_eq!(EventKind::of(&training).name(), "log");
        assert_eq!(EventKind::of(&evaluation).name(), "evaluation");
        assert_eq!(EventKind::of(&entry(&[("train_loss", 0.5)])).name(), "summary");
    }

    #[test]
    fn numbers_are_short() {
        let cases = [
            (0.0, "0"),
            (1.0, "1"),
            (0.99996, "1"),
            (123456.7, "123457"),
            (0.0001, "0.0001"),
            (-2.5e-7, "-2.5e-7"),
            (1e12, "1e12"),
        ];
        for (value, shown) in cases {
            assert_eq!(short(value), shown);
        }
    }
}
