//! An encoder, or a decoder: embeddings of words and positions, blocks, and the norm after the last of them.

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;

use super::side::{Side, refuse_longer};
use super::{PositionTable, SideDescription};
use crate::error::Result;
use crate::nn::{self, Dropout, Embedding, LayerNorm};
use crate::tensor::random::Mode;
use crate::transformer::{Block, BlockExtras, KeysAndValues, Norm, Pass, RelativeBias, Source, Stack, Wanted, noisy};

/// Rows at the start of BART's table of positions that no token has.
const RESERVED: usize = 2;

/// An encoder, or a decoder.
///
/// Source: Raffel et al., "Exploring the limits of transfer learning" (2020); Lewis et al., "BART" (2019); `transformers`
/// `T5Stack`, `BartEncoder`, `BartDecoder`, `MarianEncoder`, `MarianDecoder`.
#[derive(Clone, Debug)]
pub(super) struct SideStack {
    words: Embedding,
    scale: Option<f64>,
    padding: Option<u32>,
    positions: Positions,
    position_limit: Option<usize>,
    dropout: Dropout,
    blocks: Stack,
    last: Option<Last>,
    /// Its own name in the model.
    site: String,
}

#[derive(Clone, Debug)]
enum Positions {
    Learned {
        table: Embedding,
        norm: LayerNorm,
    },
    /// `[positions, width]`.
    Sinusoidal(Tensor),
    Relative(RelativeBias),
}

/// What follows the last block.
#[derive(Clone, Debug)]
struct Last {
    norm: Norm,
    dropout: Dropout,
}

impl SideStack {
    /// The side whose parameters stand below the builder's prefix, which is the model's.
    pub(super) fn new(description: &SideDescription, builder: &VarBuilder<'_>) -> Result<Self> {
        let SideDescription { names, block, vocabulary, words_deviation, .. } = description;
        let (width, side) = (block.hidden_size, builder.pp(names.side));
        let extras = BlockExtras { cross: names.cross, deviations: description.deviations };
        let layers = side.pp(names.blocks);
        let blocks = (0..description.blocks)
            .map(|index| Block::with_extras(block, &names.block, &extras, &layers.pp(index)))
            .collect::<Result<_>>()?;
        let last = |name: &str| -> Result<Last> {
            Ok(Last {
                norm: Norm::new(block.norm, width, block.norm_epsilon, side.pp(name))?,
                dropout: Dropout::new(block.hidden_dropout, &format!("{}.output", side.prefix()))?,
            })
        };
        let site = format!("{}.{}", side.prefix(), names.embedding_dropout);
        Ok(Self {
            words: nn::embedding(*vocabulary, width, *words_deviation, builder.pp(description.words))?,
            scale: description.scale,
            padding: description.padding,
            positions: Positions::new(description, &side)?,
            position_limit: description.position_limit,
            dropout: Dropout::new(block.hidden_dropout, &site)?,
            blocks: Stack::new(blocks),
            last: names.last_norm.map(last).transpose()?,
            site: side.prefix(),
        })
    }

    /// What becomes of the tokens of a side, `[tokens, hidden]`.
    ///
    /// # Errors
    /// [`ErrorKind::Data`](crate::ErrorKind::Data) for a sequence longer than the positions.
    pub(super) fn forward(&self, side: &Side, source: Option<Source<'_>>, mode: Mode) -> Result<Tensor> {
        let layout = &side.layout;
        refuse_longer(layout.length(), self.position_limit)?;
        let embedded = self.embedded(side, layout.token_columns(), mode)?;
        let relative = match &self.positions {
            Positions::Relative(table) => Some(table.scores(layout.length(), embedded.device())?),
            _ => None,
        };
        let pass = Pass { relative: relative.as_ref(), source, ..Pass::new(layout, mode) };
        let hidden = self.blocks.forward(&embedded, &pass, Wanted::All)?;
        self.finished(hidden, mode)
    }

    /// Keeps what the decoder asks its sources for.
    pub(super) fn read_source(&self, source: &Source<'_>) -> Result<KeysAndValues> {
        self.blocks.read_source(source)
    }

