//! What is written down of a run: when each update ended, and the rows of its batches.

use std::sync::{Mutex, PoisonError};

use compare_job::{Record, Update};
use trainer_core::collate::Item;
use trainer_core::prelude::*;

/// The updates of the run and the rows of its batches.
static UPDATES: Mutex<Vec<Update>> = Mutex::new(Vec::new());
static ROWS: Mutex<Vec<Vec<usize>>> = Mutex::new(Vec::new());

/// Notes when each update ends.
pub(crate) struct Clock;

impl Callback for Clock {
    /// Every row was laid out once to see what is learned; what is written down from here on is trained on.
    fn on_train_begin(&mut self, _moment: &RunMoment<'_>, _control: &mut Control) -> trainer_core::Result<()> {
        taken(&ROWS);
        Ok(())
    }

    fn on_step_end(&mut self, moment: &RunMoment<'_>, _control: &mut Control) -> trainer_core::Result<()> {
        if let Some(update) = moment.update {
            let update = Update::ending_now(update.loss, Some(update.tokens));
            UPDATES.lock().unwrap_or_else(PoisonError::into_inner).push(update);
        }
        Ok(())
    }
}

/// Writes down the rows that a collator was given.
pub(crate) fn write_down(items: &[&Item]) {
    let rows = items.iter().map(|item| item.row).collect();
    ROWS.lock().unwrap_or_else(PoisonError::into_inner).push(rows);
}

/// Puts everything that was written down into a record.
pub(crate) fn collect(record: &mut Record) {
    record.updates = taken(&UPDATES);
    record.rows = taken(&ROWS);
    record.rows.truncate(record.updates.len());
}

/// What was collected, out of its lock.
fn taken<T>(list: &Mutex<Vec<T>>) -> Vec<T> {
    std::mem::take(&mut list.lock().unwrap_or_else(PoisonError::into_inner))
}
