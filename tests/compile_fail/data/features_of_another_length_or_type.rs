use trainer_core::prelude::*; // row 24: 5 errors

#[derive(Example)]
#[example(train = "compile_fail/data/files/features.json", file = "compile_fail/data/files/features_length.json")]
struct Review {
    features: [f32; 2],
    label: f32,
}

fn main() {}
