//! What an evaluation found: named values, and tables.

use std::fmt;
use std::ops::Index;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{ClassificationReport, ConfusionMatrix, MetricValue};
use crate::error::{Error, ErrorKind, Result};
use crate::nearest::nearest;

/// What an evaluation found: values by their key, in the order in which they were computed, and tables.
///
/// `metrics["f1"]` and `metrics["eval_f1"]` are the same value, if there is no key `eval_f1` itself. A value that is
/// not defined on the data is kept as such: [`Metrics::get`] answers `None`, and it prints as `undefined`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metrics {
    values: Vec<MetricValue>,
    pub(super) confusion_matrix: Option<ConfusionMatrix>,
    pub(super) report: Option<ClassificationReport>,
    pub(super) tables: Vec<String>,
}

impl Metrics {
    /// No values.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a value at the end; NaN is taken as undefined.
    ///
    /// # Errors
    /// [`ErrorKind::Metric`] if there is a value of this key.
    pub fn insert(&mut self, key: impl Into<String>, value: Option<f64>) -> Result<()> {
        let key = key.into();
        if self.values.iter().any(|known| known.key == key) {
            return Err(duplicate(&key));
        }
        self.values.push(MetricValue { key, value: value.filter(|value| !value.is_nan()) });
        Ok(())
    }

    /// Adds all values of another evaluation at the end, and its tables where there are none yet.
    ///
    /// # Errors
    /// [`ErrorKind::Metric`] if there is a value of one of its keys.
    pub fn extend(&mut self, other: Self) -> Result<()> {
        for value in other.values {
            self.insert(value.key, value.value)?;
        }
        self.confusion_matrix = self.confusion_matrix.take().or(other.confusion_matrix);
        self.report = self.report.take().or(other.report);
        self.tables.extend(other.tables);
        Ok(())
    }

    /// Puts a value in front of all others.
    pub(crate) fn insert_first(&mut self, key: &str, value: Option<f64>) -> Result<()> {
        self.insert(key, value)?;
        self.values.rotate_right(1);
        Ok(())
    }

    /// The value of a key; `None` if it is not defined, or there is no such key.
    pub fn get(&self, key: &str) -> Option<f64> {
        self.find(key)?.value
    }

    /// Whether there is such a key, defined or not.
    pub fn contains_key(&self, key: &str) -> bool {
        self.find(key).is_some()
    }

    /// The keys and values, in their order; undefined values are `None`.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<f64>)> {
        self.values.iter().map(|value| (value.key.as_str(), value.value))
    }

    /// The keys, in their order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.values.iter().map(|value| value.key.as_str())
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The same with `prefix` and `_` before every key.
    pub fn with_prefix(mut self, prefix: &str) -> Self {
        for value in &mut self.values {
            value.key = format!("{prefix}_{}", value.key);
        }
        self
    }

    /// Which class was taken for which, if the task has one class for each item.
    pub fn confusion_matrix(&self) -> Option<&ConfusionMatrix> {
        self.confusion_matrix.as_ref()
    }

    /// Precision, recall and F1 of every class, if the task has classes.
    pub fn report(&self) -> Option<&ClassificationReport> {
        self.report.as_ref()
    }

    fn find(&self, key: &str) -> Option<&MetricValue> {
        let of_key = |key: &str| self.values.iter().find(|value| value.key == key);
        of_key(key).or_else(|| of_key(key.strip_prefix("eval_")?))
    }
}

/// Two values of one key.
pub(super) fn duplicate(key: &str) -> Error {
    Error::new(ErrorKind::Metric, format!("two metrics give a value named `{key}`"))
        .help(format!("give one of them a `name`, such as `name = \"{key}_2\"`"))
}

/// The value of a key.
///
/// # Panics
/// If there is no such key, or its value is not defined on the data: [`Metrics::get`] asks without panicking.
impl Index<&str> for Metrics {
    type Output = f64;

    fn index(&self, key: &str) -> &f64 {
        match self.find(key) {
            Some(MetricValue { value: Some(value), .. }) => value,
            Some(_) => {
                panic!("the metric `{key}` is not defined on this data\nhelp: `metrics.get(\"{key}\")` is `None`")
            }
            None => panic!("{}", no_such_key(key, &self.keys().collect::<Vec<_>>())),
        }
    }
}

