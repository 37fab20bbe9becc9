//! Named entities against seqeval's values on the same tags: leniently, strictly as IOB2 and strictly as BIOES.

use serde_json::Value;
use trainer_core::metrics::entities::{EntityCounts, EntityScores, entities_of};
use trainer_core::metrics::{self, Average, EntityScheme, EvaluationBatch, EvaluationLabels, MetricSet};
use trainer_tests::fixtures;

/// Both sides compute in `f64`; they differ only in the order of sums.
const TOLERANCE: f64 = 1e-9;

const AVERAGES: [(&str, Average); 3] =
    [("micro", Average::Micro), ("macro", Average::Macro), ("weighted", Average::Weighted)];

/// The sets of a file, with the schemes whose values it has.
fn all() -> Vec<(Value, Vec<(&'static str, EntityScheme)>)> {
    let files = [
        ("entities.json", vec![("default", EntityScheme::Lenient), ("strict_iob2", EntityScheme::Iob2)]),
        ("entities_bioes.json", vec![("default", EntityScheme::Lenient), ("strict_bioes", EntityScheme::Bioes)]),
    ];
    let mut all = Vec::new();
    for (file, schemes) in files {
        let text = std::fs::read_to_string(fixtures().join("metrics").join(file)).unwrap();
        let json: Value = serde_json::from_str(&text).unwrap();
        let sets = json["sets"].as_array().unwrap();
        assert!(sets.len() >= 10, "{file}");
        all.extend(sets.iter().map(|set| (set.clone(), schemes.clone())));
    }
    all
}

fn sentences(value: &Value) -> Vec<Vec<&str>> {
    let sentences = value.as_array().unwrap().iter();
    sentences.map(|words| words.as_array().unwrap().iter().map(|tag| tag.as_str().unwrap()).collect()).collect()
}

/// The expected value; none where seqeval refuses or answers NaN.
fn expected(value: &Value) -> Option<f64> {
    value.get("value").unwrap_or(value).as_f64()
}

fn near(what: &str, found: Option<f64>, value: &Value) {
    let same = match (found, expected(value)) {
        (Some(found), Some(expected)) => (found - expected).abs() <= TOLERANCE,
        (found, expected) => found == expected,
    };
    assert!(same && !value.is_null(), "{what}: {found:?}, expected {value}");
}

#[test]
fn scores_equal_those_of_seqeval() {
    for (set, schemes) in all() {
        let (actual, predicted) = (sentences(&set["y_true"]), sentences(&set["y_pred"]));
        for (mode, scheme) in schemes {
            let mut counts = EntityCounts::default();
            for (actual, predicted) in actual.iter().zip(&predicted) {
                counts.add(&entities_of(actual, scheme), &entities_of(predicted, scheme));
            }
            let values = &set["values"][mode];
            for (name, average) in AVERAGES {
                let what = format!("{} {mode} {name}", set["name"]);
                let EntityScores { precision, recall, f1 } = counts.scores(average);
                near(&what, precision, &values[format!("precision_{name}")]);
                near(&what, recall, &values[format!("recall_{name}")]);
                near(&what, f1, &values[format!("f1_{name}")]);
            }
            let report = values["report"].get("value").unwrap_or(&values["report"]);
            for (kind, scores, support) in counts.kinds().filter(|_| report.is_object()) {
                near(kind, scores.precision, &report[kind]["precision"]);
                near(kind, scores.recall, &report[kind]["recall"]);
                near(kind, scores.f1, &report[kind]["f1-score"]);
                assert_eq!(report[kind]["support"].as_u64(), Some(support), "{kind}");
            }
        }
    }
}

#[test]
fn the_streamed_metric_equals_seqeval() {
    for (set, schemes) in all() {
        let (actual, predicted) = (sentences(&set["y_true"]), sentences(&set["y_pred"]));
        let mut names: Vec<&str> = actual.iter().chain(&predicted).flatten().copied().chain(["O"]).collect();
        names.sort_unstable();
        names.dedup();
        let classes = |sentence: &[&str]| -> Vec<u32> {
            sentence.iter().map(|tag| names.iter().position(|name| name == tag).unwrap() as u32).collect()
        };
        for (mode, scheme) in schemes {
            let metric = metrics::entity_f1().scheme(scheme).average(Average::Micro);
            let mut metrics = MetricSet::new(vec![Box::new(metric)]).unwrap();
            metrics.set_classes(&names).unwrap();
            // Two sentences a batch.
            for (actual, predicted) in actual.chunks(2).zip(predicted.chunks(2)) {
                let lengths: Vec<usize> = actual.iter().map(Vec::len).collect();
                let labels: Vec<u32> = actual.iter().flat_map(|sentence| classes(sentence)).collect();
                let found = predicted.iter().flat_map(|sentence| classes(sentence));
                let logits: Vec<f32> = found
                    .flat_map(|class| (0..names.len()).map(move |other| f32::from(u8::from(other == class as usize))))
                    .collect();
                let batch = EvaluationBatch {
                    logits: &logits,
                    outputs: names.len(),
                    labels: EvaluationLabels::Classes(&labels),
                    sequences: Some(&lengths),
                    ..EvaluationBatch::default()
                };
                metrics.update(&batch).unwrap();
            }
            let (found, values) = (metrics.compute().unwrap(), &set["values"]);
            near(mode, found.get("entity_f1"), &values[mode]["f1_micro"]);
            near(mode, found.get("entity_f1_precision"), &values[mode]["precision_micro"]);
            near(mode, found.get("entity_f1_recall"), &values[mode]["recall_micro"]);
            near(mode, found.get("entity_f1_accuracy"), &values["token_accuracy"]);
        }
    }
}
