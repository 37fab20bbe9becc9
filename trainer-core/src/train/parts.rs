//! What a trainer is made of: the fields of a struct of the user's and what `#[trainer]` says.
//!
//! What comes in: a struct under `#[trainer]`, which implements [`TrainerParts`]. What goes out: everything that a run
//! needs. The traits of the single parts answer a field or a key of another type, in words.

use std::collections::BTreeMap;

use super::Callback;
pub use super::collators::{causal_lm, default_collator, flattening, packing};
use super::formatting::Formatting;
use crate::args::{
    Facts, NothingToAgreeOn, Shown, Specification, Surrounded, Surroundings, TrainingArgs, TrainingArguments, Values,
};
use crate::collate::{Batch, Collator};
use crate::data::{Dataset, Example, Field, Files, Input, LabelSet, Regression, Row, Target};
use crate::error::{Error, ErrorKind, Result};
use crate::loss::{FunctionLoss, Loss, LossFunction};
use crate::metrics::{FunctionMetric, Metric, MetricFunction, Needs};
use crate::model::peft::Bits;
use crate::model::seen::ModelSeen;
use crate::model::{Lora, Model, Output};
use crate::optim::{KeptNumbers, OptimizerChoice};
use crate::tensor::params::Parameters;
use crate::tensor::random::Mode;
use crate::text::Tokenizer;

/// The parts of a trainer; made by `#[trainer]`.
pub trait TrainerParts {
    /// What is trained.
    type Model: Model;
    /// What may vary between runs.
    type Args: TrainingArgs;
    /// A row of the data.
    type Example: Example;
    /// The struct's own name, for messages.
    const NAME: &'static str;
    /// What it says of itself to rules about its arguments.
    const SURROUNDINGS: Surroundings<'static> = Surroundings::unknown(Self::NAME);
    /// What was seen while compiling of the directory that `model_dir` names.
    const MODEL_SEEN: Option<ModelSeen<'static>> = None;
    /// Whether it has adapters, as [`peft`](Self::peft) says when the program runs.
    const HAS_ADAPTERS: bool = false;
    /// In how many bits the frozen weights are kept beside adapters, as [`peft`](Self::peft) says when the program runs.
    const BITS: Option<Bits> = None;
    /// The bytes of `memory_budget`.
    const MEMORY_BUDGET: Option<u64> = None;

    /// The model.
    fn model(&self) -> &Self::Model;

    /// The arguments.
    fn args(&self) -> &Self::Args;

    /// What is trained on.
    fn train_dataset(&self) -> Option<&Dataset<Self::Example>>;

    /// What is evaluated on: nothing, one data set without a name, or several with theirs.
    fn eval_datasets(&self) -> Vec<(Option<&str>, &Dataset<Self::Example>)>;

    /// The tokenizer, if there is one.
    fn tokenizer(&self) -> Option<&Tokenizer>;

    /// What lays examples out.
    fn collator(&self) -> Box<dyn Collator>;

    /// The loss; `None` for that of the task.
    fn loss(&self) -> Option<Box<dyn Loss>>;

    /// The metrics, in the order they are written, none of them shared with an earlier call.
    fn metrics(&self) -> Vec<Box<dyn Metric>>;

    /// What the optimiser of [`optimizer`](Self::optimizer) keeps, at most; `None` for that of the training argument `optim`.
    const OPTIMIZER_KEEPS: Option<KeptNumbers> = None;

    /// The optimiser; `None` for that of the training argument `optim`.
    fn optimizer(&self) -> Option<Box<dyn OptimizerChoice>> {
        None
    }

    /// The adapters that are trained instead of the model's own weights; `None` to train these.
    fn peft(&self) -> Option<Lora> {
        None
    }

    /// What writes the text that the model reads of an example; `None` to read its `text` as it is.
    fn formatting() -> Option<Formatting<Self::Example>> {
        None
    }

    /// The callbacks, in the order they are written.
    fn callbacks(&self) -> Vec<Box<dyn Callback>>;
}

impl<P: TrainerParts> Surrounded for P {
    const SURROUNDINGS: Surroundings<'static> = <P as TrainerParts>::SURROUNDINGS;
}

/// A type that the field `model` can have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a model",
    label = "not a model",
    note = "a model implements `trainer_core::model::Model`: `forward` and `parameters`"
)]
pub trait ModelField {
    /// The type itself.
    type Model: Model;
}

