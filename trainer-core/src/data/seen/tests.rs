//! The words of every rule; that they are the reader's is tested on files.

use super::*;
use crate::data::{LabelSet, Takes};

const RATING: LabelSet = LabelSet { type_name: "Rating", names: &["negative", "neutral", "positive"] };

const fn value(kind: Kind, shown: &'static str, text: &'static str, whole: i128, real: f64) -> Value {
    Value { kind, line: 7, rows: 1, index: None, shown, text, whole, real }
}

const fn text(text: &'static str) -> Value {
    value(Kind::Text, text, text, 0, 0.0)
}

const fn whole(shown: &'static str, whole: i128) -> Value {
    value(Kind::Whole, shown, shown, whole, 0.0)
}

const NULL: Value = value(Kind::Null, "null", "", 0, 0.0);

/// What is said of values of a column `x` in `a.jsonl` or, of characters, `a.csv`; nothing if they fit.
fn said_of(values: &[Value], takes: &Takes, characters: bool) -> String {
    let column = ColumnSeen { name: "x", missing: None, values: values.to_vec().leak(), distinct: false, lists: None };
    let seen = seen(column, characters);
    let kind = values.first().map_or(Kind::Null, |value| value.kind);
    words(&kind_fits(&seen, &seen.columns[0], takes, kind))
}

fn seen(column: ColumnSeen, characters: bool) -> Seen {
    let file = if characters { "a.csv" } else { "a.jsonl" };
    Seen { file, rows: Some(9), complete: true, characters, numbered: false, columns: vec![column].leak() }
}

fn words(&verdict: &Verdict) -> String {
    match verdict {
        Verdict::Accepted => String::new(),
        Verdict::Refused { message, help } if help.as_str().is_empty() => message.as_str().to_owned(),
        Verdict::Refused { message, help } => format!("{}\nhelp: {}", message.as_str(), help.as_str()),
    }
}

#[test]
fn json_values_have_one_type() {
    let byte = Takes::Whole { least: 0, most: 255 };
    for (found, takes, expected) in [
        (text("high"), Takes::Single, "a number"),
        (whole("256", 256), byte, "a whole number from 0 to 255"),
        (value(Kind::Real, "2.5", "", 0, 2.5), byte, "a whole number from 0 to 255"),
        (whole("1", 1), Takes::Flag, "`true` or `false`"),
        (whole("1", 1), Takes::Text, "a text"),
        (NULL, Takes::Text, "a text"),
        (text("a"), Takes::List(&Takes::Text), "a list"),
        (text("a"), Takes::Optional(&Takes::Numbers(2)), "a list"),
    ] {
        let message = format!("a.jsonl:7: `x` is {}, expected {expected}", found.shown);
        assert_eq!(said_of(&[found], &takes, false), message);
    }
    let huge = value(Kind::Real, "1e40", "", 0, 1e40);
    let message = "a.jsonl:7: `x` is 1e40, which is not a finite number of this type";
    assert_eq!(said_of(&[huge], &Takes::Single, false), message);
    for (found, takes) in [
        (huge, Takes::Double),
        (whole("255", 255), byte),
        (whole("3", 3), Takes::Single),
        (NULL, Takes::Optional(&Takes::Text)),
        (NULL, Takes::Anything),
    ] {
        assert_eq!(said_of(&[found], &takes, false), "", "{found:?}");
    }
}

#[test]
fn characters_are_what_they_can_be_read_as() {
    let (one, two) = (whole("1", 1), whole("2", 2));
    for takes in [Takes::Text, Takes::Flag, Takes::Double, Takes::Class(RATING)] {
        assert_eq!(said_of(&[one], &takes, true), "");
    }
    assert_eq!(said_of(&[two], &Takes::Flag, true), "a.csv:7: `x` is 2, expected `true` or `false`");
    let list = "a.csv:7: `x` is 2, expected a list, written as a JSON array such as `[1, 2]`";
    assert_eq!(said_of(&[two], &Takes::List(&Takes::Double), true), list);
    let of_texts = said_of(&[two], &Takes::List(&Takes::Text), true);
    assert!(of_texts.contains("such as `[\"a\", \"b\"]`\nhelp: a cell of CSV and TSV is one text"), "{of_texts}");
    let nan = value(Kind::Real, "\"nan\"", "nan", 0, f64::NAN);
    assert!(said_of(&[nan], &Takes::Double, true).ends_with("which is not a finite number of this type"));
}

