//! The batches of an epoch, laid out beside the step.
//!
//! In: the items of the training set, the order of an epoch, and the places in it that each micro-batch takes. Out: one
//! micro-batch after the other, in that order, the same as if each were laid out when it is asked for; a thread is a few of them
//! ahead. What a collator refuses comes out at the micro-batch it belongs to. A feed that is dropped ends its thread.

use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{Builder, JoinHandle};

use super::lay_out::LayOut;
use crate::collate::{Batch, Item, cut};
use crate::error::{Error, ErrorKind, Result};

/// Micro-batches that wait for their step. One would do if all took as long; a few bridge a collator that is slow at times.
const AHEAD: usize = 3;

/// What lays micro-batches out, shared with the thread that does.
#[derive(Clone)]
pub(super) struct Layout {
    pub(super) items: Arc<[Item]>,
    pub(super) lay_out: LayOut,
    /// The most real tokens of a chunk; `None` where only whole micro-batches give the right sums.
    pub(super) tokens_per_chunk: Option<usize>,
}

/// A micro-batch: the rows it has, and them laid out in one chunk or several.
pub(super) struct MicroBatch {
    /// The rows of the data set.
    pub(super) rows: Vec<usize>,
    /// The chunks, or why the collator cannot lay the rows out.
    pub(super) chunks: Result<Vec<Batch>>,
}

/// The micro-batches of an epoch, a few of them ahead.
pub(super) struct Feed {
    /// `None` once the feed ends.
    batches: Option<Receiver<MicroBatch>>,
    thread: Option<JoinHandle<()>>,
}

impl Layout {
    /// Lays out the items of some rows.
    fn micro_batch(&self, epoch: u32, rows: &[usize]) -> MicroBatch {
        let items: Vec<&Item> = rows.iter().filter_map(|row| self.items.get(*row)).collect();
        let batch = self.lay_out.batch(&items, Some(epoch));
        let chunks = batch.and_then(|batch| match self.tokens_per_chunk {
            Some(limit) => cut(batch, limit),
            None => Ok(vec![batch]),
        });
        MicroBatch { rows: rows.to_vec(), chunks }
    }
}

impl Feed {
    /// Begins to lay out the micro-batches of an epoch that take these places of its order.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] if the system starts no thread.
    pub(super) fn new(layout: Layout, epoch: usize, order: Vec<usize>, places: Vec<Range<usize>>) -> Result<Self> {
        let (send, batches) = sync_channel(AHEAD);
        let lay_out = move || {
            for places in places {
                let micro_batch = layout.micro_batch(epoch as u32, &order[places]);
                let goes_on = micro_batch.chunks.is_ok();
                if send.send(micro_batch).is_err() || !goes_on {
                    break;
                }
            }
        };
        let thread = Builder::new().name("batches".to_owned()).spawn(lay_out).map_err(|source| {
            Error::new(ErrorKind::Io, format!("no thread can be started to lay out batches: {source}"))
                .help("the system allows no more threads: raise its limit, or end other programs")
                .caused_by(source)
        })?;
        Ok(Self { batches: Some(batches), thread: Some(thread) })
    }

    /// The next micro-batch; waits for it if it is not there yet.
    ///
    /// # Errors
    /// [`ErrorKind::Data`] after the last. A panic of the collator goes on here.
    pub(super) fn next(&mut self) -> Result<MicroBatch> {
        if let Some(micro_batch) = self.batches.as_ref().and_then(|batches| batches.recv().ok()) {
            return Ok(micro_batch);
        }
        if let Some(Err(panic)) = self.thread.take().map(JoinHandle::join) {
            resume_unwind(panic);
        }
        Err(Error::new(ErrorKind::Data, "the epoch has no further micro-batch"))
    }
}

impl Drop for Feed {
    /// Nobody takes the rest: the thread ends after the micro-batch that it is at.
    fn drop(&mut self) {
        self.batches = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the collator beyond the last step is of no batch that was asked for.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests;
