//! Whether the weights of a directory are those that its `config.json` describes.
//!
//! What comes in: the tensors in the header of the weights, and the tensors that a model of the family has. What goes out:
//! a verdict on the first one that differs, with the nearest name.

use super::{ModelSeen, at, is_of_the_family, known, words};
use crate::args::rules::{Verdict, Words, nearest};
use crate::model::family::{Family, KnownTensor, Size, Sizes, begins_with, split, stem, without};

/// A tensor has the shape that a model needs.
pub const fn shape_fits(name: &str, found: &[usize], needed: &[usize]) -> Verdict {
    if are_same(found, needed) {
        return Verdict::Accepted;
    }
    let message = shape(words("`").then(name).then("` has the shape "), found);
    Verdict::refused(
        shape(message.then(", but the model needs "), needed),
        words("the weights and `config.json` are of different models"),
    )
}

/// The weights of a directory are those that its `config.json` describes.
pub const fn seen_weights_fit(seen: &ModelSeen<'_>, family: Option<&Family>) -> Verdict {
    let Some(family) = family else { return Verdict::Accepted };
    if !is_of_the_family(seen.model_type, Some(family)).is_accepted() {
        return Verdict::Accepted;
    }
    let of = Described { family, sizes: known(seen, Some(family)) };
    let mut verdict = blocks_fit(seen, &of, Size::Blocks);
    if verdict.is_accepted() && !family.decoder.is_empty() {
        verdict = blocks_fit(seen, &of, Size::DecoderBlocks);
    }
    if verdict.is_accepted() {
        verdict = tensors_fit(seen, &of, family.tensors, Needed::Always);
    }
    if verdict.is_accepted() {
        verdict = tensors_fit(seen, &of, family.first_block, Needed::InTheFirstBlock);
    }
    let mut place = 0;
    while verdict.is_accepted() && place < family.only_where.len() {
        let (condition, tensors) = family.only_where[place];
        if of.sizes.meet(condition) {
            verdict = tensors_fit(seen, &of, tensors, Needed::Always);
        }
        place += 1;
    }
    if verdict.is_accepted() {
        verdict = tensors_fit(seen, &of, family.optional, Needed::InItsShape);
    }
    if verdict.is_accepted() {
        verdict = tensors_fit(seen, &of, family.head_tensors, Needed::InItsShape);
    }
    if verdict.is_accepted() {
        verdict = tensors_fit(seen, &of, family.own_head, Needed::InItsShape);
    }
    if verdict.is_accepted() { no_tensor_is_left_over(seen, &of) } else { verdict }
}

/// What a `config.json` describes.
#[derive(Clone, Copy)]
struct Described<'a> {
    family: &'a Family,
    sizes: Sizes,
}

/// What a file must have of a tensor.
#[derive(Clone, Copy)]
enum Needed {
    /// It, in every block if it is in blocks.
    Always,
    /// It, in the first block.
    InTheFirstBlock,
    /// Its shape, if the file has it.
    InItsShape,
}

/// The file has as many blocks as `config.json` says; `count` is what says it.
const fn blocks_fit(seen: &ModelSeen<'_>, of: &Described<'_>, count: Size) -> Verdict {
    let (blocks, found) = (of.sizes.of(count), blocks_in(seen, of, count));
    if found == blocks {
        return Verdict::Accepted;
    }
    let message = words("`")
        .then(of.family.key(count))
        .then("` is ")
        .number(blocks as i128)
        .then(", but ")
        .then(seen.weights_file);
    let message = message.then(" has ").number(found as i128).then(if found == 1 { " block" } else { " blocks" });
    at(seen.config_file, Verdict::refused(message, words("`config.json` and the weights must be of one model")))
}

/// Each of the tensors is there in its shape, unless it may be missing.
const fn tensors_fit(seen: &ModelSeen<'_>, of: &Described<'_>, tensors: &[KnownTensor], needed: Needed) -> Verdict {
    let mut place = 0;
    while place < tensors.len() {
        let needed = if of.family.may_lack(tensors[place].name) { Needed::InItsShape } else { needed };
        let verdict = tensor_fits(seen, of, &tensors[place], needed);
        if !verdict.is_accepted() {
            return verdict;
        }
        place += 1;
    }
    Verdict::Accepted
}

const fn are_same(left: &[usize], right: &[usize]) -> bool {
    let (mut are_same, mut at) = (left.len() == right.len(), 0);
    while are_same && at < left.len() {
        are_same = left[at] == right[at];
        at += 1;
    }
    are_same
}

