//! Dropout whose mask is a function of the moment of the run and drawn again in the backward pass.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, WithDType};

use super::slices::{for_type_of, on_slices, slice};
use crate::tensor::kernels::dropout::dropout;
use crate::tensor::random::{Mode, Site, Stream};

/// Sets elements to zero with a probability while training, and scales the others so that the mean stays.
///
/// Nothing is stored: the mask is drawn from (seed, epoch, update, micro-batch, site, element).
#[derive(Clone, Copy, Debug)]
pub struct Dropout {
    probability: f64,
    site: Site,
}

impl Dropout {
    /// `probability` in `[0, 1)`; `name` tells this place in the model from every other.
    ///
    /// # Errors
    /// If the probability is outside of that range.
    pub fn new(probability: f64, name: &str) -> Result<Self> {
        if !(0.0..1.0).contains(&probability) {
            candle_core::bail!("the dropout of `{name}` is {probability}, but must lie in 0..1");
        }
        Ok(Self { probability, site: Site::named(name) })
    }

    /// The input itself when evaluating.
    pub fn forward(&self, input: &Tensor, mode: Mode) -> Result<Tensor> {
        match self.mask(mode) {
            Some(mask) if on_slices(input) => input.contiguous()?.apply_op1(mask),
            Some(mask) => mask.composed(input),
            None => Ok(input.clone()),
        }
    }

    /// What is dropped, if anything is.
    pub(crate) fn mask(&self, mode: Mode) -> Option<Mask> {
        match mode {
            Mode::Train(moment) if self.probability > 0.0 => {
                Some(Mask { probability: self.probability, stream: moment.stream(self.site) })
            }
            _ => None,
        }
    }
}

/// Which elements of a tensor are dropped at a moment of the run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mask {
    probability: f64,
    stream: Stream,
}

impl Mask {
    fn composed(&self, input: &Tensor) -> Result<Tensor> {
        let mut scales = vec![0.0f32; input.elem_count()];
        let ones = vec![1.0f32; input.elem_count()];
        dropout(&ones, &self.stream, self.threshold(), self.scale() as f32, &mut scales);
        let scales = Tensor::from_vec(scales, input.shape(), input.device())?.to_dtype(input.dtype())?;
        input.mul(&scales)
    }

    /// Where the random numbers come from, one for each element.
    pub(crate) fn stream(&self) -> &Stream {
        &self.stream
    }

    /// Elements whose random number is below it are dropped.
    pub(crate) fn threshold(&self) -> u32 {
        (self.probability * 2f64.powi(32)) as u32
    }

    /// What the others are multiplied with.
    pub(crate) fn scale(&self) -> f64 {
        1.0 / (1.0 - self.probability)
    }
}

impl CustomOp1 for Mask {
    fn name(&self) -> &'static str {
        "dropout"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        for_type_of!(storage, self.name(), |Real| {
            let input = slice::<Real>(storage, layout)?;
            let mut output = vec![0.0; input.len()];
            dropout(input, &self.stream, self.threshold(), self.scale() as Real, &mut output);
            Ok((Real::to_cpu_storage_owned(output), layout.shape().clone()))
        })
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        Ok(Some(gradient.contiguous()?.apply_op1_no_bwd(self)?))
    }
}

#[cfg(test)]
mod tests {
    use super::super::gradient_check::{agree_with_differences, values};
    use super::*;
    use crate::tensor::random::Moment;

    const MODE: Mode = Mode::Train(Moment { seed: 42, epoch: 0, update: 0, micro_batch: 0 });

    #[test]
    fn gradients_pass_where_the_input_passed() -> crate::Result<()> {
        let (x, weight) = (values((3, 7), "x"), values((3, 7), "weight"));
        let dropout = Dropout::new(0.4, "here")?;
        agree_with_differences(&[&x], |inputs| dropout.forward(inputs[0], MODE)?.mul(&weight)?.sum_all())
    }

    #[test]
    fn the_share_of_zeros_is_the_probability_and_the_mean_stays() -> crate::Result<()> {
        let ones = Tensor::ones(100_000, candle_core::DType::F32, &candle_core::Device::Cpu)?;
        let kept = Dropout::new(0.1, "here")?.forward(&ones, MODE)?.to_vec1::<f32>()?;
        let zeros = kept.iter().filter(|value| **value == 0.0).count() as f64 / 1e5;
        let mean = kept.iter().map(|value| f64::from(*value)).sum::<f64>() / 1e5;
        assert!((zeros - 0.1).abs() < 0.005 && (mean - 1.0).abs() < 0.005, "zeros {zeros}, mean {mean}");
        Ok(())
    }

    #[test]
    fn the_composed_form_draws_the_same_mask() -> crate::Result<()> {
        let x = values((5, 11), "x");
        let mask = Mask { probability: 0.3, stream: Stream::initialisation(0, "here") };
        let fused = x.apply_op1_no_bwd(&mask)?.to_vec2::<f64>()?;
        let composed = mask.composed(&x)?.to_vec2::<f64>()?;
        for (fused, composed) in fused.iter().flatten().zip(composed.iter().flatten()) {
            assert!((fused - composed).abs() < 1e-6, "{fused} and {composed}");
        }
        Ok(())
    }

    #[test]
    fn a_probability_of_one_is_refused() {
        assert!(Dropout::new(1.0, "here").is_err());
    }
}
