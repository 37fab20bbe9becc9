// The programs of the README's tasks; what stands between two lines of dashes is there word for word.

use trainer_core::prelude::*;

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq, Eq)]
enum Rating { Negative, Neutral, Positive }

// ---
#[derive(TrainingArgs)]
#[training_args(output_dir = "results", eval_strategy = "epoch")]
struct Args {}

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq, Eq)]
enum Topic { Billing, Delivery, Defect }

/// Any number of classes. In the file they are names, numbers, or a vector of 0 and 1.
#[derive(Example)]
struct Ticket {
    text: String,
    labels: Vec<Topic>,
}

#[trainer(loss = weighted_bce([1.0, 1.0, 4.0]), metrics = [f1(average = "micro"), accuracy])]
struct TicketTrainer {
    model: RobertaForSequenceClassification<Topic>,
    args: Args,
    train_dataset: Dataset<Ticket>,
    eval_dataset: Dataset<Ticket>,
    tokenizer: Tokenizer,
}
// ---
/// How alike two texts are; with `label: Same`, an enum, whether they are.
#[derive(Example)]
struct Similarity {
    text: String,
    text_pair: String,
    label: f32,
}

#[trainer(loss = huber(delta = 0.5), metrics = [spearman, mae])]
struct SimilarityTrainer {
    model: AutoModelForSequenceClassification<f32>,
    args: Args,
    train_dataset: Dataset<Similarity>,
    eval_dataset: Dataset<Similarity>,
    tokenizer: Tokenizer,
}
// ---
#[derive(ClassLabel, Clone, Copy, Debug, PartialEq, Eq)]
enum Entity {
    #[label(name = "O")]
    Outside,
    #[label(name = "B-PER")]
    Person,
    #[label(name = "I-PER")]
    InPerson,
}

/// `{"tokens": ["Ada", "Lovelace", "wrote"], "ner_tags": ["B-PER", "I-PER", "O"]}`
#[derive(Example)]
struct Sentence {
    tokens: Vec<String>,
    #[example(column = "ner_tags")]
    tags: Vec<Entity>,
}

#[trainer(metrics = [entity_f1])]
struct EntityTrainer {
    model: BertForTokenClassification<Entity>,
    args: Args,
    train_dataset: Dataset<Sentence>,
    eval_dataset: Dataset<Sentence>,
    tokenizer: Tokenizer,
}
// ---
#[derive(Example)]
struct Text {
    text: String,
}

/// Finds words that are hidden: others in every epoch, the same in every evaluation.
#[trainer(collator = MaskedLm(probability = 0.15, whole_word))]
struct MaskedTrainer {
    model: AutoModelForMaskedLM,
    args: Args,
    train_dataset: Dataset<Text>,
    eval_dataset: Dataset<Text>,
    tokenizer: Tokenizer,
}

/// Finds the next word at each place, in rows of at most 512 tokens that short texts share without seeing each other.
#[trainer(collator = Packing(max_length = 512), metrics = [perplexity])]
struct CausalTrainer {
    model: AutoModelForCausalLM,
    args: Args,
    train_dataset: Dataset<Text>,
    eval_dataset: Dataset<Text>,
    tokenizer: Tokenizer,
}
// ---
#[derive(Example)]
struct Translation {
    #[example(source, column = "de")]
    german: String,
    #[example(target, column = "en")]
    english: String,
}

/// `bleu` and `chrf` compare what the model writes in an evaluation with what it should write.
#[trainer(metrics = [bleu, chrf])]
struct Translator {
    model: AutoModelForSeq2SeqLM,
    args: Args,
    train_dataset: Dataset<Translation>,
    eval_dataset: Dataset<Translation>,
    tokenizer: Tokenizer,
}
// ---
#[derive(Example)]
struct Tokens {
    input_ids: Vec<u32>,
    attention_mask: Vec<u32>,
    #[example(label, column = "labels")]
    rating: Rating,
}

#[trainer(collator = Padding(pad_id = 0), metrics = [accuracy])]
struct TokenTrainer {
    model: DistilBertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Tokens>,
    eval_dataset: Dataset<Tokens>,
}
// ---
/// `{"messages": [{"role": "user", "content": "…"}, {"role": "assistant", "content": "…"}]}`
#[derive(Example)]
struct Chat {
    messages: Vec<Message>,
}

#[derive(TrainingArgs)]
#[training_args(output_dir = "results/chat", learning_rate = 2e-4, neftune_noise_alpha = 5.0)]
struct ChatArgs {}

#[trainer(
    collator = CompletionOnly(max_length = 1024),
    peft = lora(r = 16, alpha = 32, dropout = 0.05, target_modules = "all-linear", load_in_4bit),
)]
struct ChatTrainer {
    model: AutoModelForCausalLM,
    args: ChatArgs,
    train_dataset: Dataset<Chat>,
    tokenizer: Tokenizer,
}

fn main() -> trainer_core::Result<()> {
    let base = "HuggingFaceTB/SmolLM2-135M-Instruct";
    let mut trainer = ChatTrainer {
        model: AutoModelForCausalLM::from_pretrained(base)?,
        tokenizer: Tokenizer::from_pretrained(base)?,
        args: ChatArgs::parse(),
        train_dataset: Dataset::from_jsonl("data/chats.jsonl")?,
    };
    trainer.train()?;
    trainer.save_model("results/chat/adapter")?;   // `PeftModel.from_pretrained` loads it over the base

    let turns = [Message::new("user", "What does the koala eat?")];
    let prompt = trainer.tokenizer.apply_chat_template(&turns, true)?;
    let config = GenerationConfig { max_new_tokens: 60, ..GenerationConfig::default() };
    println!("{}", trainer.predictor()?.write(&prompt, &config)?);

    let whole = AutoModelForCausalLM::from_pretrained(base)?;
    whole.load_adapter("results/chat/adapter")?;
    whole.merge_adapter()?;                        // a plain model again
    Ok(())
}
// ---
fn write(masked: &MaskedTrainer, causal: &CausalTrainer, translator: &Translator) -> trainer_core::Result<()> {
    for filled in masked.predictor()?.fill_mask("The [MASK] kneads the dough.", 3)?.iter().flatten() {
        println!("{:3.0} % {}", 100.0 * filled.score, filled.token);
    }

    let drawn = GenerationConfig { max_new_tokens: 80, do_sample: true, temperature: 0.8, top_p: 0.9, ..Default::default() };
    println!("{}", causal.predictor()?.write("Peel three carrots", &drawn)?);

    let beams = GenerationConfig { max_new_tokens: 60, num_beams: 4, no_repeat_ngram_size: 3, ..Default::default() };
    println!("{}", translator.predictor()?.write("Wir trinken den Kaffee nicht.", &beams)?);
    Ok(())
}
// ---
fn grow(tokenizer: &mut Tokenizer, model: &mut LlamaForCausalLM) -> trainer_core::Result<()> {
    tokenizer.add_tokens(&["kubectl", "etcd"])?;
    tokenizer.add_special_tokens(&["<|tool|>"])?;
    model.resize_token_embeddings(tokenizer.vocabulary_size(), None)?;
    println!("{}", tokenizer.explain("restart etcd")?);    // normalised, words, pieces, ids, masks
    Ok(())
}
// ---
