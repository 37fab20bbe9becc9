//! What each training argument is for, in the words of its documentation.
//!
//! `--help` says of a field without documentation of its own what [`TrainingArguments`](super::TrainingArguments) says of
//! the argument. The words stand in one place, the source of that struct, which is read here.

/// Where every argument is documented, as a field.
const SOURCE: &str = include_str!("training_arguments.rs");

/// The documentation of a training argument, if there is one of that name; a sentence on its default comes last.
pub(super) fn described(name: &str) -> Option<String> {
    let field = if matches!(name, "warmup_steps" | "warmup_ratio") { "warmup" } else { name };
    let declared = format!("pub {field}:");
    let lines: Vec<&str> = SOURCE.lines().map(str::trim).collect();
    let at = lines.iter().position(|line| line.starts_with(&declared))?;
    let mut words: Vec<&str> = lines[..at].iter().rev().map_while(|line| line.strip_prefix("/// ")).collect();
    words.reverse();
    Some(words.join(" "))
}

/// A description without what it says of the default, for an argument that shows its own.
pub(super) fn without_default(description: &str) -> &str {
    description.split(" Default: ").next().unwrap_or(description).trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::super::names::NAMES;
    use super::*;

    #[test]
    fn every_argument_is_described() {
        for known in NAMES {
            let text = described(known.name).unwrap_or_default();
            assert!(text.len() > 20 && text.ends_with('.'), "{}: {text}", known.name);
            assert!(without_default(&text).len() > 10, "{}: {text}", known.name);
        }
        assert_eq!(described("temperature"), None);
        assert_eq!(without_default(&described("seed").unwrap()), "Seed of everything random");
    }
}
