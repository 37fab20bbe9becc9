//! What of a data set does not reach the model, to be said and not dropped silently.

use super::Limits;

/// Counts of what was lost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lost {
    /// Rows of which what is read was cut to the longest length.
    pub(crate) truncated: usize,
    /// Rows of which what is to be written was cut.
    pub(crate) targets: usize,
    /// Words with a tag that were cut away.
    pub(crate) words: usize,
    /// Words with a tag of which the tokenizer makes nothing.
    pub(crate) words_without_tokens: usize,
    /// The first of them, with its row.
    pub(crate) first_without_tokens: Option<(usize, String)>,
    /// Rows that have no label at all.
    pub(crate) unlabelled: usize,
    /// Texts to write after which the tokenizer adds no end.
    pub(crate) endless: usize,
}

impl Lost {
    /// A sentence for each thing that was lost of the data set `name`, of so many rows, cut to what there is room for; `place`
    /// says where a row stands.
    pub(crate) fn notes(
        &self,
        name: &str,
        rows: usize,
        limits: Limits,
        place: impl Fn(usize) -> String,
    ) -> Vec<String> {
        let mut notes = Vec::new();
        if let (true, Some(length)) = (self.truncated > 0, limits.read.length) {
            let words = match self.words {
                0 => String::new(),
                1 => "; 1 word with a tag is lost".to_owned(),
                words => format!("; {words} words with a tag are lost"),
            };
            let truncated = self.truncated;
            notes.push(format!(
                "{name}: {truncated} of {rows} texts are longer than {length} tokens and were cut{words}"
            ));
        }
        if let (true, Some(length)) = (self.targets > 0, limits.written.length) {
            let targets = self.targets;
            notes.push(format!(
                "{name}: {targets} of {rows} texts to write are longer than {length} tokens and were cut: a model does not learn \
                 how they end"
            ));
        }
        if let Some((row, word)) = &self.first_without_tokens {
            let counted = match self.words_without_tokens {
                1 => "1 word has no tokens: its tag is not learnt; it".to_owned(),
                words => format!("{words} words have no tokens: their tags are not learnt; the first"),
            };
            notes.push(format!("{name}: {counted} is {word:?} at {}", place(*row)));
        }
        if self.unlabelled > 0 {
            notes.push(format!("{name}: {} of {rows} rows have no label that counts", self.unlabelled));
        }
        if self.endless > 0 {
            notes.push(format!(
                "{name}: the tokenizer adds no end token to the texts to write, so that a model does not learn where they end"
            ));
        }
        notes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_lost_is_said_with_its_count_and_nothing_else_is() {
        let limits = |length| Limits::both(length, None);
        let notes =
            |lost: &Lost, length| lost.notes("a.jsonl", 3, limits(length), |row| format!("a.jsonl:{}", row + 1));
        assert_eq!(notes(&Lost::default(), Some(8)), Vec::<String>::new());
        let lost = Lost { truncated: 2, words: 5, ..Lost::default() };
        let cut = "a.jsonl: 2 of 3 texts are longer than 8 tokens and were cut; 5 words with a tag are lost";
        assert_eq!(notes(&lost, Some(8)), [cut]);
        let cut =
            "a.jsonl: 1 of 3 texts to write are longer than 8 tokens and were cut: a model does not learn how they end";
        assert_eq!(notes(&Lost { targets: 1, ..Lost::default() }, Some(8)), [cut]);
        let lost = Lost {
            words_without_tokens: 4,
            first_without_tokens: Some((1, "\u{fe0f}".to_owned())),
            unlabelled: 1,
            endless: 3,
            ..Lost::default()
        };
        let found = notes(&lost, None);
        let words =
            "a.jsonl: 4 words have no tokens: their tags are not learnt; the first is \"\\u{fe0f}\" at a.jsonl:2";
        assert_eq!((found.len(), found[0].as_str()), (3, words));
        assert!(found[1].contains("1 of 3 rows"), "{found:?}");
        let one = Lost { words_without_tokens: 1, unlabelled: 0, endless: 0, ..lost };
        let word = "a.jsonl: 1 word has no tokens: its tag is not learnt; it is \"\\u{fe0f}\" at a.jsonl:2";
        assert_eq!(notes(&one, None), [word]);
    }
}
