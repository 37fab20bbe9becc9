//! Trainers that name a model directory: right ones compile, and the program refuses what the compiler refuses, in its words.

use std::path::PathBuf;

use trainer_core::ErrorKind;
use trainer_core::model::family::Sizes;
use trainer_core::model::seen::{ModelSeen, adapter_target_is_there};
use trainer_core::prelude::*;
use trainer_core::train::TrainerParts;
use trainer_core::train::checks::Verdict;

const TINY: &str = "compile_fail/model_dir/files/tiny-bert";

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq, Eq)]
enum Rating {
    Negative,
    Neutral,
    Positive,
}

#[derive(Example)]
struct Review {
    text: String,
    label: Rating,
}

#[derive(TrainingArgs)]
#[training_args(save_strategy = "no", max_steps = 1, num_threads = 2)]
struct Args {
    output_dir: PathBuf,
    #[arg(default = 8, range = 1..=16)]
    per_device_train_batch_size: usize,
    #[arg(default = 16)]
    max_length: usize,
}

#[trainer(
    collator = Padding(max_length = 16),
    model_dir = "compile_fail/model_dir/files/tiny-bert",
    memory_budget = "0.15 MiB",
)]
struct Small {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

/// A head of two classes is no mistake where a new one is asked for.
#[trainer(model_dir = "compile_fail/model_dir/files/two-classes", new_head)]
struct OfNewLabels {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    tokenizer: Option<Tokenizer>,
}

/// The tokenizer has no padding token, and none is asked of it.
#[trainer(collator = Padding(pad_id = 0), model_dir = "compile_fail/model_dir/files/no-pad-token")]
struct PaddedByNumber {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    Low,
    Middle,
    High,
}

#[derive(Example)]
struct Reading {
    text: String,
    label: Level,
}

/// Its table has 20 positions, of which padding and what stands before it take 2.
#[trainer(
    collator = Padding(max_length = 18, pad_id = 1),
    model_dir = "fixtures/encoders/xlm-roberta-seqcls",
    memory_budget = "1 MiB",
)]
struct OfRoberta {
    model: RobertaForSequenceClassification<Level>,
    args: Args,
    train_dataset: Dataset<Reading>,
    tokenizer: Tokenizer,
}

/// The folder says that its sizes are called otherwise.
#[trainer(collator = Padding(pad_id = 0), model_dir = "fixtures/models/distilbert-seqcls", memory_budget = "4 MiB")]
struct OfDistilBert {
    model: DistilBertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

/// The folder says the family.
#[trainer(collator = Padding(pad_id = 0), model_dir = "fixtures/encoders/electra-seqcls", memory_budget = "1 MiB")]
struct OfAnyFamily {
    model: AutoModelForSequenceClassification<Level>,
    args: Args,
    train_dataset: Dataset<Reading>,
    tokenizer: Tokenizer,
}

#[derive(Example)]
struct Pair {
    source: String,
    target: String,
}

/// Its configuration says 8 positions, which relative ones do not keep to.
#[trainer(collator = Seq2Seq, model_dir = "compile_fail/model_dir/files/tiny-t5", memory_budget = "1 MiB")]
struct OfSourceAndTarget {
    model: T5ForConditionalGeneration,
    args: Args,
    train_dataset: Dataset<Pair>,
    tokenizer: Tokenizer,
}

#[trainer(collator = Seq2Seq, model_dir = "compile_fail/model_dir/files/bart-tiny", memory_budget = "1 MiB")]
struct OfAnyWithDecoder {
    model: AutoModelForSeq2SeqLM,
    args: Args,
    train_dataset: Dataset<Pair>,
    tokenizer: Tokenizer,
}

fn small(rows: usize) -> Small {
    let output_dir = PathBuf::from("no/folder/is/made/for/a/plan");
    let review = |label| Review { text: "the film is good".to_owned(), label };
    let reviews = [Rating::Negative, Rating::Neutral, Rating::Positive].map(review);
    Small {
        model: BertForSequenceClassification::from_pretrained(TINY).unwrap(),
        args: Args { output_dir, per_device_train_batch_size: rows, max_length: 16 },
        train_dataset: Dataset::from_examples(reviews.into()),
        tokenizer: Tokenizer::from_pretrained(TINY).unwrap(),
    }
}

/// What the compiler says to a mistake of `compile_fail/model_dir`: its first line without the place, and its help.
fn answer(case: &str) -> (String, Vec<String>) {
    let printed = std::fs::read_to_string(format!("compile_fail/model_dir/{case}.stderr")).unwrap();
    let mut lines = printed.lines();
    let first = lines.next().unwrap().trim_start_matches("error[E0080]: evaluation panicked: ").to_owned();
    let help = lines.map(str::trim).take_while(|line| line.starts_with("help: "));
    (first, help.map(str::to_owned).collect())
}

/// The program's error and the compiler's are the same but for what stands in front of the message.
#[track_caller]
fn same_words(error: &Error, case: &str) {
    let (message, help) = answer(case);
    let found = error.to_string();
    let mut lines = found.lines();
    let first = lines.next().unwrap();
    assert!(first.ends_with(&message) || message.ends_with(first), "{first}\n{message}");
    // The compiler's help may go on with what to write in the attribute, the program's with what to call.
    if let (Some(found), Some(expected)) = (lines.next(), help.first()) {
        assert!(expected.starts_with(found), "{found}\n{expected}");
    }
}

fn seen() -> ModelSeen<'static> {
    <Small as TrainerParts>::MODEL_SEEN.unwrap()
}

