//! The rows of a large file that are looked at: the first, the last, and an even sample between them.
//!
//! What comes in: a file of lines. What goes out: its text with every other row blanked to its line ends, so that the
//! reader of the format passes over them and still counts the lines, and how many rows there are. Of what is too large
//! to be counted while compiling, the rows at the beginning. It never cuts a row: what it does not take, it leaves out.

use std::io::{self, BufRead, Read};

use super::read::Format;

/// Files up to this size are looked at as a whole, and of larger ones so much.
pub(super) const SAMPLE: u64 = 1 << 20;
/// Beyond this size only the beginning is looked at, and rows are not counted.
const COUNTED: u64 = 32 << 20;
/// Beyond so many lines too: a macro runs unoptimised, and each costs what a hundred bytes do.
const LINES: usize = 1 << 20;
/// No more than this is looked at, however long the rows of the sample are.
pub(super) const LONGEST: u64 = 4 << 20;
/// The sample consists of so many stretches.
const STRETCHES: u64 = 16;

/// What was taken of a file.
pub(super) struct Sample {
    pub(super) text: Vec<u8>,
    /// How many rows the file has, the header of CSV and TSV not counted; `None` if not all were counted.
    pub(super) rows: Option<usize>,
}

/// Takes the sample of a file of `size` bytes, whose format is one with lines.
pub(super) fn taken(reader: impl BufRead, size: u64, format: Format) -> io::Result<Sample> {
    let is_counted = size <= COUNTED;
    let mut text = Vec::new();
    reader.take(if is_counted { COUNTED } else { LONGEST }).read_to_end(&mut text)?;
    let spread = if is_counted { spread(&text, format) } else { None };
    Ok(spread.unwrap_or_else(|| beginning(&text, format)))
}

/// The sample of a text that is there as a whole; `None` if it has too many lines, or a header of such a length that it
/// is none.
fn spread(text: &[u8], format: Format) -> Option<Sample> {
    let size = text.len() as u64;
    let header = usize::from(format.has_characters());
    let mut records = Records::new(text, format);
    let (mut sample, mut looked_at) = (Vec::new(), 0);
    let (mut rows, mut lines) = (0, 0);
    while let Some(record) = records.next() {
        let length = record.bytes.len() as u64;
        let has_room = looked_at + length <= LONGEST;
        if rows < header && !has_room {
            return None;
        }
        if has_room && is_chosen(record.offset, size) {
            sample.extend_from_slice(record.bytes);
            looked_at += length;
        } else {
            sample.resize(sample.len() + record.lines, b'\n');
        }
        rows += usize::from(record.is_row);
        lines += record.lines;
        if lines.max(rows) > LINES {
            return None;
        }
    }
    Some(Sample { text: sample, rows: Some(rows.saturating_sub(header)) })
}

/// The first rows of a text that goes on behind its end; a last one that is not finished is left out.
fn beginning(text: &[u8], format: Format) -> Sample {
    let mut records = Records::new(text, format);
    let mut end = 0;
    while end < SAMPLE {
        match records.next() {
            Some(record) if record.is_finished && record.offset + record.bytes.len() as u64 <= LONGEST => {
                end = record.offset + record.bytes.len() as u64;
            }
            _ => break,
        }
    }
    let end = usize::try_from(end).unwrap_or(text.len());
    Sample { text: text.get(..end).unwrap_or(text).to_vec(), rows: None }
}

/// A row as it stands in the file, with its line end and blank lines before it.
struct Record<'a> {
    offset: u64,
    bytes: &'a [u8],
    /// How many line feeds it has.
    lines: usize,
    /// Whether there is a row, or the header, and not only blank lines.
    is_row: bool,
    /// Whether its line end is there.
    is_finished: bool,
}

/// Finds where rows end, as the reader of the format does.
struct Records<'a> {
    text: &'a [u8],
    at: usize,
    /// What separates the fields of a row; `None` if every line is one.
    separator: Option<u8>,
}

/// Where in a row of CSV or TSV a byte stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before the row: line ends are blank lines.
    Before,
    /// At the start of a field, the only place where a quote opens.
    FieldStart,
    Field,
    Quoted,
    /// Behind a quote in quotes, which is the end of the quotes or the first of two.
    Quote,
}

impl<'a> Records<'a> {
    fn new(text: &'a [u8], format: Format) -> Self {
        let separator = match format {
            Format::CommaSeparated => Some(b','),
            Format::TabSeparated => Some(b'\t'),
            Format::JsonLines | Format::JsonArray | Format::Parquet => None,
        };
        Self { text, at: 0, separator }
    }

