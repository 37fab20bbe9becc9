//! Items that a macro of the crate's writes, from types, names, literals and expressions that it is handed.

use ::core::clone::Clone;
use ::core::cmp::PartialEq;
use ::core::fmt::Debug;
use ::core::marker::Copy;
use ::std::string::String;
use ::trainer_core::prelude::*;

macro_rules! task {
    (
        $(#[$about:meta])*
        $seen:vis $rating:ident { $($class:ident = $spelled:literal),* $(,)? }
        $review:ident, $column:literal, $label:ty;
        $args:ident, $rate:expr, $most:expr, $epochs:literal, $strategy:literal, $own:ident: $width:ty;
        $metric:ident, $argument:ty, $returned:ty, $key:literal, $value:expr;
        $loss:ident;
        $trained:ident, $row:ty, $model:ty, $weights:expr, $beta:literal, $average:literal, $callback:expr;
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, ClassLabel)]
        #[non_exhaustive]
        $seen enum $rating {
            $(
                /// A class.
                #[label(name = $spelled)]
                $class,
            )*
        }

        /// A row.
        #[derive(Debug, Example)]
        #[non_exhaustive]
        $seen struct $review {
            /// What was written.
            #[example(text, column = $column)]
            $seen written: String,
            /// What it says.
            #[example(label)]
            $seen said: $label,
        }

        /// What may vary.
        #[derive(Debug, TrainingArgs)]
        #[training_args(eval_strategy = $strategy, num_train_epochs = $epochs)]
        #[non_exhaustive]
        $seen struct $args {
            /// How fast.
            #[arg(default = $rate, range = 0.0..=$most)]
            $seen learning_rate: f64,
            /// What is one's own.
            #[arg(own, default = 3)]
            $seen $own: $width,
        }

        /// A value.
        #[metric(name = $key)]
        #[must_use]
        #[inline]
        $seen fn $metric(_given: $argument) -> $returned {
            $value
        }

        /// A loss.
        ///
        /// # Errors
        /// Where there are no labels.
        #[loss]
        #[inline]
        $seen fn $loss(output: &Output, batch: &Batch) -> ::trainer_core::Result<LossSum> {
            batch.labels().and_then(|labels| LossSum::weighted(&output.logits, labels))
        }

        /// A trainer.
        #[trainer(
            loss = weighted_ce($weights),
            metrics = [$metric, fbeta($beta, average = $average)],
            callbacks = [$callback],
        )]
        #[expect(missing_debug_implementations, reason = "a model has none")]
        #[non_exhaustive]
        $seen struct $trained {
            /// What is trained.
            $seen model: $model,
            /// What may vary.
            $seen args: $args,
            /// What is trained on.
            $seen train_dataset: $row,
            /// What is evaluated on.
            $seen eval_dataset: $row,
            /// What makes tokens.
            $seen tokenizer: Tokenizer,
        }
    };
}

task! {
    /// What is said of a film.
    pub Rating { Negative = "bad", Positive = "good" }
    Review, "body", Rating;
    Args, 1e-4, 1e-2, 3.0, "epoch", layers: usize;
    share, Labels<'_, Rating>, f64, "share_of_all", 0.5_f64;
    product;
    ReviewTrainer, Dataset<Review>, BertForSequenceClassification<Rating>, [1.0, 2.0], 2.0, "macro", Silent;
}

/// A callback that does nothing.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Silent;

impl Callback for Silent {}

macro_rules! role {
    ($name:ident, $role:ident, $ty:ty, $label:ident) => {
        /// A row whose role is handed in.
        #[derive(Debug, Example)]
        #[non_exhaustive]
        pub struct $name {
            /// What goes in.
            #[example($role)]
            pub of_this_role: $ty,
            /// What comes out.
            #[example($label)]
            pub out: f32,
        }
    };
}

role!(Written, text, String, label);
role!(Measured, features, [f32; 2], label);
