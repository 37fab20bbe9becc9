//! Models: batches become logits.
//!
//! What comes in: a [`Batch`]. What goes out: an [`Output`], or of a model that writes the tokens of a text ([`generation`]). Each
//! family is a short file: its configuration and the names of its parameters, over the shared block: [`encoder`] has the heads of
//! those that read a whole text, [`causal`] those that say what comes next, [`seq2seq`] those that write one text for another. A
//! model directory is read strictly: no tensor is missing or left over without a word.

pub mod auto;
pub mod bart;
pub mod bert;
pub mod causal;
mod configuration;
pub mod distilbert;
pub mod electra;
pub mod encoder;
pub mod family;
pub mod generation;
mod gguf;
pub mod gpt2;
mod labelled;
pub mod llama;
mod loading;
pub mod marian;
mod packing;
pub mod peft;
pub mod pretrained;
mod resizing;
pub mod roberta;
pub mod saved;
pub mod seen;
pub mod seq2seq;
mod shards;
mod stored;
pub mod t5;
mod tables;
pub mod weights;
mod with_tokenizer;

pub use auto::{AutoConfig, AutoModelForMaskedLM, AutoModelForSequenceClassification, AutoModelForTokenClassification};
pub use bart::{BartConfig, BartForConditionalGeneration};
pub use bert::{BertConfig, BertForMaskedLM, BertForSequenceClassification, BertForTokenClassification, BertModel};
pub use causal::AutoModelForCausalLM;
pub use distilbert::{
    DistilBertConfig, DistilBertForMaskedLM, DistilBertForSequenceClassification, DistilBertForTokenClassification,
    DistilBertModel,
};
pub use electra::{
    ElectraConfig, ElectraForMaskedLM, ElectraForSequenceClassification, ElectraForTokenClassification, ElectraModel,
};
pub use generation::{Generate, GenerationConfig, Writer};
pub use gpt2::{GPT2Config, GPT2LMHeadModel};
pub use llama::{LlamaConfig, LlamaForCausalLM};
pub use marian::{MarianConfig, MarianMTModel};
pub use peft::{Bits, Lora, PeftModel};
pub use roberta::{
    RobertaConfig, RobertaForMaskedLM, RobertaForSequenceClassification, RobertaForTokenClassification, RobertaModel,
};
pub use seq2seq::AutoModelForSeq2SeqLM;
pub use t5::{T5Config, T5ForConditionalGeneration};

use std::ops::Range;
use std::sync::Arc;

use candle_core::Tensor;

use self::family::Family;
use self::generation::OwnGeneration;
use crate::collate::{Batch, DecoderStart};
use crate::data::LabelSet;
use crate::error::Result;
use crate::nn::weight::Weight;
use crate::tensor::gradients::GradientSlot;
use crate::tensor::params::Parameters;
use crate::tensor::random::Mode;

/// What a model gives for a batch.
#[derive(Clone, Debug)]
pub struct Output {
    /// Unnormalised scores, `[batch, outputs]`; `[batch, length, outputs]` where tokens have labels.
    pub logits: Tensor,
}

/// What a model's head gives, to be compared with the example's task while compiling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Head {
    /// Whatever the task needs: a model of the user's own, which the first batch will check.
    Any,
    /// One score for each class of a label set, for one class or several.
    Classes(LabelSet),
    /// So many numbers.
    Values(usize),
    /// One score for each class of a label set, for each token.
    Tags(LabelSet),
    /// One score for each id of the vocabulary, for each token.
    Vocabulary(Reads),
}

/// What a model with a vocabulary's head has read where it gives scores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    /// The whole text, in which some tokens are masked.
    Masked,
    /// The text up to this place: it says what comes next.
    Causal,
    /// A source, and the target up to this place.
    SourceAndTarget,
}

/// Rows that have a label, before the product with the vocabulary's table: what a vocabulary's head would compute scores of.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct VocabularyRows {
    /// `[labelled, hidden]`, in the order of the batch.
    pub hidden: Tensor,
    /// The table, `[vocabulary, hidden]`.
    pub weight: Tensor,
    /// `[vocabulary]`.
    pub bias: Option<Tensor>,
    /// `[labelled]`, `u32`.
    pub labels: Tensor,
    /// Where the gradient of the table goes, if not to candle's graph.
    pub(crate) slot: Option<Arc<GradientSlot>>,
}

impl VocabularyRows {
    /// Rows of these parts.
    pub fn new(hidden: Tensor, weight: Tensor, bias: Option<Tensor>, labels: Tensor) -> Self {
        Self { hidden, weight, bias, labels, slot: None }
    }

    /// The same with the table of a layer, whose gradient goes where those of layers go.
    pub(crate) fn over(hidden: Tensor, table: &Weight, bias: Option<Tensor>, labels: Tensor) -> Self {
        Self { hidden, weight: table.value(), bias, labels, slot: table.slot().cloned() }
    }

