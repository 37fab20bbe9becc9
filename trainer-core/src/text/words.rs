//! The words of a text and their tokens.
//!
//! What comes in: the encoding of a list of words, and a label for each word. What goes out: a label for each token. The
//! first token of a word has the word's label; its other tokens and special tokens have none.

use super::Encoding;
use crate::data::IGNORE;

impl Encoding {
    /// Where the first token of each of `words` words stands; `None` for a word that has none, because truncation took it
    /// away or the tokenizer makes nothing of it.
    pub fn first_tokens(&self, words: usize) -> Vec<Option<usize>> {
        let mut first = vec![None; words];
        for (token, word) in self.word_ids.iter().enumerate() {
            if let Some(place) = word.and_then(|word| first.get_mut(word as usize)) {
                place.get_or_insert(token);
            }
        }
        first
    }

    /// A label for each token from one for each word: that of the word on its first token, [`IGNORE`] on all others.
    ///
    /// Of a word whose beginning was cut away at the left, the first token that is left has the label.
    ///
    /// Source: the alignment by `word_ids()` of `run_ner.py`, without `label_all_tokens`.
    pub fn labels_of_words(&self, labels: &[u32]) -> Vec<u32> {
        let mut of_tokens = vec![IGNORE; self.len()];
        for (token, label) in self.first_tokens(labels.len()).into_iter().zip(labels) {
            if let Some(of_token) = token.and_then(|token| of_tokens.get_mut(token)) {
                *of_token = *label;
            }
        }
        of_tokens
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_words(word_ids: &[Option<u32>]) -> Encoding {
        let ids = vec![5; word_ids.len()];
        Encoding { word_ids: word_ids.to_vec(), ..Encoding::from_tokens(&ids, None, None).unwrap() }
    }

    #[test]
    fn only_the_first_token_of_a_word_has_its_label() {
        let encoding = of_words(&[None, Some(0), Some(1), Some(1), Some(3), None]);
        assert_eq!(encoding.labels_of_words(&[7, 8, 9, IGNORE]), [IGNORE, 7, 8, IGNORE, IGNORE, IGNORE]);
        assert_eq!(encoding.first_tokens(5), [Some(1), Some(2), None, Some(4), None]);
    }

    #[test]
    fn more_words_in_the_encoding_than_labels_have_none() {
        assert_eq!(of_words(&[Some(0), Some(1)]).labels_of_words(&[3]), [3, IGNORE]);
    }
}
