//! What is saved loads here and in Python, without a missing or unexpected tensor, and gives the same scores.

use std::path::Path;
use std::process::Command;

use candle_core::{Device, Tensor};
use serde_json::json;
use trainer_core::Result;
use trainer_core::collate::Batch;
use trainer_core::data::Seq2Seq;
use trainer_core::model::{
    AutoModelForSeq2SeqLM, BartConfig, BartForConditionalGeneration, MarianConfig, MarianMTModel, Model, T5Config,
    T5ForConditionalGeneration, saved, weights,
};
use trainer_core::tensor::random::Mode;

use super::folder;

/// What f32 sums in another order differ by.
const LOGITS: f32 = 1e-4;
const SOURCE: [[u32; 5]; 2] = [[5, 9, 20, 33, 2], [7, 7, 11, 2, 2]];
const TARGET: [[u32; 3]; 2] = [[0, 17, 4], [0, 30, 31]];

fn scores(model: &impl Model) -> Result<Tensor> {
    let batch = Batch {
        rows: vec![0, 1],
        input_ids: Some(Tensor::new(&SOURCE, &Device::Cpu)?),
        decoder_input_ids: Some(Tensor::new(&TARGET, &Device::Cpu)?),
        ..Batch::default()
    };
    Ok(model.forward(&batch, Mode::Evaluate)?.logits)
}

fn t5(feed_forward_proj: &str, tie_word_embeddings: bool) -> Result<T5ForConditionalGeneration> {
    T5ForConditionalGeneration::from_config(T5Config {
        vocab_size: 40,
        d_model: 16,
        d_kv: 6,
        d_ff: 24,
        num_layers: 1,
        num_decoder_layers: Some(2),
        num_heads: 4,
        feed_forward_proj: feed_forward_proj.to_owned(),
        tie_word_embeddings,
        ..T5Config::default()
    })
}

fn bart() -> Result<BartForConditionalGeneration> {
    BartForConditionalGeneration::from_config(BartConfig {
        vocab_size: 40,
        max_position_embeddings: 12,
        encoder_layers: 1,
        encoder_ffn_dim: 24,
        encoder_attention_heads: 4,
        decoder_layers: 2,
        decoder_ffn_dim: 20,
        decoder_attention_heads: 2,
        d_model: 16,
        ..BartConfig::default()
    })
}

fn marian(share_encoder_decoder_embeddings: bool) -> Result<MarianMTModel> {
    MarianMTModel::from_config(MarianConfig {
        vocab_size: 40,
        decoder_vocab_size: (!share_encoder_decoder_embeddings).then_some(35),
        max_position_embeddings: 12,
        encoder_layers: 1,
        encoder_ffn_dim: 24,
        encoder_attention_heads: 4,
        decoder_layers: 2,
        decoder_ffn_dim: 20,
        decoder_attention_heads: 2,
        d_model: 16,
        share_encoder_decoder_embeddings,
        pad_token_id: Some(34),
        decoder_start_token_id: Some(34),
        ..MarianConfig::default()
    })
}

/// Every kind of model, saved in a folder of its own, with the scores that it gave.
fn all_saved(within: &Path) -> Result<Vec<(std::path::PathBuf, Tensor)>> {
    let mut all = Vec::new();
    let mut save = |name: &str, scores: Result<Tensor>, save: &dyn Fn(&Path) -> Result<()>| -> Result<()> {
        let folder = within.join(name);
        std::fs::create_dir(&folder)?;
        save(&folder)?;
        all.push((folder, scores?));
        Ok(())
    };
    for (name, model) in [("tied", t5("relu", true)?), ("own-head", t5("gated-gelu", false)?)] {
        save(name, scores(&model), &|folder| saved::save::<Seq2Seq>(&model, folder))?;
    }
    let model = bart()?;
    save("bart", scores(&model), &|folder| saved::save::<Seq2Seq>(&model, folder))?;
    for (name, model) in [("marian", marian(true)?), ("two-tables", marian(false)?)] {
        save(name, scores(&model), &|folder| saved::save::<Seq2Seq>(&model, folder))?;
    }
    Ok(all)
}

fn largest_difference(one: &Tensor, other: &Tensor) -> Result<f32> {
    Ok((one - other)?.abs()?.max_all()?.to_scalar::<f32>()?)
}

#[test]
fn what_is_saved_loads_with_the_same_scores() -> Result<()> {
    let within = tempfile::tempdir()?;
    for (folder, expected) in all_saved(within.path())? {
        let found = scores(&AutoModelForSeq2SeqLM::from_pretrained(&folder)?)?;
        assert!(largest_difference(&found, &expected)? == 0.0, "{}", folder.display());
    }
    Ok(())
}

#[test]
fn a_model_of_python_is_saved_under_the_same_names_with_the_same_numbers() -> Result<()> {
    for name in ["t5-relu", "t5-gated-gelu", "bart", "marian"] {
        let written = tempfile::tempdir()?;
        saved::save::<Seq2Seq>(&AutoModelForSeq2SeqLM::from_pretrained(folder(name))?, written.path())?;
        let read = |folder: &Path| weights::read(&folder.join("model.safetensors"), &Device::Cpu);
        let (found, expected) = (read(written.path())?, read(&folder(name))?);
        assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>(), "{name}");
        for (parameter, expected) in &expected {
            assert_eq!(found[parameter].dims(), expected.dims(), "{name}: {parameter}");
            assert!(largest_difference(&found[parameter], expected)? == 0.0, "{name}: {parameter}");
        }
    }
    Ok(())
}

#[test]
fn a_folder_of_another_kind_of_model_is_refused_by_its_type() {
    let refused = AutoModelForSeq2SeqLM::from_pretrained(folder("bert-seqcls")).err().map(|error| error.to_string());
    let message = refused.unwrap_or_default();
    assert!(message.contains("`model_type` is \"bert\"") && message.contains("t5, bart, marian"), "{message}");
    let refused = T5ForConditionalGeneration::from_pretrained(folder("bart")).err().map(|error| error.to_string());
    let message = refused.unwrap_or_default();
    assert!(message.contains("`model_type` is \"bart\", but this model is \"t5\""), "{message}");
}

#[test]
#[ignore = "needs Python with torch and transformers: set TRAINER_PYTHON to its interpreter"]
fn python_loads_what_is_saved_and_gives_the_same_scores() -> Result<()> {
    let Some(python) = std::env::var_os("TRAINER_PYTHON") else {
        println!("skipped: set TRAINER_PYTHON to a Python that has torch and transformers");
        return Ok(());
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("interop/scores.py");
    let within = tempfile::tempdir()?;
    for (folder, expected) in all_saved(within.path())? {
        let batch = json!({ "input_ids": SOURCE, "decoder_input_ids": TARGET }).to_string();
        let output = Command::new(&python).arg(&script).arg(&folder).arg(batch).output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {said}", folder.display());
        let found: Vec<Vec<Vec<f32>>> = serde_json::from_slice(&output.stdout).expect("scores");
        let difference = largest_difference(&Tensor::new(found, &Device::Cpu)?, &expected)?;
        assert!(difference < LOGITS, "{}: scores differ by {difference}", folder.display());
    }
    Ok(())
}
