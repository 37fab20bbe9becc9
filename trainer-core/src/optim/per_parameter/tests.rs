//! What holds for every optimiser that makes its updates parameter by parameter.

use candle_core::Var;

use super::super::{AdafactorSettings, LionSettings, SgdSettings};
use super::*;
use crate::tensor::gradients::GradientSlot;
use crate::tensor::random::Stream;

const ROWS: usize = 150;

fn normal(name: &str, count: usize) -> Vec<f32> {
    Stream::initialisation(7, name).normal(count).into_iter().map(|value| value as f32).collect()
}

fn all() -> Vec<(&'static str, Box<dyn Optimizer>)> {
    let weight_decay = 0.1;
    let descent = |momentum, nesterov| SgdSettings { momentum, nesterov, weight_decay, dampening: 0.0 }.optimizer();
    let adafactor = AdafactorSettings { weight_decay, ..AdafactorSettings::default() };
    let with_mean = AdafactorSettings { beta1: Some(0.9), scale_parameter: true, ..adafactor };
    [
        ("descent", descent(0.0, false)),
        ("momentum", descent(0.9, false)),
        ("nesterov", descent(0.9, true)),
        ("adafactor", adafactor.optimizer()),
        ("adafactor with a mean", with_mean.optimizer()),
        ("lion", LionSettings { weight_decay, ..LionSettings::default() }.optimizer()),
    ]
    .map(|(name, optimizer)| (name, optimizer.unwrap()))
    .into()
}

fn parameter(name: &str, shape: (usize, usize)) -> Parameter {
    let variable = Var::from_vec(normal(name, shape.0 * shape.1), shape, &Device::Cpu).unwrap();
    Parameter { name: name.to_owned(), variable, decays: true, trainable: true }
}

fn bits(tensor: &Tensor) -> Vec<u32> {
    let values = tensor.to_dtype(DType::F32).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
    values.into_iter().map(f32::to_bits).collect()
}

/// The bits of a parameter and of all that is kept of it.
fn all_bits(parameter: &Parameter, optimizer: &dyn Optimizer) -> Vec<Vec<u32>> {
    let kept = optimizer.state().unwrap().into_iter().map(|(_, tensor)| bits(&tensor));
    std::iter::once(bits(parameter.variable.as_tensor())).chain(kept).collect()
}

#[test]
fn gradients_by_rows_make_the_bits_of_whole_ones() {
    let width = 5;
    for ((name, mut by_rows), (_, mut whole)) in all().into_iter().zip(all()) {
        let tables = [[parameter("table", (ROWS, width))], [parameter("table", (ROWS, width))]];
        for update in 0..6u32 {
            let slot = GradientSlot::default();
            let ids = [3, update, 77, 3, 149];
            slot.add_rows(ROWS, width, &ids, &normal(&format!("{update}"), ids.len() * width)).unwrap();
            let rows = slot.take().unwrap().into_gradient(&(ROWS, width).into(), None).unwrap().0;
            let dense: Gradient = rows.to_tensor().unwrap().into();
            let named = |gradient| Gradients::from([("table".to_owned(), gradient)]);
            by_rows.step(&tables[0], &named(rows), 0.5, 0.01).unwrap();
            whole.step(&tables[1], &named(dense), 0.5, 0.01).unwrap();
            let found = all_bits(&tables[0][0], by_rows.as_ref());
            assert_eq!(found, all_bits(&tables[1][0], whole.as_ref()), "{name}, update {update}");
        }
    }
}

#[test]
fn the_bits_do_not_depend_on_the_number_of_threads() {
    // More than one piece of elements, and of rows.
    let shape = (300, 170);
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let of = |(_, mut optimizer): (&str, Box<dyn Optimizer>)| {
                let matrix = [parameter("matrix", shape)];
                for update in 0..3 {
                    let gradient =
                        Tensor::from_vec(normal(&format!("{update}"), shape.0 * shape.1), shape, &Device::Cpu);
                    let gradients = Gradients::from([("matrix".to_owned(), gradient.unwrap().into())]);
                    optimizer.step(&matrix, &gradients, 1.0, 0.01).unwrap();
                }
                all_bits(&matrix[0], optimizer.as_ref())
            };
            all().into_iter().map(of).collect::<Vec<_>>()
        })
    };
    assert_eq!(run(1), run(3));
}

#[test]
fn frozen_parameters_and_those_without_a_gradient_stay_and_a_wrong_shape_changes_nothing() {
    for (name, mut optimizer) in all() {
        let frozen = Parameter { trainable: false, ..parameter("frozen", (2, 3)) };
        let parameters = [parameter("alone", (2, 3)), frozen, parameter("trained", (2, 3))];
        let before: Vec<_> = parameters.iter().map(|parameter| bits(parameter.variable.as_tensor())).collect();
        let gradient = |shape| Gradient::from(Tensor::ones(shape, DType::F32, &Device::Cpu).unwrap());
        let wrong = Gradients::from([("trained".to_owned(), gradient((3, 2)))]);
        assert_eq!(optimizer.step(&parameters, &wrong, 1.0, 0.1).unwrap_err().kind(), ErrorKind::Shape, "{name}");
        let right =
            Gradients::from([("frozen".to_owned(), gradient((2, 3))), ("trained".to_owned(), gradient((2, 3)))]);
        optimizer.step(&parameters, &right, 1.0, 0.1).unwrap();
        let after: Vec<_> = parameters.iter().map(|parameter| bits(parameter.variable.as_tensor())).collect();
        assert_eq!(before[..2], after[..2], "{name}");
        assert_ne!(before[2], after[2], "{name}");
        let counts: Vec<_> =
            optimizer.state().unwrap().into_iter().filter(|(key, _)| key.starts_with("step/")).collect();
        assert_eq!(counts.len(), 2, "{name}");
    }
}

#[test]
fn half_precision_is_updated_in_single_precision() {
    for (name, mut optimizer) in all() {
        let value = Tensor::from_vec(normal("half", 6), (2, 3), &Device::Cpu).unwrap().to_dtype(DType::BF16).unwrap();
        let half = Parameter { variable: Var::from_tensor(&value).unwrap(), ..parameter("half", (2, 3)) };
        let gradient = Tensor::ones((2, 3), DType::BF16, &Device::Cpu).unwrap();
        let gradients = Gradients::from([("half".to_owned(), gradient.into())]);
        optimizer.step(std::slice::from_ref(&half), &gradients, 1.0, 0.5).unwrap();
        assert_eq!(half.variable.dtype(), DType::BF16);
        assert_ne!(bits(half.variable.as_tensor()), bits(&value), "{name}");
        assert!(optimizer.state().unwrap().iter().all(|(_, kept)| kept.dtype() != DType::BF16), "{name}");
    }
}
