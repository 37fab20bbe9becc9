use trainer_core::prelude::*; // row 21: 8 errors

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Entity {
    Outside,
    Person,
}

#[derive(Example)]
struct Words {
    tokens: Vec<String>,
}

#[derive(Example)]
struct TextWithTags {
    text: String,
    tags: Vec<Entity>,
}

#[derive(Example)]
struct Question {
    prompt: String,
}

#[derive(Example)]
struct Answer {
    text: String,
    completion: String,
}

#[derive(Example)]
struct German {
    source: String,
}

#[derive(Example)]
struct Price {
    features: Vec<f32>,
    target: String,
}

#[derive(Example)]
struct TextWithIds {
    text: String,
    target_ids: Vec<u32>,
}

#[derive(Example)]
struct WordsWithClass {
    tokens: Vec<String>,
    label: Entity,
}

fn main() {}
