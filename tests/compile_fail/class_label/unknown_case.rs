use trainer_core::prelude::*; // row 2: 1 error

#[derive(ClassLabel, Clone, Copy, PartialEq)]
#[label(rename_all = "snakecase")]
enum Rating {
    Negative,
    Positive,
}

fn main() {}
