//! Sentences that are put together while compiling.

/// How long a message can be, in bytes; what goes beyond is cut at the last whole word that fits.
const CAPACITY: usize = 1024;

/// A message in the making.
pub(super) struct Words {
    bytes: [u8; CAPACITY],
    length: usize,
}

impl Words {
    /// No words yet.
    pub(super) const fn new() -> Self {
        Self { bytes: [0; CAPACITY], length: 0 }
    }

    /// Adds words; none of them if they do not fit, so that no letter is cut in two.
    pub(super) const fn then(mut self, words: &str) -> Self {
        let words = words.as_bytes();
        if self.length + words.len() > CAPACITY {
            return self;
        }
        let mut position = 0;
        while position < words.len() {
            self.bytes[self.length + position] = words[position];
            position += 1;
        }
        self.length += words.len();
        self
    }

    /// Adds a name of the user's, in backticks.
    pub(super) const fn quoted(self, name: &str) -> Self {
        self.then("`").then(name).then("`")
    }

    /// Adds a number.
    pub(super) const fn number(self, number: usize) -> Self {
        const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
        let words = if number < 10 { self } else { self.number(number / 10) };
        words.then(DIGITS[number % 10])
    }

    /// Adds names with commas between them.
    pub(super) const fn list(self, names: &[&str]) -> Self {
        let mut words = self;
        let mut position = 0;
        while position < names.len() {
            if position > 0 {
                words = words.then(", ");
            }
            words = words.then(names[position]);
            position += 1;
        }
        words
    }

    /// Begins the line that says what to write.
    pub(super) const fn help(self, words: &str) -> Self {
        self.then("\nhelp: ").then(words)
    }

    /// Ends the compilation with these words.
    #[track_caller]
    #[expect(clippy::panic, reason = "a panic while compiling is the error")]
    pub(super) const fn refuse(&self) -> ! {
        panic!("{}", self.text())
    }

    const fn text(&self) -> &str {
        match std::str::from_utf8(self.bytes.split_at(self.length).0) {
            Ok(text) => text,
            Err(_) => "the parts of this trainer do not go together",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_numbers_and_lists_become_a_sentence() {
        const SENTENCE: Words =
            Words::new().number(204).then(" weights for ").quoted("Rating").help("").list(&["a", "b"]);
        assert_eq!(SENTENCE.text(), "204 weights for `Rating`\nhelp: a, b");
    }

    #[test]
    fn what_does_not_fit_is_left_out_whole() {
        let long = "é".repeat(CAPACITY / 2);
        assert_eq!(Words::new().then(&long).then("é").text(), long);
    }
}
