use trainer_core::prelude::*; // row 30: 2 errors

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Rating {
    Negative,
    Positive(u8),
    Mixed { share: f32 },
}

fn main() {}
