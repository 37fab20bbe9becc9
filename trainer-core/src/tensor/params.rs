//! Parameters, ordered by name.
//!
//! What comes in: requests of layers for a tensor of a name and shape, through candle's `VarBuilder`, and values read
//! from files. What goes out: variables in the order of their names, for the optimiser, for checkpoints and for the
//! proof that each has a gradient. It refuses a value of another shape than the layer asks for.

use std::any::{Any, TypeId};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use candle_core::{DType, Device, Shape, Tensor, Var};
use candle_nn::init::{FanInOut, NonLinearity, NormalOrUniform};
use candle_nn::var_builder::SimpleBackend;
use candle_nn::{Init, VarBuilder};

use self::packed::Packed;
use super::decay::decays;
use super::gradients::GradientSlot;
use super::mersenne_twister::MersenneTwister;
use super::origin;
use super::random::Stream;
use crate::error::{Error, ErrorKind, Result};

/// One parameter of a model.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its full name, as in `model.safetensors`.
    pub name: String,
    /// Its value; layers hold tensors that share its storage.
    pub variable: Var,
    /// Whether weight decay applies: not to biases, nor to scales of norms.
    pub decays: bool,
    /// Whether it is trained; a frozen parameter has no optimiser state and is never changed.
    pub trainable: bool,
}

/// The parameters of a model, ordered by name. A clone is another handle to the same parameters.
#[derive(Clone)]
pub struct Parameters(Arc<Shared>);

struct Shared {
    device: Device,
    dtype: DType,
    seed: AtomicU64,
    table: Mutex<Table>,
    records: Mutex<Records>,
}

/// What is kept beside the parameters, one of each type.
type Records = HashMap<TypeId, Box<dyn Any + Send>>;

/// Parameters that keep no store alive.
#[derive(Clone)]
pub(super) struct WeakParameters(Weak<Shared>);

impl WeakParameters {
    pub(super) fn upgrade(&self) -> Option<Parameters> {
        self.0.upgrade().map(Parameters)
    }
}

/// What a parameter shares with the layers that hold it.
#[derive(Clone, Debug, Default)]
pub(crate) struct ParameterState {
    /// Whether it is frozen, now and later.
    pub(crate) frozen: Arc<AtomicBool>,
    /// Where layers put its gradient.
    pub(crate) slot: Arc<GradientSlot>,
}

#[derive(Default)]
struct Table {
    entries: BTreeMap<String, Parameter>,
    /// What each shares with the layers that hold it.
    shared: BTreeMap<String, ParameterState>,
    /// Values read from files that no layer has asked for yet.
    given: BTreeMap<String, Tensor>,
    /// Values in fewer bits, which become no parameters.
    packed: BTreeMap<String, Packed>,
    /// Parameters that were drawn from the seed, and how.
    initialised: BTreeMap<String, Draw>,
    /// Names in the order in which layers asked for them.
    created: Vec<String>,
}

/// How a parameter that no file gave is drawn from the seed.
#[derive(Clone, Copy, Debug)]
enum Draw {
    /// From our own generator, by the parameter's name.
    Named(Init),
    /// As torch's generator fills it right after it was seeded, with this deviation.
    Torch(f64),
}

impl Parameters {
    /// No parameters yet: layers create them, in `f32`, drawn from `seed` and their names.
    pub fn new(device: &Device, seed: u64) -> Self {
        Self::with_dtype(device, DType::F32, seed)
    }

    /// As [`new`](Self::new), with another type of number: `f64` to check gradients.
    pub fn with_dtype(device: &Device, dtype: DType, seed: u64) -> Self {
        let (device, seed) = (device.clone(), AtomicU64::new(seed));
        let (table, records) = (Mutex::default(), Mutex::default());
        Self(Arc::new(Shared { device, dtype, seed, table, records }))
    }

    /// As [`new`](Self::new), but a layer that asks for one of the names in `values` gets that value.
    pub fn from_values(device: &Device, seed: u64, values: BTreeMap<String, Tensor>) -> Self {
        let parameters = Self::new(device, seed);
        parameters.table().given = values;
        parameters
    }

