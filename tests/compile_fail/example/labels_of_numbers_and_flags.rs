use trainer_core::prelude::*; // row 22: 5 errors

#[derive(Example)]
struct Wide {
    text: String,
    label: f64,
}

#[derive(Example)]
struct Whole {
    text: String,
    label: u32,
}

#[derive(Example)]
struct Flag {
    text: String,
    label: bool,
}

#[derive(Example)]
struct Sometimes {
    text: String,
    label: Option<f32>,
}

#[derive(Example)]
struct Several {
    text: String,
    labels: Vec<f32>,
}

fn main() {}
