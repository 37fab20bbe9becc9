//! Text that is put together while compiling, and the verdict of a rule that carries it.
//!
//! A rule runs at two moments: the compiler evaluates it on what an attribute says, and the program on what a file or a
//! flag says. Both print the same [`Verdict`], so its words are built in `const fn`s.

use std::fmt;

/// A text of limited length that a `const fn` can build; what does not fit is left out.
#[derive(Clone, Copy)]
pub struct Words {
    bytes: [u8; Self::CAPACITY],
    length: usize,
}

impl Words {
    const CAPACITY: usize = 720;

    /// No text yet.
    pub const fn new() -> Self {
        Self { bytes: [0; Self::CAPACITY], length: 0 }
    }

    /// The text, then `text`.
    pub const fn then(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        if self.length + text.len() > Self::CAPACITY {
            return self;
        }
        let mut at = 0;
        while at < text.len() {
            self.bytes[self.length + at] = text[at];
            at += 1;
        }
        self.length += text.len();
        self
    }

    /// The text, then a number.
    pub const fn number(self, number: i128) -> Self {
        let mut digits = [0_u8; 40];
        let mut rest = number.unsigned_abs();
        let mut at = digits.len();
        while at == digits.len() || rest > 0 {
            at -= 1;
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        let signed = if number < 0 { self.then("-") } else { self };
        match std::str::from_utf8(digits.split_at(at).1) {
            Ok(digits) => signed.then(digits),
            Err(_) => signed,
        }
    }

    /// The text, then `names` in backticks, with commas.
    pub const fn list(self, names: &[&str]) -> Self {
        let (mut words, mut at) = (self, 0);
        while at < names.len() {
            words = words.then(if at == 0 { "`" } else { ", `" }).then(names[at]).then("`");
            at += 1;
        }
        words
    }

    /// The text as it stands.
    pub const fn as_str(&self) -> &str {
        match std::str::from_utf8(self.bytes.split_at(self.length).0) {
            Ok(text) => text,
            Err(_) => "",
        }
    }
}

impl Default for Words {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

/// What a rule says of values.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::large_enum_variant, reason = "a `const fn` cannot box, and a verdict lives as long as one check")]
pub enum Verdict {
    /// They work.
    Accepted,
    /// They cannot work.
    Refused {
        /// What is wrong.
        message: Words,
        /// What to write instead.
        help: Words,
    },
}

impl Verdict {
    /// A refusal.
    pub const fn refused(message: Words, help: Words) -> Self {
        Self::Refused { message, help }
    }

    /// Whether the values work.
    pub const fn is_accepted(&self) -> bool {
        matches!(self, Self::Accepted)
    }
}

/// The verdict on several values together, where each `alone` is accepted: a value that is refused is one mistake, whatever
/// would follow from it.
pub const fn where_each_works(alone: &[Verdict], together: Verdict) -> Verdict {
    let mut at = 0;
    while at < alone.len() {
        if !alone[at].is_accepted() {
            return Verdict::Accepted;
        }
        at += 1;
    }
    together
}

/// Stops the compiler at the caller with the words of a refusal. Generated code calls it in constants.
///
/// # Panics
/// If the verdict is a refusal.
#[track_caller]
pub const fn accept(verdict: Verdict) {
    if let Verdict::Refused { message, help } = verdict {
        let words = if help.length == 0 { message } else { message.then("\nhelp: ").then(help.as_str()) };
        panic!("{}", words.as_str());
    }
}

/// Whether two texts are equal, for `const fn`s.
pub(crate) const fn same(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    if left.len() != right.len() {
        return false;
    }
    let mut at = 0;
    while at < left.len() {
        if left[at] != right[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// The words that a message begins with.
pub(crate) const fn words(text: &str) -> Words {
    Words::new().then(text)
}

/// Whether `names` holds `name`, for `const fn`s.
pub(crate) const fn contains(names: &[&str], name: &str) -> bool {
    let mut at = 0;
    while at < names.len() {
        if same(names[at], name) {
            return true;
        }
        at += 1;
    }
    false
}

/// Whether `text` begins with `prefix`, and what follows it; all of `text` if it does not.
pub(crate) const fn split_prefix<'a>(text: &'a str, prefix: &str) -> (bool, &'a str) {
    if text.len() <= prefix.len() || !text.is_char_boundary(prefix.len()) {
        return (false, text);
    }
    let (start, rest) = text.split_at(prefix.len());
    if same(start, prefix) { (true, rest) } else { (false, text) }
}

/// The name that is nearest to `written`, if one is near enough to be what was meant.
pub(crate) const fn nearest<'a>(written: &str, names: &[&'a str]) -> Option<&'a str> {
    let budget = written.len().div_ceil(3);
    let mut best = if budget > 4 { 5 } else { budget + 1 };
    let (mut found, mut at) = (None, 0);
    while at < names.len() {
        let distance = edit_distance(written.as_bytes(), names[at].as_bytes());
        if distance < best {
            best = distance;
            found = Some(names[at]);
        }
        at += 1;
    }
    found
}

/// Insertions, removals and replacements of bytes that turn `from` into `to`; names are at most 63 bytes long, a
/// longer one is far from everything.
const fn edit_distance(from: &[u8], to: &[u8]) -> usize {
    const LONGEST: usize = 64;
    if from.len() >= LONGEST || to.len() >= LONGEST {
        return LONGEST;
    }
    let mut row = [0_usize; LONGEST];
    let mut column = 0;
    while column <= to.len() {
        row[column] = column;
        column += 1;
    }
    let mut line = 0;
    while line < from.len() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        column = 0;
        while column < to.len() {
            let replaced = if from[line] == to[column] { diagonal } else { diagonal + 1 };
            diagonal = row[column + 1];
            row[column + 1] = smallest(replaced, smallest(row[column], diagonal) + 1);
            column += 1;
        }
        line += 1;
    }
    row[to.len()]
}

const fn smallest(left: usize, right: usize) -> usize {
    if left < right { left } else { right }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_hold_text_numbers_and_lists() {
        const WORDS: Words =
            Words::new().then("save_steps ").number(-120).then(" of ").number(0).then(": ").list(&["a", "b"]);
        assert_eq!(WORDS.as_str(), "save_steps -120 of 0: `a`, `b`");
    }

    #[test]
    fn a_text_that_does_not_fit_is_left_out_whole() {
        let long = "x".repeat(Words::CAPACITY);
        assert_eq!(Words::new().then("kept").then(&long).as_str(), "kept");
    }

    #[test]
    fn the_nearest_name_is_found_and_a_far_one_is_not() {
        const NEAR: Option<&str> = nearest("epochs", &["no", "steps", "epoch"]);
        assert_eq!(NEAR, Some("epoch"));
        assert_eq!(nearest("temperature", &["no", "steps", "epoch"]), None);
    }
}
