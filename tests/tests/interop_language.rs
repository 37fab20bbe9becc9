//! Python loads causal language models and their adapters as they are saved here, and gives the same scores and texts.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use candle_core::{Device, Tensor};
use serde_json::Value;
use trainer_core::collate::Batch;
use trainer_core::model::generation::{Generate as _, GenerationConfig};
use trainer_core::model::{AutoModelForCausalLM, GPT2Config, Lora, Model as _, PeftModel as _};
use trainer_core::tensor::random::Mode;
use trainer_core::{Result, Trainer as _};
use trainer_tests::language::LanguageTrainer;
use trainer_tests::{fixtures, json};

/// What f32 sums in another order differ by.
const LOGITS: f32 = 1e-4;

const IDS: [u32; 6] = [1, 274, 279, 285, 86, 635];

/// What Python says of the folder, with the adapter over it if there is one; `None` where a package is not there.
fn said(python: &OsStr, folder: &Path, adapter: Option<&Path>) -> Result<Option<Value>> {
    if adapter.is_some() && !Command::new(python).args(["-c", "import peft"]).output()?.status.success() {
        println!("skipped: the Python that TRAINER_PYTHON names has no `peft`");
        return Ok(None);
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/interop/language.py");
    let ids = serde_json::to_string(&IDS).expect("ids are JSON");
    let run =
        Command::new(python).arg(script).arg(folder).arg(ids).args(adapter).env("HF_HUB_OFFLINE", "1").output()?;
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    Ok(Some(serde_json::from_slice(&run.stdout).expect("the script prints JSON")))
}

/// That a model gives what Python gives.
fn agrees(model: &AutoModelForCausalLM, said: &Value) -> Result<()> {
    let input_ids = Some(Tensor::new(&[IDS], &Device::Cpu)?);
    let logits = model.forward(&Batch { rows: vec![0], input_ids, ..Batch::default() }, Mode::Evaluate)?.logits;
    let theirs: Vec<Vec<f32>> = serde_json::from_value(said["logits"].clone()).expect("logits");
    let difference = (logits.get(0)? - Tensor::new(theirs, &Device::Cpu)?)?.abs()?.max_all()?.to_scalar::<f32>()?;
    assert!(difference < LOGITS, "scores differ by {difference}");
    let config = GenerationConfig { max_new_tokens: 8, ..GenerationConfig::default() };
    let written = model.generate(&[IDS.to_vec()], &config)?;
    assert_eq!(serde_json::to_value(&written[0]).expect("ids are JSON"), said["text"]);
    Ok(())
}

#[test]
#[ignore = "needs Python with torch and transformers: set TRAINER_PYTHON to its interpreter"]
fn python_loads_every_model_and_adapter_that_is_saved() -> Result<()> {
    let Some(python) = std::env::var_os("TRAINER_PYTHON") else {
        println!("skipped: set TRAINER_PYTHON to a Python that has torch and transformers");
        return Ok(());
    };
    for (run, class) in
        [("j-gpt2", "GPT2LMHeadModel"), ("j-llama", "LlamaForCausalLM"), ("j-qwen2", "Qwen2ForCausalLM")]
    {
        let (reference, folder) = (json(&format!("training/{run}/run.json")), tempfile::tempdir()?);
        let name = reference["model"].as_str().and_then(|path| path.rsplit('/').next()).expect("a model");
        let model = AutoModelForCausalLM::from_pretrained(fixtures().join("models").join(name))?;
        let mut trainer = LanguageTrainer::new(model, &reference, folder.path());
        trainer.train()?;
        let (saved, adapter) = (folder.path().join("final"), folder.path().join("adapter"));
        trainer.save_model(&saved)?;
        let python_said = said(&python, &saved, None)?.expect("the model needs no other package");
        assert_eq!(python_said["class"], class);
        agrees(&trainer.model, &python_said)?;
        trainer.model = AutoModelForCausalLM::from_pretrained(&saved)?;
        trainer.model.add_adapter(&Lora::new().r(4).alpha(16.0).all_linear())?;
        trainer.train()?;
        trainer.save_model(&adapter)?;
        if let Some(said) = said(&python, &saved, Some(&adapter))? {
            agrees(&trainer.model, &said)?;
        }
    }
    Ok(())
}

#[test]
#[ignore = "needs Python with torch and transformers: set TRAINER_PYTHON to its interpreter"]
fn python_loads_a_model_from_scratch() -> Result<()> {
    let Some(python) = std::env::var_os("TRAINER_PYTHON") else {
        println!("skipped: set TRAINER_PYTHON to a Python that has torch and transformers");
        return Ok(());
    };
    let (reference, folder) = (json("training/j-gpt2/run.json"), tempfile::tempdir()?);
    let config =
        GPT2Config { vocab_size: 800, n_positions: 64, n_embd: 32, n_layer: 2, n_head: 4, ..Default::default() };
    let model = AutoModelForCausalLM::from_config(config.into())?;
    let trainer = LanguageTrainer::new(model, &reference, folder.path());
    let saved = folder.path().join("final");
    trainer.save_model(&saved)?;
    agrees(&trainer.model, &said(&python, &saved, None)?.expect("the model needs no other package"))
}
