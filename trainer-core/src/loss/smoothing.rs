//! The answer of a loss that cannot smooth labels.

use super::Loss;
use crate::error::{Error, ErrorKind, Result};

/// Refuses `label_smoothing_factor` for the loss that the user calls `name`; `why` is what it has instead of classes of which
/// one is right.
pub(super) fn refused(name: &str, why: &str, factor: f64) -> Result<Box<dyn Loss>> {
    let message = format!("`label_smoothing_factor` is {factor}, but `{name}` {why}");
    Err(Error::new(ErrorKind::Arguments, message).help(
        "leave `label_smoothing_factor` out, or take `loss = ce` or `weighted_ce([…])` where an item has one class",
    ))
}
