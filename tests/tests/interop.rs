//! Python loads what is saved here, without a missing or unexpected tensor, and gives the same logits.

use std::process::Command;

use trainer_core::Result;
use trainer_core::prelude::*;

/// What f32 sums in another order differ by.
const LOGITS: f32 = 1e-4;

const ROWS: [(&str, &str); 4] = [
    ("worth every penny", "positive"),
    ("does the job, nothing special about it", "neutral"),
    ("crashes every time", "negative"),
    ("정말 좋아요 ㅋㅋ", "positive"),
];

#[derive(ClassLabel, Clone, Copy, Debug, PartialEq, Eq)]
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

#[derive(TrainingArgs)]
#[training_args(learning_rate = 1e-3, save_strategy = "no")]
struct Args {
    output_dir: String,
}

#[trainer(collator = Padding)]
struct ReviewTrainer {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

#[trainer(collator = Padding, peft = lora(r = 4, alpha = 16, target_modules = "all-linear", use_rslora, use_dora))]
struct AdapterTrainer {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

fn trained(folder: &std::path::Path) -> Result<ReviewTrainer> {
    let texts = ROWS.map(|(text, _)| text);
    let tokenizer = Tokenizer::train_wordpiece(&texts, &WordPieceSettings { vocab_size: 120, ..Default::default() })?;
    let rows = ROWS.map(|(text, label)| Review {
        text: text.to_owned(),
        label: Rating::from_name(label).expect("a class of the enum"),
    });
    let mut trainer = ReviewTrainer {
        model: BertForSequenceClassification::from_config(BertConfig {
            vocab_size: tokenizer.vocabulary_size(),
            hidden_size: 32,
            num_hidden_layers: 2,
            num_attention_heads: 4,
            intermediate_size: 64,
            ..BertConfig::default()
        })?,
        args: Args { output_dir: folder.join("run").to_string_lossy().into_owned() },
        train_dataset: Dataset::from_examples(rows.into()),
        tokenizer,
    };
    trainer.train()?;
    Ok(trainer)
}

#[test]
#[ignore = "needs Python with torch and transformers: set TRAINER_PYTHON to its interpreter"]
fn python_loads_what_is_saved_and_gives_the_same_logits() -> Result<()> {
    let Some(python) = std::env::var_os("TRAINER_PYTHON") else {
        println!("skipped: set TRAINER_PYTHON to a Python that has torch and transformers");
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let trainer = trained(folder.path())?;
    let saved = folder.path().join("final");
    trainer.save_model(&saved)?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/interop/logits.py");
    let rows = serde_json::to_string(&ROWS.map(|(text, _)| text)).expect("texts are JSON");
    let run = Command::new(python).arg(script).arg(&saved).arg(rows).env("HF_HUB_OFFLINE", "1").output()?;
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let said: serde_json::Value = serde_json::from_slice(&run.stdout).expect("the script prints JSON");
    assert_eq!(said["labels"], serde_json::json!(Rating::NAMES));
    let theirs: Vec<Vec<f32>> = serde_json::from_value(said["logits"].clone()).expect("logits");
    let ours = trainer.predict(&trainer.train_dataset)?.logits;
    for (ours, theirs) in ours.iter().flatten().zip(theirs.iter().flatten()) {
        assert!((ours - theirs).abs() < LOGITS, "{ours} here, {theirs} in Python");
    }
    assert_eq!(ours.len(), theirs.len());
    Ok(())
}

#[test]
#[ignore = "needs Python with torch, transformers and peft: set TRAINER_PYTHON to its interpreter"]
fn peft_loads_the_adapters_that_are_saved_and_gives_the_same_logits() -> Result<()> {
    let Some(python) = std::env::var_os("TRAINER_PYTHON") else {
        println!("skipped: set TRAINER_PYTHON to a Python that has torch, transformers and peft");
        return Ok(());
    };
    if !Command::new(&python).args(["-c", "import peft"]).output()?.status.success() {
        println!("skipped: the Python that TRAINER_PYTHON names has no `peft`");
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let whole = trained(folder.path())?;
    let (base, adapter) = (folder.path().join("base"), folder.path().join("adapter"));
    whole.save_model(&base)?;
    let ReviewTrainer { args, train_dataset, tokenizer, .. } = whole;
    let model = BertForSequenceClassification::from_pretrained(&base)?;
    let mut trainer = AdapterTrainer { model, args, train_dataset, tokenizer };
    trainer.train()?;
    trainer.save_model(&adapter)?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/interop/adapter_logits.py");
    let rows = serde_json::to_string(&ROWS.map(|(text, _)| text)).expect("texts are JSON");
    let run = Command::new(python).arg(script).args([&base, &adapter]).arg(rows).env("HF_HUB_OFFLINE", "1").output()?;
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let said: serde_json::Value = serde_json::from_slice(&run.stdout).expect("the script prints JSON");
    let ours = trainer.predict(&trainer.train_dataset)?.logits;
    for way in ["adapted", "merged"] {
        let theirs: Vec<Vec<f32>> = serde_json::from_value(said[way].clone()).expect("logits");
        assert_eq!(ours.len(), theirs.len());
        for (ours, theirs) in ours.iter().flatten().zip(theirs.iter().flatten()) {
            assert!((ours - theirs).abs() < LOGITS, "{way}: {ours} here, {theirs} in Python");
        }
    }
    Ok(())
}