    fn next(&mut self) -> Option<Record<'a>> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let offset = self.at as u64;
        // The mark that an editor wrote is no part of the first field, which a quote may open.
        let mark = if self.at == 0 && rest.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
        let visible = rest.get(mark..).unwrap_or_default();
        let (length, lines, is_row, is_finished) = match self.separator {
            Some(separator) => of_fields(visible, separator),
            None => of_a_line(visible),
        };
        self.at += mark + length;
        let bytes = rest.get(..mark + length).unwrap_or(rest);
        Some(Record { offset, bytes, lines, is_row, is_finished })
    }
}

/// The first line of the text: its length, its line feeds, whether there is anything on it, and whether it ends.
fn of_a_line(text: &[u8]) -> (usize, usize, bool, bool) {
    let mut rest = text;
    // This search is the standard library's, which is optimised also where macros are not; a slice has no errors.
    let length = rest.skip_until(b'\n').unwrap_or(text.len());
    let line = text.get(..length).unwrap_or(text);
    let is_finished = line.last() == Some(&b'\n');
    let is_row = line.iter().any(|byte| !matches!(byte, b'\t'..=b'\r' | b' '));
    (length, usize::from(is_finished), is_row, is_finished)
}

/// The same of the first row of fields, which lines of nothing may precede.
fn of_fields(text: &[u8], separator: u8) -> (usize, usize, bool, bool) {
    let mut place = Place::Before;
    let (mut length, mut lines) = (0, 0);
    for byte in text {
        length += 1;
        let byte = *byte;
        if byte == b'\n' {
            lines += 1;
        }
        place = match (place, byte) {
            (Place::Before, b'\r' | b'\n') => Place::Before,
            (Place::Quoted, b'"') => Place::Quote,
            (Place::Before | Place::FieldStart | Place::Quote, b'"') | (Place::Quoted, _) => Place::Quoted,
            (_, b'\r' | b'\n') => return (length, lines, true, true),
            (_, other) if other == separator => Place::FieldStart,
            _ => Place::Field,
        };
    }
    (length, lines, place != Place::Before, false)
}

