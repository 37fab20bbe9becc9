//! An encoder, a decoder and the head over the vocabulary, as BART and Marian have them.

use candle_core::{DType, Tensor};

use super::stack::{BartStack, SideSettings};
use crate::collate::Batch;
use crate::error::Result;
use crate::model::peft::Module;
use crate::model::seq2seq::{Side, VocabularyHead};
use crate::model::{Output, VocabularyRows};
use crate::tensor::params::Parameters;
use crate::tensor::random::Mode;
use crate::transformer::{KeysAndValues, Source, TokenLayout};

/// The name of the bias of the scores, which is not trained.
const BIAS: &str = "final_logits_bias";

/// The modules of both families.
pub(in crate::model) const MODULES: &[Module<'static>] = &[
    Module::other("model.shared"),
    Module::other("model.encoder.embed_tokens"),
    Module::other("model.encoder.embed_positions"),
    Module::other("model.encoder.layernorm_embedding"),
    Module::usual_target("model.encoder.layers.#.self_attn.q_proj"),
    Module::linear("model.encoder.layers.#.self_attn.k_proj"),
    Module::usual_target("model.encoder.layers.#.self_attn.v_proj"),
    Module::linear("model.encoder.layers.#.self_attn.out_proj"),
    Module::other("model.encoder.layers.#.self_attn_layer_norm"),
    Module::linear("model.encoder.layers.#.fc1"),
    Module::linear("model.encoder.layers.#.fc2"),
    Module::other("model.encoder.layers.#.final_layer_norm"),
    Module::other("model.decoder.embed_tokens"),
    Module::other("model.decoder.embed_positions"),
    Module::other("model.decoder.layernorm_embedding"),
    Module::usual_target("model.decoder.layers.#.self_attn.q_proj"),
    Module::linear("model.decoder.layers.#.self_attn.k_proj"),
    Module::usual_target("model.decoder.layers.#.self_attn.v_proj"),
    Module::linear("model.decoder.layers.#.self_attn.out_proj"),
    Module::other("model.decoder.layers.#.self_attn_layer_norm"),
    Module::usual_target("model.decoder.layers.#.encoder_attn.q_proj"),
    Module::linear("model.decoder.layers.#.encoder_attn.k_proj"),
    Module::usual_target("model.decoder.layers.#.encoder_attn.v_proj"),
    Module::linear("model.decoder.layers.#.encoder_attn.out_proj"),
    Module::other("model.decoder.layers.#.encoder_attn_layer_norm"),
    Module::linear("model.decoder.layers.#.fc1"),
    Module::linear("model.decoder.layers.#.fc2"),
    Module::other("model.decoder.layers.#.final_layer_norm"),
    Module::other("lm_head"),
];

/// What both sides are made of.
#[derive(Clone, Debug)]
pub(in crate::model) struct Sides {
    pub(in crate::model) encoder: SideSettings,
    pub(in crate::model) decoder: SideSettings,
}

/// What stands in the head of a model.
#[derive(Clone, Copy, Debug)]
pub(in crate::model) struct HeadParts {
    /// Whether its table is that of the decoder's words.
    pub(in crate::model) is_tied: bool,
    /// Whether there is a bias, which is not trained.
    pub(in crate::model) has_bias: bool,
}

impl HeadParts {
    /// Those of a model with these parameters.
    pub(in crate::model) fn of(parameters: &Parameters) -> Self {
        Self { is_tied: parameters.get("lm_head.weight").is_none(), has_bias: parameters.get(BIAS).is_some() }
    }
}

/// An encoder, a decoder and a head.
#[derive(Clone, Debug)]
pub(in crate::model) struct EncoderDecoder {
    encoder: BartStack,
    decoder: BartStack,
    head: VocabularyHead,
}

impl EncoderDecoder {
    /// The model over these parameters.
    pub(in crate::model) fn new(sides: &Sides, head: HeadParts, parameters: &Parameters) -> Result<Self> {
        let builder = parameters.builder();
        let model = builder.pp("model");
        let SideSettings { block, vocabulary, table, .. } = &sides.decoder;
        let (encoder, decoder) =
            (BartStack::new(&sides.encoder, "encoder", &model)?, BartStack::new(&sides.decoder, "decoder", &model)?);
        let of_table = if head.is_tied { model.pp(table) } else { builder.pp("lm_head") };
        let scores = VocabularyHead::new(*vocabulary, block.hidden_size, block.initializer_range, &of_table)?;
        let scores = if head.has_bias { scores.with_bias(BIAS, &builder)? } else { scores };
        parameters.freeze(|name| name == BIAS);
        Ok(Self { encoder, decoder, head: scores })
    }

    /// The scores of every place of the target.
    pub(in crate::model) fn forward(&self, batch: &Batch, mode: Mode) -> Result<Output> {
        let (rows, layout) = self.rows(batch, mode)?;
        Ok(Output { logits: self.head.scores_of_places(&rows, &layout)? })
    }

    /// The rows of the target that have a label.
    pub(in crate::model) fn vocabulary_rows(&self, batch: &Batch, mode: Mode) -> Result<VocabularyRows> {
        let (rows, layout) = self.rows(batch, mode)?;
        self.head.labelled(&rows, &layout, batch)
    }

    /// Reads sources: what the decoder asks them for.
    pub(in crate::model) fn read_source(&self, sources: &Batch) -> Result<KeysAndValues> {
        let source = Side::source(sources, DType::F32)?;
        let rows = self.encoder.forward(&source, None, Mode::Evaluate)?;
        self.decoder.read_source(&Source { layout: &source.layout, rows: &rows })
    }

    /// The scores of what follows one token more in each row, `[rows, vocabulary]`.
    pub(in crate::model) fn read_on(&self, target: &Side, kept: &mut KeysAndValues) -> Result<Tensor> {
        self.head.scores(&self.decoder.read_on(target, kept)?)
    }

    /// The rows of every token that the decoder reads, `[target tokens, d_model]`, and where they stand.
    fn rows(&self, batch: &Batch, mode: Mode) -> Result<(Tensor, TokenLayout)> {
        let (source, target) = (Side::source(batch, DType::F32)?, Side::target(batch, DType::F32)?);
        let encoded = self.encoder.forward(&source, None, mode)?;
        let source = Source { layout: &source.layout, rows: &encoded };
        let rows = self.decoder.forward(&target, Some(source), mode)?;
        Ok((rows, target.layout))
    }
}

/// That the head of a file has a bias: files of models without a head have none.
pub(in crate::model) fn has_bias(tensors: &crate::model::loading::Tensors<'_>) -> bool {
    tensors.get(BIAS).is_some()
}
