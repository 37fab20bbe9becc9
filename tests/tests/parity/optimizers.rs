//! Gradient descent, Adafactor and Lion against what torch 2.15, transformers 5.23 and `lion_pytorch` compute.

use std::collections::{BTreeMap, HashMap};

use candle_core::{DType, Device, Tensor, Var};
use serde_json::Value;
use trainer_core::optim::{AdafactorRate, AdafactorSettings, LionSettings, Optimizer, SgdSettings};
use trainer_core::tensor::gradients::Gradients;
use trainer_core::tensor::params::Parameter;

/// Twenty updates in f32, against the same in another order of the last roundings.
const SINGLE: f64 = 2e-6;
/// The momentum of gradients of a thousand is in the hundreds.
const MOMENTUM: f64 = 2e-5;
/// The same in f64.
const DOUBLE: f64 = 1e-12;
const UPDATES: usize = 20;

type Tensors = HashMap<String, Tensor>;

fn tensors(name: &str) -> Tensors {
    candle_core::safetensors::load(trainer_tests::fixtures().join("optim").join(name), &Device::Cpu).unwrap()
}

fn cases() -> Vec<(String, Value)> {
    let path = trainer_tests::fixtures().join("optim").join("others_cases.json");
    let cases: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let cases: Vec<_> = cases.as_object().unwrap().iter().map(|(name, case)| (name.clone(), case.clone())).collect();
    assert_eq!(cases.len(), 9);
    cases
}

fn optimizer(case: &Value) -> Box<dyn Optimizer> {
    let settings = &case["settings"];
    let (number, is) = (|key: &str| settings[key].as_f64().unwrap(), |key: &str| settings[key].as_bool().unwrap());
    let weight_decay = case["weight_decay"].as_f64().unwrap();
    let class = case["class"].as_str().unwrap();
    let made = match class {
        "torch.SGD" => SgdSettings {
            momentum: number("momentum"),
            dampening: number("dampening"),
            nesterov: is("nesterov"),
            weight_decay,
        }
        .optimizer(),
        "transformers.Adafactor" => AdafactorSettings {
            rate: match (is("relative_step"), is("warmup_init")) {
                (false, _) => AdafactorRate::Scheduled,
                (true, false) => AdafactorRate::Relative,
                (true, true) => AdafactorRate::RelativeWithWarmup,
            },
            scale_parameter: is("scale_parameter"),
            beta1: settings["beta1"].as_f64(),
            clip_threshold: number("clip_threshold"),
            decay_rate: number("decay_rate"),
            epsilon: settings["eps"][0].as_f64().unwrap(),
            least_scale: settings["eps"][1].as_f64().unwrap(),
            weight_decay,
        }
        .optimizer(),
        _ => LionSettings {
            beta1: settings["betas"][0].as_f64().unwrap(),
            beta2: settings["betas"][1].as_f64().unwrap(),
            weight_decay,
        }
        .optimizer(),
    };
    made.unwrap()
}

/// One case, run with ours.
struct Run<'a> {
    case: &'a Value,
    fixed: &'a Tensors,
    parameters: Vec<Parameter>,
    optimizer: Box<dyn Optimizer>,
}

impl<'a> Run<'a> {
    fn new(case: &'a Value, fixed: &'a Tensors, dtype: DType) -> Self {
        let names = |key: &str| -> Vec<&str> {
            case[key].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect()
        };
        let without = names("no_decay");
        let parameter = |name: &str| Parameter {
            name: name.to_owned(),
            variable: Var::from_tensor(&fixed[&format!("start/{name}")].to_dtype(dtype).unwrap()).unwrap(),
            decays: !without.contains(&name),
            trainable: true,
        };
        let parameters = names("parameters").into_iter().map(parameter).collect();
        Self { case, fixed, parameters, optimizer: optimizer(case) }
    }

    /// Twice the gradients at half the scale.
    fn step(&mut self, update: usize) {
        let with = |name: &str| name != "late" || update >= 5;
        let gradient = |parameter: &Parameter| {
            let all = self.fixed[&format!("grad/{}", parameter.name)].to_dtype(parameter.variable.dtype()).unwrap();
            (parameter.name.clone(), (all.get(update).unwrap() * 2.0).unwrap().into())
        };
        let gradients: Gradients =
            self.parameters.iter().filter(|parameter| with(&parameter.name)).map(gradient).collect();
        let rate = self.case["lr_per_step"].get(update).and_then(Value::as_f64).unwrap_or(0.01);
        self.optimizer.step(&self.parameters, &gradients, 0.5, rate).unwrap();
    }
}

fn elements(tensor: &Tensor) -> Vec<f64> {
    tensor.to_dtype(DType::F64).unwrap().flatten_all().unwrap().to_vec1().unwrap()
}

