use trainer_core::prelude::*; // row 25: 2 errors

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Entity {
    #[label(name = "O")]
    Outside,
    #[label(name = "B-PER")]
    Person,
    #[label(name = "I-PER")]
    InPerson,
}

#[derive(Example)]
#[example(train = "compile_fail/data/files/tags.jsonl")]
struct Sentence {
    tokens: Vec<String>,
    tags: Vec<Entity>,
}

#[derive(Example)]
#[example(train = "compile_fail/data/files/tags_null.jsonl")]
struct Partly {
    tokens: Vec<String>,
    tags: Vec<Entity>,
}

fn main() {}
