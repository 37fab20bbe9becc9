use trainer_core::prelude::*;

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Rating {
    Negative,
}

fn main() {}
