//! The loss in chunks is that of the whole scores, with every gradient.

use candle_core::Var;

use super::*;
use crate::collate::Batch;
use crate::loss::{IGNORE, Loss, ce};
use crate::model::Output;
use crate::nn::gradient_check::{agree_with_differences, values};

const TOKENS: usize = 23;
const HIDDEN: usize = 10;
const VOCABULARY: usize = 57;

/// Sums of some hundred products in `f32`, in another order.
const RELATIVE: f64 = 1e-5;

fn labels() -> Tensor {
    let label = |token: usize| if token % 4 == 1 { IGNORE } else { (token * 31 % VOCABULARY) as u32 };
    Tensor::from_iter((0..TOKENS).map(label), &Device::Cpu).unwrap()
}

struct Inputs3 {
    hidden: Var,
    weight: Var,
    bias: Var,
}

fn inputs(dtype: DType) -> Inputs3 {
    let of_type = |values: Var| Var::from_tensor(&values.to_dtype(dtype).unwrap()).unwrap();
    Inputs3 {
        hidden: of_type(values((TOKENS, HIDDEN), "hidden")),
        weight: of_type(values((VOCABULARY, HIDDEN), "weight")),
        bias: of_type(values(VOCABULARY, "bias")),
    }
}

/// The loss of the scores as a whole, by the loss of classification.
fn whole(inputs: &Inputs3, bias: Option<&Tensor>, label_smoothing: f64) -> Result<LossSum> {
    let mut logits = inputs.hidden.matmul(&inputs.weight.t()?)?;
    if let Some(bias) = bias {
        logits = logits.broadcast_add(bias)?;
    }
    let batch = Batch { rows: (0..TOKENS).collect(), labels: Some(labels()), ..Batch::default() };
    ce().label_smoothing(label_smoothing).loss(&Output { logits }, &batch)
}

/// The largest difference of two tensors, relative to the largest number.
fn distance(a: &Tensor, b: &Tensor) -> Result<f64> {
    let number = |tensor: Tensor| -> Result<f64> { Ok(tensor.abs()?.max_all()?.to_dtype(DType::F64)?.to_scalar()?) };
    Ok(number((a - b)?)? / number(b.clone())?)
}

#[test]
fn chunks_of_every_size_give_the_loss_and_every_gradient_of_the_whole_scores() -> Result<()> {
    let of = inputs(DType::F32);
    for (smoothing, biased) in [(0.0, false), (0.0, true), (0.1, false), (0.1, true), (1.0, true)] {
        let bias = biased.then(|| of.bias.as_tensor());
        let expected = whole(&of, bias, smoothing)?;
        let expected_gradients = expected.sum().backward()?;
        for rows in [1, 2, 5, 17, 18, 1000] {
            let layer = Layer { weight: &of.weight, bias, slot: None, label_smoothing: smoothing };
            let found = layer.loss(&of.hidden, &labels(), rows * VOCABULARY, None)?;
            assert_eq!(found.weight().to_bits(), expected.weight().to_bits());
            assert!(distance(found.sum(), expected.sum())? < RELATIVE, "{rows} rows, smoothing {smoothing}");
            // Twice the sum: the gradient of the loss is not 1 then.
            let gradients = (found.sum() * 2.0)?.backward()?;
            for (name, of) in [("hidden", &of.hidden), ("weight", &of.weight), ("bias", &of.bias)] {
                let Some(expected) = expected_gradients.get(of) else {
                    assert!(!biased && gradients.get(of).is_none(), "{name}");
                    continue;
                };
                let half = (gradients.get(of).expect("a gradient") * 0.5)?;
                assert!(distance(&half, expected)? < RELATIVE, "{name}, {rows} rows, smoothing {smoothing}");
            }
        }
    }
    Ok(())
}

fn bits(loss: &LossSum) -> Result<(u64, u64)> {
    Ok((loss.sum().to_dtype(DType::F64)?.to_scalar::<f64>()?.to_bits(), loss.weight().to_bits()))
}

