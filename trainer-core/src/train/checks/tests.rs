use super::*;
use crate::metrics::{Average, Suits};
use crate::model::{Head, Reads};

const RATING: LabelSet = LabelSet { type_name: "Rating", names: &["negative", "neutral", "positive"] };
const TOPIC: LabelSet = LabelSet { type_name: "Topic", names: &["world", "sports", "tech"] };
const TEXT: &[Field] = &[Field { name: "text", column: "text", role: Role::Text }];
const NUMBERS: &[Field] = &[Field { name: "features", column: "features", role: Role::Features }];

const REVIEW: Schema =
    Schema { name: "Review", kind: TaskKind::SequenceClassification, labels: Some(RATING), outputs: 3, fields: TEXT };
const MEASURED: Schema =
    Schema { name: "Measured", kind: TaskKind::Regression, labels: None, outputs: 2, fields: NUMBERS };

fn answer(verdict: &Verdict) -> Option<(String, String)> {
    match verdict {
        Verdict::Accepted => None,
        Verdict::Refused { message, help } => Some((message.as_str().to_owned(), help.as_str().to_owned())),
    }
}

fn refused(verdict: &Verdict, message: &str, help: &str) {
    assert_eq!(answer(verdict), Some((message.to_owned(), help.to_owned())));
}

#[test]
fn weights_are_one_for_each_class() {
    assert!(one_weight_per_class(&REVIEW, "weighted_ce", 3).is_accepted());
    refused(
        &one_weight_per_class(&REVIEW, "weighted_ce", 2),
        "`weighted_ce` got 2 weights, but `Rating` has 3 classes",
        "one weight for each class, in this order: `negative`, `neutral`, `positive`",
    );
    // A struct with mistakes of its own is reported there.
    assert!(one_weight_per_class(&Schema { name: "", ..REVIEW }, "weighted_ce", 2).is_accepted());
}

#[test]
fn a_weight_is_finite_and_not_negative_and_some_class_counts() {
    let help = "0 for a class that counts nothing, 1 for one that counts as it is";
    refused(
        &class_weight_is_usable(&REVIEW, "weighted_ce", 1, -0.5),
        "the weight of `neutral` in `weighted_ce` is negative",
        help,
    );
    refused(
        &class_weights_are_usable(&REVIEW, "weighted_ce", &[1.0, 1.0, f32::NAN]),
        "the weight of `positive` in `weighted_ce` is not a finite number",
        help,
    );
    refused(
        &class_weights_are_usable(&REVIEW, "weighted_ce", &[0.0; 3]),
        "all weights of `weighted_ce` are 0, so that no example counts",
        "give at least one class a weight above 0",
    );
    assert!(class_weights_are_usable(&REVIEW, "weighted_ce", &[0.0, 1.0, 2.5]).is_accepted());
    assert!(!label_smoothing_is_a_share(1.0).is_accepted());
    assert!(!label_smoothing_is_a_share(f64::NAN).is_accepted());
    assert!(label_smoothing_is_a_share(0.1).is_accepted());
}

#[test]
fn a_loss_fits_its_kind_of_task_only() {
    assert!(loss_fits_the_task(&REVIEW, "ce").is_accepted());
    assert!(loss_fits_the_task(&MEASURED, "mse").is_accepted());
    refused(
        &loss_fits_the_task(&REVIEW, "bce"),
        "`bce` is for several classes for each example, but `Review` has one class for each example",
        "these fit: `ce`, `weighted_ce([…])`, `focal`, or a `#[loss]` function",
    );
    refused(
        &loss_fits_the_task(&MEASURED, "ce"),
        "`ce` is for one class for each example, but `Measured` has numbers for each example",
        "these fit: `mse`, `mae`, `huber`, or a `#[loss]` function",
    );
}

