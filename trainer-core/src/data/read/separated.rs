//! CSV and TSV: a header, and rows of fields between separators.
//!
//! Fields may be quoted with `"`, and then hold separators, line ends and doubled quotes. All cells are strings.

use std::collections::VecDeque;
use std::io::{self, BufRead, Read};

use csv::{ErrorKind as CsvErrorKind, Position, Reader, ReaderBuilder, StringRecord};
use serde_json::{Map, Value};

use super::lines;
use super::{Error, ErrorKind, Result, Row};

/// Gives each row after the header to `add`.
pub(super) fn read(
    reader: impl BufRead,
    separator: u8,
    file: &str,
    add: &mut dyn FnMut(&Row<'_>) -> Result<()>,
) -> Result<()> {
    let mut reader = ReaderBuilder::new().delimiter(separator).from_reader(Watched::new(reader));
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => return Err(not_read(file, &StringRecord::new(), &mut reader, error)),
    };
    refuse_repeated_columns(&header, file)?;
    refuse_another_separator(&header, separator, file)?;
    let mut record = StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(false) => return Ok(()),
            Ok(true) => {}
            Err(error) => return Err(not_read(file, &header, &mut reader, error)),
        }
        let line = line_of(&mut reader, record.position());
        if reader.get_ref().ends_in_quotes() && record.iter().any(|field| field.contains('\n')) {
            return Err(Error::new(ErrorKind::Data, "a quote that opens in this row is never closed")
                .help("double it inside a quoted field (`\"\"`), and close the field with `\"`")
                .at(format!("{file}:{line}")));
        }
        let fields = header.iter().zip(&record);
        let cells: Map<String, Value> =
            fields.map(|(name, field)| (name.to_owned(), Value::String(field.to_owned()))).collect();
        add(&Row::of_characters(file, line, &cells))?;
    }
}

fn refuse_repeated_columns(header: &StringRecord, file: &str) -> Result<()> {
    for (position, name) in header.iter().enumerate() {
        if header.iter().take(position).any(|earlier| earlier == name) {
            return Err(Error::new(ErrorKind::Data, format!("the header has the column `{name}` twice"))
                .help("every column needs a name of its own")
                .at(format!("{file}:1")));
        }
    }
    Ok(())
}

/// Refuses a header that is one column only because another separator stands between the names.
fn refuse_another_separator(header: &StringRecord, separator: u8, file: &str) -> Result<()> {
    let [one] = header.iter().collect::<Vec<_>>()[..] else { return Ok(()) };
    let others = [(b';', "`;`"), (b'\t', "a tab"), (b',', "`,`")];
    for (other, shown) in others.into_iter().filter(|(other, _)| *other != separator) {
        let mut names = one.split(char::from(other));
        if one.contains(char::from(other)) && names.all(|name| !name.trim().is_empty()) {
            let what = format!("the header is one column, with {shown} in its name");
            return Err(Error::new(ErrorKind::Data, what)
                .help("the separator is a comma in `.csv`, and a tab in `.tsv`")
                .at(format!("{file}:1")));
        }
    }
    Ok(())
}

/// What the parser could not read, in our words and with the line in the file.
fn not_read<R: Read>(file: &str, header: &StringRecord, reader: &mut Reader<Watched<R>>, error: csv::Error) -> Error {
    let line = line_of(reader, error.position());
    match error.into_kind() {
        CsvErrorKind::Io(source) => lines::not_readable(file, source),
        CsvErrorKind::UnequalLengths { expected_len, len, .. } => {
            let report =
                Error::new(ErrorKind::Data, format!("this row has {len} fields, but the header has {expected_len}"));
            let report = if reader.get_ref().ends_in_quotes() {
                report.help("a quote that opens in this row is perhaps never closed")
            } else {
                report.help("a field that holds the separator stands in quotes")
            };
            report.at(format!("{file}:{line}"))
        }
        CsvErrorKind::Utf8 { err, .. } => {
            let column = match header.get(err.field()) {
                Some(name) => format!("of `{name}` "),
                None => format!("of field {} ", err.field() + 1),
            };
            lines::not_utf8(&format!("{file}:{line}"), err.valid_up_to() + 1, &column)
        }
        other => {
            Error::new(ErrorKind::Data, format!("this row cannot be read: {other:?}")).at(format!("{file}:{line}"))
        }
    }
}

/// The line, from 1, that the record at `position` begins on.
fn line_of<R: Read>(reader: &mut Reader<Watched<R>>, position: Option<&Position>) -> usize {
    let byte = position.map_or(0, Position::byte);
    reader.get_mut().line_at(byte)
}

/// Counts lines and quotes on the way to the parser, which does not tell where a record begins after blank lines.
struct Watched<R> {
    inner: R,
    offset: u64,
    line: usize,
    /// Where the last byte of the line stands that is no line end; `None` while the line is blank.
    content_end: Option<u64>,
    /// Where the lines end that are not blank, without their line ends, and their numbers; those behind the current
    /// record are forgotten. (After `\r\n` the parser says that a record begins on the `\n` of the line before.)
    ends: VecDeque<(u64, usize)>,
    quotes: u64,
    ended: bool,
}

impl<R> Watched<R> {
    fn new(inner: R) -> Self {
        Self { inner, offset: 0, line: 1, content_end: None, ends: VecDeque::new(), quotes: 0, ended: false }
    }

    fn line_at(&mut self, byte: u64) -> usize {
        while self.ends.front().is_some_and(|(end, _)| *end <= byte) {
            self.ends.pop_front();
        }
        self.ends.front().map_or(self.line, |(_, line)| *line)
    }

    fn ends_in_quotes(&self) -> bool {
        self.ended && self.quotes % 2 == 1
    }
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.ended = count == 0;
        for byte in buffer.iter().take(count) {
            self.offset += 1;
            match byte {
                b'\n' => {
                    if let Some(end) = self.content_end.take() {
                        self.ends.push_back((end, self.line));
                    }
                    self.line += 1;
                }
                b'\r' => {}
                other => {
                    self.quotes += u64::from(*other == b'"');
                    self.content_end = Some(self.offset);
                }
            }
        }
        Ok(count)
    }
}
