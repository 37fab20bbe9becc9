//! The orders in which an epoch visits the examples.
//!
//! What comes in: the number of examples or their lengths, the seed, the epoch. What goes out: positions `0..len`, each
//! once, and the batches made of them. Every order is a function of its arguments, so that a run resumes at any epoch with
//! nothing saved; and it equals the order of Hugging Face's `Trainer` for the same seed.

pub use crate::tensor::mersenne_twister::MersenneTwister;

/// The order of the file.
pub fn sequential(len: usize) -> Vec<usize> {
    (0..len).collect()
}

/// A random order for one epoch: the permutation that a fresh generator draws from `seed + epoch`.
///
/// * `seed`: the run's `data_seed` if it is given, else its `seed`; `epoch`: from 0.
///
/// Source: `accelerate.data_loader.SeedableRandomSampler` over `torch.randperm`.
pub fn random(len: usize, seed: u64, epoch: u64) -> Vec<usize> {
    MersenneTwister::new(seed.wrapping_add(epoch)).permutation(len)
}

/// The place of an epoch in the stream of random numbers that length-grouped orders are drawn from.
///
/// Hugging Face draws them from the one global generator, seeded once: every pass over a data loader, be it for training
/// or for evaluation, takes two numbers first, and a training pass its permutation. So the order of an epoch depends on
/// how many evaluations ran before it. Drawing by this count instead of by history keeps the order a function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoaderPasses {
    /// The epoch, from 0: how many training passes ran before.
    pub epoch: u64,
    /// How many evaluations ran before this epoch began, each over one data set.
    pub evaluations: u64,
}

impl LoaderPasses {
    /// How many numbers of the stream are used up when the order of `len` examples is drawn.
    pub fn draws_before(&self, len: usize) -> u64 {
        const BASE_SEED: u64 = 2;
        let permutation = (len as u64).saturating_sub(1);
        self.epoch * (BASE_SEED + permutation) + self.evaluations * BASE_SEED + BASE_SEED
    }
}

/// An order in which neighbours have similar lengths, so that little is padded; the longest example comes first.
///
/// * `lengths`: tokens of each example; `update_size`: examples in an update, batch size times accumulation steps.
/// * `seed`: the run's `seed`, also when it has a `data_seed`; `passes`: which epoch this is.
///
/// It equals Hugging Face's order for models that draw nothing themselves; there dropout draws from the same generator
/// and makes the order of later epochs depend on the model.
///
/// Source: `transformers.trainer_pt_utils.LengthGroupedSampler` under `Trainer`.
pub fn length_grouped(lengths: &[usize], update_size: usize, seed: u64, passes: LoaderPasses) -> Vec<usize> {
    let mut stream = MersenneTwister::new(seed);
    stream.skip(passes.draws_before(lengths.len()));
    group_by_length(lengths, update_size, &stream.permutation(lengths.len()))
}

/// Groups the random order `permutation` by length: it is cut into large groups, of up to 50 updates, each sorted from
/// long to short; then the longest example of all changes places with the first.
///
/// Equal lengths keep their random order. Positions of `permutation` that `lengths` does not have are left out.
///
/// Source: `transformers.trainer_pt_utils.get_length_grouped_indices`.
pub fn group_by_length(lengths: &[usize], update_size: usize, permutation: &[usize]) -> Vec<usize> {
    const MOST_UPDATES: usize = 50;
    let update_size = update_size.max(1);
    let updates = (lengths.len() / update_size.saturating_mul(4)).clamp(1, MOST_UPDATES);
    let group = updates.saturating_mul(update_size);
    let mut order: Vec<(usize, usize)> =
        permutation.iter().filter_map(|row| lengths.get(*row).map(|length| (*row, *length))).collect();
    for rows in order.chunks_mut(group) {
        rows.sort_by_key(|(_, length)| std::cmp::Reverse(*length));
    }
    let mut longest = 0;
    for first in (0..order.len()).step_by(group) {
        if order[first].1 > order[longest].1 {
            longest = first;
        }
    }
    if !order.is_empty() {
        order.swap(0, longest);
    }
    order.into_iter().map(|(row, _)| row).collect()
}

/// What becomes of the examples that do not fill a batch at the end of an order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LastBatch {
    /// They are a smaller batch.
    #[default]
    Keep,
    /// They are left out of this epoch (`dataloader_drop_last`).
    Drop,
}

/// Cuts an order into batches of `batch_size` (at least 1).
pub fn batches(order: &[usize], batch_size: usize, last: LastBatch) -> Vec<Vec<usize>> {
    let batch_size = batch_size.max(1);
    let kept = match last {
        LastBatch::Keep => order.len(),
        LastBatch::Drop => order.len() - order.len() % batch_size,
    };
    order[..kept].chunks(batch_size).map(<[usize]>::to_vec).collect()
}
