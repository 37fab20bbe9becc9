//! Encoders, and each of their heads once for all families.
//!
//! What comes in: what a family calls its parts ([`EncoderFamily`]), and the settings that its configuration amounts to
//! ([`EncoderConfig`]). What goes out: models that give scores for a text, for each of its tokens, or for each id of the
//! vocabulary at each token. It refuses configurations of another architecture, and heads over other labels.

pub(super) mod bert_like;
mod head;
mod masked;
mod model;
mod sequence;
pub(super) mod settings;
mod tokens;

pub use masked::ForMaskedLM;
pub use model::{EncoderModel, HiddenStates};
pub use sequence::ForSequenceClassification;
pub use settings::EncoderSettings;
pub use tokens::ForTokenClassification;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::family::Family;
use super::peft::Module;
use crate::error::Result;
use crate::tensor::Activation;
use crate::transformer::BlockNames;

/// A family of encoders: its configuration, and the names of its parameters.
pub trait EncoderFamily: Sized + Send + Sync + 'static {
    /// What its `config.json` says.
    type Config: EncoderConfig;
    /// What it calls the parts of the encoder.
    const NAMES: EncoderNames;
    /// What its models' classes are called in Python, before what they are for, by their `model_type`; the first one counts
    /// where a configuration has none.
    const CLASSES: &'static [(&'static str, &'static str)];
    /// Its head over whole texts.
    const SEQUENCE: SequenceHead;
    /// Its head over tokens.
    const TOKENS: TokenHead;
    /// Its head over the vocabulary.
    const MASKED: MaskedHead;
}

/// The configuration of an encoder, as its family reads it.
pub trait EncoderConfig: Clone + Serialize + DeserializeOwned + Send + Sync {
    /// What the encoder and its heads are built from.
    ///
    /// # Errors
    /// [`ErrorKind::Model`](crate::ErrorKind::Model) for settings that cannot work, or of another architecture.
    fn settings(&self) -> Result<EncoderSettings>;

    /// What the file says beside the fields of the configuration.
    fn other(&self) -> &Map<String, Value>;

    /// The labels in the file, in order, unless they are only placeholders such as `LABEL_0`.
    fn labels(&self) -> Option<Vec<String>> {
        let named = self.other().get("id2label")?.as_object()?;
        let labels: Option<Vec<String>> =
            (0..named.len()).map(|id| named.get(&id.to_string())?.as_str().map(str::to_owned)).collect();
        labels.filter(|labels| !labels.iter().enumerate().all(|(id, label)| *label == format!("LABEL_{id}")))
    }
}

/// What a family calls the parts of its encoder.
#[derive(Clone, Copy, Debug)]
pub struct EncoderNames {
    /// What stands in front of all of them, without its dot.
    pub prefix: &'static str,
    /// What stands in front of the number of a block.
    pub blocks: &'static str,
    /// The parts of a block.
    pub block: BlockNames,
}

/// The head over whole texts: a layer over the first token, its activation, and a layer that gives the outputs.
#[derive(Clone, Copy, Debug)]
pub struct SequenceHead {
    /// The tensors of a model with this head.
    pub family: &'static Family,
    /// The modules of a model with this head.
    pub modules: &'static [Module<'static>],
    /// What the names of the head begin with.
    pub names: &'static [&'static str],
    /// The weights of both layers, by their names, in the order in which PyTorch draws them.
    pub drawn: &'static [&'static str],
    /// The layer over the first token.
    pub dense: &'static str,
    /// What stands after it.
    pub squash: Squash,
    /// Whether there is dropout before the first layer too.
    pub drops_first: bool,
    /// The layer that gives the outputs.
    pub output: &'static str,
}

/// What stands between the layers of a head.
#[derive(Clone, Copy, Debug)]
pub enum Squash {
    /// The hyperbolic tangent.
    Tanh,
    /// Another activation.
    By(Activation),
}

/// The head over tokens: one layer, called `classifier` in every family.
#[derive(Clone, Copy, Debug)]
pub struct TokenHead {
    /// The tensors of a model with this head.
    pub family: &'static Family,
    /// The modules of a model with this head.
    pub modules: &'static [Module<'static>],
}

/// The head over the vocabulary: a layer with its activation and norm, and the product with a table, which is that of the
/// words unless `tie_word_embeddings` is false.
#[derive(Clone, Copy, Debug)]
pub struct MaskedHead {
    /// The tensors of a model with this head.
    pub family: &'static Family,
    /// The modules of a model with this head.
    pub modules: &'static [Module<'static>],
    /// What the names of the head begin with.
    pub names: &'static [&'static str],
    /// The layer.
    pub dense: &'static str,
    /// Its norm.
    pub norm: &'static str,
    /// What stands in front of `bias`, which is added to the scores.
    pub bias: &'static str,
    /// What stands in front of `weight`, and in some files of `bias`: the layer that gives the scores.
    pub decoder: &'static str,
}

#[cfg(test)]
mod tests;
