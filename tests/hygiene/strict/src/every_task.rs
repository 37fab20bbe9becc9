//! Every task with what fits it: tags, words to find, words to write, conversations and targets for sources; and the
//! optimisers and switches that no other module has.

use ::core::clone::Clone;
use ::core::cmp::{Eq, PartialEq};
use ::core::convert::{From, TryFrom};
use ::core::fmt::Debug;
use ::core::iter::Iterator;
use ::core::marker::Copy;
use ::core::option::Option;
use ::std::string::String;
use ::std::vec::Vec;

/// Tags of words.
#[derive(::trainer_core::ClassLabel, Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Entity {
    /// No name.
    #[label(name = "O")]
    Outside,
    /// The first word of a name.
    #[label(name = "B-PER")]
    Person,
    /// One behind it.
    #[label(name = "I-PER")]
    InPerson,
}

/// Words with tags.
#[derive(::trainer_core::Example, Debug)]
#[non_exhaustive]
pub struct Sentence {
    /// Its words.
    #[example(tokens, column = "words")]
    pub words: Vec<String>,
    /// Which are names.
    pub tags: Vec<Option<Entity>>,
}

/// A text to learn.
#[derive(::trainer_core::Example, Debug)]
#[non_exhaustive]
pub struct Doc {
    /// What was written.
    pub text: String,
}

/// Tokens to learn.
#[derive(::trainer_core::Example, Debug)]
#[non_exhaustive]
pub struct Tokens {
    /// Token ids.
    pub input_ids: Vec<u32>,
    /// What to find at each.
    pub labels: Vec<i64>,
}

/// A question and what to answer.
#[derive(::trainer_core::Example, Debug)]
#[non_exhaustive]
pub struct Question {
    /// What is asked.
    pub prompt: String,
    /// What to answer.
    pub completion: String,
}

/// A conversation.
#[derive(::trainer_core::Example, Debug)]
#[non_exhaustive]
pub struct Chat {
    /// Its turns.
    pub messages: Vec<::trainer_core::data::Message>,
}

/// A text for another.
#[derive(::trainer_core::Example, Debug)]
#[non_exhaustive]
pub struct Pair {
    /// What is there.
    pub source: String,
    /// What is to be written for it.
    pub target: String,
}

/// The same as tokens.
#[derive(::trainer_core::Example, Debug)]
#[non_exhaustive]
pub struct PairOfTokens {
    /// What is there.
    pub input_ids: Vec<u32>,
    /// What is to be written for it.
    pub target_ids: Vec<u32>,
}

/// Nothing may vary.
#[derive(::trainer_core::TrainingArgs, Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Args {}

/// How many sentences there are.
#[::trainer_core::metric]
#[must_use]
#[inline]
pub fn sentences(entities: ::trainer_core::metrics::Entities<'_, Entity>) -> Option<f64> {
    u32::try_from(entities.len()).ok().map(f64::from)
}

/// How many texts are written.
#[::trainer_core::metric]
#[must_use]
#[inline]
pub fn written(texts: ::trainer_core::metrics::Texts<'_>) -> Option<f64> {
    u32::try_from(texts.iter().count()).ok().map(f64::from)
}

/// As many weights as tags.
pub const WEIGHTS: [f32; 3] = [1.0, 2.0, 3.0];

/// An optimiser of one's own.
///
/// # Errors
/// Where a number of the arguments cannot work.
#[inline]
pub fn own(
    arguments: &::trainer_core::args::TrainingArguments,
) -> ::trainer_core::Result<::std::boxed::Box<dyn ::trainer_core::optim::Optimizer>> {
    ::trainer_core::optim::OptimizerChoice::optimizer(&::trainer_core::optim::sgd(), arguments)
}

