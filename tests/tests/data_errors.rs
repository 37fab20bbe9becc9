//! What a data file can have wrong, and what is said about it: file, line, column, value, and what to write.

use tempfile::TempDir;
use trainer_core::Error;
use trainer_core::data::{Dataset, Example};
use trainer_tests::reviews::{Labelled, Rating, Review, Tokenised, file, read};

/// The message without the folder, which is another one at every run.
fn refusal<E: Example>(name: &str, content: impl AsRef<[u8]>) -> String {
    let (folder, path) = file(name, content);
    let error: Error = Dataset::<E>::from_file(&path).map(|_| ()).unwrap_err();
    error.to_string().replace(&format!("{}/", folder.path().display()), "")
}

#[test]
fn a_label_that_is_no_class_is_answered_with_the_nearest() {
    let content = "{\"text\": \"a\", \"label\": \"neutral\"}\n{\"text\": \"b\", \"label\": \"neutal\"}\n";
    let expected = "a.jsonl:2: `label` is \"neutal\", which is no class of `Rating`\nhelp: did you mean \"neutral\"?";
    assert_eq!(refusal::<Review>("a.jsonl", content), expected);
    let expected = "a.csv:2: `label` is \"Postive\", which is no class of `Rating`\nhelp: did you mean \"positive\"?";
    assert_eq!(refusal::<Review>("a.csv", "text,label\na,Postive\n"), expected);
}

#[test]
fn a_label_that_is_like_no_class_is_answered_with_all() {
    let classes = "\nhelp: its classes, in order from 0, are `negative`, `neutral`, `positive`";
    for (value, why) in [
        ("3", "3, which is no class of `Rating`"),
        ("-1", "-1, which is no class of `Rating`"),
        ("1.0", "1.0, which is no class of `Rating`"),
        ("\"angry\"", "\"angry\", which is no class of `Rating`"),
        ("null", "null, expected a class of `Rating`"),
        ("true", "true, expected a class of `Rating`"),
        ("[0]", "an array, expected a class of `Rating`"),
    ] {
        let content = format!("{{\"text\": \"a\", \"label\": {value}}}");
        assert_eq!(refusal::<Review>("a.jsonl", content), format!("a.jsonl:1: `label` is {why}{classes}"));
    }
}

#[test]
fn a_missing_column_is_answered_with_the_columns() {
    let expected = "a.jsonl:2: this row has no `label`\nhelp: did you mean `lable`? Write `label` in this row, as other rows do\nhelp: its columns are `text`, `lable`";
    let content = "{\"text\": \"a\", \"label\": 0}\n{\"text\": \"b\", \"lable\": 0}\n";
    assert_eq!(refusal::<Review>("a.jsonl", content), expected);
    let expected = "a.csv:1: the header has no `label`\nhelp: where the column has another name, write `#[example(column = \"…\")]` on the field\nhelp: its columns are `text`, `stars`";
    assert_eq!(refusal::<Review>("a.csv", "text,stars\na,5\n"), expected);
    assert_eq!(refusal::<Review>("a.jsonl", "{}"), "a.jsonl:1: this row has no `text`\nhelp: it has no columns at all");
}

#[test]
fn a_value_of_another_type_is_named() {
    let text = |value: &str| refusal::<Review>("a.jsonl", format!("{{\"text\": {value}, \"label\": 0}}"));
    assert_eq!(text("5"), "a.jsonl:1: `text` is 5, expected a text");
    assert_eq!(text("[\"a\"]"), "a.jsonl:1: `text` is an array, expected a text");
    let ids = |value: &str| refusal::<Tokenised>("a.jsonl", format!("{{\"input_ids\": {value}, \"label\": 0}}"));
    let whole = "expected a whole number from 0 to 4294967295";
    assert_eq!(ids("[1, -2]"), format!("a.jsonl:1: `input_ids[1]` is -2, {whole}"));
    assert_eq!(ids("[1, 2.5]"), format!("a.jsonl:1: `input_ids[1]` is 2.5, {whole}"));
    assert_eq!(ids("\"1 2\""), "a.jsonl:1: `input_ids` is \"1 2\", expected a list");
}

