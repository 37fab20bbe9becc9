use trainer_core::prelude::*; // row 10: 9 errors

#[derive(ClassLabel, Clone, Copy, PartialEq)]
enum Entity {
    Outside,
    Person,
}

#[derive(Example)]
struct Sentence {
    tokens: Vec<String>,
    tags: Vec<Entity>,
}

#[derive(Example)]
struct Question {
    prompt: String,
    completion: String,
}

#[derive(Example)]
struct Chat {
    messages: Vec<Message>,
}

#[derive(Example)]
struct Pair {
    source: String,
    target: String,
}

#[derive(TrainingArgs)]
#[training_args(output_dir = "results")]
struct Args {}

#[trainer(collator = Padding)]
struct First {
    model: BertForTokenClassification<Entity>,
    args: Args,
    train_dataset: Dataset<Sentence>,
    tokenizer: Tokenizer,
}

#[trainer(collator = Seq2Seq)]
struct Second {
    model: BertForTokenClassification<Entity>,
    args: Args,
    train_dataset: Dataset<Sentence>,
    tokenizer: Tokenizer,
}

#[trainer(collator = CausalLm)]
struct Third {
    model: BertForTokenClassification<Entity>,
    args: Args,
    train_dataset: Dataset<Sentence>,
    tokenizer: Tokenizer,
}

#[trainer(collator = MaskedLm)]
struct Fourth {
    model: LlamaForCausalLM,
    args: Args,
    train_dataset: Dataset<Question>,
    tokenizer: Tokenizer,
}

#[trainer(collator = Padding)]
struct Fifth {
    model: LlamaForCausalLM,
    args: Args,
    train_dataset: Dataset<Chat>,
    tokenizer: Tokenizer,
}

#[trainer(collator = TokenClassification)]
struct Sixth {
    model: GPT2LMHeadModel,
    args: Args,
    train_dataset: Dataset<Chat>,
    tokenizer: Tokenizer,
}

#[trainer(collator = CausalLm)]
struct Seventh {
    model: T5ForConditionalGeneration,
    args: Args,
    train_dataset: Dataset<Pair>,
    tokenizer: Tokenizer,
}

#[trainer(collator = CompletionOnly)]
struct Eighth {
    model: AutoModelForSeq2SeqLM,
    args: Args,
    train_dataset: Dataset<Pair>,
    tokenizer: Tokenizer,
}

#[trainer(collator = Padding)]
struct Ninth {
    model: BartForConditionalGeneration,
    args: Args,
    train_dataset: Dataset<Pair>,
    tokenizer: Tokenizer,
}

fn main() {}
