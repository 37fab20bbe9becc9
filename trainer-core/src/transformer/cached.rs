//! Blocks that go on from what they have read.
//!
//! What comes in: rows of new tokens, and what was kept of the tokens before them. What goes out: the new rows after the
//! last block; their keys and values are kept with the others, so that nothing is computed twice. It is for writing text,
//! token by token, and has no gradient and no dropout.

use candle_core::{D, DType, Device, Tensor};

use super::attention::{Attention, per_head};
use super::block::Block;
use super::cross::{KeptSource, Source};
use super::layout::{TokenLayout, lowest};
use super::rotary::{self, RotaryAngles};
use super::settings::{BlockSettings, Direction, Positions};
use super::stack::Stack;
use crate::error::{Error, ErrorKind, Result};
use crate::nn;
use crate::tensor::random::Mode;

/// What blocks keep of the tokens that they have read.
#[derive(Clone, Debug, Default)]
pub struct KeysAndValues {
    /// Keys and values of each block, `[rows, key_value_heads, places, head_size]`, keys turned already.
    of_blocks: Vec<(Tensor, Tensor)>,
    /// Of each row, whether each place holds a token.
    is_token: Vec<Vec<bool>>,
    /// What the blocks of a decoder ask their sources for.
    source: Option<KeptSource>,
}

/// What every block of one pass is given beside the rows.
struct CachedPass<'a> {
    layout: &'a TokenLayout,
    angles: Option<RotaryAngles>,
    /// What is added to the scores, `[rows, 1, new places, places]`; none if every place is seen.
    mask: Option<Tensor>,
    /// What is added to the scores for the distance of two tokens, `[1, heads, new places, places]`.
    relative: Option<&'a Tensor>,
}

impl KeysAndValues {
    /// Rows that something is kept of; none before the first pass.
    pub fn rows(&self) -> usize {
        self.is_token.len()
    }

    /// Places of a row, with padding between and after its tokens.
    pub fn places(&self) -> usize {
        self.is_token.first().map_or(0, Vec::len)
    }

    /// The position of each token of a layout in its row, one after those that were read: what embeddings of positions and
    /// rotary angles are asked for, `[tokens]`.
    ///
    /// # Errors
    /// [`ErrorKind::Shape`] for another number of rows than was read before, or for tokens that are not padded at their end.
    pub fn positions(&self, layout: &TokenLayout) -> Result<Vec<u32>> {
        let offsets = layout.sequence_offsets();
        if !self.is_token.is_empty() && self.is_token.len() != layout.batch() {
            let message = format!("{} rows go on from {} that were read", layout.batch(), self.is_token.len());
            return Err(Error::new(ErrorKind::Shape, message));
        }
        let mut positions = Vec::with_capacity(layout.tokens());
        for (row, pair) in offsets.windows(2).enumerate() {
            let (first, end) = (pair[0] as usize, pair[1] as usize);
            if layout.token_columns()[first..end].iter().zip(0..).any(|(column, index)| *column != index) {
                return Err(Error::new(ErrorKind::Shape, "text is only continued where padding follows its tokens"));
            }
            let read = self.is_token.get(row).map_or(0, |places| places.iter().filter(|is_token| **is_token).count());
            positions.extend((0..end - first).map(|index| (read + index) as u32));
        }
        Ok(positions)
    }

    /// Keeps these rows, in this order; a row may be kept more than once.
    ///
    /// # Errors
    /// [`ErrorKind::Shape`] for a row that is not there.
    pub fn select(&mut self, rows: &[u32]) -> Result<()> {
        let chosen = |row: &u32| self.is_token.get(*row as usize).cloned();
        let Some(is_token) = rows.iter().map(chosen).collect::<Option<Vec<_>>>() else {
            let message = format!("rows {rows:?} are asked for, of {} that were read", self.is_token.len());
            return Err(Error::new(ErrorKind::Shape, message));
        };
        for (keys, values) in &mut self.of_blocks {
            let indices = Tensor::new(rows, keys.device())?;
            *keys = keys.index_select(&indices, 0)?;
            *values = values.index_select(&indices, 0)?;
        }
        if let Some(source) = &mut self.source {
            source.select(rows)?;
        }
        self.is_token = is_token;
        Ok(())
    }

    /// Makes room for the tokens of a layout.
    fn extend(&mut self, layout: &TokenLayout) {
        self.is_token.resize(layout.batch(), Vec::new());
        for (places, pair) in self.is_token.iter_mut().zip(layout.sequence_offsets().windows(2)) {
            let tokens = (pair[1] - pair[0]) as usize;
            places.extend((0..layout.length()).map(|column| column < tokens));
        }
    }

    /// What hides padding, and what stands after a token, from the last `new` places.
    fn mask(&self, new: usize, dtype: DType, device: &Device) -> Result<Option<Tensor>> {
        let (rows, places) = (self.rows(), self.places());
        let read = places - new;
        if new == 1 && self.is_token.iter().flatten().all(|is_token| *is_token) {
            return Ok(None);
        }
        let low = lowest(dtype);
        let mut mask = Vec::with_capacity(rows * new * places);
        for is_token in &self.is_token {
            for column in read..places {
                let sees = |(place, is_token): (usize, &bool)| if *is_token && place <= column { 0.0 } else { low };
                mask.extend(is_token.iter().enumerate().map(sees));
            }
        }
        let mask = Tensor::from_vec(mask, (rows, 1, new, places), &Device::Cpu)?;
        Ok(Some(mask.to_dtype(dtype)?.to_device(device)?))
    }
}

