//! What is read from data files of all formats, and what becomes of a data set.

use std::collections::BTreeSet;

use trainer_core::data::{
    ClassLabel, Column, Dataset, LabelColumn, MultiLabelClassification, Regression, SequenceClassification, Target,
    Task,
};
use trainer_tests::reviews::{Labelled, Rating, Review, file, read};

fn labels<L: LabelColumn + Column + Clone + Send + Sync + 'static>(name: &str, content: &str) -> Vec<L> {
    read::<Labelled<L>>(name, content).unwrap().iter().map(|example| example.label.clone()).collect()
}

#[test]
fn all_formats_read_the_same_rows() {
    let expected = [
        Labelled { text: "a, \"b\"".to_owned(), label: Rating::Negative },
        Labelled { text: "größer".to_owned(), label: Rating::Positive },
    ];
    let object = |text: &str, label: &str| format!("{{\"text\": {text}, \"label\": {label}}}");
    let rows = [object(r#""a, \"b\"""#, "\"negative\""), object("\"größer\"", "2")];
    for (name, content) in [
        ("a.jsonl", rows.join("\n")),
        ("bom.jsonl", format!("\u{feff}{}\r\n\r\n{}\r\n", rows[0], rows[1])),
        ("a.json", format!("\u{feff}[\n  {},\n  {}\n]\n", rows[0], rows[1])),
        ("flat.json", format!("[{}]", rows.join(","))),
        ("a.csv", "label,text\nnegative,\"a, \"\"b\"\"\"\n2,größer".to_owned()),
        ("bom.csv", "\u{feff}label,text\r\nnegative,\"a, \"\"b\"\"\"\r\n\r\n2,größer\r\n".to_owned()),
        ("a.tsv", "text\tlabel\n\"a, \"\"b\"\"\"\tnegative\ngrößer\tpositive\n".to_owned()),
    ] {
        let dataset = read::<Review>(name, &content).unwrap();
        assert_eq!(dataset.examples(), expected, "{name}");
    }
}

#[test]
fn every_row_knows_its_line() {
    let lines = |name: &str, content: &str| {
        let dataset = read::<Review>(name, content).unwrap();
        let places = (0..dataset.len()).map(|row| dataset.place(row));
        places.map(|place| place.rsplit_once(':').unwrap().1.parse().unwrap()).collect::<Vec<usize>>()
    };
    let row = "{\"text\": \"a\", \"label\": 0}";
    assert_eq!(lines("a.jsonl", &format!("\n{row}\n\n{row}")), [2, 4]);
    assert_eq!(lines("a.json", &format!("[\n{row}, {row},\n\n{{\n\"text\":\n\"a\", \"label\": 0}}]")), [2, 2, 4]);
    for end in ["\n", "\r\n"] {
        let content = ["", "text,label", "a,0", "", "\"b\nc\",1", "", "", "d,2"].join(end);
        let line_in_field = 1;
        assert_eq!(lines("a.csv", &content), [3, 5, 8 + line_in_field], "{end:?}");
    }
}

#[test]
fn labels_decide_the_task_and_the_target() {
    fn outputs<L: LabelColumn>(_: &L) -> usize {
        <L::Task as Task>::OUTPUTS
    }
    assert_eq!(Rating::Positive.target(), Target::Class(2));
    assert_eq!(vec![Rating::Positive].target(), Target::MultiHot(vec![0.0, 0.0, 1.0]));
    assert_eq!(BTreeSet::from([Rating::Negative, Rating::Neutral]).target(), Target::MultiHot(vec![1.0, 1.0, 0.0]));
    assert_eq!(0.5_f32.target(), Target::Values(vec![0.5]));
    assert_eq!([0.5_f32, 1.5].target(), Target::Values(vec![0.5, 1.5]));
    assert_eq!((outputs(&Rating::Neutral), outputs(&0.5_f32), outputs(&[0.5_f32, 1.5])), (3, 1, 2));
}

#[test]
fn several_labels_are_names_indices_or_a_vector_of_0_and_1() {
    use Rating::{Negative, Neutral, Positive};
    let expected = [vec![Positive, Negative], vec![Negative, Neutral], vec![Neutral, Positive], vec![], vec![Positive]];
    let values = ["[\"positive\", \"negative\"]", "[0, 1]", "[0, 1, 1]", "[0.0, 0.0, 0.0]", "[false, false, true]"];
    let rows = values.map(|value| format!("{{\"text\": \"a\", \"label\": {value}}}"));
    assert_eq!(labels::<Vec<Rating>>("a.jsonl", &rows.join("\n")), expected);
    let sets: Vec<BTreeSet<Rating>> = expected.iter().map(|list| list.iter().copied().collect()).collect();
    assert_eq!(labels::<BTreeSet<Rating>>("a.jsonl", &rows.join("\n")), sets);
    assert_eq!(labels::<Vec<Rating>>("a.tsv", "text\tlabel\na\t[\"neutral\"]\n"), [vec![Neutral]]);
}

#[test]
fn brackets_and_quotes_in_texts_do_not_end_an_element() {
    let content = r#"[{"text": "a ], } \" , [ {", "label": 0}, {"text": "b\\", "label": 1}]"#;
    let dataset = read::<Review>("a.json", content).unwrap();
    assert_eq!(dataset[0].text, "a ], } \" , [ {");
    assert_eq!(dataset[1].text, "b\\");
}

#[test]
fn columns_that_no_field_takes_are_counted() {
    let rows =
        "{\"text\": \"a\", \"label\": 0, \"id\": 1}\n{\"text\": \"b\", \"label\": 0, \"id\": 2, \"note\": null}\n";
    let dataset = read::<Review>("a.jsonl", rows).unwrap();
    let unused: Vec<(&str, usize)> =
        dataset.unused_columns().iter().map(|column| (column.name.as_str(), column.rows)).collect();
    assert_eq!(unused, [("id", 2), ("note", 1)]);
}

fn numbered(count: usize) -> Dataset<Review> {
    let class = |index| Rating::from_index(usize::from(index % 10 >= 6) + usize::from(index % 10 == 9)).unwrap();
    (0..count).map(|index| Labelled { text: index.to_string(), label: class(index) }).collect()
}

fn count(dataset: &Dataset<Review>, class: Rating) -> usize {
    dataset.iter().filter(|example| example.label == class).count()
}

#[test]
fn a_split_keeps_every_example_once_and_its_place() {
    let (train, test) = numbered(23).train_test_split(0.2, 7).unwrap();
    assert_eq!((train.len(), test.len()), (18, 5));
    let mut texts: Vec<usize> = train.iter().chain(&test).map(|example| example.text.parse().unwrap()).collect();
    assert!(train.iter().enumerate().all(|(row, example)| train.place(row) == format!("example {}", example.text)));
    texts.sort_unstable();
    assert_eq!(texts, (0..23).collect::<Vec<_>>());
    let again = numbered(23).train_test_split(0.2, 7).unwrap().1;
    assert_eq!(test.examples(), again.examples());
    let other = numbered(23).train_test_split(0.2, 8).unwrap().1;
    assert_ne!(test.examples(), other.examples());
    assert_eq!(numbered(100).train_test_split(0.07, 0).unwrap().1.len(), 7);
}

#[test]
fn a_stratified_split_keeps_the_proportions_of_the_classes() {
    let (train, test) = numbered(100).train_test_split_stratified(0.2, 1).unwrap();
    let shares = |part| [Rating::Negative, Rating::Neutral, Rating::Positive].map(|class| count(part, class));
    assert_eq!((shares(&test), shares(&train)), ([12, 6, 2], [48, 24, 8]));
    let (_, small) = numbered(20).train_test_split_stratified(0.15, 1).unwrap();
    assert_eq!(shares(&small), [1, 1, 1]);
}

#[test]
fn splits_that_cannot_be_are_refused() {
    let split = |fraction| numbered(10).train_test_split(fraction, 0).map(|_| ()).unwrap_err().to_string();
    assert!(split(1.5).starts_with("the fraction to test on is 1.5, expected a number between 0 and 1"));
    assert!(split(f64::NAN).starts_with("the fraction to test on is NaN"));
    assert!(split(0.95).starts_with("0.95 of 10 examples leaves a part of the split empty"));
    let message = numbered(10).train_test_split_stratified(0.3, 0).unwrap_err().to_string();
    assert!(message.starts_with("class \"positive\" has one example, but a split by class needs two"), "{message}");
    let message = numbered(20).train_test_split_stratified(0.1, 0).unwrap_err().to_string();
    assert!(message.starts_with("2 of 20 examples cannot hold all 3 classes in both parts"), "{message}");
    let numbers: Dataset<Labelled<f32>> =
        [0.0, 1.0, 2.0].map(|label| Labelled { text: "a".to_owned(), label }).into_iter().collect();
    let message = numbers.train_test_split_stratified(0.3, 0).unwrap_err().to_string();
    assert!(message.starts_with("`Review` has not one class an example"), "{message}");
}

#[test]
fn filtered_and_mapped_rows_keep_their_places() {
    let content = "text,label\na,0\nb,1\nc,0\n";
    let (_folder, path) = file("a.csv", content);
    let dataset = Dataset::<Review>::from_csv(&path).unwrap().filter(|example| example.label == Rating::Negative);
    let dataset = dataset.map(|example| Labelled { text: example.text.to_uppercase(), label: 1.0_f32 });
    assert_eq!(dataset[1], Labelled { text: "C".to_owned(), label: 1.0 });
    assert_eq!(dataset.place(1), format!("{}:4", path.display()));
    assert_eq!(dataset.get(2), None);
}

/// The tasks by name, so that another type than these is an error here.
#[test]
fn label_types_have_these_tasks() {
    fn task<L: LabelColumn<Task = T>, T: Task>() {}
    task::<Rating, SequenceClassification<Rating>>();
    task::<Vec<Rating>, MultiLabelClassification<Rating>>();
    task::<BTreeSet<Rating>, MultiLabelClassification<Rating>>();
    task::<f32, Regression<1>>();
    task::<[f32; 4], Regression<4>>();
}