const fn tensor_fits(seen: &ModelSeen<'_>, of: &Described<'_>, known: &KnownTensor, needed: Needed) -> Verdict {
    let Described { family, sizes } = of;
    let mut sized = [0; 4];
    let mut place = 0;
    while place < known.shape.len() && place < sized.len() {
        sized[place] = sizes.of(known.shape[place]);
        place += 1;
    }
    let sized = sized.split_at(place).0;
    let is_in_blocks = known.is_in_blocks();
    let (mut found, mut place) = (0, 0);
    while place < seen.tensors.len() {
        let tensor = &seen.tensors[place];
        if known.is_called(tensor.name, family.prefix) {
            found += if is_in_blocks { tensor.blocks.len() } else { 1 };
            if let Some(shape) = tensor.shape
                && !are_same(shape, sized)
            {
                let block = if tensor.blocks.is_empty() { 0 } else { tensor.blocks[0] };
                let is_of_the_head =
                    is_one_of(known.name, family.head_tensors, "") || is_one_of(known.name, family.own_head, "");
                let prefix = if is_of_the_head { "" } else { family.prefix };
                let name = numbered(words(prefix), known.name, block);
                let verdict = shape_fits(name.as_str(), shape, sized);
                return at(seen.weights_file, because_of(&verdict, family, known, sizes, seen.config_file));
            }
        }
        place += 1;
    }
    let copies = if matches!(needed, Needed::InTheFirstBlock) { 1 } else { family.copies(known, sizes) };
    if found >= copies || (found == 0 && matches!(needed, Needed::InItsShape)) {
        return Verdict::Accepted;
    }
    let mut block = 0;
    while block < copies && is_there(seen, family, known, block) {
        block += 1;
    }
    lacks(seen, of, known, block)
}

/// The verdict on a shape, with the keys that make the shape.
const fn because_of(verdict: &Verdict, family: &Family, known: &KnownTensor, sizes: &Sizes, file: &str) -> Verdict {
    let Verdict::Refused { message, help } = verdict else { return *verdict };
    let (mut help, mut at) = (help.then(": ").then(file).then(" says "), 0);
    while at < known.shape.len() {
        help = help.then(if at == 0 { "`" } else { " and `" }).then(family.key(known.shape[at])).then("` ");
        help = help.number(sizes.of(known.shape[at]) as i128);
        at += 1;
    }
    Verdict::refused(*message, help)
}

/// What to say of a tensor that the file does not have.
const fn lacks(seen: &ModelSeen<'_>, of: &Described<'_>, known: &KnownTensor, block: usize) -> Verdict {
    let family = of.family;
    let name = numbered(words(family.prefix), known.name, block);
    let message = words(seen.weights_file).then(" lacks `").then(name.as_str()).then("`");
    let mut at = 0;
    while at < seen.tensors.len() {
        let tensor = &seen.tensors[at];
        let spelled = without(tensor.name, family.prefix);
        if !is_known(tensor.name, of) && nearest(known.name, &[spelled]).is_some() {
            let help = numbered(words("the file has `"), tensor.name, block);
            return Verdict::refused(message, help.then("`, which this model does not"));
        }
        at += 1;
    }
    Verdict::refused(message, words(ONE_MODEL))
}

/// What to do where the weights are not those of the configuration.
pub(in crate::model) const ONE_MODEL: &str =
    "`config.json` and the weights must be of one model, and of this architecture";

const fn no_tensor_is_left_over(seen: &ModelSeen<'_>, of: &Described<'_>) -> Verdict {
    let mut at = 0;
    while at < seen.tensors.len() {
        let tensor = &seen.tensors[at];
        if !is_known(tensor.name, of) {
            let block = if tensor.blocks.is_empty() { 0 } else { tensor.blocks[0] };
            let message = words(seen.weights_file).then(" has tensors that this model does not: `");
            return Verdict::refused(numbered(message, tensor.name, block).then("`"), words(ONE_MODEL));
        }
        at += 1;
    }
    Verdict::Accepted
}

/// The modules that adapters are put on are in the directory: each of `targets` is the whole name of a module of the
/// weights, or its end after a dot.
///
/// A target may have the prefix of the family, which files of a model without a head leave out.
pub const fn adapter_target_is_there(seen: &ModelSeen<'_>, family: Option<&Family>, target: &str) -> Verdict {
    let target = match family {
        Some(family) => without(target, family.prefix),
        None => target,
    };
    let mut at = 0;
    while at < seen.names.len() {
        if let Some(module) = stem(seen.names[at], ".weight")
            && let Some(before) = stem(module, target)
            && (before.is_empty() || stem(before, ".").is_some())
        {
            return Verdict::Accepted;
        }
        at += 1;
    }
    let message = words("no module of ").then(seen.weights_file).then(" is called `").then(target).then("`");
    at = 0;
    while at < seen.names.len() {
        if let Some(module) = stem(seen.names[at], ".weight")
            && let Some(near) = nearest(target, &[last_part(module)])
        {
            return Verdict::refused(message, words("did you mean \"").then(near).then("\"?"));
        }
        at += 1;
    }
    Verdict::refused(message, words("a target is the end of a name there, such as \"query\""))
}

