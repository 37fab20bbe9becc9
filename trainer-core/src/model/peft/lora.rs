//! What is said of an adapter.

use super::modules::Module;
use super::rules::{self, Verdict};
use crate::error::{Error, ErrorKind, Result};

/// Low-rank adapters: small trained products beside linear layers whose own weights stay.
///
/// What `peft = lora(r = 8, alpha = 16, …)` says; the defaults are PEFT's.
///
/// Source: Hu et al., "Low-rank adaptation of large language models" (2021); `peft.LoraConfig`.
#[derive(Clone, Debug, PartialEq)]
pub struct Lora {
    pub(super) r: usize,
    pub(super) alpha: f64,
    pub(super) dropout: f64,
    pub(super) targets: Targets,
    pub(super) modules_to_save: Vec<String>,
    pub(super) use_rslora: bool,
    pub(super) use_dora: bool,
    pub(super) bits: Option<Bits>,
}

/// In how many bits the frozen weights of the blocks are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bits {
    /// 8, with a scale for each 32 numbers: 1.06 bytes a number.
    Eight,
    /// 4, with a scale and a least number for each 32: 0.63 bytes a number.
    Four,
}

/// Which linear layers get an adapter.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Targets {
    /// Those that usually do in the model's family.
    Usual,
    /// All outside of the head.
    AllLinear,
    /// Those of these names.
    Named(Vec<String>),
}

impl Default for Lora {
    /// Rank 8, alpha 8, no dropout, on the layers that usually get an adapter in the model's family.
    fn default() -> Self {
        Self {
            r: 8,
            alpha: 8.0,
            dropout: 0.0,
            targets: Targets::Usual,
            modules_to_save: Vec::new(),
            use_rslora: false,
            use_dora: false,
            bits: None,
        }
    }
}

impl Lora {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// The rank: dimensions between the two products. At least 1.
    pub fn r(self, r: usize) -> Self {
        Self { r, ..self }
    }

    /// What the adapter adds is multiplied with `alpha / r`. Above 0.
    pub fn alpha(self, alpha: f64) -> Self {
        Self { alpha, ..self }
    }

    /// The share of its input that the adapter does not see while training: from 0, and below 1.
    pub fn dropout(self, dropout: f64) -> Self {
        Self { dropout, ..self }
    }

    /// The linear layers that get an adapter, by their full names or by what follows a dot in these.
    pub fn target_modules(self, names: &[&str]) -> Self {
        Self { targets: Targets::Named(owned(names)), ..self }
    }

    /// Every linear layer outside of the head gets an adapter.
    pub fn all_linear(self) -> Self {
        Self { targets: Targets::AllLinear, ..self }
    }

    /// Modules that are trained and saved as a whole beside the adapter; the head always is.
    pub fn modules_to_save(self, names: &[&str]) -> Self {
        Self { modules_to_save: owned(names), ..self }
    }

    /// Multiplies with `alpha / sqrt(r)`, so that adapters of a high rank learn as fast as those of a low one.
    ///
    /// Source: Kalajdzievski, "A rank stabilization scaling factor for fine-tuning" (2023).
    pub fn use_rslora(self, use_rslora: bool) -> Self {
        Self { use_rslora, ..self }
    }

    /// Trains the length of each row of a layer's weight by itself, and the adapter its direction.
    ///
    /// Source: Liu et al., "Weight-decomposed low-rank adaptation" (2024).
    pub fn use_dora(self, use_dora: bool) -> Self {
        Self { use_dora, ..self }
    }

    /// Keeps the frozen weights of the blocks in 8 bits, for models that do not fit otherwise. They are brought back to whole
    /// numbers block by block where they are computed with; gradients go through them to the adapters.
    ///
    /// Source: Dettmers et al., "`QLoRA`" (2023), whose format is another.
    pub fn load_in_8bit(self, load_in_8bit: bool) -> Self {
        Self {
            bits: if load_in_8bit { Some(Bits::Eight) } else { self.bits.filter(|bits| *bits != Bits::Eight) },
            ..self
        }
    }

    /// As [`load_in_8bit`](Self::load_in_8bit), in 4 bits.
    pub fn load_in_4bit(self, load_in_4bit: bool) -> Self {
        Self {
            bits: if load_in_4bit { Some(Bits::Four) } else { self.bits.filter(|bits| *bits != Bits::Four) },
            ..self
        }
    }

    /// What the adapter's product is multiplied with.
    pub fn scale(&self) -> f64 {
        let rank = self.r as f64;
        self.alpha / if self.use_rslora { rank.sqrt() } else { rank }
    }

    /// Whether these settings can work on a model of these modules.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] in the words in which the compiler says it of `peft = lora(…)`.
    pub fn check(&self, modules: &[Module<'_>]) -> Result<()> {
        accepted(rules::rank_is_positive(self.r))?;
        accepted(rules::alpha_is_positive(self.alpha))?;
        accepted(rules::dropout_is_a_share(self.dropout))?;
        match &self.targets {
            Targets::Usual => accepted(rules::family_has_usual_targets(modules))?,
            Targets::AllLinear => {}
            Targets::Named(names) => {
                accepted(rules::some_target_is_named(modules, names.len()))?;
                for name in names {
                    accepted(rules::target_is_a_linear_layer(modules, name))?;
                }
            }
        }
        self.modules_to_save.iter().try_for_each(|name| accepted(rules::module_to_save_is_there(modules, name)))
    }

    /// What another adapter has otherwise that cannot be changed on a model: one phrase each.
    pub(super) fn differences(&self, other: &Self) -> Vec<String> {
        let mut differences = Vec::new();
        let mut compare = |name: &str, one: String, another: String| {
            if one != another {
                differences.push(format!("`{name}` is {one} there and {another} here"));
            }
        };
        compare("r", self.r.to_string(), other.r.to_string());
        compare("alpha", self.alpha.to_string(), other.alpha.to_string());
        compare("use_rslora", self.use_rslora.to_string(), other.use_rslora.to_string());
        compare("use_dora", self.use_dora.to_string(), other.use_dora.to_string());
        differences
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[expect(clippy::large_types_passed_by_value, reason = "each is made for this call alone")]
fn accepted(verdict: Verdict) -> Result<()> {
    match verdict {
        Verdict::Accepted => Ok(()),
        Verdict::Refused { message, help } => Err(Error::new(ErrorKind::Model, message.as_str()).help(help.as_str())),
    }
}
