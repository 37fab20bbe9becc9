//! How a text is written.

use serde_json::Value;

use crate::error::{Error, ErrorKind, Result};

/// How a model writes: how long, and which token it takes where several could come next.
///
/// The token with the highest score is taken (greedy), unless `do_sample` draws it or `num_beams` follows several texts at
/// once. Names and defaults are those of Hugging Face, but for `max_new_tokens`, which has to be said there. How the files of a
/// model say that it writes is [`from_pretrained`](Self::from_pretrained), and of a model that was loaded
/// [`Model::generation_config`](crate::model::Model::generation_config).
///
/// Source: `transformers.GenerationConfig`.
#[derive(Clone, Debug, PartialEq)]
pub struct GenerationConfig {
    /// The most tokens that are written, the one that ends the text included. At least 1.
    pub max_new_tokens: usize,
    /// So many tokens are written before the text may end.
    pub min_new_tokens: usize,
    /// Draws tokens by their probability, after `temperature`, `top_k` and `top_p`.
    pub do_sample: bool,
    /// What scores are divided by: below 1 likely tokens become likelier. Above 0; only where tokens are drawn.
    pub temperature: f64,
    /// Only so many of the likeliest tokens are drawn from; 0 for all.
    pub top_k: usize,
    /// Only the likeliest tokens are drawn from whose probabilities add up to this share; 1 for all.
    pub top_p: f64,
    /// Above 1, tokens that stand in the text already become less likely: their scores are divided by it, or multiplied where
    /// they are negative. 1 changes nothing.
    pub repetition_penalty: f64,
    /// No so many tokens stand in the text twice in the same order; 0 allows it.
    pub no_repeat_ngram_size: usize,
    /// Texts that are followed at once, to find one that is likelier as a whole.
    pub num_beams: usize,
    /// The logarithm of a text's probability is divided by its length to this power: above 0, longer texts win more often.
    pub length_penalty: f64,
    /// When the search with beams ends.
    pub early_stopping: EarlyStopping,
    /// Tokens that end a text; those that the model's files name if left empty.
    pub eos_token_id: Vec<u32>,
    /// Fills the texts up to the longest one; without it each is as long as it is.
    pub pad_token_id: Option<u32>,
    /// The first token that is written, whatever its score.
    pub forced_bos_token_id: Option<u32>,
    /// The last token that is written where a text has the most tokens that it may have.
    pub forced_eos_token_id: Option<u32>,
    /// Tokens that are never written.
    pub suppress_tokens: Vec<u32>,
    /// What drawn tokens follow from: the same seed draws the same texts.
    pub seed: u64,
}

/// When a search with beams has as many texts as beams.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EarlyStopping {
    /// It ends (`True`).
    Always,
    /// It goes on while a text that is being written could still win if it ended now (`False`).
    #[default]
    WhenUnlikely,
    /// It goes on while a text that is being written could still win at any length (`"never"`).
    Never,
}

impl Default for GenerationConfig {
    /// Greedy, and at most 20 tokens.
    fn default() -> Self {
        Self {
            max_new_tokens: 20,
            min_new_tokens: 0,
            do_sample: false,
            temperature: 1.0,
            top_k: 50,
            top_p: 1.0,
            repetition_penalty: 1.0,
            no_repeat_ngram_size: 0,
            num_beams: 1,
            length_penalty: 1.0,
            early_stopping: EarlyStopping::default(),
            eos_token_id: Vec::new(),
            pad_token_id: None,
            forced_bos_token_id: None,
            forced_eos_token_id: None,
            suppress_tokens: Vec::new(),
            seed: 42,
        }
    }
}

impl GenerationConfig {
    /// That texts can be written so, by a model of so many ids.
    ///
    /// # Errors
    /// [`ErrorKind::Arguments`] with the first setting that cannot work.
    pub fn check(&self, vocabulary: usize) -> Result<()> {
        let refuse = |message: String, help: &str| Err(Error::new(ErrorKind::Arguments, message).help(help));
        let is_positive = |number: f64| number.is_finite() && number > 0.0;
        if self.max_new_tokens == 0 {
            return refuse("`max_new_tokens` is 0, so that nothing is written".to_owned(), "write at least 1");
        }
        if self.num_beams == 0 {
            return refuse("`num_beams` is 0".to_owned(), "write 1 for no search with beams");
        }
        if self.do_sample && self.num_beams > 1 {
            let message = format!("`do_sample` is true and `num_beams` is {}", self.num_beams);
            return refuse(
                message,
                "draw tokens, or follow several texts: set `num_beams = 1`, or leave `do_sample` out",
            );
        }
        for (name, number) in [("temperature", self.temperature), ("repetition_penalty", self.repetition_penalty)] {
            if !is_positive(number) {
                return refuse(format!("`{name}` is {number}"), "write a number above 0; 1 changes nothing");
            }
        }
        if !(self.top_p > 0.0 && self.top_p <= 1.0) {
            let help = "write a share above 0 and at most 1; 1 keeps all tokens";
            return refuse(format!("`top_p` is {}", self.top_p), help);
        }
        if !self.length_penalty.is_finite() {
            return refuse(format!("`length_penalty` is {}", self.length_penalty), "write a finite number, such as 1");
        }
        if self.no_repeat_ngram_size == 1 {
            return refuse(
                "`no_repeat_ngram_size` is 1, so that every token could stand in the text once".to_owned(),
                "write 2 or more, or 0 to allow repetitions",
            );
        }
        let forced = self.forced_bos_token_id.iter().chain(&self.forced_eos_token_id);
        let named = forced.chain(&self.eos_token_id).chain(&self.suppress_tokens);
        match named.into_iter().find(|id| **id as usize >= vocabulary) {
            Some(id) => refuse(
                format!("the token {id} is named, but the model knows {vocabulary}"),
                "take ids of the tokenizer of this model",
            ),
            None => Ok(()),
        }
    }
}

/// The ids that a model's configuration says end a text: one, several or none.
pub(crate) fn end_tokens(configuration: Option<&Value>) -> Vec<u32> {
    let id = |value: &Value| value.as_u64().and_then(|id| u32::try_from(id).ok());
    match configuration.and_then(|configuration| configuration.get("eos_token_id")) {
        Some(Value::Array(ids)) => ids.iter().filter_map(id).collect(),
        Some(one) => id(one).into_iter().collect(),
        None => Vec::new(),
    }
}
