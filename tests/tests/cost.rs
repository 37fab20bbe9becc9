//! The two programs whose cost `cost/measure` compares are one program.
#![allow(dead_code, unreachable_pub, reason = "`cost/measure` copies the two programs into crates of their own")]

#[path = "../cost/annotated.rs"]
mod annotated;
#[path = "../cost/by_hand.rs"]
mod by_hand;

use trainer_core::metrics::MetricFunction;
use trainer_core::prelude::*;
use trainer_core::train::TrainerParts;

/// What a trainer says of itself, without one.
fn said<T: TrainerParts>() -> String {
    let args = <T::Args as TrainingArgs>::try_parse_from(["program", "--learning-rate", "1e-4"]).unwrap();
    let arguments = args.arguments();
    let named = (T::NAME, T::Example::NAME, T::Example::FIELDS, <T::Args as TrainingArgs>::SPECIFICATION.fixed);
    let facts = <T::Args as TrainingArgs>::FACTS;
    let known = (facts.eval_strategy.name(), facts.save_strategy.name(), facts.seed, facts.per_device_train_batch_size);
    format!("{named:?} {known:?} {arguments:?}")
}

#[test]
fn what_is_written_by_hand_is_what_the_macros_write() {
    assert_eq!(said::<annotated::ReviewTrainer>(), said::<by_hand::ReviewTrainer>());
    assert_eq!(annotated::Rating::NAMES, by_hand::Rating::NAMES);
    assert_eq!(annotated::within_one::NEEDS, by_hand::WithinOne::NEEDS);
    assert_eq!(annotated::within_one::LABELS, by_hand::WithinOne::LABELS);
    assert_eq!(annotated::Args::default().to_string(), by_hand::Args::default().to_string());
    assert_eq!("neutral".parse::<annotated::Rating>().unwrap().to_string(), by_hand::Rating::Neutral.to_string());
}
