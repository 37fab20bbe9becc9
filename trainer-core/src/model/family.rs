//! What a family of models is called and made of, so that a model directory can be judged before it is loaded.
//!
//! What comes in: the sizes in a `config.json`. What goes out: the name and shape of every tensor that a model of the
//! family has. The compiler computes with it where `#[trainer]` names a `model_dir`, the program where it plans memory.

use serde_json::Value;

use crate::args::rules::same;

/// A family of models: the `model_type` of its `config.json`, and its tensors.
#[derive(Clone, Copy, Debug)]
pub struct Family {
    /// What people call it.
    pub name: &'static str,
    /// What `config.json` calls it.
    pub model_type: &'static str,
    /// What a `config.json` means that leaves a size out.
    pub defaults: Sizes,
    /// What a file may put in front of every name.
    pub prefix: &'static str,
    /// Every tensor, without the prefix and without the head.
    pub tensors: &'static [KnownTensor],
    /// What the names of the head begin with.
    pub head: &'static str,
    /// What names begin with that belong to heads of other tasks, which are left alone.
    pub other_heads: &'static [&'static str],
}

/// A tensor that every model of a family has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownTensor {
    /// Its name; `{}` stands for the number of the block.
    pub name: &'static str,
    /// Its shape.
    pub shape: &'static [Size],
}

/// A size of a model, by the key of `config.json` that says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// `vocab_size`.
    Vocabulary,
    /// `hidden_size`.
    Hidden,
    /// `intermediate_size`.
    Intermediate,
    /// `max_position_embeddings`.
    Positions,
    /// `type_vocab_size`.
    TokenTypes,
}

/// The sizes that a `config.json` says, by its keys; `None` where it says nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the keys of `config.json`")]
pub struct Sizes {
    pub vocab_size: Option<usize>,
    pub hidden_size: Option<usize>,
    pub num_hidden_layers: Option<usize>,
    pub num_attention_heads: Option<usize>,
    pub intermediate_size: Option<usize>,
    pub max_position_embeddings: Option<usize>,
    pub type_vocab_size: Option<usize>,
}

/// What stands for the number of a block in a name.
const NUMBER: &str = "{}";

impl Family {
    /// How many numbers the tensors of a model without its head hold.
    pub const fn numbers(&self, sizes: &Sizes) -> usize {
        let (mut sum, mut at) = (0_usize, 0);
        while at < self.tensors.len() {
            sum = sum.saturating_add(self.tensors[at].numbers(&sizes.or(&self.defaults)));
            at += 1;
        }
        sum
    }

    /// How many numbers the weights of the linear layers inside of blocks hold.
    pub const fn block_weight_numbers(&self, sizes: &Sizes) -> usize {
        let (mut sum, mut at) = (0_usize, 0);
        while at < self.tensors.len() {
            if self.tensors[at].is_in_blocks() && self.tensors[at].shape.len() == 2 {
                sum = sum.saturating_add(self.tensors[at].numbers(&sizes.or(&self.defaults)));
            }
            at += 1;
        }
        sum
    }

    /// Whether a parameter is the table of words.
    pub fn has_table(&self, parameter: &str) -> bool {
        let tables = self.tensors.iter().filter(|tensor| tensor.shape.first() == Some(&Size::Vocabulary));
        tables.into_iter().any(|table| without(parameter, self.prefix) == table.name)
    }
}

impl KnownTensor {
    /// Whether every block has one.
    pub const fn is_in_blocks(&self) -> bool {
        split(self.name, NUMBER).is_some()
    }

    /// Whether the file's `name`, with `{}` for the number of a block, is this tensor: with or without `prefix`, a norm as
    /// `weight` and `bias` or as `gamma` and `beta`.
    pub(super) const fn is_called(&self, name: &str, prefix: &str) -> bool {
        // The compiler computes this for many pairs: most differ in length already.
        let (length, known) = (name.len(), self.name.len());
        let with_prefix = known + prefix.len();
        if length != known && length + 1 != known && length != with_prefix && length + 1 != with_prefix {
            return false;
        }
        let name = without(name, prefix);
        if same(name, self.name) {
            return true;
        }
        match (stem(name, ".gamma"), stem(name, ".beta")) {
            (Some(norm), _) => is(self.name, norm, ".weight"),
            (_, Some(norm)) => is(self.name, norm, ".bias"),
            _ => false,
        }
    }

    /// How many numbers it holds, in all blocks together.
    const fn numbers(&self, sizes: &Sizes) -> usize {
        let (mut product, mut at) = (1_usize, 0);
        while at < self.shape.len() {
            product = product.saturating_mul(sizes.of(self.shape[at]));
            at += 1;
        }
        match sizes.num_hidden_layers {
            Some(blocks) if self.is_in_blocks() => product.saturating_mul(blocks),
            _ => product,
        }
    }
}

