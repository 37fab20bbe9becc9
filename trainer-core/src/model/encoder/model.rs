//! The encoder: token ids become one row of numbers for each token.

use std::marker::PhantomData;

use candle_core::{DType, Tensor};
use candle_nn::VarBuilder;

use super::{EncoderConfig as _, EncoderFamily, EncoderSettings};
use crate::collate::Batch;
use crate::error::{Error, ErrorKind, Result};
use crate::nn::{self, Dropout, Embedding, LayerNorm, Linear};
use crate::tensor::random::Mode;
use crate::transformer::{Block, Pass, Stack, TokenLayout, Wanted, noisy};

/// The table of the words, below the encoder's prefix.
pub(super) const WORDS: &str = "embeddings.word_embeddings";

/// An encoder without a head: embeddings and blocks.
///
/// Source: Devlin et al., "BERT" (2018); `transformers.BertModel` and its kin.
#[derive(Debug)]
pub struct EncoderModel<F> {
    words: Embedding,
    positions: Embedding,
    token_types: Option<Embedding>,
    norm: LayerNorm,
    dropout: Dropout,
    between_widths: Option<Linear>,
    blocks: Stack,
    settings: EncoderSettings,
    dtype: DType,
    family: PhantomData<fn() -> F>,
}

/// What an encoder gives for the tokens of a batch.
#[derive(Clone, Debug)]
pub struct HiddenStates {
    /// One row for each real token, `[tokens, hidden]`.
    pub packed: Tensor,
    pub(super) layout: TokenLayout,
}

impl HiddenStates {
    /// `[batch, length, hidden]`; what stands at padding means nothing.
    pub fn padded(&self) -> Result<Tensor> {
        self.layout.unpack(&self.packed)
    }

    /// The rows of the first token of each sequence, `[batch, hidden]`.
    pub fn first(&self) -> Result<Tensor> {
        self.layout.first(&self.packed)
    }
}

impl<F: EncoderFamily> EncoderModel<F> {
    /// The encoder whose parameters stand below the builder's prefix (`bert`).
    ///
    /// # Errors
    /// [`ErrorKind::Model`] for a configuration that cannot work.
    pub fn new(config: &F::Config, builder: &VarBuilder<'_>) -> Result<Self> {
        Self::with_settings(config.settings()?, builder)
    }

    pub(super) fn with_settings(settings: EncoderSettings, builder: &VarBuilder<'_>) -> Result<Self> {
        let (width, hidden) = (settings.embedding_size, settings.block.hidden_size);
        let deviation = settings.block.initializer_range;
        let embeddings = builder.pp("embeddings");
        let table = |name: &str, count| nn::embedding(count, width, deviation, builder.pp(name));
        let words = table(WORDS, settings.vocabulary)?;
        let positions = table("embeddings.position_embeddings", settings.positions)?;
        let token_types = match settings.token_types {
            0 => None,
            types => Some(table("embeddings.token_type_embeddings", types)?),
        };
        let norm = nn::layer_norm(width, settings.block.norm_epsilon, embeddings.pp("LayerNorm"))?;
        let dropout = Dropout::new(settings.block.hidden_dropout, &embeddings.prefix())?;
        let between = || nn::linear(width, hidden, deviation, builder.pp("embeddings_project"));
        let between_widths = (width != hidden).then(between).transpose()?;
        let layers = builder.pp(F::NAMES.blocks);
        let block = |index: usize| {
            let block = Block::new(&settings.block, &F::NAMES.block, &layers.pp(index))?;
            if settings.drops_attention_output { Ok(block) } else { block.without_dropout_after_attention() }
        };
        let blocks = Stack::new((0..settings.blocks).map(block).collect::<Result<_>>()?);
        let (dtype, family) = (builder.dtype(), PhantomData);
        Ok(Self { words, positions, token_types, norm, dropout, between_widths, blocks, settings, dtype, family })
    }

    /// What it was built from.
    pub fn settings(&self) -> &EncoderSettings {
        &self.settings
    }

