//! A trainer without macros for the reference's runs: rows that are tokenised already, and arguments as a plain struct.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use trainer_core::args::{
    Facts, NothingToAgreeOn, Shown, Specification, Surrounded, TrainingArgs, TrainingArguments, Values,
};
use trainer_core::collate::{Batch, Collator, Item, Padding};
use trainer_core::data::{ClassLabel, Column, Dataset, Example, Field, Files, Input, LabelColumn, Role, Row, Target};
use trainer_core::loss::Loss;
use trainer_core::metrics::{self, Average, Metric};
use trainer_core::model::BertForSequenceClassification;
use trainer_core::text::Tokenizer;
use trainer_core::train::{Callback, Control, LogEntry, PredictionProgress, RunMoment, TrainerParts, UpdateRecord};
use trainer_core::{ErrorKind, Result};

/// The classes of the reference's sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Bad.
    Negative,
    /// Neither.
    Neutral,
    /// Good.
    Positive,
}

impl ClassLabel for Tone {
    const COUNT: usize = 3;
    const NAMES: &'static [&'static str] = &["negative", "neutral", "positive"];
    const TYPE_NAME: &'static str = "Tone";

    fn index(&self) -> usize {
        *self as usize
    }

    fn from_index(index: usize) -> Option<Self> {
        [Self::Negative, Self::Neutral, Self::Positive].get(index).copied()
    }
}

/// A row of the reference's data sets.
#[derive(Clone, Debug)]
pub struct Tokens<L> {
    /// The reference's own number of the row.
    pub idx: u32,
    /// Token ids.
    pub input_ids: Vec<u32>,
    /// The label.
    pub labels: L,
}

impl<L: LabelColumn + Column + Send + Sync + 'static> Example for Tokens<L> {
    type Task = L::Task;
    const NAME: &'static str = "Tokens";
    const FIELDS: &'static [Field] = &[
        Field { name: "idx", column: "idx", role: Role::Extra },
        Field { name: "input_ids", column: "input_ids", role: Role::InputIds },
        Field { name: "labels", column: "labels", role: Role::Label },
    ];
    const FILES: Files = Files { manifest_dir: env!("CARGO_MANIFEST_DIR"), train: None, eval: None, test: None };

    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self { idx: row.column("idx")?, input_ids: row.column("input_ids")?, labels: row.column("labels")? })
    }

    fn input(&self) -> Input<'_> {
        Input::Tokens { input_ids: &self.input_ids, attention_mask: None, token_type_ids: None }
    }

    fn target(&self) -> Target {
        self.labels.target()
    }
}

/// One part (`train`, `eval`) of a data set of the reference.
///
/// # Panics
/// If the fixture does not hold it.
pub fn dataset<L: LabelColumn + Column + Send + Sync + 'static>(name: &str, part: &str) -> Dataset<Tokens<L>> {
    let rows = crate::json(&format!("training/datasets/{name}.json"));
    let rows = rows[part].as_array().expect("rows").iter().map(|cells| {
        let cells = cells.as_object().expect("a row is an object");
        Tokens::from_row(&Row::new(name, 0, cells)).expect("a row of the fixture fits")
    });
    Dataset::from_examples(rows.collect())
}

/// Arguments that are fixed in code.
#[derive(Clone, Debug)]
pub struct Fixed(pub TrainingArguments);

impl TrainingArgs for Fixed {
    const SPECIFICATION: &'static Specification =
        &Specification { name: "Fixed", about: "", arguments: &[], fixed: &[] };
    const FACTS: Facts<'static> = Facts::DEFAULT;
    const UNKNOWN: &'static [&'static str] = &[];
    type With<P: Surrounded> = NothingToAgreeOn;

    fn from_values(_: &Values) -> Result<Self> {
        Ok(Self(TrainingArguments::default()))
    }

    fn visit(&self, _: &mut Shown) {}

    fn arguments(&self) -> TrainingArguments {
        self.0.clone()
    }
}

