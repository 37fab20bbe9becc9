//! Tags of words on their tokens, and the tokens of texts to write, equal those of Hugging Face, number by number.

use serde::Deserialize;
use trainer_core::data::IGNORE;
use trainer_core::text::{Side, Tokenizer};
use trainer_tests::fixtures;

#[derive(Deserialize)]
struct Golden {
    rows: Vec<Row>,
    cases: Vec<Case>,
    targets: Vec<Written>,
}

/// Words with the index of their class, -100 where there is none.
#[derive(Deserialize)]
struct Row {
    words: Vec<String>,
    tags: Vec<i64>,
}

/// What the alignment by `word_ids()` gives, with `add_prefix_space=True` where a space belongs to the token after it.
#[derive(Deserialize)]
struct Case {
    tokenizer: String,
    row: usize,
    side: String,
    max_length: Option<usize>,
    input_ids: Vec<u32>,
    labels: Vec<i64>,
}

/// What `tokenizer(source, text_target=target)` gives.
#[derive(Deserialize)]
struct Written {
    tokenizer: String,
    source: String,
    target: String,
    max_length: Option<usize>,
    input_ids: Vec<u32>,
    labels: Vec<u32>,
}

fn golden() -> Golden {
    let file = std::fs::read(fixtures().join("tokenizers").join("tags.json")).unwrap();
    serde_json::from_slice(&file).unwrap()
}

fn tokenizer(name: &str) -> Tokenizer {
    Tokenizer::from_dir(fixtures().join("tokenizers").join(name)).unwrap()
}

fn labels(tags: &[i64]) -> Vec<u32> {
    tags.iter().map(|tag| u32::try_from(*tag).unwrap_or(IGNORE)).collect()
}

#[test]
fn tags_stand_on_the_first_tokens_of_their_words_cut_or_not() {
    let golden = golden();
    assert_eq!(golden.cases.len(), 108);
    for case in &golden.cases {
        let (row, mut tokenizer) = (&golden.rows[case.row], tokenizer(&case.tokenizer));
        tokenizer.set_truncation_side(if case.side == "left" { Side::Left } else { Side::Right });
        let ours = tokenizer.encode_words(&row.words, case.max_length).unwrap();
        let name = format!("{}, {:?} from the {}: {:?}", case.tokenizer, case.max_length, case.side, row.words);
        assert_eq!(ours.input_ids, case.input_ids, "{name}");
        assert_eq!(ours.labels_of_words(&labels(&row.tags)), labels(&case.labels), "{name}");
    }
}

#[test]
fn texts_to_write_have_the_special_tokens_of_texts() {
    let golden = golden();
    assert_eq!(golden.targets.len(), 32);
    for case in &golden.targets {
        let tokenizer = tokenizer(&case.tokenizer);
        for (text, ids) in [(&case.source, &case.input_ids), (&case.target, &case.labels)] {
            let ours = tokenizer.encode(text, case.max_length).unwrap();
            assert_eq!(&ours.input_ids, ids, "{}: {text}", case.tokenizer);
        }
    }
}
