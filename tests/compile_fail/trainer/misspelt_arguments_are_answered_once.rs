use trainer_core::prelude::*; // row 1: 6 errors

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
struct Doc {
    text: String,
}

#[derive(TrainingArgs)]
#[training_args(output_dir = "results")]
struct Args {}

#[trainer(collator = Packing(max_lenght = 512))]
struct First {
    model: LlamaForCausalLM,
    args: Args,
    train_dataset: Dataset<Doc>,
    eval_dataset: Dataset<Doc>,
    tokenizer: Tokenizer,
}

#[trainer(collator = CompletionOnly(respone_template = "A:", instruction_template = "Q:"))]
struct Second {
    model: LlamaForCausalLM,
    args: Args,
    train_dataset: Dataset<Doc>,
    eval_dataset: Dataset<Doc>,
    tokenizer: Tokenizer,
}

#[trainer(collator = CompletionOnly(respone_template = "A:"))]
struct Third {
    model: LlamaForCausalLM,
    args: Args,
    train_dataset: Dataset<Doc>,
    eval_dataset: Dataset<Doc>,
    tokenizer: Tokenizer,
}

#[trainer(loss = weighted_ce(wieghts = [1.0, 2.0, 3.0]))]
struct Fourth {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    eval_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

#[trainer(metrics = [top_k(kk = 2), fbeta(bta = 2.0, average = "macro")])]
struct Fifth {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    eval_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

fn main() {}
