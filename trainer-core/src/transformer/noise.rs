//! Noise on embeddings while training (`neftune_noise_alpha`).

use candle_core::{Device, Tensor};

use super::TokenLayout;
use crate::error::Result;
use crate::tensor::random::{Mode, Site};
use crate::tensor::way;

/// The embeddings of words with noise on each number while training, if `neftune_noise_alpha` is set; else as they are.
///
/// * `embedded`: one row for each token, `[tokens, width]`, right after the lookup in the table of words;
/// * `site`: tells this lookup from every other in the model, such as `decoder`.
///
/// The noise is uniform in `-a..a` with `a = alpha / sqrt(tokens of the sequence * width)`, a function of the moment of the run,
/// the site and the place in the batch. A sequence is counted without padding and alone, as in the paper: `transformers` counts
/// the padded length, so that there the noise of a text depends on the others in its batch.
///
/// Source: Jain et al., "NEFTune: Noisy Embeddings Improve Instruction Finetuning" (2023); `integrations/neftune.py`.
pub fn noisy(embedded: &Tensor, layout: &TokenLayout, mode: Mode, site: &str) -> Result<Tensor> {
    let (alpha, Mode::Train(moment)) = (way::now().noise, mode) else { return Ok(embedded.clone()) };
    if alpha == 0.0 {
        return Ok(embedded.clone());
    }
    let (tokens, width) = embedded.dims2()?;
    let mut drawn = vec![0u32; tokens * width];
    moment.stream(Site::named(&format!("{site}.neftune"))).fill(0, &mut drawn);
    let mut noise = Vec::with_capacity(drawn.len());
    for sequence in layout.sequence_offsets().windows(2) {
        let (start, end) = (sequence[0] as usize * width, sequence[1] as usize * width);
        let largest = alpha / ((end - start) as f64).sqrt();
        let of_sequence = drawn.get(start..end).unwrap_or_default();
        noise.extend(of_sequence.iter().map(|&bits| (largest * from_minus_one_to_one(bits)) as f32));
    }
    let noise = Tensor::from_vec(noise, (tokens, width), &Device::Cpu)?;
    Ok((embedded + noise.to_dtype(embedded.dtype())?.to_device(embedded.device())?)?)
}

/// 32 random bits as a number between -1 and 1, symmetric around 0.
fn from_minus_one_to_one(bits: u32) -> f64 {
    (f64::from(bits) + 0.5) / f64::from(1u32 << 31) - 1.0
}

#[cfg(test)]
mod tests {
    use candle_core::DType;

    use super::*;
    use crate::collate::Batch;
    use crate::tensor::random::Moment;
    use crate::tensor::way::{Choice, choosing};

    const MOMENT: Moment = Moment { seed: 42, epoch: 0, update: 3, micro_batch: 0 };

    /// Two sequences of 400 and 100 tokens, padded.
    fn layout() -> Result<TokenLayout> {
        let input_ids = Some(Tensor::zeros((2, 400), DType::U32, &Device::Cpu)?);
        let real_tokens = Some((0..500).collect());
        TokenLayout::of(&Batch { rows: vec![0, 1], input_ids, real_tokens, ..Batch::default() }, DType::F32)
    }

    fn noise(alpha: f64, mode: Mode, site: &str) -> Result<Vec<Vec<f32>>> {
        let embedded = Tensor::ones((500, 16), DType::F32, &Device::Cpu)?;
        let choice = Choice { noise: alpha, ..Choice::default() };
        let layout = layout()?;
        let noisy = choosing(choice, || noisy(&embedded, &layout, mode, site))?;
        Ok((noisy - embedded)?.to_vec2()?)
    }

    #[test]
    fn each_sequence_has_noise_by_its_own_length() -> Result<()> {
        let noise = noise(5.0, Mode::Train(MOMENT), "words")?;
        for (rows, tokens) in [(&noise[..400], 400.0f64), (&noise[400..], 100.0)] {
            let largest = 5.0 / (tokens * 16.0).sqrt();
            let values: Vec<f64> = rows.iter().flatten().map(|&value| f64::from(value)).collect();
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let variance = values.iter().map(|value| value * value).sum::<f64>() / values.len() as f64;
            let reached = values.iter().fold(0.0f64, |most, value| most.max(value.abs()));
            assert!(reached <= largest * 1.0001 && reached > largest * 0.98, "{reached} of {largest}");
            assert!(mean.abs() < largest * 0.05, "{mean}");
            assert!((variance / (largest * largest / 3.0) - 1.0).abs() < 0.1, "{variance}");
        }
        Ok(())
    }

    #[test]
    fn it_is_a_function_of_the_moment_and_the_site() -> Result<()> {
        let here = noise(5.0, Mode::Train(MOMENT), "words")?;
        assert_eq!(here, noise(5.0, Mode::Train(MOMENT), "words")?);
        assert_ne!(here, noise(5.0, Mode::Train(Moment { update: 4, ..MOMENT }), "words")?);
        assert_ne!(here, noise(5.0, Mode::Train(MOMENT), "decoder")?);
        Ok(())
    }

    #[test]
    fn evaluation_and_an_alpha_of_zero_have_none() -> Result<()> {
        let zeros = vec![vec![0.0; 16]; 500];
        assert_eq!(noise(5.0, Mode::Evaluate, "words")?, zeros);
        assert_eq!(noise(0.0, Mode::Train(MOMENT), "words")?, zeros);
        Ok(())
    }

    #[test]
    fn gradients_pass_through_it() -> Result<()> {
        let embedded = candle_core::Var::ones((500, 16), DType::F32, &Device::Cpu)?;
        let choice = Choice { noise: 5.0, ..Choice::default() };
        let layout = layout()?;
        let noisy = choosing(choice, || noisy(&embedded, &layout, Mode::Train(MOMENT), "words"))?;
        let gradient = noisy.sum_all()?.backward()?.get(&embedded).map(Tensor::to_vec2::<f32>).transpose()?;
        assert_eq!(gradient, Some(vec![vec![1.0; 16]; 500]));
        Ok(())
    }
}