#[test]
fn numbers_must_be_finite_numbers() {
    let number = |name: &str, content: &str| refusal::<Labelled<f32>>(name, content);
    assert_eq!(number("a.csv", "text,label\na,high\n"), "a.csv:2: `label` is \"high\", expected a number");
    let expected = "a.csv:2: `label` is \"nan\", which is not a finite number of this type";
    assert_eq!(number("a.csv", "text,label\na,nan\n"), expected);
    let expected = "a.jsonl:1: `label` is 1e+40, which is not a finite number of this type";
    assert_eq!(number("a.jsonl", "{\"text\": \"a\", \"label\": 1e40}"), expected);
    let expected = "a.jsonl:1: `label` is \"1\", expected a number";
    assert_eq!(number("a.jsonl", "{\"text\": \"a\", \"label\": \"1\"}"), expected);
    for (value, column) in [("NaN", 24), ("-Infinity", 25), ("Infinity", 24)] {
        let message = number("a.jsonl", &format!("{{\"text\": \"a\", \"label\": {value}}}"));
        let name = value.trim_start_matches('-');
        assert!(message.starts_with(&format!("a.jsonl:1:{column}: this is not JSON: ")), "{message}");
        assert!(
            message.ends_with(&format!("JSON has no `{name}`: leave the row out, or write a number or `null`")),
            "{message}"
        );
    }
}

#[test]
fn several_labels_that_are_none_of_these_are_refused() {
    let list =
        |value: &str| refusal::<Labelled<Vec<Rating>>>("a.jsonl", format!("{{\"text\": \"a\", \"label\": {value}}}"));
    let message = list("[\"neutral\", \"postive\"]");
    assert_eq!(
        message,
        "a.jsonl:1: `label[1]` is \"postive\", which is no class of `Rating`\nhelp: did you mean \"positive\"?"
    );
    let message = list("[0, 1, 0, 1]");
    assert_eq!(
        message,
        "a.jsonl:1: `label[2]` is 0, and names the class `negative` again\nhelp: each class once, or a vector of 3 numbers, each 0 or 1"
    );
    let message = list("[0.0, 1.0]");
    assert_eq!(
        message,
        "a.jsonl:1: `label` is an array, which is no 0/1 vector for the classes of `Rating`\nhelp: 3 numbers, each 0 or 1, or a list of the classes' names"
    );
    assert_eq!(list("\"neutral\""), "a.jsonl:1: `label` is \"neutral\", expected a list");
}

#[test]
fn several_numbers_must_be_as_many_as_the_label_has() {
    let dataset = read::<Labelled<[f32; 2]>>("a.jsonl", "{\"text\": \"a\", \"label\": [1, 2.5]}").unwrap();
    assert_eq!(dataset.examples(), [Labelled { text: "a".to_owned(), label: [1.0, 2.5] }]);
    let message = refusal::<Labelled<[f32; 2]>>("a.jsonl", "{\"text\": \"a\", \"label\": [1]}");
    assert_eq!(message, "a.jsonl:1: `label` has 1 numbers, expected 2");
}

#[test]
fn an_empty_text_is_refused_with_its_line() {
    let rows = "{\"text\": \"a\", \"label\": 0}\n{\"text\": \"\", \"label\": 0}\n";
    assert_eq!(
        refusal::<Review>("a.jsonl", rows),
        "a.jsonl:2: `text` is empty\nhelp: leave the row out, or give it a text"
    );
    let message = refusal::<Review>("a.csv", "text,label\n  ,0\n");
    assert_eq!(message, "a.csv:2: `text` holds only white space\nhelp: leave the row out, or give it a text");
}

#[test]
fn tokens_and_their_mask_must_go_together() {
    let row = |ids: &str, mask: &str| {
        refusal::<Tokenised>("a.jsonl", format!("{{\"input_ids\": {ids}, \"attention_mask\": {mask}, \"label\": 0}}"))
    };
    let message = row("[1, 2, 3]", "[1, 1]");
    assert_eq!(
        message,
        "a.jsonl:1: `input_ids` has 3 tokens, but `attention_mask` has 2\nhelp: one number for each token"
    );
    assert!(row("[]", "[]").starts_with("a.jsonl:1: `input_ids` is empty\n"));
    assert!(row("[1]", "[0]").starts_with("a.jsonl:1: `attention_mask` is 0 everywhere"));
    assert!(row("[1]", "[7]").starts_with("a.jsonl:1: `attention_mask[0]` is 7, expected 0 or 1"));
    let dataset = read::<Tokenised>("a.jsonl", "{\"input_ids\": [1], \"label\": 0}").unwrap();
    assert_eq!(dataset[0].attention_mask, None);
}

