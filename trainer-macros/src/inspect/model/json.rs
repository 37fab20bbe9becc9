//! Large JSON files, read in one pass: what is not asked for is checked to be JSON and passed over.
//!
//! What comes in: the bytes of a file. What goes out: the places of the values that are asked for. It refuses what is not
//! JSON, with line and column. Macros are not optimised, so it is plain loops: a `tokenizer.json` of half a megabyte takes
//! about 30 ms.

#![expect(
    clippy::indexing_slicing,
    reason = "the loops compare each place with the length first, and `get` would double their time"
)]

use std::ops::Range;

/// A place in a file at which it is not JSON.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotJson {
    at: usize,
    what: &'static str,
}

type Result<T> = std::result::Result<T, NotJson>;

/// Reads a text of JSON from its beginning.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// Values inside of values; more is no file of a model.
const DEEPEST: usize = 100;

impl NotJson {
    /// `line:column: what is wrong`, of a file of these bytes.
    pub(super) fn describe(&self, bytes: &[u8]) -> (String, &'static str) {
        let before = bytes.get(..self.at).unwrap_or(bytes);
        let line = before.split(|byte| *byte == b'\n').count();
        let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
        (format!("{line}:{column}"), self.what)
    }
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The fields of an object: `each` gets the place of the key, without its quotes, and reads the value.
    pub(super) fn fields(&mut self, mut each: impl FnMut(&mut Self, Range<usize>) -> Result<()>) -> Result<()> {
        self.expect(b'{', "expected an object in braces")?;
        self.entries(b'}', |reader| {
            let key = reader.string()?;
            reader.expect(b':', "expected `:` after the key")?;
            each(reader, key)
        })
    }

    /// The items of a list: `each` reads one.
    pub(super) fn items(&mut self, each: impl FnMut(&mut Self) -> Result<()>) -> Result<()> {
        self.expect(b'[', "expected a list in brackets")?;
        self.entries(b']', each)
    }

    /// Whether a list is next.
    pub(super) fn is_at_list(&mut self) -> bool {
        self.peek() == Some(b'[')
    }

    /// Passes over a value; its place.
    pub(super) fn value(&mut self) -> Result<Range<usize>> {
        self.skip(0)
    }

    /// That nothing follows.
    pub(super) fn end(&mut self) -> Result<()> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.wrong("expected the end of the file")),
        }
    }

    fn entries(&mut self, close: u8, mut entry: impl FnMut(&mut Self) -> Result<()>) -> Result<()> {
        if self.peek() == Some(close) {
            self.at += 1;
            return Ok(());
        }
        loop {
            entry(self)?;
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(byte) if byte == close => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return Err(self.wrong("expected a comma, or the end of the list or object")),
            }
        }
    }

    /// Passes over one value; its place.
    fn skip(&mut self, depth: usize) -> Result<Range<usize>> {
        if depth > DEEPEST {
            return Err(self.wrong("values are nested too deep"));
        }
        let first = self.peek();
        let start = self.at;
        match first {
            Some(b'"') => {
                self.string()?;
            }
            Some(b'{') => {
                self.at += 1;
                self.entries(b'}', |reader| {
                    reader.string()?;
                    reader.expect(b':', "expected `:` after the key")?;
                    reader.skip(depth + 1).map(drop)
                })?;
            }
            Some(b'[') => {
                self.at += 1;
                self.entries(b']', |reader| reader.skip(depth + 1).map(drop))?;
            }
            Some(b'-' | b'0'..=b'9') => {
                while let Some(b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9') = self.bytes.get(self.at) {
                    self.at += 1;
                }
            }
            _ => self.word()?,
        }
        Ok(start..self.at)
    }

    fn word(&mut self) -> Result<()> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let found = [&b"true"[..], b"false", b"null"].into_iter().find(|word| rest.starts_with(word));
        match found {
            Some(word) => self.at += word.len(),
            None if [&b"true"[..], b"false", b"null"].iter().any(|word| word.starts_with(rest)) => {
                self.at = self.bytes.len();
                return Err(self.wrong(ENDS));
            }
            None => return Err(self.wrong("expected a value")),
        }
        Ok(())
    }

    /// Passes over a text in quotes; the place of what stands between them, with its escapes.
    fn string(&mut self) -> Result<Range<usize>> {
        self.expect(b'"', "expected a text in quotes")?;
        let (start, bytes) = (self.at, self.bytes);
        let mut at = start;
        // A plain loop: macros are not optimised, and iterators would take ten times as long.
        while at < bytes.len() {
            match bytes[at] {
                b'"' => {
                    self.at = at + 1;
                    return Ok(start..at);
                }
                b'\\' => at += 2,
                _ => at += 1,
            }
        }
        self.at = bytes.len();
        Err(self.wrong(ENDS))
    }

    fn expect(&mut self, byte: u8, what: &'static str) -> Result<()> {
        if self.peek() != Some(byte) {
            return Err(self.wrong(what));
        }
        self.at += 1;
        Ok(())
    }

    /// The next byte that is no white space.
    fn peek(&mut self) -> Option<u8> {
        let (mut at, bytes) = (self.at, self.bytes);
        while at < bytes.len() && (bytes[at] == b' ' || bytes[at] == b'\n' || bytes[at] == b'\r' || bytes[at] == b'\t')
        {
            at += 1;
        }
        self.at = at;
        if at < bytes.len() { Some(bytes[at]) } else { None }
    }

    fn wrong(&self, what: &'static str) -> NotJson {
        NotJson { at: self.at, what: if self.at < self.bytes.len() { what } else { ENDS } }
    }
}

