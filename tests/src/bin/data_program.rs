//! Writes or compares the summary of a data file, in the folder it is started in; a test starts it.

use trainer_core::Result;
use trainer_core::data::{Example, Field, Files, Input, LabelColumn, Role, Row, SequenceClassification, Target};
use trainer_core::prelude::*;
use trainer_tests::reviews::Rating;

/// A row, of a crate whose folder has gone away.
struct Review {
    text: String,
    rating: Rating,
}

impl Example for Review {
    type Task = SequenceClassification<Rating>;
    const NAME: &'static str = "Review";
    const FIELDS: &'static [Field] = &[
        Field { name: "text", column: "text", role: Role::Text },
        Field { name: "rating", column: "rating", role: Role::Label },
    ];
    const FILES: Files =
        Files { manifest_dir: "no such folder", train: Some("data/reviews.jsonl"), eval: None, test: None };

    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self { text: row.column("text")?, rating: row.column("rating")? })
    }

    fn input(&self) -> Input<'_> {
        Input::Text { text: &self.text, pair: None }
    }

    fn target(&self) -> Target {
        self.rating.target()
    }
}

fn main() -> Result<()> {
    if Dataset::<Review>::schema_command()? {
        return Ok(());
    }
    println!("{} rows", Dataset::<Review>::train()?.len());
    Ok(())
}
