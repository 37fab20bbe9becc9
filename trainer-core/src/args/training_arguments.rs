//! The arguments of a run, as plain data: what every one means, its unit, its default and where that comes from.

use std::path::PathBuf;

use super::choice::{
    ComputeDevice, IntervalStrategy, OptimizerName, PlateauMode, RampType, ReportTo, ResumeFrom, SaveStrategy,
    SchedulerType, StepsOrRatio, ThresholdMode, Warmup,
};

/// The tokens that are computed at once where `max_tokens_per_chunk` is not given.
///
/// Matrix products are at full speed from a few hundred rows on, so that more gives no time, while activations grow with
/// every token: at 4096, those of a model of the size of all-MiniLM-L6-v2 (six blocks, 384 wide) take about 400 MiB.
pub const TOKENS_PER_CHUNK: usize = 4096;

/// Everything about a run that is not its data, model, loss or metrics.
///
/// The defaults are those of Hugging Face's `TrainingArguments` unless a field says otherwise. An *update* is one step
/// of the optimiser, after `gradient_accumulation_steps` batches. [`validate`](Self::validate) checks values that were
/// set in code; what `#[derive(TrainingArgs)]` reads is checked on the way.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is an argument of that name")]
pub struct TrainingArguments {
    /// Folder for checkpoints, logs and the trained model. Default: `trainer_output`.
    pub output_dir: PathBuf,
    /// Passes over the training data; the last one may be partial. Default: 3. Overridden by `max_steps`.
    pub num_train_epochs: f64,
    /// Updates to take, whatever the number of epochs. Default: none (Hugging Face's -1).
    pub max_steps: Option<usize>,
    /// Examples per batch in training, on one device. Default: 8.
    pub per_device_train_batch_size: usize,
    /// Examples per batch in evaluation, on one device. Default: 8.
    pub per_device_eval_batch_size: usize,
    /// Batches whose gradients make up one update. Default: 1.
    pub gradient_accumulation_steps: usize,
    /// Real tokens, without padding, that are computed at once: a batch with more is computed in several passes of whole
    /// rows, each with its own forward and backward. The sums are added, so that loss and gradients are the same but for
    /// what dropout draws, and
    /// activations take the memory of one pass. A row that is longer than this is a pass of its own. Not an argument of
    /// Hugging Face's. Default: [`TOKENS_PER_CHUNK`].
    pub max_tokens_per_chunk: Option<usize>,
    /// Whether blocks keep only their input, and compute the rest again while going backward: less memory for more time,
    /// and the same gradients. Default: no.
    pub gradient_checkpointing: bool,

    /// Learning rate after warm-up. Default: 5e-5.
    pub learning_rate: f64,
    /// Decoupled weight decay of all parameters but biases and norms, per update and unit of learning rate. Default: 0.
    pub weight_decay: f64,
    /// Decay of Adam's first moment. Default: 0.9.
    pub adam_beta1: f64,
    /// Decay of Adam's second moment. Default: 0.999.
    pub adam_beta2: f64,
    /// Added to the square root in Adam's update. Default: 1e-8.
    pub adam_epsilon: f64,
    /// Largest L2 norm of all gradients together; larger ones are scaled down. 0 turns it off. Default: 1.
    pub max_grad_norm: f64,
    /// The optimiser. Default: `adamw`.
    pub optim: OptimizerName,
    /// How the learning rate goes over the run. Default: `linear`.
    pub lr_scheduler_type: SchedulerType,
    /// What `lr_scheduler_type` takes beside the warm-up; each is a key of its own in files and flags.
    pub lr_scheduler_kwargs: SchedulerParameters,
    /// How long the learning rate rises from 0. Default: no updates. Written `warmup_steps` (a count, or a share when
    /// below 1) or `warmup_ratio`. One that is as long as the run is refused; where `max_steps` cuts a run short, as for a
    /// trial, it is a note.
    pub warmup: Warmup,
    /// Share of the target probability spread over all classes. Default: 0.
    pub label_smoothing_factor: f64,
    /// Noise on the word embeddings while training: uniform, at most this over the square root of (tokens of the sequence times
    /// width of the embedding). Default: none. Source: Jain et al., "NEFTune" (2023).
    pub neftune_noise_alpha: Option<f64>,