impl Sizes {
    /// The sizes that `config.json` says, as the model was made with them.
    pub fn of_config(config: &Value) -> Self {
        let size = |key: &str| config.get(key).and_then(Value::as_u64).and_then(|size| usize::try_from(size).ok());
        Self {
            vocab_size: size("vocab_size"),
            hidden_size: size("hidden_size"),
            num_hidden_layers: size("num_hidden_layers"),
            num_attention_heads: size("num_attention_heads"),
            intermediate_size: size("intermediate_size"),
            max_position_embeddings: size("max_position_embeddings"),
            type_vocab_size: size("type_vocab_size"),
        }
    }

    /// These sizes, and those of `defaults` where nothing is said.
    pub const fn or(&self, defaults: &Self) -> Self {
        Self {
            vocab_size: either(self.vocab_size, defaults.vocab_size),
            hidden_size: either(self.hidden_size, defaults.hidden_size),
            num_hidden_layers: either(self.num_hidden_layers, defaults.num_hidden_layers),
            num_attention_heads: either(self.num_attention_heads, defaults.num_attention_heads),
            intermediate_size: either(self.intermediate_size, defaults.intermediate_size),
            max_position_embeddings: either(self.max_position_embeddings, defaults.max_position_embeddings),
            type_vocab_size: either(self.type_vocab_size, defaults.type_vocab_size),
        }
    }

    /// One of the sizes; 0 if nothing says it.
    pub const fn of(&self, size: Size) -> usize {
        let size = match size {
            Size::Vocabulary => self.vocab_size,
            Size::Hidden => self.hidden_size,
            Size::Intermediate => self.intermediate_size,
            Size::Positions => self.max_position_embeddings,
            Size::TokenTypes => self.type_vocab_size,
        };
        match size {
            Some(size) => size,
            None => 0,
        }
    }
}

impl Size {
    /// The key of `config.json` that says it.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Vocabulary => "vocab_size",
            Self::Hidden => "hidden_size",
            Self::Intermediate => "intermediate_size",
            Self::Positions => "max_position_embeddings",
            Self::TokenTypes => "type_vocab_size",
        }
    }
}

const fn either(said: Option<usize>, else_this: Option<usize>) -> Option<usize> {
    if said.is_some() { said } else { else_this }
}

/// Whether `text` begins with `start`.
pub(super) const fn begins_with(text: &str, start: &str) -> bool {
    text.len() >= start.len() && text.is_char_boundary(start.len()) && same(text.split_at(start.len()).0, start)
}

/// The text without `start` in front of it.
pub(super) const fn without<'a>(text: &'a str, start: &str) -> &'a str {
    if begins_with(text, start) { text.split_at(start.len()).1 } else { text }
}

/// What stands before `end`, if the text ends so.
pub(super) const fn stem<'a>(text: &'a str, end: &str) -> Option<&'a str> {
    if text.len() < end.len() || !text.is_char_boundary(text.len() - end.len()) {
        return None;
    }
    let (stem, found) = text.split_at(text.len() - end.len());
    if same(found, end) { Some(stem) } else { None }
}

/// What stands before and after the first `middle`.
pub(super) const fn split<'a>(text: &'a str, middle: &str) -> Option<(&'a str, &'a str)> {
    let mut at = 0;
    while at + middle.len() <= text.len() {
        if text.is_char_boundary(at) {
            let (before, rest) = text.split_at(at);
            if begins_with(rest, middle) {
                return Some((before, without(rest, middle)));
            }
        }
        at += 1;
    }
    None
}

/// Whether `text` is `start` and then `end`.
const fn is(text: &str, start: &str, end: &str) -> bool {
    match stem(text, end) {
        Some(stem) => same(stem, start),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart() {
        const SPLIT: Option<(&str, &str)> = split("encoder.layer.{}.output.dense.bias", NUMBER);
        assert_eq!(SPLIT, Some(("encoder.layer.", ".output.dense.bias")));
        assert_eq!(split("pooler.dense.bias", NUMBER), None);
        assert_eq!(without("bert.pooler", "bert."), "pooler");
        assert_eq!(stem("norm.gamma", ".gamma"), Some("norm"));
    }

    #[test]
    fn the_table_of_words_is_told_from_other_tensors() {
        let family = crate::model::bert::FAMILY;
        assert!(family.has_table("bert.embeddings.word_embeddings.weight"));
        assert!(!family.has_table("bert.embeddings.position_embeddings.weight"));
        assert!(!family.has_table("classifier.weight"));
    }

    #[test]
    fn a_tensor_is_known_by_each_of_its_spellings() {
        let norm = KnownTensor { name: "embeddings.LayerNorm.weight", shape: &[Size::Hidden] };
        for name in
            ["embeddings.LayerNorm.weight", "bert.embeddings.LayerNorm.weight", "bert.embeddings.LayerNorm.gamma"]
        {
            assert!(norm.is_called(name, "bert."), "{name}");
        }
        assert!(!norm.is_called("embeddings.LayerNorm.beta", "bert."));
    }
}
