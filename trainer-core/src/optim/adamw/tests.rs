//! What the golden traces do not show: state, what is skipped and what is refused.

use candle_core::{Device, Var};

use super::*;
use crate::tensor::kernels::optimizer::adamw;

mod rows;

const SETTINGS: AdamWSettings = AdamWSettings { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weight_decay: 0.1 };

fn parameter(name: &str, values: &[f32]) -> Parameter {
    let variable = Var::from_slice(values, values.len(), &Device::Cpu).unwrap();
    Parameter { name: name.into(), variable, decays: true, trainable: true }
}

fn gradients(values: &[(&str, &[f32])]) -> Gradients {
    values.iter().map(|(name, v)| ((*name).to_string(), Tensor::new(*v, &Device::Cpu).unwrap().into())).collect()
}

fn values(parameter: &Parameter) -> Vec<f32> {
    parameter.variable.to_dtype(DType::F32).unwrap().to_vec1().unwrap()
}

fn state_of(optimizer: &AdamW) -> BTreeMap<String, Tensor> {
    optimizer.state().unwrap().into_iter().collect()
}

fn refused<T>(result: Result<T>) -> String {
    result.err().expect("must be refused").to_string()
}

/// Update `moment` of a run on two parameters, of which `late` has its first gradient in update 2.
fn advance(optimizer: &mut AdamW, parameters: &[Parameter], moment: u8) {
    let wave = f32::from(moment).sin();
    let mut gradients = gradients(&[("a", &[wave, -0.5, 2.0 * wave]), ("late", &[wave])]);
    if moment < 2 {
        gradients.remove("late");
    }
    optimizer.step(parameters, &gradients, 0.5, 1e-2).unwrap();
}

fn two_parameters() -> [Parameter; 2] {
    [parameter("a", &[1.0, 2.0, 3.0]), parameter("late", &[4.0])]
}

#[test]
fn a_run_that_was_resumed_at_any_update_has_the_same_bits() {
    let whole = two_parameters();
    let mut optimizer = AdamW::new(SETTINGS).unwrap();
    (0..6).for_each(|moment| advance(&mut optimizer, &whole, moment));
    for stop in 0..6 {
        let parts = two_parameters();
        let mut before = AdamW::new(SETTINGS).unwrap();
        (0..stop).for_each(|moment| advance(&mut before, &parts, moment));
        let mut after = AdamW::new(SETTINGS).unwrap();
        after.load_state(&parts, state_of(&before), usize::from(stop)).unwrap();
        (stop..6).for_each(|moment| advance(&mut after, &parts, moment));
        for (whole, part) in whole.iter().zip(&parts) {
            assert_eq!(values(whole), values(part), "stopped before update {stop}");
        }
    }
}

#[test]
fn a_parameter_without_gradient_keeps_its_value_and_its_count() {
    let parameters = two_parameters();
    let mut optimizer = AdamW::new(SETTINGS).unwrap();
    advance(&mut optimizer, &parameters, 0);
    advance(&mut optimizer, &parameters, 1);
    advance(&mut optimizer, &parameters, 2);
    let state = state_of(&optimizer);
    assert_eq!(state["step/a"].to_scalar::<i64>().unwrap(), 3);
    assert_eq!(state["step/late"].to_scalar::<i64>().unwrap(), 1);
}

#[test]
fn a_parameter_that_had_no_gradient_yet_is_in_the_state() {
    let parameters = two_parameters();
    let mut optimizer = AdamW::new(SETTINGS).unwrap();
    advance(&mut optimizer, &parameters, 0);
    assert_eq!(values(&parameters[1]), [4.0]);
    let state = state_of(&optimizer);
    assert_eq!(state["exp_avg_sq/late"].to_vec1::<f32>().unwrap(), [0.0]);
    assert_eq!(state["step/late"].to_scalar::<i64>().unwrap(), 0);
}

#[test]
fn a_frozen_parameter_is_left_alone_and_has_no_state() {
    let mut frozen = parameter("a", &[1.0]);
    frozen.trainable = false;
    let parameters = [frozen];
    let mut optimizer = AdamW::new(SETTINGS).unwrap();
    optimizer.step(&parameters, &gradients(&[("a", &[1.0])]), 1.0, 1e-2).unwrap();
    assert_eq!(values(&parameters[0]), [1.0]);
    assert!(optimizer.state().unwrap().is_empty());
}

