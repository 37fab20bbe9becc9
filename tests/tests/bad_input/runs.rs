//! Runs that cannot begin, cannot go on, or have nowhere to save.

use std::fs;
use std::path::Path;

use candle_core::{DType, Device};
use tempfile::TempDir;
use trainer_core::prelude::*;
use trainer_core::{ErrorKind, Result};

use crate::{Args, Review, args, has, names, refusal, reviews, tokenizer, trainer};

#[test]
fn an_output_folder_that_cannot_be_one_stops_the_run_before_its_first_step() -> Result<()> {
    let folder = TempDir::new()?;
    let taken = folder.path().join("results");
    fs::write(&taken, "mine")?;
    let help = "help: choose another `output_dir`, or move the file";
    let message = refusal(folder.path(), ErrorKind::Io, trainer(args(&taken, ""))?.train());
    assert_eq!(message, format!("cannot save in `…/results`: it is a file\n{help}"));
    let message = refusal(folder.path(), ErrorKind::Io, trainer(args(&taken.join("deeper"), ""))?.train());
    assert_eq!(message, format!("cannot save in `…/results/deeper`: `…/results` is a file\n{help}"));
    assert_eq!(fs::read_to_string(&taken)?, "mine");
    // No user may write there, not even root.
    if Path::new("/proc/self").is_dir() {
        let message = refusal(folder.path(), ErrorKind::Io, trainer(args(Path::new("/proc/results"), ""))?.train());
        has(&message, &["cannot save in `/proc/results`: ", "\nhelp: choose another `output_dir`, or change who may"]);
    }
    Ok(())
}

#[test]
fn saving_over_files_of_somebody_else_is_refused_and_leaves_them() -> Result<()> {
    let folder = TempDir::new()?;
    let trainer = trainer(args(&folder.path().join("results"), ""))?;
    let theirs = folder.path().join("theirs");
    fs::create_dir(&theirs)?;
    fs::write(theirs.join("thesis.tex"), "mine")?;
    let expected = "`…/theirs` holds `thesis.tex`, which was not saved by this program\n\
                    help: choose a new folder, or move what is there";
    assert_eq!(refusal(folder.path(), ErrorKind::Checkpoint, trainer.save_model(&theirs)), expected);
    let taken = theirs.join("thesis.tex");
    let message = refusal(folder.path(), ErrorKind::Checkpoint, trainer.save_model(&taken));
    assert_eq!(message, "`…/theirs/thesis.tex` is a file\nhelp: choose a new folder, or move what is there");
    assert_eq!(names(&theirs), ["thesis.tex"]);
    assert_eq!(names(folder.path()), ["theirs"], "nothing is left half-written");
    Ok(())
}

#[test]
fn evaluations_that_cannot_be_are_refused_before_the_first_step() -> Result<()> {
    let folder = TempDir::new()?;
    let mut without = trainer(args(folder.path(), "eval_strategy = \"epoch\""))?;
    without.eval_dataset = None;
    let message = refusal(folder.path(), ErrorKind::Data, without.train());
    let expected = "`eval_strategy` is \"epoch\", but `ReviewTrainer` has no `eval_dataset`\n\
                    help: add the field `eval_dataset: Dataset<…>`, or write `eval_strategy = \"no\"`";
    assert_eq!(message, expected);
    let message = refusal(folder.path(), ErrorKind::Data, without.evaluate());
    has(&message, &["`ReviewTrainer` has no evaluation set\nhelp: "]);
    let mut by = trainer(args(folder.path(), "eval_strategy = \"epoch\"\nmetric_for_best_model = \"acuracy\""))?;
    let expected = "`metric_for_best_model` is \"acuracy\", which no metric of this trainer gives\n\
                    help: did you mean \"accuracy\"?";
    assert_eq!(refusal(folder.path(), ErrorKind::Metric, by.train()), expected);
    Ok(())
}

#[test]
fn a_loss_that_is_no_number_stops_the_run_with_its_rows_and_keeps_the_last_checkpoint() -> Result<()> {
    let folder = TempDir::new()?;
    let mut trainer = trainer(args(folder.path(), "learning_rate = 1e30\nnum_train_epochs = 9.0\nsave_steps = 1"))?;
    let Err(error) = trainer.train() else { panic!("this cannot work") };
    let message = error.to_string();
    assert!(matches!(error.kind(), ErrorKind::Numeric | ErrorKind::Gradient), "{message}");
    let (update, rest) =
        message.strip_prefix("update ").and_then(|rest| rest.split_once(' ')).expect("the update first");
    let update: usize = update.parse().expect("a number");
    assert!(update > 1, "{message}");
    has(rest, &["(example ", ", example ", "): ", "\nhelp: ", "lower `learning_rate`"]);
    let last = trainer_core::train::checkpoint::newest_whole(folder.path())?.checkpoint.expect("it was saved");
    assert_eq!(last, folder.path().join(format!("checkpoint-{}", update - 1)));
    Ok(())
}

