//! Rotary position embedding that trains.

use candle_core::{D, Result, Tensor};

/// Rotates pairs of numbers (the first half of the last dimension with the second) by the angle of their position.
///
/// * `input`: `[…, length, width]`; `cosine`, `sine`: `[length, width / 2]`.
///
/// Source: Su et al., "`RoFormer`" (2021); `transformers` `apply_rotary_pos_emb`.
pub fn rope(input: &Tensor, cosine: &Tensor, sine: &Tensor) -> Result<Tensor> {
    let half = input.dim(D::Minus1)? / 2;
    let (first, second) = (input.narrow(D::Minus1, 0, half)?, input.narrow(D::Minus1, half, half)?);
    let turned_first = (first.broadcast_mul(cosine)? - second.broadcast_mul(sine)?)?;
    let turned_second = (second.broadcast_mul(cosine)? + first.broadcast_mul(sine)?)?;
    Tensor::cat(&[turned_first, turned_second], D::Minus1)
}

#[cfg(test)]
mod tests {
    use super::super::gradient_check::{agree_with_differences, values};
    use super::*;

    #[test]
    fn gradients_agree_with_central_differences() -> crate::Result<()> {
        let (x, angle, scale) = (values((1, 2, 3, 4), "x"), values((3, 2), "angle"), values((1, 2, 3, 4), "scale"));
        let (cosine, sine) = (angle.cos()?.detach(), angle.sin()?.detach());
        agree_with_differences(&[&x], |inputs| rope(inputs[0], &cosine, &sine)?.mul(&scale)?.sum_all())
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "what it is compared with needs no gradient here")]
    fn it_turns_as_candles_own_that_does_not_train() -> crate::Result<()> {
        let (x, angle) = (values((1, 2, 3, 4), "x"), values((3, 2), "angle"));
        let (cosine, sine) = (angle.cos()?.detach(), angle.sin()?.detach());
        let other = candle_nn::rotary_emb::rope(&x, &cosine, &sine)?;
        let difference = (rope(&x, &cosine, &sine)? - other)?.abs()?.max_all()?.to_scalar::<f64>()?;
        assert!(difference < 1e-14, "differs by {difference}");
        Ok(())
    }
}
