//! What is seen in files of every format.
#![expect(clippy::panic, reason = "so a test stops")]

use std::fs;
use std::path::PathBuf;

use super::*;

/// A file that is there as long as the guard.
struct File(PathBuf);

impl Drop for File {
    fn drop(&mut self) {
        // A file that is left over in the folder for temporary ones harms nobody.
        fs::remove_file(&self.0).ok();
    }
}

fn file(name: &str, content: &str) -> io::Result<File> {
    let path = std::env::temp_dir().join(format!("trainer-inspect-{}-{name}", std::process::id()));
    fs::write(&path, content)?;
    Ok(File(path))
}

const COLUMNS: [(&str, Role); 2] = [("text", Role::Text), ("label", Role::Label)];

fn looked(name: &str, content: &str, extent: Extent, columns: &[(&str, Role)]) -> Result<Seen> {
    let file = file(name, content).map_err(|source| Error::io("write", Path::new(name), source))?;
    let columns: Vec<(String, Role)> = columns.iter().map(|(name, role)| ((*name).to_owned(), *role)).collect();
    look(name, &file.0, extent, &columns)
}

/// What was kept of a column: kind, line, rows and how it is shown.
fn kept(values: &values::Values) -> Vec<(Kind, usize, usize, String)> {
    values.kept().into_iter().map(|value| (value.kind, value.line, value.rows, value.shown)).collect()
}

#[test]
fn labels_are_kept_each_with_its_count_and_first_line_in_every_format() -> Result<()> {
    let rows = [("a", "good"), ("b", "bad"), ("c", "good")];
    let object = |(text, label): (&str, &str)| format!("{{\"text\": \"{text}\", \"label\": \"{label}\"}}");
    let objects = rows.map(object);
    let separated = |separator: &str| {
        let lines = rows.map(|(text, label)| format!("{text}{separator}{label}\n"));
        format!("text{separator}label\n{}", lines.concat())
    };
    for (name, content, first) in [
        ("labels.jsonl", objects.join("\n"), 1),
        ("labels.json", format!("[\n{}]", objects.join(",\n")), 2),
        ("labels.csv", separated(","), 2),
        ("labels.tsv", separated("\t"), 2),
    ] {
        let seen = looked(name, &content, Extent::Sample, &COLUMNS)?;
        assert_eq!((seen.rows, seen.complete), (Some(3), true), "{name}");
        let labels = kept(&seen.columns[1].values);
        let expected =
            [(Kind::Text, first, 2, "\"good\"".to_owned()), (Kind::Text, first + 1, 1, "\"bad\"".to_owned())];
        assert_eq!(labels, expected, "{name}");
        // Of what is no label only the first is kept, and not its text.
        assert_eq!(kept(&seen.columns[0].values), [(Kind::Text, first, 3, "\"a\"".to_owned())], "{name}");
        assert_eq!(seen.columns[0].values.kept()[0].text, "", "{name}");
    }
    Ok(())
}

#[test]
fn numbers_are_kept_by_their_extremes() -> Result<()> {
    let rows = "{\"input_ids\": [5, 9], \"x\": 1.5}\n{\"input_ids\": [-3], \"x\": -1e40}\n{\"input_ids\": [7, 7, 12], \"x\": 2.5}\n";
    let columns = [("input_ids", Role::InputIds), ("x", Role::Features)];
    let seen = looked("numbers.jsonl", rows, Extent::Sample, &columns)?;
    let Some(lists) = &seen.columns[0].lists else { panic!("there are lists") };
    let elements: Vec<(usize, Option<usize>, i128)> =
        lists.elements.kept().iter().map(|value| (value.line, value.index, value.whole)).collect();
    assert_eq!(elements, [(2, Some(0), -3), (3, Some(2), 12)]);
    assert_eq!((lists.shortest, lists.longest), ((2, 1), (3, 3)));
    let reals = kept(&seen.columns[1].values);
    assert_eq!(reals, [(Kind::Real, 1, 3, "1.5".to_owned()), (Kind::Real, 2, 1, "-1e+40".to_owned())]);
    Ok(())
}

#[test]
fn cells_of_characters_are_what_they_can_be_read_as() -> Result<()> {
    let content = "text,label\na,\nb,true\nc, 7\nd,nan\ne,\"[0, 1]\"\nf,[x\n";
    let seen = looked("cells.csv", content, Extent::Sample, &COLUMNS)?;
    let kinds: Vec<Kind> = seen.columns[1].values.kept().iter().map(|value| value.kind).collect();
    assert_eq!(kinds, [Kind::Null, Kind::Flag, Kind::Whole, Kind::Real, Kind::List, Kind::Text]);
    let Some(lists) = &seen.columns[1].lists else { panic!("there is a list") };
    assert_eq!(lists.vectors.iter().map(|vector| vector.length).collect::<Vec<_>>(), [2]);
    Ok(())
}

