//! Figures of torch 2.15, f64: `-(1 - p)^gamma ln(p)` of `log_softmax`, and of `binary_cross_entropy_with_logits`.

use candle_core::{Device, Var};

use super::super::IGNORE;
use super::*;

/// The figures are in f64 on both sides; what `alpha` is in f32 is exact in it.
const TOLERANCE: f64 = 1e-12;

const LOGITS: [[f64; 3]; 4] = [[0.2, -1.0, 0.7], [1.5, 0.3, -0.2], [-0.4, 0.9, 0.1], [0.0, 0.4, -2.0]];

fn batch(labels: Tensor) -> Batch {
    Batch { rows: (0..labels.dims()[0]).collect(), labels: Some(labels), ..Batch::default() }
}

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < TOLERANCE, "{found}, torch {expected}");
}

/// The sum of the loss, its weight and its gradient, element by element.
fn computed(loss: &Focal, logits: &Var, labels: Tensor) -> Result<(f64, f64, Vec<f64>)> {
    let sum = loss.loss(&Output { logits: logits.as_tensor().clone() }, &batch(labels))?;
    let gradients = sum.sum().backward()?;
    let gradient = gradients.get(logits).expect("logits have a gradient").flatten_all()?.to_vec1()?;
    Ok((sum.sum().to_scalar()?, sum.weight(), gradient))
}

#[test]
fn sums_and_gradients_equal_those_of_torch() -> Result<()> {
    let first_rows = [
        [0.1631966054037604, 0.04915387295133225, -0.21235047835509263, -0.09123719623872152],
        [0.3081248806057428, 0.09280543058458808, -0.4009303111903308, -0.2621499720138844],
        [0.33899276297720876, 0.10210265808886033, -0.441095421066069, -0.32609003035568873],
        [0.0815983027018802, 0.024576936475666125, -0.10617523917754632, -0.02280929905968038],
    ];
    let losses = [
        (focal(), 0.356352317048522),
        (focal().gamma(0.5), 1.3356149331137583),
        (focal().gamma(0.0), 2.085744222329207),
        (focal().alpha(&[0.25, 1.0, 0.5]), 0.2682811507219247),
    ];
    for ((loss, expected), of_first) in losses.iter().zip(first_rows) {
        let logits = Var::new(&LOGITS, &Device::Cpu)?;
        let (sum, weight, gradient) = computed(loss, &logits, Tensor::new(&[2u32, 0, 1, 1], &Device::Cpu)?)?;
        near(sum, *expected);
        near(weight, 4.0);
        gradient.iter().zip(of_first).for_each(|(found, expected)| near(*found, expected));
    }
    Ok(())
}

#[test]
fn tokens_without_a_label_count_nothing() -> Result<()> {
    let logits = Var::from_tensor(&Tensor::new(&LOGITS, &Device::Cpu)?.reshape((2, 2, 3))?)?;
    let labels = Tensor::new(&[[2u32, IGNORE], [1, IGNORE]], &Device::Cpu)?;
    let (sum, weight, gradient) = computed(&focal(), &logits, labels.clone())?;
    near(sum, 0.20870037491100724);
    near(weight, 2.0);
    assert_eq!(gradient[3..6], [0.0; 3]);
    near(gradient[7], -0.18461736918576876);
    let output = Output { logits: logits.as_tensor().clone() };
    let of_tokens = focal().item_losses(&output, &batch(labels))?.expect("focal knows them").to_vec1::<f64>()?;
    assert_eq!(of_tokens.len(), 2);
    near(of_tokens.iter().sum(), 0.20870037491100724);
    Ok(())
}

#[test]
fn losses_of_items_stand_at_their_items() -> Result<()> {
    let output = Output { logits: Tensor::new(&LOGITS, &Device::Cpu)? };
    let of = |labels: [u32; 4]| -> Result<Vec<f64>> {
        let losses = focal().item_losses(&output, &batch(Tensor::new(&labels, &Device::Cpu)?))?;
        Ok(losses.expect("focal knows them").to_vec1()?)
    };
    let (all, some) = (of([2, 0, 1, 1])?, of([2, IGNORE, 1, IGNORE])?);
    assert_eq!(some, [all[0], 0.0, all[2], 0.0]);
    assert_eq!(of([IGNORE; 4])?, [0.0; 4]);
    Ok(())
}

