use trainer_core::prelude::*;

#[derive(ClassLabel, Clone, Copy, PartialEq)]
#[label(renameall = "snake_case")]
enum Rating {
    #[label(nmae = "bad")]
    Negative,
    #[label(colour = "green")]
    Positive,
}

fn main() {}
