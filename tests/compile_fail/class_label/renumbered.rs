use trainer_core::prelude::*;

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Stars {
    One = 1,
    Two = 2,
}

fn main() {}
