//! The tensors of a model's files become the parameters of a model.
//!
//! What comes in: the files, and what the model calls its tensors. What goes out: the model, with every parameter from the
//! files, or the head drawn where they have none. It refuses tensors that are missing, left over or there twice, each as the
//! file spells it.

use std::collections::BTreeMap;

use candle_core::{Device, Tensor};

use super::Model;
use super::packing::Packing;
use super::peft::BaseModel;
use super::pretrained::Pretrained;
use crate::error::{Error, ErrorKind, Result};
use crate::tensor::params::Parameters;

/// The seed of fresh parameters until a run says another.
pub(super) const DEFAULT_SEED: u64 = 42;

/// Where the parameters of the head come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeadFrom {
    /// The file, or the seed where it has none.
    File,
    /// The seed.
    Seed,
}

/// What a model calls its tensors.
#[derive(Clone, Copy, Debug)]
pub(super) struct Names {
    /// What stands in front of every name but the head's, and is left out in files of the model without a head.
    pub(super) prefix: &'static str,
    /// What the names of the head begin with.
    pub(super) head: &'static [&'static str],
    /// What names begin with that belong to heads of other tasks.
    pub(super) other_heads: &'static [&'static str],
    /// Names, or their ends, of tensors that are no parameters: computed ones, and second names of shared ones.
    pub(super) ignored: &'static [&'static str],
}

/// The tensors of a model's files by their names in the model.
pub(super) struct Tensors<'a> {
    files: &'a Pretrained,
    names: &'a Names,
    values: BTreeMap<String, Tensor>,
    /// As the file spells them, for messages.
    spelled: BTreeMap<String, String>,
    /// Those that are kept in fewer bits.
    packing: Option<Packing>,
    /// What the names of those begin with, without the prefix, that are drawn where the files lack them, as the head is.
    may_lack: &'static [&'static str],
}

impl<'a> Tensors<'a> {
    /// Reads the tensors of the files; notes a head of another task.
    ///
    /// # Errors
    /// Those of reading; [`ErrorKind::Model`] for one tensor under two names.
    pub(super) fn read(files: &'a Pretrained, names: &'a Names, head: HeadFrom) -> Result<Self> {
        Self::read_packing(files, names, head, None)
    }

