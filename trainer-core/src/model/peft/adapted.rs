//! Adapters on a model: put on, taken off, merged.

use std::collections::BTreeSet;

use super::lora::Targets;
use super::modules::{Module, ModuleRole};
use super::quantized::{in_fewer_bits, quantize};
use super::{Lora, modules};
use crate::error::{Error, ErrorKind, Result};
use crate::model::Model;
use crate::nn::kept::Kept;
use crate::nn::{LinearLayers, LowRank, LowRankSettings};
use crate::tensor::params::Parameters;
use crate::transformer::AdapterSizes;

/// Where a model was loaded from, kept beside its parameters: the base that an adapter names.
#[derive(Clone, Debug)]
pub(crate) struct BaseModel(pub(crate) String);

/// The adapters of a model, kept beside its parameters.
#[derive(Clone, Debug)]
pub(super) enum Adapters {
    /// They are on its layers.
    On(Adapted),
    /// They are part of its weights.
    Merged,
}

/// What adapters are on, and what they are.
#[derive(Clone, Debug)]
pub(super) struct Adapted {
    pub(super) lora: Lora,
    /// The full names of the layers that have one.
    pub(super) layers: BTreeSet<String>,
    /// The modules that are trained and saved as a whole, with the head.
    pub(super) modules_to_save: Vec<String>,
    /// The parameters that were frozen for it.
    frozen: BTreeSet<String>,
}

impl Adapted {
    /// The adapters that are on a model.
    pub(super) fn of(parameters: &Parameters) -> Option<Self> {
        match parameters.attached::<Adapters>() {
            Some(Adapters::On(adapted)) => Some(adapted),
            Some(Adapters::Merged) | None => None,
        }
    }

    /// Whether a parameter is trained and saved with the adapters.
    pub(super) fn saves(&self, parameter: &str) -> bool {
        self.is_adapter(parameter) || is_in_one_of(&self.modules_to_save, parameter)
    }

    fn is_adapter(&self, parameter: &str) -> bool {
        parameter.split_once(".lora_").is_some_and(|(layer, _)| self.layers.contains(layer))
    }

    /// Keeps what is frozen in fewer bits, if the settings say so.
    fn keep_in_fewer_bits(&self, parameters: &Parameters) -> Result<()> {
        match self.lora.bits {
            Some(bits) => quantize(parameters, bits, |name| self.saves(name)),
            None => Ok(()),
        }
    }

    /// Takes the adapters off, and trains again what was frozen for them.
    pub(super) fn take_off(&self, parameters: &Parameters) {
        let layers: LinearLayers = parameters.attached().unwrap_or_default();
        for layer in self.layers.iter().filter_map(|name| layers.get(name)) {
            layer.set_adapter(None);
        }
        parameters.remove(|name| self.is_adapter(name));
        parameters.unfreeze(|name| self.frozen.contains(name));
        parameters.attach(Adapters::Merged);
    }
}

/// Whether adapters are on a model.
pub(crate) fn is_adapted(parameters: &Parameters) -> bool {
    Adapted::of(parameters).is_some()
}

/// What the adapters of a model with so many blocks add to each on average, and whether they train lengths.
pub(crate) fn sizes(parameters: &Parameters, blocks: usize) -> (AdapterSizes, bool) {
    let Some(Adapted { lora, layers, .. }) = Adapted::of(parameters) else { return Default::default() };
    let width = (lora.r * layers.len()).checked_div(blocks).unwrap_or(0);
    (AdapterSizes { width, drops: lora.dropout > 0.0 }, lora.use_dora)
}

/// Stops a run with adapters on a model into which its adapters are merged already.
pub(crate) fn refuse_merged(parameters: &Parameters) -> Result<()> {
    match parameters.attached::<Adapters>() {
        Some(Adapters::Merged) => Err(Error::new(
            ErrorKind::Model,
            "the adapters of this model are merged into its weights, so they cannot be trained further",
        )
        .help("load the base model again, and the adapters with `load_adapter`; or train without `peft`")),
        Some(Adapters::On(_)) | None => Ok(()),
    }
}

/// Stops a run that would train a model some of whose weights are in fewer bits, and no parameters.
pub(crate) fn refuse_training_in_fewer_bits(parameters: &Parameters) -> Result<()> {
    if in_fewer_bits(parameters).numbers == 0 || is_adapted(parameters) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Model, "the model was loaded in fewer bits, and such weights are not trained")
        .help("train adapters with `peft = lora(…)`, or load the model with `from_pretrained`"))
}

