//! What models have in common that read a source and write a target.
//!
//! What comes in: a batch with `input_ids` and `decoder_input_ids`. What goes out: where the tokens of both stand, and
//! scores over the vocabulary for the rows of the target. It refuses a mask of another shape than what it masks, and
//! labels where nothing is decoded.

mod auto;
mod head;
mod side;

pub use auto::AutoModelForSeq2SeqLM;
pub(super) use head::{VocabularyHead, tied};
pub(super) use side::{Side, refuse_longer};

use serde_json::{Map, Value};

use super::loading::Tensors;
use crate::collate::DecoderStart;
use crate::error::{Error, ErrorKind, Result};

/// What the decoder begins with, as `config.json` says it.
pub(super) fn decoder_start(start: Option<u32>, padding: Option<u32>) -> Option<DecoderStart> {
    let padding = padding?;
    Some(DecoderStart { start: start.unwrap_or(padding), padding })
}

/// The first id that a decoder reads.
///
/// # Errors
/// [`ErrorKind::Model`] where `config.json` says none.
pub(super) fn begin_with(start: Option<DecoderStart>) -> Result<u32> {
    start.map(|start| start.start).ok_or_else(|| {
        Error::new(ErrorKind::Model, "the configuration names no id that the decoder begins with")
            .help("set `decoder_start_token_id` and `pad_token_id` in `config.json`")
    })
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
