//! Model directories that are of another model, damaged or not whole.

use std::collections::BTreeMap;
use std::fs;

use candle_core::{DType, Device, Tensor};
use tempfile::TempDir;
use trainer_core::model::weights;
use trainer_core::prelude::*;
use trainer_core::{ErrorKind, Result};

use crate::{Rating, args, has, refusal, trainer};

/// Two of the classes.
#[derive(ClassLabel, Clone, Copy, Debug, PartialEq, Eq)]
enum Polarity {
    Negative,
    Positive,
}

/// The classes, in another order.
#[derive(ClassLabel, Clone, Copy, Debug, PartialEq, Eq)]
enum Reversed {
    Positive,
    Neutral,
    Negative,
}

/// A folder with the small model, as `save_model` writes it.
fn saved() -> Result<TempDir> {
    let folder = TempDir::new()?;
    trainer(args(&folder.path().join("results"), ""))?.save_model(folder.path().join("model"))?;
    Ok(folder)
}

#[track_caller]
fn load<L: trainer_core::data::LabelColumn>(folder: &TempDir) -> String {
    let loaded = BertForSequenceClassification::<L>::from_pretrained(folder.path().join("model"));
    refusal(folder.path(), ErrorKind::Model, loaded.map(drop))
}

#[test]
fn a_head_of_other_labels_is_refused() -> Result<()> {
    let folder = saved()?;
    BertForSequenceClassification::<Rating>::from_pretrained(folder.path().join("model"))?;
    let expected = "…/model/model.safetensors: the head has 3 classes, but `Polarity` has 2\n\
                    help: for other labels, load it with `from_pretrained_with_new_head`";
    assert_eq!(load::<Polarity>(&folder), expected);
    let expected = "…/model/config.json: the head's classes are negative, neutral, positive, but those of `Reversed` are \
                    positive, neutral, negative\nhelp: name the classes so, in this order\n\
                    help: for other labels, load it with `from_pretrained_with_new_head`";
    assert_eq!(load::<Reversed>(&folder), expected);
    let expected = "…/model/model.safetensors: the head gives 3 numbers, but the label is 1\n\
                    help: for other labels, load it with `from_pretrained_with_new_head`";
    assert_eq!(load::<f32>(&folder), expected);
    Ok(())
}

/// Changes the tensors of the saved model.
fn with_tensors(change: impl FnOnce(&mut BTreeMap<String, Tensor>)) -> Result<TempDir> {
    let folder = saved()?;
    let path = folder.path().join("model/model.safetensors");
    let mut tensors = weights::read(&path, &Device::Cpu)?;
    change(&mut tensors);
    weights::write(&path, &tensors)?;
    Ok(folder)
}

#[test]
fn tensors_that_are_missing_left_over_or_of_another_shape_are_named() -> Result<()> {
    let word = "bert.embeddings.word_embeddings.weight";
    let without = with_tensors(|tensors| drop(tensors.remove(word)))?;
    let of_one = "help: `config.json` and the weights must be of one model, and of this architecture";
    let expected = format!("…/model/model.safetensors lacks `{word}`\n{of_one}");
    assert_eq!(load::<Rating>(&without), expected);
    let zeros = Tensor::zeros((2, 3), DType::F32, &Device::Cpu)?;
    let more = with_tensors(|tensors| drop(tensors.insert("adapter.weight".to_owned(), zeros.clone())))?;
    has(&load::<Rating>(&more), &["…/model/model.safetensors has tensors that this model does not: `adapter.weight`"]);
    let pooler = "pooler.dense.bias";
    let twice = with_tensors(|tensors| {
        let bias = tensors[&format!("bert.{pooler}")].clone();
        drop(tensors.insert(pooler.to_owned(), bias));
    })?;
    let expected = format!("…/model/model.safetensors has one tensor twice: as `bert.{pooler}` and as `{pooler}`\n");
    has(&load::<Rating>(&twice), &[&expected]);
    let shape = with_tensors(|tensors| drop(tensors.insert("bert.pooler.dense.weight".to_owned(), zeros)))?;
    let expected = "…/model: `bert.pooler.dense.weight` has the shape [2, 3], but the model needs [8, 8]\n\
                    help: the weights and `config.json` are of different models";
    assert_eq!(load::<Rating>(&shape), expected);
    Ok(())
}