#[test]
fn labels_are_answered_with_the_nearest_class_or_all() {
    let takes = Takes::Class(RATING);
    let all = "\nhelp: its classes, in order from 0, are `negative`, `neutral`, `positive`";
    let said = |found| said_of(&[found], &takes, false);
    assert_eq!(said(text("neutral")), "");
    assert_eq!(said(whole("2", 2)), "");
    assert_eq!(
        said(text("neutal")),
        "a.jsonl:7: `x` is neutal, which is no class of `Rating`\nhelp: did you mean \"neutral\"?"
    );
    assert_eq!(said(text("angry")), format!("a.jsonl:7: `x` is angry, which is no class of `Rating`{all}"));
    assert_eq!(said(whole("3", 3)), format!("a.jsonl:7: `x` is 3, which is no class of `Rating`{all}"));
    assert_eq!(said(NULL), format!("a.jsonl:7: `x` is null, expected a class of `Rating`{all}"));
}

#[test]
fn other_rows_with_the_mistake_are_counted_and_other_labels_named() {
    let (mut first, mut second) = (text("neutal"), text("angry"));
    (first.rows, second.line) = (42, 9);
    let expected = "a.jsonl:7: `x` is neutal, which is no class of `Rating`\nhelp: did you mean \"neutral\"?\nhelp: 41 more rows are like it\nhelp: no classes either: angry (line 9)";
    assert_eq!(said_of(&[first, text("positive"), second], &Takes::Class(RATING), false), expected);
    first.rows = 2;
    assert_eq!(
        said_of(&[first], &Takes::Flag, false),
        "a.jsonl:7: `x` is neutal, expected `true` or `false`\nhelp: 1 more row is like it"
    );
}

#[test]
fn a_column_can_be_missing_only_where_nothing_is_taken_too() {
    let missing = Some(Missing { line: 3, rows: 3, help: "its columns are `y`" });
    let column = ColumnSeen { name: "x", missing, values: &[], distinct: false, lists: None };
    let said = |characters, takes| {
        let seen = seen(column, characters);
        words(&column_is_there(&seen, &seen.columns[0], &takes))
    };
    let expected = "a.jsonl:3: this row has no `x`\nhelp: its columns are `y`\nhelp: 2 more rows have none either";
    assert_eq!(said(false, Takes::Text), expected);
    assert_eq!(said(true, Takes::Text), "a.csv:3: the header has no `x`\nhelp: its columns are `y`");
    assert_eq!(said(false, Takes::Optional(&Takes::Text)), "");
}

#[test]
fn blank_texts_are_refused_but_where_there_may_be_none() {
    let blank = |text| value(Kind::Blank, "", text, 0, 0.0);
    let help = "\nhelp: leave the row out, or give it a text";
    let optional = Takes::Optional(&Takes::Text);
    assert_eq!(said_of(&[blank("")], &Takes::Text, false), format!("a.jsonl:7: `x` is empty{help}"));
    assert_eq!(said_of(&[blank(" ")], &optional, true), format!("a.csv:7: `x` holds only white space{help}"));
    assert_eq!(said_of(&[blank("")], &optional, false), format!("a.jsonl:7: `x` is empty{help}"));
    assert_eq!(said_of(&[blank("")], &optional, true), "");
}

const LIST: Value = value(Kind::List, "an array", "", 0, 0.0);
const LISTS: Lists = Lists {
    elements: &[],
    shortest: Length { line: 7, length: 2 },
    longest: Length { line: 8, length: 3 },
    vectors: &[],
    repeated: None,
};

fn with(lists: Lists) -> Seen {
    let lists = Some(&*Box::leak(Box::new(lists)));
    seen(ColumnSeen { name: "x", missing: None, values: &[LIST], distinct: false, lists }, false)
}

fn said_of_lists(lists: Lists, takes: &Takes) -> String {
    let seen = with(lists);
    words(&kind_fits(&seen, &seen.columns[0], takes, Kind::List))
}

#[test]
fn lists_are_as_long_as_the_type_says_and_not_empty() {
    let seen = with(LISTS);
    let said = |takes| words(&lists_are_as_long(&seen, &seen.columns[0], &takes));
    assert_eq!(said(Takes::Numbers(2)), "a.jsonl:8: `x` has 3 numbers, expected 2");
    assert_eq!(said(Takes::Numbers(3)), "a.jsonl:7: `x` has 2 numbers, expected 3");
    assert_eq!(said(Takes::List(&Takes::Single)), "");
    let empty = with(Lists { shortest: Length { line: 4, length: 0 }, ..LISTS });
    let verdict = no_list_is_empty(&empty, &empty.columns[0], &Takes::List(&Takes::Single));
    assert_eq!(words(&verdict), "a.jsonl:4: `x` is empty\nhelp: leave the row out, or give it numbers");
}

