use trainer_core::prelude::*; // rows 1, 3, 6: 3 errors

#[derive(Example)]
struct Translation {
    source: String,
    target: String,
}

#[derive(Example)]
struct Doc {
    text: String,
}

#[derive(TrainingArgs)]
#[training_args(output_dir = "results")]
struct Args {}

#[trainer(collator = Seq2Seq(max_length = 128, max_target_length = 0))]
struct First {
    model: T5ForConditionalGeneration,
    args: Args,
    train_dataset: Dataset<Translation>,
    tokenizer: Tokenizer,
}

#[trainer(collator = Seq2Seq(max_source_length = 128, max_target_length = 64))]
struct Second {
    model: T5ForConditionalGeneration,
    args: Args,
    train_dataset: Dataset<Translation>,
    tokenizer: Tokenizer,
}

#[trainer(collator = CausalLm(max_target_length = 64))]
struct Third {
    model: LlamaForCausalLM,
    args: Args,
    train_dataset: Dataset<Doc>,
    tokenizer: Tokenizer,
}

fn main() {}
