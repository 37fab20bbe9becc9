//! A model of any family that writes a text for another.

use std::fmt;
use std::path::Path;

use candle_core::{DType, Device, Tensor};
use serde_json::Value;

use super::head::{VocabularyHead, tied};
use super::side::Side;
use super::stack::SideStack;
use super::{Seq2SeqDescription, Seq2SeqFamily};
use crate::collate::{Batch, DecoderStart};
use crate::error::Result;
use crate::model::family::Family;
use crate::model::generation::keep_own_generation;
use crate::model::loading::{DEFAULT_SEED, HeadFrom, Names, Tensors};
use crate::model::packing::Packing;
use crate::model::peft::{Bits, Module};
use crate::model::pretrained::Pretrained;
use crate::model::resizing::resized;
use crate::model::{Head, Model, Output, Reads, VocabularyRows, Writer};
use crate::tensor::params::Parameters;
use crate::tensor::random::Mode;
use crate::transformer::{Source, TokenLayout};

/// An encoder, a decoder that looks at what it gives, and a head over the vocabulary, of the family whose configuration is `C`.
///
/// It is trained with sources and targets, and writes with
/// [`Generate::generate`](crate::model::generation::Generate::generate).
pub struct Seq2SeqModel<C> {
    pub(super) encoder: SideStack,
    pub(super) decoder: SideStack,
    pub(super) head: VocabularyHead,
    pub(super) description: Seq2SeqDescription,
    config: C,
    parameters: Parameters,
}

/// The table of a head that is not that of words, and the bias of the scores.
const HEAD: &str = "lm_head";
const HEAD_WEIGHT: &str = "lm_head.weight";
const BIAS: &str = "final_logits_bias";
/// What the names of the head begin with.
const HEADS: &[&str] = &[BIAS, "lm_head."];
/// The same of heads for other tasks.
const OTHER_HEADS: &[&str] = &["classification_head.", "qa_outputs."];

/// What stands in the head of a model.
#[derive(Clone, Copy, Debug)]
struct HeadParts {
    /// Whether its table is that of the decoder's words.
    is_tied: bool,
    /// Whether there is a bias: files of models without a head have none.
    has_bias: bool,
}

impl HeadParts {
    /// Those of a model with these parameters.
    fn of(parameters: &Parameters) -> Self {
        Self { is_tied: parameters.get(HEAD_WEIGHT).is_none(), has_bias: parameters.get(BIAS).is_some() }
    }
}

impl<C: Seq2SeqFamily> Seq2SeqModel<C> {
    /// Loads a model from a local directory, or by its name on the hub.
    ///
    /// A head that differs from the table of words is the model's own; one that is missing or the same is tied to it.
    ///
    /// # Errors
    /// [`ErrorKind::Model`](crate::ErrorKind::Model) for a configuration that is not computed here, and with the names of
    /// tensors that are missing, unexpected or of another shape.
    pub fn from_pretrained(model: impl AsRef<Path>) -> Result<Self> {
        Self::load(&Pretrained::open(model.as_ref())?, None)
    }

    /// As [`from_pretrained`](Self::from_pretrained), with the weights of the blocks kept in 8 or 4 bits from the moment they
    /// are read: for models that do not fit otherwise. They are frozen: train such a model with `peft = lora(…)`. Layers of
    /// widths that the format does not divide stay in 32 bits.
    ///
    /// # Errors
    /// As [`from_pretrained`](Self::from_pretrained).
    pub fn from_pretrained_in(model: impl AsRef<Path>, bits: Bits) -> Result<Self> {
        Self::load(&Pretrained::open(model.as_ref())?, Some(bits))
    }

    fn load(files: &Pretrained, bits: Option<Bits>) -> Result<Self> {
        let config: C = files.config()?;
        // The configuration is judged first: weights of another model would only say that nothing fits.
        let description = config.description().map_err(|error| error.at(files.config_file().display()))?;
        note_dropped_layers(config.configuration().as_ref(), files.place());
        let Seq2SeqDescription { prefix, ignored, .. } = description;
        let names = Names { prefix, head: HEADS, other_heads: OTHER_HEADS, ignored };
        let packing = bits.map(|bits| Packing::new(bits, C::MODULES));
        let tensors = Tensors::read_packing(files, &names, HeadFrom::File, packing)?;
        let words = format!("{}.weight", description.words(&description.decoder));
        let (tensors, is_tied) = tied(tensors, HEAD_WEIGHT, &words)?;
        let has_bias = description.has_score_bias && tensors.get(BIAS).is_some();
        let head = HeadParts { is_tied, has_bias };
        let model = tensors.into_model(|parameters| Self::build(config, description, head, parameters), None)?;
        keep_own_generation(files, &model.parameters)?;
        Ok(model)
    }

