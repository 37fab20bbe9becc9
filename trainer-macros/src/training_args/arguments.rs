//! What is said of the training arguments, on their page and in editors.
//!
//! What an argument takes and its usual default are in [`names`](super::names), which the core has too; here stands what it
//! is for.

use super::names::{Kind, Known, NAMES};
use crate::keys::{CRATE, Key};

/// Every key of `#[training_args(…)]`, on the struct: the arguments of [`NAMES`] with what is said of them, and `crate`.
pub(crate) fn training_args() -> Vec<Key> {
    let arguments = NAMES.iter().map(|known| {
        let about = ABOUT.iter().find(|about| about.name == known.name);
        key(known, about.unwrap_or(&Argument { name: known.name, about: "", range: "", default: "" }))
    });
    arguments.chain([CRATE]).collect()
}

fn key(known: &Known, said: &Argument) -> Key {
    Key {
        name: known.name,
        // There are as many as there are arguments, and the process ends with the tests.
        example: format!("{} = {}", known.name, known.example).leak(),
        about: said.about,
        takes: match known.kind {
            Kind::Number => "a number",
            Kind::Whole => "a whole number",
            Kind::Flag => "`true` or `false`",
            Kind::Text => "a text in quotes",
            Kind::Path => "a path in quotes",
            Kind::Choice(_) | Kind::Device => "a name in quotes",
            Kind::List(_) => "a name or a list of names in quotes",
            Kind::Steps => "a number of updates, or a share of them below 1",
            Kind::Resume => "the folder of a checkpoint in quotes",
        },
        range: said.range,
        default: if said.default.is_empty() { known.default } else { said.default },
    }
}

/// What is said of a training argument.
struct Argument {
    name: &'static str,
    about: &'static str,
    /// Which values; empty where all of its kind are allowed.
    range: &'static str,
    /// What holds where it is left out; empty where that is the default of [`NAMES`].
    default: &'static str,
}

const fn argument(name: &'static str, about: &'static str, range: &'static str, default: &'static str) -> Argument {
    Argument { name, about, range, default }
}

const POSITIVE: &str = "a whole number of at least 1";
const FROM_ZERO: &str = "a whole number of at least 0";
const INTERVAL: &str = "a whole number of at least 1, or a share between 0 and 1";
const INTERVALS: &str = "`no`, `steps`, `epoch`";
const SAVES: &str = "`no`, `steps`, `epoch`, `best`";
const SCHEDULES: &str = "`linear`, `cosine`, `cosine_with_restarts`, `polynomial`, `constant`, `constant_with_warmup`, \
                         `inverse_sqrt`, `reduce_lr_on_plateau`, `cosine_with_min_lr`, `cosine_warmup_with_min_lr`, \
                         `warmup_stable_decay`, `greedy`";
const OPTIMIZERS: &str = "`adamw`, `sgd`, `adafactor`, `lion`";
const RAMPS: &str = "`linear`, `cosine`, `1-sqrt`";
const MODES: &str = "`min`, `max`";
const THRESHOLDS: &str = "`rel`, `abs`";
const REPORTS: &str = "`tensorboard`, `jsonl`";

