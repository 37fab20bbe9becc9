//! Arguments that go with their trainers compile without a warning, and a run agrees with the compiler.

mod right {
    //! What is right, under the strictest lints.
    #![deny(warnings, missing_docs, unreachable_pub, unused_qualifications, clippy::pedantic)]

    use std::collections::BTreeMap;

    use trainer_core::args::{StepsOrRatio, Warmup};
    use trainer_core::prelude::*;

    #[derive(ClassLabel, Clone, Copy, Debug, PartialEq)]
    pub(super) enum Rating {
        Negative,
        Positive,
    }

    #[derive(Example, Clone, Debug)]
    pub(super) struct Review {
        text: String,
        label: Rating,
    }

    /// A function that is called like an argument.
    fn eval_steps() -> usize {
        20
    }

    /// Share of positive reviews, in two figures.
    #[metric]
    fn share(labels: Labels<'_, Rating>) -> [(&'static str, f64); 2] {
        let positive = |label| if label == Rating::Positive { 1.0 } else { 0.0 };
        [("positive", labels.iter().map(positive).sum()), ("all", labels.iter().map(|_| 1.0).sum())]
    }

    /// Every rule over the trainer has something to look at here.
    #[derive(TrainingArgs, Debug)]
    #[training_args(
        eval_strategy = "steps",
        eval_on_start = true,
        eval_steps = 50,
        save_steps = 100,
        save_total_limit = 2,
        load_best_model_at_end = true,
        metric_for_best_model = "eval_share_positive",
        max_steps = 100,
        warmup_steps = 99
    )]
    pub(super) struct P {
        #[arg(own, default = eval_steps())]
        each: usize,
    }

    #[trainer(metrics = [accuracy, share])]
    pub(super) struct WithTrainer {
        model: BertForSequenceClassification<Rating>,
        args: P,
        train_dataset: Dataset<Review>,
        eval_dataset: Option<Dataset<Review>>,
        tokenizer: Tokenizer,
    }

    /// What only the run knows is not judged: computed defaults, names of evaluation sets.
    #[derive(TrainingArgs, Debug)]
    #[training_args(eval_strategy = "epoch", metric_for_best_model = "news_f1", max_steps = 10)]
    pub(super) struct Args {
        #[arg(default = Warmup::Steps(eval_steps()))]
        warmup_steps: Warmup,
        #[arg(default = StepsOrRatio::Steps(500))]
        save_steps: StepsOrRatio,
        #[arg(own)]
        name: Option<String>,
    }

    #[trainer(metrics = [f1])]
    pub(super) struct Several {
        model: BertForSequenceClassification<Rating>,
        args: Args,
        train_dataset: Dataset<Review>,
        eval_dataset: BTreeMap<String, Dataset<Review>>,
        tokenizer: Tokenizer,
    }

    /// Without data to evaluate on, nothing is asked of metrics.
    #[derive(TrainingArgs, Debug)]
    #[training_args(metric_for_best_model = "f1", logging_steps = 1000)]
    pub(super) struct Plain {
        #[arg(default = "no")]
        eval_strategy: String,
    }

    #[trainer]
    pub(super) struct NothingToEvaluate {
        model: BertForSequenceClassification<Rating>,
        args: Plain,
        train_dataset: Dataset<Review>,
        tokenizer: Tokenizer,
    }

    #[test]
    fn they_have_their_defaults() {
        assert_eq!(P::default().each, 20);
        assert_eq!((Args::default().warmup_steps, Args::default().name), (Warmup::Steps(20), None));
        assert_eq!(Plain::default().arguments().metric_for_best_model.as_deref(), Some("f1"));
    }
}

/// What only a trainer says of itself, as rules see it.
mod surroundings {
    use trainer_core::args::Surrounded;

    use super::right::{NothingToEvaluate, Several, WithTrainer};

    #[test]
    fn a_trainer_says_what_its_metrics_are_called_where_the_compiler_can_know() {
        let known = <WithTrainer as Surrounded>::SURROUNDINGS;
        assert_eq!((known.trainer, known.has_eval_dataset), ("WithTrainer", true));
        assert_eq!(known.metrics, Some(["accuracy", "share"].as_slice()));
        assert_eq!(<Several as Surrounded>::SURROUNDINGS.metrics, None);
        let without = <NothingToEvaluate as Surrounded>::SURROUNDINGS;
        assert_eq!((without.has_eval_dataset, without.metrics, without.train_rows), (false, None, None));
    }
}

mod help {
    use trainer_core::prelude::*;

    #[derive(TrainingArgs, Debug)]
    struct Args {
        learning_rate: f64,
        max_length: Option<usize>,
        /// How many folds.
        #[arg(own, default = 3)]
        folds: usize,
    }

    #[test]
    fn a_field_without_documentation_has_that_of_its_argument() {
        let help = Args::try_parse_from(["train", "--help"]).expect_err("help is no run").to_string();
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        for text in [
            "--learning-rate <NUMBER> Learning rate after warm-up [default: 5e-5] --",
            "Longest sequence in tokens; longer ones are truncated. Default: what the model and tokenizer allow --",
            "How many folds. [default: 3]",
        ] {
            assert!(help.contains(text), "{help}");
        }
    }
}
