//! The rows of a large file that are looked at: the first, the last, and an even sample between them.
//!
//! What comes in: a file of lines. What goes out: its text with every other row blanked to its line ends, so that the
//! reader of the format passes over them and still counts the lines, and how many rows there are.

use std::io::{self, BufRead, Read};

/// Files up to this size are looked at as a whole, and of larger ones so much.
pub(super) const SAMPLE: u64 = 1 << 20;
/// Beyond this size only the beginning is looked at, and rows are not counted.
const COUNTED: u64 = 256 << 20;
/// The sample consists of so many stretches.
const STRETCHES: u64 = 16;

/// What was taken of a file.
pub(super) struct Sample {
    pub(super) text: Vec<u8>,
    /// How many rows the file has, the header of CSV and TSV not counted; `None` if not all were counted.
    pub(super) rows: Option<usize>,
}

/// Takes the sample of a file of `size` bytes; whether a first line is a header, and quoted line ends are none.
pub(super) fn taken(mut reader: impl BufRead, size: u64, characters: bool) -> io::Result<Sample> {
    if size > COUNTED {
        let mut text = Vec::new();
        reader.take(SAMPLE).read_to_end(&mut text)?;
        // The last row is cut off.
        let end = text.iter().rposition(|byte| *byte == b'\n').unwrap_or(text.len());
        text.truncate(end);
        return Ok(Sample { text, rows: None });
    }
    let (mut text, mut record) = (Vec::new(), Vec::new());
    let (mut offset, mut rows) = (0, 0);
    while next_record(&mut reader, characters, &mut record)? {
        rows += usize::from(!is_blank(&record));
        if is_chosen(offset, size) {
            text.extend_from_slice(&record);
        } else {
            let ends = if characters { record.split(|byte| *byte == b'\n').count() - 1 } else { 1 };
            text.resize(text.len() + ends, b'\n');
        }
        offset += record.len() as u64;
    }
    Ok(Sample { text, rows: Some(rows - usize::from(characters && rows > 0)) })
}

/// Reads the next row with its line end; of CSV and TSV with all lines that its quotes span.
fn next_record(reader: &mut impl BufRead, characters: bool, record: &mut Vec<u8>) -> io::Result<bool> {
    record.clear();
    let mut start = 0;
    let mut open = false;
    loop {
        if reader.read_until(b'\n', record)? == 0 {
            return Ok(!record.is_empty());
        }
        let line = record.get(start..).unwrap_or_default();
        open ^= characters && has_odd_quotes(line);
        start = record.len();
        if !open {
            return Ok(true);
        }
    }
}

/// Whether the number of quotes in the line is odd; eight bytes at a time, as macros run unoptimised.
fn has_odd_quotes(line: &[u8]) -> bool {
    const QUOTES: u64 = u64::from_ne_bytes([b'"'; 8]);
    const LOW_BITS: u64 = u64::from_ne_bytes([0x7f; 8]);
    let (words, rest) = line.as_chunks::<8>();
    let mut count = 0;
    for word in words {
        // A byte that is a quote becomes 0, and of the sum only a 0 leaves the high bit empty.
        let difference = u64::from_ne_bytes(*word) ^ QUOTES;
        let others = ((difference & LOW_BITS) + LOW_BITS) | difference | LOW_BITS;
        count += others.count_zeros();
    }
    rest.iter().fold(count % 2 == 1, |odd, byte| odd ^ (*byte == b'"'))
}

/// Whether a row that begins at `offset` is in one of the stretches, of which the first begins the file and the last
/// ends it.
fn is_chosen(offset: u64, size: u64) -> bool {
    let length = SAMPLE / STRETCHES;
    let step = size.saturating_sub(length) / (STRETCHES - 1);
    let stretch = (offset / step.max(1)).min(STRETCHES - 1);
    offset - stretch * step < length || offset + length >= size
}

fn is_blank(record: &[u8]) -> bool {
    record.trim_ascii().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken_of(text: &str, characters: bool) -> (String, Option<usize>) {
        let sample = taken(text.as_bytes(), text.len() as u64, characters);
        sample.map_or_else(
            |error| (error.to_string(), None),
            |sample| (String::from_utf8_lossy(&sample.text).into_owned(), sample.rows),
        )
    }

    #[test]
    fn the_first_and_the_last_row_are_taken_and_every_row_is_counted() {
        let row = |number: usize| format!("{{\"number\": {number:08}}}\n");
        let text: String = (0..200_000).map(row).collect();
        let (sample, rows) = taken_of(&text, false);
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
        let (sample, rows) = taken_of(&text, true);
        assert_eq!(rows, Some(50_000));
        assert_eq!(sample.lines().count(), text.lines().count());
        assert!(sample.starts_with("text,label\n\"a\nb\",000"));
    }

    #[test]
    fn quotes_are_counted_wherever_they_stand() {
        for length in 0..40 {
            for quotes in 0..=length {
                let mut line = vec![b'\xa2'; length];
                line.iter_mut().rev().take(quotes).for_each(|byte| *byte = b'"');
                assert_eq!(has_odd_quotes(&line), quotes % 2 == 1, "{quotes} of {length}");
            }
        }
    }

    #[test]
    fn blank_lines_are_no_rows() {
        assert_eq!(taken_of("{}\n\n  \n{}", false).1, Some(2));
        assert_eq!(taken_of("text\n\na\n", true).1, Some(1));
        assert_eq!(taken_of("", true).1, Some(0));
    }
}
