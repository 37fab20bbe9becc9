//! Measures of texts and of tokens against the values of sacrebleu, `rouge_score` and numpy, to 1e-9.

use serde_json::Value;
use trainer_core::metrics::texts::bleu::{BleuCounts, BleuSmoothing, bleu_of};
use trainer_core::metrics::texts::chrf::chrf_of;
use trainer_core::metrics::texts::rouge::{RougeScore, RougeWords, rouge_of};
use trainer_core::metrics::{self, EvaluationBatch, EvaluationLabels, GeneratedText, Metric, MetricSet};
use trainer_tests::fixtures;

/// Both sides compute in `f64`; they differ only in the order of sums. Scores are up to 100.
const TOLERANCE: f64 = 1e-9;

const SMOOTHINGS: [(&str, BleuSmoothing); 4] = [
    ("exp", BleuSmoothing::Exponential),
    ("floor", BleuSmoothing::Floor),
    ("add-k", BleuSmoothing::AddOne),
    ("none", BleuSmoothing::Nothing),
];

fn read(file: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(fixtures().join("metrics").join(file)).unwrap()).unwrap()
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

fn pairs<'a>(predictions: &'a Value, references: &'a Value) -> Vec<(&'a str, &'a str)> {
    let pairs: Vec<_> = texts(predictions).into_iter().zip(texts(references)).collect();
    assert!(!pairs.is_empty());
    pairs
}

fn near(what: &str, found: f64, expected: &Value) {
    let expected = expected.as_f64().unwrap_or_else(|| panic!("{what}: no expected value"));
    assert!((found - expected).abs() <= TOLERANCE * expected.abs().max(1.0), "{what}: {found}, expected {expected}");
}

fn near_score(what: &str, found: RougeScore, expected: &Value) {
    let of = |key: &str, at: usize| expected.get(key).unwrap_or(&expected[at]).clone();
    near(what, found.precision, &of("precision", 0));
    near(what, found.recall, &of("recall", 1));
    near(what, found.f1, &of("f1", 2));
}

#[test]
fn bleu_equals_sacrebleu_in_every_smoothing() {
    for set in read("language.json")["texts"].as_array().unwrap() {
        let pairs = pairs(&set["hypotheses"], &set["references"]);
        let name = set["name"].as_str().unwrap();
        let mut counts = BleuCounts::default();
        for (prediction, reference) in &pairs {
            counts.add(prediction, reference);
        }
        for (key, smoothing) in SMOOTHINGS {
            near(name, counts.score(smoothing), &set["bleu"][format!("bleu_{key}")]["score"]);
        }
        let expected = &set["bleu"]["bleu_exp"];
        near(name, counts.brevity(), &expected["bp"]);
        assert_eq!(
            (Some(counts.length), Some(counts.reference_length)),
            (expected["sys_len"].as_u64(), expected["ref_len"].as_u64())
        );
        assert_eq!(serde_json::to_value(counts.right).unwrap(), expected["counts"], "{name}");
        assert_eq!(serde_json::to_value(counts.all).unwrap(), expected["totals"], "{name}");
        let lowered: Vec<_> = pairs.iter().map(|(a, b)| (a.to_lowercase(), b.to_lowercase())).collect();
        let lowered = lowered.iter().map(|(a, b)| (a.as_str(), b.as_str()));
        near(name, bleu_of(lowered, BleuSmoothing::Exponential).unwrap(), &set["bleu"]["bleu_exp_lowercase"]["score"]);
    }
    let more = read("texts.json");
    let pairs = pairs(&more["predictions"], &more["references"]);
    for (key, smoothing) in SMOOTHINGS {
        near(key, bleu_of(pairs.iter().copied(), smoothing).unwrap(), &more["bleu"][key]);
        for (at, pair) in pairs.iter().enumerate() {
            near(pair.0, bleu_of([*pair], smoothing).unwrap(), &more["bleu_of_pairs"][key][at]);
        }
    }
}

#[test]
fn chrf_equals_sacrebleu_with_and_without_words() {
    for set in read("language.json")["texts"].as_array().unwrap() {
        let pairs = pairs(&set["hypotheses"], &set["references"]);
        let name = set["name"].as_str().unwrap();
        near(name, chrf_of(pairs.iter().copied(), 0).unwrap(), &set["chrf2"]);
        near(name, chrf_of(pairs.iter().copied(), 2).unwrap(), &set["chrf2++"]);
    }
    let more = read("texts.json");
    let pairs = pairs(&more["predictions"], &more["references"]);
    for word_order in 0..3 {
        let key = word_order.to_string();
        near(&key, chrf_of(pairs.iter().copied(), word_order).unwrap(), &more["chrf"][&key]);
        for (at, pair) in pairs.iter().enumerate().filter(|_| word_order != 1) {
            near(pair.0, chrf_of([*pair], word_order).unwrap(), &more["chrf_of_pairs"][&key][at]);
        }
    }
}