/// Tags.
#[::trainer_core::trainer(
    collator = TokenClassification(pad_to_multiple_of = 8, max_length = 64, pad_id = 0),
    loss = focal(gamma = 1.5, alpha = WEIGHTS),
    metrics = [
        accuracy, f1(average = "macro"), entity_f1(average = "weighted", scheme = "iob2", name = "names"), sentences
    ],
    optimizer = sgd(momentum = 0.9, dampening = 0, nesterov),
)]
#[expect(missing_debug_implementations, reason = "a model has none")]
#[non_exhaustive]
pub struct OfTags {
    /// What is trained.
    pub model: ::trainer_core::model::BertForTokenClassification<Entity>,
    /// What may vary.
    pub args: Args,
    /// What is trained on.
    pub train_dataset: ::trainer_core::data::Dataset<Sentence>,
    /// What is evaluated on.
    pub eval_dataset: ::trainer_core::data::Dataset<Sentence>,
    /// What makes tokens.
    pub tokenizer: ::trainer_core::text::Tokenizer,
}

/// Words that are hidden.
#[::trainer_core::trainer(
    collator = MaskedLm(probability = 0.2, mask = 0.7, random = 0.2, fixed_length = 64),
    loss = ce(label_smoothing = 0.1),
    metrics = [perplexity, accuracy],
    optimizer = adafactor,
)]
#[expect(missing_debug_implementations, reason = "a model has none")]
#[non_exhaustive]
pub struct OfHiddenWords {
    /// What is trained.
    pub model: ::trainer_core::model::RobertaForMaskedLM,
    /// What may vary.
    pub args: Args,
    /// What is trained on.
    pub train_dataset: ::trainer_core::data::Dataset<Doc>,
    /// What is evaluated on.
    pub eval_dataset: ::trainer_core::data::Dataset<Doc>,
    /// What makes tokens.
    pub tokenizer: ::trainer_core::text::Tokenizer,
}

/// Whole words that are hidden.
#[::trainer_core::trainer(collator = MaskedLm(whole_word), optimizer = own)]
#[expect(missing_debug_implementations, reason = "a model has none")]
#[non_exhaustive]
pub struct OfWholeWords {
    /// What is trained.
    pub model: ::trainer_core::model::BertForMaskedLM,
    /// What may vary.
    pub args: Args,
    /// What is trained on.
    pub train_dataset: ::trainer_core::data::Dataset<Doc>,
    /// What is evaluated on.
    pub eval_dataset: ::trainer_core::data::Dataset<Doc>,
    /// What makes tokens.
    pub tokenizer: ::trainer_core::text::Tokenizer,
}

/// What comes next.
#[::trainer_core::trainer(
    collator = CausalLm(pad_to_multiple_of = 8, max_length = 64),
    optimizer = lion,
    metrics = [perplexity(name = "ppl")],
    peft = lora(r = 4, alpha = 8, dropout = 0.1, target_modules = ["q_proj"], modules_to_save = [], use_rslora, load_in_4bit),
)]
#[expect(missing_debug_implementations, reason = "a model has none")]
#[non_exhaustive]
pub struct OfNextWords {
    /// What is trained.
    pub model: ::trainer_core::model::LlamaForCausalLM,
    /// What may vary.
    pub args: Args,
    /// What is trained on.
    pub train_dataset: ::trainer_core::data::Dataset<Tokens>,
    /// What is evaluated on.
    pub eval_dataset: ::trainer_core::data::Dataset<Tokens>,
    /// What makes tokens.
    pub tokenizer: ::trainer_core::text::Tokenizer,
}

/// Answers in rows of their own.
#[::trainer_core::trainer(collator = Packing(64, completion_only), peft = lora(target_modules = "all-linear", use_dora = true))]
#[expect(missing_debug_implementations, reason = "a model has none")]
#[non_exhaustive]
pub struct OfPackedAnswers {
    /// What is trained.
    pub model: ::trainer_core::model::GPT2LMHeadModel,
    /// What may vary.
    pub args: Args,
    /// What is trained on.
    pub train_dataset: ::trainer_core::data::Dataset<Question>,
    /// What is evaluated on.
    pub eval_dataset: ::trainer_core::data::Dataset<Question>,
    /// What makes tokens.
    pub tokenizer: ::trainer_core::text::Tokenizer,
}

