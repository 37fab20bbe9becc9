use trainer_core::prelude::*; // row 24: 2 errors

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
#[example(train = "compile_fail/data/files/words.csv")]
struct Sentence {
    tokens: Vec<String>,
    tags: Vec<Entity>,
}

fn main() {}
