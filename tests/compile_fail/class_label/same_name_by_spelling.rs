use trainer_core::prelude::*; // row 30: 2 errors

#[derive(ClassLabel, Clone, Copy, PartialEq)]
#[label(rename_all = "lowercase")]
enum Size {
    XLarge,
    Xlarge,
}

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Rating {
    #[label(name = "good")]
    Fine,
    Bad,
    Good,
}

fn main() {}