#[test]
fn several_classes_are_names_once_each_or_a_vector() {
    let takes = Takes::List(&Takes::Class(RATING));
    let at = |mut value: Value, index| {
        value.index = Some(index);
        value
    };
    let elements: &'static [Value] = vec![at(text("postive"), 1)].leak();
    let expected = "a.jsonl:7: `x[1]` is postive, which is no class of `Rating`\nhelp: did you mean \"positive\"?";
    assert_eq!(said_of_lists(Lists { elements, ..LISTS }, &takes), expected);

    let one = at(whole("1", 1), 0);
    let vector = Vector { length: 4, line: 7, first: one, odd: None, repeated: Some(at(whole("1", 1), 2)) };
    let expected = "a.jsonl:7: `x[2]` is 1, and names the class `neutral` again\nhelp: each class once, or a vector of 3 numbers, each 0 or 1";
    assert_eq!(said_of_lists(Lists { vectors: vec![vector].leak(), ..LISTS }, &takes), expected);
    let right = Vector { length: 3, ..vector };
    assert_eq!(said_of_lists(Lists { vectors: vec![right].leak(), ..LISTS }, &takes), "");

    let odd = Vector { odd: Some(at(value(Kind::Flag, "true", "", 0, 0.0), 1)), ..vector };
    let expected = "a.jsonl:7: `x` is an array, which is no 0/1 vector for the classes of `Rating`\nhelp: 3 numbers, each 0 or 1, or a list of the classes' names";
    assert_eq!(said_of_lists(Lists { vectors: vec![odd].leak(), ..LISTS }, &takes), expected);
    let expected = "a.jsonl:7: `x[1]` is true, expected a whole number from 0 to 9";
    let takes = Takes::List(&Takes::Whole { least: 0, most: 9 });
    assert_eq!(said_of_lists(Lists { vectors: vec![odd].leak(), ..LISTS }, &takes), expected);
}

#[test]
fn a_class_is_missed_only_where_all_was_seen_and_all_are_classes() {
    let misses = |values: Vec<Value>, complete| {
        let column = ColumnSeen { name: "x", missing: None, values: values.leak(), distinct: false, lists: None };
        let seen = Seen { complete, ..seen(column, false) };
        some_class_is_missing(&seen, &seen.columns[0], &Takes::Class(RATING))
    };
    assert!(misses(vec![text("neutral"), whole("0", 0)], true));
    assert!(!misses(vec![text("neutral"), whole("0", 0)], false));
    assert!(!misses(vec![text("neutral"), whole("0", 0), text("positive")], true));
    assert!(!misses(vec![text("neutral"), text("angry")], true));
}

#[test]
fn a_word_has_one_class_each_word_its_own() {
    const TAGS: Takes = Takes::List(&Takes::Tag(RATING));
    const TAGS_OR_NOTHING: Takes = Takes::List(&Takes::TagOrNothing(RATING));
    let elements = |values: Vec<Value>| Lists { elements: values.leak(), ..LISTS };
    let tags = |values, takes| said_of_lists(elements(values), takes);
    let at = |mut value: Value, index| {
        value.index = Some(index);
        value
    };
    let nothing = || vec![at(text("neutral"), 0), at(NULL, 1), at(whole("-100", -100), 2), at(text("neutral"), 3)];
    assert_eq!(tags(nothing(), &TAGS_OR_NOTHING), "");
    let refused = tags(nothing(), &TAGS);
    assert!(
        refused.starts_with("a.jsonl:7: `x[1]` is null, expected a class of `Rating`\nhelp: its classes"),
        "{refused}"
    );
    assert!(refused.ends_with("takes `null` and -100 where a word has no class"), "{refused}");
    let misspelt = tags(vec![at(text("neutal"), 1)], &TAGS_OR_NOTHING);
    assert!(misspelt.ends_with("which is no class of `Rating`\nhelp: did you mean \"neutral\"?"), "{misspelt}");
    let vector =
        Vector { length: 3, line: 7, first: at(whole("1", 1), 0), odd: None, repeated: Some(at(whole("1", 1), 2)) };
    assert_eq!(said_of_lists(Lists { vectors: vec![vector].leak(), ..LISTS }, &TAGS), "");
}

#[test]
fn labels_of_tokens_are_ids_and_as_many() {
    const LABELS: Takes = Takes::List(&Takes::TokenLabel);
    let labels = |value: Value| said_of_lists(Lists { elements: vec![value].leak(), ..LISTS }, &LABELS);
    assert_eq!((labels(whole("-100", -100)), labels(whole("7", 7))), (String::new(), String::new()));
    assert_eq!(labels(whole("-5", -5)), "a.jsonl:7: `x` is -5, expected a token id, or -100");
    let seen = with(LISTS);
    let said = |takes| words(&labels_are_as_long(&seen, &seen.columns[0], takes, "input_ids", 4, 1, 2));
    let expected =
        "a.jsonl:4: `input_ids` has 1 token, but `x` has 2\nhelp: one number for each token, -100 where there is none";
    assert_eq!(said(&LABELS), expected);
    assert_eq!(said(&Takes::List(&Takes::Class(RATING))), "");
}
