use trainer_core::prelude::*; // row 21: 5 errors

#[derive(Example)]
struct Pair {
    text_pair: String,
    label: f32,
}

#[derive(Example)]
struct Types {
    text: String,
    token_type_ids: Vec<u32>,
    label: f32,
}

#[derive(Example)]
struct PairOfTokens {
    input_ids: Vec<u32>,
    text_pair: String,
    label: f32,
}

#[derive(Example)]
struct Columns {
    #[example(extra)]
    id: u32,
}

#[derive(Example)]
struct Nothing {}

fn main() {}