#[test]
fn vectors_of_0_and_1_are_told_from_lists_of_classes() -> Result<()> {
    let rows =
        "{\"labels\": [0, 1, 1]}\n{\"labels\": [true, 0]}\n{\"labels\": [\"a\", \"b\", \"a\"]}\n{\"labels\": []}\n";
    let seen = looked("vectors.jsonl", rows, Extent::Sample, &[("labels", Role::Labels)])?;
    let Some(lists) = &seen.columns[0].lists else { panic!("there are lists") };
    let [three, two] = lists.vectors.as_slice() else { panic!("two lengths: {lists:?}") };
    assert_eq!(
        (three.length, three.odd.is_none(), three.repeated.as_ref().and_then(|value| value.index)),
        (3, true, Some(2))
    );
    assert_eq!(
        (two.length, two.odd.as_ref().and_then(|value| value.index), two.repeated.is_none()),
        (2, Some(0), true)
    );
    assert_eq!(lists.repeated.as_ref().map(|value| (value.line, value.index)), Some((3, Some(2))));
    assert_eq!(lists.shortest, (4, 0));
    Ok(())
}

#[test]
fn rows_without_a_column_are_counted_with_the_column_that_was_meant() -> Result<()> {
    let rows = "{\"text\": \"a\", \"label\": 0}\n{\"text\": \"b\", \"lable\": 0}\n{\"text\": \"c\"}\n";
    let seen = looked("missing.jsonl", rows, Extent::Sample, &COLUMNS)?;
    let Some(missing) = &seen.columns[1].missing else { panic!("two rows have no label") };
    assert_eq!((missing.line, missing.rows), (2, 2));
    let help = seen.columns[1].help(missing);
    assert!(help.starts_with("did you mean `lable`? Write `label` in this row"), "{help}");
    assert!(help.ends_with("\nhelp: its columns are `text`, `lable`"), "{help}");
    Ok(())
}

#[test]
fn more_labels_than_classes_can_be_are_not_kept() -> Result<()> {
    let rows: Vec<String> = (0..1000).map(|row| format!("{{\"text\": \"a\", \"label\": \"{row}\"}}\n")).collect();
    let rows = rows.concat();
    let seen = looked("many.jsonl", &rows, Extent::Sample, &COLUMNS)?;
    let values = &seen.columns[1].values;
    assert!(!values.has_all_labels());
    assert!((256..=258).contains(&values.kept().len()), "{}", values.kept().len());
    Ok(())
}

#[test]
fn labels_of_which_only_the_first_is_kept_are_not_all_kept() -> Result<()> {
    let long = |last: char| format!("\"{}{last}\"", "x".repeat(300));
    let (a, b) = (long('a'), long('b'));
    for (labels, all) in [
        (["5.5", "3.8", "1.25"], false),
        (["1.25", "3.8", "5.5"], false),
        (["5.5", "5.5", "-5.5"], false),
        (["5.5", "5.5", "5.5"], true),
        (["3", "5.5", "5.5"], true),
        (["true", "false", "true"], false),
        (["true", "true", "true"], true),
        ([&a, &b, &a], false),
        ([&a, &a, &a], true),
        (["\"a\"", "\"b\"", "1"], true),
        (["null", "\"b\"", "null"], true),
    ] {
        let content = labels.map(|label| format!("{{\"label\": {label}, \"list\": [{label}, {label}, 7]}}\n")).concat();
        let columns = [("label", Role::Label), ("list", Role::Labels)];
        let seen = looked("merged.jsonl", &content, Extent::Sample, &columns)?;
        let [label, list] = seen.columns.as_slice() else { panic!("two columns") };
        assert_eq!(label.values.has_all_labels(), all, "{labels:?}");
        let Some(lists) = &list.lists else { panic!("there are lists") };
        assert_eq!(lists.elements.has_all_labels(), all, "{labels:?}");
    }
    Ok(())
}

/// Twice a mebibyte of rows, of which one in the middle has no label.
fn large(row: impl Fn(usize) -> String) -> String {
    (0..40_000).map(row).collect()
}

