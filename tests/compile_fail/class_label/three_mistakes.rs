use trainer_core::prelude::*; // rows 1, 30: 3 errors

#[derive(ClassLabel, Clone, Copy, PartialEq)]
#[label(rename_al = "snake_case")]
enum Rating {
    Negative,
    #[label(name = "negative")]
    Bad,
    Positive(u8),
}

#[derive(Example)]
struct Review {
    text: String,
    label: Rating,
}

fn main() {
    let _ = Rating::COUNT;
}
