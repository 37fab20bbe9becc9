//! The gradients of one update, summed over its window of micro-batches; and the proof that every parameter has one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use candle_core::{DType, Tensor};

use crate::error::{Error, ErrorKind, Result};
use crate::loss::LossSum;
use crate::tensor::gradients::{Gathered, GradientSlot, Gradients};
use crate::tensor::params::{Parameter, Parameters};
use crate::tensor::threads;

/// The sums of a window of micro-batches: of losses, of their weights, of gradients. Divided once, by the update.
///
/// The slots of the parameters are its own while it is there: they are empty when it begins, and when it goes, also by an
/// error, they are empty again and have their memory back.
#[derive(Debug)]
pub(super) struct WindowSums {
    /// What the update is made of, once the window is [gathered](Self::gather).
    pub(super) gradients: Gradients,
    from_graph: BTreeMap<String, Tensor>,
    slots: Vec<(Parameter, Arc<GradientSlot>)>,
    loss: f64,
    weight: f64,
}

impl WindowSums {
    /// A window without a micro-batch yet.
    pub(super) fn begin(parameters: &Parameters) -> Self {
        let slots = parameters.slots();
        for (_, slot) in &slots {
            slot.clear();
        }
        Self { gradients: Gradients::new(), from_graph: BTreeMap::new(), slots, loss: 0.0, weight: 0.0 }
    }

    /// Adds a micro-batch: its loss, its weight, and the gradient of every parameter that is trained. What layers put into
    /// slots adds itself.
    ///
    /// # Errors
    /// [`ErrorKind::Numeric`] for a loss or weight that is not a finite number; nothing is added then.
    pub(super) fn add(&mut self, loss: &LossSum, parameters: &[Parameter]) -> Result<()> {
        let value = loss.sum().to_dtype(DType::F64)?.to_scalar::<f64>()?;
        if !value.is_finite() || !loss.weight().is_finite() || loss.weight() < 0.0 {
            let message = format!("the loss is {value} with a weight of {}", loss.weight());
            return Err(Error::new(ErrorKind::Numeric, message)
                .help("lower `learning_rate`, or look for numbers that are not finite in these rows"));
        }
        let mut store = threads::run_on_first(|| loss.sum().backward())?;
        for parameter in parameters.iter().filter(|parameter| parameter.trainable) {
            let Some(gradient) = store.remove(&parameter.variable) else { continue };
            let sum = match self.from_graph.remove(&parameter.name) {
                Some(sum) => (sum + gradient)?,
                None => gradient,
            };
            self.from_graph.insert(parameter.name.clone(), sum);
        }
        self.loss += value;
        self.weight += loss.weight();
        Ok(())
    }

    /// Brings the gradients from the graph and from the slots together.
    pub(super) fn gather(&mut self) -> Result<()> {
        for (parameter, slot) in &self.slots {
            let Some(gathered) = slot.take() else { continue };
            let from_graph = self.from_graph.remove(&parameter.name);
            let (gradient, memory) = gathered.into_gradient(parameter.variable.shape(), from_graph)?;
            slot.reuse(memory);
            self.gradients.insert(parameter.name.clone(), gradient);
        }
        let from_graph_alone = std::mem::take(&mut self.from_graph).into_iter();
        self.gradients.extend(from_graph_alone.map(|(name, sum)| (name, sum.into())));
        Ok(())
    }

    /// What the gradients are divided by; 0 if every label of the window is ignored.
    pub(super) fn weight(&self) -> f64 {
        self.weight
    }

    /// The loss of the window; 0 if nothing in it counts.
    pub(super) fn mean_loss(&self) -> f64 {
        if self.weight == 0.0 { 0.0 } else { self.loss / self.weight }
    }
}

impl Drop for WindowSums {
    fn drop(&mut self) {
        for (parameter, slot) in &self.slots {
            slot.clear();
            if let Some(gradient) = self.gradients.remove(&parameter.name) {
                slot.reuse(Gathered::from(gradient));
            }
        }
    }
}

