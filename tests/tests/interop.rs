//! Python loads what is saved here, without a missing or unexpected tensor, and gives the same logits.

use std::ffi::OsStr;
use std::process::Command;

use candle_core::{DType, Device, Tensor};
use trainer_core::Result;
use trainer_core::data::{LanguageModeling, SequenceClassification, Task, TokenClassification};
use trainer_core::model::saved;
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

/// Saves an encoder and compares its logits of a padded batch with those of the class that Python makes of it.
fn python_gives_the_same<T: Task>(python: &OsStr, class: &str, model: &impl Model) -> Result<()> {
    let folder = tempfile::tempdir()?;
    saved::save::<T>(model, folder.path())?;
    let padding = model.configuration().and_then(|config| config["pad_token_id"].as_u64()).expect("an id") as u32;
    let (ids, mask) = ([[5u32, 9, 7, 6, 11], [5, 8, 6, padding, padding]], [[1u32; 5], [1, 1, 1, 0, 0]]);
    let batch = Batch {
        rows: vec![0, 1],
        input_ids: Some(Tensor::new(&ids, &Device::Cpu)?),
        attention_mask: Some(Tensor::new(&mask, &Device::Cpu)?),
        real_tokens: Some(vec![0, 1, 2, 3, 4, 5, 6, 7]),
        ..Batch::default()
    };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/interop/encoder_logits.py");
    let rows = serde_json::json!({ "input_ids": ids, "attention_mask": mask }).to_string();
    let run = Command::new(python).arg(script).arg(folder.path()).arg(rows).env("HF_HUB_OFFLINE", "1").output()?;
    assert!(run.status.success(), "{class}: {}", String::from_utf8_lossy(&run.stderr));
    let said: serde_json::Value = serde_json::from_slice(&run.stdout).expect("the script prints JSON");
    assert_eq!(said["class"], class);
    let ours = model.forward(&batch, Mode::Evaluate)?.logits;
    let theirs: Vec<f32> = serde_json::from_value(said["logits"].clone()).expect("logits");
    let mut theirs = Tensor::from_vec(theirs, ours.shape(), &Device::Cpu)?;
    if ours.rank() == 3 {
        theirs = theirs.broadcast_mul(&batch.attention_mask()?.to_dtype(DType::F32)?.unsqueeze(2)?)?;
    }
    let difference = (ours - theirs)?.abs()?.flatten_all()?.max(0)?.to_scalar::<f32>()?;
    assert!(difference < LOGITS, "{class}: logits differ by {difference}");
    Ok(())
}

/// A small configuration of a family, wide enough for logits that differ.
fn small<C: serde::de::DeserializeOwned>() -> C {
    let config = serde_json::json!({
        "vocab_size": 40, "embedding_size": 8, "initializer_range": 0.3, "max_position_embeddings": 20,
        "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 24,
        "dim": 16, "n_layers": 2, "n_heads": 4, "hidden_dim": 24,
    });
    serde_json::from_value(config).expect("a configuration")
}

#[test]
#[ignore = "needs Python with torch and transformers: set TRAINER_PYTHON to its interpreter"]
fn python_loads_every_family_with_every_head_and_gives_the_same_logits() -> Result<()> {
    let Some(python) = std::env::var_os("TRAINER_PYTHON") else {
        println!("skipped: set TRAINER_PYTHON to a Python that has torch and transformers");
        return Ok(());
    };
    macro_rules! family {
        ($name:literal $sequence:ident $tokens:ident $masked:ident) => {
            let class = |task: &str| format!("{}{task}", $name);
            let model = $sequence::<Rating>::from_config(small())?;
            python_gives_the_same::<SequenceClassification<Rating>>(
                &python,
                &class("ForSequenceClassification"),
                &model,
            )?;
            let model = $tokens::<Rating>::from_config(small())?;
            python_gives_the_same::<TokenClassification<Rating>>(&python, &class("ForTokenClassification"), &model)?;
            python_gives_the_same::<LanguageModeling>(&python, &class("ForMaskedLM"), &$masked::from_config(small())?)?;
        };
    }
    family!("Bert" BertForSequenceClassification BertForTokenClassification BertForMaskedLM);
    family!("Roberta" RobertaForSequenceClassification RobertaForTokenClassification RobertaForMaskedLM);
    family!("DistilBert" DistilBertForSequenceClassification DistilBertForTokenClassification DistilBertForMaskedLM);
    family!("Electra" ElectraForSequenceClassification ElectraForTokenClassification ElectraForMaskedLM);
    let other = serde_json::from_value(serde_json::json!({ "model_type": "xlm-roberta" })).expect("an object");
    let model = RobertaForMaskedLM::from_config(RobertaConfig { other, ..small() })?;
    python_gives_the_same::<LanguageModeling>(&python, "XLMRobertaForMaskedLM", &model)?;
    let other = serde_json::from_value(serde_json::json!({ "tie_word_embeddings": false })).expect("an object");
    let model = BertForMaskedLM::from_config(BertConfig { other, ..small() })?;
    python_gives_the_same::<LanguageModeling>(&python, "BertForMaskedLM", &model)
}
