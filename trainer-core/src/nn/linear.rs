//! Linear layers.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use candle_core::{CpuStorage, CustomOp1, CustomOp2, D, DType, Layout, Result, Shape, Tensor, WithDType};
use candle_nn::{Init, VarBuilder};

use super::LowRank;
use super::kept::{Kept, KeptPlace};
use super::slices::{for_type_of, on_slices, slice};
use super::weight::Weight;
use crate::tensor::kernels::rows;
use crate::tensor::origin::Origin;
use crate::tensor::random::Mode;

/// `input · weightᵀ + bias`, and what an adapter adds.
#[derive(Clone, Debug)]
pub struct Linear {
    weight: KeptPlace,
    bias: Option<Weight>,
    adapter: AdapterPlace,
    /// The outputs of the layer's parameters that this layer gives, if these are of several layers: the first, and how many.
    part: Option<(usize, usize)>,
}

/// Where the adapter of a layer is put, if it gets one; shared by the copies of the layer.
#[derive(Clone, Debug, Default)]
struct AdapterPlace(Arc<RwLock<Option<LowRank>>>);

impl AdapterPlace {
    fn set(&self, adapter: Option<LowRank>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = adapter;
    }

    fn get(&self) -> Option<LowRank> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The linear layers over one store of parameters, by their names, such as `bert.encoder.layer.0.attention.self.query`.
pub(crate) type LinearLayers = BTreeMap<String, LinearLayer>;

/// A linear layer, to be adapted.
#[derive(Clone, Debug)]
pub(crate) struct LinearLayer {
    /// Numbers that go in.
    pub(crate) inputs: usize,
    /// Numbers that come out.
    pub(crate) outputs: usize,
    adapter: AdapterPlace,
    weight: KeptPlace,
}

impl LinearLayer {
    /// How its weight is kept.
    pub(crate) fn weight(&self) -> &KeptPlace {
        &self.weight
    }

    /// Puts an adapter on the layer, or takes it off.
    pub(crate) fn set_adapter(&self, adapter: Option<LowRank>) {
        self.adapter.set(adapter);
    }

    /// The adapter that is on the layer.
    pub(crate) fn adapter(&self) -> Option<LowRank> {
        self.adapter.get()
    }
}

/// A layer from `inputs` to `outputs` numbers, its weight drawn from a normal distribution of deviation `deviation`
/// (`initializer_range`), its bias zero.
pub fn linear(inputs: usize, outputs: usize, deviation: f64, builder: VarBuilder<'_>) -> Result<Linear> {
    let bias = Weight::ask(&builder, outputs, "bias", Init::Const(0.0))?;
    Ok(Linear { bias: Some(bias), ..linear_without_bias(inputs, outputs, deviation, builder)? })
}

/// As [`linear`], without a bias.
pub fn linear_without_bias(inputs: usize, outputs: usize, deviation: f64, builder: VarBuilder<'_>) -> Result<Linear> {
    let init = Init::Randn { mean: 0.0, stdev: deviation };
    let (weight, origin) = Weight::ask_with_origin(&builder, (outputs, inputs), "weight", init)?;
    let packed = origin.as_ref().and_then(|origin| origin.packed.clone());
    let weight = packed.map_or_else(|| KeptPlace::from(weight), KeptPlace::from);
    let layer = LinearLayer { inputs, outputs, adapter: AdapterPlace::default(), weight };
    let LinearLayer { adapter, weight, .. } = origin.map_or_else(|| layer.clone(), |origin| entered(&origin, &layer));
    Ok(Linear { weight, bias: None, adapter, part: None })
}

/// Layers with the same input whose weights lie one below the other in one parameter, and their biases one after the other:
/// `sizes` are the outputs of each. An adapter is put on all of them together.
///
/// Source: `transformers` `GPT2Attention.c_attn`.
pub(crate) fn linear_in_parts<const N: usize>(
    inputs: usize,
    sizes: [usize; N],
    has_bias: bool,
    deviation: f64,
    builder: VarBuilder<'_>,
) -> Result<[Linear; N]> {
    let outputs = sizes.iter().sum();
    let layer = if has_bias { linear } else { linear_without_bias };
    let whole = layer(inputs, outputs, deviation, builder)?;
    let weight = whole.weight.that_stays_whole()?;
    let mut parts = std::array::from_fn(|_| whole.clone());
    let mut start = 0;
    for (part, size) in parts.iter_mut().zip(sizes) {
        part.weight = weight.rows(start, size)?.into();
        part.bias = whole.bias.as_ref().map(|bias| bias.rows(start, size)).transpose()?;
        part.part = Some((start, size));
        start += size;
    }
    Ok(parts)
}

/// The layer as it stands in the list of the linear layers of its store, entered if it is new.
fn entered(origin: &Origin, layer: &LinearLayer) -> LinearLayer {
    let name = origin.name.strip_suffix(".weight").unwrap_or(&origin.name).to_owned();
    let mut layers: LinearLayers = origin.parameters.attached().unwrap_or_default();
    let entered = layers.entry(name).or_insert_with(|| layer.clone()).clone();
    origin.parameters.attach(layers);
    entered
}

impl Linear {
    /// A layer without a bias over a weight that another layer owns, such as the table of words.
    pub(crate) fn over(weight: Weight) -> Self {
        Self { weight: weight.into(), bias: None, adapter: AdapterPlace::default(), part: None }
    }

    /// The type of its numbers.
    pub fn dtype(&self) -> DType {
        self.weight.get().dtype()
    }

    /// How its weight is kept.
    pub(crate) fn weight(&self) -> Kept {
        self.weight.get()
    }

    /// Its bias.
    pub(crate) fn bias(&self) -> Option<&Weight> {
        self.bias.as_ref()
    }

