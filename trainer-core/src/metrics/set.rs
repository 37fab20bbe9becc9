//! All metrics of a trainer, run together.

use super::counts::ClassCounts;
use super::results::duplicate;
use super::{ClassificationReport, ConfusionMatrix, EvaluationBatch, EvaluationLabels, Metric, Metrics};
use crate::error::Result;

/// All metrics of a trainer, run together; and what a task with classes is always told: which class was taken for
/// which, and a table of the classes.
pub struct MetricSet {
    metrics: Vec<Box<dyn Metric>>,
    classes: Vec<String>,
    counts: ClassCounts,
    confusion: ConfusionMatrix,
    has_one_class: bool,
}

impl MetricSet {
    /// The metrics, in the order in which their values are to be listed.
    ///
    /// # Errors
    /// [`ErrorKind::Metric`](crate::ErrorKind::Metric) if two would give values of the same key.
    pub fn new(metrics: Vec<Box<dyn Metric>>) -> Result<Self> {
        let set = Self {
            metrics,
            classes: Vec::new(),
            counts: ClassCounts::default(),
            confusion: ConfusionMatrix::default(),
            has_one_class: false,
        };
        set.check_keys()?;
        Ok(set)
    }

    /// Takes the names of the task's classes, in their order; to be called once, before the first batch.
    ///
    /// # Errors
    /// As [`MetricSet::new`], for the keys that only the classes make.
    pub fn set_classes(&mut self, classes: &[&str]) -> Result<()> {
        self.classes = classes.iter().map(|class| (*class).to_owned()).collect();
        for metric in &mut self.metrics {
            metric.set_classes(classes);
        }
        self.check_keys()
    }

    /// The keys of all values, as far as they are known before the values are.
    pub fn keys(&self) -> Vec<String> {
        self.metrics.iter().flat_map(|metric| metric.keys()).collect()
    }

    /// Whether an evaluation may give a value of this key, which has no `eval_`.
    pub fn may_give(&self, key: &str) -> bool {
        let is_further = |name: &str| key.strip_prefix(name).is_some_and(|rest| rest.starts_with('_'));
        self.metrics.iter().any(|metric| {
            metric.keys().iter().any(|own| own == key) || (metric.gives_other_keys() && is_further(metric.name()))
        })
    }

    /// Whether a metric compares texts that the model has to write.
    pub fn needs_texts(&self) -> bool {
        self.metrics.iter().any(|metric| metric.needs_texts())
    }

    /// Whether a metric needs the most probable token at each place of a vocabulary's task.
    pub fn needs_predicted_tokens(&self) -> bool {
        self.metrics.iter().any(|metric| metric.needs_predicted_tokens())
    }

    /// Whether a larger value of a key, with or without `eval_`, is better; `None` if no metric gives it.
    ///
    /// A key that begins with a metric's name and `_` is taken as one of its values: of several such metrics, that
    /// with the longest name.
    pub fn greater_is_better(&self, key: &str) -> Option<bool> {
        let of_key = |key: &str| {
            let exact = self.metrics.iter().find(|metric| metric.keys().iter().any(|own| own == key));
            let begins = |name: &str| key.strip_prefix(name).is_some_and(|rest| rest.starts_with('_'));
            let named = || self.metrics.iter().filter(|metric| begins(metric.name()));
            let by_name = || named().max_by_key(|metric| metric.name().len());
            exact.or_else(by_name).map(|metric| metric.greater_is_better())
        };
        of_key(key).or_else(|| of_key(key.strip_prefix("eval_")?))
    }

    /// Whether there is no metric.
    pub fn is_empty(&self) -> bool {
        self.metrics.is_empty()
    }

    /// Forgets all batches.
    pub fn reset(&mut self) {
        self.metrics.iter_mut().for_each(|metric| metric.reset());
        self.counts = ClassCounts::default();
        self.confusion.clear();
        self.has_one_class = false;
    }

    /// Takes in one batch.
    ///
    /// # Errors
    /// As [`EvaluationBatch::check`]; and if a metric does not suit the task.
    pub fn update(&mut self, batch: &EvaluationBatch<'_>) -> Result<()> {
        batch.check()?;
        for metric in &mut self.metrics {
            metric.update(batch)?;
        }
        if !self.classes.is_empty() {
            self.counts.add(batch)?;
            if matches!(batch.labels, EvaluationLabels::Classes(_)) {
                self.confusion.add(batch)?;
                self.has_one_class = true;
            }
        }
        Ok(())
    }

