use trainer_core::prelude::*; // row 30: 1 error

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Rating {
    Negative,
}

fn main() {}
