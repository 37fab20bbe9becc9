//! Fine-tune transformer models as with Hugging Face's `Trainer`, checked by the compiler before the run starts.
//!
//! A struct names the parts, an attribute says how they go together, and [`Trainer`] gives it `train`, `evaluate`,
//! `predict` and `save_model`:
//!
//! ```no_run
//! use trainer_core::prelude::*;
//!
//! #[derive(ClassLabel, Clone, Copy, Debug, PartialEq, Eq)]
//! enum Rating { Negative, Neutral, Positive }
//!
//! #[derive(Example)]
//! # #[example(check = "off")]
//! #[example(train = "data/train.jsonl", eval = "data/eval.jsonl")]
//! struct Review { text: String, #[example(label)] rating: Rating }
//!
//! #[derive(TrainingArgs)]
//! #[training_args(output_dir = "results", eval_strategy = "epoch")]
//! struct Args { #[arg(default = 5e-5)] learning_rate: f64 }
//!
//! #[trainer(collator = Padding, loss = weighted_ce([1.0, 2.0, 3.0]), metrics = [accuracy, f1(average = "macro")])]
//! struct ReviewTrainer {
//!     model: BertForSequenceClassification<Rating>,
//!     args: Args,
//!     train_dataset: Dataset<Review>,
//!     eval_dataset: Dataset<Review>,
//!     tokenizer: Tokenizer,
//! }
//!
//! fn main() -> trainer_core::Result<()> {
//!     let mut trainer = ReviewTrainer {
//!         model: BertForSequenceClassification::from_pretrained("sentence-transformers/all-MiniLM-L6-v2")?,
//!         args: Args::parse(),
//!         train_dataset: Dataset::train()?,
//!         eval_dataset: Dataset::eval()?,
//!         tokenizer: Tokenizer::from_pretrained("sentence-transformers/all-MiniLM-L6-v2")?,
//!     };
//!     trainer.train()?;
//!     println!("{}", trainer.evaluate()?);
//!     trainer.save_model("results/final")
//! }
//! ```
//!
//! The fields of the example decide the task: [`Example`](macro@Example) lists them, and [`trainer`](macro@trainer) what goes
//! with each.
//!
//! The rooms of the house, as data flows: [`args`] and [`data`] (rows become structs), [`text`] (tokens and conversations),
//! [`collate`] (batches), [`model`] over [`transformer`] and [`nn`] (logits, adapters, and texts that are written), [`loss`](mod@loss)
//! and [`metrics`], [`optim`], [`train`] (the loop, checkpoints), [`report`] and [`infer`] (predictions); below all of them
//! [`tensor`].

pub mod args;
pub mod collate;
pub mod data;
pub mod error;
mod hub;
pub mod infer;
pub mod keys;
pub mod loss;
pub mod metrics;
pub mod model;
pub mod nearest;
pub mod nn;
pub mod optim;
pub mod report;
pub mod tensor;
pub mod text;
pub mod train;
mod trainer;
pub mod transformer;
#[doc(hidden)]
pub mod version;

pub use args::{TrainingArgs, TrainingArguments};
pub use error::{Error, ErrorKind, Result};
pub use trainer::Trainer;
pub use trainer_macros::{ClassLabel, Example, TrainingArgs, loss, metric, trainer};

/// What a program that trains needs: `use trainer_core::prelude::*;`.
pub mod prelude {
    pub use crate::args::{TrainingArgs, TrainingArguments};
    pub use crate::collate::{
        Batch, CausalLm, Collator, CompletionOnly, DefaultCollator, Flattening, MaskedLm, Packing, Padding,
        Seq2SeqCollator, TokenClassificationCollator,
    };
    pub use crate::data::{ClassLabel, Dataset, Example, LabelSet, Message};
    pub use crate::error::{Error, ErrorKind};
    pub use crate::loss::{Loss, LossSum};
    pub use crate::metrics::{
        Entities, Labels, Logits, Losses, Metric, Metrics, Predictions, Probabilities, Scores, Texts,
    };
    pub use crate::model::{
        AutoConfig, AutoModelForMaskedLM, AutoModelForSequenceClassification, AutoModelForTokenClassification,
    };
    pub use crate::model::{
        AutoModelForCausalLM, GPT2Config, GPT2LMHeadModel, Generate, GenerationConfig, LlamaConfig, LlamaForCausalLM,
    };
    pub use crate::model::{
        AutoModelForSeq2SeqLM, BartConfig, BartForConditionalGeneration, MarianConfig, MarianMTModel, T5Config,
        T5ForConditionalGeneration,
    };
    pub use crate::model::{BertConfig, BertForMaskedLM, BertForSequenceClassification, BertForTokenClassification};
    pub use crate::model::{Bits, Head, Lora, Model, Output, PeftModel};
    pub use crate::model::{
        DistilBertConfig, DistilBertForMaskedLM, DistilBertForSequenceClassification, DistilBertForTokenClassification,
    };
    pub use crate::model::{
        ElectraConfig, ElectraForMaskedLM, ElectraForSequenceClassification, ElectraForTokenClassification,
    };
    pub use crate::model::{
        RobertaConfig, RobertaForMaskedLM, RobertaForSequenceClassification, RobertaForTokenClassification,
    };
    pub use crate::tensor::params::Parameters;
    pub use crate::tensor::random::Mode;
    pub use crate::text::{ByteLevelBpeSettings, Tokenizer, WordPieceSettings};
    pub use crate::train::{Callback, Control, EarlyStopping, LogEntry, RunMoment, TrainOutput, TrainerState};
    pub use crate::trainer::Trainer;
    pub use trainer_macros::{ClassLabel, Example, TrainingArgs, loss, metric, trainer};
}

// Generated code calls the core by its name wherever it is found: `use kern::trainer_core as …;`.
#[doc(hidden)]
pub extern crate self as trainer_core;

/// What generated code names and nobody else should.
#[doc(hidden)]
pub mod __private {
    pub use serde;
}

/// The pages of the macros, whose examples are compiled here: the crate of the macros cannot depend on this one.
#[cfg(doctest)]
mod macro_pages {
    #[doc = include_str!("../../trainer-macros/src/class_label/page.md")]
    struct ClassLabel;
    #[doc = include_str!("../../trainer-macros/src/example/page.md")]
    struct Example;
    #[doc = include_str!("../../trainer-macros/src/loss/page.md")]
    struct Loss;
    #[doc = include_str!("../../trainer-macros/src/metric/page.md")]
    struct Metric;
    #[doc = include_str!("../../trainer-macros/src/trainer/page.md")]
    struct Trainer;
    #[doc = include_str!("../../trainer-macros/src/training_args/page.md")]
    struct TrainingArgs;
}

/// Says something that the user should know and that stops nothing.
pub(crate) fn note(message: impl std::fmt::Display) {
    use std::io::Write;
    // A terminal that has gone away is no reason to end a run.
    drop(writeln!(std::io::stderr(), "note: {message}"));
}
