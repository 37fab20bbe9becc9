//! What the macros make of items that are right.

use trainer_core::prelude::*;

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq, Eq)]
enum Rating {
    VeryBad,
    #[label(name = "so so")]
    Middling,
    Good,
}

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq)]
#[label(rename_all = "SCREAMING-KEBAB-CASE")]
enum Topic {
    WorldNews,
    Sports = 1,
}

#[test]
fn a_class_has_a_name_and_a_position() {
    assert_eq!(Rating::COUNT, 3);
    assert_eq!(Rating::NAMES, ["very_bad", "so so", "good"]);
    assert_eq!(Rating::Middling.index(), 1);
    assert_eq!(Rating::from_index(2), Some(Rating::Good));
    assert_eq!(Rating::from_index(3), None);
    assert_eq!(Rating::from_name("so so"), Some(Rating::Middling));
    assert_eq!(Topic::NAMES, ["WORLD-NEWS", "SPORTS"]);
}

#[test]
fn a_class_is_printed_and_parsed_by_its_name() {
    assert_eq!(format!("{:>8}|", Rating::Good), "    good|");
    assert_eq!("very_bad".parse::<Rating>().unwrap(), Rating::VeryBad);
    let error = "verybad".parse::<Rating>().unwrap_err();
    assert_eq!(error.to_string(), "\"verybad\" is no class of `Rating`\nhelp: did you mean \"very_bad\"?");
}

#[test]
fn a_class_is_written_as_its_name_and_read_from_name_or_number() {
    assert_eq!(serde_json::to_string(&Rating::Middling).unwrap(), "\"so so\"");
    assert_eq!(serde_json::from_str::<Rating>("\"good\"").unwrap(), Rating::Good);
    assert_eq!(serde_json::from_str::<Vec<Rating>>("[0, 2]").unwrap(), [Rating::VeryBad, Rating::Good]);
    let error = serde_json::from_str::<Rating>("3").unwrap_err();
    assert!(error.to_string().contains("classes are numbered from 0 to 2"), "{error}");
}
