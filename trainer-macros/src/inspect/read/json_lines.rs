//! JSONL: one JSON object a line.

use std::io::BufRead;

use super::json_object::{self, Start};
use super::lines;
use super::{Result, Row};

/// Gives each line that is not blank to `add`.
pub(super) fn read(mut reader: impl BufRead, file: &str, add: &mut dyn FnMut(&Row<'_>) -> Result<()>) -> Result<()> {
    let mut bytes = Vec::new();
    let mut line = 0;
    loop {
        bytes.clear();
        if reader.read_until(b'\n', &mut bytes).map_err(|source| lines::not_readable(file, source))? == 0 {
            return Ok(());
        }
        line += 1;
        let text = lines::text_of(&bytes, file, line)?.trim_end();
        if text.trim_start().starts_with('[') {
            return Err(json_object::array_of_the_file().at(format!("{file}:{line}")));
        }
        if !text.is_empty() {
            let cells = json_object::read(text, Start { file, line, indent: 0 })?;
            add(&Row::new(file, line, &cells))?;
        }
    }
}
