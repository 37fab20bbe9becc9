//! What a family of models is called and made of, so that a model directory can be judged before it is loaded.
//!
//! What comes in: the sizes in a `config.json`. What goes out: the name and shape of every tensor that a model of the
//! family has. The compiler computes with it where `#[trainer]` names a `model_dir`, the program where it plans memory.

use serde_json::Value;

use crate::args::rules::{contains, same};

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
    /// Other `model_type`s of the same architecture and the same names.
    pub other_model_types: &'static [&'static str],
    /// Keys of its `config.json` that are called otherwise than in most families.
    pub keys: &'static [(Size, &'static str)],
    /// What the names of those tensors begin with, without the prefix, that a file may lack: they are drawn then, as the head is.
    pub may_lack: &'static [&'static str],
    /// Tensors that only some configurations have, such as biases, without the prefix.
    pub optional: &'static [KnownTensor],
    /// Tensors that the model has only where its embeddings have another width than its blocks.
    pub between_widths: &'static [KnownTensor],
    /// Tensors of the head, but for the layer that gives its outputs, by their full names.
    pub head_tensors: &'static [KnownTensor],
    /// The full name of the layer that gives the head's outputs, with a dot; that of `head` if it is left empty.
    pub output: &'static str,
    /// Rows of the table of positions that no token of a text has: in RoBERTa those up to that of padding.
    pub reserved_positions: usize,
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
    /// `embedding_size`, which is the hidden size in most families.
    Embedding,
    /// `intermediate_size`.
    Intermediate,
    /// `max_position_embeddings`.
    Positions,
    /// `type_vocab_size`.
    TokenTypes,
    /// `num_hidden_layers`.
    Blocks,
    /// `num_attention_heads`.
    Heads,
    /// Numbers for each token of all attention heads: `num_attention_heads` times `head_dim`.
    Gathered,
    /// Numbers for each token of keys, and of values: `num_key_value_heads` times `head_dim`.
    KeyValue,
    /// Three times the hidden size: queries, keys and values of one layer.
    ThreeHidden,
}

/// The sizes that a `config.json` says, by its keys; `None` where it says nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the keys of `config.json`")]
pub struct Sizes {
    pub vocab_size: Option<usize>,
    pub hidden_size: Option<usize>,
    pub embedding_size: Option<usize>,
    pub num_hidden_layers: Option<usize>,
    pub num_attention_heads: Option<usize>,
    pub intermediate_size: Option<usize>,
    pub max_position_embeddings: Option<usize>,
    pub type_vocab_size: Option<usize>,
    pub num_key_value_heads: Option<usize>,
    pub head_dim: Option<usize>,
}

/// What stands for the number of a block in a name.
const NUMBER: &str = "{}";

impl Family {
    /// A family without anything, to be filled: `Family { name: "BERT", …, ..Family::EMPTY }`.
    pub const EMPTY: Self = Self {
        name: "",
        model_type: "",
        defaults: Sizes::NONE,
        prefix: "",
        tensors: &[],
        head: "",
        other_heads: &[],
        other_model_types: &[],
        keys: &[],
        may_lack: &[],
        optional: &[],
        between_widths: &[],
        head_tensors: &[],
        output: "",
        reserved_positions: 0,
    };

    /// How many numbers the tensors of a model hold, without the layer that gives the head's outputs.
    pub const fn numbers(&self, sizes: &Sizes) -> usize {
        let sizes = sizes.or(&self.defaults);
        let mut sum = numbers(self.tensors, &sizes).saturating_add(numbers(self.head_tensors, &sizes));
        if sizes.differ_in_width() {
            sum = sum.saturating_add(numbers(self.between_widths, &sizes));
        }
        sum
    }

    /// Whether `config.json` calls this architecture so.
    pub const fn is_called(&self, model_type: &str) -> bool {
        same(self.model_type, model_type) || contains(self.other_model_types, model_type)
    }

