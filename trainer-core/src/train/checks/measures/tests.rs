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
    assert!(momentum_is_a_share(0.0).is_accepted() && !momentum_is_a_share(1.0).is_accepted());
    assert!(dampening_is_a_share(1.0).is_accepted() && !dampening_is_a_share(-0.1).is_accepted());
}

#[test]
fn metrics_of_tags_tokens_and_texts_are_for_such_tasks() {
    assert_eq!(
        answer(&metric_fits_the_task(&TAGS, "roc_auc")),
        (
            "`roc_auc` judges classes of whole examples, but `Sentence` has one class for each word".to_owned(),
            Suits::fitting(TaskKind::TokenClassification).to_owned()
        )
    );
    assert_eq!(
        answer(&metric_fits_the_task(&WORDS, "bleu")).0,
        "`bleu` compares texts that the model writes, but `Line` has a text to learn the words of"
    );
    assert!(
        metric_fits_the_task(&TEXTS, "bleu").is_accepted() && metric_fits_the_task(&WORDS, "perplexity").is_accepted()
    );
    assert!(
        !metric_fits_the_task(&TEXTS, "f1").is_accepted() && !metric_fits_the_task(&ONE, "entity_f1").is_accepted()
    );
    assert_eq!(
        answer(&average_fits_the_task(&TAGS, "entity_f1", Average::Binary)).0,
        "`entity_f1` with `average = \"binary\"` gives no one value"
    );
    assert!(average_fits_the_task(&TAGS, "entity_f1", Average::Macro).is_accepted());
}

#[test]
fn entities_are_read_from_tags() {
    assert_eq!(
        answer(&entity_classes_are_tags(&TAGS, "entity_f1")),
        (
            "`entity_f1` reads named entities from tags, but the class `negative` of `Rating` is none".to_owned(),
            "call the classes `O`, `B-PER`, `I-PER`, …: `#[label(name = \"B-PER\")]` on the variants of `Rating`"
                .to_owned()
        )
    );
    let tags = LabelSet { type_name: "Tag", names: &["O", "B-PER", "I-PER"] };
    assert!(entity_classes_are_tags(&Schema { labels: Some(tags), ..TAGS }, "entity_f1").is_accepted());
    assert!(entity_classes_are_tags(&ONE, "entity_f1").is_accepted());
}

#[test]
fn a_threshold_is_a_probability_for_several_classes() {
    assert!(threshold_fits_the_task(&SEVERAL, "f1", 0.3).is_accepted());
    for wrong in [0.0, 1.0, f64::NAN] {
        assert!(!threshold_fits_the_task(&SEVERAL, "f1", wrong).is_accepted());
    }
    assert_eq!(
        answer(&threshold_fits_the_task(&ONE, "f1", 0.3)).0,
        "`f1` with a `threshold` is for several classes for each example, but `Review` has one class for each example"
    );
    // One mistake, one answer.
    assert!(threshold_fits_the_task(&NUMBERS, "f1", 0.3).is_accepted());
}

#[test]
fn a_metric_function_takes_what_is_there() {
    let refused = |schema, needs| answer(&metric_gets_what_it_takes(schema, "own", needs)).0;
    assert_eq!(
        refused(&WORDS, Needs::TEXTS),
        "`own` takes `Texts`, which the model writes, but `Line` has a text to learn the words of"
    );
    assert!(refused(&ONE, Needs::SENTENCES).contains("`Entities`, which tags of words make"));
    assert!(refused(&ANSWERS, Needs::LOGITS).contains("`Logits`, which are not kept for a vocabulary"));
    assert_eq!(refused(&TAGS, Needs::SENTENCES.and(Needs::LABELS)), "");
    assert_eq!(refused(&ANSWERS, Needs::TEXTS.and(Needs::LOSSES)), "");
}
