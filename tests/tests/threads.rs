//! `num_threads`: each run of a process has its own number, and the number changes nothing but the time.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::thread::ThreadId;

use candle_core::Device;
use candle_nn::{Linear, linear};
use trainer_core::prelude::*;
use trainer_core::train::{Callback, Control, RunMoment};

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
#[training_args(save_strategy = "no", max_steps = 3, per_device_train_batch_size = 8, learning_rate = 0.001)]
struct Args {
    output_dir: std::path::PathBuf,
    num_threads: Option<usize>,
}

fn args(folder: &tempfile::TempDir, num_threads: Option<usize>) -> Args {
    Args { output_dir: folder.path().join("results"), num_threads }
}

#[trainer(collator = Padding(pad_id = 0))]
struct Classifier {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Tokens>,
}

/// The bits of every parameter and logit after a run on so many threads, with dropout.
fn trained_on(num_threads: usize) -> (BTreeMap<String, Vec<u32>>, Vec<Vec<u32>>) {
    let config = BertConfig {
        vocab_size: 500,
        hidden_size: 64,
        num_hidden_layers: 2,
        num_attention_heads: 4,
        intermediate_size: 256,
        ..BertConfig::default()
    };
    let example = |row: u32| Tokens {
        input_ids: (0..20 + 5 * (row % 7)).map(|place| 1 + (row * 7919 + place * 31) % 499).collect(),
        label: if row.is_multiple_of(3) { Rating::Negative } else { Rating::Positive },
    };
    let folder = tempfile::tempdir().unwrap();
    let mut trainer = Classifier {
        model: BertForSequenceClassification::from_config(config).unwrap(),
        args: args(&folder, Some(num_threads)),
        train_dataset: Dataset::from_examples((0..24).map(example).collect()),
    };
    trainer.train().unwrap();
    let bits = |numbers: Vec<f32>| numbers.into_iter().map(f32::to_bits).collect::<Vec<u32>>();
    let parameters = trainer.model.parameters().list().into_iter();
    let parameters = parameters
        .map(|parameter| (parameter.name, bits(parameter.variable.flatten_all().unwrap().to_vec1().unwrap())));
    let parameters = parameters.collect();
    let logits = trainer.predict(&trainer.train_dataset).unwrap().logits;
    (parameters, logits.into_iter().map(bits).collect())
}

#[test]
fn one_and_two_and_three_threads_give_the_same_bits() {
    let one = trained_on(1);
    assert!(one == trained_on(2), "two threads give other bits than one");
    assert!(one == trained_on(3), "three threads give other bits than one");
}

#[derive(Example)]
struct Point {
    features: [f32; 2],
    label: Rating,
}

/// A model that looks at where it is called.
struct Watching {
    parameters: Parameters,
    output: Linear,
    seen: Mutex<Vec<(usize, ThreadId)>>,
}

impl Model for Watching {
    fn forward(&self, batch: &Batch, _mode: Mode) -> trainer_core::Result<Output> {
        self.seen.lock().unwrap().push((rayon::current_num_threads(), std::thread::current().id()));
        Ok(Output { logits: batch.features()?.apply(&self.output)? })
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }
}

/// A callback that must be called where the run was started.
struct OnThread(ThreadId);

impl Callback for OnThread {
    fn on_step_end(&mut self, _moment: &RunMoment<'_>, _control: &mut Control) -> trainer_core::Result<()> {
        assert_eq!(std::thread::current().id(), self.0);
        Ok(())
    }
}

#[trainer(callbacks = [OnThread(std::thread::current().id())])]
struct Watched {
    model: Watching,
    args: Args,
    train_dataset: Dataset<Point>,
}

fn watched(folder: &tempfile::TempDir, num_threads: Option<usize>) -> Watched {
    let parameters = Parameters::new(&Device::Cpu, 42);
    let output = linear(2, 2, parameters.builder().pp("output")).unwrap();
    let point = |n: u32| Point {
        features: [n as f32, 1.0],
        label: if n.is_multiple_of(2) { Rating::Negative } else { Rating::Positive },
    };
    Watched {
        model: Watching { parameters, output, seen: Mutex::default() },
        args: args(folder, num_threads),
        train_dataset: Dataset::from_examples((0..16).map(point).collect()),
    }
}

#[test]
fn a_model_computes_on_the_threads_of_its_own_run_and_callbacks_where_it_was_started() {
    let folder = tempfile::tempdir().unwrap();
    for threads in [1, 3, 2] {
        let mut trainer = watched(&folder, Some(threads));
        trainer.train().unwrap();
        trainer.predict(&trainer.train_dataset).unwrap();
        trainer.evaluate_on(&trainer.train_dataset).unwrap();
        let seen = trainer.model.seen.lock().unwrap();
        // Three updates, and two batches of eight each for prediction and evaluation.
        assert_eq!(seen.len(), 3 + 2 + 2);
        for (count, thread) in seen.iter() {
            assert_eq!(*count, threads);
            assert_ne!(*thread, std::thread::current().id());
        }
    }
}

#[test]
fn no_thread_is_refused_and_no_number_is_at_most_one_for_each_core() {
    let folder = tempfile::tempdir().unwrap();
    let refusal = watched(&folder, Some(0)).train().unwrap_err().to_string();
    assert!(refusal.starts_with("`num_threads` is 0, but must be a whole number of at least 1"), "{refusal}");
    let mut trainer = watched(&folder, None);
    trainer.train().unwrap();
    let seen = trainer.model.seen.lock().unwrap();
    let cores = std::thread::available_parallelism().unwrap().get();
    assert!(seen.iter().all(|(count, _)| (1..=cores).contains(count)), "{seen:?}");
}
