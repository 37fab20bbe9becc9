use trainer_core::prelude::*; // row 21: 5 errors

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Entity {
    Outside,
    Person,
}

#[derive(Example)]
struct RatedChat {
    messages: Vec<Message>,
    label: f32,
}

#[derive(Example)]
struct RatedWords {
    tokens: Vec<String>,
    tags: Vec<Entity>,
    #[example(label)]
    rating: f32,
}

#[derive(Example)]
struct Both {
    prompt: String,
    completion: String,
    source: String,
    target: String,
}

#[derive(Example)]
struct TextAndWords {
    text: String,
    tokens: Vec<String>,
    tags: Vec<Entity>,
}

fn main() {}
