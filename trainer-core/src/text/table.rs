//! Rows of short cells as aligned text, also where a character takes two columns.

use std::fmt::{self, Write};

/// How many columns a terminal is taken to have.
const LINE: usize = 100;

/// Between two cells.
const GAP: &str = "  ";

/// One row: its label, and a cell for each column.
pub(super) struct TableRow<'a> {
    pub(super) label: &'a str,
    pub(super) cells: Vec<String>,
}

/// Writes rows with as many cells each, aligned; what does not fit on a line goes on in a further block.
pub(super) fn write_table(out: &mut impl Write, rows: &[TableRow<'_>], label_width: usize) -> fmt::Result {
    let columns = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    let widest =
        |column: usize| rows.iter().filter_map(|row| row.cells.get(column)).map(|cell| width(cell)).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(widest).collect();
    let mut from = 0;
    while from < columns {
        let mut to = from;
        let mut used = label_width;
        while to < columns && (to == from || used + GAP.len() + widths[to] <= LINE) {
            used += GAP.len() + widths[to];
            to += 1;
        }
        if from > 0 {
            writeln!(out)?;
        }
        for row in rows {
            let mut line = filled(row.label, label_width);
            for (cell, &width) in row.cells.iter().zip(&widths).take(to).skip(from) {
                line.push_str(GAP);
                line.push_str(&filled(cell, width));
            }
            writeln!(out, "{}", line.trim_end())?;
        }
        from = to;
    }
    Ok(())
}

/// `text` with spaces after it, up to `to` columns.
pub(super) fn filled(text: &str, to: usize) -> String {
    format!("{text}{}", " ".repeat(to.saturating_sub(width(text))))
}

/// A text as it can stand on a line: line breaks and the like are written as in a string of Rust.
pub(super) fn on_one_line(text: &str) -> String {
    let shown = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    text.chars().map(shown).collect()
}

/// How many columns of a terminal a text takes.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(columns).sum()
}

/// Source: Unicode Standard Annex 11 (East Asian Width), in blocks; combining marks take no column of their own.
fn columns(character: char) -> usize {
    match character as u32 {
        0x0300..=0x036F | 0x1160..=0x11FF | 0x200B..=0x200F | 0x20D0..=0x20FF | 0xFE00..=0xFE0F => 0,
        0x1100..=0x115F
        | 0x2E80..=0x303E
        | 0x3041..=0xA4CF
        | 0xA960..=0xA97F
        | 0xAC00..=0xD7A3
        | 0xF900..=0xFAFF
        | 0xFE30..=0xFE6F
        | 0xFF00..=0xFF60
        | 0xFFE0..=0xFFE6
        | 0x1F300..=0x1F64F
        | 0x1F680..=0x1F6FF
        | 0x1F900..=0x1FAFF
        | 0x20000..=0x3FFFD => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hangul_and_emoji_take_two_columns_and_accents_none() {
        assert_eq!((width("나무"), width("🙂!"), width("e\u{301}"), width("Ġthe")), (4, 3, 1, 4));
    }

    #[test]
    fn a_table_that_is_too_wide_goes_on_below() {
        let cells: Vec<String> = (0..30).map(|n| format!("cell{n}")).collect();
        let mut out = String::new();
        write_table(&mut out, &[TableRow { label: "row", cells }], 6).unwrap();
        assert!(out.lines().all(|line| width(line) <= LINE));
        assert_eq!(out.matches("row").count(), out.lines().filter(|line| !line.is_empty()).count());
        assert!(out.contains("\n\nrow") && out.contains("cell29"));
    }
}
