//! A crate that hands the core on, as a company's own crate of crates does.

/// Crates for others to use.
pub mod reexport {
    pub use trainer_core;
}

/// Classes whose crate knows the core only through this one.
#[macro_export]
macro_rules! classes {
    ($(#[$about:meta])* $seen:vis $name:ident { $($class:ident),* $(,)? }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, $crate::reexport::trainer_core::ClassLabel)]
        #[label(crate = $crate::reexport::trainer_core)]
        $seen enum $name {
            $(
                #[doc = stringify!($class)]
                $class,
            )*
        }
    };
}

/// A row of texts, a trainer of them, and what else it needs.
#[macro_export]
#[rustfmt::skip] // it would indent the attribute anew at every run
macro_rules! trained {
    ($row:ident, $args:ident, $metric:ident, $loss:ident, $trained:ident over $label:ty) => {
        /// A row.
        #[derive(Debug, $crate::reexport::trainer_core::Example)]
        #[example(crate = $crate::reexport::trainer_core)]
        pub struct $row {
            /// What was written.
            pub text: String,
            /// What it says.
            pub label: $label,
        }

        /// What may vary.
        #[derive(Debug, $crate::reexport::trainer_core::TrainingArgs)]
        #[training_args(crate = $crate::reexport::trainer_core, adam_beta1 = 0.8)]
        pub struct $args {
            /// How fast.
            #[arg(default = 1e-4, range = 0.0..=1.0)]
            pub learning_rate: f64,
        }

        /// How many there are.
        #[$crate::reexport::trainer_core::metric(crate = $crate::reexport::trainer_core)]
        #[must_use]
        pub fn $metric(labels: $crate::reexport::trainer_core::metrics::Labels<'_, $label>) -> Option<f64> {
            u32::try_from(labels.len()).ok().map(f64::from)
        }

        /// A loss by hand.
        ///
        /// # Errors
        /// Where the batch has no labels.
        #[$crate::reexport::trainer_core::loss(crate = $crate::reexport::trainer_core)]
        pub fn $loss(
            output: &$crate::reexport::trainer_core::model::Output,
            batch: &$crate::reexport::trainer_core::collate::Batch,
        ) -> $crate::reexport::trainer_core::Result<$crate::reexport::trainer_core::loss::LossSum> {
            $crate::reexport::trainer_core::loss::LossSum::weighted(&output.logits, batch.labels()?)
        }

        /// A trainer.
        #[$crate::reexport::trainer_core::trainer(crate = $crate::reexport::trainer_core, loss = $loss, metrics = [$metric])]
        pub struct $trained {
            /// What is trained.
            pub model: $crate::reexport::trainer_core::model::BertForSequenceClassification<$label>,
            /// What may vary.
            pub args: $args,
            /// What is trained on.
            pub train_dataset: $crate::reexport::trainer_core::data::Dataset<$row>,
            /// What is evaluated on.
            pub eval_dataset: $crate::reexport::trainer_core::data::Dataset<$row>,
            /// What makes tokens.
            pub tokenizer: $crate::reexport::trainer_core::text::Tokenizer,
        }
    };
}
