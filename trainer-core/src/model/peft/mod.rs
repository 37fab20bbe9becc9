//! Adapters: a model learns through small additions, and its own weights stay.
//!
//! What comes in: a model and what `peft = lora(…)` says, or a folder that PEFT or this crate saved. What goes out: the
//! model with adapters on its linear layers, of which alone (and of the head) there are gradients, optimiser state and
//! checkpoints; a folder that PEFT loads; or the plain model with the adapters merged into its weights. It refuses names
//! that no layer has, and kinds of adapters that it does not compute.

mod adapted;
mod files;
mod lora;
mod modules;
mod quantized;
pub mod rules;

pub(crate) use adapted::{
    BaseModel, adapt, begin_lengths, is_adapted, refuse_merged, refuse_training_in_fewer_bits, sizes,
};
pub(crate) use files::{CONFIG_FILE, restore, save};
pub use lora::{Bits, Lora};
pub use modules::{Module, ModuleRole};
pub(crate) use quantized::{InFewerBits, in_fewer_bits};

use std::path::Path;

use super::Model;
use crate::error::Result;

/// What can be done with a model and its adapters.
pub trait PeftModel: Model + Sized {
    /// Puts adapters on the model that are not trained yet, and freezes what they do not train. A trainer with
    /// `peft = lora(…)` does it by itself.
    ///
    /// # Errors
    /// [`ErrorKind::Model`](crate::ErrorKind::Model) for settings that cannot work on this model, and for a model that has
    /// other adapters.
    fn add_adapter(&self, lora: &Lora) -> Result<()> {
        adapt(self, lora)
    }

    /// Puts the adapters of a folder (`adapter_config.json`, `adapter_model.safetensors`) on their base model; they can be
    /// trained further.
    ///
    /// # Errors
    /// [`ErrorKind::Model`](crate::ErrorKind::Model) names what the folder's adapters have and this model cannot, and
    /// tensors that are missing, unexpected or of another shape; the model is as before then.
    fn load_adapter(&self, folder: impl AsRef<Path>) -> Result<()> {
        files::load(self, folder.as_ref())
    }

    /// Adds what the adapters learnt to the weights and takes them off: a plain model, to be saved as one.
    ///
    /// # Errors
    /// [`ErrorKind::Model`](crate::ErrorKind::Model) if the model has no adapter.
    fn merge_adapter(&self) -> Result<()> {
        adapted::merge(self.parameters())
    }
}

impl<M: Model> PeftModel for M {}