#[test]
fn the_scale_is_what_the_gradient_is_multiplied_by() {
    let (scaled, plain) = ([parameter("a", &[1.0, 2.0])], [parameter("a", &[1.0, 2.0])]);
    let (mut first, mut second) = (AdamW::new(SETTINGS).unwrap(), AdamW::new(SETTINGS).unwrap());
    for gradient in [[0.25f32, -3.0], [1.0, 0.5]] {
        let half = gradient.map(|value| value * 0.5);
        first.step(&scaled, &gradients(&[("a", &gradient)]), 0.5, 1e-2).unwrap();
        second.step(&plain, &gradients(&[("a", &half)]), 1.0, 1e-2).unwrap();
    }
    assert_eq!(values(&scaled[0]), values(&plain[0]));
    assert_eq!(
        state_of(&first)["exp_avg_sq/a"].to_vec1::<f32>().unwrap(),
        state_of(&second)["exp_avg_sq/a"].to_vec1::<f32>().unwrap()
    );
}

#[test]
fn tensors_and_slices_make_the_same_update() {
    let start: Vec<f32> = (0u8..50).map(|i| f32::from(i).sin()).collect();
    let gradient: Vec<f32> = (0u8..50).map(|i| f32::from(i).cos() * 0.3).collect();
    let gradient = Tensor::new(gradient, &Device::Cpu).unwrap();
    for beta1 in [0.9, 0.3, 0.0] {
        let settings = AdamWSettings { beta1, ..SETTINGS };
        let sliced = Numbers::of(&settings, true, 3, 0.5, 1e-2).single();
        let (mut p, mut m, mut v) = (start.clone(), vec![0.1; 50], vec![0.01; 50]);
        adamw(&mut p, &mut m, &mut v, &gradient.to_vec1::<f32>().unwrap(), &sliced);
        let tensor = |values: &[f32]| Tensor::new(values, &Device::Cpu).unwrap();
        let numbers = Numbers::of(&settings, true, 3, 0.5, 1e-2);
        let (value, first, second) =
            update_tensors(&tensor(&start), &tensor(&[0.1; 50]), &tensor(&[0.01; 50]), &gradient, &numbers).unwrap();
        for (tensor, slice) in [(value, p), (first, m), (second, v)] {
            for (a, b) in tensor.to_vec1::<f32>().unwrap().iter().zip(slice) {
                assert!((a - b).abs() <= 1e-6 * (1.0 + b.abs()), "beta1 {beta1}: {a} and {b}");
            }
        }
    }
}

#[test]
fn a_half_precision_parameter_has_moments_in_single_precision() {
    let mut half = parameter("a", &[1.0, 2.0]);
    half.variable = Var::from_tensor(&half.variable.to_dtype(DType::BF16).unwrap()).unwrap();
    let parameters = [half];
    let mut optimizer = AdamW::new(SETTINGS).unwrap();
    optimizer.step(&parameters, &gradients(&[("a", &[1.0, -1.0])]), 1.0, 0.5).unwrap();
    // The first update moves by the learning rate, after a decay of 0.5 * 0.1.
    for (value, expected) in values(&parameters[0]).into_iter().zip([0.45, 2.4]) {
        assert!((value - expected).abs() < 0.01, "{value}");
    }
    let state = state_of(&optimizer);
    assert_eq!(state["exp_avg/a"].dtype(), DType::F32);
    let mut resumed = AdamW::new(SETTINGS).unwrap();
    resumed.load_state(&parameters, state, 1).unwrap();
    resumed.step(&parameters, &gradients(&[("a", &[1.0, -1.0])]), 1.0, 0.0).unwrap();
    assert_eq!(state_of(&resumed)["step/a"].to_scalar::<i64>().unwrap(), 2);
}

#[test]
fn state_without_counts_takes_the_updates_of_the_run() {
    let parameters = two_parameters();
    let mut optimizer = AdamW::new(SETTINGS).unwrap();
    (2..5).for_each(|moment| advance(&mut optimizer, &parameters, moment));
    let mut state = state_of(&optimizer);
    state.retain(|key, _| !key.starts_with("step/"));
    let mut resumed = AdamW::new(SETTINGS).unwrap();
    resumed.load_state(&parameters, state, 3).unwrap();
    assert_eq!(state_of(&resumed)["step/late"].to_scalar::<i64>().unwrap(), 3);
}

