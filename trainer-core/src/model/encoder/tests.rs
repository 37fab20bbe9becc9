use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;
use crate::data::ClassLabel;
use crate::model::bert::{Bert, BertConfig};
use crate::model::distilbert::{DistilBert, DistilBertConfig};
use crate::model::electra::{Electra, ElectraConfig};
use crate::model::family::{KnownTensor, Size, Sizes};
use crate::model::roberta::{Roberta, RobertaConfig};
use crate::model::{AutoModelForSequenceClassification, Model, RobertaForMaskedLM};

/// A configuration of small sizes that are all different, in the family's own keys.
fn small<F: EncoderFamily>(embedding_size: usize) -> F::Config {
    let family = F::SEQUENCE.family;
    let mut config = json!({ "embedding_size": embedding_size });
    for (size, value) in [
        (Size::Vocabulary, 30),
        (Size::Hidden, 8),
        (Size::Blocks, 3),
        (Size::Heads, 2),
        (Size::Intermediate, 12),
        (Size::Positions, 20),
        (Size::TokenTypes, 5),
    ] {
        config[family.key(size)] = json!(value);
    }
    serde_json::from_value(config).expect("a configuration")
}

/// Three classes.
#[derive(Clone, Copy, PartialEq)]
struct Class(usize);

impl ClassLabel for Class {
    const COUNT: usize = 3;
    const NAMES: &'static [&'static str] = &["a", "b", "c"];
    const TYPE_NAME: &'static str = "Class";

    fn index(&self) -> usize {
        self.0
    }

    fn from_index(index: usize) -> Option<Self> {
        (index < 3).then_some(Self(index))
    }
}

/// The tensors of a model are those that its family says, and its modules those that it lists.
fn is_as_described(model: &impl Model, family: &Family, modules: &[Module<'_>]) {
    let sizes = Sizes::of_config(&model.configuration().expect("a configuration"));
    let mut expected = Vec::new();
    let mut add = |prefix: &str, tensors: &[KnownTensor]| {
        for tensor in tensors {
            let shape: Vec<usize> = tensor.shape.iter().map(|size| sizes.of(*size)).collect();
            let blocks = if tensor.is_in_blocks() { 3 } else { 1 };
            expected
                .extend((0..blocks).map(|block| {
                    (format!("{prefix}{}", tensor.name.replace("{}", &block.to_string())), shape.clone())
                }));
        }
    };
    add(family.prefix, family.tensors);
    add("", family.head_tensors);
    for (condition, tensors) in family.only_where {
        if sizes.meet(*condition) {
            add(family.prefix, tensors);
        }
    }
    expected.sort();
    let all = model.parameters().list();
    let is_output = |name: &str| [".weight", ".bias"].iter().any(|end| format!("{}{end}", output(family)) == name);
    let found = all.iter().filter(|parameter| !is_output(&parameter.name));
    let found: Vec<_> = found.map(|parameter| (parameter.name.clone(), parameter.variable.dims().to_vec())).collect();
    assert_eq!(found, expected);
    assert_eq!(family.numbers(&sizes), found.iter().map(|(_, shape)| shape.iter().product::<usize>()).sum::<usize>());
    let of_parameters: BTreeSet<String> =
        all.iter().filter_map(|parameter| parameter.name.rsplit_once('.')).map(|(name, _)| numberless(name)).collect();
    let listed: BTreeSet<String> = modules.iter().map(|module| module.name.to_owned()).collect();
    assert_eq!(listed, of_parameters);
}

/// The layer of a head over labels that gives its outputs.
fn output(family: &Family) -> &'static str {
    match family.outputs_of() {
        "classifier." => "classifier",
        "classifier.out_proj." => "classifier.out_proj",
        _ => "none",
    }
}

/// A module's name with `#` for the number of a block.
fn numberless(name: &str) -> String {
    let part = |part: &str| if part.parse::<usize>().is_ok() { "#".to_owned() } else { part.to_owned() };
    name.split('.').map(part).collect::<Vec<_>>().join(".")
}

fn every_head_is_as_described<F: EncoderFamily>(embedding_size: usize) -> Result<()> {
    let config = || small::<F>(embedding_size);
    let (sequence, tokens, masked) = (F::SEQUENCE, F::TOKENS, F::MASKED);
    let model = ForSequenceClassification::<F, Class>::from_config(config())?;
    is_as_described(&model, sequence.family, sequence.modules);
    let model = ForTokenClassification::<F, Class>::from_config(config())?;
    is_as_described(&model, tokens.family, tokens.modules);
    let model = ForMaskedLM::<F>::from_config(config())?;
    is_as_described(&model, masked.family, masked.modules);
    Ok(())
}

#[test]
fn tensors_and_modules_of_every_family_are_those_of_its_models() -> Result<()> {
    every_head_is_as_described::<Bert>(8)?;
    every_head_is_as_described::<Roberta>(8)?;
    every_head_is_as_described::<DistilBert>(8)?;
    every_head_is_as_described::<Electra>(4)
}

#[test]
fn defaults_of_families_are_those_of_their_configurations() {
    fn is_default<F: EncoderFamily>(config: impl Serialize) {
        let sizes = Sizes::of_config(&serde_json::to_value(config).expect("a configuration"));
        assert_eq!(F::SEQUENCE.family.defaults, sizes);
    }
    is_default::<Bert>(BertConfig::default());
    is_default::<Roberta>(RobertaConfig::default());
    is_default::<DistilBert>(DistilBertConfig::default());
    is_default::<Electra>(ElectraConfig::default());
}