impl Stack {
    /// Reads the sources of texts that a decoder is going to write, one for each row: keeps what its blocks ask them for.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] for blocks without cross-attention.
    pub fn read_source(&self, source: &Source<'_>) -> Result<KeysAndValues> {
        Ok(KeysAndValues { source: Some(KeptSource::of(self.blocks(), source)?), ..KeysAndValues::default() })
    }

    /// The rows of new tokens after the last block, `[tokens, hidden]`, with those before them in `kept`; they are kept too.
    ///
    /// * `hidden`: one row for each new token of `layout`, whose padding follows the tokens of each row.
    /// * `relative`: for blocks with relative positions, what is added to the scores of the new places,
    ///   `[1, heads, new places, places]`.
    ///
    /// # Errors
    /// As [`KeysAndValues::positions`]; [`ErrorKind::Model`] for blocks that see what follows a token.
    pub fn read_on(
        &self,
        hidden: &Tensor,
        layout: &TokenLayout,
        kept: &mut KeysAndValues,
        relative: Option<&Tensor>,
    ) -> Result<Tensor> {
        let Some(settings) = self.blocks().first().map(|block| block.settings) else { return Ok(hidden.clone()) };
        if settings.direction == Direction::Bidirectional {
            return Err(Error::new(ErrorKind::Model, "blocks that see the whole text cannot read on token by token"));
        }
        let (dtype, device) = (hidden.dtype(), hidden.device());
        let angles = match settings.positions {
            Positions::Rotary(rotary) => {
                Some(RotaryAngles::new(&kept.positions(layout)?, rotary, settings.head_size, dtype, device)?)
            }
            Positions::Embedded | Positions::Relative { .. } => {
                kept.positions(layout)?;
                None
            }
        };
        kept.extend(layout);
        let pass = CachedPass { layout, angles, mask: kept.mask(layout.length(), dtype, device)?, relative };
        let mut hidden = hidden.clone();
        for (index, block) in self.blocks().iter().enumerate() {
            let before = kept.of_blocks.get(index).cloned();
            let source = kept.source.as_ref();
            let look = |rows| KeptSource::read_by(source, block, index, rows, layout);
            let (rows, after) = block.read_on(&hidden, &pass, before, look)?;
            hidden = rows;
            match kept.of_blocks.get_mut(index) {
                Some(place) => *place = after,
                None => kept.of_blocks.push(after),
            }
        }
        Ok(hidden)
    }
}

impl Block {
    /// The rows after this block, and the keys and values of all tokens; `look` is what is done after attention, where a
    /// decoder looks at its source.
    fn read_on(
        &self,
        hidden: &Tensor,
        pass: &CachedPass<'_>,
        before: Option<(Tensor, Tensor)>,
        look: impl Fn(Tensor) -> Result<Tensor>,
    ) -> Result<(Tensor, (Tensor, Tensor))> {
        let mut kept = None;
        let attend = |rows: &Tensor| {
            let (attended, all) = self.attention.read_on(rows, &self.settings, pass, before)?;
            kept = Some(all);
            Ok(attended)
        };
        let hidden = look(self.with(&self.attention_norm, hidden, attend)?)?;
        let feed = |rows: &Tensor| self.feed_forward.forward(rows, &self.settings, Mode::Evaluate);
        let hidden = self.with(&self.output_norm, &hidden, feed)?;
        match kept {
            Some(kept) => Ok((hidden, kept)),
            None => Err(Error::new(ErrorKind::Model, "a block has computed no attention")),
        }
    }
}

impl Attention {
    /// What each new token gathers from those it attends to, and the keys and values of all.
    fn read_on(
        &self,
        hidden: &Tensor,
        settings: &BlockSettings,
        pass: &CachedPass<'_>,
        before: Option<(Tensor, Tensor)>,
    ) -> Result<(Tensor, (Tensor, Tensor))> {
        let (layout, heads, key_heads) = (pass.layout, settings.attention_heads, settings.key_value_heads);
        let mut query = self.query.forward(hidden)?;
        let mut key = self.key.forward(hidden)?;
        if let Some(angles) = &pass.angles {
            query = rotary::turned(&query, settings.head_size, angles)?;
            key = rotary::turned(&key, settings.head_size, angles)?;
        }
        let query = (per_head(&query, heads, layout)? * settings.attention_scale)?;
        let mut key = per_head(&key, key_heads, layout)?;
        let mut value = per_head(&self.value.forward(hidden)?, key_heads, layout)?;
        if let Some((keys, values)) = before {
            key = Tensor::cat(&[&keys, &key], 2)?;
            value = Tensor::cat(&[&values, &value], 2)?;
        }
        let (rows, _, new, size) = query.dims4()?;
        let places = key.dim(2)?;
        // The queries of the heads that share keys stand one below the other, so that no key is copied.
        let stacked = (rows, key_heads, heads / key_heads * new, size);
        let scores = query.reshape(stacked)?.matmul(&key.transpose(2, 3)?)?.reshape((rows, heads, new, places))?;
        let scores = match pass.relative {
            Some(relative) => scores.broadcast_add(relative)?,
            None => scores,
        };
        let scores = match &pass.mask {
            Some(mask) => scores.broadcast_add(mask)?,
            None => scores,
        };
        let probabilities = nn::softmax(&scores)?.reshape((rows, key_heads, heads / key_heads * new, places))?;
        let gathered = probabilities.matmul(&value)?.reshape((rows, heads, new, size))?;
        let gathered = gathered.transpose(1, 2)?.contiguous()?.flatten_from(D::Minus2)?;
        Ok((self.output.forward(&layout.pack(&gathered)?)?, (key, value)))
    }
}
