//! Padding: tokens without meaning that bring an encoding to the length of its batch.

use super::Encoding;
use crate::args::rules::{Verdict, Words};

/// What an encoding is padded with, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaddingSettings {
    /// The padding token's id.
    pub id: u32,
    /// Its token type.
    pub type_id: u32,
    /// The padding token itself, such as `[PAD]`.
    pub token: String,
    /// The side of the text on which padding goes.
    pub side: Side,
}

/// A side of a text, in reading order: left is its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The beginning.
    Left,
    /// The end.
    Right,
}

impl Side {
    /// Its name in `tokenizer_config.json`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
        }
    }

    /// The side of that name, in any case.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        [Self::Left, Self::Right].into_iter().find(|side| name.eq_ignore_ascii_case(side.name()))
    }
}

/// Pads `encoding` to `length` tokens; one that is as long or longer stays as it is.
///
/// Padding has attention 0, counts as a special token, and stands at `(0, 0)` in the text.
///
/// Source: `PreTrainedTokenizerBase._pad`.
pub fn pad(encoding: &mut Encoding, length: usize, settings: &PaddingSettings) {
    let missing = length.saturating_sub(encoding.len());
    fill(&mut encoding.input_ids, missing, settings.id, settings.side);
    fill(&mut encoding.attention_mask, missing, 0, settings.side);
    fill(&mut encoding.token_type_ids, missing, settings.type_id, settings.side);
    fill(&mut encoding.special_tokens_mask, missing, 1, settings.side);
    fill(&mut encoding.offsets, missing, (0, 0), settings.side);
    fill(&mut encoding.word_ids, missing, None, settings.side);
}

/// Adds `count` copies of `value` on one side of `list`.
pub fn fill<T: Clone>(list: &mut Vec<T>, count: usize, value: T, side: Side) {
    match side {
        Side::Right => list.extend(std::iter::repeat_n(value, count)),
        Side::Left => {
            list.splice(..0, std::iter::repeat_n(value, count));
        }
    }
}

/// What pads needs a padding token; `could_pad` is another token of the tokenizer that could be it.
pub const fn padding_has_a_token(place: &str, has_pad_token: bool, could_pad: Option<&str>) -> Verdict {
    if has_pad_token {
        return Verdict::Accepted;
    }
    let token = match could_pad {
        Some(token) => token,
        None => "</s>",
    };
    Verdict::refused(
        Words::new().then(place).then(" has no `pad_token`, and texts must be padded"),
        Words::new().then("write `\"pad_token\": \"").then(token).then("\"` there"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(side: Side) -> PaddingSettings {
        PaddingSettings { id: 9, type_id: 0, token: "[PAD]".to_owned(), side }
    }

    #[test]
    fn padding_goes_to_its_side_in_every_list() {
        let plain = Encoding::from_tokens(&[1, 2], None, None).unwrap();
        let (mut right, mut left) = (plain.clone(), plain);
        pad(&mut right, 4, &settings(Side::Right));
        pad(&mut left, 4, &settings(Side::Left));
        assert_eq!((right.input_ids, right.attention_mask), (vec![1, 2, 9, 9], vec![1, 1, 0, 0]));
        assert_eq!((left.input_ids, left.attention_mask), (vec![9, 9, 1, 2], vec![0, 0, 1, 1]));
        assert_eq!(left.special_tokens_mask, [1, 1, 0, 0]);
        let lengths = [left.token_type_ids.len(), left.offsets.len(), left.word_ids.len()];
        assert_eq!(lengths, [4, 4, 4]);
    }

    #[test]
    fn an_encoding_that_is_long_enough_stays() {
        let mut encoding = Encoding::from_tokens(&[1, 2, 3], None, None).unwrap();
        pad(&mut encoding, 2, &settings(Side::Right));
        assert_eq!(encoding.input_ids, [1, 2, 3]);
    }
}