#[test]
fn a_count_may_be_a_float_as_torch_writes_it() {
    let parameters = [parameter("a", &[1.0])];
    let mut optimizer = AdamW::new(SETTINGS).unwrap();
    optimizer.step(&parameters, &gradients(&[("a", &[1.0])]), 1.0, 1e-2).unwrap();
    let mut state = state_of(&optimizer);
    state.insert("step/a".into(), Tensor::new(7f32, &Device::Cpu).unwrap());
    optimizer.load_state(&parameters, state.clone(), 0).unwrap();
    assert_eq!(state_of(&optimizer)["step/a"].to_scalar::<i64>().unwrap(), 7);
    state.insert("step/a".into(), Tensor::new(-1f32, &Device::Cpu).unwrap());
    assert!(refused(optimizer.load_state(&parameters, state, 0)).contains("`step/a`"));
}

#[test]
fn state_that_does_not_fit_is_refused_by_name_and_nothing_is_taken_over() {
    let parameters = two_parameters();
    let mut source = AdamW::new(SETTINGS).unwrap();
    advance(&mut source, &parameters, 2);
    let whole = state_of(&source);
    let mut optimizer = AdamW::new(SETTINGS).unwrap();
    let mut load = |change: &dyn Fn(&mut BTreeMap<String, Tensor>)| {
        let mut state = whole.clone();
        change(&mut state);
        let message = refused(optimizer.load_state(&parameters, state, 1));
        assert!(optimizer.state().unwrap().is_empty());
        message
    };
    for key in ["exp_avg/a", "exp_avg_sq/late", "step/a"] {
        let message = load(&|state| {
            state.remove(key);
        });
        assert!(message.contains(&format!("has no `{key}`")), "{message}");
    }
    let extra = Tensor::zeros(2, DType::F32, &Device::Cpu).unwrap();
    let message = load(&|state| {
        state.insert("exp_avg/b".into(), extra.clone());
    });
    assert!(message.contains("`exp_avg/b`, which belongs to no"), "{message}");
    let message = load(&|state| {
        state.insert("exp_avg/a".into(), extra.clone());
    });
    assert!(message.contains("`exp_avg/a`") && message.contains("[2]") && message.contains("[3]"), "{message}");
    assert!(load(&|state| state.clear()).contains("has no `exp_avg/a`"));
}

#[test]
fn an_update_that_cannot_be_made_changes_nothing() {
    let parameters = [parameter("a", &[1.0]), parameter("b", &[1.0, 2.0])];
    let mut optimizer = AdamW::new(SETTINGS).unwrap();
    let good = gradients(&[("a", &[1.0]), ("b", &[1.0, 1.0])]);
    let shape = gradients(&[("a", &[1.0]), ("b", &[1.0])]);
    assert!(refused(optimizer.step(&parameters, &shape, 1.0, 1e-2)).contains("gradient of `b`"));
    let stranger = gradients(&[("a", &[1.0]), ("c", &[1.0])]);
    assert!(refused(optimizer.step(&parameters, &stranger, 1.0, 1e-2)).contains("`c`"));
    assert!(refused(optimizer.step(&parameters, &good, f32::NAN, 1e-2)).contains("NaN"));
    assert!(refused(optimizer.step(&parameters, &good, 1.0, f64::INFINITY)).contains("learning rate"));
    optimizer.step(&parameters, &good, 1.0, 0.0).unwrap();
    let other = [parameter("a", &[1.0]), parameter("b", &[1.0, 2.0, 3.0])];
    let wide = gradients(&[("a", &[1.0]), ("b", &[1.0, 1.0, 1.0])]);
    assert!(refused(optimizer.step(&other, &wide, 1.0, 1e-2)).contains("`b`"));
    assert_eq!((values(&parameters[0]), values(&parameters[1])), (vec![1.0], vec![1.0, 2.0]));
    assert_eq!(values(&other[0]), [1.0]);
}

#[test]
fn settings_with_which_an_update_is_not_defined_are_refused_by_name() {
    let new = |change: fn(&mut AdamWSettings)| {
        let mut settings = SETTINGS;
        change(&mut settings);
        refused(AdamW::new(settings))
    };
    assert!(new(|settings| settings.beta1 = 1.0).contains("`adam_beta1` is 1"));
    assert!(new(|settings| settings.beta2 = -0.1).contains("`adam_beta2`"));
    assert!(new(|settings| settings.epsilon = 0.0).contains("`adam_epsilon`"));
    assert!(new(|settings| settings.weight_decay = f64::NAN).contains("`weight_decay`"));
}