fn assert_close(ours: &Tensor, theirs: &Tensor, tolerance: f64, what: &str) {
    assert_eq!(ours.elem_count(), theirs.elem_count(), "{what}");
    for (ours, theirs) in elements(ours).into_iter().zip(elements(theirs)) {
        assert!((ours - theirs).abs() <= tolerance * (1.0 + theirs.abs()), "{what}: {ours:e} instead of {theirs:e}");
    }
}

fn bits(parameter: &Parameter) -> Vec<u32> {
    let values = parameter.variable.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    values.into_iter().map(f32::to_bits).collect()
}

fn tolerance(name: &str) -> f64 {
    if name.starts_with("sgd_") { MOMENTUM } else { SINGLE }
}

#[test]
fn twenty_updates_follow_the_reference_and_end_with_its_state() {
    let (fixed, traces) = (tensors("adamw_grads.safetensors"), tensors("others_traces.safetensors"));
    let mut states = 0;
    for (name, case) in &cases() {
        let mut run = Run::new(case, &fixed, DType::F32);
        for update in 0..UPDATES {
            run.step(update);
            for parameter in &run.parameters {
                let theirs = traces[&format!("{name}/{}", parameter.name)].get(update).unwrap();
                let what = format!("{name}, update {update}, {}", parameter.name);
                assert_close(parameter.variable.as_tensor(), &theirs, tolerance(name), &what);
            }
        }
        for (key, ours) in run.optimizer.state().unwrap() {
            let (kind, parameter) = key.split_once('/').unwrap();
            if let Some(theirs) = traces.get(&format!("{name}/{parameter}/state/{kind}")) {
                assert_close(&ours, theirs, tolerance(name), &format!("{name}, state {key}"));
                states += 1;
            }
        }
    }
    // Momentum of three, means of four (a matrix has two), and the direction of one; counts of Adafactor's updates.
    assert!(states >= 3 * 5 + 4 * 5 + 5, "{states}");
}

#[test]
fn parameters_in_double_precision_are_updated_in_double_precision() {
    let (fixed, traces) = (tensors("adamw_grads.safetensors"), tensors("others_traces_f64.safetensors"));
    for (name, case) in &cases() {
        let mut run = Run::new(case, &fixed, DType::F64);
        (0..UPDATES).for_each(|update| run.step(update));
        for parameter in &run.parameters {
            let theirs = &traces[&format!("{name}/{}", parameter.name)];
            assert_close(parameter.variable.as_tensor(), theirs, DOUBLE, &format!("{name}, {}", parameter.name));
        }
    }
}

#[test]
fn to_resume_after_any_update_equals_never_stopping_bit_for_bit() {
    let fixed = tensors("adamw_grads.safetensors");
    for (name, case) in &cases() {
        let mut whole = Run::new(case, &fixed, DType::F32);
        for update in 0..UPDATES {
            if [1, 7].contains(&update) {
                let state: BTreeMap<String, Tensor> = whole.optimizer.state().unwrap().into_iter().collect();
                let mut resumed = Run::new(case, &fixed, DType::F32);
                for (ours, theirs) in resumed.parameters.iter().zip(&whole.parameters) {
                    ours.variable.set(&theirs.variable.as_tensor().copy().unwrap()).unwrap();
                }
                resumed.optimizer.load_state(&resumed.parameters, state, update).unwrap();
                whole.step(update);
                resumed.step(update);
                for (ours, theirs) in resumed.parameters.iter().zip(&whole.parameters) {
                    assert_eq!(bits(ours), bits(theirs), "{name}, update {update}, {}", ours.name);
                }
                whole = resumed;
            } else {
                whole.step(update);
            }
        }
    }
}

#[test]
fn the_state_of_another_optimizer_is_refused_by_name() {
    let fixed = tensors("adamw_grads.safetensors");
    let all = cases();
    let run = |wanted: &str| {
        let (_, case) = all.iter().find(|(name, _)| name == wanted).unwrap();
        let mut run = Run::new(case, &fixed, DType::F32);
        run.step(0);
        run
    };
    let (lion, mut momentum) = (run("lion"), run("sgd_momentum"));
    let state: BTreeMap<String, Tensor> = lion.optimizer.state().unwrap().into_iter().collect();
    let error = momentum.optimizer.load_state(&momentum.parameters, state, 1).unwrap_err();
    assert!(error.message().starts_with("the optimiser state has no `momentum_buffer/"), "{error}");
    let mut state: BTreeMap<String, Tensor> = momentum.optimizer.state().unwrap().into_iter().collect();
    state.insert("momentum_buffer/stranger".to_owned(), Tensor::new(1f32, &Device::Cpu).unwrap());
    let error = momentum.optimizer.load_state(&momentum.parameters, state, 1).unwrap_err();
    assert!(error.message().contains("`momentum_buffer/stranger`, which belongs to no trained parameter"), "{error}");
}
