//! The encoder of the BERT family: token ids become one row of numbers for each token.

use candle_core::Tensor;
use candle_nn::VarBuilder;

use super::BertConfig;
use crate::collate::Batch;
use crate::error::{Error, ErrorKind, Result};
use crate::model::peft::Module;
use crate::nn::{self, Dropout, Embedding, LayerNorm, Linear};
use crate::tensor::random::Mode;
use crate::transformer::{Block, BlockNames, Pass, Stack, TokenLayout, Wanted};

const NAMES: BlockNames = BlockNames {
    query: "attention.self.query",
    key: "attention.self.key",
    value: "attention.self.value",
    attention_output: "attention.output.dense",
    attention_norm: "attention.output.LayerNorm",
    feed_forward_gate: None,
    feed_forward_in: "intermediate.dense",
    feed_forward_out: "output.dense",
    output_norm: "output.LayerNorm",
};

/// The modules of the encoder below `bert`, and the head of sequence classification.
pub(super) const MODULES_WITH_CLASSIFIER: &[Module<'static>] = &[
    Module::other("bert.embeddings.word_embeddings"),
    Module::other("bert.embeddings.position_embeddings"),
    Module::other("bert.embeddings.token_type_embeddings"),
    Module::other("bert.embeddings.LayerNorm"),
    Module::usual_target("bert.encoder.layer.#.attention.self.query"),
    Module::linear("bert.encoder.layer.#.attention.self.key"),
    Module::usual_target("bert.encoder.layer.#.attention.self.value"),
    Module::linear("bert.encoder.layer.#.attention.output.dense"),
    Module::other("bert.encoder.layer.#.attention.output.LayerNorm"),
    Module::linear("bert.encoder.layer.#.intermediate.dense"),
    Module::linear("bert.encoder.layer.#.output.dense"),
    Module::other("bert.encoder.layer.#.output.LayerNorm"),
    Module::linear("bert.pooler.dense"),
    Module::head("classifier"),
];

/// BERT without a head: embeddings, blocks, and the pooler over the first token.
///
/// Source: Devlin et al., "BERT" (2018); `transformers.BertModel`.
#[derive(Clone, Debug)]
pub struct BertModel {
    word_embeddings: Embedding,
    position_embeddings: Embedding,
    token_type_embeddings: Embedding,
    embedding_norm: LayerNorm,
    embedding_dropout: Dropout,
    blocks: Stack,
    pooler: Linear,
    position_limit: usize,
}

/// What the encoder gives for the tokens of a batch.
#[derive(Clone, Debug)]
pub struct HiddenStates {
    /// One row for each real token, `[tokens, hidden]`.
    pub packed: Tensor,
    layout: TokenLayout,
}

impl HiddenStates {
    /// `[batch, length, hidden]`; what stands at padding means nothing.
    pub fn padded(&self) -> Result<Tensor> {
        self.layout.unpack(&self.packed)
    }

    /// The rows of the first token of each sequence, `[batch, hidden]`.
    pub fn first(&self) -> Result<Tensor> {
        self.layout.first(&self.packed)
    }
}

impl BertModel {
    /// The encoder whose parameters stand below the builder's prefix (`bert`).
    pub fn new(config: &BertConfig, builder: &VarBuilder<'_>) -> Result<Self> {
        let settings = config.block()?;
        let (width, deviation) = (config.hidden_size, config.initializer_range);
        let embeddings = builder.pp("embeddings");
        let table = |name: &str, count| nn::embedding(count, width, deviation, embeddings.pp(name));
        let layers = builder.pp("encoder.layer");
        let blocks = (0..config.num_hidden_layers).map(|index| Block::new(&settings, &NAMES, &layers.pp(index)));
        Ok(Self {
            word_embeddings: table("word_embeddings", config.vocab_size)?,
            position_embeddings: table("position_embeddings", config.max_position_embeddings)?,
            token_type_embeddings: table("token_type_embeddings", config.type_vocab_size)?,
            embedding_norm: nn::layer_norm(width, config.layer_norm_eps, embeddings.pp("LayerNorm"))?,
            embedding_dropout: Dropout::new(config.hidden_dropout_prob, &embeddings.prefix())?,
            blocks: Stack::new(blocks.collect::<Result<_>>()?),
            pooler: nn::linear(width, width, deviation, builder.pp("pooler.dense"))?,
            position_limit: config.max_position_embeddings,
        })
    }

    /// The numbers of every token after the last block.
    ///
    /// # Errors
    /// [`ErrorKind::Data`] for a sequence longer than the position embeddings.
    pub fn forward(&self, batch: &Batch, mode: Mode) -> Result<HiddenStates> {
        let (packed, layout) = self.run(batch, mode, Wanted::All)?;
        Ok(HiddenStates { packed, layout })
    }

    /// The rows of the tokens that are wanted after the last block.
    fn run(&self, batch: &Batch, mode: Mode, wanted: Wanted) -> Result<(Tensor, TokenLayout)> {
        let (_, length) = batch.input_ids()?.dims2()?;
        if length > self.position_limit {
            let message =
                format!("a batch is {length} tokens long, but the model has {} positions", self.position_limit);
            return Err(
                Error::new(ErrorKind::Data, message).help(format!("set `max_length = {}`", self.position_limit))
            );
        }
        let layout = TokenLayout::of(batch, self.pooler.dtype())?;
        let hidden = self.embed(batch, &layout, mode)?;
        let packed = self.blocks.forward(&hidden, &Pass::new(&layout, mode), wanted)?;
        Ok((packed, layout))
    }

    /// A summary of each sequence from its first token, `[batch, hidden]`.
    pub fn pool(&self, hidden: &HiddenStates, mode: Mode) -> Result<Tensor> {
        self.pool_first(&hidden.first()?, mode)
    }

    /// The same for all sequences of a batch: the last block computes no other row.
    ///
    /// # Errors
    /// As [`forward`](Self::forward).
    pub fn pooled(&self, batch: &Batch, mode: Mode) -> Result<Tensor> {
        let (first, _) = self.run(batch, mode, Wanted::First)?;
        self.pool_first(&first, mode)
    }

    fn pool_first(&self, first: &Tensor, mode: Mode) -> Result<Tensor> {
        Ok(self.pooler.forward_in(first, mode)?.tanh()?)
    }

    fn embed(&self, batch: &Batch, layout: &TokenLayout, mode: Mode) -> Result<Tensor> {
        let ids = layout.pack(&batch.input_ids()?.unsqueeze(2)?)?.squeeze(1)?;
        let types = match &batch.token_type_ids {
            Some(types) => layout.pack(&types.unsqueeze(2)?)?.squeeze(1)?,
            None => ids.zeros_like()?,
        };
        let words = self.word_embeddings.forward(&ids)?;
        let positions = self.position_embeddings.forward(layout.columns())?;
        let sum = ((words + self.token_type_embeddings.forward(&types)?)? + positions)?;
        Ok(self.embedding_dropout.forward(&self.embedding_norm.forward(&sum)?, mode)?)
    }
}