#[test]
fn what_is_known_of_each_row_comes_of_the_same_scores_and_the_loss_has_the_same_bits() -> Result<()> {
    for (dtype, smoothing) in [(DType::F32, 0.0), (DType::F32, 0.1), (DType::F64, 0.1)] {
        let of = inputs(dtype);
        let rows = VocabularyRows::new(of.hidden.detach(), of.weight.detach(), Some(of.bias.detach()), labels());
        let expected = linear_cross_entropy(&rows.hidden, &rows.weight, rows.bias.as_ref(), &labels(), smoothing)?;
        let (loss, found) = linear_cross_entropy_with_outcomes(&rows, smoothing, PredictedTokens::Wanted)?;
        assert_eq!(bits(&loss)?, bits(&expected)?, "{dtype:?}");

        let labelled = LabelledRows::of(&labels())?;
        let hidden = labelled.gather(&rows.hidden)?;
        let with_label = Tensor::new(labelled.labels(), &Device::Cpu)?;
        let alone = VocabularyRows { hidden, labels: with_label, ..rows.clone() };
        let by_scores = TokenOutcomes::of_rows(&alone, PredictedTokens::Wanted, 5 * VOCABULARY)?;
        assert_eq!((&found.labels, &found.predicted), (&by_scores.labels, &by_scores.predicted));
        let far = found.losses.iter().zip(&by_scores.losses).find(|(a, b)| (**a - **b).abs() > 1e-5);
        assert!(far.is_none() && found.losses.len() == labelled.len(), "{far:?}");

        let (loss, without) = linear_cross_entropy_with_outcomes(&rows, smoothing, PredictedTokens::NotWanted)?;
        assert_eq!((bits(&loss)?, without.predicted.len(), &without.losses), (bits(&expected)?, 0, &found.losses));
    }
    Ok(())
}

#[test]
fn chunks_of_the_composed_form_are_the_whole() -> Result<()> {
    let of = inputs(DType::F64);
    let layer = Layer { weight: &of.weight, bias: Some(&of.bias), slot: None, label_smoothing: 0.1 };
    let loss = |chunk_scores: usize| -> Result<(LossSum, TokenOutcomes)> {
        let mut told = Told { predicted: PredictedTokens::Wanted, outcomes: TokenOutcomes::default() };
        let loss = layer.loss(&of.hidden, &labels(), chunk_scores, Some(&mut told))?;
        Ok((loss, told.outcomes))
    };
    let (whole, of_whole) = loss(usize::MAX)?;
    for rows in [1, 4, 17] {
        let (found, of_found) = loss(rows * VOCABULARY)?;
        assert!(distance(found.sum(), whole.sum())? < 1e-12, "{rows} rows");
        assert_eq!(of_found.predicted, of_whole.predicted);
    }
    Ok(())
}

#[test]
fn the_composed_form_agrees_with_central_differences() -> Result<()> {
    let (hidden, weight, bias) = (values((4, 3), "hidden"), values((6, 3), "weight"), values(6, "bias"));
    let labels = Tensor::new(&[5u32, IGNORE, 0, 2], &Device::Cpu)?;
    let loss = |hidden: &Tensor, weight: &Tensor, bias: Option<&Tensor>| {
        let loss = linear_cross_entropy(hidden, weight, bias, &labels, 0.1).map_err(candle_core::Error::wrap)?;
        Ok(loss.sum().clone())
    };
    agree_with_differences(&[&hidden, &weight, &bias], |inputs| loss(inputs[0], inputs[1], Some(inputs[2])))?;
    agree_with_differences(&[&hidden, &weight], |inputs| loss(inputs[0], inputs[1], None))
}

#[test]
fn the_kernel_agrees_with_the_composed_form_in_double_precision() -> Result<()> {
    let (single, double) = (inputs(DType::F32), inputs(DType::F64));
    let loss = |of: &Inputs3| linear_cross_entropy(&of.hidden, &of.weight, Some(of.bias.as_tensor()), &labels(), 0.1);
    let (found, expected) = (loss(&single)?, loss(&double)?);
    assert!(distance(&found.sum().to_dtype(DType::F64)?, expected.sum())? < 1e-6);
    let (found, expected) = (found.sum().backward()?, expected.sum().backward()?);
    for (single, double) in
        [(&single.hidden, &double.hidden), (&single.weight, &double.weight), (&single.bias, &double.bias)]
    {
        let (found, expected) = (found.get(single).expect("a gradient"), expected.get(double).expect("a gradient"));
        assert!(distance(&found.to_dtype(DType::F64)?, expected)? < RELATIVE);
    }
    Ok(())
}

#[test]
fn a_frozen_weight_gets_no_gradient_and_without_any_nothing_is_kept() -> Result<()> {
    let of = inputs(DType::F32);
    let layer = |weight: &Tensor| -> Result<Known> {
        Layer { weight, bias: None, slot: None, label_smoothing: 0.0 }.known(
            &of.hidden,
            &[3; TOKENS],
            CHUNK_SCORES,
            None,
        )
    };
    let frozen = layer(&of.weight.detach())?;
    assert!(matches!(frozen.weight, OfWeight::Graph(None)) && frozen.rows.is_some());
    assert!(matches!(layer(&of.weight)?.weight, OfWeight::Graph(Some(_))));
    let loss = linear_cross_entropy(&of.hidden.detach(), &of.weight.detach(), None, &labels(), 0.0)?;
    assert!(!loss.sum().track_op());
    let loss = linear_cross_entropy(&of.hidden, &of.weight.detach(), None, &labels(), 0.0)?;
    let gradients = loss.sum().backward()?;
    assert!(gradients.get(&of.hidden).is_some() && gradients.get(&of.weight).is_none());
    Ok(())
}