#[test]
fn a_metric_judges_what_the_task_has() {
    assert!(metric_fits_the_task(&REVIEW, "f1").is_accepted());
    let fitting = Suits::fitting(TaskKind::SequenceClassification);
    refused(
        &metric_fits_the_task(&REVIEW, "r2"),
        "`r2` judges numbers, but `Review` has one class for each example",
        fitting,
    );
    refused(
        &average_fits_the_task(&REVIEW, "f1", Average::Binary),
        "`f1` with `average = \"binary\"` is for two classes, but `Rating` has 3",
        "`f1(average = \"macro\")`, or \"micro\", or \"weighted\"",
    );
    refused(
        &average_fits_the_task(&REVIEW, "f1", Average::Samples),
        "`f1` with `average = \"samples\"` is for several classes for each example, but `Review` has one class for each \
         example",
        "`f1(average = \"macro\")`, or \"micro\", or \"weighted\"",
    );
    assert!(average_fits_the_task(&REVIEW, "f1", Average::Macro).is_accepted());
    // One mistake, one answer: a metric that does not judge the task is refused for that.
    assert!(average_fits_the_task(&MEASURED, "f1", Average::Binary).is_accepted());
    refused(
        &metric_is_over_the_classes(&REVIEW, "near", Some(TOPIC)),
        "`near` is over the classes of `Topic`, but `Review` is labelled with `Rating`",
        "write the metric over `Rating`",
    );
    assert!(!metric_is_over_the_classes(&MEASURED, "near", Some(TOPIC)).is_accepted());
    assert!(metric_is_over_the_classes(&MEASURED, "near", None).is_accepted());
}

#[test]
fn a_model_gives_what_the_examples_are_labelled_with() {
    assert!(model_fits_the_examples(&REVIEW, Head::Any).is_accepted());
    assert!(model_fits_the_examples(&REVIEW, Head::Classes(RATING)).is_accepted());
    assert!(model_fits_the_examples(&MEASURED, Head::Values(2)).is_accepted());
    refused(
        &model_fits_the_examples(&REVIEW, Head::Classes(TOPIC)),
        "the model tells the classes of `Topic`, but `Review` is labelled with `Rating`",
        "write `Rating` as the label type of the model",
    );
    refused(
        &model_fits_the_examples(&MEASURED, Head::Values(1)),
        "the model gives 1 number, but `Measured` is labelled with 2",
        "as many numbers in the model's type as in the label's",
    );
    assert!(!model_fits_the_examples(&REVIEW, Head::Values(3)).is_accepted());
    assert!(!model_fits_the_examples(&MEASURED, Head::Classes(TOPIC)).is_accepted());
}

#[test]
fn a_head_of_another_kind_of_task_is_refused_in_words() {
    let tagged = Schema { name: "Tweet", kind: TaskKind::TokenClassification, ..REVIEW };
    assert!(model_fits_the_examples(&tagged, Head::Tags(RATING)).is_accepted());
    refused(
        &model_fits_the_examples(&tagged, Head::Classes(RATING)),
        "the model tells the class of a whole text, but `Tweet` has one class for each word",
        "take a model for token classification, such as `BertForTokenClassification`",
    );
    refused(
        &model_fits_the_examples(&tagged, Head::Tags(TOPIC)),
        "the model tells the classes of `Topic`, but `Tweet` is labelled with `Rating`",
        "write `Rating` as the label type of the model",
    );
    let text = Schema { name: "Page", kind: TaskKind::LanguageModeling, labels: None, outputs: 0, ..REVIEW };
    let chat = Schema { name: "Chat", kind: TaskKind::Conversation, ..text };
    for reads in [Reads::Masked, Reads::Causal] {
        assert!(model_fits_the_examples(&text, Head::Vocabulary(reads)).is_accepted());
    }
    assert!(model_fits_the_examples(&chat, Head::Vocabulary(Reads::Causal)).is_accepted());
    refused(
        &model_fits_the_examples(&chat, Head::Vocabulary(Reads::Masked)),
        "the model tells which words are masked, but `Chat` has answers to learn",
        "take a causal language model, such as `AutoModelForCausalLM`",
    );
}
