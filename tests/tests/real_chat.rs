//! SmolLM2-135M-Instruct learns real conversations with adapters, through the public API: what it says on others gets better,
//! and its own weights stay as they are; in how much memory.
//!
//! The GGUF file is looked for where `TRAINER_GGUF` says, its tokenizer in the folder that `TRAINER_GGUF_TOKENIZER` names or in
//! `shared/models` beside the repository, the conversations in `shared/data` there. Where one of them is missing, the tests say
//! so and end.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use trainer_core::Result;
use trainer_core::prelude::*;
use trainer_tests::real::{first_lines, memory_of_this_process, named, texts, tokenizer};

/// Conversations to evaluate on.
const HELD_OUT: usize = 40;

#[derive(Example)]
struct Dialogue {
    messages: Vec<Message>,
}

#[derive(TrainingArgs)]
#[training_args(
    per_device_train_batch_size = 4,
    per_device_eval_batch_size = 4,
    learning_rate = 2e-4,
    max_length = 256,
    save_strategy = "no",
    logging_steps = 10
)]
struct Args {
    output_dir: PathBuf,
    max_steps: usize,
    max_tokens_per_chunk: usize,
}

#[trainer(collator = CompletionOnly, peft = lora(r = 8, alpha = 16, target_modules = ["q_proj", "v_proj"]))]
struct ChatTrainer {
    model: LlamaForCausalLM,
    args: Args,
    train_dataset: Dataset<Dialogue>,
    eval_dataset: Dataset<Dialogue>,
    tokenizer: Tokenizer,
}

/// The model as it is, to be saved.
#[trainer(collator = CompletionOnly)]
struct WholeModel {
    model: LlamaForCausalLM,
    args: Args,
    train_dataset: Dataset<Dialogue>,
    tokenizer: Tokenizer,
}

/// The GGUF file, the folder of its tokenizer and that of the texts.
struct There {
    gguf: PathBuf,
    tokenizer: PathBuf,
    texts: PathBuf,
}

/// `None`, which is said, where something is missing.
fn there() -> Option<There> {
    let of_tokenizer = named("TRAINER_GGUF_TOKENIZER").or_else(|| tokenizer("smollm2-135m-instruct"));
    let (Some(gguf), Some(tokenizer), Some(texts)) = (named("TRAINER_GGUF"), of_tokenizer, texts()) else {
        println!(
            "skipped: needs SmolLM2-135M-Instruct (set TRAINER_GGUF to its file, TRAINER_GGUF_TOKENIZER to the folder of its \
             tokenizer) and the texts in shared/data"
        );
        return None;
    };
    Some(There { gguf, tokenizer, texts })
}

fn args(output_dir: &Path, max_steps: usize, max_tokens_per_chunk: usize) -> Args {
    Args { output_dir: output_dir.to_owned(), max_steps, max_tokens_per_chunk }
}

/// How many parameters a model has that are not of its adapters, and the names of those that differ from the file's in a bit.
fn differing(model: &LlamaForCausalLM, gguf: &Path) -> Result<(usize, Vec<String>)> {
    let now = model.parameters().values();
    let of_file = LlamaForCausalLM::from_gguf(gguf)?.parameters().values();
    let mut differing = Vec::new();
    for (name, value) in &of_file {
        let bits = |value: &candle_core::Tensor| -> Result<Vec<u32>> {
            Ok(value.flatten_all()?.to_vec1::<f32>()?.into_iter().map(f32::to_bits).collect())
        };
        match now.get(name) {
            Some(found) if bits(found)? == bits(value)? => {}
            _ => differing.push(name.clone()),
        }
    }
    Ok((of_file.len(), differing))
}

/// The loss on the conversations held out before anything is learnt, as transformers 5.23 computes it of the same file and of what
/// the assistant says there: 4093 tokens.
const BEFORE: f64 = 2.641_485;

