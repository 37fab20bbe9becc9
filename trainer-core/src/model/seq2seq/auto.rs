//! The model for text to text that `config.json` names.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::{Seq2SeqDescription, Seq2SeqFamily, Seq2SeqModel};
use crate::error::{Error, ErrorKind, Result};
use crate::model::family::Family;
use crate::model::peft::Module;
use crate::model::seen::of_no_family;
use crate::model::{BartConfig, MarianConfig, T5Config, bart, marian, t5};

/// A model for text to text of the family that its `config.json` names: T5, BART, Marian.
///
/// Source: `transformers.AutoModelForSeq2SeqLM`.
pub type AutoModelForSeq2SeqLM = Seq2SeqModel<AnySeq2SeqConfig>;

/// The configuration of a model for text to text of any family that is known here.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum AnySeq2SeqConfig {
    /// Of T5.
    T5(T5Config),
    /// Of BART.
    Bart(BartConfig),
    /// Of Marian.
    Marian(MarianConfig),
    /// Of none of them: the `model_type` that was read, if there was one.
    Unknown(Option<String>),
}

/// Runs `$body` with `$config` standing for the configuration of whatever family, or `$unknown`.
macro_rules! of_any {
    ($any:expr, $config:ident => $body:expr, $model_type:pat => $unknown:expr) => {
        match $any {
            AnySeq2SeqConfig::T5($config) => $body,
            AnySeq2SeqConfig::Bart($config) => $body,
            AnySeq2SeqConfig::Marian($config) => $body,
            AnySeq2SeqConfig::Unknown($model_type) => $unknown,
        }
    };
}

/// How many modules all families have; BART and Marian call theirs alike.
const COUNT: usize = t5::MODULES.len() + bart::MODULES.len();

/// The modules of all families: those that a model does not have are named by nothing in it.
const MODULES: [Module<'static>; COUNT] = {
    let (mut all, mut at) = ([t5::MODULES[0]; COUNT], 0);
    while at < COUNT {
        let of_bart = at >= t5::MODULES.len();
        all[at] = if of_bart { bart::MODULES[at - t5::MODULES.len()] } else { t5::MODULES[at] };
        at += 1;
    }
    all
};

const FAMILIES: &[&Family] = &[&t5::FAMILY, &bart::FAMILY, &marian::FAMILY];

impl<'de> Deserialize<'de> for AnySeq2SeqConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let object = Map::<String, Value>::deserialize(deserializer)?;
        let model_type = object.get("model_type").and_then(Value::as_str).map(str::to_owned);
        // A configuration that was made here says its family by the keys that no other has.
        let called = model_type.as_deref().or_else(|| {
            let keys = [("d_kv", "t5"), ("share_encoder_decoder_embeddings", "marian"), ("encoder_ffn_dim", "bart")];
            keys.into_iter().find(|(key, _)| object.contains_key(*key)).map(|(_, family)| family)
        });
        let config = match called {
            Some("t5") => serde_json::from_value(Value::Object(object)).map(Self::T5),
            Some("bart") => serde_json::from_value(Value::Object(object)).map(Self::Bart),
            Some("marian") => serde_json::from_value(Value::Object(object)).map(Self::Marian),
            _ => Ok(Self::Unknown(model_type)),
        };
        config.map_err(serde::de::Error::custom)
    }
}

impl Serialize for AnySeq2SeqConfig {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        of_any!(self, config => config.serialize(serializer), _ => serializer.serialize_none())
    }
}

impl Seq2SeqFamily for AnySeq2SeqConfig {
    const FAMILY: Option<&'static Family> = None;
    const FAMILIES: &'static [&'static Family] = FAMILIES;
    const MODULES: &'static [Module<'static>] = &MODULES;

    fn family(&self) -> Option<&'static Family> {
        of_any!(self, config => config.family(), _ => None)
    }

    fn description(&self) -> Result<Seq2SeqDescription> {
        of_any!(self, config => config.description(), model_type => {
            let (message, help) = of_no_family(model_type.as_deref(), FAMILIES);
            Err(Error::new(ErrorKind::Model, message.as_str()).help(help.as_str()))
        })
    }

    fn configuration(&self) -> Option<Value> {
        of_any!(self, config => config.configuration(), _ => None)
    }
}

impl From<T5Config> for AnySeq2SeqConfig {
    fn from(config: T5Config) -> Self {
        Self::T5(config)
    }
}

impl From<BartConfig> for AnySeq2SeqConfig {
    fn from(config: BartConfig) -> Self {
        Self::Bart(config)
    }
}

impl From<MarianConfig> for AnySeq2SeqConfig {
    fn from(config: MarianConfig) -> Self {
        Self::Marian(config)
    }
}