    /// The scores of some of the rows, `[rows, vocabulary]`.
    ///
    /// # Errors
    /// [`ErrorKind::Shape`](crate::ErrorKind::Shape) for rows beyond the last, and parts that do not go together.
    pub fn scores(&self, rows: Range<usize>) -> Result<Tensor> {
        let some = self.hidden.narrow(0, rows.start, rows.len())?;
        let scores = some.matmul(&self.weight.t()?)?;
        Ok(match &self.bias {
            Some(bias) => scores.broadcast_add(bias)?,
            None => scores,
        })
    }
}

/// Something that can be trained: a function of a batch, and its parameters.
///
/// A run calls [`forward`](Self::forward) on one of its `num_threads` threads, so that everything that it asks of candle or
/// rayon is computed on these: a model is `Sync`, which tensors and parameters are.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a model",
    label = "not a model",
    note = "a model implements `trainer_core::model::Model`: `forward` and `parameters`"
)]
pub trait Model: Sync {
    /// What the head gives; the default leaves it to the first batch.
    const HEAD: Head = Head::Any;
    /// The family that it is of, to compare with a model directory and to plan memory with; `None` for a model of your own.
    const FAMILY: Option<&'static Family> = None;
    /// The families of which it becomes one when it is loaded, where that is not said while compiling.
    const FAMILIES: &'static [&'static Family] = &[];
    /// Its modules that have parameters, by name, so that the compiler can check what `lora` names; none leaves it to the run.
    const MODULES: &'static [peft::Module<'static>] = &[];

    /// The logits of a batch.
    fn forward(&self, batch: &Batch, mode: Mode) -> Result<Output>;

    /// All parameters, by name.
    fn parameters(&self) -> &Parameters;

    /// The family that it is of, as [`FAMILY`](Self::FAMILY); of a model that has chosen among several, the one that it chose.
    fn family(&self) -> Option<&'static Family> {
        Self::FAMILY
    }

    /// Whether what it gives for a row of a batch is the same whatever the other rows are: a batch may then be computed in parts
    /// (`max_tokens_per_chunk`), and rows of other batches together. So it is with the families; a model of your own says it.
    fn rows_are_alone(&self) -> bool {
        self.family().is_some()
    }

    /// The rows of a batch that have a label, for a model with a vocabulary's head; `None` for any other, whose scores are then all
    /// computed by [`forward`](Self::forward).
    ///
    /// # Errors
    /// As [`forward`](Self::forward); [`ErrorKind::Data`](crate::ErrorKind::Data) for a batch without labels.
    fn vocabulary_rows(&self, _batch: &Batch, _mode: Mode) -> Result<Option<VocabularyRows>> {
        Ok(None)
    }

    /// What writes texts with it, if it can.
    fn writer(&self) -> Option<&dyn Writer> {
        None
    }

    /// How it writes where nothing else is said: as the files say that it was loaded from
    /// ([`GenerationConfig::from_pretrained`]), or as the default. Evaluations and predictions of a trainer write so, unless the
    /// arguments say another length or beams.
    fn generation_config(&self) -> GenerationConfig {
        self.parameters().attached::<OwnGeneration>().map(|own| own.config).unwrap_or_default()
    }

    /// How its decoder begins, if it has one.
    fn decoder_start(&self) -> Option<DecoderStart> {
        None
    }

    /// What `config.json` says of the model; `None` for a model that only Rust knows.
    fn configuration(&self) -> Option<serde_json::Value> {
        None
    }

    /// Gives the model a vocabulary of `tokens` ids, or of the next multiple of `pad_to_multiple_of`: what
    /// `tokenizer.vocabulary_size()` says after tokens were added. Its table of words, and the table and bias of a head over
    /// the vocabulary, keep their rows; new rows lie around the mean of the old ones, with a billionth of their covariance (a
    /// bias `[1, vocabulary]` gets zeros). Its configuration says the new size. To be called before adapters are added.
    ///
    /// Source: `PreTrainedModel.resize_token_embeddings(…, mean_resizing=True)`.
    ///
    /// # Errors
    /// [`ErrorKind::Model`](crate::ErrorKind::Model) for no ids, for a model with adapters, and for one whose tables are not
    /// known.
    fn resize_token_embeddings(&mut self, _tokens: usize, _pad_to_multiple_of: Option<usize>) -> Result<()> {
        Err(resizing::not_known())
    }

    /// How many ids the embedding has; token ids are compared with it before the first step.
    fn vocabulary_size(&self) -> Option<usize> {
        None
    }

    /// How many ids it can write; other than those that it reads where source and target have tables of their own.
    fn target_vocabulary_size(&self) -> Option<usize> {
        self.vocabulary_size()
    }

    /// The longest sequence that the model can take, in tokens.
    fn position_limit(&self) -> Option<usize> {
        None
    }
}
