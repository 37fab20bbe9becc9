//! JSON: one array of objects, read element by element.

use std::io::{BufRead, Read};

use serde_json::{Map, Value};

use super::de::IgnoredAny;
use super::json_object::{self, Start};
use super::lines;
use super::{Error, ErrorKind, Result, Row};

/// Gives each element of the array to `add`, with the line that it begins on.
pub(super) fn read(reader: impl BufRead, file: &str, add: &mut dyn FnMut(&Row<'_>) -> Result<()>) -> Result<()> {
    let mut source = Bytes { reader, file, line: 1, column: 0 };
    match source.next_visible()? {
        None => return Ok(()),
        Some(b'[') => source.advance()?,
        Some(_) => {
            let place = source.place();
            return Err(not_an_array(source.reader, file)?.at(place));
        }
    }
    let mut element = Vec::new();
    loop {
        if source.next_visible()? == Some(b']') && element.is_empty() {
            break;
        }
        let (line, indent) = (source.line, source.column);
        source.take_element(&mut element)?;
        let text = lines::text_of(&element, file, line)?.trim_end();
        if text.is_empty() {
            return Err(source.cut_off("expected a JSON object"));
        }
        let cells = json_object::read(text, Start { file, line, indent })?;
        add(&Row::new(file, line, &cells))?;
        match source.next_visible()? {
            Some(b',') => source.advance()?,
            Some(b']') => break,
            _ => return Err(source.cut_off("expected `,` or `]` after an object")),
        }
    }
    source.advance()?;
    match source.next_visible()? {
        None => Ok(()),
        Some(_) => Err(source.broken("something follows the end of the array")),
    }
}

/// The error for a file that begins with something else, of which `reader` has the rest.
fn not_an_array(reader: impl BufRead, file: &str) -> Result<Error> {
    /// How much of the file is looked at, in bytes.
    const BEGINNING: u64 = 1 << 20;
    let mut bytes = Vec::new();
    reader.take(BEGINNING).read_to_end(&mut bytes).map_err(|source| lines::not_readable(file, source))?;
    let text = String::from_utf8_lossy(&bytes);
    let error = Error::new(ErrorKind::Data, "this file does not begin with `[`, expected a JSON array of objects");
    if is_an_object_a_line(&text) {
        return Ok(
            error.help("one object a line is JSONL: name the file `.jsonl`, or read it with `Dataset::from_jsonl`")
        );
    }
    Ok(match key_of_objects(&text) {
        Some(key) => error.help(format!("the array that `{key}` holds is what belongs in the file, without the rest")),
        None => error.help("write one object for each row: `[{\"text\": \"…\", \"label\": \"…\"}, …]`"),
    })
}

/// Whether the text is one object a line: another follows the first, or it is one row by itself and no table of columns.
fn is_an_object_a_line(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let first = lines.next().and_then(|line| serde_json::from_str::<Map<String, Value>>(line).ok());
    match (first, lines.next()) {
        (None, _) => false,
        (Some(_), Some(next)) => next.trim_start().starts_with('{'),
        (Some(row), None) => !row.values().all(Value::is_array) && key_of_objects(text).is_none(),
    }
}

/// The first key of the object that is `text` whose value begins as an array of objects.
fn key_of_objects(text: &str) -> Option<String> {
    let mut rest = text.trim_start().strip_prefix('{')?;
    loop {
        let mut keys = serde_json::Deserializer::from_str(rest).into_iter::<String>();
        let key = keys.next()?.ok()?;
        rest = rest.get(keys.byte_offset()..)?.trim_start().strip_prefix(':')?.trim_start();
        if rest.strip_prefix('[').is_some_and(|elements| elements.trim_start().starts_with('{')) {
            return Some(key);
        }
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<IgnoredAny>();
        values.next()?.ok()?;
        rest = rest.get(values.byte_offset()..)?.trim_start().strip_prefix(',')?;
    }
}

/// The bytes of a file, one by one, with the line that they are on.
struct Bytes<'a, R> {
    reader: R,
    file: &'a str,
    line: usize,
    /// How many bytes of the line are behind us.
    column: usize,
}

impl<R: BufRead> Bytes<'_, R> {
    fn peek(&mut self) -> Result<Option<u8>> {
        let buffered = self.reader.fill_buf().map_err(|source| lines::not_readable(self.file, source))?;
        Ok(buffered.first().copied())
    }

    /// Steps over the byte that was peeked at.
    fn advance(&mut self) -> Result<()> {
        if self.peek()? == Some(b'\n') {
            self.line += 1;
            self.column = 0;
        } else {
            self.column += 1;
        }
        self.reader.consume(1);
        Ok(())
    }

    /// The next byte that is no white space, without stepping over it.
    fn next_visible(&mut self) -> Result<Option<u8>> {
        loop {
            match self.peek()? {
                Some(b' ' | b'\t' | b'\r' | b'\n') => self.advance()?,
                other => return Ok(other),
            }
        }
    }

    /// Moves the bytes up to the comma or bracket that ends this element of the array into `element`.
    fn take_element(&mut self, element: &mut Vec<u8>) -> Result<()> {
        element.clear();
        let mut nesting = Nesting::default();
        loop {
            let buffered = self.reader.fill_buf().map_err(|source| lines::not_readable(self.file, source))?;
            let end = buffered.iter().position(|byte| nesting.ends_at(*byte));
            let taken = buffered.get(..end.unwrap_or(buffered.len())).unwrap_or_default();
            for byte in taken {
                self.column += 1;
                if *byte == b'\n' {
                    self.line += 1;
                    self.column = 0;
                }
            }
            element.extend_from_slice(taken);
            let (count, at_end) = (taken.len(), end.is_some() || buffered.is_empty());
            self.reader.consume(count);
            if at_end {
                return Ok(());
            }
        }
    }

    fn place(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }

    fn broken(&self, what: &str) -> Error {
        Error::new(ErrorKind::Data, format!("this is not JSON: {what}")).at(self.place())
    }

    /// The file has something else here than `expected` says, or nothing any more.
    fn cut_off(&mut self, expected: &str) -> Error {
        match self.peek() {
            Ok(None) => Error::new(ErrorKind::Data, "the JSON ends too early: the array is not closed")
                .help("the file is cut off, or its last `]` is missing")
                .at(self.place()),
            Ok(Some(_)) => self.broken(expected),
            Err(error) => error,
        }
    }
}

/// How deep in brackets and quotes the bytes of an element are.
#[derive(Debug, Default)]
struct Nesting {
    depth: usize,
    in_string: bool,
    escaped: bool,
}

impl Nesting {
    /// Takes in the next byte; whether the element ended before it.
    fn ends_at(&mut self, byte: u8) -> bool {
        if self.in_string {
            self.in_string = self.escaped || byte != b'"';
            self.escaped = !self.escaped && byte == b'\\';
            return false;
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth += 1,
            b',' | b']' | b'}' if self.depth == 0 => return true,
            b'}' | b']' => self.depth -= 1,
            _ => {}
        }
        false
    }
}
