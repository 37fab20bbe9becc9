use trainer_core::prelude::*; // row 31: 5 errors

#[derive(Example)]
struct Pair {
    source: String,
    target: String,
}

#[derive(TrainingArgs)]
#[training_args(output_dir = "results", max_length = 16)]
struct Args {}

#[trainer(collator = Seq2Seq, model_dir = "compile_fail/model_dir/files/t5-with-gate")]
struct Gated {
    model: T5ForConditionalGeneration,
    args: Args,
    train_dataset: Dataset<Pair>,
    tokenizer: Tokenizer,
}

#[trainer(collator = Seq2Seq, model_dir = "compile_fail/model_dir/files/t5-deeper-decoder")]
struct Deeper {
    model: T5ForConditionalGeneration,
    args: Args,
    train_dataset: Dataset<Pair>,
    tokenizer: Tokenizer,
}

#[trainer(collator = Seq2Seq, model_dir = "compile_fail/model_dir/files/t5-no-distances")]
struct WithoutDistances {
    model: AutoModelForSeq2SeqLM,
    args: Args,
    train_dataset: Dataset<Pair>,
    tokenizer: Tokenizer,
}

#[trainer(collator = Seq2Seq, model_dir = "compile_fail/model_dir/files/t5-size-in-quotes")]
struct InQuotes {
    model: T5ForConditionalGeneration,
    args: Args,
    train_dataset: Dataset<Pair>,
    tokenizer: Tokenizer,
}

#[trainer(collator = Seq2Seq, model_dir = "compile_fail/model_dir/files/bart-wider-decoder")]
struct Wider {
    model: BartForConditionalGeneration,
    args: Args,
    train_dataset: Dataset<Pair>,
    tokenizer: Tokenizer,
}

fn main() {}
