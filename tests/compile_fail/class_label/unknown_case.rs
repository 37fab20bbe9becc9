use trainer_core::prelude::*;

#[derive(ClassLabel, Clone, Copy, PartialEq)]
#[label(rename_all = "snakecase")]
enum Rating {
    Negative,
    Positive,
}

fn main() {}
