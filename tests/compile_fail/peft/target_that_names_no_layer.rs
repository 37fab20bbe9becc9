use trainer_core::prelude::*; // row 20: 5 errors

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

#[trainer(peft = lora(r = 8, target_modules = ["qeury", "value"]))]
struct First {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

#[trainer(peft = lora(target_modules = ["q_proj", "layer.0.attention.self.vlaue"]))]
struct Second {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

#[trainer(peft = lora(target_modules = ["word_embeddings", "classifier", "query"]))]
struct Third {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

fn main() {}
