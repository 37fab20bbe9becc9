use trainer_core::prelude::*; // row 10: 3 errors

#[derive(Example)]
struct Doc {
    text: String,
}

#[derive(TrainingArgs)]
#[training_args(output_dir = "results")]
struct Args {}

#[trainer(collator = CausalLm)]
struct First {
    model: BertForMaskedLM,
    args: Args,
    train_dataset: Dataset<Doc>,
    eval_dataset: Dataset<Doc>,
    tokenizer: Tokenizer,
}

#[trainer(collator = Packing(max_length = 512))]
struct Second {
    model: BertForMaskedLM,
    args: Args,
    train_dataset: Dataset<Doc>,
    eval_dataset: Dataset<Doc>,
    tokenizer: Tokenizer,
}

#[trainer(collator = CompletionOnly(response_template = "A:"))]
struct Third {
    model: BertForMaskedLM,
    args: Args,
    train_dataset: Dataset<Doc>,
    eval_dataset: Dataset<Doc>,
    tokenizer: Tokenizer,
}

fn main() {}