#[test]
fn a_large_file_is_sampled_and_still_counted() -> Result<()> {
    let padding = "x".repeat(30);
    let rows = large(|row| format!("{{\"text\": \"{padding}\", \"label\": {row}.5}}\n"));
    let seen = looked("large.jsonl", &rows, Extent::Sample, &COLUMNS)?;
    assert_eq!((seen.rows, seen.complete), (Some(40_000), false));
    assert!((10_000..30_000).contains(&seen.taken_in()), "{}", seen.taken_in());
    let last = seen.columns[1].values.kept().pop().map(|value| (value.line, value.shown));
    assert_eq!(last, Some((40_000, "39999.5".to_owned())));
    let seen = looked("large_full.jsonl", &rows, Extent::Full, &COLUMNS)?;
    assert_eq!((seen.taken_in(), seen.complete), (40_000, true));
    Ok(())
}

#[test]
fn a_large_array_is_seen_from_its_beginning() -> Result<()> {
    let padding = "x".repeat(30);
    let rows = large(|row| format!("{{\"text\": \"{padding}\", \"label\": {row}.5}},\n"));
    let seen = looked("large.json", &format!("[{rows}{{\"text\": 5}}]"), Extent::Sample, &COLUMNS)?;
    assert_eq!((seen.rows, seen.complete), (None, false));
    assert!((10_000..30_000).contains(&seen.taken_in()), "{}", seen.taken_in());
    assert!(seen.columns[1].missing.is_none());
    Ok(())
}

#[test]
fn a_row_that_goes_on_and_on_is_a_row_that_is_not_looked_at() -> Result<()> {
    let row = format!("{{\"text\": \"{}\", \"label\": 0}}", "x".repeat(5 << 20));
    for (name, content, rows) in
        [("long.jsonl", format!("{row}\n{row}"), Some(2)), ("long.json", format!("[{row},\n5]"), None)]
    {
        let seen = looked(name, &content, Extent::Sample, &COLUMNS)?;
        assert_eq!((seen.rows, seen.taken_in(), seen.complete), (rows, 0, false), "{name}");
        assert!(seen.columns.iter().all(|column| column.missing.is_none()), "{name}");
    }
    for (name, content) in [
        ("blank.jsonl", format!("\n{}", " \n".repeat(1 << 19))),
        ("blank.csv", "text,label\r\n".to_owned() + &"\r\n".repeat(600_000)),
    ] {
        let Err(error) = looked(name, &content, Extent::Sample, &COLUMNS) else { panic!("{name} has rows") };
        assert!(error.to_string().starts_with(&format!("`{name}` has no rows")), "{error}");
    }
    // An array that is read to its end is told to have none.
    let Err(error) = looked("blank.json", &format!("[{}]", " ".repeat(2 << 20)), Extent::Sample, &COLUMNS) else {
        panic!("there are no rows")
    };
    assert!(error.to_string().starts_with("`blank.json` has no rows"), "{error}");
    Ok(())
}

#[test]
fn a_large_table_keeps_its_header_and_its_lines() -> Result<()> {
    let padding = "x".repeat(40);
    let rows = large(|row| format!("\"{padding}\n\",{row}.5\n"));
    let seen = looked("large.csv", &format!("text,label\n{rows}"), Extent::Sample, &COLUMNS)?;
    assert_eq!((seen.rows, seen.complete), (Some(40_000), false));
    assert!(seen.columns.iter().all(|column| column.missing.is_none()));
    let last = seen.columns[1].values.kept().pop().map(|value| (value.line, value.shown));
    assert_eq!(last, Some((80_000, "\"39999.5\"".to_owned())));
    Ok(())
}

#[test]
fn the_environment_turns_the_checks_off() {
    assert_eq!(Extent::Full.unless(Some("off")), Extent::Off);
    for off in ["0", "false", "no", "OFF", " off "] {
        assert_eq!(Extent::Full.unless(Some(off)), Extent::Off, "{off}");
    }
    for on in ["on", "1", "true", ""] {
        assert_eq!(Extent::Full.unless(Some(on)), Extent::Full, "{on}");
    }
    assert_eq!(Extent::Sample.unless(None), Extent::Sample);
    assert_eq!(Extent::Off.unless(None), Extent::Off);
}

