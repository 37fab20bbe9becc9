//! The causal language model that `config.json` names.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::rules::refuse_another_type;
use super::{CausalDescription, CausalFamily, CausalModel};
use crate::error::Result;
use crate::model::family::Family;
use crate::model::gpt2::{self, GPT2Config};
use crate::model::llama::{self, LlamaConfig};
use crate::model::peft::Module;

/// A causal language model of the family that its `config.json` names: GPT-2, Llama, Mistral, Qwen2.
///
/// Source: `transformers.AutoModelForCausalLM`.
pub type AutoModelForCausalLM = CausalModel<AnyCausalConfig>;

/// The configuration of a causal language model of any family that is known here.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
#[expect(clippy::large_enum_variant, reason = "a model has one")]
pub enum AnyCausalConfig {
    /// Of GPT-2.
    GPT2(GPT2Config),
    /// Of Llama, Mistral or Qwen2.
    Llama(LlamaConfig),
}

/// The modules of all families; no two of them call a layer alike.
const MODULES: [Module<'static>; gpt2::MODULES.len() + llama::MODULES.len()] = {
    let mut all = [Module::other(""); gpt2::MODULES.len() + llama::MODULES.len()];
    let mut at = 0;
    while at < all.len() {
        let of_gpt2 = gpt2::MODULES.len();
        all[at] = if at < of_gpt2 { gpt2::MODULES[at] } else { llama::MODULES[at - of_gpt2] };
        at += 1;
    }
    all
};

impl<'de> Deserialize<'de> for AnyCausalConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let object = Map::<String, Value>::deserialize(deserializer)?;
        let is_gpt2 = object.get("model_type").and_then(Value::as_str) == Some("gpt2") || object.contains_key("n_embd");
        let object = Value::Object(object);
        let config = if is_gpt2 {
            serde_json::from_value(object).map(Self::GPT2)
        } else {
            serde_json::from_value(object).map(Self::Llama)
        };
        config.map_err(serde::de::Error::custom)
    }
}

impl Serialize for AnyCausalConfig {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::GPT2(config) => config.serialize(serializer),
            Self::Llama(config) => config.serialize(serializer),
        }
    }
}

impl CausalFamily for AnyCausalConfig {
    const FAMILY: Option<&'static Family> = None;
    const FAMILIES: &'static [&'static Family] = &[&gpt2::FAMILY, &llama::FAMILY];
    const MODULES: &'static [Module<'static>] = &MODULES;

    fn family(&self) -> Option<&'static Family> {
        match self {
            Self::GPT2(config) => config.family(),
            Self::Llama(config) => config.family(),
        }
    }

    fn description(&self) -> Result<CausalDescription> {
        match self {
            Self::GPT2(config) => config.description(),
            Self::Llama(config) => {
                refuse_another_type(&config.model_type, &["gpt2", "llama", "mistral", "qwen2"])?;
                config.description()
            }
        }
    }

    fn configuration(&self) -> Option<Value> {
        match self {
            Self::GPT2(config) => config.configuration(),
            Self::Llama(config) => config.configuration(),
        }
    }
}

impl From<GPT2Config> for AnyCausalConfig {
    fn from(config: GPT2Config) -> Self {
        Self::GPT2(config)
    }
}

impl From<LlamaConfig> for AnyCausalConfig {
    fn from(config: LlamaConfig) -> Self {
        Self::Llama(config)
    }
}
