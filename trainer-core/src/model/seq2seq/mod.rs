//! What models have in common that read a source and write a target.
//!
//! What comes in: a batch with `input_ids` and `decoder_input_ids`. What goes out: where the tokens of both stand, and
//! scores over the vocabulary for the rows of the target. It refuses a mask of another shape than what it masks, and
//! labels where nothing is decoded.

mod head;
mod side;

pub(super) use head::{VocabularyHead, tied};
pub(super) use side::Side;

use serde_json::{Map, Value};

use super::loading::Tensors;
use crate::collate::DecoderStart;

/// What the decoder begins with, as `config.json` says it.
pub(super) fn decoder_start(start: Option<u32>, padding: Option<u32>) -> Option<DecoderStart> {
    let padding = padding?;
    Some(DecoderStart { start: start.unwrap_or(padding), padding })
}

/// Says that whole blocks are never left out while training, of a configuration that asks for it.
pub(super) fn note_dropped_layers(config: &Map<String, Value>, place: &str) {
    for key in ["encoder_layerdrop", "decoder_layerdrop"] {
        let share = config.get(key).and_then(Value::as_f64).unwrap_or_default();
        if share > 0.0 {
            crate::note(format!("{place}: `{key}` is {share}, but no block is left out while training here"));
        }
    }
}
