//! The same trainer as in `annotated.rs`, with every trait implemented by hand and nothing checked while compiling.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use trainer_core::args::{
    Argument, ArgumentValue, DefaultValue, Facts, IntervalStrategy, SaveStrategy, Shown, Specification, Values,
    defaults, show,
};
use trainer_core::data::{
    Field, Files, Input, Role, Row, SequenceClassification, Target, class_named, deserialize_class,
};
use trainer_core::loss::weighted_ce;
use trainer_core::metrics::{
    Average, FunctionMetric, Kept, MetricArgument, MetricFunction, MetricValue, Needs, accuracy, f1, values,
};
use trainer_core::prelude::*;
use trainer_core::train::TrainerParts;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rating {
    Negative,
    Neutral,
    Positive,
}

impl ClassLabel for Rating {
    const COUNT: usize = 3;
    const NAMES: &'static [&'static str] = &["negative", "neutral", "positive"];
    const TYPE_NAME: &'static str = "Rating";

    fn index(&self) -> usize {
        *self as usize
    }

    fn from_index(index: usize) -> Option<Self> {
        [Self::Negative, Self::Neutral, Self::Positive].get(index).copied()
    }
}

impl fmt::Display for Rating {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl FromStr for Rating {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        class_named(name)
    }
}

impl Serialize for Rating {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Rating {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_class(deserializer)
    }
}

pub struct Review {
    pub text: String,
    pub rating: Rating,
}

impl Example for Review {
    type Task = SequenceClassification<Rating>;
    const NAME: &'static str = "Review";
    const FIELDS: &'static [Field] = &[
        Field { name: "text", column: "text", role: Role::Text },
        Field { name: "rating", column: "rating", role: Role::Label },
    ];
    const FILES: Files = Files { manifest_dir: env!("CARGO_MANIFEST_DIR"), train: None, eval: None, test: None };

    fn from_row(row: &Row<'_>) -> trainer_core::Result<Self> {
        Ok(Self { text: row.column("text")?, rating: row.column("rating")? })
    }

    fn input(&self) -> Input<'_> {
        Input::Text { text: &self.text, pair: None }
    }

    fn target(&self) -> Target {
        Target::Class(self.rating.index() as u32)
    }
}

pub struct Args {
    pub learning_rate: f64,
    pub num_train_epochs: f64,
    pub per_device_train_batch_size: usize,
}

const fn argument(name: &'static str, default: &'static str, kind: trainer_core::args::value::ValueKind) -> Argument {
    Argument {
        name,
        standard: Some(name),
        help: "",
        default: DefaultValue::Text(default),
        range: None,
        choices: &[],
        env: None,
        kind,
    }
}

impl TrainingArgs for Args {
    type With<P: trainer_core::args::Surrounded> = trainer_core::args::NothingToAgreeOn;
    const SPECIFICATION: &'static Specification = &Specification {
        name: "Args",
        about: "",
        arguments: &[
            argument("learning_rate", "5e-5", <f64 as ArgumentValue>::KIND),
            argument("num_train_epochs", "3.0", <f64 as ArgumentValue>::KIND),
            argument("per_device_train_batch_size", "16", <usize as ArgumentValue>::KIND),
        ],
        fixed: &["output_dir", "eval_strategy", "save_strategy", "seed"],
    };
    const FACTS: Facts<'static> = Facts {
        per_device_train_batch_size: 16,
        eval_strategy: IntervalStrategy::Epoch,
        save_strategy: SaveStrategy::Epoch,
        seed: 3,
        ..Facts::DEFAULT
    };
    const UNKNOWN: &'static [&'static str] = &[];

    fn from_values(values: &Values) -> trainer_core::Result<Self> {
        Ok(Self {
            learning_rate: f64::read(values, "learning_rate")?,
            num_train_epochs: f64::read(values, "num_train_epochs")?,
            per_device_train_batch_size: usize::read(values, "per_device_train_batch_size")?,
        })
    }

    fn visit(&self, shown: &mut Shown) {
        self.learning_rate.show(shown, "learning_rate");
        self.num_train_epochs.show(shown, "num_train_epochs");
        self.per_device_train_batch_size.show(shown, "per_device_train_batch_size");
    }

    fn arguments(&self) -> TrainingArguments {
        TrainingArguments {
            output_dir: "results".into(),
            eval_strategy: IntervalStrategy::Epoch,
            save_strategy: SaveStrategy::Epoch,
            seed: 3,
            learning_rate: self.learning_rate,
            num_train_epochs: self.num_train_epochs,
            per_device_train_batch_size: self.per_device_train_batch_size,
            ..TrainingArguments::default()
        }
    }
}

impl Default for Args {
    fn default() -> Self {
        defaults()
    }
}

impl fmt::Display for Args {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(self, formatter)
    }
}

pub fn within_one(predictions: Predictions<'_, Rating>, labels: Labels<'_, Rating>) -> f64 {
    let near = predictions.iter().zip(labels.iter()).filter(|(p, l)| p.index().abs_diff(l.index()) <= 1).count();
    near as f64 / labels.len() as f64
}

pub struct WithinOne;

impl MetricFunction for WithinOne {
    const NAME: &'static str = "within_one";
    const GREATER_IS_BETTER: bool = true;
    const NEEDS: Needs = Needs::PREDICTIONS.and(Needs::LABELS);
    const LABELS: Option<LabelSet> = <Labels<'_, Rating> as MetricArgument<'_>>::LABELS;

    fn compute(kept: &Kept) -> trainer_core::Result<Vec<MetricValue>> {
        values(Self::NAME, within_one(MetricArgument::view(kept)?, MetricArgument::view(kept)?))
    }
}

pub struct ReviewTrainer {
    pub model: BertForSequenceClassification<Rating>,
    pub args: Args,
    pub train_dataset: Dataset<Review>,
    pub eval_dataset: Dataset<Review>,
    pub tokenizer: Tokenizer,
}

impl TrainerParts for ReviewTrainer {
    type Model = BertForSequenceClassification<Rating>;
    type Args = Args;
    type Example = Review;
    const NAME: &'static str = "ReviewTrainer";

    fn model(&self) -> &Self::Model {
        &self.model
    }

    fn args(&self) -> &Self::Args {
        &self.args
    }

    fn train_dataset(&self) -> Option<&Dataset<Review>> {
        Some(&self.train_dataset)
    }

    fn eval_datasets(&self) -> Vec<(Option<&str>, &Dataset<Review>)> {
        vec![(None, &self.eval_dataset)]
    }

    fn tokenizer(&self) -> Option<&Tokenizer> {
        Some(&self.tokenizer)
    }

    fn collator(&self) -> Box<dyn Collator> {
        Box::new(Padding::new())
    }

    fn loss(&self) -> Option<Box<dyn Loss>> {
        Some(Box::new(weighted_ce(&[1.0, 2.0, 3.0])))
    }

    fn metrics(&self) -> Vec<Box<dyn Metric>> {
        vec![
            Box::new(accuracy().name("accuracy")),
            Box::new(f1().average(Average::Macro).name("f1")),
            Box::new(FunctionMetric::<WithinOne>::new()),
        ]
    }

    fn callbacks(&self) -> Vec<Box<dyn Callback>> {
        Vec::new()
    }
}
