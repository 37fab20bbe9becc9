//! What is said of losses and metrics that do not fit, task by task.

use super::super::*;
use super::*;
use crate::data::LabelSet;

const RATING: LabelSet = LabelSet { type_name: "Rating", names: &["negative", "neutral", "positive"] };
const ONE: Schema =
    Schema { name: "Review", kind: TaskKind::SequenceClassification, labels: Some(RATING), outputs: 3, fields: &[] };
const SEVERAL: Schema = Schema { name: "Post", kind: TaskKind::MultiLabelClassification, ..ONE };
const TAGS: Schema = Schema { name: "Sentence", kind: TaskKind::TokenClassification, ..ONE };
const NUMBERS: Schema = Schema { name: "Pair", kind: TaskKind::Regression, labels: None, outputs: 1, fields: &[] };
const WORDS: Schema = Schema { name: "Line", kind: TaskKind::LanguageModeling, outputs: 0, ..NUMBERS };
const ANSWERS: Schema = Schema { name: "Chat", kind: TaskKind::Conversation, ..WORDS };
const TEXTS: Schema = Schema { name: "Translation", kind: TaskKind::Seq2Seq, ..WORDS };

fn answer(verdict: &Verdict) -> (String, String) {
    match verdict {
        Verdict::Accepted => (String::new(), String::new()),
        Verdict::Refused { message, help } => (message.as_str().to_owned(), help.as_str().to_owned()),
    }
}

#[test]
fn each_task_names_the_losses_that_fit_it() {
    let losses = ["ce", "weighted_ce", "focal", "bce", "weighted_bce", "mse", "mae", "huber"];
    for schema in [ONE, SEVERAL, TAGS, NUMBERS, WORDS, ANSWERS, TEXTS] {
        let verdict = |loss| loss_fits_the_task(&schema, loss);
        let refused = losses.iter().find(|loss| !verdict(loss).is_accepted()).expect("no loss fits every task");
        let (_, help) = answer(&verdict(refused));
        for loss in losses {
            let is_named = help.contains(&format!("`{loss}`")) || help.contains(&format!("`{loss}([…])`"));
            assert_eq!(verdict(loss).is_accepted(), is_named, "{loss} on {:?}: {help}", schema.kind);
        }
    }
    assert_eq!(
        answer(&loss_fits_the_task(&TAGS, "bce")).0,
        "`bce` is for several classes for each example, but `Sentence` has one class for each word"
    );
    assert_eq!(
        answer(&loss_fits_the_task(&TEXTS, "weighted_ce")).0,
        "`weighted_ce` is for one class for each example, but `Translation` has a text to write for another"
    );
    assert_eq!(
        answer(&loss_fits_the_task(&NUMBERS, "focal")).0,
        "`focal` is for classes, but `Pair` has numbers for each example"
    );
}

#[test]
fn weights_are_of_classes() {
    assert!(one_weight_per_class(&TAGS, "weighted_ce", 3).is_accepted());
    assert!(one_weight_per_class(&SEVERAL, "weighted_bce", 3).is_accepted());
    assert_eq!(
        answer(&one_weight_per_class(&WORDS, "focal", 2)).0,
        "`focal` got 2 weights, but `Line` has a text to learn the words of, and no classes"
    );
    // Of these only the loss itself is refused.
    assert!(one_weight_per_class(&WORDS, "weighted_ce", 2).is_accepted());
    assert!(one_weight_per_class(&NUMBERS, "focal", 2).is_accepted());
    assert_eq!(
        answer(&some_class_counts(&SEVERAL, "weighted_bce", &[0.0; 3])).0,
        "all weights of `weighted_bce` are 0, so that no class counts where it is there"
    );
}

#[test]
fn an_alpha_is_a_share_where_an_item_can_have_several_classes() {
    assert!(focal_alpha_is_a_share(&ONE, 0, 2.0).is_accepted());
    assert!(focal_alpha_is_a_share(&SEVERAL, 0, 1.0).is_accepted());
    let message = "the `alpha` of `neutral` is above 1, but `Post` has several classes for each example";
    assert_eq!(answer(&focal_alpha_is_a_share(&SEVERAL, 1, 1.5)).0, message);
    assert_eq!(answer(&class_weights_are_usable(&SEVERAL, "focal", &[0.5, 1.5, 1.0])).0, message);
    assert!(class_weights_are_usable(&SEVERAL, "weighted_bce", &[0.5, 1.5, 1.0]).is_accepted());
}

#[test]
fn numbers_of_losses_are_usable() {
    assert!(focal_gamma_is_usable(0.0).is_accepted() && huber_delta_is_usable(0.1).is_accepted());
    for wrong in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(!focal_gamma_is_usable(wrong).is_accepted() && !huber_delta_is_usable(wrong).is_accepted());
    }
    assert!(!huber_delta_is_usable(0.0).is_accepted());
}
