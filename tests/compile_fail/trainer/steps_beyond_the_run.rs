use trainer_core::data::{Field, Files, Input, Role, Row, SequenceClassification, Target}; // row 18: 3 errors
use trainer_core::prelude::*;

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Rating {
    Negative,
    Neutral,
    Positive,
}

/// As `#[derive(Example)]` makes it of a training file with 500 rows.
struct Review {
    text: String,
}

impl Example for Review {
    type Task = SequenceClassification<Rating>;
    const NAME: &'static str = "Review";
    const FIELDS: &'static [Field] = &[Field { name: "text", column: "text", role: Role::Text }];
    const FILES: Files = Files { manifest_dir: "", train: Some("train.jsonl"), eval: None, test: None };
    const TRAIN_ROWS: Option<usize> = Some(500);

    fn from_row(row: &Row<'_>) -> trainer_core::Result<Self> {
        Ok(Self { text: row.column("text")? })
    }

    fn input(&self) -> Input<'_> {
        Input::Text { text: &self.text, pair: None }
    }

    fn target(&self) -> Target {
        Target::None
    }
}

#[derive(TrainingArgs)]
#[training_args(eval_strategy = "steps", eval_steps = 200, save_steps = 1000)]
struct Args {
    #[arg(default = 1.0)]
    num_train_epochs: f64,
}

#[trainer]
struct ReviewTrainer {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    eval_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

#[derive(TrainingArgs)]
#[training_args(eval_strategy = "steps", logging_steps = 200, dataloader_drop_last = true, num_train_epochs = 1)]
struct ByLogging {}

#[trainer]
struct LoggingTrainer {
    model: BertForSequenceClassification<Rating>,
    args: ByLogging,
    train_dataset: Dataset<Review>,
    eval_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

fn main() {}
