//! The names that `peft = …` takes in `#[trainer(…)]`.
// Written by the tests of `trainer-macros` from the tables of its macros.

use super::GivenValue;

/// The names alone.
pub mod names {
    use super::GivenValue;

    /// Adapters of low rank (Hu et al. 2021): the model stays as it is, and only they and the head are trained.
    ///
    /// For example `lora(r = 8, alpha = 16, target_modules = ["query", "value"])`.
    pub const lora: GivenValue = GivenValue;
}

/// The keys of [`lora`](names::lora).
#[derive(Clone, Copy, Debug, Default)]
pub struct LoraKeys {
    /// The rank: how many columns the two factors of an adapter share.
    ///
    /// Takes a number: a whole number, at least 1. Left out: `8`. For example `r = 8`.
    pub r: GivenValue,
    /// The adapter's output is multiplied by `alpha / r`.
    ///
    /// Takes a number: above 0. Left out: `8`. For example `alpha = 16`.
    pub alpha: GivenValue,
    /// Share of the adapter's inputs that are dropped while training.
    ///
    /// Takes a number: at least 0 and below 1. Left out: `0`. For example `dropout = 0.05`.
    pub dropout: GivenValue,
    /// Which linear layers get an adapter, by their names or the ends of them.
    ///
    /// Takes a list of names in quotes, or `"all-linear"`: layers of the model. Left out: those that PEFT takes for the
    /// model's family: `query` and `value` for BERT. For example `target_modules = ["query", "value"]`.
    pub target_modules: GivenValue,
    /// Modules that are trained as they are, and saved with the adapters. The head is always one of them.
    ///
    /// Takes a list of names in quotes: modules of the model. Left out: the head. For example
    /// `modules_to_save = ["classifier"]`.
    pub modules_to_save: GivenValue,
    /// Multiplies by `alpha / √r` instead (rank-stabilised LoRA, Kalajdzievski 2023).
    ///
    /// Written without a value. Left out: no. For example `use_rslora`.
    pub use_rslora: GivenValue,
    /// Learns the length of each row of the weights apart from its direction (DoRA, Liu et al. 2024).
    ///
    /// Written without a value. Left out: no. For example `use_dora`.
    pub use_dora: GivenValue,
    /// Keeps the frozen weights of the blocks in 8 bits, for models that do not fit otherwise.
    ///
    /// Takes not with `load_in_4bit`. Left out: no. For example `load_in_8bit`.
    pub load_in_8bit: GivenValue,
    /// Keeps the frozen weights of the blocks in 4 bits (QLoRA, Dettmers et al. 2023).
    ///
    /// Takes not with `load_in_8bit`. Left out: no. For example `load_in_4bit`.
    pub load_in_4bit: GivenValue,
}
