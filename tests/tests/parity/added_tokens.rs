//! Added tokens have the ids, and are found and saved, as transformers does it.

use serde::Deserialize;
use serde_json::Value;
use trainer_core::text::Tokenizer;
use trainer_tests::fixtures;

#[derive(Deserialize)]
struct Golden {
    tokenizer: String,
    tokens: Vec<String>,
    special_tokens: Vec<String>,
    new: usize,
    new_special: usize,
    size: usize,
    added: Value,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    text: String,
    input_ids: Vec<u32>,
    decoded: String,
    without_special: String,
}

#[test]
fn added_tokens_are_found_and_saved_as_in_transformers() {
    let golden: Vec<Golden> = serde_json::from_value(trainer_tests::json("tokenizers/added.json")).unwrap();
    for golden in golden {
        let mut tokenizer = Tokenizer::from_dir(fixtures().join("tokenizers").join(&golden.tokenizer)).unwrap();
        let first = tokenizer.vocabulary_size();
        assert_eq!(tokenizer.add_tokens(&golden.tokens).unwrap(), golden.new);
        assert_eq!(tokenizer.add_special_tokens(&golden.special_tokens).unwrap(), golden.new_special);
        assert_eq!(tokenizer.vocabulary_size(), golden.size);

        let folder = tempfile::tempdir().unwrap();
        tokenizer.save(folder.path()).unwrap();
        let saved = std::fs::read(folder.path().join("tokenizer.json")).unwrap();
        let saved: Value = serde_json::from_slice(&saved).unwrap();
        let is_new = |token: &&Value| token["id"].as_u64().is_some_and(|id| id as usize >= first);
        let added: Vec<Value> = saved["added_tokens"].as_array().unwrap().iter().filter(is_new).cloned().collect();
        assert_eq!(Value::from(added), golden.added);

        for tokenizer in [tokenizer, Tokenizer::from_dir(folder.path()).unwrap()] {
            for case in &golden.cases {
                let ids = tokenizer.encode(&case.text, None).unwrap().input_ids;
                assert_eq!(ids, case.input_ids, "{}: {}", golden.tokenizer, case.text);
                assert_eq!(tokenizer.decode(&ids).unwrap(), case.decoded);
                assert_eq!(tokenizer.decode_without_special_tokens(&ids).unwrap(), case.without_special);
            }
        }
    }
}
