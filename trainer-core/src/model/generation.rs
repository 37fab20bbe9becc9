//! Text that a model writes, token by token.
//!
//! What comes in: prompts as token ids, and a [`GenerationConfig`]. What goes out: the tokens that the model writes after
//! each. A model says how it reads a prompt and one token more ([`Generate`]); the searches are written once, for all. It
//! refuses prompts without a token, ids that the model does not know, and texts longer than its positions.

mod beams;
mod config;
mod file;
mod one;
mod scores;

pub(crate) use config::end_tokens;
pub use config::{EarlyStopping, GenerationConfig};
pub(super) use file::keep_own_generation;
pub(crate) use file::{FILE, OwnGeneration};

use candle_core::Tensor;

use super::Model;
use crate::error::{Error, ErrorKind, Result};

/// A model that can write: it reads prompts once, then one token of each row at a time, and keeps what it has read.
///
/// Scores are numbers for each id of the vocabulary, `[rows, vocabulary]`, for the token that comes next.
pub trait Generate: Model + Sized {
    /// What is kept of the tokens that were read: keys and values, and of a source what the decoder asks it for.
    type Memory;

    /// Reads the prompts, all at once, whatever their lengths; of a model with an encoder they are the sources, and its
    /// decoder reads its first token.
    ///
    /// # Errors
    /// [`ErrorKind::Data`] for a prompt that the model cannot read.
    fn begin(&self, prompts: &[Vec<u32>]) -> Result<Begun<Self::Memory>>;

    /// Reads one token more of each row, and gives the scores of the next.
    ///
    /// # Errors
    /// If there is not one token for each row.
    fn step(&self, memory: &mut Self::Memory, tokens: &[u32]) -> Result<Tensor>;

    /// Keeps these rows of what was read, in this order: rows of texts that have ended are left out, and a row that goes on
    /// in several ways is there several times.
    ///
    /// # Errors
    /// For a row that is not there.
    fn select(&self, memory: &mut Self::Memory, rows: &[u32]) -> Result<()>;

    /// What the model writes after each prompt: the new tokens alone, with the one that ends the text where it ends before
    /// `max_new_tokens`. Prompts may have any lengths; each is answered as if it were alone.
    ///
    /// ```no_run
    /// use trainer_core::model::generation::{Generate, GenerationConfig};
    /// use trainer_core::model::AutoModelForCausalLM;
    ///
    /// let model = AutoModelForCausalLM::from_pretrained("models/smollm2-135m-instruct")?;
    /// let config = GenerationConfig { max_new_tokens: 30, num_beams: 4, ..GenerationConfig::default() };
    /// let texts = model.generate(&[vec![1, 4093, 198]], &config)?;
    /// # Ok::<(), trainer_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Arguments`] for settings that cannot work ([`GenerationConfig::check`]); [`ErrorKind::Data`] for a prompt
    /// that the model cannot read, or that leaves no room for `max_new_tokens`.
    fn generate(&self, prompts: &[Vec<u32>], config: &GenerationConfig) -> Result<Vec<Vec<u32>>> {
        generate(self, prompts, config)
    }
}

/// A model that writes, whatever it keeps of what it has read: what [`Model::writer`] gives.
pub trait Writer: Sync {
    /// What the model writes after each prompt, as [`Generate::generate`].
    ///
    /// # Errors
    /// As [`Generate::generate`].
    fn write(&self, prompts: &[Vec<u32>], config: &GenerationConfig) -> Result<Vec<Vec<u32>>>;
}

impl<M: Generate> Writer for M {
    fn write(&self, prompts: &[Vec<u32>], config: &GenerationConfig) -> Result<Vec<Vec<u32>>> {
        self.generate(prompts, config)
    }
}

/// Prompts that were read.
#[derive(Clone, Debug)]
pub struct Begun<M> {
    /// What is kept of them, a row for each prompt.
    pub memory: M,
    /// The scores of the first token that is written, `[prompts, vocabulary]`.
    pub scores: Tensor,
    /// How many tokens more each row can read, if there is an end to it.
    pub room: Option<usize>,
    /// What stands before it in each row: the prompt, or the first token of a decoder. Repetitions are counted with it.
    pub read: Vec<Vec<u32>>,
}

fn generate<M: Generate>(model: &M, prompts: &[Vec<u32>], config: &GenerationConfig) -> Result<Vec<Vec<u32>>> {
    if prompts.is_empty() {
        return Ok(Vec::new());
    }
    let begun = model.begin(prompts)?;
    config.check(begun.scores.dim(1)?)?;
    // The last token that is written is read by nobody.
    if let Some(room) = begun.room.filter(|room| *room + 1 < config.max_new_tokens) {
        let message = format!(
            "`max_new_tokens` is {}, but the longest prompt leaves room for {} in the model's positions",
            config.max_new_tokens,
            room + 1
        );
        return Err(Error::new(ErrorKind::Data, message).help("take shorter prompts, or a smaller `max_new_tokens`"));
    }
    let ends = match config.eos_token_id.as_slice() {
        [] => match model.parameters().attached::<OwnGeneration>().map(|own| own.config.eos_token_id) {
            Some(ends) if !ends.is_empty() => ends,
            _ => end_tokens(model.configuration().as_ref()),
        },
        ends => ends.to_vec(),
    };
    let write = if config.num_beams > 1 { beams::write } else { one::write };
    let mut texts = write(model, begun, config, &ends)?;
    if let Some(padding) = config.pad_token_id {
        let longest = texts.iter().map(Vec::len).max().unwrap_or(0);
        for text in &mut texts {
            text.resize(longest, padding);
        }
    }
    Ok(texts)
}