/// Every parameter that is trained must have a gradient: candle drops some without a word.
///
/// # Errors
/// [`ErrorKind::Gradient`] names the parameters that have none and the place where the graph is cut.
pub(super) fn prove_coverage(parameters: &Parameters, gradients: &Gradients) -> Result<()> {
    let trained: BTreeSet<String> =
        parameters.list().into_iter().filter(|parameter| parameter.trainable).map(|parameter| parameter.name).collect();
    if trained.is_empty() {
        let message = "the model has no parameter to train";
        return Err(Error::new(ErrorKind::Gradient, message)
            .help("build its layers from `Parameters::builder`, and do not freeze all of them"));
    }
    let in_order: Vec<String> = parameters.in_creation_order().into_iter().filter(|n| trained.contains(n)).collect();
    let missing: Vec<&String> = in_order.iter().filter(|name| !gradients.contains_key(*name)).collect();
    let Some(last) = missing.last() else { return Ok(()) };
    let place = last.rsplit_once('.').map_or(last.as_str(), |(layer, _)| layer);
    let mut message = format!(
        "{} of {} parameters got no gradient and would never learn; the graph is cut at or after `{place}`",
        missing.len(),
        in_order.len()
    );
    for name in missing.iter().take(8) {
        message = format!("{message}\n  {name}");
    }
    if missing.len() > 8 {
        message = format!("{message}\n  and {} more", missing.len() - 8);
    }
    Err(Error::new(ErrorKind::Gradient, message)
        .help(
            "candle's `LayerNorm`, `RmsNorm`, `ops::softmax_last_dim`, `rotary_emb::rope` and `ops::sdpa` have no \
             backward: take those of `trainer_core::nn`",
        )
        .help("a parameter that is not meant to be trained is left out with `model.parameters().freeze(…)`"))
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Tensor};

    use super::*;
    use crate::nn::{Embedding, embedding};
    use crate::optim::global_norm;
    use crate::tensor::gradients::{Gradient, into_slots};

    /// A table that is looked up and is also the matrix of a product.
    struct Tied {
        parameters: Parameters,
        layer: Embedding,
        table: Tensor,
    }

    fn tied() -> Result<Tied> {
        let parameters = Parameters::new(&Device::Cpu, 5);
        let layer = embedding(6, 2, 1.0, parameters.builder())?;
        let table = parameters.builder().get((6, 2), "weight")?;
        Ok(Tied { parameters, layer, table })
    }

    impl Tied {
        fn loss(&self, ids: &[u32], has_product: bool) -> Result<LossSum> {
            let rows = self.layer.forward(&Tensor::new(ids, &Device::Cpu)?)?;
            let sum = if has_product { rows.matmul(&self.table.t()?)? } else { rows };
            Ok(LossSum::new(sum.sqr()?.sum_all()?, 1.0))
        }

        fn window(&self, batches: &[&[u32]], has_product: bool) -> Result<WindowSums> {
            let mut sums = WindowSums::begin(&self.parameters);
            for ids in batches {
                into_slots(|| sums.add(&self.loss(ids, has_product)?, &self.parameters.list()))?;
            }
            sums.gather()?;
            Ok(sums)
        }

        /// What candle's graph alone gives.
        fn by_graph(&self, batches: &[&[u32]], has_product: bool) -> Result<Tensor> {
            let mut sums = WindowSums::begin(&self.parameters);
            for ids in batches {
                sums.add(&self.loss(ids, has_product)?, &self.parameters.list())?;
            }
            sums.gather()?;
            sums.gradients["weight"].to_tensor()
        }
    }

    fn assert_same(gradient: &Gradient, reference: &Tensor) -> Result<()> {
        let difference = (gradient.to_tensor()? - reference)?.abs()?.max_all()?.to_scalar::<f32>()?;
        let size = reference.abs()?.max_all()?.to_scalar::<f32>()?;
        assert!(difference <= 1e-5 * size && size > 0.0, "differs by {difference} of {size}");
        Ok(())
    }

    #[test]
    fn a_window_has_the_rows_of_all_its_micro_batches() -> Result<()> {
        let tied = tied()?;
        let batches: [&[u32]; 2] = [&[1, 4, 1], &[4, 0]];
        let reference = tied.by_graph(&batches, false)?;
        let sums = tied.window(&batches, false)?;
        assert!(matches!(&sums.gradients["weight"], Gradient::Rows(rows) if rows.rows().len() == 3));
        assert_same(&sums.gradients["weight"], &reference)?;
        let norm = reference.sqr()?.sum_all()?.sqrt()?.to_scalar::<f32>()?;
        assert!((global_norm(&sums.gradients)? as f32 - norm).abs() <= 1e-5 * norm);
        Ok(())
    }

    #[test]
    fn tied_weights_get_the_sum_of_their_rows_and_their_product() -> Result<()> {
        let tied = tied()?;
        let batches: [&[u32]; 2] = [&[1, 4, 1], &[4, 0]];
        let reference = tied.by_graph(&batches, true)?;
        let sums = tied.window(&batches, true)?;
        assert!(matches!(&sums.gradients["weight"], Gradient::Dense(_)));
        assert_same(&sums.gradients["weight"], &reference)
    }

    #[test]
    fn whole_gradients_of_a_slot_are_added_to_rows_and_to_the_graph() -> Result<()> {
        let tied = tied()?;
        let mut sums = WindowSums::begin(&tied.parameters);
        into_slots(|| sums.add(&tied.loss(&[2], true)?, &tied.parameters.list()))?;
        let slot = &tied.parameters.slots()[0].1;
        let mut buffer = slot.take_dense(12);
        buffer.values.fill(100.0);
        slot.put_dense(buffer);
        sums.gather()?;
        assert_same(&sums.gradients["weight"], &(tied.by_graph(&[&[2]], true)? + 100.0)?)
    }

    #[test]
    fn a_window_that_is_given_up_leaves_nothing_to_the_next() -> Result<()> {
        let tied = tied()?;
        let mut sums = WindowSums::begin(&tied.parameters);
        into_slots(|| sums.add(&tied.loss(&[1, 2], false)?, &tied.parameters.list()))?;
        drop(sums);
        assert!(tied.parameters.slots()[0].1.take().is_none());
        let next = tied.window(&[&[5]], false)?;
        assert!(matches!(&next.gradients["weight"], Gradient::Rows(rows) if rows.rows().len() == 1));
        Ok(())
    }

    #[test]
    fn a_gradient_that_a_callback_keeps_is_not_written_to_by_the_next_update() -> Result<()> {
        let tied = tied()?;
        let sums = tied.window(&[&[1]], false)?;
        let kept = sums.gradients["weight"].clone();
        let before = kept.to_tensor()?.to_vec2::<f32>()?;
        drop(sums);
        drop(tied.window(&[&[1, 1]], false)?);
        assert_eq!(kept.to_tensor()?.to_vec2::<f32>()?, before);
        Ok(())
    }

    #[test]
    fn scaled_gradients_are_multiplied_whichever_they_are() -> Result<()> {
        let tied = tied()?;
        for has_product in [false, true] {
            let mut sums = tied.window(&[&[1, 3]], has_product)?;
            let gradient = sums.gradients.get_mut("weight").expect("a gradient");
            let before = gradient.to_tensor()?;
            gradient.scale(0.5)?;
            assert_same(gradient, &(before * 0.5)?)?;
        }
        Ok(())
    }
}