    /// The values and tables over all batches since the last reset.
    ///
    /// # Errors
    /// As [`MetricSet::new`], for the keys that only the values make; and whatever a metric answers.
    pub fn compute(&self) -> Result<Metrics> {
        let mut metrics = Metrics::new();
        for metric in &self.metrics {
            for value in metric.compute()? {
                metrics.insert(value.key, value.value)?;
            }
            metrics.tables.extend(metric.table());
        }
        metrics.report = ClassificationReport::new(&self.counts, &self.classes);
        metrics.confusion_matrix = self.has_one_class.then(|| self.confusion.clone().named(self.classes.clone()));
        Ok(metrics)
    }

    fn check_keys(&self) -> Result<()> {
        let mut keys = self.keys();
        keys.sort_unstable();
        match keys.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(duplicate(&pair[0])),
            None => Ok(()),
        }
    }
}

impl std::fmt::Debug for MetricSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MetricSet").field("keys", &self.keys()).field("classes", &self.classes).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Average, accuracy, confusion_matrix, f1, log_loss};
    use super::*;

    const LOGITS: [f32; 8] = [1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0];

    fn batch(labels: EvaluationLabels<'_>) -> EvaluationBatch<'_> {
        EvaluationBatch { logits: &LOGITS, outputs: 2, labels, ..EvaluationBatch::default() }
    }

    #[test]
    fn two_metrics_of_one_key_need_a_name() {
        let twice = |second| MetricSet::new(vec![Box::new(f1()), second]);
        let error = twice(Box::new(f1().average(Average::Macro))).unwrap_err();
        assert_eq!(
            error.to_string(),
            "two metrics give a value named `f1`\nhelp: give one of them a `name`, such as `name = \"f1_2\"`"
        );
        let set = twice(Box::new(f1().average(Average::Macro).name("f1_macro"))).unwrap();
        assert_eq!(set.keys(), ["f1", "f1_macro"]);
    }

    #[test]
    fn a_key_that_only_the_classes_make_is_compared_too() {
        let per_class = f1().average(Average::PerClass);
        let mut set = MetricSet::new(vec![Box::new(per_class), Box::new(accuracy().name("f1_good"))]).unwrap();
        assert!(set.set_classes(&["bad", "good"]).is_err());
    }

    #[test]
    fn a_key_knows_whether_greater_is_better() {
        let set = MetricSet::new(vec![Box::new(log_loss()), Box::new(f1().average(Average::PerClass))]).unwrap();
        assert_eq!(set.greater_is_better("log_loss"), Some(false));
        assert_eq!(set.greater_is_better("eval_log_loss"), Some(false));
        assert_eq!(set.greater_is_better("f1_good"), Some(true));
        assert_eq!(set.greater_is_better("accuracy"), None);
    }

    #[test]
    fn a_task_with_classes_always_gets_its_tables() {
        let mut set = MetricSet::new(vec![Box::new(accuracy())]).unwrap();
        set.set_classes(&["bad", "good"]).unwrap();
        set.update(&batch(EvaluationLabels::Classes(&[0, 1, 1, 1]))).unwrap();
        let metrics = set.compute().unwrap();
        assert_eq!(metrics.get("accuracy"), Some(0.75));
        assert_eq!(metrics.report().map(|report| report.classes[1].recall), Some(2.0 / 3.0));
        assert_eq!(metrics.confusion_matrix().unwrap().counts(), [[1, 0], [1, 2]]);
        assert_eq!(metrics.to_string(), "accuracy  0.7500");
        set.reset();
        let empty = set.compute().unwrap();
        assert!(empty.report().is_none() && empty.confusion_matrix().is_none() && empty.get("accuracy").is_none());
    }

    #[test]
    fn several_labels_get_a_report_and_no_matrix() {
        let mut set = MetricSet::new(Vec::new()).unwrap();
        set.set_classes(&["bad", "good"]).unwrap();
        set.update(&batch(EvaluationLabels::MultiHot(&[1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 1.0]))).unwrap();
        let metrics = set.compute().unwrap();
        assert!(metrics.report().is_some() && metrics.confusion_matrix().is_none());
    }

    #[test]
    fn the_matrix_is_printed_if_it_is_among_the_metrics() {
        let mut set = MetricSet::new(vec![Box::new(accuracy()), Box::new(confusion_matrix())]).unwrap();
        set.set_classes(&["bad", "good"]).unwrap();
        set.update(&batch(EvaluationLabels::Classes(&[0, 1, 1, 1]))).unwrap();
        let printed = set.compute().unwrap().to_string();
        assert_eq!(
            printed,
            "accuracy  0.7500\n\nactual \\ predicted  bad  good\nbad                   1     0\ngood                  1     2"
        );
    }
}
