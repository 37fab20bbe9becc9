//! The encoder and the decoder of BART and of Marian: embeddings of words and positions, and blocks.

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;

use crate::error::Result;
use crate::model::seq2seq::{Side, refuse_longer};
use crate::nn::{self, Dropout, Embedding, LayerNorm};
use crate::tensor::random::Mode;
use crate::transformer::{
    AttentionNames, Block, BlockExtras, BlockNames, BlockSettings, CrossNames, Direction, KeysAndValues, Pass, Source,
    Stack, Wanted, noisy,
};

const NAMES: BlockNames = BlockNames {
    query: "self_attn.q_proj",
    key: "self_attn.k_proj",
    value: "self_attn.v_proj",
    attention_output: "self_attn.out_proj",
    attention_norm: "self_attn_layer_norm",
    feed_forward_gate: None,
    feed_forward_in: "fc1",
    feed_forward_out: "fc2",
    output_norm: "final_layer_norm",
};

const CROSS_NAMES: CrossNames = CrossNames {
    attention: AttentionNames {
        query: "encoder_attn.q_proj",
        key: "encoder_attn.k_proj",
        value: "encoder_attn.v_proj",
        output: "encoder_attn.out_proj",
    },
    norm: "encoder_attn_layer_norm",
};

/// Rows at the start of BART's table of positions that no token has.
const RESERVED: usize = 2;

/// What one side of a model is made of.
#[derive(Clone, Debug)]
pub(in crate::model) struct SideSettings {
    pub(in crate::model) block: BlockSettings,
    pub(in crate::model) blocks: usize,
    /// The table of words, below the model's prefix.
    pub(in crate::model) table: &'static str,
    /// Ids of the table.
    pub(in crate::model) vocabulary: usize,
    pub(in crate::model) positions: PositionTable,
    pub(in crate::model) position_limit: usize,
    /// What words are multiplied with.
    pub(in crate::model) scale: Option<f64>,
    /// The id whose row learns nothing where it is read.
    pub(in crate::model) padding: Option<u32>,
}

/// Where the embeddings of positions come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::model) enum PositionTable {
    /// A table that is trained, two rows longer than there are positions; a norm follows the embeddings.
    Learned,
    /// Sines and cosines.
    Sinusoidal,
}

/// An encoder, or a decoder.
///
/// Source: Lewis et al., "BART" (2019); `transformers` `BartEncoder`, `BartDecoder`, `MarianEncoder`, `MarianDecoder`.
#[derive(Clone, Debug)]
pub(in crate::model) struct BartStack {
    words: Embedding,
    scale: Option<f64>,
    padding: Option<u32>,
    positions: Positions,
    position_limit: usize,
    dropout: Dropout,
    blocks: Stack,
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
}

impl BartStack {
    /// The side that is called `name` below the builder's prefix (`model`).
    pub(in crate::model) fn new(settings: &SideSettings, name: &str, builder: &VarBuilder<'_>) -> Result<Self> {
        let block = &settings.block;
        let (width, deviation, limit) = (block.hidden_size, block.initializer_range, settings.position_limit);
        let side = builder.pp(name);
        let positions = match settings.positions {
            PositionTable::Learned => Positions::Learned {
                table: nn::embedding(limit + RESERVED, width, deviation, side.pp("embed_positions"))?,
                norm: nn::layer_norm(width, block.norm_epsilon, side.pp("layernorm_embedding"))?,
            },
            PositionTable::Sinusoidal => Positions::Sinusoidal(sinusoids(limit, width, builder.device())?),
        };
        let cross = (block.direction == Direction::Causal).then_some(CROSS_NAMES);
        let extras = BlockExtras { cross, deviations: None };
        let layers = side.pp("layers");
        let blocks = (0..settings.blocks).map(|index| Block::with_extras(block, &NAMES, &extras, &layers.pp(index)));
        Ok(Self {
            words: nn::embedding(settings.vocabulary, width, deviation, builder.pp(settings.table))?,
            scale: settings.scale,
            padding: settings.padding,
            positions,
            position_limit: limit,
            site: side.prefix(),
            dropout: Dropout::new(block.hidden_dropout, &format!("{}.embeddings", side.prefix()))?,
            blocks: Stack::new(blocks.collect::<Result<_>>()?),
        })
    }

    /// What becomes of the tokens of a side, `[tokens, d_model]`.
    ///
    /// # Errors
    /// [`ErrorKind::Data`](crate::ErrorKind::Data) for a sequence longer than the positions.
    pub(in crate::model) fn forward(&self, side: &Side, source: Option<Source<'_>>, mode: Mode) -> Result<Tensor> {
        refuse_longer(side.layout.length(), self.position_limit)?;
        let embedded = self.embedded(side, side.layout.token_columns(), mode)?;
        let pass = Pass { source, ..Pass::new(&side.layout, mode) };
        self.blocks.forward(&embedded, &pass, Wanted::All)
    }

    /// Keeps what the decoder asks its sources for.
    pub(in crate::model) fn read_source(&self, source: &Source<'_>) -> Result<KeysAndValues> {
        self.blocks.read_source(source)
    }

    /// What becomes of one token more in each row, `[rows, d_model]`.
    ///
    /// # Errors
    /// [`ErrorKind::Data`](crate::ErrorKind::Data) for a text longer than the positions.
    pub(in crate::model) fn read_on(&self, side: &Side, kept: &mut KeysAndValues) -> Result<Tensor> {
        let positions = kept.positions(&side.layout)?;
        refuse_longer(positions.iter().max().map_or(0, |last| *last as usize + 1), self.position_limit)?;
        let embedded = self.embedded(side, &positions, Mode::Evaluate)?;
        self.blocks.read_on(&embedded, &side.layout, kept, None)
    }

    /// The embeddings of tokens at these positions.
    fn embedded(&self, side: &Side, positions: &[u32], mode: Mode) -> Result<Tensor> {
        let ids = &side.ids;
        let words = self.words_of(ids)?;
        let words = match self.scale {
            Some(scale) => (words * scale)?,
            None => words,
        };
        let words = noisy(&words, &side.layout, mode, &self.site)?;
        let embedded = match &self.positions {
            Positions::Learned { table, norm } => {
                let rows: Vec<u32> = positions.iter().map(|position| position + RESERVED as u32).collect();
                norm.forward(&(words + table.forward(&Tensor::new(rows, ids.device())?)?)?)?
            }
            Positions::Sinusoidal(table) => {
                let rows = table.index_select(&Tensor::new(positions, ids.device())?, 0)?;
                let rows = rows.to_dtype(words.dtype())?;
                (words + rows)?
            }
        };
        Ok(self.dropout.forward(&embedded, mode)?)
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
