//! What a tokenizer pads with, and on which side.

/// What a tokenizer pads with, and on which side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaddingSettings {
    /// The id of the padding token.
    pub id: u32,
    /// The token type id of padding.
    pub type_id: u32,
    /// The padding token, as the vocabulary spells it.
    pub token: String,
    /// The side that padding is put on.
    pub side: Side,
}

/// A side of a sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Before the first token.
    Left,
    /// After the last token.
    Right,
}
