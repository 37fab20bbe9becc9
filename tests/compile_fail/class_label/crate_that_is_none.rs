use trainer_core::prelude::*; // row 2: 1 error

#[derive(ClassLabel, Clone, Copy, PartialEq)]
#[label(crate = 3)]
enum Rating {
    Negative,
    Positive,
}

fn main() {}