#[test]
fn rouge_equals_rouge_score_with_and_without_stems() {
    let kinds = [("rouge", RougeWords::Whole), ("rouge_stemmed", RougeWords::Stems)];
    let compare =
        |what: &str, prediction: &str, reference: &str, words: RougeWords, expected: &dyn Fn(&str) -> Value| {
            let scores = rouge_of(prediction, reference, words);
            near_score(what, scores.rouge1, &expected("rouge1"));
            near_score(what, scores.rouge2, &expected("rouge2"));
            near_score(what, scores.rouge_l, &expected("rougeL"));
            near_score(what, scores.rouge_lsum, &expected("rougeLsum"));
        };
    for set in read("language.json")["texts"].as_array().unwrap() {
        for (key, words) in kinds {
            for (at, (prediction, reference)) in pairs(&set["hypotheses"], &set["references"]).into_iter().enumerate() {
                compare(prediction, prediction, reference, words, &|kind| set[key][kind]["per_pair"][at].clone());
            }
        }
    }
    let more = read("texts.json");
    for (key, words) in kinds {
        for (at, (prediction, reference)) in pairs(&more["predictions"], &more["references"]).into_iter().enumerate() {
            compare(prediction, prediction, reference, words, &|kind| more[key][at][kind].clone());
        }
    }
    let lines = &read("language.json")["multi_line_rouge"];
    let of = |key: &str| lines[key].as_str().unwrap();
    let scores = rouge_of(of("hypothesis"), of("reference"), RougeWords::Whole);
    near_score("rougeL", scores.rouge_l, &lines["rougeL"]);
    near_score("rougeLsum", scores.rouge_lsum, &lines["rougeLsum"]);
}

#[test]
fn streamed_measures_equal_those_of_all_texts() {
    for set in read("language.json")["texts"].as_array().unwrap() {
        let texts: Vec<GeneratedText> = pairs(&set["hypotheses"], &set["references"])
            .into_iter()
            .map(|(prediction, reference)| GeneratedText {
                prediction: prediction.to_owned(),
                reference: reference.to_owned(),
            })
            .collect();
        let metrics: Vec<Box<dyn Metric>> = vec![
            Box::new(metrics::bleu()),
            Box::new(metrics::bleu().smoothing(BleuSmoothing::Floor).lowercase().name("low")),
            Box::new(metrics::chrf().word_order(2).name("chrf++")),
            Box::new(metrics::rouge().stemmer()),
        ];
        let mut all = MetricSet::new(metrics).unwrap();
        for texts in texts.chunks(2) {
            let labels = EvaluationLabels::Tokens(&[]);
            all.update(&EvaluationBatch { labels, texts: Some(texts), ..EvaluationBatch::default() }).unwrap();
        }
        let found = all.compute().unwrap();
        near("bleu", found["bleu"], &set["bleu"]["bleu_exp"]["score"]);
        near("chrf++", found["chrf++"], &set["chrf2++"]);
        for key in ["rouge1", "rouge2", "rougeL", "rougeLsum"] {
            near(key, found[key], &set["rouge_stemmed"][key]["mean_f1"]);
        }
    }
}

#[test]
fn perplexity_is_over_all_tokens_of_all_sequences() {
    let expected = &read("language.json")["perplexity"];
    let sequences = expected["token_nll_per_sequence"].as_array().unwrap();
    let mut set = MetricSet::new(vec![Box::new(metrics::perplexity())]).unwrap();
    for sequence in sequences {
        let losses: Vec<f32> = sequence.as_array().unwrap().iter().map(|loss| loss.as_f64().unwrap() as f32).collect();
        let (labels, lengths) = (vec![1; losses.len()], [losses.len()]);
        let labels = EvaluationLabels::Tokens(&labels);
        let (losses, sequences) = (Some(losses.as_slice()), Some(&lengths[..]));
        set.update(&EvaluationBatch { labels, losses, sequences, ..EvaluationBatch::default() }).unwrap();
    }
    let (found, expected) =
        (set.compute().unwrap()["perplexity"], expected["perplexity_token_weighted"].as_f64().unwrap());
    // Losses come as `f32`, which has 24 bits.
    assert!((found / expected - 1.0).abs() < 1e-7, "{found}, expected {expected}");
}
