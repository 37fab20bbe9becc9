//! Items that only some can see.

use ::core::fmt::Debug;
use ::trainer_core::prelude::*;

macro_rules! seen_by {
    ($($module:ident: $seen:vis),* $(,)?) => {
        $(
            #[doc = "Items of one visibility."]
            #[allow(dead_code, unreachable_pub, missing_debug_implementations, clippy::allow_attributes, clippy::redundant_pub_crate, reason = "nobody needs them")]
            pub mod $module {
                use super::*;
                use ::core::clone::Clone;
                use ::core::cmp::PartialEq;
                use ::core::marker::Copy;
                use ::std::string::String;

                /// Classes.
                #[derive(Clone, Copy, Debug, PartialEq, ClassLabel)]
                #[non_exhaustive]
                $seen enum Rating {
                    /// A class.
                    Negative,
                    /// Another.
                    Positive,
                }

                /// A row.
                #[derive(Debug, Example)]
                #[non_exhaustive]
                $seen struct Review {
                    text: String,
                    label: Rating,
                }

                /// What may vary.
                #[derive(Debug, TrainingArgs)]
                #[non_exhaustive]
                $seen struct Args {
                    learning_rate: f64,
                    #[arg(own, default = 3)]
                    layers: u8,
                }

                /// A metric.
                #[metric]
                #[must_use]
                #[inline]
                $seen const fn share(_labels: Labels<'_, Rating>) -> f64 {
                    1.0
                }

                /// A loss.
                ///
                /// # Errors
                /// Where there are no labels.
                #[loss]
                #[inline]
                $seen fn product(output: &Output, batch: &Batch) -> ::trainer_core::Result<LossSum> {
                    batch.labels().and_then(|labels| LossSum::weighted(&output.logits, labels))
                }

                /// A trainer.
                #[trainer(loss = product, metrics = [share])]
                #[non_exhaustive]
                $seen struct Trained {
                    model: BertForSequenceClassification<Rating>,
                    args: Args,
                    train_dataset: Dataset<Review>,
                    eval_dataset: Dataset<Review>,
                    tokenizer: Tokenizer,
                }
            }
        )*
    };
}

seen_by! {
    by_all: pub,
    by_the_crate: pub(crate),
    by_the_module_above: pub(super),
    by_some: pub(in crate::visibilities),
}
