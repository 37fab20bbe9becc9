//! Models that write and that are in 8 or 4 bits from the moment they are read: what they are, what is done with them, and what
//! loading them takes.

use std::path::Path;
use std::process::Command;

use candle_core::Tensor;
use trainer_core::collate::{Item, ItemInput};
use trainer_core::data::Target;
use trainer_core::prelude::*;
use trainer_core::text::Encoding;
use trainer_tests::real::memory_of_this_process;

#[derive(Example)]
struct Tokens {
    input_ids: Vec<u32>,
}

#[derive(TrainingArgs)]
#[training_args(save_strategy = "no", num_train_epochs = 6, learning_rate = 0.02)]
struct Args {
    output_dir: std::path::PathBuf,
}

#[trainer(collator = CausalLm(pad_id = 0), peft = lora(r = 4, target_modules = "all-linear"))]
struct Writer {
    model: LlamaForCausalLM,
    args: Args,
    train_dataset: Dataset<Tokens>,
}

#[trainer(collator = CausalLm(pad_id = 0), peft = lora(r = 4, target_modules = "all-linear", load_in_8bit))]
struct WriterInEightBits {
    model: LlamaForCausalLM,
    args: Args,
    train_dataset: Dataset<Tokens>,
}

#[trainer(collator = CausalLm(pad_id = 0), peft = lora(r = 4, target_modules = ["q_proj"], modules_to_save = ["mlp.up_proj"]))]
struct WriterOfMore {
    model: LlamaForCausalLM,
    args: Args,
    train_dataset: Dataset<Tokens>,
}

#[trainer(collator = CausalLm(pad_id = 0))]
struct WholeWriter {
    model: LlamaForCausalLM,
    args: Args,
    train_dataset: Dataset<Tokens>,
}

#[derive(Example)]
struct Pair {
    input_ids: Vec<u32>,
    target_ids: Vec<u32>,
}

#[trainer(collator = Seq2Seq(pad_id = 0, max_target_length = 8), peft = lora(r = 4, target_modules = "all-linear"))]
struct Translator {
    model: AutoModelForSeq2SeqLM,
    args: Args,
    train_dataset: Dataset<Pair>,
}

#[trainer(collator = Seq2Seq(pad_id = 0))]
struct WholeTranslator {
    model: T5ForConditionalGeneration,
    args: Args,
    train_dataset: Dataset<Pair>,
}

fn config(hidden_size: usize, num_hidden_layers: usize) -> LlamaConfig {
    LlamaConfig {
        vocab_size: 40,
        hidden_size,
        intermediate_size: 2 * hidden_size,
        num_hidden_layers,
        num_attention_heads: 4,
        num_key_value_heads: Some(2),
        max_position_embeddings: 64,
        initializer_range: 0.1,
        ..LlamaConfig::default()
    }
}

fn rows() -> Dataset<Tokens> {
    let example = |row: u32| Tokens { input_ids: (0..8 + row % 5).map(|place| 1 + (row + place * 3) % 39).collect() };
    Dataset::from_examples((0..24).map(example).collect())
}

fn args(folder: &Path) -> Args {
    Args { output_dir: folder.join("results") }
}

fn logits(model: &impl Model) -> Tensor {
    let input = ItemInput::Tokens(Encoding::from_tokens(&[3, 9, 27, 1, 4], None, None).unwrap());
    let item = Item { row: 0, input, target: Target::None };
    let batch = Padding::new().pad_id(0).collate(&[&item], None).unwrap();
    model.forward(&batch, Mode::Evaluate).unwrap().logits.detach()
}

fn difference(one: &Tensor, other: &Tensor) -> f32 {
    (one - other).unwrap().abs().unwrap().max_all().unwrap().to_scalar().unwrap()
}

/// A folder of a model as Python loads it.
fn saved(model: LlamaForCausalLM, folder: &Path) -> std::path::PathBuf {
    let base = folder.join("base");
    let trainer = WholeWriter { model, args: args(folder), train_dataset: rows() };
    trainer.save_model(&base).unwrap();
    base
}

#[test]
fn what_is_read_in_fewer_bits_is_what_a_run_makes_of_the_whole_model() {
    let folder = tempfile::tempdir().unwrap();
    let base = saved(LlamaForCausalLM::from_config(config(64, 2)).unwrap(), folder.path());
    let model = LlamaForCausalLM::from_pretrained_in(&base, Bits::Eight).unwrap();
    assert!(model.parameters().list().iter().all(|one| !one.name.ends_with("_proj.weight")));
    let whole = LlamaForCausalLM::from_pretrained(&base).unwrap();
    let off = difference(&logits(&model), &logits(&whole));
    assert!(off > 0.0 && off < 0.05, "off by {off}");
    let later = WriterInEightBits { model: whole, args: args(folder.path()), train_dataset: rows() };
    let plan = later.plan().unwrap();
    assert!(difference(&logits(&model), &logits(&later.model)) == 0.0);
    let now = Writer { model, args: args(folder.path()), train_dataset: rows() };
    assert_eq!(now.plan().unwrap().memory.weights, plan.memory.weights);
}

#[test]
fn adapters_learn_over_it_and_load_on_the_whole_base() {
    let folder = tempfile::tempdir().unwrap();
    let base = saved(LlamaForCausalLM::from_config(config(64, 2)).unwrap(), folder.path());
    let model = LlamaForCausalLM::from_pretrained_in(&base, Bits::Four).unwrap();
    let mut trainer = Writer { model, args: args(folder.path()), train_dataset: rows() };
    let before = trainer.evaluate_on(&rows()).unwrap()["loss"];
    trainer.train().unwrap();
    let after = trainer.evaluate_on(&rows()).unwrap()["loss"];
    assert!(after < 0.7 * before, "{before} before, {after} after");
    let adapters = folder.path().join("adapters");
    trainer.save_model(&adapters).unwrap();
    let again = LlamaForCausalLM::from_pretrained_in(&base, Bits::Four).unwrap();
    again.load_adapter(&adapters).unwrap();
    assert!(difference(&logits(&again), &logits(&trainer.model)) == 0.0);
    let whole = LlamaForCausalLM::from_pretrained(&base).unwrap();
    whole.load_adapter(&adapters).unwrap();
    assert!(difference(&logits(&whole), &logits(&trainer.model)) > 0.0);
}

