use trainer_core::prelude::*; // row 1: 3 errors

#[derive(ClassLabel, Clone, Copy, PartialEq)]
#[label(renameall = "snake_case")]
enum Rating {
    #[label(nmae = "bad")]
    Negative,
    #[label(colour = "green")]
    Positive,
}

fn main() {}
