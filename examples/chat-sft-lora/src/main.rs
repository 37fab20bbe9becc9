//! Teaches a language model to answer: a small Llama learns plain texts about animals, and then, with LoRA, to answer questions.
//! The answers are in the texts, not in the conversations: these show only how one answers.

use std::collections::BTreeMap;

use trainer_core::prelude::*;

/// What the base model learns from.
#[derive(Example)]
#[example(train = "data/texts.jsonl")]
struct Paragraph {
    text: String,
}

/// What the adapters learn from: of a conversation, what the assistant says.
#[derive(Example)]
#[example(train = "data/train.jsonl", eval = "data/eval.jsonl")]
struct Conversation {
    messages: Vec<Message>,
}

/// The arguments of the base model's training.
#[derive(TrainingArgs)]
#[training_args(
    learning_rate = 2e-3,
    per_device_train_batch_size = 16,
    warmup_ratio = 0.1,
    weight_decay = 0.1,
    lr_scheduler_type = "cosine",
    save_strategy = "no"
)]
struct BaseArgs {
    #[arg(default = "results/base-run")]
    output_dir: String,
    #[arg(default = 8.0)]
    num_train_epochs: f64,
    #[arg(default = 42)]
    seed: u64,
}

/// The arguments of the fine-tuning.
#[derive(TrainingArgs)]
#[training_args(warmup_ratio = 0.1, save_strategy = "no", generation_max_length = 24)]
struct Args {
    /// Folder for logs, the base model, the adapters and the merged model.
    #[arg(default = "results")]
    output_dir: String,
    /// Learning rate after warm-up; 1e-4 to 2e-4 is usual for adapters on a pretrained model.
    #[arg(default = 3e-3, range = 1e-7..=1e-1)]
    learning_rate: f64,
    /// Passes over the conversations; 1 to 3 is usual for a pretrained model.
    #[arg(default = 10.0)]
    num_train_epochs: f64,
    /// Conversations in a batch.
    #[arg(default = 8)]
    per_device_train_batch_size: usize,
    /// Passes over the texts, for the base model.
    #[arg(own, default = 8.0)]
    base_epochs: f64,
    /// Seed of everything random.
    #[arg(default = 42)]
    seed: u64,
}

#[trainer(collator = CausalLm)]
struct BaseTrainer {
    model: LlamaForCausalLM,
    args: BaseArgs,
    train_dataset: Dataset<Paragraph>,
    tokenizer: Tokenizer,
}

#[trainer(
    collator = CompletionOnly,
    peft = lora(r = 16, alpha = 32, target_modules = "all-linear"),
    metrics = [perplexity, exact_match],
)]
struct ChatTrainer {
    model: LlamaForCausalLM,
    args: Args,
    train_dataset: Dataset<Conversation>,
    eval_dataset: Dataset<Conversation>,
    tokenizer: Tokenizer,
}

/// Turns as `<|user|>…</s><|assistant|>…</s>`. What stands in a `generation` block is what the assistant says.
const CHAT_TEMPLATE: &str = "\
{%- for message in messages -%}
    {{- '<|' + message['role'] + '|>' -}}
    {%- if message['role'] == 'assistant' -%}
        {%- generation -%}{{- message['content'] + eos_token -}}{%- endgeneration -%}
    {%- else -%}
        {{- message['content'] + eos_token -}}
    {%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<|assistant|>' -}}{%- endif -%}";

fn main() -> trainer_core::Result<()> {
    let args = Args::parse();
    let folder = |name: &str| format!("{}/{name}", args.output_dir);
    let (base, adapter, merged) = (folder("base"), folder("adapter"), folder("merged"));

    println!("The base model reads plain texts.\n");
    let base_args = BaseArgs { output_dir: folder("base-run"), num_train_epochs: args.base_epochs, seed: args.seed };
    learn_texts(base_args, &base)?;

    println!("\nThe adapters learn to answer; the conversations to evaluate are about other animals.\n");
    let mut trainer = ChatTrainer {
        model: LlamaForCausalLM::from_pretrained(&base)?,
        tokenizer: Tokenizer::from_pretrained(&base)?,
        args,
        train_dataset: Dataset::train()?,
        eval_dataset: Dataset::eval()?,
    };
    let before = bits(&trainer.model)?;
    println!("before training\n{}\n", trainer.evaluate()?);
    trainer.train()?;
    println!("\nafter training\n{}\n", trainer.evaluate()?);
    trainer.save_model(&adapter)?;

    let after = bits(&trainer.model)?;
    let same = before.iter().filter(|(name, bits)| after.get(*name) == Some(bits)).count();
    println!("{same} of {} parameters of the base have the bits that they had\n", before.len());

    let predictor = trainer.predictor()?;
    let config = GenerationConfig { max_new_tokens: 24, ..GenerationConfig::default() };
    for question in ["Where does the seal live?", "What does the koala eat?", "What are the young of the hare called?"]
    {
        let turns = [Message::new("user", question)];
        let prompt = trainer.tokenizer.apply_chat_template(&turns, true)?;
        println!("{question}  {}", predictor.write(&prompt, &config)?);
    }

    // The adapters become part of the weights: a plain model, that needs no adapters to be loaded.
    trainer.model.merge_adapter()?;
    trainer.save_model(&merged)?;
    println!("\nsaved: the base in {base}, the adapters in {adapter}, both in one in {merged}");
    Ok(())
}

/// Trains a small Llama from scratch on the texts, with a tokenizer of its own, and saves both.
fn learn_texts(args: BaseArgs, folder: &str) -> trainer_core::Result<()> {
    let train_dataset = Dataset::<Paragraph>::train()?;
    let texts: Vec<&str> = train_dataset.iter().map(|paragraph| paragraph.text.as_str()).collect();
    let settings = ByteLevelBpeSettings {
        vocab_size: 1000,
        add_eos_token: true,
        max_length: 128,
        additional_special_tokens: ["<|system|>", "<|user|>", "<|assistant|>"].map(str::to_owned).to_vec(),
        ..ByteLevelBpeSettings::default()
    };
    let mut tokenizer = Tokenizer::train_byte_level_bpe(&texts, &settings)?;
    tokenizer.set_chat_template(CHAT_TEMPLATE)?;
    let model = LlamaForCausalLM::from_config(LlamaConfig {
        hidden_size: 128,
        intermediate_size: 320,
        num_hidden_layers: 2,
        num_attention_heads: 4,
        max_position_embeddings: 128,
        initializer_range: 0.05,
        ..LlamaConfig::default().with_tokenizer(&tokenizer)
    })?;
    let mut trainer = BaseTrainer { model, args, train_dataset, tokenizer };
    trainer.train()?;
    trainer.save_model(folder)
}

/// The bits of every parameter of a model, by name.
fn bits(model: &LlamaForCausalLM) -> trainer_core::Result<BTreeMap<String, Vec<u32>>> {
    let values = model.parameters().values().into_iter();
    let bits = values.map(|(name, value)| {
        let numbers = value.flatten_all()?.to_vec1::<f32>()?;
        Ok((name, numbers.into_iter().map(f32::to_bits).collect()))
    });
    bits.collect()
}
