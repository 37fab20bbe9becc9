//! Texts that the model wrote against those it should have written.
//!
//! What comes in: pairs of texts. What goes out: how alike they are, as sacrebleu 2.6 and `rouge_score` 0.1 compute it. It keeps
//! counts of n-grams and sums, and refuses an evaluation in which nothing was written.

pub mod bleu;
pub mod chrf;
mod metric;
mod ngrams;
pub mod porter;
pub mod rouge;

pub use bleu::BleuSmoothing;
pub use metric::{Bleu, Chrf, ExactMatch, Rouge, bleu, chrf, exact_match, rouge};

/// What Python takes for white space.
fn is_space(character: char) -> bool {
    character.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&character)
}

/// The parts of a text between white space.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(is_space).filter(|word| !word.is_empty())
}