#[test]
fn a_checkpoint_that_is_of_another_run_or_none_is_refused() -> Result<()> {
    let folder = TempDir::new()?;
    trainer(args(folder.path(), "save_steps = 1"))?.train()?;
    let checkpoint = folder.path().join("checkpoint-1");
    let mut other = trainer(args(folder.path(), "seed = 7\ngradient_accumulation_steps = 2"))?;
    let message = refusal(folder.path(), ErrorKind::Checkpoint, other.train_from(&checkpoint));
    has(&message, &["…/checkpoint-1 is of another run: ", "`seed` was 42 and is 7", "\nhelp: set them back, or start"]);
    has(&message, &["`gradient_accumulation_steps` was 1 and is 2"]);
    let mut same = trainer(args(folder.path(), "save_steps = 1"))?;
    let message = refusal(folder.path(), ErrorKind::Checkpoint, same.train_from(folder.path().join("checkpoint-9")));
    assert_eq!(
        message,
        "there is no checkpoint `…/checkpoint-9`\nhelp: checkpoints are folders named `checkpoint-<update>`"
    );
    let mut wider = trainer(args(folder.path(), "save_steps = 1"))?;
    wider.model = BertForSequenceClassification::from_config(BertConfig {
        intermediate_size: 24,
        ..wider.model.config().clone()
    })?;
    let message = refusal(folder.path(), ErrorKind::Model, wider.train_from(&checkpoint));
    has(&message, &["…/checkpoint-1: `", "` has the shape [", "], but the model needs ["]);
    let weights = checkpoint.join("model.safetensors");
    let bytes = fs::read(&weights)?;
    fs::write(&weights, &bytes[..bytes.len() / 2])?;
    let message = refusal(folder.path(), ErrorKind::Checkpoint, same.train_from(&checkpoint));
    let cut = format!(
        "`…/checkpoint-1` has only {} of the {} bytes of `model.safetensors`\nhelp: ",
        bytes.len() / 2,
        bytes.len()
    );
    has(&message, &[&cut, "take another checkpoint"]);
    Ok(())
}

/// A model of the user's with as many logits as it was told; with 3 dimensions, or a product that cannot be (1).
struct Counting {
    layer: candle_nn::Linear,
    parameters: Parameters,
    dimensions: usize,
}

impl Counting {
    fn new(outputs: usize, dimensions: usize) -> Result<Self> {
        let parameters = Parameters::new(&Device::Cpu, 1);
        let layer = candle_nn::linear(1, outputs, parameters.builder().pp("layer"))?;
        Ok(Self { layer, parameters, dimensions })
    }
}

impl Model for Counting {
    fn forward(&self, batch: &Batch, _: Mode) -> Result<Output> {
        use candle_core::Module as _;
        let lengths = batch.attention_mask()?.sum(1)?.to_dtype(DType::F32)?.unsqueeze(1)?;
        let lengths = if self.dimensions == 1 { lengths.t()? } else { lengths };
        let logits = self.layer.forward(&lengths)?;
        Ok(Output { logits: if self.dimensions == 3 { logits.unsqueeze(1)? } else { logits } })
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }
}

#[trainer(collator = Padding)]
struct CountingTrainer {
    model: Counting,
    args: Args,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

#[test]
fn a_model_with_another_number_of_logits_is_refused_on_its_first_batch() -> Result<()> {
    let folder = TempDir::new()?;
    let classes = "help: one for each class of `Rating`, in this order: negative, neutral, positive";
    for outputs in [1, 2, 5] {
        let model = Counting::new(outputs, 2)?;
        let args = args(folder.path(), "");
        let mut trainer = CountingTrainer { model, args, train_dataset: reviews(), tokenizer: tokenizer()? };
        let numbers = if outputs == 1 { "number" } else { "numbers" };
        let what = format!("the model gives {outputs} {numbers} for an example, but its task needs 3\n{classes}");
        let message = refusal(folder.path(), ErrorKind::Shape, trainer.train());
        assert!(message.starts_with("update 1 (example "), "{message}");
        has(&message, &[&what]);
        assert_eq!(refusal(folder.path(), ErrorKind::Shape, trainer.predict_one("a film").map(drop)), what);
        assert_eq!(refusal(folder.path(), ErrorKind::Shape, trainer.evaluate_on(&reviews())), what);
    }
    let (model, args) = (Counting::new(3, 3)?, args(folder.path(), ""));
    let mut trainer = CountingTrainer { model, args, train_dataset: reviews(), tokenizer: tokenizer()? };
    let message = refusal(folder.path(), ErrorKind::Shape, trainer.train());
    has(
        &message,
        &[
            "the model gives logits of the shape [2, 1, 3] for a batch of 2 rows\nhelp: give `[rows, outputs]`, which is [2, 3]",
        ],
    );
    trainer.model = Counting::new(3, 1)?;
    let message = refusal(folder.path(), ErrorKind::Tensor, trainer.train());
    has(&message, &["update 1 (example ", "): shape mismatch in matmul, lhs: [1, 2], rhs: [1, 3]"]);
    assert_eq!(message.lines().count(), 1, "no backtrace in the message: {message}");
    Ok(())
}
