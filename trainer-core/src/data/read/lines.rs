//! Lines of a file as text, with their numbers.

use std::io::{self, BufRead};

use super::{Error, ErrorKind, Result};

/// Steps over the byte order mark that some editors write before UTF-8.
pub(super) fn skip_byte_order_mark(reader: &mut impl BufRead) -> io::Result<()> {
    const MARK: &[u8] = b"\xEF\xBB\xBF";
    if reader.fill_buf()?.starts_with(MARK) {
        reader.consume(MARK.len());
    }
    Ok(())
}

/// `bytes`, which begin on `line` of `file`, as text.
///
/// # Errors
/// The line and byte (both from 1) of the first byte that is not UTF-8.
pub(super) fn text_of<'a>(bytes: &'a [u8], file: &str, line: usize) -> Result<&'a str> {
    std::str::from_utf8(bytes).map_err(|source| {
        let before = bytes.get(..source.valid_up_to()).unwrap_or(bytes);
        let line = line + before.split(|byte| *byte == b'\n').count() - 1;
        let byte = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
        not_utf8(&format!("{file}:{line}"), byte, "of this line ")
    })
}

/// The error for a byte (from 1) that is not UTF-8; `of_what` ends in a space.
pub(super) fn not_utf8(place: &str, byte: usize, of_what: &str) -> Error {
    Error::new(ErrorKind::Data, format!("byte {byte} {of_what}is not UTF-8"))
        .help("save the file as UTF-8; `iconv -f latin1 -t utf-8` converts from the old Western encoding")
        .at(place)
}

/// The error of the operating system while reading `file`.
pub(super) fn not_readable(file: &str, source: io::Error) -> Error {
    Error::io("read", std::path::Path::new(file), source)
}
