use trainer_core::prelude::*;

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Rating<const N: usize> {
    Negative,
    Positive,
}

fn main() {}
