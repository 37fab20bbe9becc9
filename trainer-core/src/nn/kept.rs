//! How the weight of a linear layer is kept: as it is, or in fewer bits.
//!
//! A weight in fewer bits is never trained. It is brought back to whole numbers where a product needs it, one layer at a
//! time, on the way forward and again on the way back, so that no second copy of the model is there at any moment.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use candle_core::backend::BackendStorage as _;
use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{CpuStorage, CustomOp1, DType, Device, Layout, Result, Shape, Storage, Tensor, bail};

use super::product::frozen_product;
use super::weight::Weight;

/// The weight of a linear layer, `[outputs, inputs]`.
#[derive(Clone, Debug)]
pub(crate) enum Kept {
    /// As it is: a parameter.
    Whole(Weight),
    /// In fewer bits, frozen.
    Quantized(Arc<QTensor>),
}

/// Where the weight of a layer is kept; shared by the copies of the layer.
#[derive(Clone, Debug)]
pub(crate) struct KeptPlace(Arc<Place>);

#[derive(Debug)]
struct Place {
    kept: RwLock<Kept>,
    /// Whether it must be as it is, since others look into it.
    stays_whole: AtomicBool,
}

impl From<Kept> for KeptPlace {
    fn from(kept: Kept) -> Self {
        Self(Arc::new(Place { kept: RwLock::new(kept), stays_whole: AtomicBool::new(false) }))
    }
}

impl From<Weight> for KeptPlace {
    fn from(weight: Weight) -> Self {
        Kept::Whole(weight).into()
    }
}

impl From<Arc<QTensor>> for KeptPlace {
    fn from(packed: Arc<QTensor>) -> Self {
        Kept::Quantized(packed).into()
    }
}

impl KeptPlace {
    /// What is kept there now.
    pub(crate) fn get(&self) -> Kept {
        self.0.kept.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The weight, which from now on stays as it is: several layers look into it.
    pub(super) fn that_stays_whole(&self) -> Result<Weight> {
        self.0.stays_whole.store(true, Ordering::Relaxed);
        match self.get() {
            Kept::Whole(weight) => Ok(weight),
            Kept::Quantized(_) => bail!("a weight in fewer bits is of one layer alone"),
        }
    }

    /// Keeps the weight in fewer bits from now on, and says how many bytes it takes; `None`, with nothing changed, for a weight
    /// that cannot be: whose rows are not whole blocks of the format, that several layers look into, or that is not on the CPU in `f32`.
    pub(crate) fn quantize(&self, format: GgmlDType) -> Result<Option<usize>> {
        let mut kept = self.0.kept.write().unwrap_or_else(PoisonError::into_inner);
        let stays_whole = self.0.stays_whole.load(Ordering::Relaxed);
        let Kept::Whole(weight) = &*kept else { return Ok(None) };
        let tensor = weight.tensor();
        let fits = tensor.dim(1)?.is_multiple_of(format.block_size());
        if stays_whole || !fits || !tensor.device().is_cpu() || tensor.dtype() != DType::F32 {
            return Ok(None);
        }
        let packed = QTensor::quantize(&tensor.detach(), format)?;
        let bytes = packed.storage_size_in_bytes();
        *kept = Kept::Quantized(Arc::new(packed));
        Ok(Some(bytes))
    }
}

impl Kept {
    /// The type of its numbers in products.
    pub(crate) fn dtype(&self) -> DType {
        match self {
            Self::Whole(weight) => weight.tensor().dtype(),
            Self::Quantized(_) => DType::F32,
        }
    }

    /// How many numbers come out of the layer.
    pub(crate) fn outputs(&self) -> Result<usize> {
        match self {
            Self::Whole(weight) => weight.tensor().dim(0),
            Self::Quantized(packed) => packed.shape().dims2().map(|(outputs, _)| outputs),
        }
    }

    /// The weight as whole numbers, which is a copy if it is kept in fewer bits.
    pub(crate) fn whole(&self) -> Result<Tensor> {
        match self {
            Self::Whole(weight) => Ok(weight.tensor().clone()),
            Self::Quantized(packed) => packed.dequantize(&Device::Cpu),
        }
    }

