//! A trainer without macros for the reference's runs of causal language models.

use std::path::Path;
use std::sync::{Arc, Mutex};

use candle_core::{Device, Tensor};
use serde_json::Value;
use trainer_core::Result;
use trainer_core::collate::{Batch, Collator, Item, Padding};
use trainer_core::data::{Dataset, Example, Field, Files, IGNORE, Input, LanguageModeling, Role, Row, Target};
use trainer_core::loss::Loss;
use trainer_core::metrics::Metric;
use trainer_core::model::Model;
use trainer_core::text::Tokenizer;
use trainer_core::train::{Callback, TrainerParts};

use crate::reference::{Fixed, Watch, arguments, watcher};

/// A text of the reference's data set, as tokens.
#[derive(Clone, Debug)]
pub struct Text {
    /// The reference's own number of the row.
    pub idx: u32,
    /// Token ids.
    pub input_ids: Vec<u32>,
}

impl Example for Text {
    type Task = LanguageModeling;
    const NAME: &'static str = "Text";
    const FIELDS: &'static [Field] = &[
        Field { name: "idx", column: "idx", role: Role::Extra },
        Field { name: "input_ids", column: "input_ids", role: Role::InputIds },
    ];
    const FILES: Files = Files { manifest_dir: env!("CARGO_MANIFEST_DIR"), train: None, eval: None, test: None };

    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self { idx: row.column("idx")?, input_ids: row.column("input_ids")? })
    }

    fn input(&self) -> Input<'_> {
        Input::Tokens { input_ids: &self.input_ids, attention_mask: None, token_type_ids: None }
    }

    fn target(&self) -> Target {
        Target::None
    }
}

/// One part (`train`, `eval`) of a data set of the reference.
///
/// # Panics
/// If the fixture does not hold it.
pub fn texts(name: &str, part: &str) -> Dataset<Text> {
    let rows = crate::json(&format!("training/datasets/{name}.json"));
    let rows = rows[part].as_array().expect("rows").iter().map(|cells| {
        let cells = cells.as_object().expect("a row is an object");
        Text::from_row(&Row::new(name, 0, cells)).expect("a row of the fixture fits")
    });
    Dataset::from_examples(rows.collect())
}

/// Pads, and gives each token the next one as its label.
pub struct NextToken;

impl Collator for NextToken {
    fn collate(&self, items: &[&Item], tokenizer: Option<&Tokenizer>) -> Result<Batch> {
        let batch = Padding::new().pad_id(0).collate(items, tokenizer)?;
        let (ids, mask) = (batch.input_ids()?.to_vec2::<u32>()?, batch.attention_mask()?.to_vec2::<u32>()?);
        let labels = ids.iter().zip(&mask).map(|(ids, mask)| {
            let real = ids.iter().zip(mask).skip(1).map(|(id, mask)| if *mask == 1 { *id } else { IGNORE });
            real.chain(std::iter::once(IGNORE)).collect::<Vec<u32>>()
        });
        let labels = Some(Tensor::new(labels.collect::<Vec<_>>(), &Device::Cpu)?);
        Ok(Batch { labels, ..batch })
    }

    fn padded_length(&self, longest: usize) -> Option<usize> {
        Some(longest)
    }
}

/// A trainer of the reference's causal language models on its texts.
pub struct LanguageTrainer<M> {
    /// The model.
    pub model: M,
    /// The arguments.
    pub args: Fixed,
    /// Training rows.
    pub train: Dataset<Text>,
    /// Evaluation rows.
    pub eval: Dataset<Text>,
    /// What happened.
    pub watch: Watch,
}

impl<M: Model> LanguageTrainer<M> {
    /// The trainer of a run, writing to `output_dir`.
    pub fn new(model: M, run: &Value, output_dir: &Path) -> Self {
        Self {
            model,
            args: Fixed(arguments(run, output_dir)),
            train: texts("causal-bpe", "train"),
            eval: texts("causal-bpe", "eval"),
            watch: Arc::new(Mutex::default()),
        }
    }
}

impl<M: Model> TrainerParts for LanguageTrainer<M> {
    type Model = M;
    type Args = Fixed;
    type Example = Text;
    const NAME: &'static str = "LanguageTrainer";

    fn model(&self) -> &Self::Model {
        &self.model
    }

    fn args(&self) -> &Self::Args {
        &self.args
    }

    fn train_dataset(&self) -> Option<&Dataset<Self::Example>> {
        Some(&self.train)
    }

    fn eval_datasets(&self) -> Vec<(Option<&str>, &Dataset<Self::Example>)> {
        vec![(None, &self.eval)]
    }

    fn tokenizer(&self) -> Option<&Tokenizer> {
        None
    }

    fn collator(&self) -> Box<dyn Collator> {
        Box::new(NextToken)
    }

    fn loss(&self) -> Option<Box<dyn Loss>> {
        None
    }

    fn metrics(&self) -> Vec<Box<dyn Metric>> {
        Vec::new()
    }

    fn callbacks(&self) -> Vec<Box<dyn Callback>> {
        vec![watcher(&self.watch)]
    }
}
