//! `{% generation %}` blocks, which Jinja does not have.
//!
//! What comes in: the source of a template. What goes out: the same template with these blocks as calls of a function, on
//! the same lines, which marks the beginning and end of what the block writes; and from a text with marks, the text
//! without them and the characters between. It leaves comments, raw text and strings as they are.

use std::ops::Range;

/// The function that a block calls; no template of anybody's has one of that name.
pub(super) const FUNCTION: &str = "__generation__";

/// The marks around what a block writes: code points that Unicode keeps out of texts.
pub(super) const MARKS: [char; 2] = ['\u{FDD0}', '\u{FDD1}'];

/// The template with its `{% generation %}` blocks as calls, and how many there are.
///
/// Source: `AssistantTracker` of transformers, which parses the block to a call as well.
pub(super) fn as_calls(source: &str) -> (String, usize) {
    let mut calls = String::with_capacity(source.len());
    let mut blocks = 0;
    let mut rest = source;
    while let Some(start) = rest.find('{') {
        calls.push_str(&rest[..start]);
        rest = &rest[start..];
        let length = match rest.as_bytes().get(1) {
            Some(b'#') => rest.find("#}").map_or(rest.len(), |end| end + 2),
            Some(b'{') => end_of_code(rest, "}}"),
            Some(b'%') => end_of_code(rest, "%}"),
            _ => 1,
        };
        let (tag, after) = rest.split_at(length);
        match word_of(tag) {
            Some("generation") => {
                blocks += 1;
                calls.push_str(&tag.replacen("generation", &format!("call {FUNCTION}()"), 1));
            }
            Some("endgeneration") => calls.push_str(&tag.replacen("endgeneration", "endcall", 1)),
            Some("raw") => {
                let raw = end_of_raw(after);
                calls.push_str(tag);
                calls.push_str(&after[..raw]);
                rest = &after[raw..];
                continue;
            }
            _ => calls.push_str(tag),
        }
        rest = after;
    }
    calls.push_str(rest);
    (calls, blocks)
}

/// The word in a tag such as `{%- generation -%}` that has nothing else in it.
fn word_of(tag: &str) -> Option<&str> {
    let inside = tag.strip_prefix("{%")?.strip_suffix("%}")?;
    let inside = inside.strip_prefix(['-', '+']).unwrap_or(inside);
    Some(inside.strip_suffix(['-', '+']).unwrap_or(inside).trim())
}

/// Where the code that `rest` starts with ends: after `end`, unless that stands in a string.
fn end_of_code(rest: &str, end: &str) -> usize {
    let mut quote = None;
    let mut escaped = false;
    for (place, character) in rest.char_indices().skip(2) {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if character == '\\' => escaped = true,
            Some(open) if character == open => quote = None,
            None if rest[place..].starts_with(end) => return place + end.len(),
            None if matches!(character, '\'' | '"') => quote = Some(character),
            Some(_) | None => {}
        }
    }
    rest.len()
}

/// Where the tag `{% endraw %}` starts; the end of the text if there is none.
fn end_of_raw(text: &str) -> usize {
    let mut from = 0;
    while let Some(start) = text[from..].find("{%").map(|start| from + start) {
        let tag = &text[start..];
        let end = tag.find("%}").map_or(tag.len(), |end| end + 2);
        if word_of(&tag[..end]) == Some("endraw") {
            return start;
        }
        from = start + 2;
    }
    text.len()
}

/// A text without its marks, and the characters that stood between them.
pub(super) fn take_marks(marked: &str) -> (String, Vec<Range<usize>>) {
    let mut text = String::with_capacity(marked.len());
    let mut spans: Vec<Range<usize>> = Vec::new();
    let mut open = Vec::new();
    let mut place = 0;
    for character in marked.chars() {
        if character == MARKS[0] {
            open.push(place);
        } else if character == MARKS[1] {
            if let Some(start) = open.pop().filter(|_| open.is_empty()) {
                spans.push(start..place);
            }
        } else {
            text.push(character);
            place += 1;
        }
    }
    (text, spans)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_become_calls_and_all_else_stays() {
        let source = "{%- generation -%}a{{ '{% generation %}' }}{%+ endgeneration %}\n{# {% generation %} #}{% raw %}{% generation %}{% endraw %}\
                      {{ \"\\\"%}\" }}{ {% set generation = 1 %}{{ generation }}{%generation%}b{%endgeneration%}";
        let (calls, blocks) = as_calls(source);
        let expected = "{%- call __generation__() -%}a{{ '{% generation %}' }}{%+ endcall %}\n{# {% generation %} #}{% raw %}{% generation %}{% endraw %}\
                        {{ \"\\\"%}\" }}{ {% set generation = 1 %}{{ generation }}{%call __generation__()%}b{%endcall%}";
        assert_eq!((calls.as_str(), blocks), (expected, 2));
    }

    #[test]
    fn what_is_not_closed_stays_as_it_is() {
        for source in ["{% raw %}{% generation %}", "{{ 'a", "{# x", "{%", "a {", "é{% if '"] {
            assert_eq!(as_calls(source), (source.to_owned(), 0), "{source}");
        }
    }

    #[test]
    fn spans_are_counted_in_characters() {
        let [open, close] = MARKS;
        let (text, spans) = take_marks(&format!("né{open}ü!{close} {open}{open}x{close}y{close}"));
        assert_eq!((text.as_str(), spans), ("néü! xy", vec![2..4, 5..7]));
    }
}