#[test]
fn a_file_that_is_not_there_is_answered_with_its_neighbour() -> Result<()> {
    let neighbour = file("neighbour.jsonl", "{}").map_err(|source| Error::io("write", Path::new(""), source))?;
    let written = neighbour.0.with_file_name(format!("trainer-inspect-{}-nieghbour.jsonl", std::process::id()));
    let Err(error) = look("data/nieghbour.jsonl", &written, Extent::Sample, &[]) else { panic!("it is not there") };
    let message = error.to_string();
    assert!(message.starts_with("there is no file `data/nieghbour.jsonl`\nhelp: did you mean `data/trainer-inspect-"));
    assert!(message.contains(&format!("help: looked for `{}`", written.display())), "{message}");
    Ok(())
}

#[cfg(unix)]
#[test]
fn a_device_is_not_read_for_ever() {
    let Err(error) = look("endless.jsonl", Path::new("/dev/zero"), Extent::Full, &[]) else {
        panic!("a device was read")
    };
    assert!(error.to_string().starts_with("`endless.jsonl` is a pipe or a device, expected a file"), "{error}");
}

#[test]
fn tags_are_classes_of_words_and_no_vectors() -> Result<()> {
    let rows = "{\"tokens\": [\"a\", \"b\"], \"tags\": [0, 1]}\n{\"tokens\": [\"c\", \"d\"], \"tags\": [1, 1]}\n";
    let seen = looked("tags.jsonl", rows, Extent::Sample, &[("tokens", Role::Tokens), ("tags", Role::Tags)])?;
    let Some(lists) = &seen.columns[1].lists else { panic!("there are lists") };
    assert!(lists.vectors.is_empty() && lists.repeated.is_none());
    let tags: Vec<(i128, usize)> = lists.elements.kept().iter().map(|tag| (tag.whole, tag.rows)).collect();
    assert_eq!(tags, [(0, 1), (1, 3)]);
    Ok(())
}

/// The mistakes of the rows, without the help.
fn mistakes(rows: &str, columns: &[(&str, Role)]) -> Result<Vec<String>> {
    let seen = looked("rows.jsonl", rows, Extent::Sample, columns)?;
    let first_line = |error: &Error| error.to_string().lines().next().unwrap_or_default().to_owned();
    Ok(seen.mistakes.iter().map(|mistake| first_line(&mistake.error)).collect())
}

#[test]
fn words_have_as_many_tags_and_not_all_are_blank() -> Result<()> {
    let columns = [("tokens", Role::Tokens), ("tags", Role::Tags)];
    let rows = "{\"tokens\": [\"a\"], \"tags\": [0, 1]}\n{\"tokens\": [\"c\", \" \"], \"tags\": [1, 1]}\n\
                {\"tokens\": [], \"tags\": []}\n{\"tokens\": [\" \", \"\"], \"tags\": [1, 1]}\n";
    let expected = [
        "rows.jsonl:1: `tokens` has 1 word, but `tags` has 2",
        "rows.jsonl:3: `tokens` is empty",
        "rows.jsonl:4: `tokens` holds only white space",
    ];
    assert_eq!(mistakes(rows, &columns)?, expected);
    let columns = [("input_ids", Role::InputIds), ("tags", Role::Tags)];
    let rows = "{\"input_ids\": [5, 6], \"tags\": [0]}\n";
    assert_eq!(mistakes(rows, &columns)?, ["rows.jsonl:1: `input_ids` has 2 tokens, but `tags` has 1"]);
    Ok(())
}

#[test]
fn a_message_has_a_role_that_somebody_has_and_a_content() -> Result<()> {
    let rows = "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}, {\"role\": \"usr\", \"content\": \"a\"}]}\n{\"messages\": []}\n";
    let expected = [
        "rows.jsonl:1: `messages[1].role` is \"usr\", which is no role of a conversation",
        "rows.jsonl:2: `messages` is empty",
    ];
    assert_eq!(mistakes(rows, &[("messages", Role::Messages)])?, expected);
    Ok(())
}

#[test]
fn labels_that_are_not_as_many_as_their_tokens_are_kept_for_their_type_to_judge() -> Result<()> {
    let rows = "{\"input_ids\": [5, 6], \"labels\": [5, 6]}\n{\"input_ids\": [5, 6], \"labels\": [5]}\n";
    let seen = looked("ids.jsonl", rows, Extent::Sample, &[("input_ids", Role::InputIds), ("labels", Role::Labels)])?;
    let unlike = seen.columns[1].unlike.map(|unlike| (unlike.line, unlike.tokens, unlike.labels));
    assert_eq!((unlike, seen.columns[0].unlike.is_none(), seen.mistakes.len()), (Some((2, 2, 1)), true, 0));
    Ok(())
}
