//! The keys of `peft`.

use super::keys::Word;
use crate::keys::Key;

pub(crate) const TARGET_MODULES: Key = Key {
    name: "target_modules",
    example: "target_modules = [\"query\", \"value\"]",
    about: "Which linear layers get an adapter, by their names or the ends of them.",
    takes: "a list of names in quotes, or `\"all-linear\"`",
    range: "layers of the model",
    default: "those that PEFT takes for the model's family: `query` and `value` for BERT",
};

pub(crate) const MODULES_TO_SAVE: Key = Key {
    name: "modules_to_save",
    example: "modules_to_save = [\"classifier\"]",
    about: "Modules that are trained as they are, and saved with the adapters. The head is always one of them.",
    takes: "a list of names in quotes",
    range: "modules of the model",
    default: "the head",
};

const fn number(
    name: &'static str,
    example: &'static str,
    about: &'static str,
    range: &'static str,
    default: &'static str,
) -> Key {
    Key { name, example, about, takes: "a number", range, default }
}

const fn switch(name: &'static str, about: &'static str, range: &'static str) -> Key {
    Key { name, example: name, about, takes: "", range, default: "no" }
}

/// Of `peft = lora(…)`.
pub(crate) const LORA: &[Key] = &[
    number(
        "r",
        "r = 8",
        "The rank: how many columns the two factors of an adapter share.",
        "a whole number, at least 1",
        "8",
    ),
    number("alpha", "alpha = 16", "The adapter's output is multiplied by `alpha / r`.", "above 0", "8"),
    number(
        "dropout",
        "dropout = 0.05",
        "Share of the adapter's inputs that are dropped while training.",
        "at least 0 and below 1",
        "0",
    ),
    TARGET_MODULES,
    MODULES_TO_SAVE,
    switch("use_rslora", "Multiplies by `alpha / √r` instead (rank-stabilised LoRA, Kalajdzievski 2023).", ""),
    switch(
        "use_dora",
        "Learns the length of each row of the weights apart from its direction (DoRA, Liu et al. 2024).",
        "",
    ),
    switch(
        "load_in_8bit",
        "Keeps the frozen weights of the blocks in 8 bits, for models that do not fit otherwise.",
        "not with `load_in_4bit`",
    ),
    switch(
        "load_in_4bit",
        "Keeps the frozen weights of the blocks in 4 bits (QLoRA, Dettmers et al. 2023).",
        "not with `load_in_8bit`",
    ),
];

pub(crate) const ADAPTERS: &[Word] = &[Word {
    name: "lora",
    example: "lora(r = 8, alpha = 16, target_modules = [\"query\", \"value\"])",
    about: "Adapters of low rank (Hu et al. 2021): the model stays as it is, and only they and the head are trained.",
    first: None,
    keys: LORA,
}];
