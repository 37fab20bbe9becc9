//! The keys of `#[training_args(…)]`.
// Written by the tests of `trainer-macros` from the tables of its macros.

use super::GivenValue;

/// The keys of `#[training_args(…)]` on the struct.
#[derive(Clone, Copy, Debug, Default)]
pub struct TrainingArgsKeys {
    /// Folder for checkpoints, logs and the trained model.
    ///
    /// Takes a path in quotes. Left out: `trainer_output`. For example `output_dir = "results"`.
    pub output_dir: GivenValue,
    /// Passes over the training data; the last one may be partial. `max_steps` overrides it.
    ///
    /// Takes a number: above 0. Left out: `3`. For example `num_train_epochs = 3.0`.
    pub num_train_epochs: GivenValue,
    /// Updates to take, whatever the number of epochs; `-1` is the same as none.
    ///
    /// Takes a whole number of at least 1. Left out: none: `num_train_epochs` decides. For example `max_steps = 1000`.
    pub max_steps: GivenValue,
    /// Rows per batch in training.
    ///
    /// Takes a whole number of at least 1. Left out: `8`. For example `per_device_train_batch_size = 16`.
    pub per_device_train_batch_size: GivenValue,
    /// Rows per batch in evaluation.
    ///
    /// Takes a whole number of at least 1. Left out: `8`. For example `per_device_eval_batch_size = 32`.
    pub per_device_eval_batch_size: GivenValue,
    /// Batches whose gradients make up one update.
    ///
    /// Takes a whole number of at least 1. Left out: `1`. For example `gradient_accumulation_steps = 4`.
    pub gradient_accumulation_steps: GivenValue,
    /// Real tokens that are computed at once: a batch with more takes several passes of whole rows, with the same
    /// gradients in less memory.
    ///
    /// Takes a whole number of at least 1. Left out: `4096`. For example `max_tokens_per_chunk = 2048`.
    pub max_tokens_per_chunk: GivenValue,
    /// Whether blocks keep only their input, and compute the rest again while going backward: less memory for more
    /// time.
    ///
    /// Takes `true` or `false`. Left out: `false`. For example `gradient_checkpointing = true`.
    pub gradient_checkpointing: GivenValue,
    /// Learning rate after warm-up.
    ///
    /// Takes a number: above 0. Left out: `5e-5`. For example `learning_rate = 2e-5`.
    pub learning_rate: GivenValue,
    /// Decoupled weight decay of all parameters but biases and norms, per update and unit of learning rate.
    ///
    /// Takes a number: at least 0. Left out: `0`. For example `weight_decay = 0.01`.
    pub weight_decay: GivenValue,
    /// Decay of Adam's first moment.
    ///
    /// Takes a number: at least 0 and below 1. Left out: `0.9`. For example `adam_beta1 = 0.9`.
    pub adam_beta1: GivenValue,
    /// Decay of Adam's second moment.
    ///
    /// Takes a number: at least 0 and below 1. Left out: `0.999`. For example `adam_beta2 = 0.98`.
    pub adam_beta2: GivenValue,
    /// Added to the square root in Adam's update.
    ///
    /// Takes a number: above 0. Left out: `1e-8`. For example `adam_epsilon = 1e-8`.
    pub adam_epsilon: GivenValue,
    /// Largest L2 norm of all gradients together; larger ones are scaled down. 0 turns it off.
    ///
    /// Takes a number: at least 0. Left out: `1`. For example `max_grad_norm = 1.0`.
    pub max_grad_norm: GivenValue,
    /// The optimiser.
    ///
    /// Takes a name in quotes: `adamw`, `sgd`, `adafactor`, `lion`. Left out: `adamw`. For example `optim = "adamw"`.
    pub optim: GivenValue,
    /// How the learning rate goes over the run.
    ///
    /// Takes a name in quotes: `linear`, `cosine`, `cosine_with_restarts`, `polynomial`, `constant`,
    /// `constant_with_warmup`, `inverse_sqrt`, `reduce_lr_on_plateau`, `cosine_with_min_lr`,
    /// `cosine_warmup_with_min_lr`, `warmup_stable_decay`, `greedy`. Left out: `linear`. For example
    /// `lr_scheduler_type = "cosine"`.
    pub lr_scheduler_type: GivenValue,
    /// How long the learning rate rises from 0: a count of updates, or a share of them when below 1.
    ///
    /// Takes a number of updates, or a share of them below 1: a whole number of at least 0, or a share below 1. Left
    /// out: `0`. For example `warmup_steps = 100`.
    pub warmup_steps: GivenValue,
    /// The same as a share of all updates; one of the two is given.
    ///
    /// Takes a number: between 0 and 1. Left out: `0`. For example `warmup_ratio = 0.1`.
    pub warmup_ratio: GivenValue,
    /// Share of the target's probability that is spread over all classes.
    ///
    /// Takes a number: at least 0 and below 1. Left out: `0`. For example `label_smoothing_factor = 0.1`.
    pub label_smoothing_factor: GivenValue,
    /// Noise on the word embeddings while training: at most this over the square root of (tokens of the sequence times
    /// width of the embedding).
    ///
    /// Takes a number: at least 0. Left out: none: no noise is added. For example `neftune_noise_alpha = 5.0`.
    pub neftune_noise_alpha: GivenValue,
    /// Whether the program should train. The trainer does not read it: it is for `main`.
    ///
    /// Takes `true` or `false`. Left out: `false`. For example `do_train = true`.
    pub do_train: GivenValue,
    /// Whether the program should evaluate. The trainer does not read it: it is for `main`.
    ///
    /// Takes `true` or `false`. Left out: `false`. For example `do_eval = true`.
    pub do_eval: GivenValue,
    /// When to evaluate during training. `evaluation_strategy` is the same.
    ///
    /// Takes a name in quotes: `no`, `steps`, `epoch`. Left out: `no`. For example `eval_strategy = "epoch"`.
    pub eval_strategy: GivenValue,
    /// Updates between evaluations with the strategy `steps`.
    ///
    /// Takes a number of updates, or a share of them below 1: a whole number of at least 1, or a share between 0 and 1.
    /// Left out: `logging_steps`. For example `eval_steps = 100`.
    pub eval_steps: GivenValue,
    /// Epochs (strategy `epoch`) or updates (`steps`) before the first evaluation.
    ///
    /// Takes a number: at least 0. Left out: `0`. For example `eval_delay = 1`.
    pub eval_delay: GivenValue,
    /// Whether to evaluate once before the first update.
    ///
    /// Takes `true` or `false`. Left out: `false`. For example `eval_on_start = true`.
    pub eval_on_start: GivenValue,
    /// When to write a checkpoint.
    ///
    /// Takes a name in quotes: `no`, `steps`, `epoch`, `best`. Left out: `steps`. For example
    /// `save_strategy = "epoch"`.
    pub save_strategy: GivenValue,
    /// Updates between checkpoints with the strategy `steps`.
    ///
    /// Takes a number of updates, or a share of them below 1: a whole number of at least 1, or a share between 0 and 1.
    /// Left out: `500`. For example `save_steps = 100`.
    pub save_steps: GivenValue,
    /// Checkpoints kept; the oldest go first, never the best one.
    ///
    /// Takes a whole number of at least 1. Left out: none: all are kept. For example `save_total_limit = 2`.
    pub save_total_limit: GivenValue,
    /// When to log.
    ///
    /// Takes a name in quotes: `no`, `steps`, `epoch`. Left out: `steps`. For example `logging_strategy = "epoch"`.
    pub logging_strategy: GivenValue,
    /// Updates between log entries with the strategy `steps`.
    ///
    /// Takes a number of updates, or a share of them below 1: a whole number of at least 1, or a share between 0 and 1.
    /// Left out: `500`. For example `logging_steps = 10`.
    pub logging_steps: GivenValue,
    /// Whether to log the first update too.
    ///
    /// Takes `true` or `false`. Left out: `false`. For example `logging_first_step = true`.
    pub logging_first_step: GivenValue,
    /// Folder of the event files.
    ///
    /// Takes a path in quotes. Left out: `runs` in `output_dir`. For example `logging_dir = "logs"`.
    pub logging_dir: GivenValue,
    /// Name of the run in logs.
    ///
    /// Takes a text in quotes. Left out: none. For example `run_name = "first-try"`.
    pub run_name: GivenValue,
    /// Where figures are written beside the progress bar and `trainer_state.json`.
    ///
    /// Takes a name or a list of names in quotes: `tensorboard`, `jsonl`. Left out: none: nowhere else. For example
    /// `report_to = ["tensorboard"]`.
    pub report_to: GivenValue,
    /// Whether to load the best checkpoint when training ends. Evaluations and checkpoints must come together.
    ///
    /// Takes `true` or `false`. Left out: `false`. For example `load_best_model_at_end = true`.
    pub load_best_model_at_end: GivenValue,
    /// The metric that says which checkpoint is best, with or without `eval_`.
    ///
    /// Takes a text in quotes: the name of a metric of the trainer. Left out: the loss, where one is needed. For
    /// example `metric_for_best_model = "f1"`.
    pub metric_for_best_model: GivenValue,
    /// Whether a higher metric is better.
    ///
    /// Takes `true` or `false`. Left out: what the metric says of itself, else yes unless its name ends in `loss`. For
    /// example `greater_is_better = true`.
    pub greater_is_better: GivenValue,
    /// Evaluations without a better metric after which training stops.
    ///
    /// Takes a whole number of at least 1. Left out: none: it never stops early. For example
    /// `early_stopping_patience = 3`.
    pub early_stopping_patience: GivenValue,
    /// By how much a metric must be better to count for `early_stopping_patience`.
    ///
    /// Takes a number: at least 0. Left out: `0`. For example `early_stopping_threshold = 0.001`.
    pub early_stopping_threshold: GivenValue,
    /// Whether batches are made of rows of about the same length.
    ///
    /// Takes `true` or `false`. Left out: `false`. For example `group_by_length = true`.
    pub group_by_length: GivenValue,
    /// Whether a last batch with fewer rows is left out.
    ///
    /// Takes `true` or `false`. Left out: `false`. For example `dataloader_drop_last = true`.
    pub dataloader_drop_last: GivenValue,
    /// Longest sequence in tokens; longer texts are cut.
    ///
    /// Takes a whole number of at least 1. Left out: what the model and the tokenizer allow. For example
    /// `max_length = 128`.
    pub max_length: GivenValue,
    /// The most tokens that are written for each row, where an evaluation or a prediction has the model write texts.
    ///
    /// Takes a whole number of at least 1. Left out: `128`. For example `generation_max_length = 64`.
    pub generation_max_length: GivenValue,
    /// Texts that are followed at once while writing (beam search); 1 leaves it to the model's
    /// `generation_config.json`.
    ///
    /// Takes a whole number of at least 1. Left out: `1`. For example `generation_num_beams = 4`.
    pub generation_num_beams: GivenValue,
    /// Seed of everything random.
    ///
    /// Takes a whole number of at least 0. Left out: `42`. For example `seed = 3`.
    pub seed: GivenValue,
    /// Seed of the order of rows.
    ///
    /// Takes a whole number of at least 0. Left out: `seed`. For example `data_seed = 3`.
    pub data_seed: GivenValue,
    /// The checkpoint to go on from: a folder, or `latest`; `true` is the latest.
    ///
    /// Takes the folder of a checkpoint in quotes. Left out: none: the run starts anew. For example
    /// `resume_from_checkpoint = "latest"`.
    pub resume_from_checkpoint: GivenValue,
    /// Threads that compute; results do not depend on their number.
    ///
    /// Takes a whole number of at least 1. Left out: one for each physical core. For example `num_threads = 4`.
    pub num_threads: GivenValue,
    /// The device that computes.
    ///
    /// Takes a name in quotes: `cpu`, `cuda`, `cuda:1`, `metal`. Left out: `cpu`. For example `device = "cuda:1"`.
    pub device: GivenValue,
    /// `cosine`, `cosine_with_min_lr`, `cosine_warmup_with_min_lr`, `warmup_stable_decay`: waves;
    /// `cosine_with_restarts`: restarts, a whole number.
    ///
    /// Takes a number: above 0. Left out: 0.5 waves, or 1 restart. For example `num_cycles = 0.5`.
    pub num_cycles: GivenValue,
    /// `polynomial`: the exponent.
    ///
    /// Takes a number: above 0. Left out: `1`. For example `power = 2.0`.
    pub power: GivenValue,
    /// `polynomial`: the learning rate at the end.
    ///
    /// Takes a number: at least 0. Left out: `1e-7`. For example `lr_end = 1e-7`.
    pub lr_end: GivenValue,
    /// `cosine_with_min_lr`, `cosine_warmup_with_min_lr`, `reduce_lr_on_plateau`, `greedy`: the lowest learning rate.
    ///
    /// Takes a number: at least 0. Left out: none. For example `min_lr = 1e-6`.
    pub min_lr: GivenValue,
    /// `greedy`: the highest learning rate.
    ///
    /// Takes a number: above 0. Left out: `1`. For example `max_lr = 1e-3`.
    pub max_lr: GivenValue,
    /// `cosine_with_min_lr`, `cosine_warmup_with_min_lr`: the lowest rate, as a share of `learning_rate`.
    ///
    /// Takes a number: between 0 and 1. Left out: none. For example `min_lr_rate = 0.1`.
    pub min_lr_rate: GivenValue,
    /// `cosine_warmup_with_min_lr`: the first rate of the warm-up, as a share of `learning_rate`.
    ///
    /// Takes a number: between 0 and 1. Left out: none. For example `warmup_lr_rate = 0.1`.
    pub warmup_lr_rate: GivenValue,
    /// `inverse_sqrt`: the time scale, in updates.
    ///
    /// Takes a whole number of at least 1. Left out: the warm-up, or 10000 without one. For example
    /// `timescale = 10000`.
    pub timescale: GivenValue,
    /// `warmup_stable_decay`: updates at the full rate.
    ///
    /// Takes a whole number of at least 0. Left out: what warm-up and decay leave. For example
    /// `num_stable_steps = 500`.
    pub num_stable_steps: GivenValue,
    /// `warmup_stable_decay`: updates of decay; this schedule needs it.
    ///
    /// Takes a whole number of at least 1. Left out: none. For example `num_decay_steps = 100`.
    pub num_decay_steps: GivenValue,
    /// `warmup_stable_decay`: the lowest rate, as a share of `learning_rate`.
    ///
    /// Takes a number: between 0 and 1. Left out: `0`. For example `min_lr_ratio = 0.1`.
    pub min_lr_ratio: GivenValue,
    /// `warmup_stable_decay`: the curve of the warm-up.
    ///
    /// Takes a name in quotes: `linear`, `cosine`, `1-sqrt`. Left out: `linear`. For example `warmup_type = "cosine"`.
    pub warmup_type: GivenValue,
    /// `warmup_stable_decay`: the curve of the decay.
    ///
    /// Takes a name in quotes: `linear`, `cosine`, `1-sqrt`. Left out: `cosine`. For example `decay_type = "1-sqrt"`.
    pub decay_type: GivenValue,
    /// `reduce_lr_on_plateau`, `greedy`: which way the metric is better.
    ///
    /// Takes a name in quotes: `min`, `max`. Left out: `min`. For example `plateau_mode = "max"`.
    pub plateau_mode: GivenValue,
    /// What a rate that is lowered is multiplied by, and what `greedy` divides a rate by that it raises.
    ///
    /// Takes a number: above 0 and below 1. Left out: 0.1 for `reduce_lr_on_plateau`, 0.95 for `greedy`. For example
    /// `plateau_factor = 0.5`.
    pub plateau_factor: GivenValue,
    /// `reduce_lr_on_plateau`, `greedy`: evaluations without a better metric that are let pass.
    ///
    /// Takes a whole number of at least 0. Left out: `10`. For example `plateau_patience = 2`.
    pub plateau_patience: GivenValue,
    /// By how much a metric must be better.
    ///
    /// Takes a number: at least 0. Left out: 1e-4 for `reduce_lr_on_plateau`, 1e-6 for `greedy`. For example
    /// `plateau_threshold = 1e-4`.
    pub plateau_threshold: GivenValue,
    /// What `plateau_threshold` is measured in.
    ///
    /// Takes a name in quotes: `rel`, `abs`. Left out: `rel` for `reduce_lr_on_plateau`, `abs` for `greedy`. For
    /// example `plateau_threshold_mode = "abs"`.
    pub plateau_threshold_mode: GivenValue,
    /// `reduce_lr_on_plateau`, `greedy`: evaluations after a lower rate in which nothing is counted.
    ///
    /// Takes a whole number of at least 0. Left out: `0`. For example `plateau_cooldown = 1`.
    pub plateau_cooldown: GivenValue,
    /// `greedy`: evaluations after a higher rate in which nothing is counted.
    ///
    /// Takes a whole number of at least 0. Left out: `0`. For example `plateau_warmup = 1`.
    pub plateau_warmup: GivenValue,
    /// `reduce_lr_on_plateau`, `greedy`: changes of the rate below this are left out.
    ///
    /// Takes a number: at least 0. Left out: `1e-8`. For example `plateau_eps = 1e-8`.
    pub plateau_eps: GivenValue,
    /// `greedy`: whether the metric is averaged over `plateau_window_size` evaluations.
    ///
    /// Takes `true` or `false`. Left out: `false`. For example `plateau_smooth = true`.
    pub plateau_smooth: GivenValue,
    /// `greedy`: evaluations that are averaged.
    ///
    /// Takes a whole number of at least 1. Left out: `50`. For example `plateau_window_size = 50`.
    pub plateau_window_size: GivenValue,
    /// `greedy`: lowerings at the lowest rate after which it starts over.
    ///
    /// Takes a whole number of at least 1. Left out: `500`. For example `plateau_reset_start = 500`.
    pub plateau_reset_start: GivenValue,
    /// The same as `eval_strategy`.
    pub evaluation_strategy: GivenValue,
}
