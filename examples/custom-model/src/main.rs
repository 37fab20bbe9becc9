//! Says how urgent a message to the caretaker is: with a convolution over words, a loss and a metric that are written here.

use candle_core::{DType, Device, Tensor};
use candle_nn::{Conv1d, Conv1dConfig, Module, conv1d};
use trainer_core::nn::{Dropout, Embedding, Linear, embedding, linear, softmax};
use trainer_core::prelude::*;

/// The classes have an order, which an ordinary loss and accuracy do not know.
#[derive(ClassLabel, Clone, Copy, Debug, PartialEq, Eq)]
enum Urgency {
    Low,
    Normal,
    High,
    Emergency,
}

#[derive(Example)]
#[example(train = "data/train.jsonl", eval = "data/eval.jsonl")]
struct Note {
    #[example(text)]
    text: String,
    #[example(label)]
    urgency: Urgency,
}

#[derive(TrainingArgs)]
#[training_args(
    eval_strategy = "epoch",
    save_strategy = "epoch",
    save_total_limit = 2,
    load_best_model_at_end = true,
    metric_for_best_model = "levels_off",
    weight_decay = 0.01
)]
struct Args {
    /// Folder for checkpoints, logs and the trained model.
    #[arg(default = "results")]
    output_dir: String,
    /// Learning rate at the start.
    #[arg(default = 5e-3, range = 1e-7..=1e-1)]
    learning_rate: f64,
    /// Passes over the rows.
    #[arg(default = 20.0)]
    num_train_epochs: f64,
    /// Rows in a batch.
    #[arg(default = 16)]
    per_device_train_batch_size: usize,
    /// Filters of the convolution: an argument of the model's, not of the trainer's.
    #[arg(own, default = 128)]
    filters: usize,
    /// Seed of everything random.
    #[arg(default = 42)]
    seed: u64,
}

/// Words, windows of three of them, the strongest answer of each filter, and a score for each class (Kim 2014).
struct WordWindows {
    words: Embedding,
    windows: Conv1d,
    dropout: Dropout,
    output: Linear,
    parameters: Parameters,
}

const WIDTH: usize = 48;

impl WordWindows {
    fn new(vocabulary: usize, filters: usize, seed: u64) -> trainer_core::Result<Self> {
        let parameters = Parameters::new(&Device::Cpu, seed);
        // Whatever asks the builder for a tensor gets a parameter of that name: layers of candle as well as of this crate.
        let builder = parameters.builder();
        let same_length = Conv1dConfig { padding: 1, ..Conv1dConfig::default() };
        Ok(Self {
            words: embedding(vocabulary, WIDTH, 0.5, builder.pp("words"))?,
            windows: conv1d(WIDTH, filters, 3, same_length, builder.pp("windows"))?,
            dropout: Dropout::new(0.3, "output")?,
            output: linear(filters, Urgency::COUNT, 0.1, builder.pp("output"))?,
            parameters,
        })
    }
}

impl Model for WordWindows {
    fn forward(&self, batch: &Batch, mode: Mode) -> trainer_core::Result<Output> {
        // Padding is zero before the convolution and after it, so that it changes nothing: `[batch, length, 1]`.
        let is_word = batch.attention_mask()?.to_dtype(DType::F32)?.unsqueeze(2)?;
        let words = self.words.forward(batch.input_ids()?)?.broadcast_mul(&is_word)?;
        let windows = self.windows.forward(&words.transpose(1, 2)?.contiguous()?)?.relu()?;
        let strongest = windows.broadcast_mul(&is_word.transpose(1, 2)?)?.max(2)?;
        Ok(Output { logits: self.output.forward(&self.dropout.forward(&strongest, mode)?)? })
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }
}

/// How far the probability has to be carried over the levels to where it belongs, squared at each step (Hou et al. 2016): to take
/// an emergency for something low costs more than to take it for high.
#[loss]
fn carried(output: &Output, batch: &Batch) -> trainer_core::Result<LossSum> {
    let probabilities = softmax(&output.logits)?;
    let labels = batch.labels()?.to_dtype(DType::F32)?.unsqueeze(1)?;
    let levels = Tensor::arange(0.0, Urgency::COUNT as f32, labels.device())?.unsqueeze(0)?;
    // For each level, whether the right one is not above it: the sums that the probabilities up to there should have.
    let right = labels.broadcast_le(&levels)?.to_dtype(DType::F32)?;
    let distances = (probabilities.cumsum(1)? - right)?.sqr()?.sum(1)?;
    LossSum::weighted(&distances, &distances.ones_like()?)
}

/// By how many levels the messages are off, on average.
#[metric(greater_is_better = false)]
fn levels_off(predictions: Predictions<'_, Urgency>, labels: Labels<'_, Urgency>) -> f64 {
    let off: usize = predictions.iter().zip(labels.iter()).map(|(p, l)| p.index().abs_diff(l.index())).sum();
    off as f64 / labels.len() as f64
}

#[trainer(collator = Padding, loss = carried, metrics = [levels_off, accuracy])]
struct NoteTrainer {
    model: WordWindows,
    args: Args,
    train_dataset: Dataset<Note>,
    eval_dataset: Dataset<Note>,
    tokenizer: Tokenizer,
}

fn main() -> trainer_core::Result<()> {
    let args = Args::parse();
    let (train_dataset, eval_dataset) = (Dataset::<Note>::train()?, Dataset::eval()?);
    let texts: Vec<&str> = train_dataset.iter().map(|note| note.text.as_str()).collect();
    let settings = WordPieceSettings { vocab_size: 1500, max_length: 64, ..WordPieceSettings::default() };
    let tokenizer = Tokenizer::train_wordpiece(&texts, &settings)?;
    let model = WordWindows::new(tokenizer.vocabulary_size(), args.filters, args.seed)?;
    let final_folder = format!("{}/final", args.output_dir);
    let mut trainer = NoteTrainer { model, args, train_dataset, eval_dataset, tokenizer };

    println!("before training\n{}\n", trainer.evaluate()?);
    trainer.train()?;
    println!("\nafter training\n{}\n", trainer.evaluate()?);
    trainer.save_model(&final_folder)?;
    println!("saved to {final_folder}\n");

    let predictor = trainer.predictor()?;
    for text in [
        "Is there a place for a second bike?",
        "The light in the bedroom flickers.",
        "No hot water again, and the baby is ill. Please come today.",
        "There is smoke on the stairs!",
    ] {
        let prediction = predictor.predict_one(text)?;
        println!("{:10} {:3.0} %  {text}", prediction.label.to_string(), 100.0 * prediction.score);
    }
    Ok(())
}
