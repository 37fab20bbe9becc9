//! Metrics, streamed: what a run is judged by.
//!
//! What comes in: logits and labels, the losses of tokens, or texts that the model wrote, batch by batch. What goes out:
//! [`Metrics`], named values with a table of the classes. It keeps no more than each metric needs: counts for most, scores only
//! for those that rank. It refuses a metric that does not suit the task, and a logit that is no number.
//!
//! The built-ins give what scikit-learn 1.9, seqeval 1.2, sacrebleu 2.6 and `rouge_score` 0.1 give on the same input, computed in
//! `f64`. Where these refuse or answer NaN, the value is undefined (`None`). The modules [`counts`], [`ranking`],
//! [`probability`], [`regression`], [`correlation`], [`entities`] and [`texts`] hold the same arithmetic as plain functions.

mod average;
mod batch;
mod builtin;
mod classes;
mod confusion;
pub mod correlation;
pub mod counts;
pub mod entities;
mod function;
mod perplexity;
pub mod probability;
pub mod ranking;
mod ratio;
pub mod regression;
mod report;
mod results;
mod set;
mod suits;
pub mod texts;
mod threshold;

pub use average::{AbsentClasses, Average, ZeroDivision};
pub use batch::{EvaluationBatch, EvaluationLabels, GeneratedText};
pub use builtin::{BuiltIn, Shape, Statistic};
pub use classes::{
    Accuracy, BalancedAccuracy, CohenKappa, ConfusionTable, Mcc, accuracy, balanced_accuracy, cohen_kappa,
    confusion_matrix, mcc,
};
pub use confusion::{ConfusionMatrix, KappaWeights};
pub use correlation::{Pearson, Spearman, pearson, spearman};
pub use entities::{Entity, EntityF1, EntityScheme, entity_f1};
pub use function::{
    Entities, FunctionMetric, Kept, Labels, Logits, Losses, MetricArgument, MetricElement, MetricFunction,
    MetricReturn, Needs, Predictions, Probabilities, Scores, Texts, first_labels, same_labels, values,
};
#[doc(hidden)]
pub use function::{IsAValue, Returned, metric_returns_a_value};
pub use perplexity::{Perplexity, perplexity};
pub use probability::{Brier, BrierScale, LogLoss, TopK, brier, log_loss, top_k};
pub use ranking::{AveragePrecision, MultiClass, RocAuc, average_precision, roc_auc};
pub use ratio::{ClassRatio, Ratio, f1, fbeta, precision, recall};
pub use regression::{Mae, Mse, R2, mae, mse, r2};
pub use report::{AverageRow, ClassRow, ClassificationReport};
pub use results::Metrics;
pub use set::MetricSet;
pub use suits::Suits;
pub use texts::{Bleu, BleuSmoothing, Chrf, ExactMatch, Rouge, bleu, chrf, exact_match, rouge};
pub use threshold::{BestThreshold, best_threshold};

pub use crate::data::first_maximum;
use crate::error::Result;

/// A value of a metric, or that it is not defined on this data.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricValue {
    /// Its key in the results, such as `f1`.
    pub key: String,
    /// The value; `None` where it is not defined.
    pub value: Option<f64>,
}

/// Something to judge a model by, computed in one pass over the evaluation set.
///
/// The order of calls is: `set_classes` once if the task has classes, then for each evaluation `reset`, `update` for
/// every batch, `compute` and `table`.
pub trait Metric: Send {
    /// Its name, which is its key in the results or the prefix of its keys.
    fn name(&self) -> &str;

    /// Whether a larger value is better.
    fn greater_is_better(&self) -> bool {
        true
    }

    /// Takes the names of the task's classes, in their order.
    fn set_classes(&mut self, classes: &[&str]) {
        let _ = classes;
    }

    /// The keys of its values, as far as they are known before the values are: the name alone, if not overridden.
    fn keys(&self) -> Vec<String> {
        vec![self.name().to_owned()]
    }

    /// Whether it may give values under other keys than [`keys`](Self::keys), which then begin with the name and `_`.
    fn gives_other_keys(&self) -> bool {
        false
    }

    /// Whether it compares texts: the trainer then has the model write one for each example of the evaluation set.
    fn needs_texts(&self) -> bool {
        false
    }

    /// Whether it needs the most probable token at each place of a vocabulary's task.
    fn needs_predicted_tokens(&self) -> bool {
        false
    }

    /// Forgets all batches.
    fn reset(&mut self);

    /// Takes in one batch.
    fn update(&mut self, batch: &EvaluationBatch<'_>) -> Result<()>;

    /// The values over all batches since the last reset.
    fn compute(&self) -> Result<Vec<MetricValue>>;

    /// A table to print under the values.
    fn table(&self) -> Option<String> {
        None
    }
}
