//! Counts of n-grams.

use std::collections::HashMap;
use std::hash::Hash;

/// How often each run of `n` items occurs.
pub(super) fn counts<T: Eq + Hash>(items: &[T], n: usize) -> HashMap<&[T], u64> {
    let mut counts = HashMap::new();
    if n > 0 {
        for window in items.windows(n) {
            *counts.entry(window).or_default() += 1;
        }
    }
    counts
}

/// How many runs there are.
pub(super) fn total<T: Eq + Hash>(counts: &HashMap<&[T], u64>) -> u64 {
    counts.values().sum()
}

/// How many runs of one are in the other too, each as often as the rarer has it.
pub(super) fn shared<T: Eq + Hash>(one: &HashMap<&[T], u64>, other: &HashMap<&[T], u64>) -> u64 {
    one.iter().filter_map(|(run, count)| Some(*count.min(other.get(run)?))).sum()
}
