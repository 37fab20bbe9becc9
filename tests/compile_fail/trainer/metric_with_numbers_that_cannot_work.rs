use trainer_core::prelude::*; // rows 2, 3, 12: 7 errors

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Rating {
    Negative,
    Neutral,
    Positive,
}

#[derive(Example)]
struct Review {
    text: String,
    label: Rating,
}

#[derive(TrainingArgs)]
#[training_args(output_dir = "results")]
struct Args {}

/// Compares texts that nobody writes here.
#[metric]
fn longest(texts: Texts<'_>) -> f64 {
    texts.len() as f64
}

#[trainer(metrics = [accuracy(threshold = 0.3), bleu, entity_f1, longest, f1(average = "macro", threshold = 2)])]
struct ReviewTrainer {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    eval_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

#[trainer(metrics = [chrf(word_order = -1), rouge(stemmer = "yes")])]
struct Second {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    eval_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

fn main() {}
