use trainer_core::prelude::*; // row 32: 1 error

#[derive(Example)]
struct Pair {
    source: String,
    target: String,
}

#[derive(TrainingArgs)]
#[training_args(output_dir = "results", per_device_train_batch_size = 64, max_length = 12)]
struct Args {}

#[trainer(collator = Seq2Seq, model_dir = "compile_fail/model_dir/files/tiny-t5", memory_budget = "512 KiB")]
struct Translator {
    model: AutoModelForSeq2SeqLM,
    args: Args,
    train_dataset: Dataset<Pair>,
    tokenizer: Tokenizer,
}

fn main() {}