/// What there is said of the first line of an error.
fn refusal<T>(result: trainer_core::Result<T>) -> String {
    result.err().map(|error| error.message().to_owned()).unwrap_or_default()
}

#[test]
fn what_needs_whole_weights_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let base = saved(LlamaForCausalLM::from_config(config(64, 1)).unwrap(), folder.path());
    let model = || LlamaForCausalLM::from_pretrained_in(&base, Bits::Eight).unwrap();
    let mut whole = WholeWriter { model: model(), args: args(folder.path()), train_dataset: rows() };
    let said = "the model was loaded in fewer bits, and such weights are not trained";
    assert_eq!(refusal(whole.train()), said);
    assert_eq!(refusal(whole.save_model(folder.path().join("saved"))), said);
    let mut more = WriterOfMore { model: model(), args: args(folder.path()), train_dataset: rows() };
    let said = refusal(more.train());
    assert!(said.ends_with("as a whole, but it was loaded in fewer bits"), "{said}");
    let resized = model().resize_token_embeddings(50, None);
    assert_eq!(refusal(resized), "the model was loaded in fewer bits, and its tables stay as they are");
}

/// What a process of its own is asked to load.
const CASE: &str = "TRAINER_BITS_CASE";

#[test]
#[ignore = "another test runs it, in a process of its own"]
fn case() {
    let Ok(folder) = std::env::var(CASE) else { return };
    let (kind, folder) = folder.split_once(' ').unwrap();
    let folder = Path::new(folder);
    let model = match kind {
        "four" => LlamaForCausalLM::from_pretrained_in(folder, Bits::Four),
        _ => LlamaForCausalLM::from_pretrained(folder),
    };
    let parameters = model.unwrap().parameters().list().len();
    println!("\nbytes {} {parameters}", memory_of_this_process("VmHWM").unwrap());
}

#[test]
#[cfg(target_os = "linux")]
fn loading_takes_the_memory_of_the_bits_and_not_of_the_whole_weights() {
    let folder = tempfile::tempdir().unwrap();
    let base = saved(LlamaForCausalLM::from_config(config(512, 8)).unwrap(), folder.path());
    let whole = std::fs::metadata(base.join("model.safetensors")).unwrap().len() as f64;
    let taken = |kind: &str| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let case = format!("{kind} {}", base.display());
        let output = command.args(["case", "--exact", "--ignored", "--nocapture"]).env(CASE, case).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let bytes = said.lines().find_map(|line| line.strip_prefix("bytes ")).unwrap();
        bytes.split(' ').next().unwrap().parse::<f64>().unwrap()
    };
    let spared = taken("whole") - taken("four");
    println!("{:.0} MiB of weights, {:.0} MiB spared", whole / f64::from(1 << 20), spared / f64::from(1 << 20));
    // 4.5 bits and more of 32 stay; something is read at once.
    assert!(spared > 0.6 * whole, "{spared} bytes spared of {whole}");
}

#[test]
fn a_model_of_source_and_target_learns_over_its_weights_in_four_bits() {
    let folder = tempfile::tempdir().unwrap();
    let base = folder.path().join("base");
    let config = T5Config {
        vocab_size: 40,
        d_model: 64,
        d_kv: 16,
        d_ff: 128,
        num_layers: 2,
        num_heads: 4,
        dropout_rate: 0.0,
        ..T5Config::default()
    };
    let pair = |row: u32| {
        let input_ids: Vec<u32> = (0..5 + row % 4).map(|place| 2 + (row + place * 3) % 38).collect();
        Pair { target_ids: input_ids.iter().rev().copied().chain([1]).skip(2).collect(), input_ids }
    };
    let pairs = || Dataset::from_examples((0..24).map(pair).collect());
    let model = T5ForConditionalGeneration::from_config(config).unwrap();
    WholeTranslator { model, args: args(folder.path()), train_dataset: pairs() }.save_model(&base).unwrap();
    let model = AutoModelForSeq2SeqLM::from_pretrained_in(&base, Bits::Four).unwrap();
    let whole = AutoModelForSeq2SeqLM::from_pretrained(&base).unwrap();
    let spared = whole.parameters().list().len() - model.parameters().list().len();
    // Two blocks of an encoder and two of a decoder: attention once and twice, and the two layers that follow.
    assert_eq!(spared, 2 * (4 + 2) + 2 * (8 + 2));
    let mut trainer = Translator { model, args: args(folder.path()), train_dataset: pairs() };
    let before = trainer.evaluate_on(&pairs()).unwrap()["loss"];
    trainer.train().unwrap();
    let after = trainer.evaluate_on(&pairs()).unwrap()["loss"];
    assert!(after < 0.9 * before, "{before} before, {after} after");
    let adapters = folder.path().join("adapters");
    trainer.save_model(&adapters).unwrap();
    let again = AutoModelForSeq2SeqLM::from_pretrained_in(&base, Bits::Four).unwrap();
    again.load_adapter(&adapters).unwrap();
    let again = Translator { model: again, args: args(folder.path()), train_dataset: pairs() };
    let of_again = again.evaluate_on(&pairs()).unwrap()["loss"];
    assert!((of_again - after).abs() < 1e-6, "{of_again} and {after}");
}