fn no_such_key(key: &str, known: &[&str]) -> String {
    let list = known.join(", ");
    let bare = key.strip_prefix("eval_").unwrap_or(key);
    match nearest(bare, known.iter().copied()) {
        Some(near) => format!("there is no metric `{key}`\nhelp: did you mean `{near}`? there are: {list}"),
        None => format!("there is no metric `{key}`\nhelp: there are: {list}"),
    }
}

/// Two aligned columns, and below them the tables that metrics of the run print.
impl fmt::Display for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: Vec<(&str, String)> = self.iter().map(|(key, value)| (key, display(value))).collect();
        let first = shown.iter().map(|(key, _)| key.chars().count()).max().unwrap_or(0);
        let second = shown.iter().map(|(_, value)| value.len()).max().unwrap_or(0);
        for (position, (key, value)) in shown.iter().enumerate() {
            let line = if position == 0 { "" } else { "\n" };
            write!(f, "{line}{key:<first$}  {value:>second$}")?;
        }
        for (position, table) in self.tables.iter().enumerate() {
            let gap = if position == 0 && shown.is_empty() { "" } else { "\n\n" };
            write!(f, "{gap}{table}")?;
        }
        Ok(())
    }
}

fn display(value: Option<f64>) -> String {
    match value {
        None => "undefined".to_owned(),
        Some(value) if value != 0.0 && !(1e-3..1e6).contains(&value.abs()) => format!("{value:.3e}"),
        Some(value) => format!("{value:.4}"),
    }
}

/// A map of the values; undefined ones are null.
impl Serialize for Metrics {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.values.len()))?;
        for (key, value) in self.iter() {
            map.serialize_entry(key, &value)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metrics() -> Metrics {
        let mut metrics = Metrics::new();
        for (key, value) in
            [("loss", Some(0.53125)), ("f1", Some(0.875)), ("roc_auc", None), ("perplexity", Some(2.5e9))]
        {
            metrics.insert(key, value).unwrap();
        }
        metrics
    }

    #[test]
    fn a_value_is_found_by_its_key_with_and_without_eval() {
        let metrics = metrics();
        assert_eq!((metrics["f1"], metrics["eval_f1"]), (0.875, 0.875));
        assert_eq!((metrics.get("eval_loss"), metrics.get("accuracy")), (Some(0.53125), None));
        assert!(metrics.contains_key("roc_auc") && !metrics.contains_key("accuracy"));
    }

    #[test]
    fn metrics_print_in_two_aligned_columns() {
        let expected = "loss           0.5312\nf1             0.8750\nroc_auc     undefined\nperplexity    2.500e9";
        assert_eq!(metrics().to_string(), expected);
    }

    #[test]
    #[should_panic(expected = "there is no metric `eval_f2`\nhelp: did you mean `f1`? there are: loss, f1, roc_auc")]
    fn an_unknown_key_panics_with_the_nearest() {
        let _ = metrics()["eval_f2"];
    }

    #[test]
    #[should_panic(expected = "the metric `roc_auc` is not defined on this data")]
    fn an_undefined_value_panics_instead_of_being_nan() {
        let _ = metrics()["roc_auc"];
    }

    #[test]
    fn nan_becomes_undefined_and_a_second_value_is_refused() {
        let mut metrics = metrics();
        metrics.insert("kappa", Some(f64::NAN)).unwrap();
        assert!(metrics.contains_key("kappa") && metrics.get("kappa").is_none());
        assert_eq!(metrics.insert("f1", None).unwrap_err().message(), "two metrics give a value named `f1`");
    }

    #[test]
    fn a_prefix_goes_before_every_key() {
        let metrics = metrics().with_prefix("french");
        assert_eq!(metrics.get("eval_french_f1"), Some(0.875));
    }

    #[test]
    fn another_evaluation_is_added_at_the_end() {
        let mut all = Metrics::new();
        all.insert("loss", Some(0.25)).unwrap();
        all.extend(metrics().with_prefix("french")).unwrap();
        assert_eq!(all.keys().collect::<Vec<_>>()[..2], ["loss", "french_loss"]);
        assert!(all.extend(metrics()).is_err());
    }

    #[test]
    fn metrics_serialise_as_a_map() {
        let json = serde_json::to_string(&metrics()).unwrap();
        assert_eq!(json, r#"{"loss":0.53125,"f1":0.875,"roc_auc":null,"perplexity":2500000000.0}"#);
    }
}
