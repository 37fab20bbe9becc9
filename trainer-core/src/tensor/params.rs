//! Parameters, ordered by name.
//!
//! What comes in: requests of layers for a tensor of a name and shape, through candle's `VarBuilder`. What goes out: the
//! same variables in the order of their names, for the optimiser, for checkpoints and for the proof that each has a
//! gradient.

/// The parameters of a model, ordered by name.
#[derive(Clone, Debug, Default)]
pub struct Parameters {}
