//! The words of rows, of which a model reads those that have a token.
//!
//! What comes in: items whose words with a token are asked for, and what the model gives for each of these. What goes out:
//! scores of every word of a row, those of a word that the model does not read −∞, so that a row has as many tags as words.

use crate::collate::Item;
use crate::data::{IGNORE, Input, Target};

/// The words of one row.
pub(super) struct Words {
    /// For each word whether the model reads it; `None` of a row that is given as token ids, whose words nobody knows.
    read: Option<Vec<bool>>,
    /// Whether the model is asked for anything.
    pub(super) is_asked: bool,
}

impl Words {
    /// The words of an item, which was made of `input`.
    pub(super) fn of(item: &Item, input: &Input<'_>) -> Self {
        let is_asked = matches!(&item.target, Target::Tokens(labels) if labels.iter().any(|label| *label != IGNORE));
        let read = match (input, item.input.tokens()) {
            (Input::Words(words), Some(encoding)) => {
                Some(encoding.first_tokens(words.len()).iter().map(Option::is_some).collect())
            }
            _ => None,
        };
        Self { read, is_asked }
    }

    /// `[words * classes]`, from the scores of the words that the model reads, one after another.
    pub(super) fn scores(&self, of_read: Vec<f32>, classes: usize) -> Vec<f32> {
        let Some(read) = &self.read else { return of_read };
        let mut of_read = of_read.chunks_exact(classes.max(1));
        let unread = vec![f32::NEG_INFINITY; classes];
        let mut of_word = |is_read: &bool| if *is_read { of_read.next() } else { None }.unwrap_or(&unread).to_vec();
        read.iter().flat_map(&mut of_word).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_scores_in_its_place() {
        let words = Words { read: Some(vec![false, true, false, true]), is_asked: true };
        let none = f32::NEG_INFINITY;
        assert_eq!(words.scores(vec![1.0, 2.0, 3.0, 4.0], 2), [none, none, 1.0, 2.0, none, none, 3.0, 4.0]);
        let of_tokens = Words { read: None, is_asked: true };
        assert_eq!(of_tokens.scores(vec![1.0, 2.0], 2), [1.0, 2.0]);
        assert_eq!(Words { read: Some(vec![false]), is_asked: false }.scores(Vec::new(), 2), [none, none]);
    }
}
