//! The frozen weights of a model's blocks in fewer bits.
//!
//! What comes in: a model with adapters. What goes out: the same model, whose frozen linear layers inside of blocks are no
//! parameters any more: they take a fraction of the memory, and neither checkpoints nor merging touch them.

use candle_core::quantized::GgmlDType;

use super::lora::Bits;
use crate::error::{Error, ErrorKind, Result};
use crate::nn::LinearLayers;
use crate::tensor::params::Parameters;

/// The weights that are kept in fewer bits, kept beside the parameters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct InFewerBits {
    /// Numbers in them.
    pub(crate) numbers: usize,
    /// Bytes that they take.
    pub(crate) bytes: usize,
}

impl Bits {
    pub(crate) const fn format(self) -> GgmlDType {
        match self {
            Self::Eight => GgmlDType::Q8_0,
            Self::Four => GgmlDType::Q4_1,
        }
    }
}

/// Keeps the weights of linear layers inside of blocks in fewer bits, but those that `is_trained` names; says which cannot be.
pub(super) fn quantize(parameters: &Parameters, bits: Bits, is_trained: impl Fn(&str) -> bool) -> Result<()> {
    if !parameters.device().is_cpu() {
        return Err(Error::new(ErrorKind::Model, "weights are kept in fewer bits on the CPU alone")
            .help("leave `load_in_8bit` and `load_in_4bit` out"));
    }
    let layers: LinearLayers = parameters.attached().unwrap_or_default();
    let mut kept: InFewerBits = parameters.attached().unwrap_or_default();
    let mut whole = Vec::new();
    for (name, layer) in &layers {
        let weight = format!("{name}.weight");
        let Some(parameter) = parameters.get(&weight).filter(|_| is_in_a_block(name) && !is_trained(&weight)) else {
            continue;
        };
        match layer.weight().quantize(bits.format())? {
            Some(bytes) => {
                kept.numbers += parameter.variable.elem_count();
                kept.bytes += bytes;
                parameters.remove(|other| other == weight);
            }
            None => whole.push(format!("`{name}`")),
        }
    }
    if let Some(first) = whole.first() {
        let (count, format) = (whole.len(), bits.format());
        crate::note(format!(
            "{count} layers stay in 32 bits, {first} first: what goes in is no multiple of {} numbers, or their weight is one with \
             that of others",
            format.block_size()
        ));
    }
    parameters.attach(kept);
    Ok(())
}

/// What is kept of a model in fewer bits.
pub(crate) fn in_fewer_bits(parameters: &Parameters) -> InFewerBits {
    parameters.attached().unwrap_or_default()
}

/// Whether a layer is one of a row of blocks: its name has the number of one.
fn is_in_a_block(name: &str) -> bool {
    name.split('.').any(|part| part.parse::<usize>().is_ok())
}
