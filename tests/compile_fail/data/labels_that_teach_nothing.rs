#![deny(deprecated)] // row 26: 2 errors

use trainer_core::prelude::*;

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Rating {
    Negative,
    Neutral,
    Positive,
}

#[derive(Example)]
#[example(train = "compile_fail/data/files/no_positive.jsonl", eval = "compile_fail/data/files/one_label.jsonl")]
struct Review {
    text: String,
    label: Rating,
}

// A file that only measures may have one label.
#[derive(Example)]
#[example(train = "compile_fail/data/files/one_label.jsonl", test = "compile_fail/data/files/one_label.jsonl")]
struct Same {
    text: String,
    label: Rating,
}

fn main() {}