#[test]
fn a_written_configuration_names_the_class_that_python_loads() -> Result<()> {
    let architectures = |config: RobertaConfig| -> Result<(Value, Value)> {
        let written = RobertaForMaskedLM::from_config(config)?.configuration().expect("a configuration");
        Ok((written["model_type"].clone(), written["architectures"].clone()))
    };
    let mut config = small::<Roberta>(8);
    assert_eq!(architectures(config.clone())?, (json!("roberta"), json!(["RobertaForMaskedLM"])));
    config.other.insert("model_type".to_owned(), json!("xlm-roberta"));
    assert_eq!(architectures(config)?, (json!("xlm-roberta"), json!(["XLMRobertaForMaskedLM"])));
    Ok(())
}

#[test]
fn positions_of_roberta_begin_after_that_of_padding() -> Result<()> {
    let model = RobertaForMaskedLM::from_config(small::<Roberta>(8))?;
    assert_eq!(model.position_limit(), Some(18));
    let refused = RobertaForMaskedLM::from_config(RobertaConfig { pad_token_id: Some(19), ..small::<Roberta>(8) });
    let message = refused.err().map(|error| error.to_string()).unwrap_or_default();
    assert!(message.contains("`max_position_embeddings` is 20, but the first position is the row after"), "{message}");
    Ok(())
}

/// Writes a folder of a model, loads it, and gives the words of the refusal.
fn refusal(config: &Value) -> Result<String> {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("config.json"), config.to_string())?;
    let loaded = AutoModelForSequenceClassification::<Class>::from_pretrained(folder.path());
    Ok(loaded.err().map(|error| error.to_string()).unwrap_or_default())
}

#[test]
fn a_family_that_is_not_known_is_refused_with_those_that_are() -> Result<()> {
    let message = refusal(&json!({ "model_type": "deberta" }))?;
    assert!(
        message.contains("config.json: `model_type` is \"deberta\", which is not known for this head\n"),
        "{message}"
    );
    assert!(message.ends_with("help: known are: bert, roberta, xlm-roberta, distilbert, electra"), "{message}");
    let message = refusal(&json!({}))?;
    assert!(message.contains("there is no `model_type`, which says of which family a model is"), "{message}");
    Ok(())
}

#[test]
fn what_distilbert_cannot_be_is_refused_in_its_own_keys() -> Result<()> {
    for (key, value, words) in [
        ("n_heads", json!(5), "`dim` is 768, which 5 attention heads cannot share equally"),
        ("n_layers", json!(0), "`n_layers` is 0"),
        ("activation", json!("mish"), "`activation` is \"mish\""),
        ("sinusoidal_pos_embds", json!(true), "`sinusoidal_pos_embds` is true"),
    ] {
        let mut config = json!({ "model_type": "distilbert" });
        config[key] = value;
        let message = refusal(&config)?;
        assert!(message.contains(words), "{message}");
    }
    Ok(())
}

/// Saves the values of one model and loads them as another.
fn loaded_as<M: Model>(saved: &impl Model, load: impl Fn(&std::path::Path) -> Result<M>) -> Result<M> {
    let folder = tempfile::tempdir()?;
    let config = saved.configuration().expect("a configuration");
    std::fs::write(folder.path().join("config.json"), config.to_string())?;
    crate::model::weights::write(&folder.path().join("model.safetensors"), &saved.parameters().values())?;
    load(folder.path())
}

#[test]
fn a_model_for_masked_tokens_becomes_one_for_classes_with_a_fresh_head_and_pooler() -> Result<()> {
    let masked = ForMaskedLM::<Bert>::from_config(small::<Bert>(8))?;
    let model = loaded_as(&masked, |folder| ForSequenceClassification::<Bert, Class>::from_pretrained(folder))?;
    let fresh = ["bert.pooler.dense.bias", "bert.pooler.dense.weight", "classifier.bias", "classifier.weight"];
    assert_eq!(model.parameters().initialised(), fresh);
    let back = loaded_as(&model, |folder| ForMaskedLM::<Bert>::from_pretrained(folder))?;
    assert!(back.parameters().initialised().iter().all(|name| name.starts_with("cls.predictions.")));
    Ok(())
}

#[test]
fn norms_of_encoder_and_head_are_read_by_their_old_names() -> Result<()> {
    let model = ForMaskedLM::<Bert>::from_config(small::<Bert>(8))?;
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("config.json"), model.configuration().expect("a configuration").to_string())?;
    let old =
        |name: &str| name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta");
    let values = model.parameters().values();
    let values = values.iter().map(|(name, value)| (old(name), value.clone())).collect();
    crate::model::weights::write(&folder.path().join("model.safetensors"), &values)?;
    assert!(ForMaskedLM::<Bert>::from_pretrained(folder.path())?.parameters().initialised().is_empty());
    Ok(())
}

#[test]
fn a_head_over_other_classes_is_refused_and_can_be_left() -> Result<()> {
    let values = ForSequenceClassification::<DistilBert, [f32; 2]>::from_config(small::<DistilBert>(8))?;
    let refused = loaded_as(&values, |folder| ForSequenceClassification::<DistilBert, Class>::from_pretrained(folder));
    let message = refused.err().map(|error| error.to_string()).unwrap_or_default();
    assert!(message.contains("the head has 2 classes, but `Class` has 3"), "{message}");
    let load =
        |folder: &std::path::Path| AutoModelForSequenceClassification::<Class>::from_pretrained_with_new_head(folder);
    let model = loaded_as(&values, load)?;
    assert_eq!(
        model.parameters().get("classifier.weight").map(|weight| weight.variable.dims().to_vec()),
        Some(vec![3, 8])
    );
    assert!(model.parameters().initialised().contains(&"pre_classifier.weight".to_owned()));
    Ok(())
}