#[test]
fn the_gradient_of_a_weight_with_a_slot_goes_there_and_stands_in_memory_of_before() -> Result<()> {
    let (of, slot) = (inputs(DType::F32), Arc::new(GradientSlot::default()));
    let weight = of.weight.as_tensor().clone();
    let rows = VocabularyRows {
        slot: Some(Arc::clone(&slot)),
        ..VocabularyRows::new(of.hidden.detach(), weight, None, labels())
    };
    let from_graph = |loss: &LossSum| -> Result<Vec<f32>> {
        let gradients = loss.sum().backward()?;
        Ok(gradients.get(&of.weight).map(|found| found.flatten_all()?.to_vec1()).transpose()?.unwrap_or_default())
    };
    let expected = from_graph(&linear_cross_entropy(&of.hidden, &of.weight, None, &labels(), 0.0)?)?;
    let mut place = None;
    for scales in [vec![1.0], vec![2.0], vec![1.0, 0.5]] {
        for scale in &scales {
            let loss = linear_cross_entropy_of(&rows, 0.0)?;
            let loss = LossSum::new((loss.sum() * *scale)?, loss.weight());
            assert!(from_graph(&loss)?.is_empty());
        }
        let found = slot.take().expect("a gradient");
        let values = found.dense.as_deref().expect("a whole one");
        let times: f64 = scales.iter().sum();
        let far = |(found, expected): (&f32, &f32)| (f64::from(*found) - times * f64::from(*expected)).abs() > 1e-5;
        assert!(values.len() == expected.len() && !values.iter().zip(&expected).any(far), "{scales:?}");
        assert_eq!(*place.get_or_insert(values.as_ptr()), values.as_ptr());
        slot.reuse(found);
    }
    let loss = linear_cross_entropy_of(&rows, 0.0)?;
    from_graph(&loss)?;
    assert!(loss.sum().backward().is_err(), "its gradient is gone");
    Ok(())
}

#[test]
fn where_every_label_is_ignored_nothing_counts() -> Result<()> {
    for dtype in [DType::F32, DType::F64] {
        let of = inputs(dtype);
        let ignored = Tensor::full(IGNORE, TOKENS, &Device::Cpu)?;
        let loss = linear_cross_entropy(&of.hidden, &of.weight, None, &ignored, 0.1)?;
        assert_eq!((loss.weight(), loss.sum().to_dtype(DType::F64)?.to_scalar::<f64>()?), (0.0, 0.0));
        assert!(loss.sum().backward()?.get(&of.weight).is_none());
    }
    Ok(())
}

#[test]
fn large_scores_do_not_overflow() -> Result<()> {
    let hidden = Tensor::new(&[[1000.0f32], [-1000.0]], &Device::Cpu)?;
    let weight = Var::new(&[[1.0f32], [0.0], [-1.0]], &Device::Cpu)?;
    let loss = linear_cross_entropy(&hidden, &weight, None, &Tensor::new(&[0u32, 1], &Device::Cpu)?, 0.0)?;
    assert_eq!(loss.sum().to_vec0::<f32>()?.to_bits(), 1000.0f32.to_bits());
    let gradient = loss.sum().backward()?.get(&weight).expect("a gradient").to_vec2::<f32>()?;
    assert_eq!(gradient, [[0.0], [1000.0], [-1000.0]]);
    Ok(())
}

#[test]
fn a_label_out_of_range_is_named_with_its_position() -> Result<()> {
    let of = inputs(DType::F32);
    let mut wrong = labels().to_vec1::<u32>()?;
    wrong[6] = VOCABULARY as u32;
    let wrong = Tensor::new(wrong, &Device::Cpu)?;
    let error = linear_cross_entropy(&of.hidden, &of.weight, None, &wrong, 0.0).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Label);
    assert_eq!(error.message(), "position 6: token 57 is out of range for a vocabulary of 57");
    Ok(())
}

#[test]
fn what_does_not_go_together_is_refused() {
    let of = inputs(DType::F32);
    let short = Tensor::new(&[1u32], &Device::Cpu).unwrap();
    let refused = |loss: Result<LossSum>| loss.unwrap_err().kind();
    assert_eq!(refused(linear_cross_entropy(&of.hidden, &of.weight, None, &short, 0.0)), ErrorKind::Shape);
    let other_type = inputs(DType::F64).weight;
    assert_eq!(refused(linear_cross_entropy(&of.hidden, &other_type, None, &labels(), 0.0)), ErrorKind::Shape);
    let bias = Some(of.hidden.as_tensor());
    assert_eq!(refused(linear_cross_entropy(&of.hidden, &of.weight, bias, &labels(), 0.0)), ErrorKind::Shape);
    assert_eq!(refused(linear_cross_entropy(&of.hidden, &of.weight, None, &labels(), 1.5)), ErrorKind::Arguments);
}
