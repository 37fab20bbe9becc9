use trainer_core::prelude::*; // row 30: 1 error

#[derive(ClassLabel, Clone, Copy, PartialEq)]
struct Rating {
    positive: bool,
}

fn main() {}
