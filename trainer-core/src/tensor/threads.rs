//! The threads that compute.
//!
//! What comes in: how many threads a run may have, and closures. What goes out: what the closures give, computed on that
//! many threads, so that whatever they ask of rayon (`par_iter`, `join`, `scope`) happens there too, candle's products
//! included. It refuses a number of threads that the system does not start.
//!
//! A run says [`Threads::during`] once. Its loop stays on the thread that called it, with the user's callbacks and metrics:
//! a trainer need not be `Send`, and the thread-locals that its callbacks see are those of the caller. What computes says
//! [`run`], or [`run_on_first`] where it asks for much memory: the forward pass of a model and the backward pass as a whole,
//! so that on the way a custom operation is on one of the threads already and asks rayon directly. Kernels that the loop
//! calls say [`run`], each for itself. On a thread of the pool both are calls like any other, elsewhere a hop of some
//! microseconds, so one goes around as much as possible.
//!
//! There is one pool for each number of threads, made when it is first asked for and kept to the end of the process: two
//! runs with different numbers do not disturb each other, and one after another finds its threads there already. Nothing
//! here depends on which thread does what: kernels add in fixed pieces in a fixed order, so results have the same bits for
//! every number.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::{ThreadPool, ThreadPoolBuilder};

use super::{gradients, way};
use crate::error::{Error, ErrorKind, Result};

/// Bytes of a thread's stack: that of a program's first thread on Linux, as candle walks graphs by recursion. Only what is
/// used becomes memory.
const STACK: usize = 8 << 20;

/// The pools of this process, by their number of threads.
static POOLS: Mutex<BTreeMap<usize, Threads>> = Mutex::new(BTreeMap::new());

thread_local! {
    /// The threads of the run that goes on on this thread.
    static CURRENT: RefCell<Option<Threads>> = const { RefCell::new(None) };
}

/// The threads that a run computes with.
#[derive(Clone)]
pub(crate) struct Threads(Arc<ThreadPool>);

impl Threads {
    /// So many threads; `None` is one for each physical core that this process may use.
    ///
    /// # Errors
    /// [`ErrorKind::Arguments`] if the system does not start them.
    pub(crate) fn new(num_threads: Option<usize>) -> Result<Self> {
        let count = num_threads.unwrap_or_else(cores).max(1);
        let mut pools = POOLS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(threads) = pools.get(&count) {
            return Ok(threads.clone());
        }
        let builder = ThreadPoolBuilder::new().num_threads(count).stack_size(STACK);
        let pool = builder.thread_name(|index| format!("trainer-{index}")).build().map_err(|error| {
            let message = format!("`num_threads` is {count}, but the system does not start that many: {error}");
            Error::new(ErrorKind::Arguments, message).help("leave it out to use every physical core")
        })?;
        let threads = Self(Arc::new(pool));
        pools.insert(count, threads.clone());
        Ok(threads)
    }

    /// Does the work on this thread; every [`run`] that it comes to computes with these threads.
    pub(crate) fn during<R>(&self, work: impl FnOnce() -> R) -> R {
        let _back = Back(CURRENT.replace(Some(self.clone())));
        work()
    }

    /// Does the work on these threads, and waits for it. What layers do with gradients and how blocks are computed is there
    /// as it is here.
    pub(crate) fn run<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        let (gathering, choice) = (gradients::gathering(), way::now());
        self.0.install(|| way::choosing(choice, || gradients::within(gathering, work)))
    }

    /// How many they are.
    pub(crate) fn count(&self) -> usize {
        self.0.current_num_threads()
    }
}

impl fmt::Debug for Threads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Threads").field(&self.count()).finish()
    }
}

/// Puts the threads of the outer run back, also when the inner one panics.
struct Back(Option<Threads>);

impl Drop for Back {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}

/// The threads of the run that goes on on this thread; to hand to a thread that works for it.
pub(crate) fn current() -> Option<Threads> {
    CURRENT.with_borrow(Clone::clone)
}

/// Does the work on the threads of the run, and waits for it. Outside of a run, and on one of its threads, this thread does
/// the work, and what it asks of rayon goes where rayon sends it from here.
pub(crate) fn run<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    match current() {
        Some(threads) => threads.run(work),
        None => work(),
    }
}

/// Does the work on the first thread of the run, which shares it with the others as [`run`] does, and waits for it.
///
/// Always the same thread: an allocator keeps what a thread has freed for that thread, so that passes which came to
/// another one each time would take the memory of their activations once for every thread.
pub(crate) fn run_on_first<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    let Some(threads) = current() else { return work() };
    let work = Mutex::new(Some(work));
    let results = threads.0.broadcast(|thread| {
        let mine = if thread.index() == 0 { work.lock().unwrap_or_else(PoisonError::into_inner).take() } else { None };
        mine.map(|work| work())
    });
    results.into_iter().flatten().next().expect("a pool has a first thread, which takes the work once")
}

/// The physical cores that this process may use: a second thread of a core shares the arithmetic units that products keep
/// busy, and a container may use fewer cores than the machine has.
pub(crate) fn cores() -> usize {
    num_cpus::get_physical().min(num_cpus::get())
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    fn threads(count: usize) -> Threads {
        Threads::new(Some(count)).unwrap()
    }

    /// What rayon would use on the thread that asks.
    fn seen() -> usize {
        run(rayon::current_num_threads)
    }

    #[test]
    fn each_run_of_a_process_has_its_own_number_of_threads() {
        for count in [1, 3, 2] {
            assert_eq!((threads(count).during(seen), threads(count).count()), (count, count));
        }
        assert!(Arc::ptr_eq(&threads(2).0, &threads(2).0));
    }

    #[test]
    fn a_run_within_a_run_gives_the_threads_back() {
        threads(2).during(|| {
            assert_eq!(threads(3).during(seen), 3);
            let panicked = catch_unwind(AssertUnwindSafe(|| threads(3).during(|| panic!("on purpose"))));
            assert!(panicked.is_err());
            assert_eq!(seen(), 2);
        });
        assert!(current().is_none());
    }

    #[test]
    fn work_on_one_of_the_threads_stays_there() {
        threads(2).during(|| {
            let (outer, inner) = run(|| {
                let outer = std::thread::current().id();
                (outer, run(|| std::thread::current().id()))
            });
            assert_eq!(outer, inner);
            assert_ne!(outer, std::thread::current().id());
        });
    }

    #[test]
    fn what_takes_much_memory_is_always_on_the_same_thread_and_shared_with_the_others() {
        threads(3).during(|| {
            let first = run_on_first(|| std::thread::current().id());
            for _ in 0..20 {
                let (thread, count) = run_on_first(|| (std::thread::current().id(), rayon::current_num_threads()));
                assert_eq!((thread, count), (first, 3));
            }
            assert_eq!(run_on_first(|| run_on_first(|| std::thread::current().id())), first);
        });
        assert_eq!(run_on_first(|| std::thread::current().id()), std::thread::current().id());
    }

    #[test]
    fn a_thread_that_works_for_a_run_can_be_given_its_threads() {
        threads(3).during(|| {
            let handle = current();
            let seen = std::thread::spawn(move || handle.unwrap().during(seen)).join().unwrap();
            assert_eq!(seen, 3);
        });
    }

    #[test]
    fn no_number_is_one_for_each_physical_core() {
        let count = Threads::new(None).unwrap().count();
        assert!(count >= 1 && count <= num_cpus::get(), "{count}");
    }
}
