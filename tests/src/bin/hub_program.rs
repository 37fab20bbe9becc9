//! Reads a split of a data set on the hub that the environment names; a test starts it.

use trainer_core::Result;
use trainer_core::prelude::*;
use trainer_tests::reviews::{Labelled, Rating};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [repo, split] = arguments.as_slice() else { return Ok(()) };
    let data = Dataset::<Labelled<Rating>>::from_hub(repo, split)?;
    println!("{} rows, the last is {}: {}", data.len(), data.place(data.len() - 1), data[data.len() - 1].text);
    Ok(())
}
