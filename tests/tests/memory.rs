//! The memory that is planned is the memory that a run takes, as the system counts it; and it does not grow with the rows
//! of an update that is computed in chunks. Each case is a process of its own, since the peak is the process's.
#![cfg(target_os = "linux")]

use std::process::Command;

use trainer_core::model::seq2seq::AnySeq2SeqConfig;
use trainer_core::prelude::*;
use trainer_tests::real::memory_of_this_process;

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
#[training_args(save_strategy = "no", max_steps = 2, max_length = 128)]
struct Args {
    output_dir: std::path::PathBuf,
    per_device_train_batch_size: usize,
    max_tokens_per_chunk: usize,
    gradient_checkpointing: bool,
}

#[trainer(collator = Padding(pad_id = 0))]
struct Classifier {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Tokens>,
}

#[trainer(collator = Padding(pad_id = 0), peft = lora(r = 8, alpha = 16, dropout = 0.1, target_modules = "all-linear"))]
struct Adapted {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Tokens>,
}

#[derive(Example)]
struct Pair {
    source: String,
    target: String,
}

#[trainer(collator = Seq2Seq)]
struct Translator {
    model: AutoModelForSeq2SeqLM,
    args: Args,
    train_dataset: Dataset<Pair>,
    tokenizer: Tokenizer,
}

/// all-MiniLM-L6-v2 with four of its blocks, and as many words as an update of these tests has.
const WORDS: u32 = 1000;
const MINI: [usize; 4] = [384, 4, 12, 1536];
const TINY: [usize; 4] = [96, 2, 4, 384];

fn model([hidden_size, num_hidden_layers, num_attention_heads, intermediate_size]: [usize; 4]) -> BertConfig {
    BertConfig {
        vocab_size: WORDS as usize,
        hidden_size,
        num_hidden_layers,
        num_attention_heads,
        intermediate_size,
        max_position_embeddings: 128,
        ..BertConfig::default()
    }
}

/// Rows as long as they can be, which between them have every word.
fn rows(count: usize) -> Dataset<Tokens> {
    let example = |row: usize| Tokens {
        input_ids: (0..128).map(|place| 1 + (row as u32 * 128 + place) % (WORDS - 1)).collect(),
        label: if row.is_multiple_of(2) { Rating::Negative } else { Rating::Positive },
    };
    Dataset::from_examples((0..count).map(example).collect())
}

/// T5, and BART, of a quarter of the smallest one's blocks.
fn with_a_decoder(family: &str) -> AnySeq2SeqConfig {
    match family {
        "t5" => {
            T5Config { vocab_size: 600, d_model: 256, d_ff: 1024, num_layers: 3, num_heads: 4, ..T5Config::default() }
                .into()
        }
        _ => BartConfig {
            vocab_size: 600,
            max_position_embeddings: 128,
            encoder_layers: 3,
            encoder_ffn_dim: 1024,
            encoder_attention_heads: 4,
            decoder_layers: 3,
            decoder_ffn_dim: 1024,
            decoder_attention_heads: 4,
            d_model: 256,
            pad_token_id: Some(0),
            decoder_start_token_id: Some(0),
            ..BartConfig::default()
        }
        .into(),
    }
}

/// Trains a model with a decoder for two updates of 8 sources and targets, as long as they can be; the bytes that were planned.
fn translate(family: &str, chunk: usize, gradient_checkpointing: bool) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let text =
        |row: usize| (0..150).map(|place| format!("w{}", (row * 150 + place * 7) % 400)).collect::<Vec<_>>().join(" ");
    let texts: Vec<String> = (0..16).map(text).collect();
    let settings = WordPieceSettings { vocab_size: 600, ..Default::default() };
    let pair = |row: usize| Pair { source: texts[row].clone(), target: texts[row + 8].clone() };
    let mut trainer = Translator {
        model: AutoModelForSeq2SeqLM::from_config(with_a_decoder(family)).unwrap(),
        args: Args {
            output_dir: folder.path().join("results"),
            per_device_train_batch_size: 8,
            max_tokens_per_chunk: chunk,
            gradient_checkpointing,
        },
        train_dataset: Dataset::from_examples((0..8).map(pair).collect()),
        tokenizer: Tokenizer::train_wordpiece(&texts, &settings).unwrap(),
    };
    let planned = trainer.plan().unwrap().memory.total();
    trainer.train().unwrap();
    planned
}

/// A line of what the system says of this process, in bytes.
fn process(line: &str) -> usize {
    memory_of_this_process(line).unwrap()
}

