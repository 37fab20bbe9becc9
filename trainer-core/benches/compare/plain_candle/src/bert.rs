//! BERT with a pooler and a head, from candle's own layers and operations, where those have a gradient.
//!
//! `LayerNorm` and `softmax_last_dim` of candle have no backward and would leave the encoder untrained without a word, so
//! `layer_norm_slow` and `softmax` stand in their place; everything else is what candle's examples write.

use std::path::Path;

use candle_core::{D, DType, Device, Result, Tensor, safetensors};
use candle_nn::{
    Embedding, Linear, Module, VarBuilder, VarMap, embedding, linear,
    ops::{dropout, layer_norm_slow, softmax},
};

const VOCABULARY: usize = 30522;
const POSITIONS: usize = 512;
const HIDDEN: usize = 384;
const INTERMEDIATE: usize = 1536;
const LAYERS: usize = 6;
const HEADS: usize = 12;
const CLASSES: usize = 3;

struct Norm {
    weight: Tensor,
    bias: Tensor,
}

impl Norm {
    fn new(builder: &VarBuilder<'_>) -> Result<Self> {
        let weight = builder.get_with_hints(HIDDEN, "weight", candle_nn::Init::Const(1.0))?;
        Ok(Self { weight, bias: builder.get_with_hints(HIDDEN, "bias", candle_nn::Init::Const(0.0))? })
    }

    fn forward(&self, input: &Tensor) -> Result<Tensor> {
        layer_norm_slow(input, &self.weight, &self.bias, 1e-12)
    }
}

struct Layer {
    query: Linear,
    key: Linear,
    value: Linear,
    attention_output: Linear,
    attention_norm: Norm,
    intermediate: Linear,
    output: Linear,
    output_norm: Norm,
}

impl Layer {
    fn new(builder: &VarBuilder<'_>) -> Result<Self> {
        let attention = builder.pp("attention");
        let of_self = attention.pp("self");
        Ok(Self {
            query: linear(HIDDEN, HIDDEN, of_self.pp("query"))?,
            key: linear(HIDDEN, HIDDEN, of_self.pp("key"))?,
            value: linear(HIDDEN, HIDDEN, of_self.pp("value"))?,
            attention_output: linear(HIDDEN, HIDDEN, attention.pp("output.dense"))?,
            attention_norm: Norm::new(&attention.pp("output.LayerNorm"))?,
            intermediate: linear(HIDDEN, INTERMEDIATE, builder.pp("intermediate.dense"))?,
            output: linear(INTERMEDIATE, HIDDEN, builder.pp("output.dense"))?,
            output_norm: Norm::new(&builder.pp("output.LayerNorm"))?,
        })
    }

    fn forward(&self, input: &Tensor, bias: &Tensor, probability: f32) -> Result<Tensor> {
        let attended = self.attention_output.forward(&self.attention(input, bias, probability)?)?;
        let input = self.attention_norm.forward(&(drop(&attended, probability)? + input)?)?;
        let inner = self.intermediate.forward(&input)?.gelu_erf()?;
        let output = drop(&self.output.forward(&inner)?, probability)?;
        self.output_norm.forward(&(output + input)?)
    }

    fn attention(&self, input: &Tensor, bias: &Tensor, probability: f32) -> Result<Tensor> {
        let (rows, length, _) = input.dims3()?;
        let heads = |linear: &Linear| {
            linear.forward(input)?.reshape((rows, length, HEADS, HIDDEN / HEADS))?.transpose(1, 2)?.contiguous()
        };
        let (query, key, value) = (heads(&self.query)?, heads(&self.key)?, heads(&self.value)?);
        let scores = (query.matmul(&key.t()?)? / ((HIDDEN / HEADS) as f64).sqrt())?.broadcast_add(bias)?;
        let shares = drop(&softmax(&scores, D::Minus1)?, probability)?;
        shares.matmul(&value)?.transpose(1, 2)?.reshape((rows, length, HIDDEN))
    }
}

/// candle's dropout, left out where it would do nothing.
fn drop(input: &Tensor, probability: f32) -> Result<Tensor> {
    if probability > 0.0 { dropout(input, probability) } else { Ok(input.clone()) }
}

/// The model and its variables.
pub(crate) struct Bert {
    words: Embedding,
    positions: Embedding,
    types: Embedding,
    norm: Norm,
    layers: Vec<Layer>,
    pooler: Linear,
    head: Linear,
    probability: f32,
}

impl Bert {
    /// With the weights in the model's folder and a fresh head; its variables are put into `variables`.
    pub(crate) fn new(variables: &VarMap, folder: &Path, probability: f32) -> Result<Self> {
        let builder = VarBuilder::from_varmap(variables, DType::F32, &Device::Cpu);
        let embeddings = builder.pp("embeddings");
        let model = Self {
            words: embedding(VOCABULARY, HIDDEN, embeddings.pp("word_embeddings"))?,
            positions: embedding(POSITIONS, HIDDEN, embeddings.pp("position_embeddings"))?,
            types: embedding(2, HIDDEN, embeddings.pp("token_type_embeddings"))?,
            norm: Norm::new(&embeddings.pp("LayerNorm"))?,
            layers: (0..LAYERS)
                .map(|layer| Layer::new(&builder.pp(format!("encoder.layer.{layer}"))))
                .collect::<Result<_>>()?,
            pooler: linear(HIDDEN, HIDDEN, builder.pp("pooler.dense"))?,
            head: Linear::new(
                builder.get_with_hints(
                    (CLASSES, HIDDEN),
                    "classifier.weight",
                    candle_nn::Init::Randn { mean: 0.0, stdev: 0.02 },
                )?,
                Some(builder.get_with_hints(CLASSES, "classifier.bias", candle_nn::Init::Const(0.0))?),
            ),
            probability,
        };
        let weights = safetensors::load(folder.join("model.safetensors"), &Device::Cpu)?;
        for (name, variable) in variables.data().lock().expect("no other thread").iter() {
            if !name.starts_with("classifier.") {
                let weight =
                    weights.get(name).ok_or_else(|| candle_core::Error::msg(format!("no weights `{name}`")))?;
                variable.set(&weight.to_dtype(DType::F32)?)?;
            }
        }
        Ok(model)
    }

    /// Logits `[rows, classes]` of token ids `[rows, length]`; `mask` has 1 for a token and 0 for padding.
    pub(crate) fn forward(&self, ids: &Tensor, mask: &Tensor) -> Result<Tensor> {
        let (rows, length) = ids.dims2()?;
        let positions = self.positions.forward(&Tensor::arange(0, length as u32, ids.device())?)?;
        let types = self.types.forward(&ids.zeros_like()?)?;
        let embedded = (self.words.forward(ids)? + types)?.broadcast_add(&positions)?;
        let mut hidden = drop(&self.norm.forward(&embedded)?, self.probability)?;
        let bias = mask.affine(-1.0, 1.0)?.affine(f64::from(f32::MIN), 0.0)?.reshape((rows, 1, 1, length))?;
        for layer in &self.layers {
            hidden = layer.forward(&hidden, &bias, self.probability)?;
        }
        let first = hidden.narrow(1, 0, 1)?.squeeze(1)?.contiguous()?;
        let pooled = self.pooler.forward(&first)?.tanh()?;
        self.head.forward(&drop(&pooled, self.probability)?)
    }
}