/// The arguments of a run of the reference, as TOML keys: what our own reader makes of them.
///
/// # Panics
/// If the fixture names an argument that we do not have.
pub fn arguments(run: &Value, output_dir: &std::path::Path) -> TrainingArguments {
    let mut arguments = TrainingArguments { output_dir: output_dir.to_owned(), ..TrainingArguments::default() };
    for (key, value) in run["args"].as_object().expect("arguments") {
        let number = || value.as_f64().expect("a number");
        let count = || value.as_u64().expect("a count") as usize;
        let steps = || trainer_core::args::StepsOrRatio::Steps(count());
        let strategy = || match value.as_str() {
            Some("epoch") => trainer_core::args::IntervalStrategy::Epoch,
            Some("steps") => trainer_core::args::IntervalStrategy::Steps,
            other => panic!("strategy {other:?}"),
        };
        match key.as_str() {
            "per_device_train_batch_size" => arguments.per_device_train_batch_size = count(),
            "per_device_eval_batch_size" => arguments.per_device_eval_batch_size = count(),
            "gradient_accumulation_steps" => arguments.gradient_accumulation_steps = count(),
            "num_train_epochs" => arguments.num_train_epochs = number(),
            "learning_rate" => arguments.learning_rate = number(),
            "weight_decay" => arguments.weight_decay = number(),
            "max_grad_norm" => arguments.max_grad_norm = number(),
            "label_smoothing_factor" => arguments.label_smoothing_factor = number(),
            "seed" => arguments.seed = count() as u64,
            "logging_steps" => arguments.logging_steps = steps(),
            "logging_first_step" => arguments.logging_first_step = value.as_bool().expect("a switch"),
            "eval_steps" => arguments.eval_steps = Some(steps()),
            "eval_strategy" => arguments.eval_strategy = strategy(),
            "save_strategy" => arguments.save_strategy = trainer_core::args::SaveStrategy::No,
            "train_sampling_strategy" => arguments.group_by_length = value == "group_by_length",
            "lr_scheduler_type" => {
                let name = value.as_str().expect("a name");
                arguments.lr_scheduler_type = trainer_core::args::SchedulerType::from_name(name).expect("a schedule");
            }
            "warmup_steps" => {
                arguments.warmup = match number() {
                    share if share < 1.0 => trainer_core::args::Warmup::Ratio(share),
                    updates => trainer_core::args::Warmup::Steps(updates as usize),
                };
            }
            other => panic!("the fixture sets `{other}`"),
        }
    }
    arguments
}

/// What a run did, as its callbacks saw it.
#[derive(Clone, Debug, Default)]
pub struct Watched {
    /// Every update.
    pub updates: Vec<UpdateRecord>,
    /// Every event with the update and epoch at which it happened.
    pub events: Vec<(String, usize, f64)>,
}

/// Shared with the callback that fills it.
pub type Watch = Arc<Mutex<Watched>>;

struct Watcher(Watch);

/// A callback that notes what a run does.
pub fn watcher(watch: &Watch) -> Box<dyn Callback> {
    Box::new(Watcher(Arc::clone(watch)))
}

/// Defines the events that are only noted.
macro_rules! noted {
    ($($method:ident = $name:literal,)+) => {
        $(fn $method(&mut self, moment: &RunMoment<'_>, _: &mut Control) -> Result<()> {
            self.note($name, moment);
            Ok(())
        })+
    };
}

impl Watcher {
    fn note(&self, event: &str, moment: &RunMoment<'_>) {
        let mut watched = self.0.lock().expect("no test panicked while it held the lock");
        watched.events.push((event.to_owned(), moment.state.global_step, moment.state.epoch));
        if event == "step_end" {
            watched.updates.extend(moment.update);
        }
    }
}

impl Callback for Watcher {
    noted! {
        on_train_begin = "train_begin",
        on_train_end = "train_end",
        on_epoch_begin = "epoch_begin",
        on_epoch_end = "epoch_end",
        on_step_begin = "step_begin",
        on_substep_end = "substep_end",
        on_pre_optimizer_step = "pre_optimizer_step",
        on_optimizer_step = "optimizer_step",
        on_step_end = "step_end",
        on_save = "save",
    }