#[rustfmt::skip]
const ABOUT: &[Argument] = &[
    argument("output_dir", "Folder for checkpoints, logs and the trained model.", "", ""),
    argument("num_train_epochs", "Passes over the training data; the last one may be partial. `max_steps` overrides it.", "above 0", ""),
    argument("max_steps", "Updates to take, whatever the number of epochs; `-1` is the same as none.", POSITIVE, "none: `num_train_epochs` decides"),
    argument("per_device_train_batch_size", "Rows per batch in training.", POSITIVE, ""),
    argument("per_device_eval_batch_size", "Rows per batch in evaluation.", POSITIVE, ""),
    argument("gradient_accumulation_steps", "Batches whose gradients make up one update.", POSITIVE, ""),
    argument("max_tokens_per_chunk", "Real tokens that are computed at once: a batch with more takes several passes of whole rows, with the same gradients in less memory.", POSITIVE, "4096"),
    argument("gradient_checkpointing", "Whether blocks keep only their input, and compute the rest again while going backward: less memory for more time.", "", ""),
    argument("learning_rate", "Learning rate after warm-up.", "above 0", ""),
    argument("weight_decay", "Decoupled weight decay of all parameters but biases and norms, per update and unit of learning rate.", "at least 0", ""),
    argument("adam_beta1", "Decay of Adam's first moment.", "at least 0 and below 1", ""),
    argument("adam_beta2", "Decay of Adam's second moment.", "at least 0 and below 1", ""),
    argument("adam_epsilon", "Added to the square root in Adam's update.", "above 0", ""),
    argument("max_grad_norm", "Largest L2 norm of all gradients together; larger ones are scaled down. 0 turns it off.", "at least 0", ""),
    argument("optim", "The optimiser.", OPTIMIZERS, ""),
    argument("lr_scheduler_type", "How the learning rate goes over the run.", SCHEDULES, ""),
    argument("warmup_steps", "How long the learning rate rises from 0: a count of updates, or a share of them when below 1.", "a whole number of at least 0, or a share below 1", ""),
    argument("warmup_ratio", "The same as a share of all updates; one of the two is given.", "between 0 and 1", ""),
    argument("label_smoothing_factor", "Share of the target's probability that is spread over all classes.", "at least 0 and below 1", ""),
    argument("neftune_noise_alpha", "Noise on the word embeddings while training: at most this over the square root of (tokens of the sequence times width of the embedding).", "at least 0", "none: no noise is added"),
    argument("do_train", "Whether the program should train. The trainer does not read it: it is for `main`.", "", ""),
    argument("do_eval", "Whether the program should evaluate. The trainer does not read it: it is for `main`.", "", ""),
    argument("eval_strategy", "When to evaluate during training. `evaluation_strategy` is the same.", INTERVALS, ""),
    argument("eval_steps", "Updates between evaluations with the strategy `steps`.", INTERVAL, "`logging_steps`"),
    argument("eval_delay", "Epochs (strategy `epoch`) or updates (`steps`) before the first evaluation.", "at least 0", ""),
    argument("eval_on_start", "Whether to evaluate once before the first update.", "", ""),
    argument("save_strategy", "When to write a checkpoint.", SAVES, ""),
    argument("save_steps", "Updates between checkpoints with the strategy `steps`.", INTERVAL, ""),
    argument("save_total_limit", "Checkpoints kept; the oldest go first, never the best one.", POSITIVE, "none: all are kept"),
    argument("logging_strategy", "When to log.", INTERVALS, ""),
    argument("logging_steps", "Updates between log entries with the strategy `steps`.", INTERVAL, ""),
    argument("logging_first_step", "Whether to log the first update too.", "", ""),
    argument("logging_dir", "Folder of the event files.", "", "`runs` in `output_dir`"),
    argument("run_name", "Name of the run in logs.", "", ""),
    argument("report_to", "Where figures are written beside the progress bar and `trainer_state.json`.", REPORTS, "none: nowhere else"),
    argument("load_best_model_at_end", "Whether to load the best checkpoint when training ends. Evaluations and checkpoints must come together.", "", ""),
    argument("metric_for_best_model", "The metric that says which checkpoint is best, with or without `eval_`.", "the name of a metric of the trainer", "the loss, where one is needed"),
    argument("greater_is_better", "Whether a higher metric is better.", "", "what the metric says of itself, else yes unless its name ends in `loss`"),
    argument("early_stopping_patience", "Evaluations without a better metric after which training stops.", POSITIVE, "none: it never stops early"),
    argument("early_stopping_threshold", "By how much a metric must be better to count for `early_stopping_patience`.", "at least 0", ""),
    argument("group_by_length", "Whether batches are made of rows of about the same length.", "", ""),
    argument("dataloader_drop_last", "Whether a last batch with fewer rows is left out.", "", ""),
    argument("max_length", "Longest sequence in tokens; longer texts are cut.", POSITIVE, "what the model and the tokenizer allow"),
    argument("generation_max_length", "The most tokens that are written for each row, where an evaluation or a prediction has the model write texts.", POSITIVE, "128"),
    argument("generation_num_beams", "Texts that are followed at once while writing (beam search); 1 leaves it to the model's `generation_config.json`.", POSITIVE, ""),
    argument("seed", "Seed of everything random.", FROM_ZERO, ""),
    argument("data_seed", "Seed of the order of rows.", FROM_ZERO, "`seed`"),
    argument("resume_from_checkpoint", "The checkpoint to go on from: a folder, or `latest`; `true` is the latest.", "", "none: the run starts anew"),
    argument("num_threads", "Threads that compute; results do not depend on their number.", POSITIVE, "one for each physical core"),
    argument("device", "The device that computes.", "`cpu`, `cuda`, `cuda:1`, `metal`", ""),
    argument("num_cycles", "`cosine`, `cosine_with_min_lr`, `cosine_warmup_with_min_lr`, `warmup_stable_decay`: waves; `cosine_with_restarts`: restarts, a whole number.", "above 0", "0.5 waves, or 1 restart"),
    argument("power", "`polynomial`: the exponent.", "above 0", "`1`"),
    argument("lr_end", "`polynomial`: the learning rate at the end.", "at least 0", "`1e-7`"),
    argument("min_lr", "`cosine_with_min_lr`, `cosine_warmup_with_min_lr`, `reduce_lr_on_plateau`, `greedy`: the lowest learning rate.", "at least 0", ""),
    argument("max_lr", "`greedy`: the highest learning rate.", "above 0", "`1`"),
    argument("min_lr_rate", "`cosine_with_min_lr`, `cosine_warmup_with_min_lr`: the lowest rate, as a share of `learning_rate`.", "between 0 and 1", ""),
    argument("warmup_lr_rate", "`cosine_warmup_with_min_lr`: the first rate of the warm-up, as a share of `learning_rate`.", "between 0 and 1", ""),
    argument("timescale", "`inverse_sqrt`: the time scale, in updates.", POSITIVE, "the warm-up, or 10000 without one"),
    argument("num_stable_steps", "`warmup_stable_decay`: updates at the full rate.", FROM_ZERO, "what warm-up and decay leave"),
    argument("num_decay_steps", "`warmup_stable_decay`: updates of decay; this schedule needs it.", POSITIVE, ""),
    argument("min_lr_ratio", "`warmup_stable_decay`: the lowest rate, as a share of `learning_rate`.", "between 0 and 1", "`0`"),
    argument("warmup_type", "`warmup_stable_decay`: the curve of the warm-up.", RAMPS, "`linear`"),
    argument("decay_type", "`warmup_stable_decay`: the curve of the decay.", RAMPS, "`cosine`"),
    argument("plateau_mode", "`reduce_lr_on_plateau`, `greedy`: which way the metric is better.", MODES, "`min`"),
    argument("plateau_factor", "What a rate that is lowered is multiplied by, and what `greedy` divides a rate by that it raises.", "above 0 and below 1", "0.1 for `reduce_lr_on_plateau`, 0.95 for `greedy`"),
    argument("plateau_patience", "`reduce_lr_on_plateau`, `greedy`: evaluations without a better metric that are let pass.", FROM_ZERO, "`10`"),
    argument("plateau_threshold", "By how much a metric must be better.", "at least 0", "1e-4 for `reduce_lr_on_plateau`, 1e-6 for `greedy`"),
    argument("plateau_threshold_mode", "What `plateau_threshold` is measured in.", THRESHOLDS, "`rel` for `reduce_lr_on_plateau`, `abs` for `greedy`"),
    argument("plateau_cooldown", "`reduce_lr_on_plateau`, `greedy`: evaluations after a lower rate in which nothing is counted.", FROM_ZERO, "`0`"),
    argument("plateau_warmup", "`greedy`: evaluations after a higher rate in which nothing is counted.", FROM_ZERO, "`0`"),
    argument("plateau_eps", "`reduce_lr_on_plateau`, `greedy`: changes of the rate below this are left out.", "at least 0", "`1e-8`"),
    argument("plateau_smooth", "`greedy`: whether the metric is averaged over `plateau_window_size` evaluations.", "", "false"),
    argument("plateau_window_size", "`greedy`: evaluations that are averaged.", POSITIVE, "`50`"),
    argument("plateau_reset_start", "`greedy`: lowerings at the lowest rate after which it starts over.", POSITIVE, "`500`"),
];
