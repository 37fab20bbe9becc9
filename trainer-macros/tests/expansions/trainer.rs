// #[trainer(collator = Padding, loss = weighted_ce([1.0, 2.0, 3.0]), metrics = [f1(average = "macro"), within_one])]
// struct ReviewTrainer {
//     model: BertForSequenceClassification<Rating>,
//     args: Args,
//     train_dataset: Dataset<Review>,
//     eval_dataset: Dataset<Review>,
//     tokenizer: Tokenizer,
// }

struct ReviewTrainer {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    eval_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}
#[allow(unused_qualifications, clippy::restriction)]
const _: () = ::trainer_core::train::checks::accept(
    ::trainer_core::version::macros_are("0.1.0"),
);
#[automatically_derived]
#[allow(unused_qualifications, clippy::restriction)]
impl ::trainer_core::train::TrainerParts for ReviewTrainer {
    type Model = <BertForSequenceClassification<
        Rating,
    > as ::trainer_core::train::parts::ModelField>::Model;
    type Args = <Args as ::trainer_core::train::parts::ArgsField>::Args;
    type Example = <<Dataset<
        Review,
    > as ::trainer_core::train::parts::TrainDatasetField>::Row as ::trainer_core::train::parts::ExampleRow>::Example;
    const NAME: &'static ::core::primitive::str = "ReviewTrainer";
    const SURROUNDINGS: ::trainer_core::args::Surroundings<'static> = {
        ::trainer_core::args::Surroundings {
            trainer: Self::NAME,
            has_eval_dataset: true,
            metrics: if <Dataset<
                Review,
            > as ::trainer_core::train::parts::EvalDatasetField>::HAS_NAMES {
                ::core::option::Option::None
            } else {
                ::core::option::Option::Some(
                    &[
                        "f1",
                        <within_one as ::trainer_core::train::parts::MetricName>::NAME,
                    ],
                )
            },
            several: &[<within_one as ::trainer_core::train::parts::MetricName>::PREFIX],
            train_rows: <Self::Example as ::trainer_core::data::Example>::TRAIN_ROWS,
            positions: ::trainer_core::train::model_dir::positions::<Self>(),
        }
    };
    fn model(&self) -> &Self::Model {
        &self.model
    }
    fn args(&self) -> &Self::Args {
        &self.args
    }
    fn train_dataset(
        &self,
    ) -> ::core::option::Option<&::trainer_core::data::Dataset<Self::Example>> {
        ::core::option::Option::Some(
            <Dataset<
                Review,
            > as ::trainer_core::train::parts::TrainDatasetField>::dataset(
                &self.train_dataset,
            ),
        )
    }
    fn eval_datasets(
        &self,
    ) -> ::std::vec::Vec<
        (
            ::core::option::Option<&::core::primitive::str>,
            &::trainer_core::data::Dataset<Self::Example>,
        ),
    > {
        <<Dataset<
            Review,
        > as ::trainer_core::train::parts::EvalDatasetField>::Row as ::trainer_core::train::parts::EvalRow<
            Self::Example,
        >>::same(
            <Dataset<
                Review,
            > as ::trainer_core::train::parts::EvalDatasetField>::datasets(
                &self.eval_dataset,
            ),
        )
    }
    fn tokenizer(&self) -> ::core::option::Option<&::trainer_core::text::Tokenizer> {
        <Tokenizer as ::trainer_core::train::parts::TokenizerField>::tokenizer(
            &self.tokenizer,
        )
    }
    fn collator(&self) -> ::std::boxed::Box<dyn ::trainer_core::collate::Collator> {
        ::std::boxed::Box::new(::trainer_core::collate::Padding::new())
    }
    fn loss(
        &self,
    ) -> ::core::option::Option<::std::boxed::Box<dyn ::trainer_core::loss::Loss>> {
        ::core::option::Option::Some(
            ::std::boxed::Box::new(::trainer_core::loss::weighted_ce(&[1.0, 2.0, 3.0])),
        )
    }
    fn metrics(
        &self,
    ) -> ::std::vec::Vec<::std::boxed::Box<dyn ::trainer_core::metrics::Metric>> {
        ::std::vec![
            ::std::boxed::Box::new(::trainer_core::metrics::f1()
            .average(::trainer_core::metrics::Average::Macro).name("f1")), < within_one
            as ::trainer_core::train::parts::MetricName > ::boxed()
        ]
    }
    fn callbacks(
        &self,
    ) -> ::std::vec::Vec<::std::boxed::Box<dyn ::trainer_core::train::Callback>> {
        ::std::vec![]
    }
}
#[allow(unused_qualifications, clippy::restriction)]
const _: () = ::trainer_core::train::checks::accept(
    ::trainer_core::train::checks::model_fits_the_examples(
        &::trainer_core::train::checks::Schema::of::<
            <ReviewTrainer as ::trainer_core::train::TrainerParts>::Example,
        >(),
        <<ReviewTrainer as ::trainer_core::train::TrainerParts>::Model as ::trainer_core::model::Model>::HEAD,
    ),
);
#[allow(unused_qualifications, clippy::restriction)]
const _: () = ::trainer_core::train::checks::accept(
    ::trainer_core::train::checks::collator_fits_the_task(
        &::trainer_core::train::checks::Schema::of::<
            <ReviewTrainer as ::trainer_core::train::TrainerParts>::Example,
        >(),
        "Padding",
        false,
    ),
);
#[allow(unused_qualifications, clippy::restriction)]
const _: () = ::trainer_core::train::checks::accept(
    ::trainer_core::train::checks::collator_fits_the_model(
        &::trainer_core::train::checks::Schema::of::<
            <ReviewTrainer as ::trainer_core::train::TrainerParts>::Example,
        >(),
        "Padding",
        false,
        <<ReviewTrainer as ::trainer_core::train::TrainerParts>::Model as ::trainer_core::model::Model>::HEAD,
    ),
);
#[allow(unused_qualifications, clippy::restriction)]
const _: () = ::trainer_core::train::checks::accept(
    ::trainer_core::train::checks::loss_fits_the_task(
        &::trainer_core::train::checks::Schema::of::<
            <ReviewTrainer as ::trainer_core::train::TrainerParts>::Example,
        >(),
        "weighted_ce",
    ),
);
#[allow(unused_qualifications, clippy::restriction)]
const _: () = ::trainer_core::train::checks::accept(
    ::trainer_core::train::checks::one_weight_per_class(
        &::trainer_core::train::checks::Schema::of::<
            <ReviewTrainer as ::trainer_core::train::TrainerParts>::Example,
        >(),
        "weighted_ce",
        3usize,
    ),
);
#[allow(unused_qualifications, clippy::restriction)]
const _: () = ::trainer_core::train::checks::accept(
    ::trainer_core::train::checks::class_weight_is_usable(
        &::trainer_core::train::checks::Schema::of::<
            <ReviewTrainer as ::trainer_core::train::TrainerParts>::Example,
        >(),
        "weighted_ce",
        0usize,
        1.0,
    ),
);
#[allow(unused_qualifications, clippy::restriction)]
const _: () = ::trainer_core::train::checks::accept(
    ::trainer_core::train::checks::class_weight_is_usable(
        &::trainer_core::train::checks::Schema::of::<
            <ReviewTrainer as ::trainer_core::train::TrainerParts>::Example,
        >(),
        "weighted_ce",
        1usize,
        2.0,
    ),
);
#[allow(unused_qualifications, clippy::restriction)]
const _: () = ::trainer_core::train::checks::accept(
    ::trainer_core::train::checks::class_weight_is_usable(
        &::trainer_core::train::checks::Schema::of::<
            <ReviewTrainer as ::trainer_core::train::TrainerParts>::Example,
        >(),
        "weighted_ce",
        2usize,
        3.0,
    ),
);
#[allow(unused_qualifications, clippy::restriction)]
const _: () = ::trainer_core::train::checks::accept(
    ::trainer_core::train::checks::some_class_counts(
        &::trainer_core::train::checks::Schema::of::<
            <ReviewTrainer as ::trainer_core::train::TrainerParts>::Example,
        >(),
        "weighted_ce",
        &[1.0, 2.0, 3.0],
    ),
);
#[allow(unused_qualifications, clippy::restriction)]
const _: () = ::trainer_core::train::checks::accept(
    ::trainer_core::train::checks::metric_fits_the_task(
        &::trainer_core::train::checks::Schema::of::<
            <ReviewTrainer as ::trainer_core::train::TrainerParts>::Example,
        >(),
        "f1",
    ),
);
#[allow(unused_qualifications, clippy::restriction)]
const _: () = ::trainer_core::train::checks::accept(
    ::trainer_core::train::checks::average_fits_the_task(
        &::trainer_core::train::checks::Schema::of::<
            <ReviewTrainer as ::trainer_core::train::TrainerParts>::Example,
        >(),
        "f1",
        ::trainer_core::metrics::Average::Macro,
    ),
);
#[allow(unused_qualifications, clippy::restriction)]
const _: () = ::trainer_core::train::checks::accept(
    ::trainer_core::train::checks::metric_is_over_the_classes(
        &::trainer_core::train::checks::Schema::of::<
            <ReviewTrainer as ::trainer_core::train::TrainerParts>::Example,
        >(),
        "within_one",
        { <within_one as ::trainer_core::train::parts::MetricName>::LABELS },
    ),
);
#[allow(unused_qualifications, clippy::restriction)]
const _: () = ::trainer_core::train::checks::accept(
    ::trainer_core::train::checks::metric_gets_what_it_takes(
        &::trainer_core::train::checks::Schema::of::<
            <ReviewTrainer as ::trainer_core::train::TrainerParts>::Example,
        >(),
        "within_one",
        { <within_one as ::trainer_core::train::parts::MetricName>::NEEDS },
    ),
);
#[allow(unused_qualifications)]
const _: () = <<<ReviewTrainer as ::trainer_core::train::TrainerParts>::Args as ::trainer_core::args::TrainingArgs>::With<
    ReviewTrainer,