    fn on_log(&mut self, moment: &RunMoment<'_>, _: &LogEntry, _: &mut Control) -> Result<()> {
        self.note("log", moment);
        Ok(())
    }

    fn on_evaluate(&mut self, moment: &RunMoment<'_>, _: &LogEntry, _: &mut Control) -> Result<()> {
        self.note("evaluate", moment);
        Ok(())
    }

    fn on_prediction_step(&mut self, moment: &RunMoment<'_>, _: PredictionProgress, _: &mut Control) -> Result<()> {
        self.note("prediction_step", moment);
        Ok(())
    }
}

/// A collator that notes which rows it laid out.
struct Noting {
    padding: Padding,
    rows: Arc<Mutex<Vec<Vec<usize>>>>,
}

impl Collator for Noting {
    fn collate(&self, items: &[&Item], tokenizer: Option<&Tokenizer>) -> Result<Batch> {
        let rows = items.iter().map(|item| item.row).collect();
        self.rows.lock().expect("no test panicked while it held the lock").push(rows);
        self.padding.collate(items, tokenizer)
    }
}

/// A trainer of the reference's models on the reference's rows.
pub struct ReferenceTrainer<L> {
    /// The model.
    pub model: BertForSequenceClassification<L>,
    /// The arguments.
    pub args: Fixed,
    /// Training rows.
    pub train: Dataset<Tokens<L>>,
    /// Evaluation rows.
    pub eval: Dataset<Tokens<L>>,
    /// The loss, if it is not the task's own.
    pub loss: Option<fn() -> Box<dyn Loss>>,
    /// Callbacks beside the one that fills `watch`.
    pub callbacks: Box<dyn Fn() -> Vec<Box<dyn Callback>>>,
    /// What happened.
    pub watch: Watch,
    /// The rows of every batch, of training and evaluation.
    pub rows: Arc<Mutex<Vec<Vec<usize>>>>,
}

impl<L: LabelColumn + Column + Clone + Debug + Send + Sync + 'static> ReferenceTrainer<L> {
    /// The trainer of a run, writing to `output_dir`.
    ///
    /// # Errors
    /// If the model of the fixture does not load.
    pub fn new(run: &Value, output_dir: &std::path::Path) -> Result<Self> {
        let name = |key: &str| run[key].as_str().unwrap_or_default().rsplit('/').next().unwrap_or_default().to_owned();
        let data = name("data");
        let data = data.trim_end_matches(".json");
        Ok(Self {
            model: BertForSequenceClassification::from_pretrained(
                crate::fixtures().join("models").join(name("model")),
            )?,
            args: Fixed(arguments(run, output_dir)),
            train: dataset(data, "train"),
            eval: dataset(data, "eval"),
            loss: None,
            callbacks: Box::new(Vec::new),
            watch: Watch::default(),
            rows: Arc::default(),
        })
    }
}

impl<L: LabelColumn + Column + Clone + Debug + Send + Sync + 'static> TrainerParts for ReferenceTrainer<L> {
    type Model = BertForSequenceClassification<L>;
    type Args = Fixed;
    type Example = Tokens<L>;
    const NAME: &'static str = "ReferenceTrainer";

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
        Box::new(Noting { padding: Padding::new().pad_id(0), rows: Arc::clone(&self.rows) })
    }

    fn loss(&self) -> Option<Box<dyn Loss>> {
        self.loss.map(|loss| loss())
    }

    fn metrics(&self) -> Vec<Box<dyn Metric>> {
        match <L::Task as trainer_core::data::Task>::LABELS {
            Some(_) => {
                vec![Box::new(metrics::accuracy()), Box::new(metrics::f1().average(Average::Macro).name("f1_macro"))]
            }
            None => vec![Box::new(metrics::mse())],
        }
    }

    fn callbacks(&self) -> Vec<Box<dyn Callback>> {
        let mut callbacks = (self.callbacks)();
        callbacks.push(watcher(&self.watch));
        callbacks
    }
}

/// What kind of error a result is.
pub fn kind<T>(result: Result<T>) -> Option<ErrorKind> {
    result.err().map(|error| error.kind())
}
