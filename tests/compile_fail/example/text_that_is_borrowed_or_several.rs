use trainer_core::prelude::*; // row 22: 4 errors

#[derive(Example)]
struct Borrowed {
    text: &'static str,
    label: f32,
}

#[derive(Example)]
struct Sometimes {
    text: Option<String>,
    label: f32,
}

#[derive(Example)]
struct Several {
    text: Vec<String>,
    text_pair: char,
    label: f32,
}

fn main() {}
