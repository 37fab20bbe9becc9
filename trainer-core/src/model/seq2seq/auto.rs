//! The model for text to text that `config.json` names.

use std::path::Path;

use candle_core::Tensor;
use serde_json::Value;

use crate::collate::{Batch, DecoderStart};
use crate::error::{Error, ErrorKind, Result};
use crate::model::generation::{Begun, Generate};
use crate::model::peft::Module;
use crate::model::pretrained::Pretrained;
use crate::model::{
    BartForConditionalGeneration, Head, MarianMTModel, Model, Output, Reads, T5ForConditionalGeneration, VocabularyRows,
};
use crate::model::{bart, t5};
use crate::tensor::params::Parameters;
use crate::tensor::random::Mode;
use crate::transformer::KeysAndValues;

/// A model for text to text of the family that its `config.json` names: T5, BART, Marian.
///
/// Source: `transformers.AutoModelForSeq2SeqLM`.
#[non_exhaustive]
pub enum AutoModelForSeq2SeqLM {
    /// `t5`.
    T5(Box<T5ForConditionalGeneration>),
    /// `bart`.
    Bart(Box<BartForConditionalGeneration>),
    /// `marian`.
    Marian(Box<MarianMTModel>),
}

/// What a `config.json` says of the family.
#[derive(serde::Deserialize)]
struct Named {
    #[serde(default)]
    model_type: String,
}

/// Runs `$body` with `$model` standing for the model of whatever family.
macro_rules! of_any {
    ($any:expr, $model:ident => $body:expr) => {
        match $any {
            AutoModelForSeq2SeqLM::T5($model) => $body,
            AutoModelForSeq2SeqLM::Bart($model) => $body,
            AutoModelForSeq2SeqLM::Marian($model) => $body,
        }
    };
}

impl AutoModelForSeq2SeqLM {
    /// Loads a model from a local directory, or by its name on the hub.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] for a `model_type` of another kind of model, and as the families' own `from_pretrained`.
    pub fn from_pretrained(model: impl AsRef<Path>) -> Result<Self> {
        let model = model.as_ref();
        let files = Pretrained::open(model)?;
        let Named { model_type } = files.config()?;
        match model_type.as_str() {
            "t5" => T5ForConditionalGeneration::from_pretrained(model).map(|model| Self::T5(Box::new(model))),
            "bart" => BartForConditionalGeneration::from_pretrained(model).map(|model| Self::Bart(Box::new(model))),
            "marian" => MarianMTModel::from_pretrained(model).map(|model| Self::Marian(Box::new(model))),
            other => {
                let message = match other {
                    "" => "this says no `model_type`".to_owned(),
                    other => {
                        format!("`model_type` is \"{other}\", which is no model for text to text that is known here")
                    }
                };
                let help = "known are: t5, bart, marian";
                Err(Error::new(ErrorKind::Model, message).help(help).at(files.config_file().display()))
            }
        }
    }
}

/// How many modules all families have.
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

impl Model for AutoModelForSeq2SeqLM {
    const HEAD: Head = Head::Vocabulary(Reads::SourceAndTarget);
    const MODULES: &'static [Module<'static>] = &MODULES;

    fn forward(&self, batch: &Batch, mode: Mode) -> Result<Output> {
        of_any!(self, model => model.forward(batch, mode))
    }

    fn parameters(&self) -> &Parameters {
        of_any!(self, model => model.parameters())
    }

    fn vocabulary_rows(&self, batch: &Batch, mode: Mode) -> Result<Option<VocabularyRows>> {
        of_any!(self, model => model.vocabulary_rows(batch, mode))
    }

    fn rows_are_alone(&self) -> bool {
        true
    }

    fn writer(&self) -> Option<&dyn crate::model::Writer> {
        Some(self)
    }

    fn decoder_start(&self) -> Option<DecoderStart> {
        of_any!(self, model => model.decoder_start())
    }

    fn configuration(&self) -> Option<Value> {
        of_any!(self, model => model.configuration())
    }

    fn vocabulary_size(&self) -> Option<usize> {
        of_any!(self, model => model.vocabulary_size())
    }

    fn position_limit(&self) -> Option<usize> {
        of_any!(self, model => model.position_limit())
    }
}

impl Generate for AutoModelForSeq2SeqLM {
    type Memory = KeysAndValues;

    fn begin(&self, prompts: &[Vec<u32>]) -> Result<Begun<KeysAndValues>> {
        of_any!(self, model => model.begin(prompts))
    }

    fn step(&self, memory: &mut KeysAndValues, tokens: &[u32]) -> Result<Tensor> {
        of_any!(self, model => model.step(memory, tokens))
    }

    fn select(&self, memory: &mut KeysAndValues, rows: &[u32]) -> Result<()> {
        of_any!(self, model => model.select(memory, rows))
    }
}
