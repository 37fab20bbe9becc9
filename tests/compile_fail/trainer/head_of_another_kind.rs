use trainer_core::prelude::*; // row 13: 9 errors

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Entity {
    Outside,
    Person,
}

#[derive(Example)]
struct Sentence {
    tokens: Vec<String>,
    tags: Vec<Entity>,
}

#[derive(Example)]
struct Review {
    text: String,
    label: Entity,
}

#[derive(Example)]
struct Doc {
    text: String,
}

#[derive(Example)]
struct Question {
    prompt: String,
    completion: String,
}

#[derive(Example)]
struct Pair {
    source: String,
    target: String,
}

#[derive(TrainingArgs)]
#[training_args(output_dir = "results")]
struct Args {}

#[trainer]
struct First {
    model: BertForSequenceClassification<Entity>,
    args: Args,
    train_dataset: Dataset<Sentence>,
    tokenizer: Tokenizer,
}

#[trainer]
struct Second {
    model: BertForSequenceClassification<f32>,
    args: Args,
    train_dataset: Dataset<Sentence>,
    tokenizer: Tokenizer,
}

#[trainer]
struct Third {
    model: BertForTokenClassification<Entity>,
    args: Args,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

#[trainer]
struct Fourth {
    model: BertForMaskedLM,
    args: Args,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

#[trainer]
struct Fifth {
    model: BertForSequenceClassification<Entity>,
    args: Args,
    train_dataset: Dataset<Doc>,
    tokenizer: Tokenizer,
}

#[trainer]
struct Sixth {
    model: T5ForConditionalGeneration,
    args: Args,
    train_dataset: Dataset<Doc>,
    tokenizer: Tokenizer,
}

#[trainer]
struct Seventh {
    model: BertForMaskedLM,
    args: Args,
    train_dataset: Dataset<Question>,
    tokenizer: Tokenizer,
}

#[trainer]
struct Eighth {
    model: T5ForConditionalGeneration,
    args: Args,
    train_dataset: Dataset<Question>,
    tokenizer: Tokenizer,
}

#[trainer]
struct Ninth {
    model: LlamaForCausalLM,
    args: Args,
    train_dataset: Dataset<Pair>,
    tokenizer: Tokenizer,
}

fn main() {}
