use trainer_core::prelude::*; // rows 1, 21: 3 errors

#[derive(Example)]
#[example(trian = "data/train.jsonl")]
struct Review {
    #[example(txet)]
    text: String,
    opinion: f32,
    label: f32,
}

fn main() -> trainer_core::Result<()> {
    let reviews: Dataset<Review> = Dataset::from_jsonl("reviews.jsonl")?;
    println!("{}", reviews.len());
    Ok(())
}
