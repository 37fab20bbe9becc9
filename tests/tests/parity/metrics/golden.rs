//! The sets of predictions and the values that scikit-learn gives for them.

use serde_json::Value;
use trainer_core::metrics::counts::ClassCounts;
use trainer_core::metrics::{AbsentClasses, Average, Ratio, ZeroDivision};
use trainer_tests::fixtures;

/// Both sides compute in `f64`; they differ only in the order of sums.
pub(crate) const TOLERANCE: f64 = 1e-9;

pub(crate) const RATIOS: [(&str, Ratio); 3] =
    [("precision", Ratio::Precision), ("recall", Ratio::Recall), ("f1", Ratio::F { beta: 1.0 })];
pub(crate) const ZERO_DIVISIONS: [(&str, ZeroDivision); 3] = [
    ("", ZeroDivision::Zero),
    ("_zero_division_1", ZeroDivision::One),
    ("_zero_division_nan", ZeroDivision::Undefined),
];
pub(crate) const AVERAGES: [(&str, Average); 6] = [
    ("binary", Average::Binary),
    ("micro", Average::Micro),
    ("macro", Average::Macro),
    ("weighted", Average::Weighted),
    ("samples", Average::Samples),
    ("per_class", Average::PerClass),
];

/// One set of predictions with its expected values.
pub(crate) struct Set {
    pub(crate) json: Value,
    pub(crate) name: String,
}

pub(crate) fn sets(file: &str, kind: Option<&str>) -> Vec<Set> {
    let text = std::fs::read_to_string(fixtures().join("metrics").join(file)).unwrap();
    let json: Value = serde_json::from_str(&text).unwrap();
    let all = json["sets"].as_array().unwrap().iter().filter(|set| kind.is_none_or(|kind| set["kind"] == kind));
    let sets: Vec<Set> =
        all.map(|set| Set { json: set.clone(), name: format!("{} {}", set["kind"], set["name"]) }).collect();
    assert!(sets.len() >= 5, "{file} has {} sets of {kind:?}", sets.len());
    sets
}

impl Set {
    pub(crate) fn numbers(&self, key: &str) -> Vec<f64> {
        flat(&self.json[key]).iter().map(|number| number.as_f64().unwrap()).collect()
    }

    pub(crate) fn classes_of(&self, key: &str) -> Vec<u32> {
        self.numbers(key).into_iter().map(|class| class as u32).collect()
    }

    pub(crate) fn sets_of(&self, key: &str) -> Vec<bool> {
        self.numbers(key).into_iter().map(|has| has > 0.5).collect()
    }

    /// Rows of at least one class, also where there is no row to tell the number from.
    pub(crate) fn width(&self) -> usize {
        self.json["y_true"].get(0).and_then(Value::as_array).map_or(3, Vec::len)
    }

    /// The expected value at a path such as `prf/macro/f1`, compared if the file has it.
    pub(crate) fn compare(&self, path: &str, found: &[Option<f64>], tolerance: f64) {
        let expected = self.json["values"].pointer(&format!("/{path}"));
        let Some(expected) = expected else { panic!("{}: no expected value `{path}`", self.name) };
        let expected = match expected {
            Value::Array(_) => flat(expected),
            // Without items scikit-learn refuses as a whole, also where there would be a value for each class.
            Value::Null if found.len() != 1 => vec![Value::Null; found.len()],
            single => vec![single.clone()],
        };
        let expected: Vec<Option<f64>> = expected.iter().map(Value::as_f64).collect();
        let same = |(a, b): (&Option<f64>, &Option<f64>)| match (a, b) {
            (Some(a), Some(b)) => (a - b).abs() <= tolerance * b.abs().max(1.0),
            (a, b) => a == b,
        };
        let equal = expected.len() == found.len() && found.iter().zip(&expected).all(same);
        assert!(equal, "{}: `{path}` is {found:?}, expected {expected:?}", self.name);
    }

    pub(crate) fn compare_ratios(&self, counts: &ClassCounts, group: &str, averages: &[&str], absent: AbsentClasses) {
        for (average_name, average) in AVERAGES.iter().filter(|(name, _)| averages.contains(name)) {
            for (suffix, zero_division) in ZERO_DIVISIONS {
                for (name, ratio) in RATIOS {
                    let found = counts.ratio(ratio, *average, zero_division, absent).unwrap();
                    self.compare(&format!("{group}/{average_name}{suffix}/{name}"), &found, TOLERANCE);
                }
            }
        }
        // Computed without naming the classes.
        let f2 = Ratio::F { beta: 2.0 };
        let found = counts.ratio(f2, Average::Macro, ZeroDivision::Zero, AbsentClasses::LeftOut).unwrap();
        self.compare(&format!("{group}/f2_macro"), &found, TOLERANCE);
    }
}

/// The numbers of a list, or of a list of lists.
fn flat(value: &Value) -> Vec<Value> {
    let items = value.as_array().unwrap().iter();
    items.flat_map(|item| if item.is_array() { flat(item) } else { vec![item.clone()] }).collect()
}
