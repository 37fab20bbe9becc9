//! Keywords, and the names that generated code uses for itself, as names.

use ::core::clone::Clone;
use ::core::cmp::PartialEq;
use ::core::fmt::Debug;
use ::core::marker::Copy;
use ::std::string::String;
use ::trainer_core::prelude::*;

/// A class may be called like a keyword.
#[derive(Clone, Copy, Debug, PartialEq, ClassLabel)]
#[expect(non_camel_case_types, reason = "keywords are small")]
#[non_exhaustive]
pub enum r#enum {
    /// A class.
    r#match,
    /// Another.
    r#loop,
}

/// A column may be called like a keyword.
#[derive(Debug, Example)]
#[non_exhaustive]
pub struct Row {
    /// What was written.
    #[example(text)]
    pub r#type: String,
    /// What it says.
    #[example(label)]
    pub r#fn: r#enum,
    /// A column that is kept.
    #[example(extra)]
    pub r#where: u32,
    /// No column.
    #[example(skip)]
    pub r#ref: u32,
}

/// A hyper-parameter may be called like a keyword.
#[derive(Debug, TrainingArgs)]
#[non_exhaustive]
pub struct Args {
    /// It is the flag `--type`.
    #[arg(own, default = "plain", choices = ["plain", "fancy"])]
    pub r#type: String,
    /// It is the flag `--dyn`.
    #[arg(own, default = 3)]
    pub r#dyn: u32,
}

/// A metric may be called like a keyword.
#[metric]
#[must_use]
#[inline]
pub fn r#yield(labels: Labels<'_, r#enum>) -> Option<f64> {
    labels.get(0).map(|_| 1.0_f64)
}

use ::core::option::Option;

macro_rules! metrics_called {
    ($($name:ident),*) => {
        $(
            /// Its name is one that generated code uses too.
            #[metric]
            #[must_use]
            #[inline]
            pub fn $name(labels: Labels<'_, r#enum>) -> Option<f64> {
                labels.get(0).map(|_| 1.0_f64)
            }
        )*
    };
}

metrics_called!(kept, values, labels, compute, accept, name, index, checks);

macro_rules! losses_called {
    ($($name:ident),*) => {
        $(
            /// Its name is one that generated code uses too.
            ///
            /// # Errors
            /// Where there are no labels.
            #[loss]
            #[inline]
            pub fn $name(output: &Output, batch: &Batch) -> ::trainer_core::Result<LossSum> {
                batch.labels().and_then(|labels| LossSum::weighted(&output.logits, labels))
            }
        )*
    };
}

losses_called!(output, batch, loss, r#do, sum);

/// All of them together.
#[trainer(loss = r#do, metrics = [r#yield, kept, values, labels, compute, self::accept, name, index, checks])]
#[expect(missing_debug_implementations, reason = "a model has none")]
#[non_exhaustive]
pub struct Trained {
    /// What is trained.
    pub model: BertForSequenceClassification<r#enum>,
    /// What may vary.
    pub args: Args,
    /// What is trained on.
    pub train_dataset: Dataset<Row>,
    /// What is evaluated on.
    pub eval_dataset: Dataset<Row>,
    /// What makes tokens.
    pub tokenizer: Tokenizer,
    /// One's own.
    pub r#struct: u32,
}

macro_rules! trainers_with {
    ($($trained:ident: $loss:ident),*) => {
        $(
            /// A trainer.
            #[trainer(loss = $loss)]
            #[expect(missing_debug_implementations, reason = "a model has none")]
            #[non_exhaustive]
            pub struct $trained {
                /// What is trained.
                pub model: BertForSequenceClassification<r#enum>,
                /// What may vary.
                pub args: Args,
                /// What is trained on.
                pub train_dataset: Dataset<Row>,
                /// What makes tokens.
                pub tokenizer: Tokenizer,
            }
        )*
    };
}

trainers_with!(First: output, Second: batch, Third: sum);

/// Types may be called like the macros' traits, and like the structs that generated code names.
pub mod traits {
    use ::core::clone::Clone;
    use ::core::cmp::PartialEq;
    use ::core::fmt::Debug;
    use ::core::marker::Copy;
    use ::std::string::String;

    /// A label set.
    #[derive(Clone, Copy, Debug, PartialEq, ::trainer_core::ClassLabel)]
    #[non_exhaustive]
    pub enum ClassLabel {
        /// A class.
        Self_,
        /// A class.
        Err,
        /// A class.
        Error,
    }

    /// A row.
    #[derive(Debug, ::trainer_core::Example)]
    #[non_exhaustive]
    pub struct Example {
        /// What was written.
        pub text: String,
        /// What it says.
        pub label: ClassLabel,
    }

    /// Arguments.
    #[derive(Debug, ::trainer_core::TrainingArgs)]
    #[non_exhaustive]
    pub struct TrainingArgs {
        /// How fast.
        pub learning_rate: f64,
    }

    /// A trainer.
    #[::trainer_core::trainer]
    #[expect(missing_debug_implementations, reason = "a model has none")]
    #[non_exhaustive]
    pub struct Trainer {
        /// What is trained.
        pub model: ::trainer_core::model::BertForSequenceClassification<ClassLabel>,
        /// What may vary.
        pub args: TrainingArgs,
        /// What is trained on.
        pub train_dataset: ::trainer_core::data::Dataset<Example>,
        /// What makes tokens.
        pub tokenizer: ::trainer_core::text::Tokenizer,
    }
}