    /// What becomes of one token more in each row, `[rows, hidden]`.
    ///
    /// # Errors
    /// [`ErrorKind::Data`](crate::ErrorKind::Data) for a text longer than the positions.
    pub(super) fn read_on(&self, side: &Side, kept: &mut KeysAndValues) -> Result<Tensor> {
        let columns = kept.positions(&side.layout)?;
        refuse_longer(columns.iter().max().map_or(0, |last| *last as usize + 1), self.position_limit)?;
        let embedded = self.embedded(side, &columns, Mode::Evaluate)?;
        let places = kept.places();
        let relative = match &self.positions {
            Positions::Relative(table) => Some(table.scores_of(places..places + 1, places + 1, embedded.device())?),
            _ => None,
        };
        let hidden = self.blocks.read_on(&embedded, &side.layout, kept, relative.as_ref())?;
        self.finished(hidden, Mode::Evaluate)
    }

    /// The embeddings of tokens that stand in these columns.
    fn embedded(&self, side: &Side, columns: &[u32], mode: Mode) -> Result<Tensor> {
        let ids = &side.ids;
        let words = self.words_of(ids)?;
        let words = match self.scale {
            Some(scale) => (words * scale)?,
            None => words,
        };
        let words = noisy(&words, &side.layout, mode, &self.site)?;
        let embedded = match &self.positions {
            Positions::Learned { table, norm } => {
                let rows: Vec<u32> = columns.iter().map(|column| column + RESERVED as u32).collect();
                norm.forward(&(words + table.forward(&Tensor::new(rows, ids.device())?)?)?)?
            }
            Positions::Sinusoidal(table) => {
                let rows = table.index_select(&Tensor::new(columns, ids.device())?, 0)?;
                let rows = rows.to_dtype(words.dtype())?;
                (words + rows)?
            }
            Positions::Relative(_) => words,
        };
        Ok(self.dropout.forward(&embedded, mode)?)
    }

    /// What follows the last block.
    fn finished(&self, hidden: Tensor, mode: Mode) -> Result<Tensor> {
        match &self.last {
            Some(last) => Ok(last.dropout.forward(&last.norm.forward(&hidden)?, mode)?),
            None => Ok(hidden),
        }
    }

    /// The rows of the table of words. That of padding gets no gradient from where it is read, as in the reference; where a
    /// decoder begins with it, this is seen.
    fn words_of(&self, ids: &Tensor) -> Result<Tensor> {
        let words = self.words.forward(ids)?;
        let Some(padding) = self.padding else { return Ok(words) };
        let is_padding = ids.eq(padding)?;
        if !words.track_op() || is_padding.to_dtype(DType::U32)?.max_all()?.to_scalar::<u32>()? == 0 {
            return Ok(words);
        }
        let cut = is_padding.unsqueeze(1)?.to_dtype(words.dtype())?;
        let kept = words.broadcast_mul(&(1.0 - &cut)?)?;
        Ok((kept + words.detach().broadcast_mul(&cut)?)?)
    }
}

impl Positions {
    /// Those of a side below the builder's prefix, which is the side's.
    fn new(description: &SideDescription, side: &VarBuilder<'_>) -> Result<Self> {
        let (block, limit) = (&description.block, description.position_limit.unwrap_or_default());
        let width = block.hidden_size;
        Ok(match description.positions {
            PositionTable::Learned { table, norm } => Self::Learned {
                table: nn::embedding(limit + RESERVED, width, block.initializer_range, side.pp(table))?,
                norm: nn::layer_norm(width, block.norm_epsilon, side.pp(norm))?,
            },
            PositionTable::Sinusoidal => Self::Sinusoidal(sinusoids(limit, width, side.device())?),
            PositionTable::Relative { table } => Self::Relative(RelativeBias::new(block, side.pp(table))?),
        })
    }
}

/// The embeddings of positions that are computed, `[positions, width]`: sines in the first half of a row, cosines in the
/// second.
///
/// Source: Vaswani et al., "Attention is all you need" (2017); `transformers` `MarianSinusoidalPositionalEmbedding`.
fn sinusoids(positions: usize, width: usize, device: &Device) -> Result<Tensor> {
    let sines = width.div_ceil(2);
    let mut rows = Vec::with_capacity(positions * width);
    for position in 0..positions {
        let angle = |pair: usize| position as f64 / 10000f64.powf((2 * pair) as f64 / width as f64);
        rows.extend((0..sines).map(|pair| angle(pair).sin() as f32));
        rows.extend((0..width - sines).map(|pair| angle(pair).cos() as f32));
    }
    Ok(Tensor::from_vec(rows, (positions, width), &Device::Cpu)?.to_device(device)?)
}
