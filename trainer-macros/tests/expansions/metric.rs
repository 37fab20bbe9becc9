// #[metric]
// fn within_one(predictions: Predictions<'_, Rating>, labels: Labels<'_, Rating>) -> f64 { 0.0 }

fn within_one(predictions: Predictions<'_, Rating>, labels: Labels<'_, Rating>) -> f64 {
    0.0
}
#[allow(
    dead_code,
    missing_copy_implementations,
    missing_debug_implementations,
    non_camel_case_types,
    clippy::restriction
)]
#[doc(hidden)]
struct within_one {}
#[allow(unused_qualifications, clippy::restriction)]
const _: () = {
    #[allow(unused_qualifications, clippy::restriction)]
    const _: () = ::trainer_core::train::checks::accept(
        ::trainer_core::version::macros_are("0.1.0"),
    );
    #[automatically_derived]
    impl ::trainer_core::metrics::MetricFunction for within_one {
        const NAME: &'static ::core::primitive::str = "within_one";
        const GREATER_IS_BETTER: ::core::primitive::bool = true;
        const NEEDS: ::trainer_core::metrics::Needs = ::trainer_core::metrics::Needs::NOTHING
            .and(
                <Predictions<
                    '_,
                    Rating,
                > as ::trainer_core::metrics::MetricArgument<'_>>::NEEDS,
            )
            .and(
                <Labels<
                    '_,
                    Rating,
                > as ::trainer_core::metrics::MetricArgument<'_>>::NEEDS,
            );
        const LABELS: ::core::option::Option<::trainer_core::data::LabelSet> = ::trainer_core::metrics::first_labels(
            &[
                <Predictions<
                    '_,
                    Rating,
                > as ::trainer_core::metrics::MetricArgument<'_>>::LABELS,
                <Labels<
                    '_,
                    Rating,
                > as ::trainer_core::metrics::MetricArgument<'_>>::LABELS,
            ],
        );
        const GIVES_SEVERAL: ::core::primitive::bool = {
            #[allow(unused_imports)]
            use ::trainer_core::metrics::IsAValue as _;
            !::trainer_core::metrics::Returned::<f64>::IS_ONE
        };
        fn compute(
            kept: &::trainer_core::metrics::Kept,
        ) -> ::trainer_core::Result<
            ::std::vec::Vec<::trainer_core::metrics::MetricValue>,
        > {
            <f64 as ::trainer_core::metrics::MetricReturn>::values(
                within_one(
                    <Predictions<
                        '_,
                        Rating,
                    > as ::trainer_core::metrics::MetricArgument<'_>>::view(kept)?,
                    <Labels<
                        '_,
                        Rating,
                    > as ::trainer_core::metrics::MetricArgument<'_>>::view(kept)?,
                ),
                Self::NAME,
            )
        }
    }
    #[allow(unused_qualifications, clippy::restriction)]
    const _: () = ::trainer_core::train::checks::accept(
        ::trainer_core::train::checks::arguments_speak_of_the_same_classes(
            "within_one",
            <within_one as ::trainer_core::metrics::MetricFunction>::LABELS,
            <Labels<'_, Rating> as ::trainer_core::metrics::MetricArgument<'_>>::LABELS,
        ),
    );
    #[allow(unused_qualifications, clippy::restriction)]
    const _: () = ::trainer_core::train::checks::accept({
        #[allow(unused_imports)]
        use ::trainer_core::metrics::IsAValue as _;
        ::trainer_core::metrics::metric_returns_a_value(
            "within_one",
            ::trainer_core::metrics::Returned::<f64>::INSTEAD,
        )
    });
};
