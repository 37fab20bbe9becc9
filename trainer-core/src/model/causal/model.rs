//! A causal language model of any family.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use candle_core::{Device, Tensor};
use serde_json::Value;

use super::decoder::Decoder;
use super::{CausalDescription, CausalFamily};
use crate::collate::Batch;
use crate::error::Result;
use crate::model::family::Family;
use crate::model::generation::keep_own_generation;
use crate::model::labelled::{labelled_tokens, labels_of};
use crate::model::loading::{DEFAULT_SEED, HeadFrom, Names, Tensors};
use crate::model::packing::Packing;
use crate::model::peft::{Bits, Module};
use crate::model::pretrained::Pretrained;
use crate::model::resizing::resized;
use crate::model::stored::Transposed;
use crate::model::{Head, Model, Output, Reads, VocabularyRows, Writer};
use crate::tensor::params::Parameters;
use crate::tensor::random::Mode;

/// A decoder with a head over its vocabulary, of the family whose configuration is `C`: at every token of a text the scores
/// of the token that comes next.
///
/// It is trained with causal language modelling and supervised fine-tuning, and writes with
/// [`Generate::generate`](crate::model::generation::Generate::generate).
pub struct CausalModel<C> {
    pub(super) decoder: Decoder,
    config: C,
    description: CausalDescription,
    parameters: Parameters,
}

impl<C: CausalFamily> CausalModel<C> {
    /// Loads a model from a local directory, or by its name on the hub.
    ///
    /// Names with and without the family's prefix are read. A head that the files do not have is drawn from the seed, and
    /// said, unless it is tied to the table of words.
    ///
    /// # Errors
    /// [`ErrorKind::Model`](crate::ErrorKind::Model) for a configuration that is not computed here, and with the names of tensors that are missing,
    /// unexpected or of another shape.
    pub fn from_pretrained(model: impl AsRef<Path>) -> Result<Self> {
        Self::load(&Pretrained::open(model.as_ref())?, None)
    }

    /// As [`from_pretrained`](Self::from_pretrained), with the weights of the blocks kept in 8 or 4 bits from the moment they
    /// are read: for models that do not fit otherwise. They are frozen: train such a model with `peft = lora(…)`. Layers of
    /// widths that the format does not divide, and those of GPT-2, stay in 32 bits.
    ///
    /// # Errors
    /// As [`from_pretrained`](Self::from_pretrained).
    pub fn from_pretrained_in(model: impl AsRef<Path>, bits: Bits) -> Result<Self> {
        Self::load(&Pretrained::open(model.as_ref())?, Some(bits))
    }

    /// A model from scratch: every parameter is drawn from the run's seed.
    ///
    /// # Errors
    /// [`ErrorKind::Model`](crate::ErrorKind::Model) for a configuration that is not computed here.
    pub fn from_config(config: C) -> Result<Self> {
        let description = config.description()?;
        Self::build(config, description, Parameters::new(&Device::Cpu, DEFAULT_SEED))
    }

    /// The model's configuration.
    pub fn config(&self) -> &C {
        &self.config
    }

    pub(super) fn load(files: &Pretrained, bits: Option<Bits>) -> Result<Self> {
        let config: C = files.config()?;
        // The configuration is judged first: weights of another model would only say that nothing fits.
        let description = config.description().map_err(|error| error.at(files.config_file().display()))?;
        let names = names(&description);
        let transposed = transposed(&description);
        // What files hold turned is turned first, and what several layers share stays whole.
        let bits = bits.filter(|_| description.names.transposed.is_empty());
        let packing = bits.map(|bits| Packing::new(bits, C::MODULES));
        let tensors = Tensors::read_packing(files, &names, HeadFrom::File, packing)?;
        let tensors = tensors.convert(|name, value| Ok(vec![(name.to_owned(), transposed.turned(name, value)?)]))?;
        let deviation = description.blocks.first().map_or(0.0, |block| block.initializer_range);
        let build = |parameters| Self::build(config, description, parameters);
        let model = tensors.into_model(build, Some((HEAD_WEIGHT, deviation)))?;
        keep_own_generation(files, &model.parameters)?;
        Ok(model)
    }