    /// As [`read`](Self::read), with some weights kept in fewer bits.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub(super) fn read_packing(
        files: &'a Pretrained,
        names: &'a Names,
        head: HeadFrom,
        packing: Option<Packing>,
    ) -> Result<Self> {
        let (values, spelled) = (BTreeMap::new(), BTreeMap::new());
        let mut tensors = Self { files, names, values, spelled, packing, may_lack: &[] };
        let mut other_heads = Vec::new();
        files.each_weight(&Device::Cpu, &mut |name, value| {
            if names.ignored.iter().any(|end| name.ends_with(end)) {
                return Ok(());
            }
            let is_head = names.is_of_the_head(&name);
            if is_head && head == HeadFrom::Seed {
                return Ok(());
            }
            if !is_head && names.other_heads.iter().any(|start| name.starts_with(start)) {
                other_heads.push(name);
                return Ok(());
            }
            let known = if is_head { with_weight_and_bias(&name) } else { names.known(&name) };
            tensors.insert(known, name, value)
        })?;
        if !other_heads.is_empty() {
            other_heads.sort();
            let (place, heads) = (files.place(), other_heads.join(", "));
            crate::note(format!("{place}: the head for another task is not used: {heads}"));
        }
        Ok(tensors)
    }

    /// The same, where tensors whose names begin so, without the prefix, may be missing: they are drawn from the seed then.
    pub(super) fn that_may_lack(mut self, beginnings: &'static [&'static str]) -> Self {
        self.may_lack = beginnings;
        self
    }

    fn insert(&mut self, known: String, spelled: String, value: Tensor) -> Result<()> {
        if let Some(other) = self.spelled.insert(known.clone(), spelled.clone()) {
            let file = self.files.weights_file().display();
            let message = format!("{file} has one tensor twice: as `{other}` and as `{spelled}`");
            return Err(Error::new(ErrorKind::Model, message).help("save it under one of these names"));
        }
        let value = match &mut self.packing {
            Some(packing) => packing.take(&known, value)?,
            None => Some(value),
        };
        self.values.extend(value.map(|value| (known, value)));
        Ok(())
    }

    /// A tensor by its name in the model.
    pub(super) fn get(&self, name: &str) -> Option<&Tensor> {
        self.values.get(name)
    }

    /// Every tensor as the model has it, by a function of its name and value: one for one, or one in several parts.
    pub(super) fn convert(mut self, convert: impl Fn(&str, &Tensor) -> Result<Vec<(String, Tensor)>>) -> Result<Self> {
        let spelled = std::mem::take(&mut self.spelled);
        for (name, value) in std::mem::take(&mut self.values) {
            let file_name = spelled.get(&name).unwrap_or(&name);
            for (known, value) in convert(&name, &value)? {
                self.insert(known, file_name.clone(), value)?;
            }
        }
        Ok(self)
    }

    /// The model that `build` makes of the parameters. A head that the files do not have is drawn from the seed, as
    /// PyTorch draws the weight `drawn` with this deviation, and noted.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] names every other tensor that is missing, left over or of another shape.
    pub(super) fn into_model<M: Model>(
        self,
        build: impl FnOnce(Parameters) -> Result<M>,
        drawn: Option<(&str, f64)>,
    ) -> Result<M> {
        let Self { files, names, values, spelled, packing, may_lack } = self;
        let mut parameters = Parameters::from_values(&Device::Cpu, DEFAULT_SEED, values);
        if let Some(packing) = &packing {
            parameters = packing.given_to(parameters);
        }
        let model = build(parameters).map_err(|error| error.at(files.place()))?;
        let parameters = model.parameters();
        let may_be_fresh = |name: &String| {
            let name_in_model = name.strip_prefix(names.prefix).unwrap_or(name);
            names.is_of_the_head(name) || may_lack.iter().any(|start| name_in_model.starts_with(start))
        };
        let (fresh, missing): (Vec<String>, Vec<String>) = parameters.initialised().into_iter().partition(may_be_fresh);
        let unused = parameters.unused_values();
        let unused: Vec<String> = unused.iter().filter_map(|name| spelled.get(name).cloned()).collect();
        files.refuse_differences(&missing, &unused)?;
        if !fresh.is_empty() {
            if let Some((weight, deviation)) = drawn.filter(|(weight, _)| fresh.iter().any(|name| name == weight)) {
                parameters.draw_as_torch(weight, deviation)?;
            }
            crate::note(format!("{} has no {}: drawn from the seed, to be trained", files.place(), fresh.join(", ")));
        }
        if let Some(packing) = packing {
            packing.note(parameters).map_err(|error| error.at(files.place()))?;
        }
        parameters.attach(BaseModel(files.place().to_owned()));
        Ok(model)
    }
}

impl Names {
    fn is_of_the_head(&self, name: &str) -> bool {
        self.head.iter().any(|start| name.starts_with(start))
    }

    /// The model's name of a tensor that is not of its head: with the prefix, norms as `weight` and `bias`.
    fn known(&self, name: &str) -> String {
        let name = name.strip_prefix(self.prefix).unwrap_or(name);
        format!("{}{}", self.prefix, with_weight_and_bias(name))
    }
}

/// The name, where that of a norm ends with `weight` or `bias`.
fn with_weight_and_bias(name: &str) -> String {
    match name.strip_suffix(".gamma") {
        Some(norm) => format!("{norm}.weight"),
        None => name.strip_suffix(".beta").map_or_else(|| name.to_owned(), |norm| format!("{norm}.bias")),
    }
}
