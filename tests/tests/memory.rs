//! The memory that is planned is the memory that a run takes. A process of its own, since the peak is the process's.
#![cfg(target_os = "linux")]

use trainer_core::prelude::*;

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
#[training_args(save_strategy = "no", max_steps = 2, per_device_train_batch_size = 4, max_length = 256)]
struct Args {
    output_dir: std::path::PathBuf,
}

#[trainer(collator = Padding(pad_id = 0))]
struct Classifier {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Tokens>,
}

/// A line of what the system says of this process, in bytes.
fn process(line: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|found| found.starts_with(line)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1024
}

#[test]
fn a_run_takes_the_memory_that_was_planned() {
    let config = BertConfig {
        vocab_size: 8000,
        hidden_size: 256,
        num_hidden_layers: 3,
        num_attention_heads: 4,
        intermediate_size: 1024,
        ..BertConfig::default()
    };
    // The longest rows have 256 tokens, and one of each batch is shorter.
    let example = |row: usize| {
        let ids = (0..256 - u32::from(row.is_multiple_of(4))).map(|place| 1 + (row as u32 * 7919 + place * 31) % 7999);
        Tokens {
            input_ids: ids.collect(),
            label: if row.is_multiple_of(2) { Rating::Negative } else { Rating::Positive },
        }
    };
    let folder = tempfile::tempdir().unwrap();
    let mut trainer = Classifier {
        model: BertForSequenceClassification::from_config(config).unwrap(),
        args: Args { output_dir: folder.path().join("results") },
        train_dataset: Dataset::from_examples((0..8).map(example).collect()),
    };
    let planned = trainer.plan().unwrap().memory;
    let before = process("VmRSS").saturating_sub(planned.weights);
    trainer.train().unwrap();
    let taken = process("VmHWM").saturating_sub(before);
    let ratio = taken as f64 / planned.total() as f64;
    // Freed blocks are used again only where they fit, and a plan that is short by more is none.
    assert!((0.85..1.25).contains(&ratio), "planned {} bytes, taken {taken}: {ratio:.3}", planned.total());
    println!("taken / planned: {ratio:.3}");
}
