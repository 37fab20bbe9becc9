//! Finds the people, places and times in messages, word by word: with a small BERT from scratch.

use trainer_core::prelude::*;

/// Tags as the field writes them: `B-` begins an entity, `I-` goes on with it, `O` is outside of all.
#[derive(ClassLabel, Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    #[label(name = "O")]
    Outside,
    #[label(name = "B-PERSON")]
    PersonBegins,
    #[label(name = "I-PERSON")]
    PersonGoesOn,
    #[label(name = "B-PLACE")]
    PlaceBegins,
    #[label(name = "I-PLACE")]
    PlaceGoesOn,
    #[label(name = "B-TIME")]
    TimeBegins,
    #[label(name = "I-TIME")]
    TimeGoesOn,
}

/// One tag for each word; the tokenizer may make several tokens of a word, of which the first has the tag.
#[derive(Example)]
#[example(train = "data/train.jsonl", eval = "data/eval.jsonl")]
struct Note {
    tokens: Vec<String>,
    tags: Vec<Tag>,
}

#[derive(TrainingArgs)]
#[training_args(
    eval_strategy = "epoch",
    save_strategy = "epoch",
    save_total_limit = 2,
    load_best_model_at_end = true,
    metric_for_best_model = "entity_f1",
    warmup_ratio = 0.1,
    weight_decay = 0.01
)]
struct Args {
    /// Folder for checkpoints, logs and the trained model.
    #[arg(default = "results")]
    output_dir: String,
    /// Learning rate after warm-up; 5e-5 is usual for a pretrained model.
    #[arg(default = 2e-3, range = 1e-7..=1e-2)]
    learning_rate: f64,
    /// Passes over the rows; 3 is usual for a pretrained model.
    #[arg(default = 15.0)]
    num_train_epochs: f64,
    /// Rows in a batch.
    #[arg(default = 16)]
    per_device_train_batch_size: usize,
    /// Seed of everything random.
    #[arg(default = 42)]
    seed: u64,
}

#[trainer(collator = TokenClassification, metrics = [entity_f1])]
struct NoteTrainer {
    model: BertForTokenClassification<Tag>,
    args: Args,
    train_dataset: Dataset<Note>,
    eval_dataset: Dataset<Note>,
    tokenizer: Tokenizer,
}

fn main() -> trainer_core::Result<()> {
    let args = Args::parse();
    let (train_dataset, eval_dataset) = (Dataset::train()?, Dataset::eval()?);
    let (model, tokenizer) = from_scratch(&train_dataset)?;
    let final_folder = format!("{}/final", args.output_dir);
    let mut trainer = NoteTrainer { model, args, train_dataset, eval_dataset, tokenizer };

    println!("before training\n{}\n", trainer.evaluate()?);
    trainer.train()?;
    println!("\nafter training\n{}\n", trainer.evaluate()?);
    trainer.save_model(&final_folder)?;
    println!("saved to {final_folder}\n");

    let predictor = trainer.predictor()?;
    for text in [
        "Will Florence be in Sydney on Friday ?",
        "Tell June Petersen that lunch is moved to the 9th of June .",
        "Wait for Valentina near the old bridge until half past seven .",
    ] {
        let tags: Vec<Tag> = predictor.predict_one(text)?.tags;
        let words = text.split_whitespace().zip(&tags);
        let shown: Vec<String> = words
            .map(|(word, tag)| if *tag == Tag::Outside { word.to_owned() } else { format!("{word}/{tag}") })
            .collect();
        println!("{}", shown.join(" "));
    }
    Ok(())
}

/// A small BERT with fresh parameters, and a tokenizer trained on the words.
fn from_scratch(notes: &Dataset<Note>) -> trainer_core::Result<(BertForTokenClassification<Tag>, Tokenizer)> {
    let texts: Vec<String> = notes.iter().map(|note| note.tokens.join(" ")).collect();
    // Names begin with capital letters, so these stay.
    let settings =
        WordPieceSettings { vocab_size: 800, lowercase: false, max_length: 64, ..WordPieceSettings::default() };
    let tokenizer = Tokenizer::train_wordpiece(&texts, &settings)?;
    let model = BertForTokenClassification::from_config(BertConfig {
        hidden_size: 96,
        num_hidden_layers: 2,
        num_attention_heads: 4,
        intermediate_size: 384,
        max_position_embeddings: 64,
        initializer_range: 0.05,
        ..BertConfig::default().with_tokenizer(&tokenizer)
    })?;
    Ok((model, tokenizer))
}
