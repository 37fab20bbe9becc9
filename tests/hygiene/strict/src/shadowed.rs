//! Names of the standard library, of the language and of the core that mean something else here.
#![allow(
    non_camel_case_types,
    dead_code,
    unused_macros,
    clippy::missing_docs_in_private_items,
    clippy::allow_attributes,
    clippy::upper_case_acronyms,
    reason = "the names are there to be in the way"
)]

struct Result;
struct Option;
struct String;
struct Vec;
struct Box;
struct Some;
struct None;
struct Ok;
struct Err;
struct Self_;
struct PhantomData;
struct Error;
struct Dataset;
struct Labels;
struct Facts;
struct Verdict;
struct bool;
struct str;
struct usize;
struct u32;
struct u64;
struct i64;
struct f32;
struct f64;
trait Default {}
trait Clone {}
trait Copy {}
trait From {}
trait Into {}
trait Iterator {}
trait Display {}
trait FromStr {}
trait Serialize {}
trait Deserialize {}
trait Serializer {}
trait Model {}
trait Collator {}
trait Metric {}
mod core {}
mod std {}
mod alloc {}
mod serde {}
mod trainer_core {}
mod train {}
mod data {}
mod metrics {}
mod args {}

macro_rules! vec {
    () => {};
}
macro_rules! panic {
    () => {};
}
macro_rules! unreachable {
    () => {};
}
macro_rules! env {
    () => {};
}
macro_rules! concat {
    () => {};
}
macro_rules! include_bytes {
    () => {};
}
macro_rules! option_env {
    () => {};
}

#[derive(
    ::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug, ::core::cmp::PartialEq, ::trainer_core::ClassLabel,
)]
enum Rating {
    None,
    Some,
    Ok,
    Err,
    Error,
    Result,
}

#[derive(::core::fmt::Debug, ::trainer_core::Example)]
#[example(train = "data/shadowed.jsonl")]
struct Review {
    text: ::std::string::String,
    text_pair: ::core::option::Option<::std::string::String>,
    label: Rating,
    #[example(extra)]
    stars: ::core::option::Option<::core::primitive::u32>,
    #[example(skip)]
    seen: ::core::primitive::bool,
}

struct Message;

#[derive(::core::fmt::Debug, ::trainer_core::Example)]
#[example(train = "data/sentences.jsonl")]
struct Sentence {
    tokens: ::std::vec::Vec<::std::string::String>,
    tags: ::std::vec::Vec<::core::option::Option<Rating>>,
}

#[derive(::core::fmt::Debug, ::trainer_core::Example)]
struct Chat {
    messages: ::std::vec::Vec<::trainer_core::data::Message>,
}

#[derive(::core::fmt::Debug, ::trainer_core::Example)]
struct Answer {
    prompt: ::std::string::String,
    completion: ::std::string::String,
}

#[derive(::core::fmt::Debug, ::trainer_core::Example)]
struct Translation {
    source: ::std::string::String,
    target: ::std::string::String,
}

#[derive(::core::fmt::Debug, ::trainer_core::Example)]
struct Tokens {
    input_ids: ::std::vec::Vec<::core::primitive::u32>,
    labels: ::std::vec::Vec<::core::primitive::i64>,
}

#[derive(::core::fmt::Debug, ::trainer_core::Example)]
struct TranslatedTokens {
    input_ids: ::std::vec::Vec<::core::primitive::u32>,
    target_ids: ::std::vec::Vec<::core::primitive::u32>,
}

#[derive(::core::fmt::Debug, ::trainer_core::TrainingArgs)]
#[training_args(
    eval_strategy = "epoch",
    warmup_steps = 10,
    logging_steps = 0.5,
    report_to = ["tensorboard"],
    max_steps = 100,
    load_best_model_at_end = true,
    save_strategy = "epoch"
)]
struct Args {
    #[arg(default = 1e-4, range = 1e-6..=1e-2)]
    learning_rate: ::core::primitive::f64,
    #[arg(own, default = 3)]
    layers: ::core::primitive::usize,
    #[arg(own, default = "a", choices = ["a", "b"])]
    kind: ::std::string::String,
    #[arg(own)]
    extra: ::core::option::Option<::core::primitive::u32>,
}

#[::trainer_core::metric]
fn share(
    predictions: ::trainer_core::metrics::Predictions<'_, Rating>,
    labels: ::trainer_core::metrics::Labels<'_, Rating>,
) -> ::core::primitive::f64 {
    if predictions.len() == labels.len() { 1.0 } else { 0.0 }
}

#[::trainer_core::loss]
fn product(
    output: &::trainer_core::model::Output,
    batch: &::trainer_core::collate::Batch,
) -> ::trainer_core::Result<::trainer_core::loss::LossSum> {
    batch.labels().and_then(|labels| ::trainer_core::loss::LossSum::weighted(&output.logits, labels))
}

struct Silent;

impl ::trainer_core::train::Callback for Silent {}

#[::trainer_core::trainer(
    collator = Padding(max_length = 64),
    loss = weighted_ce([1, 2, 3, 4, 5, 6], label_smoothing = 0.1),
    metrics = [accuracy, f1(average = "macro"), top_k(2), share],
    optimizer = adamw,
    callbacks = [Silent],
)]
struct Trainer {
    model: ::trainer_core::model::BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: ::trainer_core::data::Dataset<Review>,
    eval_dataset: ::core::option::Option<::trainer_core::data::Dataset<Review>>,
    tokenizer: ::core::option::Option<::trainer_core::text::Tokenizer>,
}

#[::trainer_core::trainer(loss = product)]
struct WithOnesOwnLoss {
    model: ::trainer_core::model::BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: ::trainer_core::data::Dataset<Review>,
    eval_dataset: ::std::collections::BTreeMap<::std::string::String, ::trainer_core::data::Dataset<Review>>,
    tokenizer: ::trainer_core::text::Tokenizer,
}