    /// The adapter that is on it.
    pub(crate) fn adapter(&self) -> Result<Option<LowRank>> {
        match (self.adapter.get(), self.part) {
            (Some(adapter), Some((start, outputs))) => adapter.of_outputs(start, outputs).map(Some),
            (adapter, _) => Ok(adapter),
        }
    }

    /// `input`: `[…, inputs]`; the result: `[…, outputs]`. An adapter on the layer computes without its dropout, as in
    /// evaluation: see [`forward_in`](Self::forward_in).
    pub fn forward(&self, input: &Tensor) -> Result<Tensor> {
        self.forward_in(input, Mode::Evaluate)
    }

    /// As [`forward`](Self::forward), with the dropout of an adapter while training: for layers that adapters may be put on.
    pub fn forward_in(&self, input: &Tensor, mode: Mode) -> Result<Tensor> {
        let rows = input.elem_count() / input.dim(D::Minus1)?.max(1);
        let flat = input.reshape((rows, input.dim(D::Minus1)?))?;
        let weight = self.weight.get();
        let product = weight.product(&flat)?;
        let mut output = match self.bias.as_ref().map(Weight::value) {
            Some(bias) if on_slices(&product) => product.apply_op2(&bias, AddToRows)?,
            Some(bias) => product.broadcast_add(&bias)?,
            None => product.clone(),
        };
        if let Some(adapter) = self.adapter()? {
            output = (output + adapter.forward(&flat, &weight, &product, mode)?)?;
        }
        let mut shape = input.dims().to_vec();
        if let Some(last) = shape.last_mut() {
            *last = weight.outputs()?;
        }
        output.reshape(shape)
    }
}

struct AddToRows;

impl CustomOp2 for AddToRows {
    fn name(&self) -> &'static str {
        "add-bias"
    }

    fn cpu_fwd(&self, s1: &CpuStorage, l1: &Layout, s2: &CpuStorage, l2: &Layout) -> Result<(CpuStorage, Shape)> {
        for_type_of!(s1, self.name(), |Real| {
            let (input, bias) = (slice::<Real>(s1, l1)?, slice::<Real>(s2, l2)?);
            let mut output = vec![0.0; input.len()];
            rows::add_to_rows(input, bias, &mut output);
            Ok((Real::to_cpu_storage_owned(output), l1.shape().clone()))
        })
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let gradient = gradient.contiguous()?;
        let of_bias = gradient.apply_op1_no_bwd(&SumOfRows)?;
        Ok((Some(gradient), Some(of_bias)))
    }
}

struct SumOfRows;

impl CustomOp1 for SumOfRows {
    fn name(&self) -> &'static str {
        "sum-of-rows"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        for_type_of!(storage, self.name(), |Real| {
            let columns = layout.dims()[1];
            let sum = rows::sum_of_rows(slice::<Real>(storage, layout)?, columns);
            Ok((Real::to_cpu_storage_owned(sum), Shape::from(columns)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::gradient_check::{agree_with_differences, values};
    use super::*;
    use crate::tensor::params::Parameters;

    #[test]
    fn gradients_agree_with_central_differences() -> crate::Result<()> {
        let (x, weight, bias) = (values((2, 3, 4), "x"), values((5, 4), "weight"), values(5, "bias"));
        let scale = values((2, 3, 5), "scale");
        agree_with_differences(&[&x, &weight, &bias], |inputs| {
            let layer = Linear {
                weight: Weight::from(inputs[1].clone()).into(),
                bias: Some(inputs[2].clone().into()),
                adapter: AdapterPlace::default(),
                part: None,
            };
            layer.forward(inputs[0])?.mul(&scale)?.sum_all()
        })
    }

    #[test]
    fn gradients_without_a_bias_agree_with_central_differences() -> crate::Result<()> {
        let (x, weight, scale) = (values((3, 4), "x"), values((5, 4), "weight"), values((3, 5), "scale"));
        agree_with_differences(&[&x, &weight], |inputs| {
            let layer = Linear {
                weight: Weight::from(inputs[1].clone()).into(),
                bias: None,
                adapter: AdapterPlace::default(),
                part: None,
            };
            layer.forward(inputs[0])?.mul(&scale)?.sum_all()
        })
    }

    #[test]
    fn layers_in_one_parameter_compute_its_rows_and_give_it_one_gradient() -> crate::Result<()> {
        let parameters = Parameters::with_dtype(&candle_core::Device::Cpu, DType::F64, 3);
        let [first, second] = linear_in_parts(4, [5, 3], true, 1.0, parameters.builder().pp("joint"))?;
        let (x, scale) = (values((2, 4), "x"), values((2, 8), "scale"));
        let both = Tensor::cat(&[first.forward(&x)?, second.forward(&x)?], 1)?;
        let whole = linear(4, 8, 1.0, parameters.builder().pp("joint"))?.forward(&x)?;
        assert_eq!(both.to_vec2::<f64>()?, whole.to_vec2::<f64>()?);
        let found = both.mul(&scale)?.sum_all()?.backward()?;
        let expected = whole.mul(&scale)?.sum_all()?.backward()?;
        for parameter in parameters.list() {
            let gradients = [&found, &expected].map(|store| store.get(&parameter.variable).map(Tensor::flatten_all));
            let [found, expected] = gradients.map(|gradient| gradient?.ok()?.to_vec1::<f64>().ok());
            assert!(found.is_some() && found == expected, "{}: {found:?}, expected {expected:?}", parameter.name);
        }
        let layers: LinearLayers = parameters.attached().unwrap_or_default();
        assert_eq!(layers.get("joint").map(|layer| (layer.inputs, layer.outputs)), Some((4, 8)));
        Ok(())
    }
}