    /// A model from scratch: every parameter is drawn from the run's seed.
    ///
    /// # Errors
    /// [`ErrorKind::Model`](crate::ErrorKind::Model) for a configuration that no model can be made of.
    pub fn from_config(config: C) -> Result<Self> {
        let description = config.description()?;
        let head = HeadParts { is_tied: description.ties_embeddings, has_bias: description.has_score_bias };
        Self::build(config, description, head, Parameters::new(&Device::Cpu, DEFAULT_SEED))
    }

    /// The model's configuration.
    pub fn config(&self) -> &C {
        &self.config
    }

    fn build(config: C, description: Seq2SeqDescription, head: HeadParts, parameters: Parameters) -> Result<Self> {
        let builder = parameters.builder();
        let model = match description.prefix.trim_end_matches('.') {
            "" => builder.clone(),
            prefix => builder.pp(prefix),
        };
        let (encoder, decoder) =
            (SideStack::new(&description.encoder, &model)?, SideStack::new(&description.decoder, &model)?);
        let of_table = if head.is_tied { model.pp(description.decoder.words) } else { builder.pp(HEAD) };
        let scores = VocabularyHead::new(&description.decoder, description.output_scale, &of_table)?;
        let scores = if head.has_bias { scores.with_bias(BIAS, &builder)? } else { scores };
        parameters.freeze(|name| name == BIAS);
        Ok(Self { encoder, decoder, head: scores, description, config, parameters })
    }

    /// The rows of every token that the decoder reads, `[target tokens, hidden]`, and where they stand.
    fn rows(&self, batch: &Batch, mode: Mode) -> Result<(Tensor, TokenLayout)> {
        let (source, target) = (Side::source(batch, DType::F32)?, Side::target(batch, DType::F32)?);
        let encoded = self.encoder.forward(&source, None, mode)?;
        let source = Source { layout: &source.layout, rows: &encoded };
        let rows = self.decoder.forward(&target, Some(source), mode)?;
        Ok((rows, target.layout))
    }
}

/// Says that whole blocks are never left out while training, of a configuration that asks for it.
fn note_dropped_layers(config: Option<&Value>, place: &str) {
    for key in ["encoder_layerdrop", "decoder_layerdrop"] {
        let share = config.and_then(|config| config.get(key)).and_then(Value::as_f64).unwrap_or_default();
        if share > 0.0 {
            crate::note(format!("{place}: `{key}` is {share}, but no block is left out while training here"));
        }
    }
}

impl<C: Seq2SeqFamily> Model for Seq2SeqModel<C> {
    const HEAD: Head = Head::Vocabulary(Reads::SourceAndTarget);
    const FAMILY: Option<&'static Family> = C::FAMILY;
    const FAMILIES: &'static [&'static Family] = C::FAMILIES;
    const MODULES: &'static [Module<'static>] = C::MODULES;

    fn forward(&self, batch: &Batch, mode: Mode) -> Result<Output> {
        let (rows, layout) = self.rows(batch, mode)?;
        Ok(Output { logits: layout.unpack_with_zeros(&self.head.scores(&rows)?)? })
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    fn family(&self) -> Option<&'static Family> {
        self.config.family()
    }

    fn vocabulary_rows(&self, batch: &Batch, mode: Mode) -> Result<Option<VocabularyRows>> {
        let (rows, layout) = self.rows(batch, mode)?;
        self.head.labelled(&rows, &layout, batch).map(Some)
    }

    fn writer(&self) -> Option<&dyn Writer> {
        Some(self)
    }

    fn decoder_start(&self) -> Option<DecoderStart> {
        self.description.decoder_start
    }

    fn configuration(&self) -> Option<Value> {
        self.config.configuration()
    }

    fn resize_token_embeddings(&mut self, tokens: usize, pad_to_multiple_of: Option<usize>) -> Result<()> {
        let head = HeadParts::of(&self.parameters);
        let build = |config: C, parameters| {
            let description = config.description()?;
            Self::build(config, description, head, parameters)
        };
        if let Some(model) = resized(self, &self.config, tokens, pad_to_multiple_of, build)? {
            *self = model;
        }
        Ok(())
    }

    fn vocabulary_size(&self) -> Option<usize> {
        Some(self.description.encoder.vocabulary)
    }

    fn target_vocabulary_size(&self) -> Option<usize> {
        Some(self.description.decoder.vocabulary)
    }

    fn position_limit(&self) -> Option<usize> {
        self.description.encoder.position_limit
    }
}

impl<C: fmt::Debug> fmt::Debug for Seq2SeqModel<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seq2SeqModel").field("config", &self.config).finish_non_exhaustive()
    }
}
