//! Which way blocks are computed, and how noisy embeddings are, for what runs on this thread.

use std::cell::Cell;

/// A way to compute blocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Way {
    /// Written out by hand where that covers the blocks, the device and the type of the numbers.
    #[default]
    Fused,
    /// By the blocks' own operations of candle, which every device has.
    Reference,
}

/// What models that run on this thread do.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Choice {
    pub(crate) way: Way,
    /// Whether blocks keep only what they were given and compute the rest again on the way back.
    pub(crate) recomputes: bool,
    /// How much noise the embeddings of words get while training: `neftune_noise_alpha`; 0 for none.
    pub(crate) noise: f64,
}

thread_local! {
    static CHOICE: Cell<Choice> = const { Cell::new(Choice { way: Way::Fused, recomputes: false, noise: 0.0 }) };
}

/// What blocks on this thread do now.
pub(crate) fn now() -> Choice {
    CHOICE.get()
}

/// Runs `work` with blocks computed one way, whatever the device: to compare the two.
pub fn computing<T>(way: Way, work: impl FnOnce() -> T) -> T {
    choosing(Choice { way, ..now() }, work)
}

/// Runs `work`, whose blocks do as `choice` says.
pub(crate) fn choosing<T>(choice: Choice, work: impl FnOnce() -> T) -> T {
    struct Before(Choice);
    impl Drop for Before {
        fn drop(&mut self) {
            CHOICE.set(self.0);
        }
    }
    let _before = Before(CHOICE.replace(choice));
    work()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_ends_with_its_work_also_by_a_panic() {
        let inside = computing(Way::Reference, || {
            let caught = std::panic::catch_unwind(|| computing(Way::Fused, || panic!("on purpose")));
            (now().way, caught.is_err())
        });
        assert_eq!((inside, now()), ((Way::Reference, true), Choice::default()));
    }
}
