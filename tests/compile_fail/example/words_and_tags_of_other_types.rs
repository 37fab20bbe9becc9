use trainer_core::prelude::*; // row 22: 6 errors

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Entity {
    Outside,
    Person,
}

#[derive(Example)]
struct OneText {
    tokens: String,
    tags: Vec<Entity>,
}

#[derive(Example)]
struct Names {
    tokens: Vec<String>,
    tags: Vec<String>,
}

#[derive(Example)]
struct OneTag {
    tokens: Vec<String>,
    tags: Entity,
}

#[derive(Example)]
struct Numbers {
    input_ids: Vec<u32>,
    tags: Vec<i64>,
}

#[derive(Example)]
struct Scores {
    input_ids: Vec<u32>,
    labels: Vec<f32>,
}

#[derive(Example)]
struct Written {
    input_ids: Vec<u32>,
    target_ids: String,
}

fn main() {}
