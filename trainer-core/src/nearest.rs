//! The name that someone probably meant.
//!
//! What comes in: a name as written, and the names that exist. What goes out: the closest of them, for a "did you mean";
//! `None` when nothing is close enough to be worth proposing.

/// The name of `known` that is closest to `written`, if a slip of the keyboard explains the difference.
///
/// Letter case and the choice between `-`, `_` and a space count nothing; among equally close names the first wins. A
/// third of the letters may differ (at least one), where swapping two neighbours is one difference.
pub fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let written = fold(written);
    let mut best: Option<(usize, &'a str)> = None;
    for name in known {
        let folded = fold(name);
        let allowed = (written.len().max(folded.len()) / 3).max(1);
        let distance = edit_distance(&written, &folded);
        if distance <= allowed && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, name));
        }
    }
    best.map(|(_, name)| name)
}

fn fold(name: &str) -> Vec<char> {
    let fold_separator = |letter| if matches!(letter, '-' | ' ') { '_' } else { letter };
    name.trim().chars().flat_map(char::to_lowercase).map(fold_separator).collect()
}

/// Letters to insert, delete, replace or swap with their neighbour (optimal string alignment).
fn edit_distance(from: &[char], to: &[char]) -> usize {
    let at = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX / 2);
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    let mut letter_before = None;
    for (row, letter) in from.iter().enumerate() {
        let mut current = Vec::with_capacity(to.len() + 1);
        current.push(row + 1);
        for (column, other) in to.iter().enumerate() {
            let replaced = at(&last, column) + usize::from(letter != other);
            let mut distance = replaced.min(at(&last, column + 1) + 1).min(at(&current, column) + 1);
            let swapped = |before: &usize| to.get(*before) == Some(letter) && letter_before == Some(other);
            if let Some(before) = column.checked_sub(1).filter(swapped) {
                distance = distance.min(at(&before_last, before) + 1);
            }
            current.push(distance);
        }
        before_last = std::mem::replace(&mut last, current);
        letter_before = Some(letter);
    }
    at(&last, to.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLASSES: [&str; 3] = ["negative", "neutral", "positive"];

    #[test]
    fn a_missing_a_wrong_and_a_swapped_letter_are_slips() {
        assert_eq!(nearest("neutal", CLASSES), Some("neutral"));
        assert_eq!(nearest("pasitive", CLASSES), Some("positive"));
        assert_eq!(nearest("enutral", CLASSES), Some("neutral"));
    }

    #[test]
    fn letter_case_and_separators_count_nothing() {
        assert_eq!(nearest("Very Bad", ["very_good", "very_bad"]), Some("very_bad"));
        assert_eq!(nearest("learning-rate", ["learning_rate"]), Some("learning_rate"));
    }

    #[test]
    fn a_name_that_is_far_from_all_has_no_nearest() {
        assert_eq!(nearest("angry", CLASSES), None);
        assert_eq!(nearest("", CLASSES), None);
        assert_eq!(nearest("negative", []), None);
    }

    #[test]
    fn the_first_of_equally_near_names_wins() {
        assert_eq!(nearest("cat", ["bat", "hat"]), Some("bat"));
    }
}
