//! The tokens of one input.

use std::ops::Range;

use crate::error::{Error, ErrorKind, Result};

/// The tokens of one text or pair of texts: as many entries in each list as there are tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Encoding {
    /// The tokens' ids in the vocabulary.
    pub input_ids: Vec<u32>,
    /// 1 for a token, 0 for padding.
    pub attention_mask: Vec<u32>,
    /// 0 for the first text, 1 for the second.
    pub token_type_ids: Vec<u32>,
    /// 1 for a token that the tokenizer added, such as `[CLS]`.
    pub special_tokens_mask: Vec<u32>,
    /// Where each token stands in its text, in characters; `(0, 0)` for special tokens.
    pub offsets: Vec<(usize, usize)>,
    /// The word that each token is a part of, counted in its text; `None` for special tokens.
    pub word_ids: Vec<Option<u32>>,
}

impl Encoding {
    /// An input that is tokenised already. Its offsets are unknown, `(0, 0)`, and no token counts as special.
    ///
    /// * `attention_mask`: all ones if left out; `token_type_ids`: all zeros if left out.
    ///
    /// # Errors
    /// A mask or token types of another length than `input_ids`.
    pub fn from_tokens(
        input_ids: &[u32],
        attention_mask: Option<&[u32]>,
        token_type_ids: Option<&[u32]>,
    ) -> Result<Self> {
        let length = input_ids.len();
        for (name, list) in [("attention_mask", attention_mask), ("token_type_ids", token_type_ids)] {
            if let Some(list) = list.filter(|list| list.len() != length) {
                let message =
                    format!("`input_ids` has {length} entries, but `{name}` of the same row has {}", list.len());
                return Err(
                    Error::new(ErrorKind::Data, message).help(format!("give `{name}` one entry for each token"))
                );
            }
        }
        Ok(Self {
            input_ids: input_ids.to_vec(),
            attention_mask: attention_mask.map_or_else(|| vec![1; length], <[u32]>::to_vec),
            token_type_ids: token_type_ids.map_or_else(|| vec![0; length], <[u32]>::to_vec),
            special_tokens_mask: vec![0; length],
            offsets: vec![(0, 0); length],
            word_ids: vec![None; length],
        })
    }

    /// Keeps the tokens at these places alone.
    pub(crate) fn keep(&mut self, kept: &Range<usize>) {
        fn keep<T>(list: &mut Vec<T>, kept: &Range<usize>) {
            list.truncate(kept.end);
            list.drain(..kept.start.min(list.len()));
        }
        keep(&mut self.input_ids, kept);
        keep(&mut self.attention_mask, kept);
        keep(&mut self.token_type_ids, kept);
        keep(&mut self.special_tokens_mask, kept);
        keep(&mut self.offsets, kept);
        keep(&mut self.word_ids, kept);
    }

    /// Adds a special token at the end.
    pub(super) fn push_special(&mut self, id: u32) {
        self.input_ids.push(id);
        self.attention_mask.push(1);
        self.token_type_ids.push(self.token_type_ids.last().copied().unwrap_or(0));
        self.special_tokens_mask.push(1);
        self.offsets.push((0, 0));
        self.word_ids.push(None);
    }

    /// How many tokens there are, special tokens and padding included.
    pub fn len(&self) -> usize {
        self.input_ids.len()
    }

    /// Whether there is no token at all, not even a special one.
    pub fn is_empty(&self) -> bool {
        self.input_ids.is_empty()
    }

    /// How many tokens come from the text: neither special nor padding. 0 means that nothing of the text is left.
    pub fn text_tokens(&self) -> usize {
        self.special_tokens_mask.iter().zip(&self.attention_mask).filter(|&(&s, &a)| s == 0 && a != 0).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_of_another_length_is_refused_by_name() {
        let error = Encoding::from_tokens(&[1, 2, 3], Some(&[1, 1]), None).unwrap_err();
        assert_eq!(error.message(), "`input_ids` has 3 entries, but `attention_mask` of the same row has 2");
    }

    #[test]
    fn tokens_without_mask_are_all_real() {
        let encoding = Encoding::from_tokens(&[7, 8], None, None).unwrap();
        assert_eq!((encoding.attention_mask, encoding.token_type_ids), (vec![1, 1], vec![0, 0]));
    }
}
