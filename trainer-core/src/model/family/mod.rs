//! What a family of models is called and made of, so that a model directory can be judged before it is loaded.
//!
//! What comes in: the sizes in a `config.json`. What goes out: the name and shape of every tensor that a model of the
//! family has. The compiler computes with it where `#[trainer]` names a `model_dir`, the program where it plans memory.

mod names;
mod sizes;

use names::is;
pub(super) use names::{begins_with, split, stem, without};
pub use sizes::{Condition, Size, Sizes};

use crate::args::rules::{contains, same};
use crate::transformer::NormPlace;

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
    /// Tensors that the first block alone has, of each side, without the prefix.
    pub first_block: &'static [KnownTensor],
    /// Tensors that the model has only where its configuration asks for them, without the prefix.
    pub only_where: &'static [(Condition, &'static [KnownTensor])],
    /// Tensors that only some configurations have, such as biases, without the prefix.
    pub optional: &'static [KnownTensor],
    /// What the names of a decoder's tensors begin with that looks at what an encoder gives, without the prefix; empty in a
    /// family without one.
    pub decoder: &'static str,
    /// What the names of the head begin with.
    pub head: &'static str,
    /// Tensors of the head, but for the layer that gives its outputs, by their full names.
    pub head_tensors: &'static [KnownTensor],
    /// The table of a vocabulary's head that is not that of words (`tie_word_embeddings` is false), by its full name.
    pub own_head: &'static [KnownTensor],
    /// The full name of the layer that gives the head's outputs, with a dot; that of `head` if it is left empty.
    pub output: &'static str,
    /// What names begin with that belong to heads of other tasks, which are left alone.
    pub other_heads: &'static [&'static str],
    /// Other `model_type`s of the same architecture and the same names.
    pub other_model_types: &'static [&'static str],
    /// Keys of its `config.json` that are called otherwise than in most families.
    pub keys: &'static [(Size, &'static str)],
    /// What the names of those tensors begin with, without the prefix, that a file may lack: they are drawn then, as the head is.
    pub may_lack: &'static [&'static str],
    /// Ends of names of tensors that files may hold and that are no parameters: second names of shared ones, computed ones.
    pub ignored: &'static [&'static str],
    /// Rows of the table of positions that no token of a text has: in RoBERTa those up to that of padding.
    pub reserved_positions: usize,
    /// Whether what is added to the scores says where tokens stand: a text may have any length, whatever `config.json` says.
    pub has_relative_positions: bool,
    /// Where the norms of a block stand.
    pub norm_place: NormPlace,
}

