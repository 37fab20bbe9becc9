//! The rules on what a collator is told, each a `const fn` with its words in it: `#[trainer]` has the compiler run them on what the
//! attribute says, a collator the program on what code says.

use crate::args::rules::words;
pub use crate::args::rules::{Verdict, Words, accept};

/// A token that is chosen with the probability 0 never is.
pub const fn probability_chooses_something(probability: f64) -> Verdict {
    if probability > 0.0 && probability <= 1.0 {
        return Verdict::Accepted;
    }
    Verdict::refused(
        words("`probability` is how likely `MaskedLm` chooses a token: above 0, and at most 1"),
        words("`MaskedLm(probability = 0.15)`"),
    )
}

/// A share of the chosen tokens; `name` is what it is called.
pub const fn is_a_share_of_the_chosen(name: &str, share: f64) -> Verdict {
    if share >= 0.0 && share <= 1.0 {
        return Verdict::Accepted;
    }
    Verdict::refused(
        words("`").then(name).then("` is a share of the tokens that `MaskedLm` chooses: from 0 to 1"),
        words("`mask = 0.8`, `random = 0.1`: the rest stays as it is"),
    )
}

/// Of the chosen tokens no more are replaced than there are.
pub const fn shares_are_of_one_whole(mask: f64, random: f64) -> Verdict {
    // What is no share is refused on its own; 0.9 + 0.1 may be more than 1 by rounding.
    let sum = mask + random;
    if sum.is_nan() || sum <= 1.0 + 1e-9 {
        return Verdict::Accepted;
    }
    Verdict::refused(
        words("`mask` and `random` of `MaskedLm` are shares of the chosen tokens, but together more than 1"),
        words("`mask = 0.8`, `random = 0.1`: the rest stays as it is"),
    )
}

/// All rules on the numbers of `MaskedLm`.
pub const fn masked_lm_shares(probability: f64, mask: f64, random: f64) -> Verdict {
    let verdicts = [
        probability_chooses_something(probability),
        is_a_share_of_the_chosen("mask", mask),
        is_a_share_of_the_chosen("random", random),
        shares_are_of_one_whole(mask, random),
    ];
    let mut at = 0;
    while at < verdicts.len() {
        if !verdicts[at].is_accepted() {
            return verdicts[at];
        }
        at += 1;
    }
    Verdict::Accepted
}

/// What is to be found has at least one character; `name` is what it is called.
pub const fn template_says_something(name: &str, template: &str) -> Verdict {
    if !template.is_empty() {
        return Verdict::Accepted;
    }
    Verdict::refused(
        words("`").then(name).then("` is empty, so that it is nowhere to be found"),
        words("write what stands there, such as `\"### Response:\\n\"`"),
    )
}

/// A packed row holds at least one token.
pub const fn rows_have_room(name: &str, length: usize) -> Verdict {
    if length > 0 {
        return Verdict::Accepted;
    }
    Verdict::refused(
        words("`").then(name).then("` is 0, so that a row has no room for a token"),
        words("a whole number of at least 1, such as `max_length = 512`"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(verdict: &Verdict) -> String {
        match verdict {
            Verdict::Accepted => String::new(),
            Verdict::Refused { message, .. } => message.as_str().to_owned(),
        }
    }

    #[test]
    fn shares_are_within_their_whole() {
        assert!(masked_lm_shares(0.15, 0.8, 0.1).is_accepted());
        assert!(masked_lm_shares(1.0, 0.9, 0.1).is_accepted(), "1 in spite of rounding");
        for (probability, mask, random, words) in [
            (0.0, 0.8, 0.1, "`probability` is how likely"),
            (1.5, 0.8, 0.1, "`probability` is how likely"),
            (f64::NAN, 0.8, 0.1, "`probability` is how likely"),
            (0.15, -0.1, 0.1, "`mask` is a share"),
            (0.15, 0.8, f64::NAN, "`random` is a share"),
            (0.15, 0.8, 0.3, "`mask` and `random` of `MaskedLm` are shares of the chosen tokens, but together"),
        ] {
            let message = message(&masked_lm_shares(probability, mask, random));
            assert!(message.starts_with(words), "{probability} {mask} {random}: {message}");
        }
    }

    #[test]
    fn what_is_empty_is_refused() {
        assert!(
            template_says_something("response_template", "x").is_accepted()
                && rows_have_room("max_length", 1).is_accepted()
        );
        assert!(message(&template_says_something("response_template", "")).starts_with("`response_template` is empty"));
        assert!(message(&rows_have_room("max_length", 0)).starts_with("`max_length` is 0"));
    }
}
