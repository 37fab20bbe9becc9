//! Generated code means what it says, whatever stands around it.
//!
//! That the packages below `hygiene/` compile without a warning is most of it: the core under another name, the core
//! through another crate only, a crate without a prelude that forbids whatever it can. What is left is that their items
//! are what they say.

use hygiene_renamed as renamed;
use hygiene_strict as strict;
use hygiene_through_facade as through_facade;
use trainer_core::prelude::*;
use trainer_core::train::TrainerParts;

#[test]
fn keywords_lose_their_mark_in_names() {
    use strict::keywords::{Args, Row, Trained, r#enum};

    assert_eq!(r#enum::NAMES, ["match", "loop"]);
    let columns: Vec<&str> = Row::FIELDS.iter().map(|field| field.column).collect();
    assert_eq!(columns, ["type", "fn", "where"]);
    let args = Args::try_parse_from(["program", "--type", "fancy", "--dyn", "4"]).unwrap();
    assert_eq!((args.r#type.as_str(), args.r#dyn), ("fancy", 4));
    assert_eq!(Trained::NAME, "Trained");
}

#[test]
fn the_names_of_classes_may_be_those_of_the_standard_library() {
    use strict::keywords::traits;

    assert_eq!(traits::ClassLabel::NAMES, ["self_", "err", "error"]);
    assert_eq!("err".parse::<traits::ClassLabel>().unwrap(), traits::ClassLabel::Err);
}

#[test]
fn items_inside_of_a_function_work_there() {
    assert_eq!(strict::inside_functions::name_of_a_class(), "positive");
}

#[test]
fn what_a_macro_hands_in_is_what_is_meant() {
    use strict::inside_macros::{Args, Rating, Review, share};
    use trainer_core::metrics::MetricFunction;

    assert_eq!(Rating::NAMES, ["bad", "good"]);
    assert_eq!(Review::FIELDS.first().map(|field| field.column), Some("body"));
    assert_eq!(<share as MetricFunction>::NAME, "share_of_all");
    let args = Args::default();
    assert_eq!((args.learning_rate.to_bits(), args.layers), (1e-4_f64.to_bits(), 3));
    assert!(Args::try_parse_from(["program", "--learning-rate", "0.5"]).is_err(), "the range is 0.0..=1e-2");
    assert_eq!(renamed::Topic::NAMES, ["world", "sports", "science"]);
}

#[test]
fn what_is_there_only_sometimes_is_left_out_where_it_is_not() {
    use strict::sometimes::{Args, Rating, Review};

    assert_eq!(Rating::NAMES, ["NEGATIVE", "good"]);
    assert_eq!(Review::FIELDS.len(), 2);
    let args = Args::default();
    assert_eq!((args.learning_rate.to_bits(), args.arguments().seed), (1e-4_f64.to_bits(), 3));
}

#[test]
fn a_trait_of_the_core_is_the_same_under_any_name() {
    fn name<T: TrainerParts>() -> &'static str {
        T::NAME
    }

    assert_eq!(name::<renamed::ReviewTrainer>(), "ReviewTrainer");
    assert_eq!(name::<through_facade::ReviewTrainer>(), "ReviewTrainer");
    assert_eq!(name::<strict::every_key::OfTexts>(), "OfTexts");
}
