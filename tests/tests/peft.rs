//! Adapters through the public API: what is trained and what stays, what is saved, resumed, loaded and merged, and what is
//! said of settings that cannot work.

use std::fs;
use std::path::{Path, PathBuf};

use candle_core::Device;
use trainer_core::collate::{Item, ItemInput};
use trainer_core::model::peft::Module;
use trainer_core::prelude::*;
use trainer_core::text::Encoding;
use trainer_core::{Result, data, model};

const ROWS: [(&str, Rating); 6] = [
    ("worth every penny", Rating::Positive),
    ("does the job, nothing special about it", Rating::Neutral),
    ("crashes every time", Rating::Negative),
    ("love it", Rating::Positive),
    ("it is fine", Rating::Neutral),
    ("broken after a week", Rating::Negative),
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
#[training_args(learning_rate = 1e-2, per_device_train_batch_size = 2, save_strategy = "steps", save_steps = 2)]
struct Args {
    output_dir: String,
    #[arg(default = 2.0)]
    num_train_epochs: f64,
}

#[trainer]
struct WholeTrainer {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

#[trainer(peft = lora(r = 4, alpha = 16, dropout = 0.25, target_modules = ["query", "output.dense"], use_rslora,
                      modules_to_save = ["LayerNorm", "classifier"]))]
struct AdapterTrainer {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

#[trainer(peft = lora(r = 2, target_modules = "all-linear"))]
struct AllLinearTrainer {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

#[trainer(peft = lora)]
struct UsualTrainer {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}

/// A trainer of one of the kinds above, with fresh data.
macro_rules! trainer_of {
    ($kind:ident, $model:expr, $folder:expr) => {
        $kind {
            model: $model,
            args: Args { output_dir: $folder.join("run").to_string_lossy().into_owned(), num_train_epochs: 2.0 },
            train_dataset: rows(),
            tokenizer: tokenizer()?,
        }
    };
}

fn rows() -> Dataset<Review> {
    Dataset::from_examples(ROWS.map(|(text, label)| Review { text: text.to_owned(), label }).into())
}

fn tokenizer() -> Result<Tokenizer> {
    let texts = ROWS.map(|(text, _)| text);
    Tokenizer::train_wordpiece(&texts, &WordPieceSettings { vocab_size: 80, ..Default::default() })
}

fn config() -> Result<BertConfig> {
    Ok(BertConfig {
        vocab_size: tokenizer()?.vocabulary_size(),
        hidden_size: 16,
        num_hidden_layers: 2,
        num_attention_heads: 2,
        intermediate_size: 32,
        max_position_embeddings: 32,
        ..BertConfig::default()
    })
}

/// A base model on disk.
fn base(folder: &Path) -> Result<PathBuf> {
    let path = folder.join("base");
    trainer_of!(WholeTrainer, BertForSequenceClassification::from_config(config()?)?, folder).save_model(&path)?;
    Ok(path)
}

fn load(path: &Path) -> Result<BertForSequenceClassification<Rating>> {
    BertForSequenceClassification::from_pretrained(path)
}

fn bits(model: &impl Model) -> Result<Vec<(String, Vec<u32>)>> {
    let values = model.parameters().values().into_iter();
    values
        .map(|(name, value)| {
            let numbers = value.flatten_all()?.to_vec1::<f32>()?;
            Ok((name, numbers.into_iter().map(f32::to_bits).collect()))
        })
        .collect()
}

fn is_trained(name: &str) -> bool {
    name.contains(".lora_") || name.contains("LayerNorm") || name.starts_with("classifier.")
}

#[test]
fn only_adapters_and_named_modules_change() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let base = base(folder.path())?;
    let mut trainer = trainer_of!(AdapterTrainer, load(&base)?, folder.path());
    let plan = trainer.plan()?;
    assert!(plan.trained_parameters < plan.parameters && plan.checkpoint_bytes < plan.memory.total());
    let before = bits(&trainer.model)?;
    trainer.train()?;
    let after = bits(&trainer.model)?;
    for ((name, before), (_, after)) in before.iter().zip(&after) {
        assert_eq!(before != after, is_trained(name), "{name}");
    }
    let adapted = after.iter().filter(|(name, _)| name.ends_with("lora_A.weight")).map(|(name, _)| name.as_str());
    let adapted: Vec<&str> = adapted.collect();
    assert_eq!(
        adapted,
        [
            "bert.encoder.layer.0.attention.output.dense.lora_A.weight",
            "bert.encoder.layer.0.attention.self.query.lora_A.weight",
            "bert.encoder.layer.0.output.dense.lora_A.weight",
            "bert.encoder.layer.1.attention.output.dense.lora_A.weight",
            "bert.encoder.layer.1.attention.self.query.lora_A.weight",
            "bert.encoder.layer.1.output.dense.lora_A.weight",
        ]
    );
    Ok(())
}

fn item(ids: &[u32]) -> Result<Item> {
    let input = ItemInput::Tokens(Encoding::from_tokens(ids, None, None)?);
    Ok(Item { row: 0, input, target: data::Target::Class(0) })
}

#[test]
fn a_frozen_parameter_has_no_gradient_and_no_optimiser_state() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let model = load(&base(folder.path())?)?;
    model.add_adapter(&Lora::new().r(2).target_modules(&["key", "pooler.dense"]))?;
    let batch = Padding::new().pad_id(0).collate(&[&item(&[2, 5, 6, 3])?, &item(&[2, 7, 3])?], None)?;
    let gradients = model.forward(&batch, Mode::Evaluate)?.logits.sqr()?.sum_all()?.backward()?;
    for parameter in model.parameters().list() {
        let has_one = gradients.get(&parameter.variable).is_some();
        let expected = parameter.name.contains("lora_") || parameter.name.starts_with("classifier.");
        assert_eq!((has_one, parameter.trainable), (expected, expected), "{}", parameter.name);
    }
    let mut trainer = trainer_of!(UsualTrainer, load(&base(folder.path())?)?, folder.path());
    trainer.train()?;
    let checkpoint = folder.path().join("run/checkpoint-6");
    let state = model::weights::read(&checkpoint.join("optimizer.safetensors"), &Device::Cpu)?;
    assert!(
        !state.is_empty() && state.keys().all(|name| name.contains("lora_") || name.contains("classifier")),
        "{state:?}"
    );
    assert!(!checkpoint.join("model.safetensors").exists());
    Ok(())
}