#[diagnostic::do_not_recommend]
impl<M: Model> ModelField for M {
    type Model = M;
}

/// A type that the field `args` can have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a struct of training arguments",
    label = "not training arguments",
    note = "write `#[derive(TrainingArgs)]` on `{Self}`"
)]
pub trait ArgsField {
    /// The type itself.
    type Args: TrainingArgs;
}

#[diagnostic::do_not_recommend]
impl<A: TrainingArgs> ArgsField for A {
    type Args = A;
}

/// A type that the field `train_dataset` can have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a data set to train on",
    label = "not a data set",
    note = "write `train_dataset: Dataset<E>`, where `E` is a struct with `#[derive(Example)]`"
)]
pub trait TrainDatasetField {
    /// Its rows.
    type Row;

    /// The data set.
    fn dataset(&self) -> &Dataset<Self::Row>;
}

#[diagnostic::do_not_recommend]
impl<E> TrainDatasetField for Dataset<E> {
    type Row = E;

    fn dataset(&self) -> &Dataset<E> {
        self
    }
}

/// A type that the rows of `train_dataset` can have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an example",
    label = "not a row of a data set",
    note = "write `#[derive(Example)]` on the struct `{Self}`"
)]
pub trait ExampleRow {
    /// The type itself.
    type Example: Example;
}

#[diagnostic::do_not_recommend]
impl<E: Example> ExampleRow for E {
    type Example = E;
}

/// Data sets with their names, as [`TrainerParts::eval_datasets`] gives them.
type Named<'a, E> = Vec<(Option<&'a str>, &'a Dataset<E>)>;

/// A type that the field `eval_dataset` can have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a data set to evaluate on",
    label = "not a data set",
    note = "`eval_dataset` is a `Dataset<E>`, an `Option` of it, or a `BTreeMap<String, Dataset<E>>`"
)]
pub trait EvalDatasetField {
    /// Its rows.
    type Row;
    /// Whether there are several, so that their names are in front of the metrics'.
    const HAS_NAMES: bool = false;

    /// The data sets, with their names if there are several.
    fn datasets(&self) -> Named<'_, Self::Row>;
}

#[diagnostic::do_not_recommend]
impl<E> EvalDatasetField for Dataset<E> {
    type Row = E;

    fn datasets(&self) -> Named<'_, E> {
        vec![(None, self)]
    }
}

#[diagnostic::do_not_recommend]
impl<E> EvalDatasetField for Option<Dataset<E>> {
    type Row = E;

    fn datasets(&self) -> Named<'_, E> {
        self.iter().map(|dataset| (None, dataset)).collect()
    }
}

#[diagnostic::do_not_recommend]
impl<E> EvalDatasetField for BTreeMap<String, Dataset<E>> {
    type Row = E;
    const HAS_NAMES: bool = true;

    fn datasets(&self) -> Named<'_, E> {
        self.iter().map(|(name, dataset)| (Some(name.as_str()), dataset)).collect()
    }
}

/// A type that the rows of `eval_dataset` can have: that of the rows of `train_dataset`.
#[diagnostic::on_unimplemented(
    message = "`eval_dataset` has rows of `{Self}`, but the model is trained on `{E}`",
    label = "not a data set of `{E}`",
    note = "write `eval_dataset: Dataset<{E}>`"
)]
pub trait EvalRow<E>: Sized {
    /// The data sets themselves.
    fn same(datasets: Named<'_, Self>) -> Named<'_, E>;
}

#[diagnostic::do_not_recommend]
impl<E> EvalRow<E> for E {
    fn same(datasets: Named<'_, Self>) -> Named<'_, E> {
        datasets
    }
}

/// A type that the field `tokenizer` can have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a tokenizer",
    label = "not a tokenizer",
    note = "`tokenizer` is a `Tokenizer`, or an `Option<Tokenizer>`"
)]
pub trait TokenizerField {
    /// The tokenizer, if there is one.
    fn tokenizer(&self) -> Option<&Tokenizer>;
}

#[diagnostic::do_not_recommend]
impl TokenizerField for Tokenizer {
    fn tokenizer(&self) -> Option<&Tokenizer> {
        Some(self)
    }
}

