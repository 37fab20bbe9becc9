//! Answers by the templates that stand around them: tokens in, the tokens that are an answer out.

use crate::data::IGNORE;
use crate::error::{Error, ErrorKind, Result};
use crate::text::Tokenizer;

/// A template as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Written {
    Text(String),
    Ids(Vec<u32>),
}

/// The templates of a run.
pub(super) struct Templates {
    pub(super) response: Vec<u32>,
    pub(super) instruction: Option<Vec<u32>>,
    pub(super) response_written: Written,
    pub(super) instruction_written: Option<Written>,
}

impl Written {
    /// The template as tokens; `key` is what it is called.
    pub(super) fn ids(&self, key: &str, tokenizer: Option<&Tokenizer>) -> Result<Vec<u32>> {
        let ids = match (self, tokenizer) {
            (Self::Ids(ids), _) => ids.clone(),
            (Self::Text(text), Some(tokenizer)) => tokenizer.encode_without_special_tokens(text)?.input_ids,
            (Self::Text(_), None) => {
                let message = format!("`{key}` is a text, and the trainer has no tokenizer to find it as tokens");
                return Err(Error::new(ErrorKind::Text, message).help("add the field `tokenizer: Tokenizer`"));
            }
        };
        if ids.is_empty() {
            let message = format!("`{key}` of `CompletionOnly` has no token, so that it is nowhere to be found");
            return Err(Error::new(ErrorKind::Arguments, message)
                .help("write what stands there, such as `\"### Response:\\n\"`"));
        }
        Ok(ids)
    }

    fn shown(&self) -> String {
        match self {
            Self::Text(text) => format!("{text:?}"),
            Self::Ids(ids) => format!("{ids:?}"),
        }
    }
}

impl Templates {
    /// Each token that is part of an answer, and [`IGNORE`] at the others.
    pub(super) fn answers(&self, tokens: &[u32]) -> Vec<u32> {
        let mut labels = tokens.to_vec();
        let ends: Vec<usize> = places(tokens, &self.response).map(|start| start + self.response.len()).collect();
        let Some(instruction) = &self.instruction else {
            let end = ends.last().copied().unwrap_or(tokens.len());
            labels[..end].fill(IGNORE);
            return labels;
        };
        let mut starts: Vec<usize> = places(tokens, instruction).collect();
        let (Some(first_start), Some(first_end)) = (starts.first().copied(), ends.first().copied()) else {
            labels.fill(IGNORE);
            return labels;
        };
        if first_start > first_end {
            // The row begins with an answer's template: what stands before it is taken for an instruction.
            starts.insert(0, 0);
        }
        for (turn, (start, end)) in starts.iter().zip(&ends).enumerate() {
            let start = if turn == 0 { 0 } else { *start };
            // Templates that do not take turns leave an end before its start, and nothing between them.
            if start < *end {
                labels[start..*end].fill(IGNORE);
            }
        }
        if let Some(last) = starts.last().filter(|_| ends.len() < starts.len()) {
            labels[*last..].fill(IGNORE);
        }
        labels
    }

    /// Why a row has no answer, and what to do.
    pub(super) fn why_nothing(&self, tokens: &[u32]) -> (String, String) {
        let lacks = |template: &[u32]| places(tokens, template).next().is_none();
        let missing = |key: &str, written: &Written| {
            let why = format!("`{key}` ({}) is not among its {} tokens", written.shown(), tokens.len());
            let help = format!(
                "it may have been cut away: raise `max_length`; or it has other tokens within a text than alone: give these, in Rust as `.{key}_ids(&[…])`"
            );
            (why, help)
        };
        if lacks(&self.response) {
            return missing("response_template", &self.response_written);
        }
        match (&self.instruction, &self.instruction_written) {
            (Some(ids), Some(written)) if lacks(ids) => missing("instruction_template", written),
            _ => (
                format!("no token is left after `response_template` ({})", self.response_written.shown()),
                "the answer is empty or was cut away: raise `max_length`, or leave the row out".to_owned(),
            ),
        }
    }
}

/// Where `template` begins in `tokens`, from left to right.
fn places<'a>(tokens: &'a [u32], template: &'a [u32]) -> impl Iterator<Item = usize> + 'a {
    tokens
        .windows(template.len().max(1))
        .enumerate()
        .filter(move |(_, window)| *window == template)
        .map(|(start, _)| start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn templates(response: &[u32], instruction: Option<&[u32]>) -> Templates {
        Templates {
            response: response.to_vec(),
            instruction: instruction.map(<[u32]>::to_vec),
            response_written: Written::Ids(response.to_vec()),
            instruction_written: instruction.map(|ids| Written::Ids(ids.to_vec())),
        }
    }

    const N: u32 = IGNORE;

    #[test]
    fn what_follows_the_last_response_template_is_the_answer() {
        let only = templates(&[8, 9], None);
        assert_eq!(only.answers(&[1, 8, 9, 2, 8, 9, 3, 4]), [N, N, N, N, N, N, 3, 4]);
        assert_eq!(only.answers(&[1, 8, 9]), [N, N, N]);
        assert_eq!(only.answers(&[1, 8, 2, 9]), [N, N, N, N]);
        assert_eq!(only.answers(&[8]), [N]);
    }

    #[test]
    fn turns_end_at_the_next_instruction() {
        let both = templates(&[9], Some(&[7]));
        assert_eq!(both.answers(&[7, 1, 9, 2, 3, 7, 4, 9, 5]), [N, N, N, 2, 3, N, N, N, 5]);
        assert_eq!(both.answers(&[7, 1, 9, 2, 7, 4]), [N, N, N, 2, N, N], "an instruction without an answer");
        assert_eq!(both.answers(&[9, 2, 7, 4, 9, 5]), [N, 2, N, N, N, 5], "an answer comes first");
        assert_eq!(both.answers(&[7, 1, 2]), [N, N, N]);
        assert_eq!(both.answers(&[9, 1, 2]), [N, N, N], "no instruction at all");
    }

    #[test]
    fn why_nothing_is_left_is_told_apart() {
        let both = templates(&[9], Some(&[7]));
        assert!(both.why_nothing(&[7, 1]).0.starts_with("`response_template` ([9]) is not among its 2 tokens"));
        assert!(both.why_nothing(&[9, 1]).0.starts_with("`instruction_template` ([7]) is not among"));
        assert!(both.why_nothing(&[7, 9]).0.starts_with("no token is left after `response_template`"));
    }
}