/// Puts adapters on a model, unless they are on it or were merged into it.
pub(crate) fn adapt<M: Model>(model: &M, lora: &Lora) -> Result<()> {
    let parameters = model.parameters();
    match parameters.attached::<Adapters>() {
        Some(Adapters::Merged) => Ok(()),
        Some(Adapters::On(there)) => go_on_with(model, &there, lora),
        None => put_on(model, lora).map(|_| ()),
    }
}

/// Keeps the adapters that a model has, with the dropout that is asked for now.
fn go_on_with<M: Model>(model: &M, there: &Adapted, lora: &Lora) -> Result<()> {
    let here = resolve(model, lora)?;
    let mut differences = there.lora.differences(lora);
    if there.layers != here.layers {
        differences.push("they are on other layers".to_owned());
    }
    let (saved, asked): (BTreeSet<_>, BTreeSet<_>) =
        (there.modules_to_save.iter().collect(), here.modules_to_save.iter().collect());
    if saved != asked {
        differences.push(format!("`modules_to_save` is {saved:?} there and {asked:?} here"));
    }
    if !differences.is_empty() {
        let message = format!("the model has other adapters than `lora` says: {}", differences.join(", "));
        return Err(Error::new(ErrorKind::Model, message)
            .help("say in `lora` what the adapters have, or start from the base model without adapters"));
    }
    let parameters = model.parameters();
    build(parameters, &here)?;
    let here = Adapted { frozen: there.frozen.clone(), ..here };
    parameters.attach(Adapters::On(here.clone()));
    here.keep_in_fewer_bits(parameters)
}

/// Puts new adapters on a model, and freezes everything else but the modules to save.
pub(super) fn put_on<M: Model>(model: &M, lora: &Lora) -> Result<Adapted> {
    let parameters = model.parameters();
    let mut adapted = resolve(model, lora)?;
    let completed: Vec<String> = adapted
        .modules_to_save
        .iter()
        .filter(|name| !lora.modules_to_save.contains(name))
        .map(|name| format!("`{name}`"))
        .collect();
    if !completed.is_empty() {
        let head = completed.join(", ");
        crate::note(format!(
            "the head {head} is trained and saved with the adapters, as if `modules_to_save` named it"
        ));
    }
    adapted.frozen = parameters
        .list()
        .into_iter()
        .filter(|parameter| parameter.trainable && !is_in_one_of(&adapted.modules_to_save, &parameter.name))
        .map(|parameter| parameter.name)
        .collect();
    let drawn = parameters.initialised().iter().filter(|name| adapted.frozen.contains(*name)).count();
    if drawn > 0 {
        crate::note(format!(
            "{drawn} parameters of the base are drawn from the seed and stay so: adapters are for pretrained models"
        ));
    }
    build(parameters, &adapted)?;
    parameters.freeze(|name| adapted.frozen.contains(name));
    parameters.attach(Adapters::On(adapted.clone()));
    adapted.keep_in_fewer_bits(parameters)?;
    Ok(adapted)
}

/// Makes the adapters of all layers; parameters that are there already are taken.
fn build(parameters: &Parameters, adapted: &Adapted) -> Result<()> {
    let layers: LinearLayers = parameters.attached().unwrap_or_default();
    let settings = LowRankSettings {
        rank: adapted.lora.r,
        scale: adapted.lora.scale(),
        dropout: adapted.lora.dropout,
        trains_lengths: adapted.lora.use_dora,
    };
    for (name, layer) in layers.iter().filter(|(name, _)| adapted.layers.contains(*name)) {
        let adapter = LowRank::new((layer.inputs, layer.outputs), settings, &parameters.builder().pp(name))?;
        layer.set_adapter(Some(adapter));
    }
    begin_lengths(parameters)
}

/// Adapters that have not learnt yet begin with the lengths that the rows of the weights have now.
pub(crate) fn begin_lengths(parameters: &Parameters) -> Result<()> {
    let Some(layers) = parameters.attached::<LinearLayers>() else { return Ok(()) };
    for (name, layer) in &layers {
        if let Some(adapter) = layer.adapter()
            && let Some(lengths) = adapter.first_lengths(&layer.weight().get())?
            && let Some(magnitude) = parameters.get(&format!("{name}.{}", LowRank::LENGTHS))
        {
            magnitude.variable.set(&lengths)?;
        }
    }
    Ok(())
}

