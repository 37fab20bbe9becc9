use trainer_core::prelude::*; // rows 21, 29: 2 errors

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Rating {
    Negative,
    Neutral,
    Positive,
}

#[derive(TrainingArgs)]
#[training_args(output_dir = "results")]
struct Args {}

#[derive(Example)]
struct Comment {
    txet: String,
    label: Rating,
}

#[metric]
fn share(labels: Labels<'_, Rating>) {
    let _ = labels;
}

#[trainer(loss = weighted_ce([1.0, 2.0, 3.0]), metrics = [accuracy, share])]
struct ReviewTrainer {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Comment>,
    eval_dataset: Dataset<Comment>,
    tokenizer: Tokenizer,
}

fn run(trainer: &mut ReviewTrainer) {
    trainer.train().unwrap();
}

fn main() {}
