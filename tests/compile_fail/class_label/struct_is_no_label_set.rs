use trainer_core::prelude::*;

#[derive(ClassLabel, Clone, Copy, PartialEq)]
struct Rating {
    positive: bool,
}

fn main() {}