#[test]
fn a_resumed_run_has_the_same_bits() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let base = base(folder.path())?;
    let mut whole = trainer_of!(AdapterTrainer, load(&base)?, folder.path());
    whole.train()?;
    let mut resumed = trainer_of!(AdapterTrainer, load(&base)?, folder.path());
    resumed.train_from(folder.path().join("run/checkpoint-2"))?;
    assert_eq!(bits(&resumed.model)?, bits(&whole.model)?);
    // The adapters of another trainer are not taken.
    let mut other = trainer_of!(UsualTrainer, load(&base)?, folder.path());
    let message = other.train_from(folder.path().join("run/checkpoint-2")).unwrap_err().to_string();
    assert!(message.contains("other adapters: `r` is 4 there and 8 here"), "{message}");
    let mut plain = trainer_of!(WholeTrainer, load(&base)?, folder.path());
    let message = plain.train_from(folder.path().join("run/checkpoint-2")).unwrap_err().to_string();
    assert!(message.contains("holds adapters, but this run trains the whole model"), "{message}");
    Ok(())
}

#[test]
fn saved_adapters_load_on_their_base_and_merge_into_a_plain_model() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let base = base(folder.path())?;
    let mut trainer = trainer_of!(AllLinearTrainer, load(&base)?, folder.path());
    trainer.train()?;
    let expected = trainer.predict(&rows())?.logits;
    let saved = folder.path().join("adapters");
    trainer.save_model(&saved)?;
    let again = trainer_of!(WholeTrainer, load(&base)?, folder.path());
    again.model.load_adapter(&saved)?;
    assert_eq!(again.predict(&rows())?.logits, expected);
    again.model.merge_adapter()?;
    close(&again.predict(&rows())?.logits, &expected);
    let merged = folder.path().join("merged");
    again.save_model(&merged)?;
    close(&trainer_of!(WholeTrainer, load(&merged)?, folder.path()).predict(&rows())?.logits, &expected);
    // A trainer with `peft` saves the merged model too, and trains it no further.
    trainer.model.merge_adapter()?;
    trainer.save_model(folder.path().join("merged here"))?;
    assert!(folder.path().join("merged here/model.safetensors").exists());
    let message = trainer.train().unwrap_err().to_string();
    assert!(message.contains("are merged into its weights"), "{message}");
    Ok(())
}

fn close(found: &[Vec<f32>], expected: &[Vec<f32>]) {
    for (found, expected) in found.iter().flatten().zip(expected.iter().flatten()) {
        assert!((found - expected).abs() < 1e-5, "{found} instead of {expected}");
    }
}

#[test]
fn loaded_adapters_are_trained_further_by_a_trainer_that_says_the_same() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let base = base(folder.path())?;
    let mut first = trainer_of!(AdapterTrainer, load(&base)?, folder.path());
    first.train()?;
    let saved = folder.path().join("adapters");
    first.save_model(&saved)?;
    let further = trainer_of!(AdapterTrainer, load(&base)?, folder.path());
    further.model.load_adapter(&saved)?;
    assert_eq!(further.predict(&rows())?.logits, first.predict(&rows())?.logits);
    let other = trainer_of!(UsualTrainer, load(&base)?, folder.path());
    other.model.load_adapter(&saved)?;
    let message = other.evaluate_on(&rows()).unwrap_err().to_string();
    assert!(message.contains("the model has other adapters than `lora` says: `r` is 4 there and 8 here"), "{message}");
    Ok(())
}

