use trainer_core::prelude::*; // row 2: 1 error

#[derive(ClassLabel, Clone, Copy, PartialEq)]
#[label(crate = nowhere)]
enum Topic {
    World,
    Sports,
}

fn main() {}