    /// The numbers of every token after the last block.
    ///
    /// # Errors
    /// [`ErrorKind::Data`] for a sequence longer than the position embeddings.
    pub fn forward(&self, batch: &Batch, mode: Mode) -> Result<HiddenStates> {
        let (packed, layout) = self.run(batch, mode, Wanted::All)?;
        Ok(HiddenStates { packed, layout })
    }

    /// The numbers of the first token of each sequence, `[batch, hidden]`: the last block computes no other row.
    ///
    /// # Errors
    /// As [`forward`](Self::forward).
    pub fn first(&self, batch: &Batch, mode: Mode) -> Result<Tensor> {
        Ok(self.run(batch, mode, Wanted::First)?.0)
    }

    /// The rows of the tokens that are wanted after the last block.
    fn run(&self, batch: &Batch, mode: Mode, wanted: Wanted) -> Result<(Tensor, TokenLayout)> {
        self.fits(batch)?;
        let layout = TokenLayout::of(batch, self.dtype)?;
        let hidden = self.embed(batch, &layout, mode)?;
        let packed = self.blocks.forward(&hidden, &Pass::new(&layout, mode), wanted)?;
        Ok((packed, layout))
    }

    /// That no sequence of the batch is longer than the positions.
    fn fits(&self, batch: &Batch) -> Result<()> {
        let (_, length) = batch.input_ids()?.dims2()?;
        let length = match &batch.sequence_lengths {
            Some(lengths) => lengths.iter().flatten().copied().max().unwrap_or(length),
            None => length,
        };
        let limit = self.settings.position_limit();
        if length <= limit {
            return Ok(());
        }
        let message = format!("a batch is {length} tokens long, but the model has {limit} positions");
        Err(Error::new(ErrorKind::Data, message).help(format!("set `max_length = {limit}`")))
    }

    fn embed(&self, batch: &Batch, layout: &TokenLayout, mode: Mode) -> Result<Tensor> {
        let packed = |ids: &Tensor| layout.pack(&ids.unsqueeze(2)?)?.squeeze(1).map_err(Error::from);
        let ids = packed(batch.input_ids()?)?;
        let mut sum = noisy(&self.words.forward(&ids)?, layout, mode, "encoder")?;
        if let Some(table) = &self.token_types {
            let types = match &batch.token_type_ids {
                Some(types) => packed(types)?,
                None => ids.zeros_like()?,
            };
            sum = (sum + table.forward(&types)?)?;
        }
        let positions = match (&batch.position_ids, self.settings.positions_after) {
            (None, None) => layout.columns().clone(),
            (None, Some(padding)) => counted_after(padding, &ids, layout)?,
            (Some(given), None) => packed(given)?,
            (Some(given), Some(padding)) => {
                let given = packed(given)?;
                (&given + Tensor::full(padding + 1, given.shape(), given.device())?)?
            }
        };
        let sum = (sum + self.positions.forward(&positions)?)?;
        let embedded = self.dropout.forward(&self.norm.forward(&sum)?, mode)?;
        match &self.between_widths {
            Some(layer) => Ok(layer.forward_in(&embedded, mode)?),
            None => Ok(embedded),
        }
    }
}

/// The position of each token, `[tokens]`: the first one that is not padding has the row after that of padding, and so on.
///
/// Source: `transformers` `RobertaEmbeddings.create_position_ids_from_input_ids`.
fn counted_after(padding: u32, ids: &Tensor, layout: &TokenLayout) -> Result<Tensor> {
    let all = ids.to_vec1::<u32>()?;
    let mut positions = Vec::with_capacity(all.len());
    for ends in layout.sequence_offsets().windows(2) {
        let mut last = padding;
        let sequence = all.get(ends[0] as usize..ends[1] as usize).unwrap_or_default();
        positions.extend(sequence.iter().map(|id| {
            if *id == padding {
                return padding;
            }
            last += 1;
            last
        }));
    }
    Ok(Tensor::from_vec(positions, ids.shape(), ids.device())?)
}
