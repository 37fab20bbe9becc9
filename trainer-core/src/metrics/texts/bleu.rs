//! BLEU: how many runs of words are right.
//!
//! What comes in: texts and what they should have been. What goes out: the score of all of them together, 0 to 100.

use super::{ngrams, words};

/// The longest runs of words that are compared.
pub const ORDERS: usize = 4;

/// What a precision of 0 counts, so that the score of short texts is not 0 at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BleuSmoothing {
    /// Half of one run for the first such length, a quarter for the next, and so on.
    #[default]
    Exponential,
    /// A tenth of a run.
    Floor,
    /// From runs of two on, one run more is right and one more is there.
    AddOne,
    /// Nothing: the score is 0 if no run of some length is right.
    Nothing,
}

/// Counts for BLEU over all texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BleuCounts {
    /// Runs of one to four words that are in the reference too.
    pub right: [u64; ORDERS],
    /// Runs of one to four words.
    pub all: [u64; ORDERS],
    /// Words of the texts.
    pub length: u64,
    /// Words of the references.
    pub reference_length: u64,
}

impl BleuCounts {
    /// Adds a text and what it should have been.
    pub fn add(&mut self, prediction: &str, reference: &str) {
        let (prediction, reference) = (tokenize(prediction), tokenize(reference));
        let (prediction, reference) = (tokens(&prediction), tokens(&reference));
        self.length += prediction.len() as u64;
        self.reference_length += reference.len() as u64;
        for order in 0..ORDERS {
            let found = ngrams::counts(&prediction, order + 1);
            self.right[order] += ngrams::shared(&found, &ngrams::counts(&reference, order + 1));
            self.all[order] += ngrams::total(&found);
        }
    }

    /// The score, 0 to 100.
    ///
    /// Source: `sacrebleu.BLEU.compute_bleu`.
    pub fn score(&self, smoothing: BleuSmoothing) -> f64 {
        if self.right == [0; ORDERS] {
            return 0.0;
        }
        let mut logarithms = 0.0;
        let mut share = 1.0;
        for order in 0..ORDERS {
            let (mut right, mut all) = (self.right[order] as f64, self.all[order] as f64);
            if smoothing == BleuSmoothing::AddOne && order > 0 {
                (right, all) = (right + 1.0, all + 1.0);
            }
            if all > 0.0 && right == 0.0 {
                right = match smoothing {
                    BleuSmoothing::Exponential => {
                        share /= 2.0;
                        share
                    }
                    BleuSmoothing::Floor => 0.1,
                    BleuSmoothing::AddOne | BleuSmoothing::Nothing => 0.0,
                };
            }
            if all == 0.0 || right == 0.0 {
                return 0.0;
            }
            logarithms += (right / all).ln();
        }
        100.0 * self.brevity() * (logarithms / ORDERS as f64).exp()
    }

    /// What the score is multiplied by where the texts are shorter than the references.
    pub fn brevity(&self) -> f64 {
        match (self.length, self.reference_length) {
            (0, 1..) => 0.0,
            (length, reference) if length < reference => (1.0 - reference as f64 / length as f64).exp(),
            _ => 1.0,
        }
    }
}

/// BLEU of texts against what they should have been, 0 to 100; `None` without any.
///
/// ```
/// use trainer_core::metrics::texts::bleu::{BleuSmoothing, bleu_of};
///
/// let pairs = [("the cat sat on the mat", "the cat sat on the mat")];
/// assert_eq!(bleu_of(pairs, BleuSmoothing::Exponential), Some(100.0));
/// ```
///
/// Source: `sacrebleu.corpus_bleu` with one reference and the tokenizer `13a`.
pub fn bleu_of<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>, smoothing: BleuSmoothing) -> Option<f64> {
    let (mut counts, mut seen) = (BleuCounts::default(), false);
    for (prediction, reference) in pairs {
        counts.add(prediction, reference);
        seen = true;
    }
    seen.then(|| counts.score(smoothing))
}

fn tokens(text: &str) -> Vec<&str> {
    words(text).collect()
}

/// Puts spaces between words and punctuation.
///
/// Source: the tokenizer `13a` of sacrebleu, after `mteval-v13a`.
fn tokenize(text: &str) -> String {
    let text = text.trim_end_matches(super::is_space);
    let text = text.replace("<skipped>", "").replace("-\n", "").replace('\n', " ");
    let text = text.replace("&quot;", "\"").replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">");
    let mut characters: Vec<char> = Vec::with_capacity(text.len() * 2);
    for character in [' '].into_iter().chain(text.chars()).chain([' ']) {
        if is_separate(character) {
            characters.extend([' ', character, ' ']);
        } else {
            characters.push(character);
        }
    }
    let is_point = |character: char| matches!(character, '.' | ',');
    // Points that do not follow a digit, points that no digit follows, and dashes that follow a digit.
    let characters = spaced(&characters, |a, b| !a.is_ascii_digit() && is_point(b), |a, b| [a, ' ', b, ' ']);
    let characters = spaced(&characters, |a, b| is_point(a) && !b.is_ascii_digit(), |a, b| [' ', a, ' ', b]);
    spaced(&characters, |a, b| a.is_ascii_digit() && b == '-', |a, b| [a, ' ', b, ' ']).into_iter().collect()
}

/// Punctuation that stands alone wherever it is: all of ASCII but `'`, `,`, `-` and `.`.
fn is_separate(character: char) -> bool {
    character.is_ascii_punctuation() && !matches!(character, '\'' | ',' | '-' | '.')
}

/// Replaces pairs of characters one behind the other, from left to right, each once.
fn spaced(
    characters: &[char],
    is_pair: impl Fn(char, char) -> bool,
    replacement: impl Fn(char, char) -> [char; 4],
) -> Vec<char> {
    let mut result = Vec::with_capacity(characters.len() * 2);
    let mut rest = characters;
    while let [first, more @ ..] = rest {
        match more {
            [second, after @ ..] if is_pair(*first, *second) => {
                result.extend(replacement(*first, *second));
                rest = after;
            }
            _ => {
                result.push(*first);
                rest = more;
            }
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As sacrebleu 2.6.0 tokenises.
    #[test]
    fn punctuation_stands_alone_where_the_reference_puts_it() {
        for (text, expected) in TOKENIZED {
            assert_eq!(words(&tokenize(text)).collect::<Vec<_>>().join(" "), *expected, "{text}");
        }
    }

    const TOKENIZED: &[(&str, &str)] = &[
        ("Hello, World! It's 3.5 km.", "Hello , World ! It's 3.5 km ."),
        ("a.b,c 1,000.5 .5 5. ... ,,x", "a . b , c 1,000.5 . 5 5 . . . . , , x"),
        ("it-s 5-6 a-5 - 3-", "it-s 5 - 6 a-5 - 3 -"),
        ("&quot;x&quot; &amp;lt; <skipped>y", "\" x \" < y"),
        ("end of-\nline\nnext", "end ofline next"),
        ("{a} [b] ~c` /d@e:f;g<h=i>j?k ^_\\", "{ a } [ b ] ~ c ` / d @ e : f ; g < h = i > j ? k ^ _ \\"),
        ("東京 は、3.5％。", "東京 は、3.5％。"),
        ("  tabs\tand\u{a0}spaces\u{1c}  ", "tabs and spaces"),
        ("1.,2 a.,b ..1", "1 . , 2 a . , b . .1"),
        ("$5 50% #1 a&b (c)*d+e'f", "$ 5 50 % # 1 a & b ( c ) * d + e'f"),
    ];
}
