use trainer_core::prelude::*; // row 27: 5 errors

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
#[example(train = "compile_fail/data/files/tags_lengths.jsonl")]
struct Sentence {
    tokens: Vec<String>,
    tags: Vec<Option<Entity>>,
}

#[derive(Example)]
#[example(train = "compile_fail/data/files/tags_of_tokens.jsonl")]
struct Tokens {
    input_ids: Vec<u32>,
    tags: Vec<Option<Entity>>,
}

#[derive(Example)]
#[example(train = "compile_fail/data/files/tags_of_tokens.jsonl")]
struct Labelled {
    input_ids: Vec<u32>,
    labels: Vec<i64>,
}

fn main() {}
