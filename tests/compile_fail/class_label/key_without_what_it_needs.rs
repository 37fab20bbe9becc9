use trainer_core::prelude::*; // row 2: 6 errors

#[derive(ClassLabel, Clone, Copy, PartialEq)]
#[label]
enum Rating {
    #[label(name)]
    Negative,
    #[label(name = 1)]
    Neutral,
    #[label(name = "good", name = "better")]
    Positive,
    #[label(name = "")]
    Mixed,
    #[label = "none"]
    Unknown,
}

fn main() {}