#[test]
fn what_was_seen_is_what_the_files_say() {
    let seen = seen();
    let sizes = Sizes {
        vocab_size: Some(12),
        hidden_size: Some(4),
        num_hidden_layers: Some(2),
        num_attention_heads: Some(2),
        intermediate_size: Some(8),
        max_position_embeddings: Some(16),
        type_vocab_size: Some(2),
        ..Sizes::NONE
    };
    assert_eq!((seen.model_type, seen.sizes, seen.labels), (Some("bert"), sizes, &[][..]));
    assert_eq!((seen.names.len(), seen.names[0]), (39, "bert.embeddings.LayerNorm.bias"));
    let query = seen.tensors.iter().find(|tensor| tensor.name.ends_with("self.query.weight")).unwrap();
    assert_eq!((query.blocks, query.shape), (&[0, 1][..], Some(&[4, 4][..])));
    let tokenizer = seen.tokenizer.unwrap();
    let loaded = Tokenizer::from_pretrained(TINY).unwrap();
    assert_eq!((tokenizer.vocabulary, tokenizer.max_length), (loaded.vocabulary_size(), loaded.max_length()));
    assert!(tokenizer.has_pad_token && loaded.padding().is_ok());
    assert_eq!(<OfNewLabels as TrainerParts>::MODEL_SEEN.unwrap().labels, ["negative", "positive"]);
    assert!(!<PaddedByNumber as TrainerParts>::MODEL_SEEN.unwrap().tokenizer.unwrap().has_pad_token);
}

#[test]
fn sizes_are_seen_whatever_the_family_calls_them() {
    let seen = <OfDistilBert as TrainerParts>::MODEL_SEEN.unwrap();
    let sizes = [seen.sizes.hidden_size, seen.sizes.num_hidden_layers, seen.sizes.num_attention_heads];
    assert_eq!((sizes, seen.sizes.intermediate_size), ([Some(32), Some(2), Some(4)], Some(64)));
    assert_eq!(<OfAnyFamily as TrainerParts>::MODEL_SEEN.unwrap().sizes.embedding_size, Some(8));
    assert_eq!(<OfRoberta as TrainerParts>::MODEL_SEEN.unwrap().model_type, Some("xlm-roberta"));
}

#[test]
fn the_memory_of_a_model_that_chose_its_family_is_planned() {
    let texts = ["low", "high"];
    let settings = WordPieceSettings { vocab_size: 40, ..Default::default() };
    let trainer = OfAnyFamily {
        model: AutoModelForSequenceClassification::from_pretrained("fixtures/encoders/electra-seqcls").unwrap(),
        args: Args { output_dir: "no/folder/is/made".into(), per_device_train_batch_size: 8, max_length: 16 },
        train_dataset: Dataset::from_examples(vec![Reading { text: "low".to_owned(), label: Level::Low }]),
        tokenizer: Tokenizer::train_wordpiece(&texts, &settings).unwrap(),
    };
    let plan = trainer.plan().unwrap();
    assert!(plan.memory.activations.is_some(), "{plan}");
}

#[test]
fn the_memory_of_an_encoder_and_its_decoder_is_planned() {
    let (t5, bart) = ("compile_fail/model_dir/files/tiny-t5", "compile_fail/model_dir/files/bart-tiny");
    let args = || Args { output_dir: "no/folder/is/made".into(), per_device_train_batch_size: 8, max_length: 16 };
    let pairs = || Dataset::from_examples(vec![Pair { source: "good".to_owned(), target: "film".to_owned() }]);
    let of_t5 = OfSourceAndTarget {
        model: T5ForConditionalGeneration::from_pretrained(t5).unwrap(),
        args: args(),
        train_dataset: pairs(),
        tokenizer: Tokenizer::from_pretrained(t5).unwrap(),
    };
    let of_bart = OfAnyWithDecoder {
        model: AutoModelForSeq2SeqLM::from_pretrained(bart).unwrap(),
        args: args(),
        train_dataset: pairs(),
        tokenizer: Tokenizer::from_pretrained(bart).unwrap(),
    };
    for plan in [of_t5.plan().unwrap(), of_bart.plan().unwrap()] {
        let memory = plan.memory;
        assert_eq!((memory.rows, memory.length, memory.weights), (8, 16, 4 * plan.parameters));
        assert!(memory.activations.is_some_and(|activations| activations > memory.weights), "{plan}");
    }
    let sizes = <OfAnyWithDecoder as TrainerParts>::MODEL_SEEN.unwrap().sizes;
    assert_eq!((sizes.decoder_layers, sizes.intermediate_size, sizes.decoder_ffn_dim), (Some(1), Some(8), Some(6)));
    let error = T5ForConditionalGeneration::from_pretrained(bart).map(drop).unwrap_err();
    same_words(&error, "another_kind_of_model");
}

