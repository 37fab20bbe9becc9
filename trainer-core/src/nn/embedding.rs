//! Embeddings: a row of a table for each id.

use candle_core::{D, Result, Tensor};
use candle_nn::{Init, VarBuilder};

use super::weight::Weight;

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
        table.index_select(&ids.flatten_all()?, 0)?.reshape(shape)
    }

    /// How many ids there are.
    pub fn count(&self) -> usize {
        self.table.tensor().dims()[0]
    }
}

#[cfg(test)]
mod tests {
    use super::super::gradient_check::{agree_with_differences, values};
    use super::*;

    #[test]
    fn gradients_of_rows_that_occur_twice_are_added() -> crate::Result<()> {
        let (table, scale) = (values((5, 3), "table"), values((2, 2, 3), "scale"));
        let ids = Tensor::new(&[[1u32, 4], [1, 0]], &candle_core::Device::Cpu)?;
        agree_with_differences(&[&table], |inputs| {
            Embedding { table: inputs[0].clone().into() }.forward(&ids)?.mul(&scale)?.sum_all()
        })
    }
}
