use trainer_core::prelude::*; // row 10: 2 errors

#[derive(Example)]
struct Doc {
    text: String,
}

#[derive(TrainingArgs)]
#[training_args(output_dir = "results")]
struct Args {}

#[trainer(collator = MaskedLm)]
struct DocTrainer {
    model: LlamaForCausalLM,
    args: Args,
    train_dataset: Dataset<Doc>,
    eval_dataset: Dataset<Doc>,
    tokenizer: Tokenizer,
}

#[trainer(collator = CompletionOnly)]
struct Second {
    model: LlamaForCausalLM,
    args: Args,
    train_dataset: Dataset<Doc>,
    eval_dataset: Dataset<Doc>,
    tokenizer: Tokenizer,
}

fn main() {}
