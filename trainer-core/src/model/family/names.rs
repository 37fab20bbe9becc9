//! Names of tensors, taken apart while compiling.

use crate::args::rules::same;

/// Whether `text` begins with `start`.
pub(in crate::model) const fn begins_with(text: &str, start: &str) -> bool {
    text.len() >= start.len() && text.is_char_boundary(start.len()) && same(text.split_at(start.len()).0, start)
}

/// The text without `start` in front of it.
pub(in crate::model) const fn without<'a>(text: &'a str, start: &str) -> &'a str {
    if begins_with(text, start) { text.split_at(start.len()).1 } else { text }
}

/// What stands before `end`, if the text ends so.
pub(in crate::model) const fn stem<'a>(text: &'a str, end: &str) -> Option<&'a str> {
    if text.len() < end.len() || !text.is_char_boundary(text.len() - end.len()) {
        return None;
    }
    let (stem, found) = text.split_at(text.len() - end.len());
    if same(found, end) { Some(stem) } else { None }
}

/// What stands before and after the first `middle`.
pub(in crate::model) const fn split<'a>(text: &'a str, middle: &str) -> Option<(&'a str, &'a str)> {
    let mut at = 0;
    while at + middle.len() <= text.len() {
        if text.is_char_boundary(at) {
            let (before, rest) = text.split_at(at);
            if begins_with(rest, middle) {
                return Some((before, without(rest, middle)));
            }
        }
        at += 1;
    }
    None
}

/// Whether `text` is `start` and then `end`.
pub(super) const fn is(text: &str, start: &str, end: &str) -> bool {
    match stem(text, end) {
        Some(stem) => same(stem, start),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart() {
        const SPLIT: Option<(&str, &str)> = split("encoder.layer.{}.output.dense.bias", "{}");
        assert_eq!(SPLIT, Some(("encoder.layer.", ".output.dense.bias")));
        assert_eq!(split("pooler.dense.bias", "{}"), None);
        assert_eq!(without("bert.pooler", "bert."), "pooler");
        assert_eq!(stem("norm.gamma", ".gamma"), Some("norm"));
    }
}
