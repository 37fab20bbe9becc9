//! A trainer without macros for the reference's runs: rows that are tokenised already, and arguments as a plain struct.

use std::sync::{Arc, Mutex};

use candle_core::{Device, Tensor};
use serde_json::Value;
use trainer_core::args::{
    Facts, NothingToAgreeOn, Shown, Specification, Surrounded, TrainingArgs, TrainingArguments, Values,
};
use trainer_core::collate::{Batch, Collator, Item, Padding};
use trainer_core::data::{Column, Dataset, Example, IGNORE, LabelColumn, Target, Task, TaskKind};
use trainer_core::loss::Loss;
use trainer_core::metrics::{self, Average, Metric};
use trainer_core::model::{BertForSequenceClassification, Model};
use trainer_core::text::Tokenizer;
use trainer_core::train::{Callback, Control, LogEntry, PredictionProgress, RunMoment, TrainerParts, UpdateRecord};
use trainer_core::{ErrorKind, Result};

pub use crate::rows::{LabelledTokens, Numbered, Tokens, Tone, dataset};

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

/// A collator that notes which rows it laid out, and pads labels of tokens too.
struct Noting {
    padding: Padding,
    rows: Arc<Mutex<Vec<Vec<usize>>>>,
}

impl Collator for Noting {
    fn collate(&self, items: &[&Item], tokenizer: Option<&Tokenizer>) -> Result<Batch> {
        let rows = items.iter().map(|item| item.row).collect();
        self.rows.lock().expect("no test panicked while it held the lock").push(rows);
        let labels: Vec<&Vec<u32>> = items
            .iter()
            .filter_map(|item| match &item.target {
                Target::Tokens(labels) => Some(labels),
                _ => None,
            })
            .collect();
        if labels.is_empty() {
            return self.padding.collate(items, tokenizer);
        }
        let without = items.iter().map(|item| Item { target: Target::None, ..(*item).clone() });
        let without: Vec<Item> = without.collect();
        let batch = self.padding.collate(&without.iter().collect::<Vec<_>>(), tokenizer)?;
        let (count, length) = batch.input_ids()?.dims2()?;
        let padded = labels.iter().flat_map(|row| (0..length).map(|place| row.get(place).copied().unwrap_or(IGNORE)));
        let labels = Tensor::from_vec(padded.collect::<Vec<u32>>(), (count, length), &Device::Cpu)?;
        Ok(Batch { labels: Some(labels), ..batch })
    }
}

/// A trainer of BERT for whole texts on the reference's rows.
pub type ReferenceTrainer<L> = ReferenceRun<Tokens<L>, BertForSequenceClassification<L>>;

/// A trainer of one of the reference's models on the reference's rows.
pub struct ReferenceRun<E, M> {
    /// The model.
    pub model: M,
    /// The arguments.
    pub args: Fixed,
    /// Training rows.
    pub train: Dataset<E>,
    /// Evaluation rows.
    pub eval: Dataset<E>,
    /// The loss, if it is not the task's own.
    pub loss: Option<fn() -> Box<dyn Loss>>,
    /// Callbacks beside the one that fills `watch`.
    pub callbacks: Box<dyn Fn() -> Vec<Box<dyn Callback>>>,
    /// What happened.
    pub watch: Watch,
    /// The rows of every batch, of training and evaluation.
    pub rows: Arc<Mutex<Vec<Vec<usize>>>>,
}

/// The end of a path in a run of the reference.
fn name(run: &Value, key: &str) -> String {
    run[key].as_str().unwrap_or_default().rsplit('/').next().unwrap_or_default().trim_end_matches(".json").to_owned()
}

impl<L: LabelColumn + Column + Send + Sync + 'static> ReferenceTrainer<L> {
    /// The trainer of a run, writing to `output_dir`.
    ///
    /// # Errors
    /// If the model of the fixture does not load.
    pub fn new(run: &Value, output_dir: &std::path::Path) -> Result<Self> {
        Self::of(run, output_dir, |folder| BertForSequenceClassification::from_pretrained(folder))
    }
}

impl<E: Example, M> ReferenceRun<E, M> {
    /// The trainer of a run with the model that `load` makes of the fixture's folder.
    ///
    /// # Errors
    /// If the model of the fixture does not load.
    pub fn of(run: &Value, output_dir: &std::path::Path, load: impl Fn(&std::path::Path) -> Result<M>) -> Result<Self> {
        let data = name(run, "data");
        Ok(Self {
            model: load(&crate::fixtures().join("models").join(name(run, "model")))?,
            args: Fixed(arguments(run, output_dir)),
            train: dataset(&data, "train"),
            eval: dataset(&data, "eval"),
            loss: None,
            callbacks: Box::new(Vec::new),
            watch: Watch::default(),
            rows: Arc::default(),
        })
    }
}

impl<E: Example, M: Model> TrainerParts for ReferenceRun<E, M> {
    type Model = M;
    type Args = Fixed;
    type Example = E;
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
        let f1 = || Box::new(metrics::f1().average(Average::Macro).name("f1_macro"));
        match E::Task::KIND {
            TaskKind::SequenceClassification => vec![Box::new(metrics::accuracy()), f1()],
            TaskKind::MultiLabelClassification => vec![f1()],
            TaskKind::Regression => vec![Box::new(metrics::mse())],
            _ => Vec::new(),
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