    /// A model whose parameters have these values, by the names and in the shapes of the model's own.
    pub(in crate::model) fn from_values(
        config: C,
        values: BTreeMap<String, Tensor>,
        packing: Option<&Packing>,
    ) -> Result<Self> {
        let description = config.description()?;
        let parameters = Parameters::from_values(&Device::Cpu, DEFAULT_SEED, values);
        let Some(packing) = packing else { return Self::build(config, description, parameters) };
        let model = Self::build(config, description, packing.given_to(parameters))?;
        packing.note(&model.parameters)?;
        Ok(model)
    }

    fn rebuild(config: C, parameters: Parameters) -> Result<Self> {
        let description = config.description()?;
        Self::build(config, description, parameters)
    }

    fn build(config: C, description: CausalDescription, parameters: Parameters) -> Result<Self> {
        let decoder = Decoder::new(&description, &parameters.builder())?;
        parameters.attach(transposed(&description));
        Ok(Self { decoder, config, description, parameters })
    }
}

/// What the label of a token is.
const NEXT_TOKEN: &str = "the next token of the text, as the collator `CausalLm` does";

/// The name of the head's table, where it is not tied to the table of words.
const HEAD_WEIGHT: &str = "lm_head.weight";

/// Ends of names of tensors that files may hold and that are no parameters: masks and frequencies.
const COMPUTED: &[&str] = &[".attn.bias", ".attn.masked_bias", "rotary_emb.inv_freq"];
/// The same, with the second name of a table of words that is tied to the head.
const COMPUTED_OR_TIED: &[&str] = &[".attn.bias", ".attn.masked_bias", "rotary_emb.inv_freq", HEAD_WEIGHT];

fn names(description: &CausalDescription) -> Names {
    let head: &[&str] = if description.ties_embeddings { &[] } else { &["lm_head."] };
    let ignored = if description.ties_embeddings { COMPUTED_OR_TIED } else { COMPUTED };
    Names { prefix: description.names.prefix, head, other_heads: &["score.", "classifier.", "qa_outputs."], ignored }
}

/// The parameters that the family's files hold the other way round.
fn transposed(description: &CausalDescription) -> Transposed {
    let names = description.names;
    let of_block = |block: usize| {
        let weights = names.transposed.iter();
        weights.map(move |layer| format!("{}{}.{block}.{layer}.weight", names.prefix, names.blocks))
    };
    Transposed((0..description.blocks.len()).flat_map(of_block).collect())
}

impl<C: CausalFamily> Model for CausalModel<C> {
    const HEAD: Head = Head::Vocabulary(Reads::Causal);
    const FAMILY: Option<&'static Family> = C::FAMILY;
    const FAMILIES: &'static [&'static Family] = C::FAMILIES;
    const MODULES: &'static [Module<'static>] = C::MODULES;

    fn forward(&self, batch: &Batch, mode: Mode) -> Result<Output> {
        let (hidden, layout) = self.decoder.forward(batch, mode)?;
        let scores = self.decoder.scores(&hidden)?;
        Ok(Output { logits: layout.unpack_with_zeros(&scores)? })
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    fn family(&self) -> Option<&'static Family> {
        self.config.family()
    }

    fn writer(&self) -> Option<&dyn Writer> {
        Some(self)
    }

    fn vocabulary_rows(&self, batch: &Batch, mode: Mode) -> Result<Option<VocabularyRows>> {
        let (hidden, layout) = self.decoder.forward(batch, mode)?;
        let rows = labelled_tokens(batch, &layout, NEXT_TOKEN)?;
        let labels = labels_of(&rows, &hidden)?;
        Ok(Some(VocabularyRows::over(rows.gather(&hidden)?, &self.decoder.head()?, None, labels)))
    }

    fn configuration(&self) -> Option<Value> {
        self.config.configuration()
    }

    fn resize_token_embeddings(&mut self, tokens: usize, pad_to_multiple_of: Option<usize>) -> Result<()> {
        if let Some(model) = resized(self, &self.config, tokens, pad_to_multiple_of, Self::rebuild)? {
            *self = model;
        }
        Ok(())
    }

    fn vocabulary_size(&self) -> Option<usize> {
        Some(self.decoder.vocabulary())
    }

    fn position_limit(&self) -> Option<usize> {
        Some(self.description.positions)
    }
}

impl<C: fmt::Debug> fmt::Debug for CausalModel<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CausalModel").field("config", &self.config).finish_non_exhaustive()
    }
}
