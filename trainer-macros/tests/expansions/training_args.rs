// #[derive(TrainingArgs)]
// #[training_args(eval_strategy = "epoch", save_strategy = "epoch", load_best_model_at_end = true)]
// struct Args {
//     /// Learning rate after warm-up.
//     #[arg(default = 5e-5, range = 1e-7..=1e-2)]
//     learning_rate: f64,
//     #[arg(own)]
//     name: String,
// }

#[allow(
    unused_qualifications,
    unused_lifetimes,
    trivial_numeric_casts,
    clippy::restriction,
    clippy::cast_lossless,
    clippy::cast_precision_loss,
    clippy::unnecessary_cast
)]
const _: () = {
    #[allow(unused_qualifications, clippy::restriction)]
    const _: () = ::trainer_core::train::checks::accept(
        ::trainer_core::version::macros_are("0.1.0"),
    );
    #[automatically_derived]
    impl ::trainer_core::args::TrainingArgs for Args {
        const SPECIFICATION: &'static ::trainer_core::args::Specification = &::trainer_core::args::Specification {
            name: "Args",
            about: "",
            arguments: &[
                ::trainer_core::args::Argument {
                    name: "learning_rate",
                    standard: ::core::option::Option::Some("learning_rate"),
                    help: "Learning rate after warm-up.",
                    default: ::trainer_core::args::DefaultValue::Text("5e-5"),
                    range: ::core::option::Option::Some(::trainer_core::args::value::NumberRange {
                        low: 0.0000001,
                        high: 0.01,
                        with_high: true,
                        written: "1e-7..=1e-2",
                    }),
                    choices: &[],
                    env: ::core::option::Option::None,
                    kind: <f64 as ::trainer_core::args::ArgumentValue>::KIND,
                },
                ::trainer_core::args::Argument {
                    name: "name",
                    standard: ::core::option::Option::None,
                    help: "",
                    default: ::trainer_core::args::DefaultValue::Absent,
                    range: ::core::option::Option::None,
                    choices: &[],
                    env: ::core::option::Option::None,
                    kind: <String as ::trainer_core::args::ArgumentValue>::KIND,
                },
            ],
            fixed: &["eval_strategy", "save_strategy", "load_best_model_at_end"],
        };
        const FACTS: ::trainer_core::args::Facts<'static> = ::trainer_core::args::Facts {
            eval_strategy: ::trainer_core::args::IntervalStrategy::named("epoch"),
            save_strategy: ::trainer_core::args::SaveStrategy::named("epoch"),
            load_best_model_at_end: true,
            learning_rate: 0.00005,
            scheduler_parameters: &[],
            ..::trainer_core::args::Facts::DEFAULT
        };
        const UNKNOWN: &'static [&'static ::core::primitive::str] = &[];
        type With<__P: ::trainer_core::args::Surrounded> = __WithTrainer<__P>;
        fn from_values(
            values: &::trainer_core::args::Values,
        ) -> ::trainer_core::Result<Self> {
            let _ = values;
            ::core::result::Result::Ok(Self {
                learning_rate: <f64 as ::trainer_core::args::ArgumentValue>::read(
                    values,
                    "learning_rate",
                )?,
                name: <String as ::trainer_core::args::ArgumentValue>::read(
                    values,
                    "name",
                )?,
            })
        }
        fn visit(&self, shown: &mut ::trainer_core::args::Shown) {
            let _ = &shown;
            <f64 as ::trainer_core::args::ArgumentValue>::show(
                &self.learning_rate,
                shown,
                "learning_rate",
            );
            <String as ::trainer_core::args::ArgumentValue>::show(
                &self.name,
                shown,
                "name",
            );
        }
        fn arguments(&self) -> ::trainer_core::args::TrainingArguments {
            let mut arguments = <::trainer_core::args::TrainingArguments as ::core::default::Default>::default();
            arguments.eval_strategy = ::trainer_core::args::IntoArgument::<
                ::trainer_core::args::IntervalStrategy,
            >::into_argument(::trainer_core::args::IntervalStrategy::named("epoch"));
            arguments.save_strategy = ::trainer_core::args::IntoArgument::<
                ::trainer_core::args::SaveStrategy,
            >::into_argument(::trainer_core::args::SaveStrategy::named("epoch"));
            arguments.load_best_model_at_end = ::trainer_core::args::IntoArgument::<
                ::core::primitive::bool,
            >::into_argument(true);
            arguments.learning_rate = <f64 as ::trainer_core::args::IntoArgument<
                ::core::primitive::f64,
            >>::into_argument(::core::clone::Clone::clone(&self.learning_rate));
            arguments
        }
    }
    #[automatically_derived]
    impl Args {
        #[doc(hidden)]
        #[allow(dead_code, unreachable_pub, clippy::should_implement_trait)]
        pub fn default() -> Self
        where
            for<'absent> String: ::trainer_core::args::Absent,
        {
            <Self as ::core::default::Default>::default()
        }
    }
    #[automatically_derived]
    impl ::core::default::Default for Args
    where
        for<'absent> String: ::trainer_core::args::Absent,
    {
        fn default() -> Self {
            ::trainer_core::args::defaults::<Self>()
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Display for Args {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            ::trainer_core::args::show(self, f)
        }
    }
    const _: () = ::trainer_core::args::rules::accept(
        ::trainer_core::args::rules::is_a_choice(
            "eval_strategy",
            "epoch",
            ::trainer_core::args::IntervalStrategy::SPELLINGS,
        ),
    );
    const _: () = ::trainer_core::args::rules::accept(
        ::trainer_core::args::rules::is_a_choice(
            "save_strategy",
            "epoch",
            ::trainer_core::args::SaveStrategy::SPELLINGS,
        ),
    );
    const _: () = ::trainer_core::args::rules::accept(
        ::trainer_core::args::rules::in_range("learning_rate", 0.00005, "5e-5"),
    );
    const _: () = ::trainer_core::args::rules::accept(
        ::trainer_core::args::value::range_fits(
            "learning_rate",
            &::trainer_core::args::value::NumberRange {
                low: 0.0000001,
                high: 0.01,
                with_high: true,
                written: "1e-7..=1e-2",
            },
            <f64 as ::trainer_core::args::ArgumentValue>::KIND,
        ),
    );
    const _: () = ::trainer_core::args::rules::accept(
        ::trainer_core::args::value::default_fits(
            "learning_rate",
            "5e-5",
            ::trainer_core::args::value::Literal::Real(0.00005),
            <f64 as ::trainer_core::args::ArgumentValue>::KIND,
        ),
    );
    const _: () = {
        const fn outside_of_this_range() {
            ::trainer_core::args::rules::accept(
                ::trainer_core::args::value::default_in_range(
                    "learning_rate",
                    0.00005,
                    "5e-5",
                    &::trainer_core::args::value::NumberRange {
                        low: 0.0000001,
                        high: 0.01,
                        with_high: true,
                        written: "1e-7..=1e-2",
                    },
                ),
            )
        }
        outside_of_this_range()
    };
    const _: () = {
        const fn disagrees_with_this() {
            ::trainer_core::args::rules::accept(
                ::trainer_core::args::rules::where_each_works(
                    &[
                        ::trainer_core::args::rules::is_a_choice(
                            "eval_strategy",
                            "epoch",
                            ::trainer_core::args::IntervalStrategy::SPELLINGS,
                        ),
                    ],
                    ::trainer_core::args::rules::best_model_needs_an_evaluation(
                        &<Args as ::trainer_core::args::TrainingArgs>::FACTS,
                    ),
                ),
            )
        }
        disagrees_with_this()
    };
    const _: () = {
        const fn disagrees_with_this() {
            ::trainer_core::args::rules::accept(
                ::trainer_core::args::rules::where_each_works(
                    &[
                        ::trainer_core::args::rules::is_a_choice(
                            "eval_strategy",
                            "epoch",
                            ::trainer_core::args::IntervalStrategy::SPELLINGS,
                        ),
                        ::trainer_core::args::rules::is_a_choice(
                            "save_strategy",
                            "epoch",
                            ::trainer_core::args::SaveStrategy::SPELLINGS,
                        ),
                    ],
                    ::trainer_core::args::rules::best_model_needs_matching_strategies(
                        &<Args as ::trainer_core::args::TrainingArgs>::FACTS,
                    ),
                ),
            )
        }
        disagrees_with_this()
    };
    const _: () = {
        const fn disagrees_with_this() {
            ::trainer_core::args::rules::accept(
                ::trainer_core::args::rules::where_each_works(
                    &[
                        ::trainer_core::args::rules::is_a_choice(
                            "eval_strategy",
                            "epoch",
                            ::trainer_core::args::IntervalStrategy::SPELLINGS,
                        ),
                        ::trainer_core::args::rules::is_a_choice(
                            "save_strategy",
                            "epoch",
                            ::trainer_core::args::SaveStrategy::SPELLINGS,
                        ),
                    ],
                    ::trainer_core::args::rules::best_model_needs_saves_at_evaluations(
                        &<Args as ::trainer_core::args::TrainingArgs>::FACTS,
                    ),
                ),
            )
        }
        disagrees_with_this()
    };
    const _: () = {
        const fn disagrees_with_this() {
            ::trainer_core::args::rules::accept(
                ::trainer_core::args::rules::where_each_works(
                    &[
                        ::trainer_core::args::rules::is_a_choice(
                            "eval_strategy",
                            "epoch",
                            ::trainer_core::args::IntervalStrategy::SPELLINGS,
                        ),
                        ::trainer_core::args::rules::is_a_choice(
                            "save_strategy",
                            "epoch",
                            ::trainer_core::args::SaveStrategy::SPELLINGS,
                        ),
                    ],
                    ::trainer_core::args::rules::saving_the_best_needs_an_evaluation(
                        &<Args as ::trainer_core::args::TrainingArgs>::FACTS,
                    ),
                ),
            )
        }
        disagrees_with_this()
    };
    const _: () = ::trainer_core::args::rules::accept(
        ::trainer_core::args::rules::where_each_works(
            &[
                ::trainer_core::args::rules::is_a_choice(
                    "eval_strategy",
                    "epoch",
                    ::trainer_core::args::IntervalStrategy::SPELLINGS,
                ),
            ],
            ::trainer_core::args::rules::early_stopping_needs_an_evaluation(
                &<Args as ::trainer_core::args::TrainingArgs>::FACTS,
            ),
        ),
    );
    const _: () = ::trainer_core::args::rules::accept(
        ::trainer_core::args::rules::early_stopping_needs_a_metric(
            &<Args as ::trainer_core::args::TrainingArgs>::FACTS,
        ),
    );
    const _: () = ::trainer_core::args::rules::accept(
        ::trainer_core::args::rules::where_each_works(
            &[
                ::trainer_core::args::rules::is_a_choice(
                    "eval_strategy",
                    "epoch",
                    ::trainer_core::args::IntervalStrategy::SPELLINGS,
                ),
            ],
            ::trainer_core::args::rules::plateau_needs_an_evaluation(
                &<Args as ::trainer_core::args::TrainingArgs>::FACTS,
            ),
        ),
    );
    #[allow(non_camel_case_types, unreachable_pub, dead_code)]
    pub struct eval_strategy<__P> {
        of: ::core::marker::PhantomData<__P>,
    }
    #[allow(non_upper_case_globals)]
    impl<__P: ::trainer_core::args::Surrounded> eval_strategy<__P> {
        const needs_an_eval_dataset: () = ::trainer_core::args::rules::accept(
            ::trainer_core::args::rules::where_each_works(
                &[
                    ::trainer_core::args::rules::is_a_choice(
                        "eval_strategy",
                        "epoch",
                        ::trainer_core::args::IntervalStrategy::SPELLINGS,
                    ),
                ],
                ::trainer_core::args::rules::evaluation_needs_a_dataset(
                    &<Args as ::trainer_core::args::TrainingArgs>::FACTS,
                    &<__P as ::trainer_core::args::Surrounded>::SURROUNDINGS,
                ),
            ),
        );
    }
    #[allow(non_camel_case_types, unreachable_pub, dead_code)]
    pub struct __WithTrainer<__P> {
        of: ::core::marker::PhantomData<__P>,
    }
    #[automatically_derived]
    impl<__P: ::trainer_core::args::Surrounded> ::trainer_core::args::Agrees
    for __WithTrainer<__P> {
        const EVAL_STRATEGY: () = eval_strategy::<__P>::needs_an_eval_dataset;
    }
};
