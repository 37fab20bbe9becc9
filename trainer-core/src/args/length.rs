//! How many updates a run takes.
//!
//! What comes in: the rows of the training set and the arguments that cut them into updates. What goes out: batches and
//! updates of an epoch, updates and epochs of the run. The compiler counts with it where it knows the training file, the
//! run with the same function.

use super::facts::Facts;

/// The counts of a run.
///
/// Source: `transformers.Trainer.set_initial_training_values`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunLength {
    /// Batches of an epoch.
    pub batches_per_epoch: usize,
    /// Updates of an epoch; the last one may have fewer batches.
    pub updates_per_epoch: usize,
    /// Updates of the run.
    pub updates: usize,
    /// Epochs that are begun.
    pub epochs: usize,
}

impl RunLength {
    /// The counts of a run over `rows` rows; `None` if it would take no update, or if a count is too large for `usize`.
    pub const fn of(facts: &Facts<'_>, rows: usize) -> Option<Self> {
        let (batch, window) = (facts.per_device_train_batch_size, facts.gradient_accumulation_steps);
        if batch == 0 || window == 0 {
            return None;
        }
        let batches_per_epoch = if facts.dataloader_drop_last { rows / batch } else { rows.div_ceil(batch) };
        if batches_per_epoch == 0 {
            return None;
        }
        let updates_per_epoch = batches_per_epoch.div_ceil(window);
        let (updates, epochs) = match facts.max_steps {
            Some(updates) => (updates, updates.div_ceil(updates_per_epoch)),
            None => {
                let updates = (facts.num_train_epochs * updates_per_epoch as f64).ceil();
                // NaN is in no range; beyond this, counts are not exact.
                if !(updates >= 1.0 && updates <= Self::MOST_UPDATES) {
                    return None;
                }
                (updates as usize, facts.num_train_epochs.ceil() as usize)
            }
        };
        if updates == 0 { None } else { Some(Self { batches_per_epoch, updates_per_epoch, updates, epochs }) }
    }

    /// The largest number of updates; beyond it the arithmetic of a run would not be exact.
    pub const MOST_UPDATES: f64 = 9.0e15;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counts_are_those_of_the_reference() {
        // transformers 5.23: rows, batch, accumulation, epochs, drop_last -> updates of an epoch, of the run, epochs.
        for (rows, batch, window, epochs, drop_last, counts) in [
            (10, 4, 2, 3.0, false, (2, 6, 3)),
            (46, 4, 3, 1.5, false, (4, 6, 2)),
            (10, 4, 1, 3.0, true, (2, 6, 3)),
            (3, 8, 4, 1.0, false, (1, 1, 1)),
            (500, 16, 1, 2.9375, false, (32, 94, 3)),
        ] {
            let facts = Facts {
                per_device_train_batch_size: batch,
                gradient_accumulation_steps: window,
                num_train_epochs: epochs,
                dataloader_drop_last: drop_last,
                ..Facts::DEFAULT
            };
            let length = RunLength::of(&facts, rows).unwrap();
            assert_eq!((length.updates_per_epoch, length.updates, length.epochs), counts, "{rows} rows");
        }
    }

    /// Batch by batch: a batch more, and after each full window or at the end of the epoch an update more.
    fn counted(rows: usize, batch: usize, window: usize, drop_last: bool) -> (usize, usize) {
        let (mut batches, mut updates, mut waiting, mut left) = (0, 0, 0, rows);
        while left >= batch || (left > 0 && !drop_last) {
            left -= batch.min(left);
            batches += 1;
            waiting += 1;
            if waiting == window {
                updates += 1;
                waiting = 0;
            }
        }
        (batches, updates + usize::from(waiting > 0))
    }

    #[test]
    fn the_counts_are_those_of_going_through_the_rows() {
        let mut random = 7_u64;
        let mut below = |limit: u64| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from((random >> 33) % limit).unwrap()
        };
        for _ in 0..500 {
            let (rows, batch, window, quarters) = (below(400), 1 + below(40), 1 + below(9), 1 + below(20));
            let (drop_last, max_steps) = (below(2) == 1, (below(4) == 0).then(|| 1 + below(99)));
            let facts = Facts {
                per_device_train_batch_size: batch,
                gradient_accumulation_steps: window,
                num_train_epochs: quarters as f64 / 4.0,
                dataloader_drop_last: drop_last,
                max_steps,
                ..Facts::DEFAULT
            };
            let (batches, updates) = counted(rows, batch, window, drop_last);
            let expected = (batches > 0).then(|| match max_steps {
                Some(steps) => (batches, updates, steps, steps.div_ceil(updates)),
                None => (batches, updates, (quarters * updates).div_ceil(4), quarters.div_ceil(4)),
            });
            let found = RunLength::of(&facts, rows);
            let found = found.map(|run| (run.batches_per_epoch, run.updates_per_epoch, run.updates, run.epochs));
            assert_eq!(found, expected, "{rows} rows: {facts:?}");
        }
    }

    #[test]
    fn a_run_without_an_update_has_no_length() {
        let refused = [
            (Facts { per_device_train_batch_size: 0, ..Facts::DEFAULT }, 10),
            (Facts { gradient_accumulation_steps: 0, ..Facts::DEFAULT }, 10),
            (Facts { dataloader_drop_last: true, ..Facts::DEFAULT }, 7),
            (Facts { num_train_epochs: f64::NAN, ..Facts::DEFAULT }, 10),
            (Facts { num_train_epochs: 1e300, ..Facts::DEFAULT }, 10),
            (Facts { max_steps: Some(0), ..Facts::DEFAULT }, 10),
            (Facts::DEFAULT, 0),
        ];
        for (facts, rows) in refused {
            assert_eq!(RunLength::of(&facts, rows), None, "{facts:?}");
        }
    }
}
