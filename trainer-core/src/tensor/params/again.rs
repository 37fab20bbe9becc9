//! Parameters that are drawn again, or that a model takes over which is built again.

use std::sync::atomic::Ordering;

use candle_core::DType;

use super::Parameters;
use crate::error::Result;

impl Parameters {
    /// Draws the parameters that no file gave again, from another seed; those changed since the first draw stay.
    ///
    /// # Errors
    /// [`ErrorKind::Tensor`](crate::ErrorKind::Tensor) if a value cannot be written.
    pub fn redraw(&self, seed: u64) -> Result<()> {
        let table = self.table();
        let old = self.0.seed.swap(seed, Ordering::Relaxed);
        if old == seed {
            return Ok(());
        }
        for (name, draw) in &table.initialised {
            let variable = &table.entries[name].variable;
            let drawn = self.drawn(old, name, variable.shape(), *draw)?;
            let changed = variable.ne(&drawn)?.to_dtype(DType::U32)?.sum_all()?.to_scalar::<u32>()?;
            if changed == 0 {
                variable.set(&self.drawn(seed, name, variable.shape(), *draw)?)?;
            }
        }
        Ok(())
    }

    /// The seed of what no file gave.
    pub(crate) fn seed(&self) -> u64 {
        self.0.seed.load(Ordering::Relaxed)
    }

    /// Takes over from parameters of the same names which are frozen, and which were drawn and how: a run with another seed
    /// draws these again. One of another shape counts as given.
    pub(crate) fn inherit(&self, other: &Self) {
        let frozen: Vec<String> =
            other.list().into_iter().filter(|parameter| !parameter.trainable).map(|parameter| parameter.name).collect();
        self.freeze(|name| frozen.iter().any(|frozen| frozen == name));
        let drawn: Vec<_> = {
            let table = other.table();
            let of_shape = |name: &String| table.entries.get(name).map(|parameter| parameter.variable.dims().to_vec());
            table.initialised.iter().map(|(name, draw)| (name.clone(), *draw, of_shape(name))).collect()
        };
        let mut table = self.table();
        for (name, draw, shape) in drawn {
            if table.entries.get(&name).map(|parameter| parameter.variable.dims().to_vec()) == shape {
                table.initialised.insert(name, draw);
            }
        }
    }
}