    /// What layers are built from: every tensor they ask for becomes a parameter.
    pub fn builder(&self) -> VarBuilder<'static> {
        VarBuilder::from_backend(Box::new(self.clone()), self.0.dtype, self.0.device.clone())
    }

    /// Where the parameters are.
    pub fn device(&self) -> &Device {
        &self.0.device
    }

    /// The parameters in the order of their names.
    pub fn list(&self) -> Vec<Parameter> {
        self.table().entries.values().cloned().collect()
    }

    /// The parameter of this name.
    pub fn get(&self, name: &str) -> Option<Parameter> {
        self.table().entries.get(name).cloned()
    }

    /// The names of parameters that no file gave and that were drawn from the seed.
    pub fn initialised(&self) -> Vec<String> {
        self.table().initialised.keys().cloned().collect()
    }

    /// Draws a parameter that no file gave as torch does right after it was seeded, so that the fresh head of a pretrained
    /// model is Hugging Face's for the same seed. One that a file gave stays.
    ///
    /// # Errors
    /// [`ErrorKind::Tensor`] if the value cannot be written.
    pub fn draw_as_torch(&self, name: &str, deviation: f64) -> Result<()> {
        let mut table = self.table();
        if let Some(draw) = table.initialised.get_mut(name) {
            *draw = Draw::Torch(deviation);
            let (draw, variable) = (*draw, table.entries[name].variable.clone());
            variable.set(&self.drawn(self.0.seed.load(Ordering::Relaxed), name, variable.shape(), draw)?)?;
        }
        Ok(())
    }

    /// The names in the order in which layers asked for them, which is about that of the forward pass.
    pub fn in_creation_order(&self) -> Vec<String> {
        self.table().created.clone()
    }

    /// The names of values that were given and that no layer asked for.
    pub fn unused_values(&self) -> Vec<String> {
        let table = self.table();
        let packed = table.packed.iter().filter(|(_, packed)| !packed.is_asked_for).map(|(name, _)| name);
        table.given.keys().chain(packed).cloned().collect()
    }

    /// Stops training every parameter whose name satisfies `chosen`; returns how many were found.
    pub fn freeze(&self, chosen: impl Fn(&str) -> bool) -> usize {
        self.set_trainable(chosen, false)
    }

    /// Trains every parameter again whose name satisfies `chosen`; returns how many were found.
    pub fn unfreeze(&self, chosen: impl Fn(&str) -> bool) -> usize {
        self.set_trainable(chosen, true)
    }

    fn set_trainable(&self, chosen: impl Fn(&str) -> bool, trainable: bool) -> usize {
        let Table { entries, shared, .. } = &mut *self.table();
        let found = entries.values_mut().filter(|parameter| chosen(&parameter.name));
        let set = |parameter: &mut Parameter| {
            parameter.trainable = trainable;
            if let Some(state) = shared.get(&parameter.name) {
                state.frozen.store(!trainable, Ordering::Relaxed);
            }
        };
        found.map(set).count()
    }

    /// The parameters in the order of their names, each with the place where layers put its gradient.
    pub(crate) fn slots(&self) -> Vec<(Parameter, Arc<GradientSlot>)> {
        let table = self.table();
        let with_slot = |parameter: &Parameter| {
            let state = table.shared.get(&parameter.name)?;
            Some((parameter.clone(), Arc::clone(&state.slot)))
        };
        table.entries.values().filter_map(with_slot).collect()
    }

    /// Forgets the parameters whose names satisfy `chosen`: layers that hold them keep their values.
    pub(crate) fn remove(&self, chosen: impl Fn(&str) -> bool) {
        let mut table = self.table();
        table.entries.retain(|name, _| !chosen(name));
        table.shared.retain(|name, _| !chosen(name));
        table.initialised.retain(|name, _| !chosen(name));
        table.created.retain(|name| !chosen(name));
    }

    /// Every value by its name, as it would be saved. The tensors share storage with the parameters.
    pub fn values(&self) -> BTreeMap<String, Tensor> {
        let table = self.table();
        table.entries.iter().map(|(name, parameter)| (name.clone(), parameter.variable.as_detached_tensor())).collect()
    }

    /// Replaces the value of every parameter: `values` must hold each name once, in its shape, and no other.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] with the names that are missing or that no parameter has, before anything is replaced.
    pub fn set_values(&self, values: &BTreeMap<String, Tensor>) -> Result<()> {
        self.set_values_of(|_| true, values)
    }

    /// As [`set_values`](Self::set_values), of the parameters alone whose names satisfy `chosen`.
    pub(crate) fn set_values_of(&self, chosen: impl Fn(&str) -> bool, values: &BTreeMap<String, Tensor>) -> Result<()> {
        let table = self.table();
        let wanted: Vec<(&String, &Parameter)> = table.entries.iter().filter(|(name, _)| chosen(name)).collect();
        let missing: Vec<&String> =
            wanted.iter().map(|(name, _)| *name).filter(|name| !values.contains_key(*name)).collect();
        let is_wanted = |name: &&String| table.entries.contains_key(*name) && chosen(name);
        let unexpected: Vec<&String> = values.keys().filter(|name| !is_wanted(name)).collect();
        if !missing.is_empty() || !unexpected.is_empty() {
            let message = format!("these weights are of another model: missing {missing:?}, not known {unexpected:?}");
            return Err(Error::new(ErrorKind::Model, message));
        }
        for (name, parameter) in &wanted {
            same_shape(name, parameter.variable.shape(), values[*name].shape())?;
        }
        for (name, parameter) in &wanted {
            let value = values[*name].to_device(&self.0.device)?.to_dtype(self.0.dtype)?;
            parameter.variable.set(&value)?;
        }
        Ok(())
    }

    /// Keeps something beside the parameters, such as how they were trained; it goes where they go. One of each type.
    pub(crate) fn attach<T: Send + 'static>(&self, record: T) {
        self.records().insert(TypeId::of::<T>(), Box::new(record));
    }

    /// The `T` that was kept with [`attach`](Self::attach).
    pub(crate) fn attached<T: Clone + 'static>(&self) -> Option<T> {
        self.records().get(&TypeId::of::<T>()).and_then(|record| record.downcast_ref::<T>()).cloned()
    }

    /// Keeps no `T` any more.
    pub(crate) fn forget<T: 'static>(&self) {
        self.records().remove(&TypeId::of::<T>());
    }

    fn records(&self) -> MutexGuard<'_, Records> {
        self.0.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says where a tensor that is about to be handed to a layer comes from.
    fn leave_origin(&self, table: &mut Table, name: &str, tensor: &Tensor) {
        let state = table.shared.entry(name.to_owned()).or_default();
        let packed = table.packed.get(name).map(|packed| Arc::clone(&packed.value));
        origin::leave(tensor, WeakParameters(Arc::downgrade(&self.0)), name, state.clone(), packed);
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn drawn(&self, seed: u64, name: &str, shape: &Shape, draw: Draw) -> candle_core::Result<Tensor> {
        match draw {
            Draw::Named(init) => self.initial_value(seed, name, shape, init),
            Draw::Torch(deviation) => match MersenneTwister::new(seed).normal(shape.elem_count()) {
                Some(values) => {
                    let values = values.iter().map(|value| value * deviation as f32).collect::<Vec<f32>>();
                    Tensor::from_vec(values, shape, &self.0.device)?.to_dtype(self.0.dtype)
                }
                None => self.initial_value(seed, name, shape, Init::Randn { mean: 0.0, stdev: deviation }),
            },
        }
    }

    fn initial_value(&self, seed: u64, name: &str, shape: &Shape, init: Init) -> candle_core::Result<Tensor> {
        let stream = Stream::initialisation(seed, name);
        let count = shape.elem_count();
        let values: Vec<f64> = match init {
            Init::Const(value) => vec![value; count],
            Init::Randn { mean, stdev } => stream.normal(count).iter().map(|value| mean + stdev * value).collect(),
            Init::Uniform { lo, up } => stream.uniform(count).iter().map(|value| lo + (up - lo) * value).collect(),
            Init::Kaiming { dist, fan, non_linearity } => kaiming(&stream, shape, dist, fan, non_linearity),
        };
        Tensor::from_vec(values, shape, &self.0.device)?.to_dtype(self.0.dtype)
    }
}