/// A tensor that every model of a family has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownTensor {
    /// Its name; `{}` stands for the number of the block.
    pub name: &'static str,
    /// Its shape.
    pub shape: &'static [Size],
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
        first_block: &[],
        only_where: &[],
        optional: &[],
        decoder: "",
        head: "",
        head_tensors: &[],
        own_head: &[],
        output: "",
        other_heads: &[],
        other_model_types: &[],
        keys: &[],
        may_lack: &[],
        ignored: &[],
        reserved_positions: 0,
        has_relative_positions: false,
        norm_place: NormPlace::After,
    };

    /// How many numbers the tensors of a model hold, without the layer that gives the head's outputs, unless that is a table
    /// of the vocabulary of its own.
    pub const fn numbers(&self, sizes: &Sizes) -> usize {
        self.counted(sizes, Counted::Numbers)
    }

    /// The same of the rows and columns of its matrices, and the numbers of its vectors: what Adafactor keeps one number for.
    pub const fn rows_and_columns(&self, sizes: &Sizes) -> usize {
        self.counted(sizes, Counted::RowsAndColumns)
    }

    const fn counted(&self, sizes: &Sizes, what: Counted) -> usize {
        let sizes = sizes.or(&self.defaults);
        let of_all = self.sum(self.tensors, &sizes, what);
        let mut sum = of_all.saturating_add(self.sum(self.head_tensors, &sizes, what));
        let mut at = 0;
        while at < self.first_block.len() {
            sum = sum.saturating_add(self.first_block[at].counted(&sizes, what));
            at += 1;
        }
        at = 0;
        while at < self.only_where.len() {
            let (condition, tensors) = self.only_where[at];
            if sizes.meet(condition) {
                sum = sum.saturating_add(self.sum(tensors, &sizes, what));
            }
            at += 1;
        }
        match sizes.tie_word_embeddings {
            Some(false) => sum.saturating_add(self.sum(self.own_head, &sizes, what)),
            _ => sum,
        }
    }

    /// How much tensors hold, in all blocks together.
    const fn sum(&self, tensors: &[KnownTensor], sizes: &Sizes, what: Counted) -> usize {
        let (mut sum, mut at) = (0_usize, 0);
        while at < tensors.len() {
            sum = sum.saturating_add(tensors[at].counted(sizes, what).saturating_mul(self.copies(&tensors[at], sizes)));
            at += 1;
        }
        sum
    }

    /// How many blocks have such a tensor; one for a tensor outside of the blocks.
    pub(super) const fn copies(&self, tensor: &KnownTensor, sizes: &Sizes) -> usize {
        if tensor.is_in_blocks() { sizes.of(self.blocks_of(tensor.name)) } else { 1 }
    }

    /// The size that says how many blocks the side has that a tensor is of; `name`: without the prefix.
    pub(super) const fn blocks_of(&self, name: &str) -> Size {
        if self.is_of_the_decoder(name) { Size::DecoderBlocks } else { Size::Blocks }
    }

    const fn is_of_the_decoder(&self, name: &str) -> bool {
        !self.decoder.is_empty() && begins_with(name, self.decoder)
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
    pub(crate) const fn inner_layers(&self, sizes: &Sizes) -> usize {
        let sizes = sizes.or(&self.defaults);
        let (mut count, mut at) = (self.inner_layers_in(self.tensors), 0);
        while at < self.only_where.len() {
            let (condition, tensors) = self.only_where[at];
            count += if sizes.meet(condition) { self.inner_layers_in(tensors) } else { 0 };
            at += 1;
        }
        count
    }

    const fn inner_layers_in(&self, tensors: &[KnownTensor]) -> usize {
        let (mut count, mut at) = (0, 0);
        while at < tensors.len() {
            let tensor = &tensors[at];
            let is_inner = tensor.is_in_blocks() && matches!(tensor.shape, [Size::Intermediate, Size::Hidden]);
            count += (is_inner && !self.is_of_the_decoder(tensor.name)) as usize;
            at += 1;
        }
        count
    }

    /// Whether positions have rows of a table that is trained.
    pub(crate) const fn has_position_table(&self) -> bool {
        let mut at = 0;
        while at < self.tensors.len() {
            if let [Size::Positions | Size::PositionRows, ..] = self.tensors[at].shape {
                return true;
            }
            at += 1;
        }
        false
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
        let sizes = sizes.or(&self.defaults);
        let (mut sum, mut at) = (self.block_weights_in(self.tensors, &sizes), 0);
        while at < self.only_where.len() {
            let (condition, tensors) = self.only_where[at];
            if sizes.meet(condition) {
                sum = sum.saturating_add(self.block_weights_in(tensors, &sizes));
            }
            at += 1;
        }
        sum
    }

    const fn block_weights_in(&self, tensors: &[KnownTensor], sizes: &Sizes) -> usize {
        let (mut sum, mut at) = (0_usize, 0);
        while at < tensors.len() {
            let tensor = &tensors[at];
            if tensor.is_in_blocks() && tensor.shape.len() == 2 {
                sum = sum.saturating_add(tensor.numbers(sizes).saturating_mul(self.copies(tensor, sizes)));
            }
            at += 1;
        }
        sum
    }

    /// Whether a parameter is a table of words.
    pub fn has_table(&self, parameter: &str) -> bool {
        let all = self.tensors.iter().chain(self.only_where.iter().flat_map(|(_, tensors)| *tensors));
        let is_table = |tensor: &KnownTensor| {
            matches!(tensor.shape, [Size::Vocabulary | Size::DecoderVocabulary, Size::Hidden | Size::Embedding])
        };
        all.into_iter().any(|tensor| is_table(tensor) && without(parameter, self.prefix) == tensor.name)
    }
}

/// What is counted of tensors.
#[derive(Clone, Copy)]
enum Counted {
    Numbers,
    RowsAndColumns,
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

    /// How many numbers it holds, in one block.
    const fn numbers(&self, sizes: &Sizes) -> usize {
        let (mut product, mut at) = (1_usize, 0);
        while at < self.shape.len() {
            product = product.saturating_mul(sizes.of(self.shape[at]));
            at += 1;
        }
        product
    }

    const fn counted(&self, sizes: &Sizes, what: Counted) -> usize {
        if matches!(what, Counted::Numbers) {
            return self.numbers(sizes);
        }
        let (mut sum, mut at) = (0_usize, 0);
        while at < self.shape.len() {
            sum = sum.saturating_add(sizes.of(self.shape[at]));
            at += 1;
        }
        sum
    }
}

/// The tensors of all lists, one list after the other.
pub(super) const fn joined<const COUNT: usize>(lists: &[&[KnownTensor]]) -> [KnownTensor; COUNT] {
    let mut all = [KnownTensor { name: "", shape: &[] }; COUNT];
    let (mut list, mut at, mut place) = (0, 0, 0);
    while list < lists.len() {
        if at < lists[list].len() {
            all[place] = lists[list][at];
            (at, place) = (at + 1, place + 1);
        } else {
            (list, at) = (list + 1, 0);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

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