const fn last_part(name: &str) -> &str {
    let mut rest = name;
    while let Some((_, after)) = split(rest, ".") {
        rest = after;
    }
    rest
}

/// How many blocks the file has tensors for, of the side whose blocks the size `side` counts.
const fn blocks_in(seen: &ModelSeen<'_>, of: &Described<'_>, side: Size) -> usize {
    let (mut count, mut at) = (0, 0);
    while at < seen.tensors.len() {
        let tensor = &seen.tensors[at];
        let is_of_the_side = of.family.blocks_of(without(tensor.name, of.family.prefix)) as usize == side as usize;
        let is_known = is_of_the_side && is_known(tensor.name, of);
        let mut block = 0;
        while is_known && block < tensor.blocks.len() {
            if tensor.blocks[block] >= count {
                count = tensor.blocks[block].saturating_add(1);
            }
            block += 1;
        }
        at += 1;
    }
    count
}

/// Whether a block has the tensor.
const fn is_there(seen: &ModelSeen<'_>, family: &Family, known: &KnownTensor, block: usize) -> bool {
    let mut at = 0;
    while at < seen.tensors.len() {
        let tensor = &seen.tensors[at];
        if holds(tensor.blocks, block) && known.is_called(tensor.name, family.prefix) {
            return true;
        }
        at += 1;
    }
    false
}

/// Whether the model has such a tensor, or leaves it alone.
const fn is_known(name: &str, of: &Described<'_>) -> bool {
    let Described { family, sizes } = of;
    if begins_with(name, family.head) || is_computed(name) {
        return true;
    }
    let mut at = 0;
    while at < family.other_heads.len() {
        if begins_with(name, family.other_heads[at]) {
            return true;
        }
        at += 1;
    }
    at = 0;
    while at < family.ignored.len() {
        if stem(name, family.ignored[at]).is_some() {
            return true;
        }
        at += 1;
    }
    at = 0;
    while at < family.only_where.len() {
        let (condition, tensors) = family.only_where[at];
        if sizes.meet(condition) && is_one_of(name, tensors, family.prefix) {
            return true;
        }
        at += 1;
    }
    is_one_of(name, family.tensors, family.prefix)
        || is_one_of(name, family.first_block, family.prefix)
        || is_one_of(name, family.optional, family.prefix)
        || is_one_of(name, family.head_tensors, "")
}

/// Whether it is no parameter, but a table that models compute: of positions, of masks, of frequencies.
const fn is_computed(name: &str) -> bool {
    stem(name, "position_ids").is_some()
        || stem(name, ".attn.bias").is_some()
        || stem(name, ".attn.masked_bias").is_some()
        || stem(name, "rotary_emb.inv_freq").is_some()
}

const fn is_one_of(name: &str, tensors: &[KnownTensor], prefix: &str) -> bool {
    let mut at = 0;
    while at < tensors.len() {
        if tensors[at].is_called(name, prefix) {
            return true;
        }
        at += 1;
    }
    false
}

/// The words, then the name with the number of a block in place of `{}`.
#[expect(clippy::large_types_passed_by_value, reason = "words are built by passing them on, as `Words::then` does")]
const fn numbered(words: Words, name: &str, block: usize) -> Words {
    match split(name, "{}") {
        Some((before, after)) => words.then(before).number(block as i128).then(after),
        None => words.then(name),
    }
}

/// The words, then a shape.
#[expect(clippy::large_types_passed_by_value, reason = "words are built by passing them on, as `Words::then` does")]
const fn shape(words: Words, dimensions: &[usize]) -> Words {
    let (mut words, mut at) = (words.then("["), 0);
    while at < dimensions.len() {
        words = if at == 0 { words } else { words.then(", ") }.number(dimensions[at] as i128);
        at += 1;
    }
    words.then("]")
}

const fn holds(numbers: &[usize], number: usize) -> bool {
    let mut at = 0;
    while at < numbers.len() {
        if numbers[at] == number {
            return true;
        }
        at += 1;
    }
    false
}