#[test]
fn weights_that_are_no_whole_file_are_refused() -> Result<()> {
    let folder = saved()?;
    let path = folder.path().join("model/model.safetensors");
    let bytes = fs::read(&path)?;
    let half = format!("…/model/model.safetensors` is no whole safetensors file ({} bytes): ", bytes.len() / 2);
    for (content, start) in [
        (&bytes[..bytes.len() / 2], half.as_str()),
        (&b"this is no safetensors file"[..], "…/model/model.safetensors` is no whole safetensors file (27 bytes): "),
        (&b""[..], "…/model/model.safetensors` is no whole safetensors file (0 bytes): "),
    ] {
        fs::write(&path, content)?;
        has(&load::<Rating>(&folder), &[start, "\nhelp: copy or download it again"]);
    }
    fs::remove_file(&path)?;
    let load = || BertForSequenceClassification::<Rating>::from_pretrained(folder.path().join("model")).map(drop);
    let files = "help: a model directory holds `config.json`, `model.safetensors` and `tokenizer.json`";
    has(&refusal(folder.path(), ErrorKind::Io, load()), &["cannot read `…/model/model.safetensors`: ", files]);
    fs::create_dir(&path)?;
    has(&refusal(folder.path(), ErrorKind::Io, load()), &["cannot read `…/model/model.safetensors`: ", files]);
    let index = folder.path().join("model/model.safetensors.index.json");
    fs::write(&index, "{}")?;
    has(
        &refusal(folder.path(), ErrorKind::Model, load()),
        &["…/model/model.safetensors.index.json: this is no index of weights: "],
    );
    fs::write(&index, r#"{"weight_map": {"classifier.bias": "model-00001-of-00001.safetensors"}}"#)?;
    has(&refusal(folder.path(), ErrorKind::Io, load()), &["cannot read `…/model/model-00001-of-00001.safetensors`: "]);
    fs::remove_file(folder.path().join("model/config.json"))?;
    has(&refusal(folder.path(), ErrorKind::Io, load()), &["cannot read `…/model/config.json`: ", files]);
    Ok(())
}

#[test]
fn a_configuration_that_is_not_of_this_model_is_refused_before_its_weights_are_read() -> Result<()> {
    let folder = saved()?;
    let path = folder.path().join("model/config.json");
    let text = fs::read_to_string(&path)?;
    fs::remove_file(folder.path().join("model/model.safetensors"))?;
    let with = |from: &str, to: &str| -> Result<String> {
        assert!(text.contains(from), "{text}");
        fs::write(&path, text.replace(from, to))?;
        Ok(load::<Rating>(&folder))
    };
    let expected = "…/model/config.json: `model_type` is \"roberta\", but this model is \"bert\"\n\
                    help: take a model of the BERT family";
    assert_eq!(with("\"model_type\": \"bert\"", "\"model_type\": \"roberta\"")?, expected);
    let line = 1 + text.lines().position(|line| line.contains("\"hidden_size\"")).expect("it is there");
    let expected =
        format!("…/model/config.json:{line}: `hidden_size` is \"big\", expected a whole number of at least 0");
    assert_eq!(with("\"hidden_size\": 8", "\"hidden_size\": \"big\"")?, expected);
    has(&with("\"hidden_size\": 8", "\"hidden_size\": 0")?, &["…/model/config.json: `hidden_size` is 0, but must be"]);
    has(
        &with("\"gelu\"", "\"geluu\"")?,
        &["…/model/config.json: `hidden_act` is \"geluu\", which is not known\nhelp: "],
    );
    fs::write(&path, &text[..text.len() / 2])?;
    let message = load::<Rating>(&folder);
    let line = text[..text.len() / 2].matches('\n').count() + 1;
    has(&message, &[&format!("…/model/config.json:{line}: the JSON ends too early: "), "\nhelp: the file is damaged"]);
    fs::write(&path, "[]")?;
    has(&load::<Rating>(&folder), &["…/model/config.json: this is no JSON object\nhelp: "]);
    let loaded = BertForSequenceClassification::<Rating>::from_pretrained(&path).map(drop);
    let message = refusal(folder.path(), ErrorKind::Model, loaded);
    has(&message, &["`…/model/config.json` is a file, expected the folder of a model\nhelp: a model directory holds"]);
    Ok(())
}

#[test]
fn a_tokenizer_that_is_missing_damaged_or_too_large_is_refused() -> Result<()> {
    let folder = saved()?;
    let path = folder.path().join("model/tokenizer.json");
    let load = || Tokenizer::from_pretrained(folder.path().join("model").display().to_string()).map(drop);
    let text = fs::read_to_string(&path)?;
    for content in [&text[..text.len() / 2], "{}", ""] {
        fs::write(&path, content)?;
        let message = refusal(folder.path(), ErrorKind::Text, load());
        has(&message, &["…/model/tokenizer.json: not a tokenizer that can be read: ", "\nhelp: the file is damaged"]);
    }
    fs::remove_file(&path)?;
    let expected = "the folder `…/model` has no `tokenizer.json`\n\
                    help: copy it from the model's page on the hub, together with `tokenizer_config.json`";
    assert_eq!(refusal(folder.path(), ErrorKind::Text, load()), expected);

    let mut trainer = trainer(args(&folder.path().join("results"), ""))?;
    let embeddings = trainer.model.config().vocab_size;
    let texts = ["a film of quite another kind", "with many more words, zebras and quizzes"];
    let settings = WordPieceSettings { vocab_size: 200, ..Default::default() };
    trainer.tokenizer = Tokenizer::train_wordpiece(&texts, &settings)?;
    let tokens = trainer.tokenizer.vocabulary_size();
    assert!(tokens > embeddings, "{tokens} and {embeddings}");
    let message = format!("the tokenizer has {tokens} tokens, but the model has embeddings for {embeddings}\nhelp: ");
    has(&refusal(folder.path(), ErrorKind::Model, trainer.train()), &[&message, "load both from one directory"]);
    has(&refusal(folder.path(), ErrorKind::Model, trainer.predict_one("a film")), &[&message]);
    Ok(())
}