/// All of a conversation in one row.
#[::trainer_core::trainer(collator = Flattening(completion_only = false, pad_id = 0), peft = lora(load_in_8bit = true))]
#[expect(missing_debug_implementations, reason = "a model has none")]
#[non_exhaustive]
pub struct OfFlatChats {
    /// What is trained.
    pub model: ::trainer_core::model::AutoModelForCausalLM,
    /// What may vary.
    pub args: Args,
    /// What is trained on.
    pub train_dataset: ::trainer_core::data::Dataset<Chat>,
    /// What is evaluated on.
    pub eval_dataset: ::trainer_core::data::Dataset<Chat>,
    /// What makes tokens.
    pub tokenizer: ::trainer_core::text::Tokenizer,
}

/// The turns of the assistant.
#[::trainer_core::trainer(collator = CompletionOnly(pad_id = 0), metrics = [perplexity])]
#[expect(missing_debug_implementations, reason = "a model has none")]
#[non_exhaustive]
pub struct OfAnswers {
    /// What is trained.
    pub model: ::trainer_core::model::AutoModelForCausalLM,
    /// What may vary.
    pub args: Args,
    /// What is trained on.
    pub train_dataset: ::trainer_core::data::Dataset<Chat>,
    /// What is evaluated on.
    pub eval_dataset: ::trainer_core::data::Dataset<Chat>,
    /// What makes tokens.
    pub tokenizer: ::trainer_core::text::Tokenizer,
}

/// Answers that stand in a text.
#[::trainer_core::trainer(collator = CompletionOnly(response_template = "### Response:", instruction_template = "### Human:"))]
#[expect(missing_debug_implementations, reason = "a model has none")]
#[non_exhaustive]
pub struct OfTemplates {
    /// What is trained.
    pub model: ::trainer_core::model::GPT2LMHeadModel,
    /// What may vary.
    pub args: Args,
    /// What is trained on.
    pub train_dataset: ::trainer_core::data::Dataset<Doc>,
    /// What is evaluated on.
    pub eval_dataset: ::trainer_core::data::Dataset<Doc>,
    /// What makes tokens.
    pub tokenizer: ::trainer_core::text::Tokenizer,
}

/// Texts for texts.
#[::trainer_core::trainer(
    collator = Seq2Seq(pad_to_multiple_of = 8),
    metrics = [
        exact_match, bleu(smoothing = "add-k", lowercase), chrf(word_order = 2, name = "chrf_pp"), rouge(stemmer), written
    ],
)]
#[expect(missing_debug_implementations, reason = "a model has none")]
#[non_exhaustive]
pub struct OfPairs {
    /// What is trained.
    pub model: ::trainer_core::model::T5ForConditionalGeneration,
    /// What may vary.
    pub args: Args,
    /// What is trained on.
    pub train_dataset: ::trainer_core::data::Dataset<Pair>,
    /// What is evaluated on.
    pub eval_dataset: ::trainer_core::data::Dataset<Pair>,
    /// What makes tokens.
    pub tokenizer: ::trainer_core::text::Tokenizer,
}

/// Tokens for tokens.
#[::trainer_core::trainer(collator = Seq2Seq, optimizer = sgd)]
#[expect(missing_debug_implementations, reason = "a model has none")]
#[non_exhaustive]
pub struct OfTokenPairs {
    /// What is trained.
    pub model: ::trainer_core::model::AutoModelForSeq2SeqLM,
    /// What may vary.
    pub args: Args,
    /// What is trained on.
    pub train_dataset: ::trainer_core::data::Dataset<PairOfTokens>,
    /// What is evaluated on.
    pub eval_dataset: ::trainer_core::data::Dataset<PairOfTokens>,
    /// What makes tokens.
    pub tokenizer: ::trainer_core::text::Tokenizer,
}
