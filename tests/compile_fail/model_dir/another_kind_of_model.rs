use trainer_core::prelude::*; // row 31: 4 errors

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

#[derive(Example)]
struct Pair {
    source: String,
    target: String,
}

#[derive(TrainingArgs)]
#[training_args(output_dir = "results", max_length = 16)]
struct Args {}

#[trainer(collator = Seq2Seq, model_dir = "compile_fail/model_dir/files/bart-tiny")]
struct OfBart {
    model: T5ForConditionalGeneration,
    args: Args,
    train_dataset: Dataset<Pair>,
    tokenizer: Tokenizer,
}

#[trainer(collator = Seq2Seq, model_dir = "compile_fail/model_dir/files/tiny-t5")]
struct OfT5 {
    model: MarianMTModel,
    args: Args,
    train_dataset: Dataset<Pair>,
    tokenizer: Tokenizer,
}

#[trainer(collator = Seq2Seq, model_dir = "compile_fail/model_dir/files/tiny-bert", memory_budget = "1 GiB")]
struct OfAnEncoder {
    model: AutoModelForSeq2SeqLM,
    args: Args,
    train_dataset: Dataset<Pair>,
    tokenizer: Tokenizer,
}

#[trainer(model_dir = "compile_fail/model_dir/files/tiny-t5")]
struct OfSourceAndTarget {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

fn main() {}