#[diagnostic::do_not_recommend]
impl TokenizerField for Option<Tokenizer> {
    fn tokenizer(&self) -> Option<&Tokenizer> {
        self.as_ref()
    }
}

/// A value that the key `collator` can have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a collator",
    label = "not a collator",
    note = "`collator` is `Padding`, `CausalLm` or another of the core, or a value whose type implements `Collator`"
)]
pub trait CollatorValue {
    /// The collator on the heap.
    fn boxed(self) -> Box<dyn Collator>;
}

#[diagnostic::do_not_recommend]
impl<C: Collator + 'static> CollatorValue for C {
    fn boxed(self) -> Box<dyn Collator> {
        Box::new(self)
    }
}

/// A function that the key `loss` can name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a loss",
    label = "not a loss",
    note = "write `#[loss]` on `fn {Self}(output: &Output, batch: &Batch) -> Result<LossSum>`"
)]
pub trait LossName {
    /// The loss on the heap.
    fn boxed() -> Box<dyn Loss>;
}

#[diagnostic::do_not_recommend]
impl<F: LossFunction> LossName for F {
    fn boxed() -> Box<dyn Loss> {
        Box::new(FunctionLoss::<F>::new())
    }
}

/// A function that the key `metrics` can list.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a metric",
    label = "not a metric",
    note = "write `#[metric]` on the function `{Self}`"
)]
pub trait MetricName {
    /// The metric's key in the results.
    const NAME: &'static str;
    /// The classes that it speaks of.
    const LABELS: Option<LabelSet>;
    /// Its name, if it may give values under other keys, which begin with it; else nothing.
    const PREFIX: &'static str;
    /// What it takes.
    const NEEDS: Needs;

    /// The metric on the heap.
    fn boxed() -> Box<dyn Metric>;
}

#[diagnostic::do_not_recommend]
impl<F: MetricFunction> MetricName for F {
    const NAME: &'static str = F::NAME;
    const LABELS: Option<LabelSet> = F::LABELS;
    const PREFIX: &'static str = if F::GIVES_SEVERAL { F::NAME } else { "" };
    const NEEDS: Needs = F::NEEDS;

    fn boxed() -> Box<dyn Metric> {
        Box::new(FunctionMetric::<F>::new())
    }
}

/// A value that the key `callbacks` can list.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a callback",
    label = "not a callback",
    note = "write `impl Callback for {Self}` with the moments that it is told of"
)]
pub trait CallbackValue {
    /// The callback on the heap.
    fn boxed(self) -> Box<dyn Callback>;
}

#[diagnostic::do_not_recommend]
impl<C: Callback + 'static> CallbackValue for C {
    fn boxed(self) -> Box<dyn Callback> {
        Box::new(self)
    }
}

/// What stands for a field that a struct lacks: nothing uses it, as the struct does not compile.
#[doc(hidden)]
pub enum Missing {}

impl Model for Missing {
    fn forward(&self, _batch: &Batch, _mode: Mode) -> Result<Output> {
        match *self {}
    }

    fn parameters(&self) -> &Parameters {
        match *self {}
    }
}

impl Example for Missing {
    type Task = Regression<1>;
    const NAME: &'static str = "";
    const FIELDS: &'static [Field] = &[];
    const FILES: Files = Files { manifest_dir: "", train: None, eval: None, test: None };

    fn from_row(row: &Row<'_>) -> Result<Self> {
        Err(Error::new(ErrorKind::Data, "this row has no struct to be read as").at(row.place()))
    }

    fn input(&self) -> Input<'_> {
        match *self {}
    }

    fn target(&self) -> Target {
        match *self {}
    }
}

impl TrainingArgs for Missing {
    const SPECIFICATION: &'static Specification = &Specification { name: "", about: "", arguments: &[], fixed: &[] };
    const FACTS: Facts<'static> = Facts::DEFAULT;
    const UNKNOWN: &'static [&'static str] = &[];
    type With<P: Surrounded> = NothingToAgreeOn;

    fn from_values(_values: &Values) -> Result<Self> {
        Err(Error::new(ErrorKind::Arguments, "there is no struct of training arguments"))
    }

    fn visit(&self, _shown: &mut Shown) {
        match *self {}
    }

    fn arguments(&self) -> TrainingArguments {
        match *self {}
    }
}