/// Trains a model of these sizes for two updates of `count` rows, with adapters or whole; the bytes that were planned.
fn train(sizes: [usize; 4], count: usize, chunk: usize, gradient_checkpointing: bool, is_adapted: bool) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let args = Args {
        output_dir: folder.path().join("results"),
        per_device_train_batch_size: count,
        max_tokens_per_chunk: chunk,
        gradient_checkpointing,
    };
    let model = BertForSequenceClassification::from_config(model(sizes)).unwrap();
    if is_adapted {
        let mut trainer = Adapted { model, args, train_dataset: rows(count) };
        let planned = trainer.plan().unwrap().memory.total();
        trainer.train().unwrap();
        return planned;
    }
    let mut trainer = Classifier { model, args, train_dataset: rows(count) };
    let planned = trainer.plan().unwrap().memory.total();
    trainer.train().unwrap();
    planned
}

/// What a process of its own is asked to measure.
const CASE: &str = "TRAINER_MEMORY_CASE";

#[test]
#[ignore = "the other tests run it, in a process of its own"]
fn case() {
    let Ok(case) = std::env::var(CASE) else { return };
    // The code, the threads and their rooms for products are there before.
    train([32, 1, 2, 64], 1, 128, false, false);
    let before = process("VmRSS");
    let planned = match case.as_str() {
        "whole" => train(MINI, 8, 1024, false, false),
        "chunks" => train(MINI, 16, 512, false, false),
        "checkpointing" => train(MINI, 8, 1024, true, false),
        "adapters" => train(MINI, 8, 1024, false, true),
        "t5" => translate("t5", 1024, false),
        "t5 with checkpointing" => translate("t5", 1024, true),
        "bart" => translate("bart", 1024, false),
        "bart in chunks" => translate("bart", 512, false),
        "8 rows in chunks" => train(TINY, 8, 512, false, false),
        "64 rows in chunks" => train(TINY, 64, 512, false, false),
        other => panic!("there is no case {other}"),
    };
    println!("\nbytes {planned} {}", process("VmHWM").saturating_sub(before));
}

/// The bytes that are planned for a case, and those that the system counts.
fn measure(case: &str) -> (usize, usize) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let output = command.args(["case", "--exact", "--ignored", "--nocapture"]).env(CASE, case).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let line = said.lines().find_map(|line| line.strip_prefix("bytes ")).unwrap();
    let (planned, taken) = line.split_once(' ').unwrap();
    let (planned, taken) = (planned.parse::<usize>().unwrap(), taken.parse::<usize>().unwrap());
    let mebibytes = |bytes: usize| bytes as f64 / f64::from(1 << 20);
    println!(
        "{case}: planned {:.1} MiB, taken {:.1} MiB: {:.3}",
        mebibytes(planned),
        mebibytes(taken),
        taken as f64 / planned as f64
    );
    (planned, taken)
}

/// Within 20 % of what is planned; what was taken.
fn takes_what_was_planned(case: &str) -> usize {
    let (planned, taken) = measure(case);
    let ratio = taken as f64 / planned as f64;
    assert!((0.8..1.2).contains(&ratio), "{case}: planned {planned} bytes, taken {taken}: {ratio:.3}");
    taken
}

#[test]
fn a_run_takes_the_memory_that_was_planned() {
    let whole = takes_what_was_planned("whole");
    let chunks = takes_what_was_planned("chunks");
    let checkpointing = takes_what_was_planned("checkpointing");
    // Of twice the rows, in chunks of half as many.
    assert!(chunks < whole, "{chunks} bytes in chunks, {whole} as a whole");
    assert!(checkpointing < whole, "{checkpointing} bytes with checkpointing, {whole} without");
}

#[test]
fn a_run_with_adapters_takes_the_memory_that_was_planned() {
    takes_what_was_planned("adapters");
}

#[test]
fn a_run_with_a_decoder_takes_the_memory_that_was_planned() {
    let whole = takes_what_was_planned("t5");
    let checkpointing = takes_what_was_planned("t5 with checkpointing");
    assert!(checkpointing < whole, "{checkpointing} bytes with checkpointing, {whole} without");
    let whole = takes_what_was_planned("bart");
    let chunks = takes_what_was_planned("bart in chunks");
    assert!(chunks < whole, "{chunks} bytes in chunks, {whole} as a whole");
}

#[test]
fn an_update_in_chunks_takes_no_more_memory_with_more_rows() {
    let (_, few) = measure("8 rows in chunks");
    let (_, many) = measure("64 rows in chunks");
    // The rows themselves take some of it; computed at once, they would take eight times the activations.
    assert!(many as f64 <= few as f64 * 1.25, "{few} bytes for 8 rows, {many} for 64");
}
