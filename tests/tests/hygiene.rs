//! Generated code means what it says, whatever names stand around it.
#![allow(dead_code, reason = "the items are there to be compiled")]

/// Nothing of the standard library's prelude is in scope.
mod without_a_prelude {
    #![no_implicit_prelude]

    #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::cmp::PartialEq, ::trainer_core::ClassLabel)]
    pub(super) enum Rating {
        Negative,
        Positive,
    }

    #[derive(::trainer_core::Example)]
    pub(super) struct Review {
        text: ::std::string::String,
        text_pair: ::core::option::Option<::std::string::String>,
        label: Rating,
        #[example(extra)]
        votes: u32,
        #[example(skip)]
        seen: bool,
    }

    #[derive(::trainer_core::TrainingArgs)]
    pub(super) struct Args {
        #[arg(default = 1e-4)]
        learning_rate: f64,
    }

    #[::trainer_core::metric]
    fn share(labels: ::trainer_core::metrics::Labels<'_, Rating>) -> f64 {
        labels.len() as f64
    }

    #[::trainer_core::loss]
    fn zero(
        output: &::trainer_core::model::Output,
        batch: &::trainer_core::collate::Batch,
    ) -> ::trainer_core::Result<::trainer_core::loss::LossSum> {
        ::trainer_core::loss::LossSum::weighted(&output.logits, batch.labels()?)
    }

    #[::trainer_core::trainer(loss = zero, metrics = [accuracy, f1(average = "macro"), top_k(2), share])]
    pub(super) struct Trainer {
        model: ::trainer_core::model::BertForSequenceClassification<Rating>,
        args: Args,
        train_dataset: ::trainer_core::data::Dataset<Review>,
        eval_dataset: ::core::option::Option<::trainer_core::data::Dataset<Review>>,
        tokenizer: ::core::option::Option<::trainer_core::text::Tokenizer>,
    }
}

/// Names of the standard library mean something else.
mod with_shadowed_names {
    use trainer_core::{ClassLabel, Example, TrainingArgs, metric, trainer};

    struct Result;
    struct Option;
    struct String;
    struct Vec;
    struct Box;
    struct Some;
    struct None;
    struct Ok;
    struct Err;
    trait Default {}
    trait Clone {}
    mod core {}
    mod std {}
    mod serde {}

    #[derive(Clone, Copy, PartialEq, ClassLabel)]
    enum Rating {
        None,
        Some,
        Ok,
    }

    #[derive(Example)]
    struct Review {
        features: [f32; 2],
        label: Rating,
        #[example(skip)]
        result: u8,
    }

    #[derive(TrainingArgs)]
    struct Args {
        #[arg(own, default = 3)]
        layers: usize,
    }

    #[metric]
    fn share(labels: trainer_core::metrics::Labels<'_, Rating>) -> f64 {
        labels.len() as f64
    }

    #[trainer(collator = Default, loss = weighted_ce([1, 2, 3], label_smoothing = 0.1), metrics = [share])]
    struct Trainer {
        model: trainer_core::model::BertForSequenceClassification<Rating>,
        args: Args,
        train_dataset: trainer_core::data::Dataset<Review>,
        eval_dataset: trainer_core::data::Dataset<Review>,
    }
}

/// The core is found under another name.
mod under_another_name {
    pub(crate) mod inner {
        pub(crate) use trainer_core as engine;
    }

    use inner::engine::prelude::*;

    #[derive(Clone, Copy, PartialEq, ClassLabel)]
    #[label(crate = crate::under_another_name::inner::engine)]
    enum Rating {
        Negative,
        Positive,
    }

    #[derive(Example)]
    #[example(crate = crate::under_another_name::inner::engine)]
    struct Review {
        input_ids: Vec<u32>,
        label: Rating,
    }

    #[derive(TrainingArgs)]
    #[training_args(crate = crate::under_another_name::inner::engine)]
    struct Args {}

    #[metric(crate = crate::under_another_name::inner::engine)]
    fn share(labels: Labels<'_, Rating>) -> f64 {
        labels.len() as f64
    }

    #[trainer(crate = crate::under_another_name::inner::engine, collator = Padding(pad_id = 0), metrics = [share])]
    struct Trained {
        model: BertForSequenceClassification<Rating>,
        args: Args,
        train_dataset: Dataset<Review>,
        eval_dataset: std::collections::BTreeMap<String, Dataset<Review>>,
    }
}

/// Items that a macro of the user's writes, with what it was given.
mod inside_a_macro {
    use trainer_core::prelude::*;

    macro_rules! task {
        ($rating:ident, $review:ident, $trainer:ident, $weights:expr, $model:ty, $row:ty) => {
            #[derive(Clone, Copy, PartialEq, ClassLabel)]
            enum $rating {
                Negative,
                Positive,
            }

            #[derive(Example)]
            struct $review {
                text: String,
                label: $rating,
            }

            #[derive(TrainingArgs)]
            struct Args {}

            #[metric]
            fn share(labels: Labels<'_, $rating>) -> f64 {
                labels.len() as f64
            }

            #[trainer(loss = weighted_ce($weights), metrics = [share])]
            struct $trainer {
                model: $model,
                args: Args,
                train_dataset: $row,
                eval_dataset: $row,
                tokenizer: Tokenizer,
            }
        };
    }

    task!(Rating, Review, Trained, [1.0, 2.0], BertForSequenceClassification<Rating>, Dataset<Review>);
}

#[test]
fn items_inside_of_a_function_are_found() {
    use trainer_core::prelude::*;

    #[derive(Clone, Copy, Debug, PartialEq, ClassLabel)]
    enum Rating {
        Negative,
        Positive,
    }

    #[derive(Example)]
    struct Review {
        text: String,
        label: Rating,
    }

    #[derive(TrainingArgs)]
    struct Args {}

    #[metric]
    fn share(labels: Labels<'_, Rating>) -> f64 {
        labels.len() as f64
    }

    #[trainer(metrics = [share])]
    struct Trained {
        model: BertForSequenceClassification<Rating>,
        args: Args,
        train_dataset: Dataset<Review>,
        eval_dataset: Dataset<Review>,
        tokenizer: Tokenizer,
    }

    assert_eq!(<Trained as trainer_core::train::TrainerParts>::NAME, "Trained");
    assert_eq!("positive".parse::<Rating>().unwrap(), Rating::Positive);
}
