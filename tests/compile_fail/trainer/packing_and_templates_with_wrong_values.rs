use trainer_core::prelude::*; // rows 1, 2, 3: 7 errors

#[derive(Example)]
struct Doc {
    text: String,
}

#[derive(TrainingArgs)]
#[training_args(output_dir = "results")]
struct Args {}

#[trainer(collator = Packing)]
struct First {
    model: LlamaForCausalLM,
    args: Args,
    train_dataset: Dataset<Doc>,
    eval_dataset: Dataset<Doc>,
    tokenizer: Tokenizer,
}

#[trainer(collator = Packing(0))]
struct Second {
    model: LlamaForCausalLM,
    args: Args,
    train_dataset: Dataset<Doc>,
    eval_dataset: Dataset<Doc>,
    tokenizer: Tokenizer,
}

#[trainer(collator = Packing(512, max_lenght = 64))]
struct Third {
    model: LlamaForCausalLM,
    args: Args,
    train_dataset: Dataset<Doc>,
    eval_dataset: Dataset<Doc>,
    tokenizer: Tokenizer,
}

#[trainer(collator = CompletionOnly(instruction_template = "### Human:"))]
struct Fourth {
    model: LlamaForCausalLM,
    args: Args,
    train_dataset: Dataset<Doc>,
    eval_dataset: Dataset<Doc>,
    tokenizer: Tokenizer,
}

#[trainer(collator = CompletionOnly(response_template = 3))]
struct Fifth {
    model: LlamaForCausalLM,
    args: Args,
    train_dataset: Dataset<Doc>,
    eval_dataset: Dataset<Doc>,
    tokenizer: Tokenizer,
}

#[trainer(collator = CompletionOnly(response_template = ""))]
struct Sixth {
    model: LlamaForCausalLM,
    args: Args,
    train_dataset: Dataset<Doc>,
    eval_dataset: Dataset<Doc>,
    tokenizer: Tokenizer,
}

#[trainer(collator = Flattening(fixed_length = 8))]
struct Seventh {
    model: LlamaForCausalLM,
    args: Args,
    train_dataset: Dataset<Doc>,
    eval_dataset: Dataset<Doc>,
    tokenizer: Tokenizer,
}

fn main() {}