#[test]
fn broken_json_is_refused_with_line_and_column() {
    let cut = "{\"text\": \"a\", \"label\": 0}\n{\"text\": \"b\", \"la";
    let message = refusal::<Review>("a.jsonl", cut);
    assert!(message.starts_with("a.jsonl:2:17: the JSON ends too early: "), "{message}");
    let message = refusal::<Review>("a.jsonl", "{\"text\": \"a\" \"label\": 0}");
    assert!(message.starts_with("a.jsonl:1:14: this is not JSON: expected `,` or `}`"), "{message}");
    let message = refusal::<Review>("a.jsonl", "{\"text\": \"a\", \"label\": 0} {}");
    assert!(message.starts_with("a.jsonl:1:27: this is not JSON: trailing characters"), "{message}");
    let message = refusal::<Review>("a.jsonl", "{\"text\": \"a\", \"text\": \"b\", \"label\": 0}");
    assert!(message.contains("this is not JSON: the key `text` is there twice"), "{message}");
    let message = refusal::<Review>("a.jsonl", "[{\"text\": \"a\", \"label\": 0}]");
    assert!(
        message.starts_with("a.jsonl:1: this row is an array, expected a JSON object\nhelp: one array"),
        "{message}"
    );
    let message = refusal::<Review>("a.jsonl", "negative great film");
    assert!(message.starts_with("a.jsonl:1:2: this is not JSON: "), "{message}");
}

#[test]
fn a_broken_json_array_is_refused_with_line_and_column() {
    let row = "{\"text\": \"a\", \"label\": 0}";
    for (content, start) in [
        (format!("[\n{row},\n{{\"text\": \"b"), "a.json:3:11: the JSON ends too early: "),
        (format!("[{row},\n  {{\"text\" 1}}]"), "a.json:2:11: this is not JSON: expected `:`"),
        (format!("[{row}"), "a.json:1: the JSON ends too early: the array is not closed"),
        (format!("[{row},"), "a.json:1: the JSON ends too early: the array is not closed"),
        (format!("[{row},]"), "a.json:1: this is not JSON: expected a JSON object"),
        (format!("[{row} {row}]"), "a.json:1:28: this is not JSON: trailing characters"),
        (format!("[{row}] x"), "a.json:1: this is not JSON: something follows the end of the array"),
        (format!("[\n{row},\n5]"), "a.json:3: this row is a number, expected a JSON object"),
        (
            format!("{row}\n{row}"),
            "a.json:1: this file does not begin with `[`, expected a JSON array of objects\nhelp: one object a line is JSONL",
        ),
        (
            "[]".to_owned(),
            "`a.json` has no rows\nhelp: write at least one row: a JSON object in `.jsonl` and `.json`, a line below the header in `.csv` and `.tsv`",
        ),
    ] {
        let message = refusal::<Review>("a.json", &content);
        assert!(message.starts_with(start), "{content}\ngave {message}");
    }
}

#[test]
fn rows_that_do_not_fit_the_header_are_refused() {
    let message = refusal::<Review>("a.csv", "text,label\r\n\r\na,0\r\nb, c,1\r\n");
    assert_eq!(
        message,
        "a.csv:4: this row has 3 fields, but the header has 2\nhelp: a field that holds the separator stands in quotes"
    );
    let message = refusal::<Review>("a.csv", "text,label,text\na,0,b\n");
    assert_eq!(message, "a.csv:1: the header has the column `text` twice\nhelp: every column needs a name of its own");
    let message = refusal::<Review>("a.csv", "label,text\n0,a\n1,\"b\n2,c\n");
    assert!(message.starts_with("a.csv:3: a quote that opens in this row is never closed\n"), "{message}");
    let message = refusal::<Review>("a.csv", "text,label\na,0\n\"b,1\nc,2\n");
    assert_eq!(
        message,
        "a.csv:3: this row has 1 fields, but the header has 2\nhelp: a quote that opens in this row is perhaps never closed"
    );
}

#[test]
fn bytes_that_are_not_utf8_are_refused_with_their_place() {
    let message =
        refusal::<Review>("a.jsonl", b"{\"text\": \"a\", \"label\": 0}\n{\"text\": \"caf\xe9\", \"label\": 0}\n");
    assert!(
        message.starts_with("a.jsonl:2: byte 14 of this line is not UTF-8\nhelp: save the file as UTF-8"),
        "{message}"
    );
    let message = refusal::<Review>("a.json", b"[{\"text\": \"a\",\n\"label\": \"\xff\"}]");
    assert!(message.starts_with("a.json:2: byte 11 of this line is not UTF-8"), "{message}");
    let message = refusal::<Review>("a.csv", b"label,text\n0,a\n1,caf\xe9\n");
    assert!(message.starts_with("a.csv:3: byte 4 of `text` is not UTF-8"), "{message}");
}

#[test]
fn files_without_rows_are_refused() {
    for (name, content) in
        [("a.jsonl", ""), ("b.jsonl", "\n \n"), ("a.json", " "), ("a.csv", ""), ("b.csv", "text,label\n")]
    {
        assert_eq!(
            refusal::<Review>(name, content),
            format!(
                "`{name}` has no rows\nhelp: write at least one row: a JSON object in `.jsonl` and `.json`, a line below the header in `.csv` and `.tsv`"
            )
        );
    }
}

