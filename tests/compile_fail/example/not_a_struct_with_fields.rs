use trainer_core::prelude::*; // row 21: 3 errors

#[derive(Example)]
struct Pair(String, f32);

#[derive(Example)]
enum Review {
    Text(String),
}

#[derive(Example)]
struct Borrowed<'a> {
    text: &'a str,
    label: f32,
}

fn main() {}
