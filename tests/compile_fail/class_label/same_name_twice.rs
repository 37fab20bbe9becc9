use trainer_core::prelude::*;

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Rating {
    Bad,
    #[label(name = "bad")]
    Worse,
}

fn main() {}
