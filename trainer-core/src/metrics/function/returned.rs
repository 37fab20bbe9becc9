//! What a metric function can return.

use serde::Serialize;

use super::values;
use crate::error::Result;
use crate::metrics::MetricValue;

/// A type that a `#[metric]` function can return.
#[diagnostic::on_unimplemented(
    message = "a metric cannot return `{Self}`",
    label = "not what a metric can return",
    note = "a metric returns `f64`, `Option<f64>`, `[(&'static str, f64); N]`, or a struct of numbers that derives `Serialize`"
)]
pub trait MetricReturn: Sized {
    /// What was returned, as values of the metric `name`.
    fn values(self, name: &str) -> Result<Vec<MetricValue>>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> MetricReturn for T {
    fn values(self, name: &str) -> Result<Vec<MetricValue>> {
        values(name, self)
    }
}