    /// Whether the program should train. The trainer does not read it: it is for `main`. Default: no.
    pub do_train: bool,
    /// Whether the program should evaluate. The trainer does not read it: it is for `main`. Default: no.
    pub do_eval: bool,
    /// When to evaluate during training. Default: `no`.
    pub eval_strategy: IntervalStrategy,
    /// Updates between evaluations with the strategy `steps`. Default: `logging_steps`.
    pub eval_steps: Option<StepsOrRatio>,
    /// Epochs (strategy `epoch`) or updates (`steps`) before the first evaluation. Default: 0.
    pub eval_delay: f64,
    /// Whether to evaluate once before the first update. Default: no.
    pub eval_on_start: bool,
    /// When to write a checkpoint. Default: `steps`.
    pub save_strategy: SaveStrategy,
    /// Updates between checkpoints with the strategy `steps`. Default: 500.
    pub save_steps: StepsOrRatio,
    /// Checkpoints kept; the oldest go first, never the best one: with `load_best_model_at_end`, 1 keeps two. Default: all.
    pub save_total_limit: Option<usize>,
    /// When to log. Default: `steps`.
    pub logging_strategy: IntervalStrategy,
    /// Updates between log entries with the strategy `steps`. Default: 500.
    pub logging_steps: StepsOrRatio,
    /// Whether to log the first update too. Default: no.
    pub logging_first_step: bool,
    /// Folder of the event files. Default: `runs` in `output_dir`.
    pub logging_dir: Option<PathBuf>,
    /// Name of the run in logs. Default: none.
    pub run_name: Option<String>,
    /// Where figures are written beside the progress bar and `trainer_state.json`. Default: nowhere.
    pub report_to: Vec<ReportTo>,

    /// Whether to load the best checkpoint when training ends. Default: no.
    pub load_best_model_at_end: bool,
    /// The metric that says which checkpoint is best, with or without `eval_`. Default: the loss, where one is needed.
    pub metric_for_best_model: Option<String>,
    /// Whether a higher metric is better. Default: what the metric says of itself, else yes unless its name ends in `loss`.
    pub greater_is_better: Option<bool>,
    /// Evaluations without a better metric after which training stops. Default: never. Source: `EarlyStoppingCallback`.
    pub early_stopping_patience: Option<usize>,
    /// By how much a metric must be better to count for `early_stopping_patience`. Default: 0.
    pub early_stopping_threshold: f64,

    /// Whether batches are made of examples of about the same length. Default: no.
    pub group_by_length: bool,
    /// Whether a last batch with fewer examples is left out. Default: no.
    pub dataloader_drop_last: bool,
    /// Longest sequence in tokens; longer ones are truncated. Default: what the model and tokenizer allow.
    pub max_length: Option<usize>,
    /// The most tokens that are written for each row, where an evaluation or a prediction has the model write texts. Default: 128.
    pub generation_max_length: Option<usize>,
    /// Texts that are followed at once while writing (beam search); 1 leaves it to the model's `generation_config.json`. Default: 1.
    pub generation_num_beams: usize,

    /// Seed of everything random. Default: 42.
    pub seed: u64,
    /// Seed of the order of examples. Default: `seed`.
    pub data_seed: Option<u64>,
    /// The checkpoint to go on from. Default: none.
    pub resume_from_checkpoint: Option<ResumeFrom>,
    /// Threads that compute; the results do not depend on their number. Each run of a process can have its own. Default:
    /// one for each physical core that the process may use.
    pub num_threads: Option<usize>,
    /// The device that computes. Default: `cpu` (Hugging Face takes an accelerator if it finds one).
    pub device: ComputeDevice,
}

/// What the schedules take beside the warm-up; `None` is the schedule's own default.
///
/// Source: the keyword arguments of the schedules in `transformers/optimization.py`, and of
/// `torch.optim.lr_scheduler.ReduceLROnPlateau`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SchedulerParameters {
    /// `cosine`, `cosine_with_min_lr`, `cosine_warmup_with_min_lr`, `warmup_stable_decay`: waves, default 0.5;
    /// `cosine_with_restarts`: restarts, a whole number, default 1.
    pub num_cycles: Option<f64>,
    /// `polynomial`: the exponent. Default: 1.
    pub power: Option<f64>,
    /// `polynomial`: the learning rate at the end. Default: 1e-7.
    pub lr_end: Option<f64>,
    /// `cosine_with_min_lr`, `cosine_warmup_with_min_lr`, `reduce_lr_on_plateau`,
    /// `greedy`: the lowest learning rate.
    pub min_lr: Option<f64>,
    /// `greedy`: the highest learning rate. Default: 1.
    pub max_lr: Option<f64>,
    /// `cosine_with_min_lr`, `cosine_warmup_with_min_lr`: the lowest rate, as a share of `learning_rate`.
    pub min_lr_rate: Option<f64>,
    /// `cosine_warmup_with_min_lr`: the first rate of the warm-up, as a share of `learning_rate`.
    pub warmup_lr_rate: Option<f64>,
    /// `inverse_sqrt`: the time scale, in updates. Default: the warm-up, or 10 000 without one.
    pub timescale: Option<usize>,
    /// `warmup_stable_decay`: updates at the full rate. Default: what warm-up and decay leave.
    pub num_stable_steps: Option<usize>,
    /// `warmup_stable_decay`: updates of decay; this schedule needs it.
    pub num_decay_steps: Option<usize>,
    /// `warmup_stable_decay`: the lowest rate, as a share of `learning_rate`. Default: 0.
    pub min_lr_ratio: Option<f64>,
    /// `warmup_stable_decay`: the curve of the warm-up. Default: `linear`.
    pub warmup_type: Option<RampType>,
    /// `warmup_stable_decay`: the curve of the decay. Default: `cosine`.
    pub decay_type: Option<RampType>,
    /// `reduce_lr_on_plateau`, `greedy`: which way the metric is better. Default: `min`.
    pub plateau_mode: Option<PlateauMode>,
    /// What a rate that is lowered is multiplied by (`reduce_lr_on_plateau`: default 0.1; `greedy`: default 0.95), and
    /// what `greedy` divides a rate by that it raises.
    pub plateau_factor: Option<f64>,
    /// `reduce_lr_on_plateau`, `greedy`: evaluations without a better metric that are let pass. Default: 10.
    pub plateau_patience: Option<usize>,
    /// By how much a metric must be better. Default: 1e-4 for `reduce_lr_on_plateau`, 1e-6 for `greedy`.
    pub plateau_threshold: Option<f64>,
    /// What `plateau_threshold` is measured in. Default: `rel` for `reduce_lr_on_plateau`, `abs` for `greedy`.
    pub plateau_threshold_mode: Option<ThresholdMode>,
    /// `reduce_lr_on_plateau`, `greedy`: evaluations after a lower rate in which nothing is counted. Default: 0.
    pub plateau_cooldown: Option<usize>,
    /// `greedy`: evaluations after a higher rate in which nothing is counted. Default: 0.
    pub plateau_warmup: Option<usize>,
    /// `reduce_lr_on_plateau`, `greedy`: changes of the rate below this are left out. Default: 1e-8.
    pub plateau_eps: Option<f64>,
    /// `greedy`: whether the metric is averaged over `plateau_window_size` evaluations. Default: no.
    pub plateau_smooth: Option<bool>,
    /// `greedy`: evaluations that are averaged. Default: 50.
    pub plateau_window_size: Option<usize>,
    /// `greedy`: lowerings at the lowest rate after which it starts over. Default: 500.
    pub plateau_reset_start: Option<usize>,
}

