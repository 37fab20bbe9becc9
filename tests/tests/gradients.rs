//! What a callback sees of the gradients of an update, and that looking at them changes nothing.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};

use candle_core::DType;
use trainer_core::args::SaveStrategy;
use trainer_core::model::{BertConfig, BertForSequenceClassification, Model as _};
use trainer_core::tensor::gradients::Gradient;
use trainer_core::train::checkpoint::folder_of;
use trainer_core::train::{Callback, Control, RunMoment};
use trainer_core::{Result, Trainer};
use trainer_tests::json;
use trainer_tests::reference::{ReferenceTrainer, Tone};

const WORDS: &str = "bert.embeddings.word_embeddings.weight";
const MAX_GRAD_NORM: f64 = 0.01;
/// Updates of the runs here.
const UPDATES: usize = 10;

/// What a callback saw of one update.
#[derive(Clone, Debug)]
struct Seen {
    names: BTreeSet<String>,
    norm: f64,
    /// Rows of the word embeddings that have a gradient.
    words: Option<usize>,
}

struct Looking(Arc<Mutex<Vec<Seen>>>);

impl Callback for Looking {
    fn on_pre_optimizer_step(&mut self, moment: &RunMoment<'_>, _: &mut Control) -> Result<()> {
        let gradients = moment.gradients.expect("this event has the gradients");
        let mut squares = 0.0;
        for gradient in gradients.values() {
            let tensor = gradient.to_tensor()?.to_dtype(DType::F64)?;
            assert_eq!(tensor.shape(), gradient.shape());
            squares += tensor.sqr()?.sum_all()?.to_scalar::<f64>()?;
        }
        let words = match &gradients[WORDS] {
            Gradient::Rows(rows) => Some(rows.rows().len()),
            Gradient::Dense(_) => None,
        };
        let seen = Seen { names: gradients.keys().cloned().collect(), norm: squares.sqrt(), words };
        self.0.lock().expect("no test panics while it looks").push(seen);
        Ok(())
    }
}

/// Trains a small model from scratch, two micro-batches an update.
fn train(folder: &Path, looks: bool) -> Result<(ReferenceTrainer<Tone>, Vec<Seen>)> {
    let mut trainer = ReferenceTrainer::<Tone>::new(&json("training/a-plain/run.json"), folder)?;
    trainer.model = BertForSequenceClassification::from_config(BertConfig {
        vocab_size: 800,
        hidden_size: 16,
        num_hidden_layers: 1,
        num_attention_heads: 2,
        intermediate_size: 32,
        max_position_embeddings: 64,
        ..BertConfig::default()
    })?;
    let arguments = &mut trainer.args.0;
    arguments.per_device_train_batch_size = 5;
    arguments.gradient_accumulation_steps = 2;
    arguments.num_train_epochs = 2.0;
    arguments.save_strategy = SaveStrategy::Epoch;
    arguments.max_grad_norm = MAX_GRAD_NORM;
    let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
    if looks {
        let seen = Arc::clone(&seen);
        trainer.callbacks = Box::new(move || vec![Box::new(Looking(Arc::clone(&seen)))]);
    }
    trainer.train()?;
    let seen = seen.lock().expect("no test panics while it looks").clone();
    Ok((trainer, seen))
}

#[test]
fn a_callback_sees_the_clipped_gradient_of_every_parameter() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (trainer, seen) = train(folder.path(), true)?;
    assert_eq!(seen.len(), UPDATES);
    let names: BTreeSet<String> = trainer.model.parameters().list().into_iter().map(|p| p.name).collect();
    for update in seen {
        assert_eq!(update.names, names);
        assert!((update.norm / MAX_GRAD_NORM - 1.0).abs() < 1e-3, "{update:?}");
        assert!(update.words.is_some_and(|rows| (1..400).contains(&rows)), "{update:?}");
    }
    Ok(())
}

#[test]
fn looking_at_the_gradients_changes_no_bit() -> Result<()> {
    let folders = [tempfile::tempdir()?, tempfile::tempdir()?];
    let mut files = Vec::new();
    for (folder, looks) in folders.iter().zip([true, false]) {
        train(folder.path(), looks)?;
        let last = folder_of(folder.path(), UPDATES);
        files.push(["model.safetensors", "optimizer.safetensors"].map(|name| std::fs::read(last.join(name)).unwrap()));
    }
    assert!(files[0] == files[1], "the checkpoints differ");
    Ok(())
}
