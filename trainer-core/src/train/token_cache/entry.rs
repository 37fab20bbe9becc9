//! Encodings as the bytes of a file: a head, the length of each row, then one column for each list of an encoding, then the
//! SHA-256 of all that. All numbers are little-endian.

use std::ops::Range;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::Key;
use crate::text::Encoding;
use crate::train::encode::Cut;

/// What a file of this shape begins with; the last byte is its version.
const MAGIC: &[u8; 8] = b"trntok\0\x01";

/// The magic, the key, the number of rows and the number of tokens.
const HEAD: usize = 8 + 32 + 8 + 8;

const HASH: usize = 32;

/// Bytes of a token: its id, where it begins and ends in its text, its word, and its marks.
const TOKEN: usize = 4 + 4 + 4 + 4 + 1;

/// The bit of a row's length that says that its text was cut.
const CUT: u32 = 1 << 31;

/// A token that is a part of no word.
const NO_WORD: u32 = u32::MAX;

/// The file; `None` for encodings that it cannot hold, such as of more than 63 kinds of segments, and for a file of more than
/// `most_bytes`.
pub(super) fn encode<'a>(
    rows: impl Iterator<Item = (&'a Encoding, Cut)> + Clone,
    key: &Key,
    most_bytes: u64,
) -> Option<Vec<u8>> {
    let (count, tokens) = rows.clone().fold((0u64, 0), |(count, tokens), (row, _)| (count + 1, tokens + row.len()));
    let size = HEAD + 4 * count as usize + TOKEN * tokens + HASH;
    if size as u64 > most_bytes {
        return None;
    }
    let mut bytes = Vec::with_capacity(size);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&key.0);
    bytes.extend_from_slice(&count.to_le_bytes());
    bytes.extend_from_slice(&(tokens as u64).to_le_bytes());
    for (row, cut) in rows.clone() {
        let length = u32::try_from(row.len()).ok().filter(|length| *length < CUT)?;
        bytes.extend_from_slice(&(length | if cut == Cut::Yes { CUT } else { 0 }).to_le_bytes());
    }
    let encodings = || rows.clone().map(|(row, _)| row);
    for id in encodings().flat_map(|row| &row.input_ids) {
        bytes.extend_from_slice(&id.to_le_bytes());
    }
    for (begin, _) in encodings().flat_map(|row| &row.offsets) {
        bytes.extend_from_slice(&u32::try_from(*begin).ok()?.to_le_bytes());
    }
    for (_, end) in encodings().flat_map(|row| &row.offsets) {
        bytes.extend_from_slice(&u32::try_from(*end).ok()?.to_le_bytes());
    }
    for word in encodings().flat_map(|row| &row.word_ids) {
        if *word == Some(NO_WORD) {
            return None;
        }
        bytes.extend_from_slice(&word.unwrap_or(NO_WORD).to_le_bytes());
    }
    for row in encodings() {
        for ((attended, special), segment) in
            row.attention_mask.iter().zip(&row.special_tokens_mask).zip(&row.token_type_ids)
        {
            bytes.push(marks(*attended, *special, *segment)?);
        }
    }
    // An encoding whose lists are of different lengths would shift the others.
    if bytes.len() + HASH != size {
        return None;
    }
    let hash = Sha256::digest(&bytes);
    bytes.extend_from_slice(&hash);
    Some(bytes)
}

fn marks(attended: u32, special: u32, segment: u32) -> Option<u8> {
    (attended <= 1 && special <= 1 && segment < 64).then_some((attended | special << 1 | segment << 2) as u8)
}

/// The encodings in a file; `None` if it is of another key, damaged, or cut off.
pub(super) fn decode(bytes: &[u8], key: &Key) -> Option<Vec<(Encoding, Cut)>> {
    let (content, hash) = bytes.split_at_checked(bytes.len().checked_sub(HASH)?)?;
    let (head, rest) = content.split_at_checked(HEAD)?;
    if &head[..8] != MAGIC || head[8..40] != key.0 || Sha256::digest(content).as_slice() != hash {
        return None;
    }
    let number = |at: usize| head[at..].first_chunk::<8>().map(|bytes| u64::from_le_bytes(*bytes));
    let (rows, tokens) = (usize::try_from(number(40)?).ok()?, usize::try_from(number(48)?).ok()?);
    let (lengths, columns) = rest.split_at_checked(rows.checked_mul(4)?)?;
    if columns.len() != tokens.checked_mul(TOKEN)? {
        return None;
    }
    let mut begin = 0usize;
    let places = lengths.as_chunks::<4>().0.iter().map(|length| {
        let length = u32::from_le_bytes(*length);
        let place = begin..begin + (length & !CUT) as usize;
        begin = place.end;
        (place, if length & CUT == 0 { Cut::No } else { Cut::Yes })
    });
    let places: Vec<(Range<usize>, Cut)> = places.collect();
    if begin != tokens {
        return None;
    }
    Some(places.into_par_iter().map(|(place, cut)| (row(columns, tokens, place), cut)).collect())
}

/// The encoding of some tokens out of the columns of all.
fn row(columns: &[u8], tokens: usize, place: Range<usize>) -> Encoding {
    let numbers = |column: usize| {
        let begin = 4 * (column * tokens + place.start);
        let (numbers, _) = columns[begin..begin + 4 * place.len()].as_chunks::<4>();
        numbers.iter().map(|bytes| u32::from_le_bytes(*bytes))
    };
    let marks = &columns[16 * tokens + place.start..16 * tokens + place.end];
    Encoding {
        input_ids: numbers(0).collect(),
        offsets: numbers(1).zip(numbers(2)).map(|(begin, end)| (begin as usize, end as usize)).collect(),
        word_ids: numbers(3).map(|word| (word != NO_WORD).then_some(word)).collect(),
        attention_mask: marks.iter().map(|marks| u32::from(marks & 1)).collect(),
        special_tokens_mask: marks.iter().map(|marks| u32::from(marks >> 1 & 1)).collect(),
        token_type_ids: marks.iter().map(|marks| u32::from(marks >> 2)).collect(),
    }
}
