use trainer_core::prelude::*; // row 22: 2 errors

struct Place;

#[derive(Example)]
struct Review {
    text: String,
    #[example(extra)]
    place: Place,
    #[example(skip)]
    other: Place,
    label: f32,
}

fn main() {}
