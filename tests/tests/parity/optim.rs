//! `AdamW`, clipping and the decay groups against what torch 2.15 and transformers 5.23 compute.

use std::collections::{BTreeMap, HashMap};

use candle_core::{DType, Device, Tensor, Var};
use serde_json::Value;
use trainer_core::optim::{AdamW, AdamWSettings, Optimizer, clip_factor, decays, first_not_finite, global_norm};
use trainer_core::tensor::gradients::Gradients;
use trainer_core::tensor::params::Parameter;

/// Twenty updates in f32, against the same in another order of the last roundings.
const SINGLE: f64 = 2e-6;
/// The same in f64.
const DOUBLE: f64 = 1e-12;
/// torch adds up the norm in f32, and takes subnormal squares for small gradients.
const NORM: f64 = 1e-5;

type Tensors = HashMap<String, Tensor>;

fn tensors(name: &str) -> Tensors {
    candle_core::safetensors::load(trainer_tests::fixtures().join("optim").join(name), &Device::Cpu).unwrap()
}

fn document(name: &str) -> Value {
    let path = trainer_tests::fixtures().join("optim").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn number(value: &Value) -> f64 {
    match value.as_str() {
        Some(word) => word.parse().unwrap(),
        None => value.as_f64().unwrap(),
    }
}

fn names(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect()
}

fn elements(tensor: &Tensor) -> Vec<f64> {
    tensor.to_dtype(DType::F64).unwrap().flatten_all().unwrap().to_vec1().unwrap()
}

fn assert_close(ours: &Tensor, theirs: &Tensor, tolerance: f64, what: &str) {
    assert_eq!(ours.dims(), theirs.dims(), "{what}");
    for (ours, theirs) in elements(ours).into_iter().zip(elements(theirs)) {
        assert!((ours - theirs).abs() <= tolerance * (1.0 + theirs.abs()), "{what}: {ours:e} instead of {theirs:e}");
    }
}

/// One case of torch's optimiser, run with ours.
struct Run<'a> {
    name: &'a str,
    case: &'a Value,
    fixed: &'a Tensors,
    parameters: Vec<Parameter>,
    optimizer: AdamW,
}

impl<'a> Run<'a> {
    fn new(name: &'a str, case: &'a Value, fixed: &'a Tensors, dtype: DType) -> Self {
        let without = names(&case["no_decay"]);
        let parameters = names(&case["parameters"])
            .into_iter()
            .map(|parameter| Parameter {
                name: parameter.into(),
                variable: Var::from_tensor(&fixed[&format!("start/{parameter}")].to_dtype(dtype).unwrap()).unwrap(),
                decays: !without.contains(&parameter),
                trainable: true,
            })
            .collect();
        let settings = AdamWSettings {
            beta1: number(&case["settings"]["betas"][0]),
            beta2: number(&case["settings"]["betas"][1]),
            epsilon: number(&case["settings"]["eps"]),
            weight_decay: number(&case["weight_decay"]),
        };
        Self { name, case, fixed, parameters, optimizer: AdamW::new(settings).unwrap() }
    }

    fn step(&mut self, update: usize) {
        let gradients: Gradients = self
            .parameters
            .iter()
            .filter(|parameter| parameter.name != "late" || update >= 5)
            .map(|parameter| {
                let all = self.fixed[&format!("grad/{}", parameter.name)].to_dtype(parameter.variable.dtype()).unwrap();
                (parameter.name.clone(), all.get(update).unwrap().into())
            })
            .collect();
        let learning_rate = number(&self.case["lr_per_step"][update]);
        self.optimizer.step(&self.parameters, &gradients, 1.0, learning_rate).unwrap();
    }

    fn updates(&self) -> usize {
        self.case["lr_per_step"].as_array().unwrap().len()
    }

    fn assert_state(&self, traces: &Tensors) {
        let state: BTreeMap<String, Tensor> = self.optimizer.state().unwrap().into_iter().collect();
        assert_eq!(state.len(), 3 * self.parameters.len());
        for (key, ours) in &state {
            let (kind, parameter) = key.split_once('/').unwrap();
            let of = |kind: &str| &traces[&format!("{}/{parameter}/state/{kind}", self.name)];
            // A mean of gradients is rounded in the size of the gradients, not in that of the mean they cancel to.
            let size = if kind == "exp_avg" { of("exp_avg_sq").sqrt().unwrap() } else { of(kind).abs().unwrap() };
            let distance = (ours.to_dtype(DType::F32).unwrap() - of(kind)).unwrap().abs().unwrap();
            for (distance, size) in elements(&distance).into_iter().zip(elements(&size)) {
                assert!(distance <= SINGLE * (1.0 + size), "{}: {key} is off by {distance:e}", self.name);
            }
        }
    }
}

#[test]
fn twenty_updates_follow_torch_and_end_with_its_state() {
    let (fixed, traces, cases) =
        (tensors("adamw_grads.safetensors"), tensors("adamw_traces.safetensors"), document("adamw_cases.json"));
    let mut compared = 0;
    for (name, case) in cases.as_object().unwrap() {
        let mut run = Run::new(name, case, &fixed, DType::F32);
        for update in 0..run.updates() {
            run.step(update);
            for parameter in &run.parameters {
                let theirs = traces[&format!("{name}/{}", parameter.name)].get(update).unwrap();
                let what = format!("{name}, update {update}, {}", parameter.name);
                assert_close(parameter.variable.as_tensor(), &theirs, SINGLE, &what);
                compared += 1;
            }
        }
        run.assert_state(&traces);
    }
    assert_eq!(compared, 4 * 20 * 5);
}

