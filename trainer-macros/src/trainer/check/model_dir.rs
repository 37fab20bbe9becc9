//! What the keys `model_dir`, `new_head` and `memory_budget` say.

use proc_macro2::Span;
use syn::LitStr;

use crate::diagnostics::Errors;
use crate::inspect::model::{self, Seen};

/// The model directory of a trainer, and its memory budget.
#[derive(Default)]
pub(in crate::trainer) struct ModelDir {
    /// The literal of `model_dir`, and what was seen there.
    pub(in crate::trainer) directory: Option<(LitStr, Seen)>,
    /// Whether a directory is named, even if it is not looked at.
    pub(in crate::trainer) is_named: bool,
    /// Whether a head of other labels is no mistake.
    pub(in crate::trainer) has_new_head: bool,
    /// The literal of `memory_budget`, and its bytes.
    pub(in crate::trainer) budget: Option<(LitStr, u64)>,
}

/// The keys as they were written.
#[derive(Default)]
pub(in crate::trainer) struct Written {
    pub(in crate::trainer) model_dir: Option<LitStr>,
    pub(in crate::trainer) new_head: Option<Span>,
    pub(in crate::trainer) memory_budget: Option<LitStr>,
    /// Whether `model_dir` was written at all, even if its value cannot be read.
    pub(in crate::trainer) names_a_directory: bool,
}

pub(super) fn plan(written: Written, has_tokenizer: bool, errors: &mut Errors) -> ModelDir {
    let Written { model_dir, new_head, memory_budget, names_a_directory } = written;
    if let (false, Some(key)) = (names_a_directory, new_head) {
        let help = "add `model_dir = \"models/minilm\"`, or leave `new_head` out";
        errors.add(key, "`new_head` is about the head in `model_dir`, which is not given", help);
    }
    if let (false, Some(budget)) = (names_a_directory, &memory_budget) {
        let help = "add `model_dir = \"models/minilm\"`, the folder that the model is loaded from";
        errors.add(budget.span(), "`memory_budget` needs `model_dir`, which says how large the model is", help);
    }
    let directory = model_dir.filter(|_| model::is_on()).and_then(|literal| {
        match model::look(&literal.value(), literal.span(), has_tokenizer) {
            Ok(seen) => Some((literal, seen)),
            Err(mistake) => {
                errors.add(literal.span(), mistake.message, mistake.help);
                None
            }
        }
    });
    let budget = memory_budget.and_then(|literal| {
        let bytes = bytes(&literal.value());
        if bytes.is_none() {
            let message = format!("`memory_budget` cannot be \"{}\"", literal.value());
            errors.add(literal.span(), message, "a number and its unit: \"8GiB\", \"1.5 GiB\", \"512MiB\" or \"8GB\"");
        }
        Some((literal, bytes?))
    });
    ModelDir { directory, is_named: names_a_directory, has_new_head: new_head.is_some(), budget }
}

/// The bytes of `8GiB`, `1.5 GB`.
fn bytes(written: &str) -> Option<u64> {
    const UNITS: [(&str, f64); 8] = [
        ("KiB", 1024.0),
        ("MiB", 1024.0 * 1024.0),
        ("GiB", 1024.0 * 1024.0 * 1024.0),
        ("TiB", 1024.0 * 1024.0 * 1024.0 * 1024.0),
        ("KB", 1e3),
        ("MB", 1e6),
        ("GB", 1e9),
        ("TB", 1e12),
    ];
    let written = written.trim();
    let (unit, size) = UNITS.iter().find(|(unit, _)| written.ends_with(unit))?;
    let number = written.strip_suffix(unit)?.trim_end();
    let is_number = number.chars().all(|letter| letter.is_ascii_digit() || letter == '.');
    let number: f64 = number.parse().ok().filter(|_| is_number)?;
    let bytes = (number * size).round();
    (1.0..1e18).contains(&bytes).then_some(bytes as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_a_number_and_a_unit() {
        assert_eq!(bytes("8GiB"), Some(8 << 30));
        assert_eq!(bytes("1.5 GiB"), Some(3 << 29));
        assert_eq!(bytes(" 512 MiB "), Some(512 << 20));
        assert_eq!(bytes("8GB"), Some(8_000_000_000));
        for wrong in
            ["", "8", "GiB", "-8GiB", "8gib", "8 G", "eightGiB", "0GiB", "8e3GiB", "nanGiB", "infGiB", "1..5GiB"]
        {
            assert_eq!(bytes(wrong), None, "{wrong}");
        }
    }
}
