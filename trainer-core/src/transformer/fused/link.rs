//! How gradients of parameters, and of a source's rows, reach candle's graph.
//!
//! An operation of candle has three inputs at most. So the parameters are a chain of operations with two, which ends in one of
//! the inputs: when the graph goes back through the chain, each link hands on a gradient that was computed before.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use candle_core::{CpuStorage, CustomOp2, DType, Device, Layout, Shape, Tensor};

use super::held::{Delivery, HeldStage};
use crate::error::Result;

/// Gradients on their way to candle's store, in the order of the chain.
pub(super) type OnTheWay = Arc<Mutex<Vec<Option<Tensor>>>>;

/// What stands for the parameters among the inputs of the operation, and for the rows of a source: a chain with a link for
/// each whose gradient goes through the graph, the source last; otherwise one parameter that is tracked, if there is one, so
/// that the way back is taken.
pub(super) fn link(stages: &[HeldStage], source: Option<&Tensor>) -> Result<(Tensor, OnTheWay)> {
    let on_the_way = OnTheWay::default();
    let mut link = Tensor::zeros((), DType::F32, &Device::Cpu)?;
    let (mut count, mut tracked) = (0, None);
    let mut add = |tensor: &Tensor| -> Result<()> {
        link = link.apply_op2(tensor, Deliver { index: count, gradients: Arc::clone(&on_the_way) })?;
        count += 1;
        Ok(())
    };
    for (parts, _) in stages {
        for held in parts.map(|held| held).into_list() {
            let Some(tensor) = held.tensor() else { continue };
            match held.delivery {
                Delivery::Nowhere => {}
                Delivery::Slot(_) => tracked = Some(tensor.clone()),
                Delivery::Graph => add(tensor)?,
            }
        }
    }
    source.map_or(Ok(()), &mut add)?;
    locked(&on_the_way).resize(count, None);
    Ok((if count > 0 { link } else { tracked.unwrap_or(link) }, on_the_way))
}

pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A link of the chain: hands the gradient of its parameter to the graph.
struct Deliver {
    index: usize,
    gradients: OnTheWay,
}

impl CustomOp2 for Deliver {
    fn name(&self) -> &'static str {
        "deliver-gradient"
    }

    fn cpu_fwd(
        &self,
        _: &CpuStorage,
        _: &Layout,
        _: &CpuStorage,
        _: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        Ok((CpuStorage::F32(vec![0.0]), Shape::from(())))
    }

    fn bwd(
        &self,
        before: &Tensor,
        _: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> candle_core::Result<(Option<Tensor>, Option<Tensor>)> {
        let of_parameter = locked(&self.gradients).get_mut(self.index).and_then(Option::take);
        Ok((before.track_op().then(|| gradient.clone()), of_parameter))
    }
}