#[test]
#[ignore = "minutes of training on a real model: set TRAINER_GGUF"]
fn adapters_learn_real_conversations_and_the_base_stays_bit_for_bit() -> Result<()> {
    let Some(there) = there() else { return Ok(()) };
    let folder = tempfile::tempdir()?;
    let held_out = folder.path().join("held-out.jsonl");
    first_lines(&there.texts.join("sgd_chat.test.jsonl"), HELD_OUT, &held_out);
    let mut trainer = ChatTrainer {
        model: LlamaForCausalLM::from_gguf(&there.gguf)?,
        args: args(&folder.path().join("results"), 40, 4096),
        train_dataset: Dataset::from_jsonl(there.texts.join("sgd_chat.train.jsonl"))?,
        eval_dataset: Dataset::from_jsonl(held_out)?,
        tokenizer: Tokenizer::from_dir(&there.tokenizer)?,
    };
    let before = trainer.evaluate()?["loss"];
    let begin = Instant::now();
    trainer.train()?;
    let seconds = begin.elapsed().as_secs_f64();
    let after = trainer.evaluate()?["loss"];
    println!("sgd_chat  seed 42  loss {before:.4} before, {after:.4} after 40 updates of 4 rows, {seconds:.0} s");
    println!("          transformers {BEFORE:.4} before");
    let (parameters, differing) = differing(&trainer.model, &there.gguf)?;
    println!("          {} of {parameters} parameters of the base differ", differing.len());
    assert!(parameters > 200, "{parameters} parameters were compared");
    assert!(differing.is_empty(), "{differing:?}");
    assert!((before - BEFORE).abs() < 1e-3, "the same model on the same tokens: {before}, transformers {BEFORE}");
    assert!(after < before - 0.1, "{before} before, {after} after");
    Ok(())
}

/// What a process of its own is asked to measure: the folder of the model, and how many tokens are computed at once.
const CASE: &str = "TRAINER_CHAT_MEMORY_CASE";

#[test]
#[ignore = "another test runs it, in a process of its own"]
fn case() -> Result<()> {
    let (Ok(case), Some(texts)) = (std::env::var(CASE), texts()) else { return Ok(()) };
    let (tokens, folder) = case.split_once(' ').expect("a number and a folder");
    let output_dir = tempfile::tempdir()?;
    let mut trainer = ChatTrainer {
        model: LlamaForCausalLM::from_pretrained(folder)?,
        args: args(output_dir.path(), 2, tokens.parse().expect("a number")),
        train_dataset: Dataset::from_jsonl(texts.join("sgd_chat.train.jsonl"))?,
        eval_dataset: Dataset::from_examples(Vec::new()),
        tokenizer: Tokenizer::from_dir(folder)?,
    };
    let loaded = memory_of_this_process("VmHWM").unwrap_or(0);
    let memory = trainer.plan()?.memory;
    println!("{}", trainer.plan()?);
    trainer.train()?;
    let peak = memory_of_this_process("VmHWM").unwrap_or(0);
    println!("\nbytes {} {} {loaded} {peak}", memory.weights, memory.activations.unwrap_or(0));
    Ok(())
}

#[test]
#[cfg(target_os = "linux")]
#[ignore = "minutes of training on a real model: set TRAINER_GGUF"]
fn a_frozen_model_takes_no_more_than_one_and_a_half_times_its_weights_and_the_activations_of_a_chunk() -> Result<()> {
    let Some(there) = there() else { return Ok(()) };
    let folder = tempfile::tempdir()?;
    let saved = folder.path().join("saved");
    // A file with fewer bits is brought to `f32` while it is read: the weights of a folder are in `f32` already.
    WholeModel {
        model: LlamaForCausalLM::from_gguf(&there.gguf)?,
        args: args(&folder.path().join("results"), 1, 1024),
        train_dataset: Dataset::from_examples(Vec::new()),
        tokenizer: Tokenizer::from_dir(&there.tokenizer)?,
    }
    .save_model(&saved)?;
    for tokens in [256, 1024] {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["case", "--exact", "--ignored", "--nocapture"]);
        let output = command.env(CASE, format!("{tokens} {}", saved.display())).output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
        let line = said.lines().find_map(|line| line.strip_prefix("bytes ")).expect("the case says what it took");
        let bytes: Vec<f64> = line.split(' ').map(|bytes| bytes.parse().expect("a number")).collect();
        let [weights, activations, loaded, peak] = bytes[..] else { panic!("{line}") };
        let mebibytes = |bytes: f64| bytes / f64::from(1 << 20);
        println!(
            "{tokens} tokens at once: peak {:.0} MiB, after loading {:.0} MiB; weights {:.0} MiB, activations {:.0} MiB: {:.2} x \
             weights + activations",
            mebibytes(peak),
            mebibytes(loaded),
            mebibytes(weights),
            mebibytes(activations),
            (peak - activations) / weights
        );
        assert!(peak <= 1.5 * weights + activations, "{peak} bytes, weights {weights}, activations {activations}");
    }
    Ok(())
}
