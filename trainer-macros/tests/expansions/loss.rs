// #[loss]
// fn squared(output: &Output, batch: &Batch) -> Result<LossSum> { todo!() }

fn squared(output: &Output, batch: &Batch) -> Result<LossSum> {
    todo!()
}
#[allow(
    dead_code,
    missing_copy_implementations,
    missing_debug_implementations,
    non_camel_case_types,
    clippy::restriction
)]
#[doc(hidden)]
struct squared {}
#[allow(unused_qualifications, clippy::restriction)]
const _: () = {
    #[allow(unused_qualifications, clippy::restriction)]
    const _: () = ::trainer_core::train::checks::accept(
        ::trainer_core::version::macros_are("0.1.0"),
    );
    #[automatically_derived]
    impl ::trainer_core::loss::LossFunction for squared {
        const NAME: &'static ::core::primitive::str = "squared";
        #[allow(unused_variables)]
        fn loss(
            output: &::trainer_core::model::Output,
            batch: &::trainer_core::collate::Batch,
        ) -> ::trainer_core::Result<::trainer_core::loss::LossSum> {
            <Result<
                LossSum,
            > as ::trainer_core::loss::LossReturn>::sum(
                squared(
                    <&Output as ::trainer_core::loss::LossOutput<'_>>::argument(output),
                    <&Batch as ::trainer_core::loss::LossBatch<'_>>::argument(batch),
                ),
            )
        }
    }
};