/// Which layers and modules the settings mean in this model.
fn resolve<M: Model>(model: &M, lora: &Lora) -> Result<Adapted> {
    let parameters = model.parameters();
    let layers: LinearLayers = parameters.attached().unwrap_or_default();
    let mut names: BTreeSet<String> =
        parameters.list().iter().map(|parameter| module_of(&parameter.name).to_owned()).collect();
    // Layers in fewer bits may have no parameter at all.
    names.extend(layers.keys().cloned());
    let modules: Vec<Module<'_>> = names
        .iter()
        // The parameters of adapters are of no module of the model's own.
        .filter(|name| !name.contains(".lora_"))
        .map(|name| Module { name, role: role::<M>(name, layers.contains_key(name)) })
        .collect();
    if !modules.iter().any(Module::is_target) {
        return Err(Error::new(ErrorKind::Model, "the model has no linear layer that an adapter can be put on")
            .help("build its layers with `trainer_core::nn::linear`, over its own `Parameters`"));
    }
    lora.check(&modules)?;
    let is_wanted = |module: &&Module<'_>| match &lora.targets {
        Targets::Usual => module.role == ModuleRole::UsualTarget,
        Targets::AllLinear => module.is_target(),
        Targets::Named(names) => module.is_target() && names.iter().any(|name| module.is_named(name)),
    };
    let mut modules_to_save = lora.modules_to_save.clone();
    for head in modules.iter().filter(|module| module.role == ModuleRole::Head) {
        if !modules_to_save.iter().any(|name| head.is_within(name)) {
            modules_to_save.push(head.name.split('.').next().unwrap_or(head.name).to_owned());
        }
    }
    let targets: Vec<&Module<'_>> = modules.iter().filter(is_wanted).collect();
    let twice = targets.iter().find(|module| modules_to_save.iter().any(|name| module.is_within(name)));
    let in_bits = layers.iter().filter(|(_, layer)| matches!(layer.weight().get(), Kept::Quantized(_)));
    if let Some((name, _)) = in_bits.into_iter().find(|(name, _)| is_module_in_one_of(&modules_to_save, name)) {
        let message = format!("`modules_to_save` trains `{name}` as a whole, but it was loaded in fewer bits");
        return Err(Error::new(ErrorKind::Model, message).help("load the model with `from_pretrained`"));
    }
    if let Some(module) = twice {
        let message = format!("`{}` gets an adapter, but is trained as a whole by `modules_to_save`", module.name);
        return Err(
            Error::new(ErrorKind::Model, message).help("leave it out of one of `target_modules` and `modules_to_save`")
        );
    }
    Ok(Adapted {
        layers: targets.iter().map(|module| module.name.to_owned()).collect(),
        modules_to_save,
        lora: lora.clone(),
        frozen: BTreeSet::new(),
    })
}

/// What a module of a model is to adapters; `is_linear` if they can be put on it.
fn role<M: Model>(name: &str, is_linear: bool) -> ModuleRole {
    let same_length = |module: &&Module<'_>| modules::parts(module.name) == modules::parts(name);
    let known = M::MODULES.iter().filter(same_length).find(|module| module.is_named(name));
    match known.map(|module| module.role) {
        Some(ModuleRole::Head) => ModuleRole::Head,
        Some(role) if is_linear => role,
        None if is_linear => ModuleRole::Linear,
        Some(_) | None => ModuleRole::Other,
    }
}

/// The module that a parameter is of.
fn module_of(parameter: &str) -> &str {
    parameter.rsplit_once('.').map_or(parameter, |(module, _)| module)
}

fn is_in_one_of(modules: &[String], parameter: &str) -> bool {
    is_module_in_one_of(modules, module_of(parameter))
}

fn is_module_in_one_of(modules: &[String], module: &str) -> bool {
    modules.iter().any(|name| Module::other(module).is_within(name))
}

/// Adds the adapters to the weights of their layers, and takes them off.
pub(super) fn merge(parameters: &Parameters) -> Result<()> {
    let Some(adapted) = Adapted::of(parameters) else {
        return Err(Error::new(ErrorKind::Model, "the model has no adapters to merge")
            .help("put some on with `load_adapter`, or train them with `peft = lora(…)`"));
    };
    if in_fewer_bits(parameters).numbers > 0 {
        return Err(Error::new(ErrorKind::Model, "weights in fewer bits cannot take what the adapters learnt")
            .help("save the adapters, load the base model again without `load_in_8bit` or `load_in_4bit`, then `load_adapter` and merge"));
    }
    let layers: LinearLayers = parameters.attached().unwrap_or_default();
    for (name, layer) in layers.iter().filter(|(name, _)| adapted.layers.contains(*name)) {
        let (Some(adapter), Some(weight)) = (layer.adapter(), parameters.get(&format!("{name}.weight"))) else {
            continue;
        };
        weight.variable.set(&adapter.merged(&weight.variable.as_detached_tensor())?)?;
    }
    adapted.take_off(parameters);
    Ok(())
}
