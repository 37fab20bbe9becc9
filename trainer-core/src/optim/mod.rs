//! Optimisers, clipping and schedules, on one clock: the update.