#[test]
fn json_of_another_shape_is_answered_with_the_shape_it_has() {
    let array = "a.jsonl:1: this row is an array, expected a JSON object\nhelp: one array over the whole file is `.json`: read it with `Dataset::from_json`";
    for content in ["[\n  {\n    \"text\": \"a\"", "[{\"text\": \"a\"}]"] {
        assert_eq!(refusal::<Review>("a.jsonl", content), array);
    }
    let lines = "one object a line is JSONL: name the file `.jsonl`, or read it with `Dataset::from_jsonl`";
    let rows = "write one object for each row: `[{\"text\": \"…\", \"label\": \"…\"}, …]`";
    let value = "the array that `data` holds is what belongs in the file, without the rest";
    for (content, help) in [
        ("{\"text\": \"a\", \"label\": 0}", lines),
        ("{\"text\": [{\"x\": 1}]}\n\n{\"text\": \"b\"}", lines),
        ("{\"data\": [{\"text\": \"a\"}]}", value),
        ("{\n  \"version\": [1, 2],\n  \"data\" : [\n    {", value),
        ("{\"text\": [\"a\"], \"label\": [0]}", rows),
        ("{\n  \"text\": [\"a\"],\n  \"label\": [0]\n}", rows),
        ("{", rows),
        ("5", rows),
    ] {
        let expected =
            format!("a.json:1: this file does not begin with `[`, expected a JSON array of objects\nhelp: {help}");
        assert_eq!(refusal::<Review>("a.json", content), expected, "{content}");
    }
}

#[test]
fn another_separator_is_told_from_the_header() {
    let help = "help: the separator is a comma in `.csv`, and a tab in `.tsv`";
    for (file, header, shown) in
        [("a.csv", "text;label", "`;`"), ("a.csv", "text\tlabel", "a tab"), ("a.tsv", "text,label", "`,`")]
    {
        let expected = format!("{file}:1: the header is one column, with {shown} in its name\n{help}");
        assert_eq!(refusal::<Review>(file, format!("{header}\na, b;0\n")), expected);
    }
    assert!(refusal::<Review>("a.csv", "text;\na\n").starts_with("a.csv:1: the header has no `text`"));
}

#[test]
fn files_that_are_not_there_are_named() {
    let message = Dataset::<Review>::from_csv("no/such.csv").unwrap_err().to_string();
    assert!(
        message.starts_with("there is no file `no/such.csv`\nhelp: a path is taken from the working directory; "),
        "{message}"
    );
    let message = Dataset::<Review>::from_file("imdb").unwrap_err().to_string();
    assert!(message.contains("\nhelp: a data set of the hub is read when the program runs: `Dataset::from_hub(\"owner/name\", \"train\")?`"), "{message}");
    let folder = TempDir::new().unwrap();
    let message = Dataset::<Review>::from_csv(folder.path()).unwrap_err().to_string();
    assert!(message.ends_with("is a folder, expected a file"), "{message}");
    let message = Dataset::<Review>::from_file("train.josn").unwrap_err().to_string();
    assert!(
        message.starts_with("the extension of `train.josn` names no format of data files\nhelp: did you mean `.json`?"),
        "{message}"
    );
}

#[test]
fn files_named_on_the_struct_are_found_in_the_crate() {
    assert_eq!(Dataset::<Tokenised>::train().unwrap().len(), 2);
    let message = Dataset::<Tokenised>::eval().unwrap_err().to_string();
    assert!(message.starts_with("there is no file `data/none.jsonl`\nhelp: looked in `"), "{message}");
    let message = Dataset::<Tokenised>::test().unwrap_err().to_string();
    assert!(message.starts_with("`Tokenised` names no test file\nhelp: write `#[example(test = "), "{message}");
}

#[test]
fn examples_made_in_the_program_are_checked_when_asked() {
    let fine = Dataset::from_examples(vec![Labelled { text: "a".to_owned(), label: Rating::Neutral }]);
    assert!(fine.check().is_ok());
    let empty = Dataset::from_examples(vec![Labelled { text: " ".to_owned(), label: Rating::Neutral }]);
    assert!(empty.check().unwrap_err().to_string().starts_with("example 0: `text` holds only white space"));
    let endless = Dataset::from_examples(vec![Labelled { text: "a".to_owned(), label: f32::NAN }]);
    assert!(endless.check().unwrap_err().to_string().starts_with("example 0: `label` holds NaN at position 0"));
}
