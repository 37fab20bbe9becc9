use trainer_core::prelude::*; // row 30: 2 errors

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Stars {
    One = 1,
    Two = 2,
}

fn main() {}
