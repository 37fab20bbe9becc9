//! Norms and activations of a block's rows.

use std::ops::Range;

use super::linear::{Target, target_or_none};
use super::parallel::{Rows, by_rows};
use super::parts::NormParts;
use super::plan::StageRun;
use crate::tensor::kernels::activation::{
    forward_and_backward_slice, forward_slice, gated_backward_slice, gated_slice,
};
use crate::tensor::kernels::matrix::Matrix;
use crate::tensor::kernels::norm::{layer_norm_rows, rms_norm_rows};
use crate::tensor::kernels::norm_gradients::{
    layer_norm_input_gradient, norm_weight_gradient, rms_norm_input_gradient,
};
use crate::tensor::kernels::product::Onto;
use crate::transformer::NormKind;

/// The norm of every row, and the mean and the inverse deviation of each.
pub(super) fn norm_rows(
    run: &StageRun<'_>,
    norm: &NormParts<&[f32]>,
    input: &[f32],
    output: &mut [f32],
    means: &mut [f32],
    scales: &mut [f32],
) {
    let epsilon = run.plan.settings.norm_epsilon as f32;
    match (run.plan.settings.norm, norm.bias) {
        (NormKind::LayerNorm, Some(bias)) => {
            layer_norm_rows(input, norm.weight, bias, epsilon, output, means, scales);
        }
        _ => rms_norm_rows(input, norm.weight, epsilon, output, scales),
    }
}

/// The gradient of a norm's input.
pub(super) fn norm_backward_rows(
    norm: &NormParts<&[f32]>,
    input: &[f32],
    (means, scales): (&[f32], &[f32]),
    gradient: &[f32],
    of_input: &mut [f32],
) {
    match norm.bias {
        Some(_) => layer_norm_input_gradient(input, means, scales, norm.weight, gradient, of_input),
        None => rms_norm_input_gradient(input, scales, norm.weight, gradient, of_input),
    }
}

/// Adds or writes the gradients of a norm's parameters, shared between threads by columns: the sum over rows has one order.
pub(super) fn norm_gradients(
    of: NormParts<Option<Target<'_>>>,
    input: Matrix<'_>,
    (means, scales): (&[f32], &[f32]),
    gradient: Matrix<'_>,
) {
    let columns = gradient.column_count();
    let has_means = of.bias.is_some();
    let (of_bias, bias_onto) = target_or_none(of.bias.flatten());
    let (of_weight, weight_onto) = target_or_none(of.weight);
    let widths = (usize::from(!of_weight.is_empty()), usize::from(!of_bias.is_empty()));
    let work = |columns: Range<usize>, [of_weight, of_bias]: [&mut [f32]; 2]| {
        for (values, onto) in [(&mut *of_weight, weight_onto), (&mut *of_bias, bias_onto)] {
            if onto == Onto::Nothing {
                values.fill(0.0);
            }
        }
        let (input, gradient) = (input.columns(columns.clone()), gradient.columns(columns));
        for row in 0..gradient.row_count() {
            let mean = if has_means { means[row] } else { 0.0 };
            norm_weight_gradient(input.row(row), (mean, scales[row]), gradient.row(row), of_weight, of_bias);
        }
    };
    by_rows(0..columns, [Rows::new(of_weight, widths.0), Rows::new(of_bias, widths.1)], &work);
}

/// What the activation gives for `inner`, multiplied with `inner` where `gate` is activated instead.
pub(super) fn activate(run: &StageRun<'_>, inner: &[f32], gate: &[f32], output: &mut [f32]) {
    let activation = run.plan.settings.activation;
    if gate.is_empty() {
        forward_slice(activation, inner, output);
    } else {
        gated_slice(activation, gate, inner, output);
    }
}

/// The activated numbers again, and the gradients of what they come from; of `inner` in place of that of the result if
/// nothing gates, in `of_inner` and `of_gate` otherwise.
pub(super) fn activate_backward(
    run: &StageRun<'_>,
    (inner, gate): (&[f32], &[f32]),
    activated: &mut [f32],
    of_inner: &mut [f32],
    of_gate: &mut [f32],
) {
    let activation = run.plan.settings.activation;
    if gate.is_empty() {
        forward_and_backward_slice(activation, inner, of_inner, activated);
    } else {
        activated.copy_from_slice(of_inner);
        gated_backward_slice(activation, gate, inner, activated, of_gate, of_inner);
    }
}
