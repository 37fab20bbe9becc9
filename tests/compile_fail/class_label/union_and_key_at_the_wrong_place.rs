use trainer_core::prelude::*; // rows 1, 30: 3 errors

#[derive(ClassLabel)]
union Bits {
    whole: u32,
    real: f32,
}

#[derive(ClassLabel, Clone, Copy, PartialEq)]
#[label(name = "rating")]
enum Rating {
    #[label(rename_all = "lowercase")]
    Negative,
    Positive,
}

fn main() {}
