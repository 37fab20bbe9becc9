//! Randomness as a function: the same numbers for the same place in a run, with nothing to save or restore.

/// Whether a forward pass trains or evaluates; only training draws random numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Dropout is on, drawn for this place in the run.
    Train(Moment),
    /// Nothing is random.
    Evaluate,
}

/// A place in a training run: with a site in the model and an element's position it fixes every random number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The run's seed.
    pub seed: u64,
    /// The epoch, from 0.
    pub epoch: u32,
    /// The update within the run, from 0.
    pub update: u32,
    /// The micro-batch within the update, from 0.
    pub micro_batch: u32,
}
