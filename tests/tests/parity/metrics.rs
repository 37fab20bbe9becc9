//! The built-in metrics against scikit-learn's values on the same predictions: the plain functions to 1e-9, and the
//! streamed metrics, fed with `f32` logits in uneven batches.

mod golden;

use trainer_core::metrics::correlation::{pearson_of, spearman_of};
use trainer_core::metrics::counts::ClassCounts;
use trainer_core::metrics::probability::{brier_of, log_loss_of, top_k_of};
use trainer_core::metrics::ranking::Ranking;
use trainer_core::metrics::regression::NumberErrors;
use trainer_core::metrics::{
    self, AbsentClasses, Average, BrierScale, ConfusionMatrix, EvaluationBatch, EvaluationLabels, KappaWeights, Metric,
    MetricSet, Metrics, MultiClass,
};

use golden::{AVERAGES, RATIOS, Set, TOLERANCE, ZERO_DIVISIONS, sets};

/// Logits are rounded to `f32`, which has 24 bits.
const TOLERANCE_OF_F32: f64 = 2e-6;
/// Does not divide the number of items of most sets.
const BATCH: usize = 7;

fn confusion(set: &Set, labels: &[u32], predictions: &[u32], classes: usize) -> ConfusionMatrix {
    let names: Vec<String> = (0..classes).map(|class| class.to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let matrix = ConfusionMatrix::new(&names, labels, predictions).unwrap();
    if matrix.items() > 0 {
        let counts: Vec<_> = matrix.counts().concat().into_iter().map(|count| Some(count as f64)).collect();
        set.compare("confusion", &counts, 0.0);
    }
    matrix
}

#[test]
fn binary_metrics_equal_scikit_learn() {
    for set in sets("classification.json", Some("binary")) {
        let (labels, predictions) = (set.classes_of("y_true"), set.classes_of("y_pred"));
        let scores = set.numbers("score");
        let both: Vec<f64> = scores.iter().flat_map(|score| [1.0 - score, *score]).collect();
        let positive: Vec<bool> = labels.iter().map(|label| *label == 1).collect();

        let counts = ClassCounts::of_classes(&labels, &predictions, 2).unwrap();
        let matrix = confusion(&set, &labels, &predictions, 2);
        set.compare("accuracy", &[counts.accuracy()], TOLERANCE);
        set.compare("balanced_accuracy", &[counts.balanced_accuracy()], TOLERANCE);
        set.compare("matthews", &[counts.mcc()], TOLERANCE);
        set.compare("cohen_kappa", &[matrix.cohen_kappa(KappaWeights::Equal)], TOLERANCE);
        set.compare("roc_auc", &[Ranking::RocAuc.of(&positive, &scores).unwrap()], TOLERANCE);
        set.compare("average_precision", &[Ranking::AveragePrecision.of(&positive, &scores).unwrap()], TOLERANCE);
        set.compare("log_loss", &[log_loss_of(&labels, &both, 2).unwrap()], TOLERANCE);
        set.compare("brier", &[brier_of(&labels, &both, 2, BrierScale::Usual).unwrap()], TOLERANCE);
        let averages = ["binary", "micro", "macro", "weighted", "per_class"];
        set.compare_ratios(&counts, "prf", &averages, AbsentClasses::Counted);
    }
}

#[test]
fn multi_class_metrics_equal_scikit_learn() {
    for set in sets("classification.json", Some("multiclass")) {
        let classes = set.json["classes"].as_u64().unwrap() as usize;
        let (labels, predictions) = (set.classes_of("y_true"), set.classes_of("y_pred"));
        let logits = set.numbers("logits");
        let probabilities = softmax(&logits, classes);

        let counts = ClassCounts::of_classes(&labels, &predictions, classes).unwrap();
        let matrix = confusion(&set, &labels, &predictions, classes);
        set.compare("accuracy", &[counts.accuracy()], TOLERANCE);
        set.compare("balanced_accuracy", &[counts.balanced_accuracy()], TOLERANCE);
        set.compare("matthews", &[counts.mcc()], TOLERANCE);
        set.compare("cohen_kappa", &[matrix.cohen_kappa(KappaWeights::Equal)], TOLERANCE);
        set.compare("cohen_kappa_quadratic", &[matrix.cohen_kappa(KappaWeights::Quadratic)], TOLERANCE);
        set.compare("log_loss", &[log_loss_of(&labels, &probabilities, classes).unwrap()], TOLERANCE);
        for k in [1, 2] {
            let found = top_k_of(&labels, &probabilities, classes, k).unwrap();
            set.compare(&format!("top_{k}_accuracy"), &[found], TOLERANCE);
        }
        for (pairing, multi_class) in [("ovr", MultiClass::OneVsRest), ("ovo", MultiClass::OneVsOne)] {
            for (name, average) in &AVERAGES[1..4] {
                if pairing == "ovr" || *name != "micro" {
                    let ranking = Ranking::RocAuc;
                    let found = ranking.over_classes(&labels, &probabilities, classes, *average, multi_class).unwrap();
                    set.compare(&format!("roc_auc_{pairing}_{name}"), &found, TOLERANCE);
                }
            }
        }
        if !labels.is_empty() {
            let half = brier_of(&labels, &probabilities, classes, BrierScale::Half).unwrap();
            set.compare("brier_multiclass_half", &[half], TOLERANCE);
            let whole = brier_of(&labels, &probabilities, classes, BrierScale::Usual).unwrap();
            set.compare("brier_multiclass_half", &[whole.map(|whole| whole / 2.0)], TOLERANCE);
            let rest = MultiClass::OneVsRest;
            let found =
                Ranking::AveragePrecision.over_classes(&labels, &probabilities, classes, Average::Macro, rest).unwrap();
            set.compare("average_precision_macro", &found, TOLERANCE);
        }
        set.compare_ratios(&counts, "prf", &["micro", "macro", "weighted", "per_class"], AbsentClasses::Counted);
        set.compare_ratios(&counts, "prf_labels_not_given_macro", &["macro"], AbsentClasses::LeftOut);
    }
}

#[test]
fn multi_label_metrics_equal_scikit_learn() {
    for set in sets("classification.json", Some("multilabel")) {
        let classes = set.width();
        let (labels, predictions) = (set.sets_of("y_true"), set.sets_of("y_pred"));
        let probabilities: Vec<f64> = set.numbers("logits").iter().map(|x| 1.0 / (1.0 + (-x).exp())).collect();

        let counts = ClassCounts::of_sets(&labels, &predictions, classes).unwrap();
        set.compare("subset_accuracy", &[counts.accuracy()], TOLERANCE);
        for (name, average) in &AVERAGES[1..5] {
            for (metric, ranking) in [("roc_auc", Ranking::RocAuc), ("average_precision", Ranking::AveragePrecision)] {
                let found = ranking.over_sets(&labels, &probabilities, classes, *average).unwrap();
                set.compare(&format!("{metric}_{name}"), &found, TOLERANCE);
            }
        }
        set.compare_ratios(&counts, "prf", &["micro", "macro", "weighted", "per_class"], AbsentClasses::LeftOut);
        for (suffix, zero_division) in ZERO_DIVISIONS {
            for (name, ratio) in RATIOS {
                let found = ratio.over_items(&labels, &predictions, classes, zero_division);
                set.compare(&format!("prf/samples{suffix}/{name}"), &[found], TOLERANCE);
            }
        }
    }
}

#[test]
fn metrics_of_numbers_equal_scikit_learn() {
    for set in sets("regression.json", None) {
        let (actual, predictions) = (set.numbers("y_true"), set.numbers("y_pred"));
        let errors = NumberErrors::of(&actual, &predictions, 1).unwrap();
        set.compare("mse", &[errors.mse()], TOLERANCE);
        set.compare("mae", &[errors.mae()], TOLERANCE);
        set.compare("r2", &[errors.r2()], TOLERANCE);
        set.compare("pearson", &[pearson_of(&actual, &predictions).unwrap()], TOLERANCE);
        set.compare("spearman", &[spearman_of(&actual, &predictions).unwrap()], TOLERANCE);
    }
}

fn softmax(logits: &[f64], classes: usize) -> Vec<f64> {
    logits
        .chunks(classes)
        .flat_map(|row| {
            let largest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let exponentials: Vec<f64> = row.iter().map(|logit| (logit - largest).exp()).collect();
            let sum: f64 = exponentials.iter().sum();
            exponentials.into_iter().map(move |exponential| exponential / sum)
        })
        .collect()
}

/// The results of `metrics` over the items, in batches; twice, so that a reset is in between.
fn streamed(metrics: Vec<Box<dyn Metric>>, logits: &[f32], outputs: usize, labels: EvaluationLabels<'_>) -> Metrics {
    let mut set = MetricSet::new(metrics).unwrap();
    if !matches!(labels, EvaluationLabels::Values(_)) {
        let names: Vec<String> = (0..outputs).map(|class| class.to_string()).collect();
        set.set_classes(&names.iter().map(String::as_str).collect::<Vec<_>>()).unwrap();
    }
    for _ in 0..2 {
        set.reset();
        for (position, rows) in logits.chunks(BATCH * outputs).enumerate() {
            let (start, items) = (position * BATCH, rows.len() / outputs);
            let labels = match labels {
                EvaluationLabels::Classes(all) => EvaluationLabels::Classes(&all[start..start + items]),
                EvaluationLabels::MultiHot(all) => {
                    EvaluationLabels::MultiHot(&all[start * outputs..(start + items) * outputs])
                }
                EvaluationLabels::Values(all) => {
                    EvaluationLabels::Values(&all[start * outputs..(start + items) * outputs])
                }
                _ => unreachable!("all kinds of labels are listed"),
            };
            set.update(&EvaluationBatch { logits: rows, outputs, labels, ..EvaluationBatch::default() }).unwrap();
        }
    }
    set.compute().unwrap()
}

/// Precision, recall and F1 in every average and with every zero division, named as the file names them.
fn all_ratios(averages: &[&str], absent: AbsentClasses) -> Vec<Box<dyn Metric>> {
    let mut all: Vec<Box<dyn Metric>> = Vec::new();
    for (average_name, average) in AVERAGES.iter().filter(|(name, _)| averages.contains(name)) {
        for (suffix, zero_division) in ZERO_DIVISIONS {
            for metric in [metrics::precision(), metrics::recall(), metrics::f1()] {
                let name = format!("prf/{average_name}{suffix}/{}", Metric::name(&metric));
                let metric = metric.average(*average).zero_division(zero_division).absent_classes(absent);
                all.push(Box::new(metric.name(name)));
            }
        }
    }
    all
}

fn as_f32(numbers: &[f64]) -> Vec<f32> {
    numbers.iter().map(|number| *number as f32).collect()
}

fn compare_all(set: &Set, found: &Metrics) {
    assert!(found.len() > 5);
    for (key, value) in found.iter() {
        set.compare(key, &[value], TOLERANCE_OF_F32);
    }
}

#[test]
fn streamed_multi_class_metrics_equal_scikit_learn() {
    let rest = MultiClass::OneVsRest;
    for set in sets("classification.json", Some("multiclass")) {
        let classes = set.json["classes"].as_u64().unwrap() as usize;
        let labels = set.classes_of("y_true");
        let mut wanted = all_ratios(&["micro", "macro", "weighted"], AbsentClasses::Counted);
        wanted.push(Box::new(metrics::accuracy()));
        wanted.push(Box::new(metrics::balanced_accuracy()));
        wanted.push(Box::new(metrics::mcc().name("matthews")));
        wanted.push(Box::new(metrics::cohen_kappa()));
        wanted.push(Box::new(metrics::cohen_kappa().weights(KappaWeights::Quadratic).name("cohen_kappa_quadratic")));
        wanted.push(Box::new(metrics::log_loss()));
        wanted.push(Box::new(metrics::top_k(1).name("top_1_accuracy")));
        wanted.push(Box::new(metrics::top_k(2).name("top_2_accuracy")));
        wanted.push(Box::new(metrics::roc_auc().name("roc_auc_ovr_macro")));
        wanted.push(Box::new(metrics::roc_auc().average(Average::Micro).name("roc_auc_ovr_micro")));
        let weighted = metrics::roc_auc().average(Average::Weighted);
        wanted.push(Box::new(weighted.clone().multi_class(rest).name("roc_auc_ovr_weighted")));
        wanted.push(Box::new(weighted.multi_class(MultiClass::OneVsOne).name("roc_auc_ovo_weighted")));
        if !labels.is_empty() {
            wanted.push(Box::new(metrics::brier().scale(BrierScale::Half).name("brier_multiclass_half")));
            wanted.push(Box::new(metrics::average_precision().name("average_precision_macro")));
        }
        let logits = as_f32(&set.numbers("logits"));
        let found = streamed(wanted, &logits, classes, EvaluationLabels::Classes(&labels));
        compare_all(&set, &found);
        if let Some(matrix) = found.confusion_matrix() {
            let counts: Vec<_> = matrix.counts().concat().into_iter().map(|count| Some(count as f64)).collect();
            set.compare("confusion", &counts, 0.0);
        }
        let f1 = streamed(
            vec![Box::new(metrics::f1().average(Average::PerClass))],
            &logits,
            classes,
            EvaluationLabels::Classes(&labels),
        );
        let f1: Vec<_> = f1.iter().map(|(_, value)| value).collect();
        if !f1.is_empty() {
            set.compare("prf/per_class/f1", &f1, TOLERANCE);
        }
    }
}

#[test]
fn streamed_binary_metrics_equal_scikit_learn() {
    for set in sets("classification.json", Some("binary")) {
        let labels = set.classes_of("y_true");
        // A logit of one half against the score: predicts and ranks as the score does.
        let logits: Vec<f32> = set.numbers("score").iter().flat_map(|score| [0.5, *score as f32]).collect();
        let averages = ["binary", "micro", "macro", "weighted"];
        let mut wanted = all_ratios(&averages, AbsentClasses::Counted);
        wanted.push(Box::new(metrics::accuracy()));
        wanted.push(Box::new(metrics::balanced_accuracy()));
        wanted.push(Box::new(metrics::mcc().name("matthews")));
        wanted.push(Box::new(metrics::cohen_kappa()));
        wanted.push(Box::new(metrics::roc_auc()));
        wanted.push(Box::new(metrics::average_precision()));
        let found = streamed(wanted, &logits, 2, EvaluationLabels::Classes(&labels));
        compare_all(&set, &found);
    }
}

#[test]
fn streamed_multi_label_metrics_equal_scikit_learn() {
    for set in sets("classification.json", Some("multilabel")) {
        let labels = as_f32(&set.numbers("y_true"));
        let averages = ["micro", "macro", "weighted", "samples"];
        let mut wanted = all_ratios(&averages, AbsentClasses::LeftOut);
        wanted.push(Box::new(metrics::accuracy().name("subset_accuracy")));
        for (name, average) in &AVERAGES[1..5] {
            wanted.push(Box::new(metrics::roc_auc().average(*average).name(format!("roc_auc_{name}"))));
            let precision = metrics::average_precision().average(*average);
            wanted.push(Box::new(precision.name(format!("average_precision_{name}"))));
        }
        wanted.push(Box::new(metrics::fbeta(2.0).average(Average::Macro).name("prf/f2_macro")));
        let logits = as_f32(&set.numbers("logits"));
        compare_all(&set, &streamed(wanted, &logits, set.width(), EvaluationLabels::MultiHot(&labels)));
    }
}

#[test]
fn streamed_metrics_of_numbers_equal_scikit_learn() {
    for set in sets("regression.json", None) {
        if set.json["name"] == "large" {
            // A million with a fraction: the fraction is what `f32` rounds off.
            continue;
        }
        let wanted: Vec<Box<dyn Metric>> = vec![
            Box::new(metrics::mse()),
            Box::new(metrics::mae()),
            Box::new(metrics::r2()),
            Box::new(metrics::pearson()),
            Box::new(metrics::spearman()),
        ];
        let (labels, predictions) = (as_f32(&set.numbers("y_true")), as_f32(&set.numbers("y_pred")));
        let found = streamed(wanted, &predictions, 1, EvaluationLabels::Values(&labels));
        assert_eq!(found.len(), 5);
        for (key, value) in found.iter() {
            set.compare(key, &[value], TOLERANCE_OF_F32);
        }
    }
}

#[test]
fn the_report_has_the_averages_of_the_metrics() {
    for set in sets("classification.json", Some("multiclass")) {
        let classes = set.json["classes"].as_u64().unwrap() as usize;
        let labels = set.classes_of("y_true");
        let logits = as_f32(&set.numbers("logits"));
        let found = streamed(Vec::new(), &logits, classes, EvaluationLabels::Classes(&labels));
        let Some(report) = found.report() else {
            assert!(labels.is_empty(), "{}", set.name);
            continue;
        };
        set.compare("accuracy", &[report.accuracy], TOLERANCE);
        let not_given = "prf_labels_not_given_macro/macro";
        set.compare(&format!("{not_given}/f1"), &[Some(report.macro_average.f1)], TOLERANCE);
        set.compare(&format!("{not_given}/precision"), &[Some(report.macro_average.precision)], TOLERANCE);
        set.compare("prf/weighted/recall", &[Some(report.weighted_average.recall)], TOLERANCE);
        let recalls: Vec<_> = report.classes.iter().map(|class| Some(class.recall)).collect();
        set.compare("prf/per_class/recall", &recalls, TOLERANCE);
        assert_eq!(report.support, labels.len() as u64);
    }
}
