//! Clipping by the global norm.
//!
//! In come the gradients of an update; out goes their norm over all parameters, and the factor that brings it down to
//! `max_grad_norm`. The gradients are not changed: the optimiser multiplies by the factor as it reads them.

use candle_core::{DType, Tensor};

use crate::Result;
use crate::tensor::gradients::{Gradient, Gradients};
use crate::tensor::kernels::optimizer;

/// What torch adds to the norm before it divides by it.
const CLIP_EPSILON: f64 = 1e-6;

/// The 2-norm of all gradients together, in the order of the names and in f64.
///
/// A gradient that is not finite makes the norm not finite; [`first_not_finite`] tells which one it is. The bits do not
/// depend on the number of threads.
///
/// Source: `torch.nn.utils.clip_grad_norm_`, which adds up in f32: its squares overflow above 1e19.
pub fn global_norm(gradients: &Gradients) -> Result<f64> {
    let mut sum = 0.0;
    for gradient in gradients.values() {
        sum += match on_f32_slice(gradient, optimizer::squared_norm)? {
            Some(squared) => squared,
            None => widest(&gradient.to_tensor()?)?.sqr()?.sum_all()?.to_dtype(DType::F64)?.to_scalar()?,
        };
    }
    Ok(sum.sqrt())
}

/// What gradients of this norm are multiplied by: `min(1, max_norm / (norm + 1e-6))`, or 1 when `max_norm` is 0, which
/// turns clipping off. A norm that is not a number gives a factor that is none.
///
/// Source: `torch.nn.utils.clip_grad_norm_`; 0 means off in `transformers.Trainer`.
pub fn clip_factor(norm: f64, max_norm: f64) -> f64 {
    if max_norm == 0.0 {
        return 1.0;
    }
    let factor = max_norm / (norm + CLIP_EPSILON);
    // Not `f64::min`, which would turn a norm that is not a number into the factor 1.
    if factor > 1.0 { 1.0 } else { factor }
}

/// The name of the first parameter, in their order, whose gradient has an element that is not a finite number.
pub fn first_not_finite(gradients: &Gradients) -> Result<Option<&str>> {
    for (name, gradient) in gradients {
        let finite = match on_f32_slice(gradient, optimizer::all_finite)? {
            Some(finite) => finite,
            // 0 times a finite number is 0; times anything else it is not a number, and so is the sum.
            None => gradient.to_tensor()?.affine(0.0, 0.0)?.sum_all()?.to_dtype(DType::F32)?.to_scalar::<f32>()? == 0.0,
        };
        if !finite {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

/// Calls `read` with the elements, without those of rows that have no gradient, if they are f32 and in the memory of
/// the CPU.
fn on_f32_slice<T>(gradient: &Gradient, read: impl FnOnce(&[f32]) -> T) -> Result<Option<T>> {
    match gradient {
        Gradient::Dense(dense) => dense.on_f32_slice(read),
        Gradient::Rows(rows) => Ok(Some(read(rows.values()))),
    }
}

/// The gradient in the widest type that its device computes in.
fn widest(gradient: &Tensor) -> Result<Tensor> {
    let dtype = if gradient.device().is_metal() { DType::F32 } else { DType::F64 };
    Ok(gradient.detach().to_dtype(dtype)?)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these sums and quotients are exact")]
mod tests {
    use candle_core::Device;

    use super::*;

    fn gradients(values: &[(&str, &[f32])]) -> Gradients {
        values.iter().map(|(name, v)| ((*name).to_string(), Tensor::new(*v, &Device::Cpu).unwrap().into())).collect()
    }

    #[test]
    fn the_norm_is_over_all_parameters() {
        let norm = global_norm(&gradients(&[("a", &[3.0, 4.0]), ("b", &[0.0, 12.0])])).unwrap();
        assert_eq!(norm, 13.0);
    }

    #[test]
    fn views_and_other_types_have_the_norm_of_their_elements() {
        let wide = Tensor::new(&[[3f32, 7.0, 9.0], [4.0, 8.0, 9.0]], &Device::Cpu).unwrap();
        let column = wide.narrow(1, 0, 1).unwrap();
        let double = column.to_dtype(DType::F64).unwrap();
        let half = column.to_dtype(DType::BF16).unwrap();
        for view in [column, double, half] {
            assert_eq!(global_norm(&Gradients::from([("a".to_string(), view.into())])).unwrap(), 5.0);
        }
    }

    #[test]
    fn the_first_gradient_that_is_not_finite_is_named() {
        let good = gradients(&[("a", &[f32::MAX, 4.0])]);
        assert_eq!(first_not_finite(&good).unwrap(), None);
        assert!(global_norm(&good).unwrap().is_finite());
        let bad = gradients(&[("a", &[1.0]), ("b", &[1.0, f32::INFINITY]), ("c", &[f32::NAN])]);
        assert_eq!(first_not_finite(&bad).unwrap(), Some("b"));
        assert!(!global_norm(&bad).unwrap().is_finite());
    }

    #[test]
    fn a_gradient_of_another_type_that_is_not_finite_is_named() {
        for value in [f64::NAN, f64::NEG_INFINITY] {
            let bad = Tensor::new(&[1.0, value], &Device::Cpu).unwrap();
            let bad = Gradients::from([("a".to_string(), bad.into())]);
            assert_eq!(first_not_finite(&bad).unwrap(), Some("a"));
        }
        let good = Gradients::from([("a".to_string(), Tensor::new(&[1e300], &Device::Cpu).unwrap().into())]);
        assert_eq!(first_not_finite(&good).unwrap(), None);
    }

    #[test]
    fn a_norm_that_is_not_a_number_gives_a_factor_that_is_none() {
        assert!(clip_factor(f64::NAN, 1.0).is_nan());
        assert_eq!(clip_factor(f64::INFINITY, 1.0), 0.0);
        assert_eq!(clip_factor(5.0, 0.0), 1.0);
    }
}