#[test]
fn a_target_of_adapters_is_the_end_of_a_name_in_the_weights() {
    for there in ["query", "self.query", "output.dense", "bert.encoder.layer.1.attention.self.value"] {
        assert!(adapter_target_is_there(&seen(), None, there).is_accepted(), "{there}");
    }
    let Verdict::Refused { message, help } = adapter_target_is_there(&seen(), None, "querry") else {
        panic!("it is there")
    };
    let expected = format!("no module of {TINY}/model.safetensors is called `querry`");
    assert_eq!((message.as_str(), help.as_str()), (expected.as_str(), "did you mean \"query\"?"));
    assert!(!adapter_target_is_there(&seen(), None, "uery").is_accepted());
    // As PEFT names it: files of a model without a head leave the prefix out.
    let family = Some(&trainer_core::model::bert::FAMILY);
    assert!(adapter_target_is_there(&seen(), family, "bert.query").is_accepted());
}

#[test]
fn a_run_within_its_budget_is_planned_and_trained() {
    let folder = tempfile::tempdir().unwrap();
    let mut trainer = small(8);
    trainer.args.output_dir = folder.path().join("results");
    let plan = trainer.plan().unwrap();
    let memory = plan.memory;
    assert_eq!((memory.rows, memory.length, memory.weights), (8, 16, 4 * plan.parameters));
    assert_eq!((memory.gradients, memory.optimizer), (memory.weights, 2 * memory.weights));
    assert!(memory.activations.is_some_and(|activations| activations > memory.weights));
    assert!(plan.to_string().contains("for 8 rows of 16 tokens"), "{plan}");
    assert_eq!(trainer.train().unwrap().global_step, 1);
}

#[test]
fn a_run_beyond_its_budget_is_refused_by_plan_and_train() {
    let error = small(16).plan().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Arguments);
    let parts = "weights 2.0 KiB + gradients 2.0 KiB + optimiser 4.0 KiB + activations 180 KiB = 188 KiB, for 16 rows of \
                 16 tokens; the budget is 154 KiB";
    let help = "help: `max_tokens_per_chunk = 192` fits, with the same gradients";
    assert_eq!(error.to_string(), format!("{parts}\n{help}"));
    assert_eq!(small(16).train().unwrap_err().to_string(), error.to_string());
}

#[test]
fn the_program_refuses_files_in_the_words_of_the_compiler() {
    let load = |folder: &str| {
        let folder = format!("compile_fail/model_dir/files/{folder}");
        BertForSequenceClassification::<Rating>::from_pretrained(folder).map(drop).unwrap_err()
    };
    same_words(&load("roberta"), "another_family");
    same_words(&load("two-classes"), "head_of_two_classes");
    same_words(&load("five-labels"), "num_labels_of_five");
    same_words(&load("other-order"), "head_in_another_order");
    same_words(&load("size-in-quotes"), "size_in_quotes");
    same_words(&load("with-adapter"), "tensor_that_is_left_over");
    let misspelled = load("misspelled").to_string();
    assert!(misspelled.starts_with(&answer("misspelled_tensor").0), "{misspelled}");
    let shape = |words: &str| words.split_once("`bert.").map(|(_, shape)| shape.to_owned());
    assert_eq!(shape(load("wider").message()), shape(&answer("config_of_a_wider_model").0));
    let padding = Tokenizer::from_pretrained("compile_fail/model_dir/files/no-pad-token").unwrap().padding();
    same_words(&padding.unwrap_err(), "padding_without_a_token");
}

#[test]
fn a_new_head_may_be_of_other_labels() {
    let folder = "compile_fail/model_dir/files/two-classes";
    let model = BertForSequenceClassification::<Rating>::from_pretrained_with_new_head(folder).unwrap();
    assert_eq!(model.parameters().get("classifier.weight").unwrap().variable.dims(), [3, 4]);
}

#[test]
fn the_program_refuses_parts_that_do_not_go_together_in_the_words_of_the_compiler() {
    let mut trainer = small(4);
    trainer.tokenizer = Tokenizer::from_pretrained("compile_fail/model_dir/files/added-tokens").unwrap();
    same_words(&trainer.plan().unwrap_err(), "more_tokens_than_embeddings");
    let mut trainer = small(4);
    trainer.args.max_length = 512;
    let (expected, _) = answer("max_length_beyond_positions");
    let error = trainer.plan().unwrap_err();
    assert!(expected.starts_with(error.message()), "{error}");
}