> as ::trainer_core::args::Agrees>::EVAL_STRATEGY;
#[allow(unused_qualifications)]
const _: () = <<<ReviewTrainer as ::trainer_core::train::TrainerParts>::Args as ::trainer_core::args::TrainingArgs>::With<
    ReviewTrainer,
> as ::trainer_core::args::Agrees>::EVAL_ON_START;
#[allow(unused_qualifications)]
const _: () = <<<ReviewTrainer as ::trainer_core::train::TrainerParts>::Args as ::trainer_core::args::TrainingArgs>::With<
    ReviewTrainer,
> as ::trainer_core::args::Agrees>::METRIC_FOR_BEST_MODEL;
#[allow(unused_qualifications)]
const _: () = <<<ReviewTrainer as ::trainer_core::train::TrainerParts>::Args as ::trainer_core::args::TrainingArgs>::With<
    ReviewTrainer,
> as ::trainer_core::args::Agrees>::WARMUP;
#[allow(unused_qualifications)]
const _: () = <<<ReviewTrainer as ::trainer_core::train::TrainerParts>::Args as ::trainer_core::args::TrainingArgs>::With<
    ReviewTrainer,
> as ::trainer_core::args::Agrees>::EVAL_STEPS;
#[allow(unused_qualifications)]
const _: () = <<<ReviewTrainer as ::trainer_core::train::TrainerParts>::Args as ::trainer_core::args::TrainingArgs>::With<
    ReviewTrainer,
> as ::trainer_core::args::Agrees>::SAVE_STEPS;
#[allow(unused_qualifications)]
const _: () = <<<ReviewTrainer as ::trainer_core::train::TrainerParts>::Args as ::trainer_core::args::TrainingArgs>::With<
    ReviewTrainer,
> as ::trainer_core::args::Agrees>::MAX_LENGTH;
