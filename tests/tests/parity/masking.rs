//! Shares of tokens that are masked, against ten thousand draws of Hugging Face's collator.

use serde_json::Value;
use trainer_core::collate::{Collation, Collator, Item, ItemInput, MaskedLm};
use trainer_core::data::{IGNORE, Target};
use trainer_core::text::Tokenizer;

/// Of 740 000 candidates: a share of 0.15 of them varies by 0.0004, a share of the 111 000 chosen by 0.0012 (standard deviation).
const TOLERANCE: f64 = 0.005;

#[derive(Default)]
struct Counts {
    candidates: usize,
    chosen: usize,
    masked: usize,
    kept: usize,
    random: usize,
    of_special_tokens: usize,
    changed_unchosen: usize,
    /// By the id that a random token has.
    drawn: Vec<usize>,
}

impl Counts {
    fn add(&mut self, item: &Item, ids: &[u32], labels: &[u32], mask: u32) {
        let encoding = item.input.tokens().unwrap();
        for place in 0..encoding.len() {
            let (before, id, label) = (encoding.input_ids[place], ids[place], labels[place]);
            let is_special = encoding.special_tokens_mask[place] == 1;
            self.candidates += usize::from(!is_special);
            if label == IGNORE {
                self.changed_unchosen += usize::from(id != before);
                continue;
            }
            assert_eq!(label, before);
            self.chosen += 1;
            self.of_special_tokens += usize::from(is_special);
            if id == mask {
                self.masked += 1;
            } else if id == before {
                self.kept += 1;
            } else {
                self.random += 1;
                self.drawn[id as usize] += 1;
            }
        }
    }

    fn of_chosen(&self, count: usize) -> f64 {
        count as f64 / self.chosen as f64
    }
}

fn collator(args: &Value) -> MaskedLm {
    if args["whole_word_mask"] == true {
        return MaskedLm::new().whole_word();
    }
    let number = |name: &str, default: f64| args[name].as_f64().unwrap_or(default);
    MaskedLm::new()
        .probability(number("mlm_probability", 0.15))
        .mask(number("mask_replace_prob", 0.8))
        .random(number("random_replace_prob", 0.1))
}

#[test]
fn as_many_tokens_are_masked_replaced_and_kept() {
    let figures = trainer_tests::json("collators/mlm_statistics.json");
    let tokenizer = Tokenizer::from_dir(trainer_tests::fixtures().join("tokenizers/wordpiece")).unwrap();
    let mask = tokenizer.special_tokens().mask_token.as_ref().unwrap().id;
    let texts = figures["texts"].as_array().unwrap().iter().map(|text| text.as_str().unwrap());
    let items: Vec<Item> = texts
        .enumerate()
        .map(|(row, text)| {
            let encoding = tokenizer.encode(text, None).unwrap();
            let ids = figures["input_ids"][row].as_array().unwrap().iter().map(|id| id.as_u64().unwrap() as u32);
            assert!(encoding.input_ids.iter().copied().eq(ids.take(encoding.len())));
            Item { row, input: ItemInput::Tokens(encoding), target: Target::None }
        })
        .collect();
    let all: Vec<&Item> = items.iter().collect();
    for case in figures["cases"].as_array().unwrap() {
        let collator = collator(&case["args"]);
        let mut counts = Counts { drawn: vec![0; tokenizer.vocabulary_size()], ..Counts::default() };
        for epoch in 0..case["draws"].as_u64().unwrap() as u32 {
            let collation = Collation {
                tokenizer: Some(&tokenizer),
                seed: 42,
                epoch: Some(epoch),
                vocabulary_size: Some(800),
                ..Collation::default()
            };
            let batch = collator.collate_in(&all, &collation).unwrap();
            let ids: Vec<Vec<u32>> = batch.input_ids().unwrap().to_vec2().unwrap();
            let labels: Vec<Vec<u32>> = batch.labels().unwrap().to_vec2().unwrap();
            for ((item, ids), labels) in items.iter().zip(&ids).zip(&labels) {
                counts.add(item, ids, labels, mask);
            }
        }
        assert_eq!((counts.of_special_tokens, counts.changed_unchosen), (0, 0));
        let near = |what: &str, found: f64, expected: f64| {
            assert!((found - expected).abs() <= TOLERANCE, "{}: {what} {found}, theirs {expected}", case["args"]);
        };
        let theirs = |name: &str| case["of_selected"][name].as_f64().unwrap();
        let chosen = counts.chosen as f64 / counts.candidates as f64;
        near("chosen", chosen, case["fraction_selected"].as_f64().unwrap());
        near("masked", counts.of_chosen(counts.masked), theirs("masked"));
        near("random", counts.of_chosen(counts.random), theirs("random"));
        near("kept", counts.of_chosen(counts.kept), theirs("kept"));
        if theirs("random") > 0.0 {
            // Every id is as likely, special ones too; the mask token's own counts as masked.
            let drawn = counts.drawn.iter().enumerate().filter(|(id, _)| *id != mask as usize);
            let mean = counts.random as f64 / 799.0;
            assert!(drawn.clone().all(|(_, count)| (*count as f64 - mean).abs() < 6.0 * mean.sqrt()));
            let largest = drawn.filter(|(_, count)| **count > 0).map(|(id, _)| id as u64).max();
            assert_eq!(largest, case["random_ids"]["max"].as_u64());
        }
    }
}
