//! What a step allocates once it has run before.
//!
//! Blocks allocate nothing of the size of their rows: what they keep and work in, and the gradients of their parameters, is
//! there from the step before. What is left is of two kinds. Candle's tensors for embeddings, head and loss, once for each
//! chunk however many blocks there are. And the products' packed pieces of matrices, which the `gemm` crate allocates for
//! each product: within the processor's cache, whatever the number of tokens.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use trainer_core::prelude::*;
use trainer_core::train::{Callback, Control, RunMoment};

/// The system's allocator, which counts what it is asked for.
struct Counting;

static LARGE: AtomicUsize = AtomicUsize::new(0);
static LARGE_FROM: AtomicUsize = AtomicUsize::new(usize::MAX);

fn count(bytes: usize) {
    if bytes >= LARGE_FROM.load(Ordering::Relaxed) {
        LARGE.fetch_add(1, Ordering::Relaxed);
    }
}

// SAFETY: every call is the system allocator's, with what it was called with.
#[expect(unsafe_code, reason = "an allocator is an unsafe trait")]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        count(new_size.saturating_sub(layout.size()));
        unsafe { System.realloc(pointer, layout, new_size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq, Eq)]
enum Rating {
    Negative,
    Positive,
}

#[derive(Example)]
struct Tokens {
    input_ids: Vec<u32>,
    label: Rating,
}

#[derive(TrainingArgs)]
#[training_args(save_strategy = "no", logging_strategy = "no", max_steps = 8, max_tokens_per_chunk = 100000)]
struct Args {
    output_dir: std::path::PathBuf,
    per_device_train_batch_size: usize,
}

/// Large allocations when steps ended.
#[derive(Clone, Default)]
struct AtStepEnds(Arc<Mutex<Vec<usize>>>);

impl Callback for AtStepEnds {
    fn on_step_end(&mut self, _moment: &RunMoment<'_>, _control: &mut Control) -> trainer_core::Result<()> {
        self.0.lock().unwrap().push(LARGE.load(Ordering::Relaxed));
        Ok(())
    }
}

thread_local! {
    static ENDS: AtStepEnds = AtStepEnds::default();
}

#[trainer(collator = Padding(pad_id = 0), callbacks = [ENDS.with(Clone::clone)])]
struct Classifier {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Tokens>,
}

const HIDDEN: usize = 64;
const LENGTH: usize = 32;
const ROWS: usize = 128;

/// The source and the target of a model that writes one for the other.
#[derive(Example)]
struct Pair {
    input_ids: Vec<u32>,
    target_ids: Vec<i64>,
}

#[trainer(collator = Seq2Seq(pad_id = 0), callbacks = [ENDS.with(Clone::clone)])]
struct Translator {
    model: T5ForConditionalGeneration,
    args: Args,
    train_dataset: Dataset<Pair>,
}

fn ids(row: usize) -> Vec<u32> {
    (0..LENGTH).map(|place| 1 + ((row * 7919 + place * 31) % 199) as u32).collect()
}

/// The fewest allocations of `[tokens, hidden]` or more between the ends of two steps that follow a few others.
fn of_a_step(train: impl FnOnce(Args)) -> usize {
    let folder = tempfile::tempdir().unwrap();
    LARGE_FROM.store(ROWS * LENGTH * HIDDEN * size_of::<f32>(), Ordering::Relaxed);
    ENDS.with(|ends| ends.0.lock().unwrap().clear());
    train(Args { output_dir: folder.path().join("results"), per_device_train_batch_size: ROWS });
    let ends = ENDS.with(|ends| ends.0.lock().unwrap().clone());
    ends.windows(2).skip(3).map(|pair| pair[1] - pair[0]).min().unwrap()
}

/// Of a classifier of so many blocks.
fn of_an_encoder(blocks: usize) -> usize {
    let config = BertConfig {
        vocab_size: 200,
        hidden_size: HIDDEN,
        num_hidden_layers: blocks,
        num_attention_heads: 4,
        intermediate_size: 4 * HIDDEN,
        ..BertConfig::default()
    };
    let example = |row: usize| Tokens {
        input_ids: ids(row),
        label: if row.is_multiple_of(2) { Rating::Negative } else { Rating::Positive },
    };
    of_a_step(|args| {
        let model = BertForSequenceClassification::from_config(config).unwrap();
        let train_dataset = Dataset::from_examples((0..ROWS).map(example).collect());
        Classifier { model, args, train_dataset }.train().unwrap();
    })
}

/// Of a model whose decoder has so many blocks.
fn of_a_decoder(blocks: usize) -> usize {
    let config = T5Config {
        vocab_size: 200,
        d_model: HIDDEN,
        d_kv: HIDDEN / 4,
        d_ff: 4 * HIDDEN,
        num_layers: 1,
        num_decoder_layers: Some(blocks),
        num_heads: 4,
        pad_token_id: Some(0),
        ..T5Config::default()
    };
    let target = |row: usize| ids(row + 1).into_iter().map(i64::from).collect();
    of_a_step(|args| {
        let model = T5ForConditionalGeneration::from_config(config).unwrap();
        let example = |row: usize| Pair { input_ids: ids(row), target_ids: target(row) };
        let train_dataset = Dataset::from_examples((0..ROWS).map(example).collect());
        Translator { model, args, train_dataset }.train().unwrap();
    })
}

#[test]
fn blocks_allocate_nothing_of_the_size_of_their_rows() {
    for (what, of) in [("an encoder", of_an_encoder as fn(usize) -> usize), ("a decoder", of_a_decoder)] {
        let (one, three) = (of(1), of(3));
        println!("{what}: {one} allocations of [tokens, hidden] or more in a step with one block, {three} with three");
        assert_eq!(
            one,
            three,
            "two more blocks of {what} allocate {} times as much as their rows",
            three.abs_diff(one)
        );
        // Those of embeddings and loss.
        assert!((1..=64).contains(&one), "{what}: {one}");
    }
}