    /// The key of its `config.json` that says a size.
    pub const fn key(&self, size: Size) -> &'static str {
        let size = match size {
            Size::Embedding if self.defaults.embedding_size.is_none() => Size::Hidden,
            size => size,
        };
        let mut at = 0;
        while at < self.keys.len() {
            if self.keys[at].0 as usize == size as usize {
                return self.keys[at].1;
            }
            at += 1;
        }
        size.key()
    }

    /// How many layers make the inner numbers of a block's feed-forward layers: two where one of them is a gate.
    pub(crate) const fn inner_layers(&self) -> usize {
        let (mut count, mut at) = (0, 0);
        while at < self.tensors.len() {
            let tensor = &self.tensors[at];
            count += (tensor.is_in_blocks() && matches!(tensor.shape, [Size::Intermediate, Size::Hidden])) as usize;
            at += 1;
        }
        count
    }

    /// What the name of the layer that gives the head's outputs begins with.
    pub(super) const fn outputs_of(&self) -> &'static str {
        if self.output.is_empty() { self.head } else { self.output }
    }

    /// Whether a file may lack the tensor of this name, without the prefix.
    pub(super) const fn may_lack(&self, name: &str) -> bool {
        let mut at = 0;
        while at < self.may_lack.len() {
            if begins_with(name, self.may_lack[at]) {
                return true;
            }
            at += 1;
        }
        false
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
    /// Nothing is said.
    pub const NONE: Self = Self {
        vocab_size: None,
        hidden_size: None,
        embedding_size: None,
        num_hidden_layers: None,
        num_attention_heads: None,
        intermediate_size: None,
        max_position_embeddings: None,
        type_vocab_size: None,
        num_key_value_heads: None,
        head_dim: None,
    };

    /// The sizes that `config.json` says, as the model was made with them.
    pub fn of_config(config: &Value) -> Self {
        let one = |key: &str| config.get(key).and_then(Value::as_u64).and_then(|size| usize::try_from(size).ok());
        let size = |size: Size| size.spellings().iter().find_map(|key| one(key));
        Self {
            vocab_size: size(Size::Vocabulary),
            hidden_size: size(Size::Hidden),
            embedding_size: size(Size::Embedding),
            num_hidden_layers: size(Size::Blocks),
            num_attention_heads: size(Size::Heads),
            intermediate_size: size(Size::Intermediate),
            max_position_embeddings: size(Size::Positions),
            type_vocab_size: size(Size::TokenTypes),
            num_key_value_heads: one("num_key_value_heads"),
            head_dim: one("head_dim"),
        }
    }

    /// Whether embeddings have another width than blocks.
    pub(super) const fn differ_in_width(&self) -> bool {
        self.of(Size::Embedding) != self.of(Size::Hidden)
    }

    /// These sizes, and those of `defaults` where nothing is said.
    pub const fn or(&self, defaults: &Self) -> Self {
        Self {
            vocab_size: either(self.vocab_size, defaults.vocab_size),
            hidden_size: either(self.hidden_size, defaults.hidden_size),
            embedding_size: either(self.embedding_size, defaults.embedding_size),
            num_hidden_layers: either(self.num_hidden_layers, defaults.num_hidden_layers),
            num_attention_heads: either(self.num_attention_heads, defaults.num_attention_heads),
            intermediate_size: either(self.intermediate_size, defaults.intermediate_size),
            max_position_embeddings: either(self.max_position_embeddings, defaults.max_position_embeddings),
            type_vocab_size: either(self.type_vocab_size, defaults.type_vocab_size),
            num_key_value_heads: either(self.num_key_value_heads, defaults.num_key_value_heads),
            head_dim: either(self.head_dim, defaults.head_dim),
        }
    }

    /// One of the sizes; 0 if nothing says it.
    pub const fn of(&self, size: Size) -> usize {
        let size = match size {
            Size::Vocabulary => self.vocab_size,
            Size::Hidden => self.hidden_size,
            Size::Embedding => either(self.embedding_size, self.hidden_size),
            Size::Blocks => self.num_hidden_layers,
            Size::Heads => self.num_attention_heads,
            // Where nothing says it, as in GPT-2, it is four times the hidden size.
            Size::Intermediate => either(self.intermediate_size, times(4, self.hidden_size)),
            Size::Gathered => times(of(self.num_attention_heads), self.head_size()),
            Size::KeyValue => times(of(either(self.num_key_value_heads, self.num_attention_heads)), self.head_size()),
            Size::ThreeHidden => times(3, self.hidden_size),
            Size::Positions => self.max_position_embeddings,
            Size::TokenTypes => self.type_vocab_size,
        };
        of(size)
    }

    /// Numbers for each token inside of a head.
    const fn head_size(&self) -> Option<usize> {
        match (self.head_dim, self.hidden_size, self.num_attention_heads) {
            (Some(size), _, _) => Some(size),
            (None, Some(hidden), Some(heads)) if heads > 0 => Some(hidden / heads),
            _ => None,
        }
    }
}

impl Size {
    /// The key of `config.json` that says it in most families.
    pub const fn key(self) -> &'static str {
        self.spellings()[0]
    }

    /// Every key that says it in some family.
    const fn spellings(self) -> &'static [&'static str] {
        match self {
            Self::Vocabulary => &["vocab_size"],
            Self::Hidden => &["hidden_size", "dim", "n_embd"],
            Self::Embedding => &["embedding_size"],
            Self::Intermediate => &["intermediate_size", "hidden_dim", "n_inner"],
            Self::Positions => &["max_position_embeddings", "n_positions"],
            Self::TokenTypes => &["type_vocab_size"],
            Self::Blocks => &["num_hidden_layers", "n_layers", "n_layer"],
            Self::Heads => &["num_attention_heads", "n_heads", "n_head"],
            Self::Gathered => &["num_attention_heads * head_dim"],
            Self::KeyValue => &["num_key_value_heads * head_dim"],
            Self::ThreeHidden => &["3 * n_embd"],
        }
    }
}

/// How many numbers tensors hold.
const fn numbers(tensors: &[KnownTensor], sizes: &Sizes) -> usize {
    let (mut sum, mut at) = (0_usize, 0);
    while at < tensors.len() {
        sum = sum.saturating_add(tensors[at].numbers(sizes));
        at += 1;
    }
    sum
}

const fn times(factor: usize, size: Option<usize>) -> Option<usize> {
    match size {
        Some(size) => Some(factor.saturating_mul(size)),
        None => None,
    }
}

/// A size; 0 if nothing says it.
const fn of(size: Option<usize>) -> usize {
    match size {
        Some(size) => size,
        None => 0,
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
