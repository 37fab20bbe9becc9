//! Items that only a function knows.

use ::trainer_core::prelude::*;

/// The name of a class whose enum nobody else sees.
#[must_use]
#[inline]
pub fn name_of_a_class() -> &'static str {
    use ::core::clone::Clone;
    use ::core::cmp::PartialEq;
    use ::core::marker::Copy;
    use ::core::option::Option;
    use ::std::string::String;

    #[derive(Clone, Copy, PartialEq, ClassLabel)]
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
    struct Args {
        learning_rate: f64,
    }

    #[metric]
    fn share(predictions: Predictions<'_, Rating>) -> Option<f64> {
        predictions.get(0).map(|prediction| if prediction == Rating::Positive { 1.0_f64 } else { 0.0_f64 })
    }

    #[loss]
    fn product(output: &Output, batch: &Batch) -> ::trainer_core::Result<LossSum> {
        batch.labels().and_then(|labels| LossSum::weighted(&output.logits, labels))
    }

    #[trainer(loss = product, metrics = [share])]
    struct Trained {
        model: BertForSequenceClassification<Rating>,
        args: Args,
        train_dataset: Dataset<Review>,
        eval_dataset: Dataset<Review>,
        tokenizer: Tokenizer,
    }

    let classes = [Rating::Negative, Rating::Positive];
    classes.last().map_or(<Trained as ::trainer_core::train::TrainerParts>::NAME, ClassLabel::name)
}
