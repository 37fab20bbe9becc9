//! The arguments that rules compare, in a form that the compiler can compute with.

use super::choice::{
    ComputeDevice, IntervalStrategy, OptimizerName, SaveStrategy, SchedulerType, StepsOrRatio, Warmup,
};
use super::training_arguments::{SchedulerParameters, TOKENS_PER_CHUNK, TrainingArguments};

/// What rules look at: at compile time as the attribute and the defaults say it, at run time as it is.
///
/// `#[derive(TrainingArgs)]` makes one as [`TrainingArgs::FACTS`](super::TrainingArgs::FACTS), so that other macros can
/// compare it with the data, the model and the metrics. The fields mean what they mean in [`TrainingArguments`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is an argument of that name")]
#[expect(missing_docs, reason = "each field is documented in `TrainingArguments`")]
pub struct Facts<'a> {
    pub num_train_epochs: f64,
    pub max_steps: Option<usize>,
    pub per_device_train_batch_size: usize,
    pub per_device_eval_batch_size: usize,
    pub gradient_accumulation_steps: usize,
    pub max_tokens_per_chunk: Option<usize>,
    pub gradient_checkpointing: bool,
    pub learning_rate: f64,
    pub optim: OptimizerName,
    pub label_smoothing_factor: f64,
    pub lr_scheduler_type: SchedulerType,
    /// The names of the schedule's own parameters that are given.
    pub scheduler_parameters: &'a [&'a str],
    /// Waves of the schedule, if they are given.
    pub num_cycles: Option<f64>,
    pub warmup: Warmup,
    pub eval_strategy: IntervalStrategy,
    pub eval_steps: Option<StepsOrRatio>,
    pub eval_on_start: bool,
    pub save_strategy: SaveStrategy,
    pub save_steps: StepsOrRatio,
    pub save_total_limit: Option<usize>,
    pub logging_strategy: IntervalStrategy,
    pub logging_steps: StepsOrRatio,
    pub load_best_model_at_end: bool,
    pub metric_for_best_model: Option<&'a str>,
    pub greater_is_better: Option<bool>,
    pub early_stopping_patience: Option<usize>,
    pub group_by_length: bool,
    pub dataloader_drop_last: bool,
    pub max_length: Option<usize>,
    pub seed: u64,
    pub device: ComputeDevice,
}

impl Facts<'static> {
    /// The facts when nothing is given.
    pub const DEFAULT: Self = Self {
        num_train_epochs: 3.0,
        max_steps: None,
        per_device_train_batch_size: 8,
        per_device_eval_batch_size: 8,
        gradient_accumulation_steps: 1,
        max_tokens_per_chunk: None,
        gradient_checkpointing: false,
        learning_rate: 5e-5,
        optim: OptimizerName::AdamW,
        label_smoothing_factor: 0.0,
        lr_scheduler_type: SchedulerType::Linear,
        scheduler_parameters: &[],
        num_cycles: None,
        warmup: Warmup::Steps(0),
        eval_strategy: IntervalStrategy::No,
        eval_steps: None,
        eval_on_start: false,
        save_strategy: SaveStrategy::Steps,
        save_steps: StepsOrRatio::Steps(500),
        save_total_limit: None,
        logging_strategy: IntervalStrategy::Steps,
        logging_steps: StepsOrRatio::Steps(500),
        load_best_model_at_end: false,
        metric_for_best_model: None,
        greater_is_better: None,
        early_stopping_patience: None,
        group_by_length: false,
        dataloader_drop_last: false,
        max_length: None,
        seed: 42,
        device: ComputeDevice::Cpu,
    };
}

impl Facts<'_> {
    /// Updates between evaluations with the strategy `steps`: `eval_steps`, or `logging_steps` when that is not given.
    pub const fn eval_interval(&self) -> StepsOrRatio {
        match self.eval_steps {
            Some(interval) => interval,
            None => self.logging_steps,
        }
    }

    /// Real tokens that are computed at once: `max_tokens_per_chunk`, or [`TOKENS_PER_CHUNK`] when that is not given.
    pub const fn tokens_per_chunk(&self) -> usize {
        match self.max_tokens_per_chunk {
            Some(tokens) => tokens,
            None => TOKENS_PER_CHUNK,
        }
    }

    /// Whether anything is evaluated during training.
    pub const fn evaluates(&self) -> bool {
        !matches!(self.eval_strategy, IntervalStrategy::No)
    }
}

impl TrainingArguments {
    /// What rules look at in these arguments; `scheduler_parameters` are
    /// [`SchedulerParameters::given`] of `lr_scheduler_kwargs`.
    pub fn facts<'a>(&'a self, scheduler_parameters: &'a [&'a str]) -> Facts<'a> {
        Facts {
            num_train_epochs: self.num_train_epochs,
            max_steps: self.max_steps,
            per_device_train_batch_size: self.per_device_train_batch_size,
            per_device_eval_batch_size: self.per_device_eval_batch_size,
            gradient_accumulation_steps: self.gradient_accumulation_steps,
            max_tokens_per_chunk: self.max_tokens_per_chunk,
            gradient_checkpointing: self.gradient_checkpointing,
            learning_rate: self.learning_rate,
            optim: self.optim,
            label_smoothing_factor: self.label_smoothing_factor,
            lr_scheduler_type: self.lr_scheduler_type,
            scheduler_parameters,
            num_cycles: self.lr_scheduler_kwargs.num_cycles,
            warmup: self.warmup,
            eval_strategy: self.eval_strategy,
            eval_steps: self.eval_steps,
            eval_on_start: self.eval_on_start,
            save_strategy: self.save_strategy,
            save_steps: self.save_steps,
            save_total_limit: self.save_total_limit,
            logging_strategy: self.logging_strategy,
            logging_steps: self.logging_steps,
            load_best_model_at_end: self.load_best_model_at_end,
            metric_for_best_model: self.metric_for_best_model.as_deref(),
            greater_is_better: self.greater_is_better,
            early_stopping_patience: self.early_stopping_patience,
            group_by_length: self.group_by_length,
            dataloader_drop_last: self.dataloader_drop_last,
            max_length: self.max_length,
            seed: self.seed,
            device: self.device,
        }
    }
}

impl SchedulerParameters {
    /// The names of the parameters that are given.
    pub fn given(&self) -> Vec<&'static str> {
        let arguments = TrainingArguments { lr_scheduler_kwargs: self.clone(), ..TrainingArguments::default() };
        let schedule = super::names::NAMES.iter().filter(|known| known.place == super::names::Place::Schedule);
        schedule
            .map(|known| known.name)
            .filter(|name| arguments.text(name).is_some_and(|text| text != "none"))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_constant_defaults_are_the_defaults() {
        assert_eq!(TrainingArguments::default().facts(&[]), Facts::DEFAULT);
    }

    #[test]
    fn parameters_of_the_schedule_are_listed_when_given() {
        let parameters = SchedulerParameters { power: Some(2.0), num_decay_steps: Some(3), ..Default::default() };
        assert_eq!(parameters.given(), ["power", "num_decay_steps"]);
    }
}
