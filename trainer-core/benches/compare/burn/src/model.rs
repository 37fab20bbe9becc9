//! MiniLM's shapes in Burn's layers.

use burn::module::Module;
use burn::nn::loss::CrossEntropyLossConfig;
use burn::nn::transformer::{TransformerEncoder, TransformerEncoderConfig, TransformerEncoderInput};
use burn::nn::{
    Dropout, DropoutConfig, Embedding, EmbeddingConfig, Initializer, LayerNorm, LayerNormConfig, Linear, LinearConfig,
};
use burn::tensor::{Device, Int, Tensor, activation::tanh};

use crate::Input;

const VOCABULARY: usize = 30522;
const POSITIONS: usize = 512;
const HIDDEN: usize = 384;
const INTERMEDIATE: usize = 1536;
const LAYERS: usize = 6;
const HEADS: usize = 12;
const CLASSES: usize = 3;

/// Embeddings, encoder, pooler and head.
#[derive(Module, Debug)]
pub(crate) struct Classifier {
    words: Embedding,
    positions: Embedding,
    types: Embedding,
    norm: LayerNorm,
    encoder: TransformerEncoder,
    pooler: Linear,
    head: Linear,
    dropout: Dropout,
}

impl Classifier {
    /// With fresh weights.
    pub(crate) fn new(device: &Device, dropout: f64) -> Self {
        let initializer = Initializer::Normal { mean: 0.0, std: 0.02 };
        let embedding = |rows| EmbeddingConfig::new(rows, HIDDEN).with_initializer(initializer.clone()).init(device);
        let linear = |outputs| LinearConfig::new(HIDDEN, outputs).with_initializer(initializer.clone()).init(device);
        Self {
            words: embedding(VOCABULARY),
            positions: embedding(POSITIONS),
            types: embedding(2),
            norm: LayerNormConfig::new(HIDDEN).with_epsilon(1e-12).init(device),
            encoder: TransformerEncoderConfig::new(HIDDEN, INTERMEDIATE, HEADS, LAYERS)
                .with_dropout(dropout)
                .with_layer_norm_eps(1e-12)
                .with_initializer(initializer.clone())
                .init(device),
            pooler: linear(HIDDEN),
            head: linear(CLASSES),
            dropout: DropoutConfig::new(dropout).init(),
        }
    }

    /// The mean cross-entropy of a batch.
    pub(crate) fn loss(&self, input: Input) -> Tensor<1> {
        let device = input.ids.device();
        let [rows, length] = input.ids.dims();
        let positions = Tensor::<1, Int>::arange(0..length as i64, &device).reshape([1, length]);
        let embedded = self.words.forward(input.ids.clone())
            + self.types.forward(input.ids.zeros_like())
            + self.positions.forward(positions);
        let embedded = self.dropout.forward(self.norm.forward(embedded));
        let hidden = self.encoder.forward(TransformerEncoderInput::new(embedded).mask_pad(input.is_padding));
        let first = hidden.slice([0..rows, 0..1, 0..HIDDEN]).reshape([rows, HIDDEN]);
        let logits = self.head.forward(self.dropout.forward(tanh(self.pooler.forward(first))));
        CrossEntropyLossConfig::new().init(&logits.device()).forward(logits, input.labels)
    }
}