impl Default for TrainingArguments {
    fn default() -> Self {
        Self {
            output_dir: PathBuf::from("trainer_output"),
            num_train_epochs: 3.0,
            max_steps: None,
            per_device_train_batch_size: 8,
            per_device_eval_batch_size: 8,
            gradient_accumulation_steps: 1,
            max_tokens_per_chunk: None,
            gradient_checkpointing: false,
            learning_rate: 5e-5,
            weight_decay: 0.0,
            adam_beta1: 0.9,
            adam_beta2: 0.999,
            adam_epsilon: 1e-8,
            max_grad_norm: 1.0,
            optim: OptimizerName::AdamW,
            lr_scheduler_type: SchedulerType::Linear,
            lr_scheduler_kwargs: SchedulerParameters::default(),
            warmup: Warmup::Steps(0),
            label_smoothing_factor: 0.0,
            neftune_noise_alpha: None,
            do_train: false,
            do_eval: false,
            eval_strategy: IntervalStrategy::No,
            eval_steps: None,
            eval_delay: 0.0,
            eval_on_start: false,
            save_strategy: SaveStrategy::Steps,
            save_steps: StepsOrRatio::Steps(500),
            save_total_limit: None,
            logging_strategy: IntervalStrategy::Steps,
            logging_steps: StepsOrRatio::Steps(500),
            logging_first_step: false,
            logging_dir: None,
            run_name: None,
            report_to: Vec::new(),
            load_best_model_at_end: false,
            metric_for_best_model: None,
            greater_is_better: None,
            early_stopping_patience: None,
            early_stopping_threshold: 0.0,
            group_by_length: false,
            dataloader_drop_last: false,
            max_length: None,
            generation_max_length: None,
            generation_num_beams: 1,
            seed: 42,
            data_seed: None,
            resume_from_checkpoint: None,
            num_threads: None,
            device: ComputeDevice::Cpu,
        }
    }
}

impl TrainingArguments {
    /// Updates between evaluations with the strategy `steps`: `eval_steps`, or `logging_steps` when that is not given.
    pub fn eval_interval(&self) -> StepsOrRatio {
        self.eval_steps.unwrap_or(self.logging_steps)
    }

    /// Real tokens that are computed at once: `max_tokens_per_chunk`, or [`TOKENS_PER_CHUNK`] when that is not given.
    pub fn tokens_per_chunk(&self) -> usize {
        self.max_tokens_per_chunk.unwrap_or(TOKENS_PER_CHUNK)
    }

    /// The metric that says which checkpoint is best, without its `eval_`: the loss when none is named.
    pub fn best_metric(&self) -> &str {
        let name = self.metric_for_best_model.as_deref().unwrap_or("loss");
        name.strip_prefix("eval_").unwrap_or(name)
    }

    /// Seed of the order of examples: `data_seed`, or `seed` when that is not given.
    pub fn order_seed(&self) -> u64 {
        self.data_seed.unwrap_or(self.seed)
    }
}