#[test]
fn parameters_in_double_precision_are_updated_in_double_precision() {
    let (fixed, traces, cases) =
        (tensors("adamw_grads.safetensors"), tensors("adamw_traces_f64.safetensors"), document("adamw_cases.json"));
    for (name, case) in cases.as_object().unwrap() {
        let mut run = Run::new(name, case, &fixed, DType::F64);
        (0..run.updates()).for_each(|update| run.step(update));
        for parameter in &run.parameters {
            let theirs = &traces[&format!("{name}/{}", parameter.name)];
            assert_close(parameter.variable.as_tensor(), theirs, DOUBLE, &format!("{name}, {}", parameter.name));
        }
    }
}

#[test]
fn the_state_of_torch_can_be_taken_over() {
    let (fixed, traces, cases) =
        (tensors("adamw_grads.safetensors"), tensors("adamw_traces.safetensors"), document("adamw_cases.json"));
    let mut run = Run::new("adamw", &cases["adamw"], &fixed, DType::F32);
    let state: BTreeMap<String, Tensor> = traces
        .iter()
        .filter_map(|(key, tensor)| {
            let (parameter, kind) = key.strip_prefix("adamw/")?.split_once("/state/")?;
            Some((format!("{kind}/{parameter}"), tensor.clone()))
        })
        .collect();
    run.optimizer.load_state(&run.parameters, state, 20).unwrap();
    run.assert_state(&traces);
}

/// The cases in which torch's f32 sum of squares loses the norm, with the norm that is right.
const RIGHT_WHERE_F32_IS_NOT: [(&str, f64); 2] =
    [("underflow in f32 squares", 1.4142135623730951e-25), ("overflow in f32 squares", 5e20)];

fn clip_gradients(case: &Value) -> Gradients {
    let rows = case["grads"].as_array().unwrap().iter().enumerate();
    rows.map(|(index, row)| {
        let row: Vec<f32> = row.as_array().unwrap().iter().map(|value| number(value) as f32).collect();
        (format!("parameter{index}"), Tensor::new(row, &Device::Cpu).unwrap().into())
    })
    .collect()
}

#[expect(clippy::float_cmp, reason = "infinities and zeros are equal, not near")]
fn same(ours: f64, theirs: f64, tolerance: f64) -> bool {
    ours == theirs || (ours.is_nan() && theirs.is_nan()) || (ours - theirs).abs() <= tolerance * theirs.abs()
}

#[test]
fn clipping_follows_torch_and_is_right_where_its_f32_sum_is_not() {
    let document = document("clip.json");
    let cases = document["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 16);
    for case in cases {
        let note = case["note"].as_str().unwrap();
        let gradients = clip_gradients(case);
        let max_norm = number(&case["max_norm"]);
        // Only the 2-norm is offered; for the others the factor alone is compared, from the norm that torch gives.
        let is_two_norm = case["norm_type"] == 2.0;
        let theirs = number(&case["total_norm"]);
        let norm = if is_two_norm { global_norm(&gradients).unwrap() } else { theirs };
        if let Some((_, right)) = RIGHT_WHERE_F32_IS_NOT.iter().find(|(name, _)| *name == note) {
            assert!(same(norm, *right, 1e-6), "{note}: {norm:e} instead of {right:e}");
            let clipped = norm * clip_factor(norm, max_norm);
            assert!(same(clipped, right.min(max_norm), 1e-6), "{note}: clipped to {clipped:e}");
            continue;
        }
        assert!(same(norm, theirs, NORM), "{note}: {norm:e} instead of {theirs:e}");
        assert_eq!(first_not_finite(&gradients).unwrap().is_some(), case["error_if_nonfinite"] == true, "{note}");
        let factor = clip_factor(norm, max_norm) as f32;
        if max_norm == 0.0 {
            // The Trainer does not clip then; torch alone would make every gradient 0.
            assert!(same(f64::from(factor), 1.0, 0.0), "{note}");
            continue;
        }
        for (gradient, clipped) in gradients.values().zip(case["clipped"].as_array().unwrap()) {
            let gradient = gradient.to_tensor().unwrap().to_vec1::<f32>().unwrap();
            for (value, theirs) in gradient.iter().zip(clipped.as_array().unwrap()) {
                let (ours, theirs) = (f64::from(value * factor), number(theirs));
                assert!(same(ours, theirs, 1e-6), "{note}: {ours:e} instead of {theirs:e}");
            }
        }
    }
}

#[test]
fn the_same_parameters_decay_as_in_transformers() {
    // GPT-2's norms are known by their layer only; all others here by their names.
    let is_norm_scale = |name: &str| name.contains(".ln_") && name.ends_with(".weight");
    let document = document("decay.json");
    let mut compared = 0;
    for (model, groups) in document.as_object().unwrap() {
        for (group, expected) in [("decay", true), ("no_decay", false)] {
            for name in names(&groups[group]) {
                assert_eq!(decays(name, is_norm_scale(name)), expected, "{model}: {name}");
                compared += 1;
            }
        }
    }
    assert!(compared > 300, "{compared}");
}
