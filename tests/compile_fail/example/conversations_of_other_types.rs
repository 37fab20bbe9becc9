use trainer_core::prelude::*; // row 22: 4 errors

#[derive(Example)]
struct Chat {
    messages: Vec<String>,
}

#[derive(Example)]
struct Answer {
    prompt: Vec<Message>,
    completion: Option<String>,
}

#[derive(Example)]
struct Translation {
    source: String,
    target: Vec<u32>,
}

fn main() {}
