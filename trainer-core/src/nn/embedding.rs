//! Embeddings: a row of a table for each id.

use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp1, D, DType, Layout, Result, Shape, Tensor, WithDType, bail};
use candle_nn::{Init, VarBuilder};

use super::slices::slice;
use super::weight::Weight;
use crate::tensor::gradients::{DenseGradient, GradientSlot};

/// A table of vectors, one for each id.
#[derive(Clone, Debug)]
pub struct Embedding {
    table: Weight,
}

/// A table of `count` vectors of `width` numbers, drawn from a normal distribution of deviation `deviation`.
pub fn embedding(count: usize, width: usize, deviation: f64, builder: VarBuilder<'_>) -> Result<Embedding> {
    let init = Init::Randn { mean: 0.0, stdev: deviation };
    Ok(Embedding { table: Weight::ask(&builder, (count, width), "weight", init)? })
}

impl Embedding {
    /// `ids`: any shape, `u32`; the result has one more dimension, `width`.
    pub fn forward(&self, ids: &Tensor) -> Result<Tensor> {
        let mut shape = ids.dims().to_vec();
        let table = self.table.value();
        shape.push(table.dim(D::Minus1)?);
        let ids = ids.flatten_all()?;
        let rows = match self.slot_for(&ids) {
            Some(slot) => table.apply_op1(RowsOfTable { ids: ids.to_vec1()?, slot: Arc::clone(slot) })?,
            None => table.index_select(&ids, 0)?,
        };
        rows.reshape(shape)
    }

    /// Where the gradients of the rows go, if not through the graph, which would make a gradient of the whole table.
    fn slot_for(&self, ids: &Tensor) -> Option<&Arc<GradientSlot>> {
        let table = self.table.tensor();
        let is_plain = table.dtype() == DType::F32 && table.device().is_cpu() && ids.dtype() == DType::U32;
        // A table that is itself computed from something must hand its gradient on.
        self.table.slot().filter(|_| is_plain && table.is_variable())
    }

    /// Its table, `[ids, width]`.
    pub(crate) fn weight(&self) -> &Weight {
        &self.table
    }

    /// How many ids there are.
    pub fn count(&self) -> usize {
        self.table.tensor().dims()[0]
    }
}

/// The rows of a table, `[ids, width]`; backwards, their gradients go to the slot of the table.
struct RowsOfTable {
    ids: Vec<u32>,
    slot: Arc<GradientSlot>,
}

impl CustomOp1 for RowsOfTable {
    fn name(&self) -> &'static str {
        "rows-of-table"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (count, width) = layout.shape().dims2()?;
        let table = slice::<f32>(storage, layout)?;
        let mut rows = Vec::with_capacity(self.ids.len() * width);
        for id in &self.ids {
            let start = *id as usize * width;
            match table.get(start..start + width) {
                Some(row) => rows.extend_from_slice(row),
                None => bail!("there is no row {id} in a table of {count} rows"),
            }
        }
        Ok((f32::to_cpu_storage_owned(rows), Shape::from((self.ids.len(), width))))
    }

    fn bwd(&self, table: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let (count, width) = table.dims2()?;
        let add = |values: &[f32]| self.slot.add_rows(count, width, &self.ids, values);
        match DenseGradient::from(gradient.clone()).on_f32_slice(add) {
            // The table is a leaf, which needs no gradient in candle's own store.
            Ok(Some(added)) => added.map(|()| None),
            _ => bail!("the gradient of rows is not f32 in the memory of the CPU"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::gradient_check::{agree_with_differences, values};
    use super::*;
    use crate::tensor::gradients::{Gathered, Gradient, into_slots, without};
    use crate::tensor::params::Parameters;

    #[test]
    fn gradients_of_rows_that_occur_twice_are_added() -> crate::Result<()> {
        let (table, scale) = (values((5, 3), "table"), values((2, 2, 3), "scale"));
        let ids = Tensor::new(&[[1u32, 4], [1, 0]], &candle_core::Device::Cpu)?;
        agree_with_differences(&[&table], |inputs| {
            Embedding { table: inputs[0].clone().into() }.forward(&ids)?.mul(&scale)?.sum_all()
        })
    }

    fn gather(parameters: &Parameters) -> Option<Gathered> {
        parameters.slots()[0].1.take()
    }

    fn whole(gathered: Gathered) -> crate::Result<Vec<Vec<f32>>> {
        let (gradient, _) = gathered.into_gradient(&Shape::from((5, 3)), None)?;
        assert!(matches!(gradient, Gradient::Rows(_)));
        Ok(gradient.to_tensor()?.to_vec2()?)
    }

    #[test]
    fn the_slot_gets_the_gradient_that_the_graph_gives() -> crate::Result<()> {
        let parameters = Parameters::new(&candle_core::Device::Cpu, 0);
        let layer = embedding(5, 3, 1.0, parameters.builder())?;
        let scale = values((2, 2, 3), "scale").to_dtype(DType::F32)?;
        let ids = Tensor::new(&[[1u32, 4], [1, 0]], &candle_core::Device::Cpu)?;
        let forward = || -> crate::Result<Tensor> { Ok(layer.forward(&ids)?.mul(&scale)?.sum_all()?) };
        let by_graph = forward()?;
        let from_graph = by_graph.backward()?.get(&parameters.list()[0].variable).map(Tensor::to_vec2::<f32>);
        assert!(gather(&parameters).is_none());
        let by_slots = into_slots(forward)?;
        let store = by_slots.backward()?;
        assert!(store.get(&parameters.list()[0].variable).is_none());
        assert_eq!(by_slots.to_scalar::<f32>()?.to_bits(), by_graph.to_scalar::<f32>()?.to_bits());
        let gathered = gather(&parameters).expect("the slot holds the gradient");
        assert_eq!(Some(whole(gathered)?), from_graph.transpose()?);
        Ok(())
    }

    #[test]
    fn a_frozen_table_or_a_forward_that_nobody_goes_back_through_builds_no_graph() -> crate::Result<()> {
        let parameters = Parameters::new(&candle_core::Device::Cpu, 0);
        let layer = embedding(5, 3, 1.0, parameters.builder())?;
        let ids = Tensor::new(&[1u32, 4], &candle_core::Device::Cpu)?;
        assert!(into_slots(|| layer.forward(&ids))?.track_op());
        assert!(!without(|| layer.forward(&ids))?.track_op());
        parameters.freeze(|_| true);
        assert!(!into_slots(|| layer.forward(&ids))?.track_op());
        Ok(())
    }

    #[test]
    fn an_id_beyond_the_table_is_refused() -> crate::Result<()> {
        let parameters = Parameters::new(&candle_core::Device::Cpu, 0);
        let layer = embedding(5, 3, 1.0, parameters.builder())?;
        let ids = Tensor::new(&[5u32], &candle_core::Device::Cpu)?;
        assert!(into_slots(|| layer.forward(&ids)).unwrap_err().to_string().contains("no row 5"));
        Ok(())
    }
}