#[test]
fn several_classes_have_a_sigmoid_each_as_in_torch() -> Result<()> {
    let labels = Tensor::new(&[[1.0f32, 0.0, 1.0], [0.0, 1.0, 0.0]], &Device::Cpu)?;
    let expected = [
        (focal(), 150.38720880108283, [-0.22451939165633183, 0.0, -0.09585472244050611, 1.0]),
        // 0.75 and its rest are exact in f32.
        (
            focal().alpha(&[0.25, 0.5, 0.75]),
            112.64409578101352,
            [-0.05612984791408296, 0.0, -0.07189104183037958, 0.75],
        ),
    ];
    for (loss, of_torch, of_first) in expected {
        let logits = Var::new(&[[0.2f64, -120.0, 0.7], [150.0, 0.3, -0.2]], &Device::Cpu)?;
        let (sum, weight, gradient) = computed(&loss, &logits, labels.clone())?;
        near(sum, of_torch);
        near(weight, 6.0);
        gradient.iter().zip(of_first).for_each(|(found, expected)| near(*found, expected));
    }
    Ok(())
}

#[test]
fn a_class_that_is_certain_has_no_loss_and_a_finite_gradient() -> Result<()> {
    for gamma in [0.5, 1.0, 2.0] {
        let logits = Var::new(&[[900.0f32, -900.0], [-900.0, 900.0]], &Device::Cpu)?;
        let labels = Tensor::new(&[0u32, 0], &Device::Cpu)?;
        let sum = focal().gamma(gamma).loss(&Output { logits: logits.as_tensor().clone() }, &batch(labels))?;
        assert_eq!(sum.sum().to_vec0::<f32>()?.to_bits(), 1800f32.to_bits());
        let gradients = sum.sum().backward()?;
        let gradient = gradients.get(&logits).expect("logits have a gradient").to_vec2::<f32>()?;
        assert_eq!(gradient, [[0.0, 0.0], [-1.0, 1.0]]);
    }
    Ok(())
}

#[test]
fn a_batch_without_any_label_weighs_nothing() -> Result<()> {
    let logits = Var::new(&LOGITS, &Device::Cpu)?;
    let (sum, weight, gradient) = computed(&focal(), &logits, Tensor::new(&[IGNORE; 4], &Device::Cpu)?)?;
    assert_eq!((sum, weight, gradient), (0.0, 0.0, vec![0.0; 12]));
    Ok(())
}

#[test]
fn what_cannot_be_computed_is_refused() -> Result<()> {
    let output = Output { logits: Tensor::new(&LOGITS, &Device::Cpu)? };
    let classes = batch(Tensor::new(&[2u32, 0, 1, 1], &Device::Cpu)?);
    let message = |loss: Focal, batch: &Batch| loss.loss(&output, batch).unwrap_err().to_string();
    assert!(message(focal().gamma(-1.0), &classes).starts_with("the `gamma` of `focal` is -1"));
    assert!(message(focal().alpha(&[1.0]), &classes).contains("has 1 numbers, but the model has 3 classes"));
    assert!(message(focal().alpha(&[1.0, -2.0, 1.0]), &classes).starts_with("`focal` has an `alpha` of -2"));
    let sets = batch(Tensor::zeros((4, 3), DType::F32, &Device::Cpu)?);
    assert!(message(focal().alpha(&[1.0, 2.0, 1.0]), &sets).contains("the share of a class that is there"));
    let far = batch(Tensor::new(&[0u32, 1, 7, 2], &Device::Cpu)?);
    assert!(message(focal(), &far).starts_with("row 2: class 7 is out of range for a model of 3 classes"));
    let few = batch(Tensor::new(&[0u32, 1], &Device::Cpu)?);
    assert!(message(focal(), &few).contains("one class for each of [4] places"));
    assert!(focal().with_label_smoothing(0.1).is_err());
    Ok(())
}
