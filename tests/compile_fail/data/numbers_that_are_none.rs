use trainer_core::prelude::*; // row 24: 4 errors

#[derive(Example)]
#[example(train = "compile_fail/data/files/numbers.csv")]
struct Review {
    text: String,
    label: f32,
    #[example(extra)]
    votes: u8,
    #[example(extra)]
    seen: bool,
    #[example(extra)]
    weight: f64,
}

fn main() {}
