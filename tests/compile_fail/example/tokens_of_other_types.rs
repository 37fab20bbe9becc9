use trainer_core::prelude::*; // row 22: 5 errors

#[derive(Example)]
struct Signed {
    input_ids: Vec<i64>,
    token_type_ids: Vec<u8>,
    label: f32,
}

#[derive(Example)]
struct Fixed {
    input_ids: [u32; 128],
    label: f32,
}

#[derive(Example)]
struct Sometimes {
    input_ids: Option<Vec<u32>>,
    label: f32,
}

#[derive(Example)]
struct Wide {
    features: Vec<f64>,
    label: f32,
}

fn main() {}