#[test]
fn folders_and_models_that_do_not_go_together_are_named() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let base = base(folder.path())?;
    let trainer = trainer_of!(UsualTrainer, load(&base)?, folder.path());
    let saved = folder.path().join("adapters");
    trainer.save_model(&saved)?;
    let says = |error: Result<()>, words: &str| {
        let message = error.expect_err(words).to_string();
        assert!(message.contains(words), "{message}");
    };
    says(load(&saved).map(|_| ()), "holds adapters, not a whole model");
    says(load(&base)?.merge_adapter(), "the model has no adapters to merge");
    says(trainer.model.load_adapter(&saved), "the model has adapters already");
    says(load(&base)?.load_adapter(&base), "cannot read");
    let smaller =
        BertForSequenceClassification::<Rating>::from_config(BertConfig { num_hidden_layers: 1, ..config()? })?;
    let before = bits(&smaller)?;
    says(smaller.load_adapter(&saved), "not known");
    assert_eq!(bits(&smaller)?, before, "a model that refuses adapters is as it was");
    assert!(smaller.parameters().list().iter().all(|parameter| parameter.trainable));
    let path = saved.join("adapter_config.json");
    let text = fs::read_to_string(&path)?;
    assert!(text.contains("\"query\",\n    \"value\"\n"), "{text}");
    for (from, to, words) in [
        ("\"bias\": \"none\"", "\"bias\": \"all\"", "`bias` is \"all\", but only \"none\" is known here"),
        ("\"LORA\"", "\"IA3\"", "`peft_type` is \"IA3\", but only \"LORA\" is known here"),
        ("\"lora_alpha\": 8", "\"lora_alpha\": \"8\"", "`lora_alpha` is missing, or no number"),
        ("\"query", "\"qeury", "did you mean"),
        ("\"init_lora_weights\": true", "\"init_lora_weights\": \"pissa\"", "a base that was changed for them"),
    ] {
        assert!(text.contains(from), "{from} in {text}");
        fs::write(&path, text.replace(from, to))?;
        says(load(&base)?.load_adapter(&saved), words);
    }
    Ok(())
}

#[test]
fn the_program_and_the_compiler_say_the_same() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let model = load(&base(folder.path())?)?;
    let lora = || Lora::new().target_modules(&["query"]);
    for (lora, case) in [
        (lora().r(0), "settings_that_cannot_work"),
        (lora().alpha(0.0), "settings_that_cannot_work"),
        (lora().dropout(1.0), "settings_that_cannot_work"),
        (lora().target_modules(&[]), "settings_that_cannot_work"),
        (lora().target_modules(&["qeury"]), "target_that_names_no_layer"),
        (lora().target_modules(&["q_proj"]), "target_that_names_no_layer"),
        (lora().target_modules(&["layer.0.attention.self.vlaue"]), "target_that_names_no_layer"),
        (lora().target_modules(&["word_embeddings"]), "target_that_names_no_layer"),
        (lora().target_modules(&["classifier"]), "target_that_names_no_layer"),
        (lora().modules_to_save(&["clasifier"]), "modules_to_save_that_are_none"),
    ] {
        let path = format!("{}/compile_fail/peft/{case}.stderr", env!("CARGO_MANIFEST_DIR"));
        let answers = fs::read_to_string(path)?;
        let answers =
            answers.replace("error[E0080]: evaluation panicked: ", "").replace("              help: ", "help: ");
        let said = model.add_adapter(&lora).expect_err("it cannot work").to_string();
        assert!(answers.contains(said.lines().next().unwrap_or_default()), "{said}\n{answers}");
        let help = said.lines().nth(1).unwrap_or_default();
        // Of a list of names, the order is that of the model's parameters.
        assert!(help.contains("linear layers are") || answers.contains(help), "{help}");
    }
    let deeper = lora().target_modules(&["layer.7.attention.self.query"]);
    let message = model.add_adapter(&deeper).unwrap_err().to_string();
    assert!(message.contains("`layer.7.attention.self.query` names no linear layer of the model"), "{message}");
    let twice = lora().modules_to_save(&["attention"]);
    let message = model.add_adapter(&twice).unwrap_err().to_string();
    assert!(message.contains("is trained as a whole by `modules_to_save`"), "{message}");
    Ok(())
}

#[test]
fn the_modules_that_the_compiler_knows_are_those_of_the_model() -> Result<()> {
    let model = BertForSequenceClassification::<Rating>::from_config(config()?)?;
    let known: &[Module<'static>] = <BertForSequenceClassification<Rating> as Model>::MODULES;
    let mut met = vec![0; known.len()];
    for name in model.parameters().values().keys() {
        let (module, _) = name.rsplit_once('.').expect("a parameter of a module");
        let parts = |name: &str| name.split('.').count();
        let found: Vec<usize> = (0..known.len())
            .filter(|at| known[*at].is_named(module) && parts(known[*at].name) == parts(module))
            .collect();
        assert_eq!(found.len(), 1, "{name}");
        met[found[0]] += 1;
    }
    assert!(met.iter().all(|count| *count > 0), "{met:?}");
    Ok(())
}
