//! Encodings equal those of Hugging Face's tokenizers, number by number.

use serde::Deserialize;
use trainer_core::text::{
    ByteLevelBpeSettings, Encoding, PaddingSettings, Side, Tokenizer, WordPieceSettings, padding,
};
use trainer_tests::fixtures;

/// As BERT has them (`wordpiece`); byte-level without added tokens, as `RoBERTa` adds them, and as T5 does.
const TOKENIZERS: [&str; 4] = ["wordpiece", "bpe", "bpe-roberta", "bpe-eos"];

#[derive(Deserialize)]
struct Golden {
    single: Vec<Case>,
    pair: Vec<Case>,
    truncated: Vec<Case>,
    pair_truncated: Vec<Case>,
    batch_padded: Vec<Padded>,
    decode: Vec<Decoded>,
}

#[derive(Deserialize)]
struct Case {
    text: String,
    pair: Option<String>,
    add_special_tokens: Option<bool>,
    max_length: Option<usize>,
    side: Option<String>,
    input_ids: Vec<u32>,
    token_type_ids: Option<Vec<u32>>,
    attention_mask: Vec<u32>,
    special_tokens_mask: Vec<u32>,
    offset_mapping: Vec<(usize, usize)>,
    tokens: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Padded {
    side: String,
    input_ids: Vec<Vec<u32>>,
    token_type_ids: Option<Vec<Vec<u32>>>,
    attention_mask: Vec<Vec<u32>>,
}

#[derive(Deserialize)]
struct Decoded {
    ids: Vec<u32>,
    text: String,
    skip_special: String,
}

fn load(name: &str) -> (Tokenizer, Golden) {
    let folder = fixtures().join("tokenizers").join(name);
    let golden = std::fs::read(folder.join("golden.json")).unwrap();
    (Tokenizer::from_dir(folder).unwrap(), serde_json::from_slice(&golden).unwrap())
}

fn side(name: &str) -> Side {
    match name {
        "left" => Side::Left,
        "right" => Side::Right,
        other => panic!("no side: {other}"),
    }
}

#[track_caller]
fn assert_equal(name: &str, ours: &Encoding, golden: &Case) {
    let text = &golden.text;
    assert_eq!(ours.input_ids, golden.input_ids, "{name}: ids of {text:?}");
    assert_eq!(ours.attention_mask, golden.attention_mask, "{name}: attention of {text:?}");
    assert_eq!(ours.special_tokens_mask, golden.special_tokens_mask, "{name}: special tokens of {text:?}");
    assert_eq!(ours.offsets, golden.offset_mapping, "{name}: offsets of {text:?}");
    if let Some(types) = &golden.token_type_ids {
        assert_eq!(&ours.token_type_ids, types, "{name}: token types of {text:?}");
    }
    assert_eq!((ours.token_type_ids.len(), ours.word_ids.len()), (ours.len(), ours.len()), "{name}: {text:?}");
}

#[test]
fn single_texts_give_the_same_tokens() {
    for name in TOKENIZERS {
        let (tokenizer, golden) = load(name);
        assert_eq!(golden.single.len(), 36);
        for case in &golden.single {
            let ours = if case.add_special_tokens.unwrap() {
                tokenizer.encode(&case.text, None).unwrap()
            } else {
                tokenizer.encode_without_special_tokens(&case.text).unwrap()
            };
            assert_equal(name, &ours, case);
            let tokens: Vec<String> = ours.input_ids.iter().map(|&id| tokenizer.id_to_token(id).unwrap()).collect();
            assert_eq!(Some(tokens), case.tokens, "{name}: tokens of {:?}", case.text);
        }
    }
}

#[test]
fn pairs_give_the_same_tokens_cut_or_not() {
    for name in TOKENIZERS {
        let (tokenizer, golden) = load(name);
        assert_eq!((golden.pair.len(), golden.pair_truncated.len()), (2, 3));
        for case in golden.pair.iter().chain(&golden.pair_truncated) {
            let pair = case.pair.as_deref().unwrap();
            assert_equal(name, &tokenizer.encode_pair(&case.text, pair, case.max_length).unwrap(), case);
        }
    }
}

#[test]
fn long_texts_are_cut_at_the_same_place_on_both_sides() {
    for name in TOKENIZERS {
        let (mut tokenizer, golden) = load(name);
        assert_eq!(golden.truncated.len(), 4);
        for case in &golden.truncated {
            tokenizer.set_truncation_side(side(case.side.as_deref().unwrap()));
            assert_equal(name, &tokenizer.encode(&case.text, case.max_length).unwrap(), case);
        }
    }
}

#[test]
fn batches_are_padded_alike_on_both_sides() {
    for name in TOKENIZERS {
        let (mut tokenizer, golden) = load(name);
        let texts: Vec<&str> = golden.single.iter().step_by(2).take(5).map(|case| case.text.as_str()).collect();
        let encodings = tokenizer.encode_batch(&texts, None).unwrap();
        let longest = encodings.iter().map(Encoding::len).max().unwrap();
        assert_eq!(golden.batch_padded.len(), 2);
        for case in &golden.batch_padded {
            tokenizer.set_padding_side(side(&case.side));
            let settings: PaddingSettings = tokenizer.padding().unwrap();
            for (row, encoding) in encodings.iter().enumerate() {
                let mut padded = encoding.clone();
                padding::pad(&mut padded, longest, &settings);
                assert_eq!(padded.input_ids, case.input_ids[row], "{name}, {}", case.side);
                assert_eq!(padded.attention_mask, case.attention_mask[row], "{name}, {}", case.side);
                if let Some(types) = &case.token_type_ids {
                    assert_eq!(padded.token_type_ids, types[row], "{name}, {}", case.side);
                }
            }
        }
    }
}

#[test]
fn ids_become_the_same_text() {
    for name in TOKENIZERS {
        let (tokenizer, golden) = load(name);
        assert_eq!(golden.decode.len(), 12);
        for case in &golden.decode {
            assert_eq!(tokenizer.decode(&case.ids).unwrap(), case.text, "{name}");
            assert_eq!(tokenizer.decode_without_special_tokens(&case.ids).unwrap(), case.skip_special, "{name}");
        }
    }
}

#[test]
fn a_saved_tokenizer_is_the_same_tokenizer() {
    for name in TOKENIZERS {
        let (tokenizer, golden) = load(name);
        let folder = tempfile::tempdir().unwrap();
        tokenizer.save(folder.path()).unwrap();
        let again = Tokenizer::from_dir(folder.path()).unwrap();
        assert_eq!(again.special_tokens(), tokenizer.special_tokens(), "{name}");
        assert_eq!(again.padding().unwrap(), tokenizer.padding().unwrap(), "{name}");
        assert_eq!((again.max_length(), again.vocabulary_size()), (Some(64), 800), "{name}");
        assert_eq!(again.chat_template(), tokenizer.chat_template(), "{name}");
        assert_eq!(again.chat_template().is_some(), name == "bpe");
        for case in golden.single.iter().filter(|case| case.add_special_tokens == Some(true)) {
            assert_equal(name, &again.encode(&case.text, None).unwrap(), case);
        }
    }
}

#[derive(Deserialize)]
struct SplitText {
    words: Vec<String>,
    cases: Vec<SplitCase>,
}

#[derive(Deserialize)]
struct SplitCase {
    tokenizer: String,
    max_length: Option<usize>,
    input_ids: Vec<u32>,
    offset_mapping: Vec<(usize, usize)>,
    word_ids: Vec<Option<u32>>,
}

#[test]
fn words_that_are_split_already_give_the_same_tokens() {
    let file = std::fs::read(fixtures().join("tokenizers").join("words.json")).unwrap();
    let golden: SplitText = serde_json::from_slice(&file).unwrap();
    assert_eq!(golden.cases.len(), 8);
    for case in &golden.cases {
        let (name, (tokenizer, _)) = (&case.tokenizer, load(&case.tokenizer));
        let ours = tokenizer.encode_words(&golden.words, case.max_length).unwrap();
        assert_eq!(ours.input_ids, case.input_ids, "{name}");
        // The space before a word is no character of it. Where offsets are not trimmed, Hugging Face gives it the first.
        let space = tokenizer.token_to_id("Ġ");
        let golden_offset = |(&id, &at)| if Some(id) == space { (0, 0) } else { at };
        let offsets: Vec<_> = case.input_ids.iter().zip(&case.offset_mapping).map(golden_offset).collect();
        assert_eq!(ours.offsets, offsets, "{name}");
        assert_eq!(ours.word_ids, case.word_ids, "{name}");
    }
}

#[derive(Deserialize)]
struct Training {
    /// English sentences, then five lines with Korean and accents.
    texts: Vec<String>,
    /// What the training rule gives for these texts, computed by another program in Python.
    wordpiece_600: Vec<String>,
}

const KOREAN_AND_ACCENTS: usize = 5;

fn training() -> Training {
    let file = std::fs::read(fixtures().join("tokenizers").join("training.json")).unwrap();
    serde_json::from_slice(&file).unwrap()
}

fn vocabulary(tokenizer: &Tokenizer) -> Vec<String> {
    (0..tokenizer.vocabulary_size()).map(|id| tokenizer.id_to_token(id as u32).unwrap()).collect()
}

#[test]
fn a_trained_wordpiece_vocabulary_is_what_the_rule_says() {
    let training = training();
    let settings = WordPieceSettings { vocab_size: 600, ..WordPieceSettings::default() };
    let tokenizer = Tokenizer::train_wordpiece(&training.texts, &settings).unwrap();
    assert_eq!(vocabulary(&tokenizer), training.wordpiece_600);
}

/// The reference vocabulary was made by another process, so that this also shows that no hash map decides.
#[test]
fn a_trained_byte_level_vocabulary_is_hugging_faces() {
    let training = training();
    let texts = &training.texts[..training.texts.len() - KOREAN_AND_ACCENTS];
    let settings = ByteLevelBpeSettings {
        vocab_size: 800,
        min_frequency: 0,
        additional_special_tokens: vec!["[INST]".to_owned(), "[/INST]".to_owned()],
        max_length: 64,
        ..ByteLevelBpeSettings::default()
    };
    let tokenizer = Tokenizer::train_byte_level_bpe(texts, &settings).unwrap();
    let (reference, golden) = load("bpe");
    assert_eq!(vocabulary(&tokenizer), vocabulary(&reference));
    for case in golden.single.iter().filter(|case| case.add_special_tokens == Some(true)) {
        let ids = tokenizer.encode(&case.text, None).unwrap().input_ids;
        assert_eq!(ids, case.input_ids, "ids of {:?}", case.text);
    }
}
