//! Every schedule against the learning rates that transformers 5.23 and torch 2.15 give.

use serde_json::Value;
use trainer_core::optim::{
    Curve, Goal, Greedy, Minimum, Plateau, PlateauRule, ReduceOnPlateau, Schedule, ScheduleKind, ThresholdMode,
    warmup_steps,
};

/// The same formulas in the same f64: only the last bits of `cos` and `pow` may differ.
const TOLERANCE: f64 = 1e-12;

fn fixture(name: &str) -> Value {
    let path = trainer_tests::fixtures().join("schedules").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn cases(document: &Value) -> &[Value] {
    document["cases"].as_array().unwrap()
}

fn count(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap()).unwrap()
}

fn number(value: &Value) -> f64 {
    if value == "nan" { f64::NAN } else { value.as_f64().unwrap() }
}

fn close(ours: f64, theirs: f64) -> bool {
    (ours - theirs).abs() <= TOLERANCE * theirs.abs()
}

fn curve(value: &Value, otherwise: Curve) -> Curve {
    match value.as_str() {
        None => otherwise,
        Some("linear") => Curve::Linear,
        Some("cosine") => Curve::Cosine,
        Some("1-sqrt") => Curve::OneMinusSqrt,
        Some(other) => panic!("no curve: {other}"),
    }
}

fn kind(name: &str, arguments: &Value) -> ScheduleKind {
    let get = |key: &str, otherwise: f64| arguments[key].as_f64().unwrap_or(otherwise);
    let steps = |key: &str| arguments.get(key).map(count);
    let minimum = || match arguments["min_lr"].as_f64() {
        Some(minimum) => Minimum::LearningRate(minimum),
        None => Minimum::Ratio(number(&arguments["min_lr_rate"])),
    };
    match name {
        "linear" => ScheduleKind::Linear,
        "cosine" => ScheduleKind::Cosine { num_cycles: get("num_cycles", 0.5) },
        "cosine_with_restarts" => {
            ScheduleKind::CosineWithRestarts { num_cycles: steps("num_cycles").unwrap_or(1).try_into().unwrap() }
        }
        "polynomial" => ScheduleKind::Polynomial { lr_end: get("lr_end", 1e-7), power: get("power", 1.0) },
        "constant" => ScheduleKind::Constant,
        "constant_with_warmup" => ScheduleKind::ConstantWithWarmup,
        "inverse_sqrt" => ScheduleKind::InverseSqrt { timescale: steps("timescale") },
        "cosine_with_min_lr" => {
            ScheduleKind::CosineWithMinLr { num_cycles: get("num_cycles", 0.5), minimum: minimum() }
        }
        "cosine_warmup_with_min_lr" => ScheduleKind::CosineWarmupWithMinLr {
            num_cycles: get("num_cycles", 0.5),
            minimum: minimum(),
            warmup_lr_rate: arguments["warmup_lr_rate"].as_f64(),
        },
        "warmup_stable_decay" => ScheduleKind::WarmupStableDecay {
            num_decay_steps: count(&arguments["num_decay_steps"]),
            num_stable_steps: steps("num_stable_steps"),
            warmup_type: curve(&arguments["warmup_type"], Curve::Linear),
            decay_type: curve(&arguments["decay_type"], Curve::Cosine),
            min_lr_ratio: get("min_lr_ratio", 0.0),
            num_cycles: get("num_cycles", 0.5),
        },
        other => panic!("no schedule: {other}"),
    }
}

#[test]
fn every_table_of_transformers_is_met() {
    let document = fixture("tables.json");
    let base = number(&document["base_lr"]);
    let mut tables = 0;
    for case in cases(&document) {
        let kind = kind(case["name"].as_str().unwrap(), &case["kwargs"]);
        let schedule = Schedule::new(kind, base, count(&case["warmup"]), count(&case["total"]));
        tables += 1;
        let Some(rates) = case["lr"].as_array() else {
            // Where transformers divides by zero in the middle of the run, the schedule is refused when it is made.
            let message = schedule.expect_err("must be refused").to_string();
            assert!(message.contains("`warmup_steps`"), "{message}");
            continue;
        };
        let schedule = schedule.unwrap();
        for (update, theirs) in rates.iter().map(number).enumerate() {
            let ours = schedule.learning_rate(update);
            assert!(close(ours, theirs), "{case}\nupdate {update}: {ours:e} instead of {theirs:e}");
        }
    }
    assert_eq!(tables, 19 * 7);
}

fn plateau_rule(name: &str, arguments: &Value) -> PlateauRule {
    let get = |key: &str, otherwise: f64| arguments[key].as_f64().unwrap_or(otherwise);
    let patience = arguments.get("patience").map_or(10, count);
    match name {
        "reduce_lr_on_plateau" => {
            let default = ReduceOnPlateau::default();
            PlateauRule::ReduceOnPlateau(ReduceOnPlateau {
                mode: if arguments["mode"] == "max" { Goal::Max } else { Goal::Min },
                factor: get("factor", default.factor),
                patience,
                threshold: get("threshold", default.threshold),
                threshold_mode: match arguments["threshold_mode"].as_str() {
                    Some("abs") => ThresholdMode::Absolute,
                    _ => default.threshold_mode,
                },
                cooldown: arguments.get("cooldown").map_or(default.cooldown, count),
                min_lr: get("min_lr", default.min_lr),
                eps: get("eps", default.eps),
            })
        }
        "greedy" => {
            let default = Greedy::default();
            let (factor, min_lr) = (get("factor", default.factor), get("min_lr", default.min_lr));
            PlateauRule::Greedy(Greedy { factor, min_lr, patience, ..default })
        }
        other => panic!("no schedule: {other}"),
    }
}

#[test]
fn plateaus_change_the_learning_rate_after_the_same_evaluations() {
    let document = fixture("plateau.json");
    let metrics: Vec<f64> = document["metrics"].as_array().unwrap().iter().map(number).collect();
    let base = number(&document["base_lr"]);
    assert_eq!(cases(&document).len(), 7);
    for case in cases(&document) {
        let rule = plateau_rule(case["name"].as_str().unwrap(), &case["kwargs"]);
        let mut plateau = Plateau::new(rule, base).unwrap();
        let rates = case["lr_after"].as_array().unwrap();
        assert_eq!(rates.len(), metrics.len());
        for (evaluation, (metric, theirs)) in metrics.iter().zip(rates.iter().map(number)).enumerate() {
            let ours = plateau.observe(*metric);
            assert!(close(ours, theirs), "{case}\nevaluation {evaluation}: {ours:e} instead of {theirs:e}");
        }
    }
}

#[test]
fn warmups_are_counts_from_1_and_shares_below() {
    let document = fixture("warmup.json");
    assert_eq!(cases(&document).len(), 50);
    for case in cases(&document) {
        let ours = warmup_steps(number(&case["warmup_steps"]), count(&case["total"])).unwrap();
        assert_eq!(ours, count(&case["steps"]), "{case}");
    }
}
