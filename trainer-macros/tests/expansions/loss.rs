// #[loss]
// fn squared(output: &Output, batch: &Batch) -> Result<LossSum> { todo!() }

fn squared(output: &Output, batch: &Batch) -> Result<LossSum> {
    todo!()
}
#[allow(non_camel_case_types, dead_code)]
#[doc(hidden)]
struct squared {}
#[automatically_derived]
#[allow(unused_qualifications)]
impl ::trainer_core::loss::LossFunction for squared {
    const NAME: &'static str = "squared";
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
