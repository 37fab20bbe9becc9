//! Texts become padded batches, for sides whose library has no such thing.
//!
//! In: the file of rows, the folder of the tokenizer, the rows of a batch. Out: rectangles of token ids with their mask,
//! padded to the longest row of the batch. It refuses a label that is none of the three.

use serde::Deserialize;
use tokenizers::Tokenizer;

use crate::{Job, Result};

/// The names of the classes, in the order of their indices.
const CLASSES: [&str; 3] = ["first", "second", "third"];

#[derive(Deserialize)]
struct Row {
    text: String,
    label: String,
}

/// A row as the model takes it.
#[derive(Clone, Debug)]
pub struct TokenisedRow {
    /// The ids of its tokens, special ones included.
    pub ids: Vec<u32>,
    /// The index of its class.
    pub label: u32,
}

/// Every row of the job, tokenised.
pub fn tokenise(job: &Job) -> Result<Vec<TokenisedRow>> {
    let mut tokenizer = Tokenizer::from_file(job.model.join("tokenizer.json"))?;
    tokenizer.with_padding(None);
    let rows: Vec<Row> = std::fs::read_to_string(&job.texts)?
        .lines()
        .map(serde_json::from_str)
        .collect::<std::result::Result<_, _>>()?;
    let texts: Vec<&str> = rows.iter().map(|row| row.text.as_str()).collect();
    let encodings = tokenizer.encode_batch(texts, true)?;
    let tokenised = encodings.iter().zip(&rows).map(|(encoding, row)| {
        let label = CLASSES.iter().position(|class| *class == row.label).ok_or("a label that is none of the three")?;
        Ok(TokenisedRow { ids: encoding.get_ids().to_vec(), label: label as u32 })
    });
    tokenised.collect()
}

/// Rows side by side, padded with zeros to the longest.
#[derive(Clone, Debug)]
pub struct PaddedBatch {
    /// Rows of the batch.
    pub rows: usize,
    /// Columns: the length of the longest row.
    pub length: usize,
    /// Token ids, `[rows, length]`.
    pub ids: Vec<u32>,
    /// Whether a place holds a token, `[rows, length]`.
    pub is_token: Vec<bool>,
    /// The class of each row.
    pub labels: Vec<u32>,
}

impl PaddedBatch {
    /// The batch of these rows.
    pub fn new(all: &[TokenisedRow], rows: &[usize]) -> Self {
        let length = rows.iter().map(|row| all[*row].ids.len()).max().unwrap_or(0);
        let (mut ids, mut is_token) = (vec![0; rows.len() * length], vec![false; rows.len() * length]);
        for (place, row) in rows.iter().enumerate() {
            let tokens = &all[*row].ids;
            ids[place * length..][..tokens.len()].copy_from_slice(tokens);
            is_token[place * length..][..tokens.len()].fill(true);
        }
        let labels = rows.iter().map(|row| all[*row].label).collect();
        Self { rows: rows.len(), length, ids, is_token, labels }
    }

    /// Tokens without padding.
    pub fn tokens(&self) -> usize {
        self.is_token.iter().filter(|is_token| **is_token).count()
    }
}
