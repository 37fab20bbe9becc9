//! Tags and the entities that rows of them amount to.

use super::EntityScheme;

/// The place of a word in an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Outside,
    Begin,
    Inside,
    End,
    Single,
}

/// A tag such as `B-PER`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::metrics) struct Tag<'a> {
    place: Place,
    /// `PER`; `_` for a tag without a type.
    kind: &'a str,
}

impl<'a> Tag<'a> {
    /// Reads a tag; what is none is outside of all entities.
    pub(in crate::metrics) fn read(tag: &'a str) -> Self {
        const OUTSIDE: Tag<'static> = Tag { place: Place::Outside, kind: "_" };
        let (Some(place), true) = (place_of(tag), is_tag(tag)) else { return OUTSIDE };
        let kind = tag.get(2..).filter(|kind| !kind.is_empty()).unwrap_or("_");
        Self { place, kind }
    }
}

fn place_of(tag: &str) -> Option<Place> {
    match tag.as_bytes().first()? {
        b'O' => Some(Place::Outside),
        b'B' => Some(Place::Begin),
        b'I' => Some(Place::Inside),
        b'E' => Some(Place::End),
        b'S' => Some(Place::Single),
        _ => None,
    }
}

/// Whether a class's name is a tag: `O`, or one of `B`, `I`, `E` and `S`, alone or with `-` and a type.
pub const fn is_tag(name: &str) -> bool {
    matches!(name.as_bytes(), [b'O' | b'B' | b'I' | b'E' | b'S'] | [b'B' | b'I' | b'E' | b'S', b'-', ..])
}

/// The tags that the classes' names are; the first name that is none.
pub(in crate::metrics) fn tags_of(classes: &[String]) -> Result<Vec<Tag<'_>>, &str> {
    classes.iter().map(|name| if is_tag(name) { Ok(Tag::read(name)) } else { Err(name.as_str()) }).collect()
}

/// The entities of a row of tags: type, first word, and the word after the last.
pub(in crate::metrics) fn spans<'a>(tags: &[Tag<'a>], scheme: EntityScheme) -> Vec<(&'a str, usize, usize)> {
    match scheme {
        EntityScheme::Lenient => lenient(tags),
        EntityScheme::Iob2 => strict(tags, &[Place::Begin], &[Place::Inside], &[]),
        EntityScheme::Bioes => {
            strict(tags, &[Place::Begin, Place::Single], &[Place::Inside, Place::End], &[Place::End, Place::Single])
        }
    }
}

/// An entity goes on while nothing begins and nothing ends.
fn lenient<'a>(tags: &[Tag<'a>]) -> Vec<(&'a str, usize, usize)> {
    let mut found = Vec::new();
    let mut open: Option<usize> = None;
    for (at, tag) in tags.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| tags.get(before));
        let goes_on = before.is_some_and(|before| is_continued(*before, *tag));
        if !goes_on {
            found.extend(open.take().and_then(|start| Some((tags.get(start)?.kind, start, at))));
            open = (tag.place != Place::Outside).then_some(at);
        }
    }
    found.extend(open.and_then(|start| Some((tags.get(start)?.kind, start, tags.len()))));
    found
}

/// Whether a word belongs to the entity of the word before.
fn is_continued(before: Tag<'_>, tag: Tag<'_>) -> bool {
    let is_open = matches!(before.place, Place::Begin | Place::Inside);
    is_open && matches!(tag.place, Place::Inside | Place::End) && before.kind == tag.kind
}

/// An entity begins with one of `starts`, goes on with `inside` of its type, and counts if it ends with one of `ends`, where
/// there are any.
fn strict<'a>(tags: &[Tag<'a>], starts: &[Place], inside: &[Place], ends: &[Place]) -> Vec<(&'a str, usize, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = tags.get(at) {
        if !starts.contains(&first.place) {
            at += 1;
            continue;
        }
        let (start, mut last) = (at, *first);
        at += 1;
        while let Some(next) = tags.get(at) {
            if !(is_continued(last, *next) && inside.contains(&next.place)) {
                break;
            }
            last = *next;
            at += 1;
        }
        if ends.is_empty() || ends.contains(&last.place) {
            found.push((first.kind, start, at));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::entities_of;
    use super::*;

    fn found(tags: &[&str], scheme: EntityScheme) -> Vec<(String, usize, usize)> {
        entities_of(tags, scheme).into_iter().map(|entity| (entity.kind, entity.start, entity.end)).collect()
    }

    #[test]
    fn a_name_is_a_tag_or_not() {
        for tag in ["O", "B-PER", "I-a-b", "S-", "B", "E-LOC"] {
            assert!(is_tag(tag), "{tag}");
        }
        for name in ["", "PER", "b_per", "B_PER", "O-PER", "L-PER", "person", "Other"] {
            assert!(!is_tag(name), "{name}");
        }
    }

    /// As `seqeval` 1.2.2 answers.
    #[test]
    fn the_same_tags_are_other_entities_in_other_schemes() {
        let tags = ["S-PER", "B-LOC", "E-LOC", "B-ORG", "I-ORG", "O", "I-PER", "E-PER", "E-PER"];
        let entity = |kind: &str, start, end| (kind.to_owned(), start, end);
        assert_eq!(
            found(&tags, EntityScheme::Lenient),
            [entity("PER", 0, 1), entity("LOC", 1, 3), entity("ORG", 3, 5), entity("PER", 6, 8), entity("PER", 8, 9)]
        );
        assert_eq!(found(&tags, EntityScheme::Bioes), [entity("PER", 0, 1), entity("LOC", 1, 3)]);
        assert_eq!(
            found(&["B-PER", "I-LOC", "B-LOC", "I-LOC"], EntityScheme::Iob2),
            [entity("PER", 0, 1), entity("LOC", 2, 4)]
        );
        assert_eq!(found(&["B", "I", "O", "S"], EntityScheme::Lenient), [entity("_", 0, 2), entity("_", 3, 4)]);
        assert!(found(&[], EntityScheme::Lenient).is_empty());
    }
}
