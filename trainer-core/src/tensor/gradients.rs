//! Where the gradients of parameters go, and what an update finds there.
//!
//! candle's graph makes a tensor of zeros for every gradient and adds to it. A layer that knows the gradient of its
//! parameter writes it into the parameter's slot instead, added up over the micro-batches of an update, in
//! memory that is used again by the next update. What layers do is said by a scope, for the thread that runs them;
//! what comes out for clipping, the optimiser and callbacks are [`Gradients`].

mod gathered;
mod gradient;
mod row_sums;
mod slot;

use std::cell::Cell;
use std::marker::PhantomData;

pub(crate) use gathered::Gathered;
pub use gradient::{DenseGradient, Gradient, Gradients, RowGradient};
pub(crate) use slot::{DenseBuffer, GradientSlot};

/// What layers do with the gradients of their parameters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Gathering {
    /// candle's graph holds the parameters, and its backward gives their gradients.
    #[default]
    Graph,
    /// A layer that can writes them into the slots of its parameters; the others leave them to the graph.
    Slots,
    /// No parameter gets one: layers compute with tensors that are cut off from their parameters.
    Nothing,
}

thread_local! {
    static GATHERING: Cell<Gathering> = const { Cell::new(Gathering::Graph) };
}

/// What layers that run on this thread do with gradients now.
pub(crate) fn gathering() -> Gathering {
    GATHERING.get()
}

/// Runs a forward and its backward whose layers write the gradients of parameters into their slots where they can.
pub(crate) fn into_slots<T>(work: impl FnOnce() -> T) -> T {
    let _scope = Scope::begin(Gathering::Slots);
    work()
}

/// Runs a forward that nobody goes back through.
pub(crate) fn without<T>(work: impl FnOnce() -> T) -> T {
    let _scope = Scope::begin(Gathering::Nothing);
    work()
}

/// Runs `work` as it would run on a thread that gathers like this.
pub(super) fn within<T>(gathering: Gathering, work: impl FnOnce() -> T) -> T {
    let _scope = Scope::begin(gathering);
    work()
}

/// Until it is dropped, also by a panic, this thread gathers in its way; then as before.
struct Scope {
    before: Gathering,
    /// It belongs to its thread.
    thread: PhantomData<*const ()>,
}

impl Scope {
    fn begin(gathering: Gathering) -> Self {
        Self { before: GATHERING.replace(gathering), thread: PhantomData }
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        GATHERING.set(self.before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_nest_and_end_with_a_panic() {
        assert_eq!(gathering(), Gathering::Graph);
        let inner = into_slots(|| {
            let inner = without(gathering);
            assert!(std::panic::catch_unwind(|| without(|| panic!("on purpose"))).is_err());
            assert_eq!(gathering(), Gathering::Slots);
            inner
        });
        assert_eq!((inner, gathering()), (Gathering::Nothing, Gathering::Graph));
    }

    #[test]
    fn another_thread_is_not_in_the_scope() {
        let other = into_slots(|| std::thread::spawn(gathering).join().unwrap());
        assert_eq!(other, Gathering::Graph);
    }
}
