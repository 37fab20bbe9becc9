use trainer_core::prelude::*; // rows 2, 20: 4 errors

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Entity {
    Outside,
    Person,
}

#[derive(Example)]
struct Review {
    text: String,
    label: Entity,
}

#[derive(TrainingArgs)]
#[training_args(output_dir = "results")]
struct Args {}

#[trainer(peft = lora(load_in_8bit, load_in_4bit))]
struct First {
    model: BertForSequenceClassification<Entity>,
    args: Args,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

#[trainer(peft = lora(load_in_4bit = true, load_in_8bit = true))]
struct Second {
    model: BertForSequenceClassification<Entity>,
    args: Args,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

#[trainer(peft = qlora(r = 8, alpha = 16))]
struct Third {
    model: BertForSequenceClassification<Entity>,
    args: Args,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

#[trainer(peft = lora(load_in_4bit = "nf4"))]
struct Fourth {
    model: BertForSequenceClassification<Entity>,
    args: Args,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

fn main() {}
