//! What may vary between runs.