    /// The weight to compute with, in the graph if it is trained.
    pub(crate) fn value(&self) -> Result<Tensor> {
        match self {
            Self::Whole(weight) => Ok(weight.value()),
            Self::Quantized(_) => self.whole(),
        }
    }

    /// `rows · weightᵀ`, with a gradient of the weight if it is trained.
    pub(super) fn product(&self, rows: &Tensor) -> Result<Tensor> {
        match self {
            Self::Whole(weight) if weight.gets_gradient() => rows.matmul(&weight.tensor().t()?),
            _ => self.product_without_gradient(rows),
        }
    }

    /// The same, where only the rows get a gradient.
    pub(super) fn product_without_gradient(&self, rows: &Tensor) -> Result<Tensor> {
        match self {
            Self::Whole(weight) => frozen_product(rows, weight.tensor()),
            Self::Quantized(packed) => rows.contiguous()?.apply_op1(QuantizedProduct(Arc::clone(packed))),
        }
    }
}

/// The product with a weight in fewer bits, which holds no whole copy of it between the ways.
struct QuantizedProduct(Arc<QTensor>);

impl CustomOp1 for QuantizedProduct {
    fn name(&self) -> &'static str {
        "quantized-product"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (rows, inputs) = layout.shape().dims2()?;
        let transposed = self.0.dequantize(&Device::Cpu)?.t()?;
        let (_, outputs) = transposed.dims2()?;
        let (weight, weight_layout) = transposed.storage_and_layout();
        let Storage::Cpu(weight) = &*weight else { bail!("a weight in fewer bits is on another device") };
        let product = storage.matmul(weight, (1, rows, outputs, inputs), layout, weight_layout)?;
        Ok((product, Shape::from((rows, outputs))))
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        Ok(Some(gradient.matmul(&self.0.dequantize(&Device::Cpu)?)?))
    }
}

#[cfg(test)]
mod tests {
    use super::super::gradient_check::values;
    use super::*;

    #[test]
    fn a_product_in_fewer_bits_is_that_with_what_the_bits_say_and_goes_back_through_the_rows() -> crate::Result<()> {
        let weight = values((5, 64), "weight").as_detached_tensor().to_dtype(DType::F32)?;
        for (format, worst) in [(GgmlDType::Q8_0, 0.01), (GgmlDType::Q4_1, 0.1)] {
            let place = KeptPlace::from(Weight::from(weight.clone()));
            let bytes = place.quantize(format)?.expect("64 numbers are whole blocks");
            assert!(bytes < 4 * 5 * 64 / 3, "{bytes} bytes");
            assert_eq!(place.quantize(format)?, None, "it is kept so already");
            let (kept, whole) = (place.get(), place.get().whole()?);
            let off = (&whole - &weight)?.abs()?.max_all()?.to_scalar::<f32>()?;
            let largest = weight.abs()?.max_all()?.to_scalar::<f32>()?;
            assert!(off > 0.0 && off < worst * largest, "{format:?}: off by {off} of {largest}");
            let rows = candle_core::Var::from_tensor(&values((3, 64), "rows").to_dtype(DType::F32)?)?;
            let product = kept.product(rows.as_tensor())?;
            assert_eq!(product.to_vec2::<f32>()?, rows.matmul(&whole.t()?)?.to_vec2::<f32>()?);
            let gradients = product.sum_all()?.backward()?;
            let expected = Tensor::ones((3, 5), DType::F32, &Device::Cpu)?.matmul(&whole)?;
            assert_eq!(gradients.get(&rows).expect("rows have one").to_vec2::<f32>()?, expected.to_vec2::<f32>()?);
        }
        Ok(())
    }

    #[test]
    fn rows_that_are_no_whole_blocks_stay_as_they_are() -> crate::Result<()> {
        let place = KeptPlace::from(Weight::from(values((5, 40), "weight").to_dtype(DType::F32)?));
        assert_eq!(place.quantize(GgmlDType::Q8_0)?, None);
        assert!(matches!(place.get(), Kept::Whole(_)));
        Ok(())
    }
}