/// Whether a row that begins at `offset` is in one of the stretches, of which the first begins the file and the last
/// ends it.
fn is_chosen(offset: u64, size: u64) -> bool {
    let length = SAMPLE / STRETCHES;
    let step = size.saturating_sub(length) / (STRETCHES - 1);
    let stretch = (offset / step.max(1)).min(STRETCHES - 1);
    offset - stretch * step < length || offset + length >= size
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken_of(text: &str, format: Format) -> (String, Option<usize>) {
        taken_of_part(text, text.len() as u64, format)
    }

    /// Of a file of that size, which begins with the text.
    fn taken_of_part(text: &str, size: u64, format: Format) -> (String, Option<usize>) {
        let sample = taken(text.as_bytes(), size, format);
        sample.map_or_else(
            |error| (error.to_string(), None),
            |sample| (String::from_utf8_lossy(&sample.text).into_owned(), sample.rows),
        )
    }

    #[test]
    fn the_first_and_the_last_row_are_taken_and_every_row_is_counted() {
        let row = |number: usize| format!("{{\"number\": {number:08}}}\n");
        let text: String = (0..200_000).map(row).collect();
        let (sample, rows) = taken_of(&text, Format::JsonLines);
        assert_eq!(rows, Some(200_000));
        assert_eq!(sample.lines().count(), 200_000);
        assert!(sample.starts_with(&row(0)) && sample.ends_with(&row(199_999)));
        let kept: Vec<usize> =
            sample.lines().enumerate().filter(|(_, line)| !line.is_empty()).map(|(number, _)| number).collect();
        let bytes = kept.len() * row(0).len();
        assert!((900_000..1_200_000).contains(&bytes), "{bytes}");
        let stands_on_its_line = |(number, line): (usize, &str)| line.is_empty() || row(number).trim_end() == line;
        assert!(sample.lines().enumerate().all(stands_on_its_line));
        assert!((0..10).all(|tenth| kept.iter().any(|number| number / 20_000 == tenth)));
    }

    #[test]
    fn a_row_of_several_lines_is_one_row_and_keeps_its_lines() {
        let row = |number: usize| format!("\"a\nb\",{number:030}\n");
        let text: String = std::iter::once("text,label\n".to_owned()).chain((0..50_000).map(row)).collect();
        let (sample, rows) = taken_of(&text, Format::CommaSeparated);
        assert_eq!(rows, Some(50_000));
        assert_eq!(sample.lines().count(), text.lines().count());
        assert!(sample.starts_with("text,label\n\"a\nb\",000"));
    }

    /// What the parser of CSV reads from each of these is what is counted.
    #[test]
    fn rows_of_fields_end_where_the_parser_ends_them() {
        let pieces = ["a", "\"", "\"\"", ",", "\t", "\n", "\r\n", "\r", " "];
        let number = pieces.len();
        for case in 0..number.pow(4) {
            let picked = (0..4).map(|digit| pieces[case / number.pow(digit) % number]);
            let text: String = std::iter::once("text\n").chain(picked).collect();
            for (format, separator) in [(Format::CommaSeparated, b','), (Format::TabSeparated, b'\t')] {
                let mut parser = csv::ReaderBuilder::new();
                let mut parser = parser.delimiter(separator).flexible(true).from_reader(text.as_bytes());
                let count = parser.byte_records().count();
                assert_eq!(taken_of(&text, format), (text.clone(), Some(count)), "{text:?}");
            }
        }
    }

    #[test]
    fn rows_are_counted_past_quotes_within_fields_and_with_other_line_ends() {
        for end in ["\n", "\r\n", "\r"] {
            let text = format!("label,text{end}{}", format!("bb,it is 5\" wide{end}").repeat(100_001));
            let (sample, rows) = taken_of(&text, Format::CommaSeparated);
            assert_eq!(rows, Some(100_001), "{end:?}");
            assert!(sample.starts_with("label,text") && sample.ends_with(&format!("wide{end}")), "{end:?}");
            assert_eq!(sample.matches('\n').count(), text.matches('\n').count(), "{end:?}");
            assert!((900_000..1_300_000).contains(&sample.len()), "{}", sample.len());
        }
        // A byte order mark is not the start of the first field.
        assert_eq!(taken_of("\u{feff}\"te\nxt\"\na\n", Format::CommaSeparated).1, Some(1));
    }

    #[test]
    fn the_beginning_of_what_is_not_counted_ends_with_a_row() {
        let row = "\"it is\nlong\",1\n";
        let text = format!("text,label\n{}", row.repeat(100_000));
        for cut in 0..row.len() {
            let (sample, rows) = taken_of_part(&text[..SAMPLE as usize - cut], COUNTED + 1, Format::CommaSeparated);
            assert_eq!(rows, None);
            let body = sample.strip_prefix("text,label\n").unwrap_or_default();
            assert!(body.len() > SAMPLE as usize - 3 * row.len() && body.replace(row, "").is_empty(), "{cut}");
        }
        let (sample, _) = taken_of_part(&text, COUNTED + 1, Format::CommaSeparated);
        assert!(sample.len() as u64 >= SAMPLE && sample.len() as u64 <= SAMPLE + row.len() as u64);
    }

    #[test]
    fn a_long_row_is_taken_whole_or_not_at_all() {
        let row = |length: usize| format!("{{\"text\": \"{}\"}}\n", "x".repeat(length));
        let (long, longer) = (row(SAMPLE as usize + 1), row(LONGEST as usize));
        let short = row(1).repeat(10);
        let size = COUNTED + 1;
        assert_eq!(taken_of_part(&format!("{long}{short}"), size, Format::JsonLines), (long.clone(), None));
        assert_eq!(taken_of_part(&format!("{short}{longer}"), size, Format::JsonLines), (short.clone(), None));
        assert_eq!(taken_of_part(&longer, size, Format::JsonLines), (String::new(), None));
        // Where rows are counted, it is passed over as others are.
        let text = format!("{longer}{short}");
        assert_eq!(taken_of(&text, Format::JsonLines), (format!("\n{short}"), Some(11)));
        // What would be a header is none.
        assert_eq!(taken_of(&text, Format::TabSeparated), (String::new(), None));
        let (sample, rows) = taken_of(&long.repeat(30), Format::JsonLines);
        assert_eq!((rows, sample.lines().filter(|line| !line.is_empty()).count()), (Some(30), 3));
    }

    #[test]
    fn lines_beyond_number_are_not_counted() {
        let (sample, rows) = taken_of(&"{}\n".repeat(LINES), Format::JsonLines);
        assert_eq!((rows, sample.lines().count()), (Some(LINES), LINES));
        let (sample, rows) = taken_of(&"{}\n".repeat(LINES + 1), Format::JsonLines);
        assert_eq!((rows, sample.len() as u64), (None, SAMPLE.next_multiple_of(3)));
    }

    #[test]
    fn blank_lines_are_no_rows() {
        assert_eq!(taken_of("{}\n\n  \n{}", Format::JsonLines).1, Some(2));
        assert_eq!(taken_of("text\n\na\n", Format::CommaSeparated).1, Some(1));
        assert_eq!(taken_of("", Format::CommaSeparated).1, Some(0));
    }
}