const ENDS: &str = "the JSON ends too early";

/// The text that stands between quotes, without escapes.
pub(super) fn unescaped(raw: &[u8]) -> Option<String> {
    if raw.contains(&b'\\') {
        let quoted = [b"\"", raw, b"\""].concat();
        return serde_json::from_slice(&quoted).ok();
    }
    String::from_utf8(raw.to_vec()).ok()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that panics has failed")]
mod tests {
    use super::*;

    fn fields(text: &str) -> Result<Vec<(String, String)>> {
        let mut found = Vec::new();
        let mut reader = Reader::new(text.as_bytes());
        reader.fields(|reader, key| {
            let value = reader.value()?;
            found.push((unescaped(&text.as_bytes()[key]).unwrap_or_default(), text[value].to_owned()));
            Ok(())
        })?;
        reader.end()?;
        Ok(found)
    }

    #[test]
    fn fields_are_found_with_their_values_whatever_stands_in_them() {
        let text = r#" { "a\"b": [1, -2.5e3, {"c": "}"}], "d" : null , "e":"\\" } "#;
        let found = fields(text).unwrap();
        let expected = [("a\"b", r#"[1, -2.5e3, {"c": "}"}]"#), ("d", "null"), ("e", r#""\\""#)];
        assert_eq!(found, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(fields("{}").unwrap(), []);
    }

    #[test]
    fn what_is_not_json_is_refused_at_its_line_and_column() {
        let whole = "{\"a\": 1,\n \"b\": [true, false]}";
        for end in 0..whole.len() {
            let refused = fields(&whole[..end]).unwrap_err();
            assert_eq!(refused.what, ENDS, "{}", &whole[..end]);
        }
        for (text, place) in
            [("{\"a\": 1,\n  b: 2}", "2:3"), ("{\"a\": 1}\nx", "2:1"), ("{\"a\": tru}", "1:7"), ("[]", "1:1")]
        {
            assert_eq!(fields(text).unwrap_err().describe(text.as_bytes()).0, place, "{text}");
        }
    }

    #[test]
    fn deep_nesting_is_refused_and_no_stack_is_lost() {
        let text = format!("{{\"a\": {}", "[".repeat(100_000));
        assert_eq!(fields(&text).unwrap_err().what, "values are nested too deep");
    }
}