fn kaiming(
    stream: &Stream,
    shape: &Shape,
    distribution: NormalOrUniform,
    fan: FanInOut,
    non_linearity: NonLinearity,
) -> Vec<f64> {
    let deviation = non_linearity.gain() / (fan.for_shape(shape) as f64).sqrt();
    let bound = 3f64.sqrt() * deviation;
    match distribution {
        NormalOrUniform::Normal => stream.normal(shape.elem_count()).iter().map(|value| deviation * value).collect(),
        NormalOrUniform::Uniform => {
            stream.uniform(shape.elem_count()).iter().map(|value| bound * (2.0 * value - 1.0)).collect()
        }
    }
}

fn same_shape(name: &str, expected: &Shape, found: &Shape) -> Result<()> {
    if expected == found {
        return Ok(());
    }
    let message = format!("`{name}` has the shape {found:?}, but the model needs {expected:?}");
    Err(Error::new(ErrorKind::Model, message).help("the weights and `config.json` are of different models"))
}

impl SimpleBackend for Parameters {
    fn get(&self, shape: Shape, name: &str, init: Init, _: DType, _: &Device) -> candle_core::Result<Tensor> {
        let mut table = self.table();
        if let Some(packed) = table.packed.get_mut(name) {
            let tensor = packed.stand_in(name, shape)?;
            self.leave_origin(&mut table, name, &tensor);
            return Ok(tensor);
        }
        if let Some(known) = table.entries.get(name) {
            same_shape(name, &shape, known.variable.shape())?;
            let tensor = known.variable.as_tensor().clone();
            self.leave_origin(&mut table, name, &tensor);
            return Ok(tensor);
        }
        let value = match table.given.get(name) {
            Some(given) => {
                same_shape(name, &shape, given.shape())?;
                given.to_device(&self.0.device)?.to_dtype(self.0.dtype)?
            }
            None => self.initial_value(self.0.seed.load(Ordering::Relaxed), name, &shape, init)?,
        };
        // A scale of a norm is known by what it starts as: ones, in one dimension.
        let is_norm_scale = shape.rank() == 1 && matches!(init, Init::Const(1.0));
        let parameter = Parameter {
            name: name.to_owned(),
            variable: Var::from_tensor(&value)?,
            decays: decays(name, is_norm_scale),
            trainable: true,
        };
        let tensor = parameter.variable.as_tensor().clone();
        if table.given.remove(name).is_none() {
            table.initialised.insert(name.to_owned(), Draw::Named(init));
        }
        table.created.push(name.to_owned());
        table.entries.insert(name.to_owned(), parameter);
        self.leave_origin(&mut table, name, &tensor);
        Ok(tensor)
    }

    fn get_unchecked(&self, name: &str, _: DType, _: &Device) -> candle_core::Result<Tensor> {
        let table = self.table();
        let given = table.given.get(name).map(Tensor::shape).cloned();
        let shape = table.entries.get(name).map(|known| known.variable.shape().clone()).or(given);
        drop(table);
        match shape {
            Some(shape) => SimpleBackend::get(self, shape, name, Init::Const(0.0), self.0.dtype, &self.0.device),
            None => candle_core::bail!("there is no parameter `{name}`, and its shape is not known to create one"),
        }
    }

    fn contains_tensor(&self, name: &str) -> bool {
        let table = self.table();
        table.entries.contains_key(name) || table.given.contains_key(name) || table.packed.contains_key(name)
    }
}

impl fmt::Debug for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.table().entries.values().map(|parameter| &parameter.name)).finish()
    }
}

mod again;
mod packed;
#[cfg(test)]
mod tests;
