use trainer_core::prelude::*; // rows 1, 2, 3: 7 errors

#[derive(Example)]
struct Doc {
    text: String,
}

#[derive(TrainingArgs)]
#[training_args(output_dir = "results")]
struct Args {}

#[trainer(collator = MaskedLm(probability = 0))]
struct First {
    model: BertForMaskedLM,
    args: Args,
    train_dataset: Dataset<Doc>,
    eval_dataset: Dataset<Doc>,
    tokenizer: Tokenizer,
}

#[trainer(collator = MaskedLm(mask = 0.9, random = 0.2))]
struct Second {
    model: BertForMaskedLM,
    args: Args,
    train_dataset: Dataset<Doc>,
    eval_dataset: Dataset<Doc>,
    tokenizer: Tokenizer,
}

#[trainer(collator = MaskedLm(random = -0.1))]
struct Third {
    model: BertForMaskedLM,
    args: Args,
    train_dataset: Dataset<Doc>,
    eval_dataset: Dataset<Doc>,
    tokenizer: Tokenizer,
}

#[trainer(collator = MaskedLm(whole_word, mask = 0.5))]
struct Fourth {
    model: BertForMaskedLM,
    args: Args,
    train_dataset: Dataset<Doc>,
    eval_dataset: Dataset<Doc>,
    tokenizer: Tokenizer,
}

#[trainer(collator = MaskedLm(probabilty = 0.2))]
struct Fifth {
    model: BertForMaskedLM,
    args: Args,
    train_dataset: Dataset<Doc>,
    eval_dataset: Dataset<Doc>,
    tokenizer: Tokenizer,
}

#[trainer(collator = MaskedLm(probability = "a tenth"))]
struct Sixth {
    model: BertForMaskedLM,
    args: Args,
    train_dataset: Dataset<Doc>,
    eval_dataset: Dataset<Doc>,
    tokenizer: Tokenizer,
}

#[trainer(collator = MaskedLm(whole_word = 1))]
struct Seventh {
    model: BertForMaskedLM,
    args: Args,
    train_dataset: Dataset<Doc>,
    eval_dataset: Dataset<Doc>,
    tokenizer: Tokenizer,
}

fn main() {}
