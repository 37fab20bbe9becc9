//! The names of the training arguments, as both crates know them: this file is the same, byte for byte, in
//! `trainer-core` and `trainer-macros`, and a test of the workspace compares the two.

/// What kind of value an argument takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A number, with or without a fraction.
    Number,
    /// A whole number.
    Whole,
    /// Yes or no.
    Flag,
    /// Any text.
    Text,
    /// A file or folder.
    Path,
    /// One of the names of an enum of the core.
    Choice(&'static str),
    /// Some of the names of an enum of the core.
    List(&'static str),
    /// A number of updates, or a share of them.
    Steps,
    /// A checkpoint to go on from.
    Resume,
    /// A device that computes.
    Device,
}

/// Where an argument is in `TrainingArguments`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A field of the same name.
    Field,
    /// A field of the same name, in `TrainingArguments` and in `Facts`.
    Fact,
    /// A field of the same name in `lr_scheduler_kwargs`.
    Schedule,
    /// The field `warmup`, as a count or share.
    WarmupSteps,
    /// The field `warmup`, as a share.
    WarmupRatio,
}

impl Known {
    /// Whether a field without a default must be given, unless its type can be empty.
    pub(crate) fn has_no_default(&self) -> bool {
        self.default == "none" && !matches!(self.kind, Kind::List(_))
    }
}

/// One argument.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    /// Its name, as fields and files spell it.
    pub(crate) name: &'static str,
    /// What it takes.
    pub(crate) kind: Kind,
    /// Where it is kept.
    pub(crate) place: Place,
    /// The default, as text; `none` if there is none.
    pub(crate) default: &'static str,
    /// A value that could be written.
    pub(crate) example: &'static str,
}

const fn name(name: &'static str, kind: Kind, place: Place, default: &'static str, example: &'static str) -> Known {
    Known { name, kind, place, default, example }
}

/// Every argument.
#[rustfmt::skip]
pub(crate) const NAMES: &[Known] = &[
    name("output_dir", Kind::Path, Place::Field, "trainer_output", "\"results\""),
    name("num_train_epochs", Kind::Number, Place::Fact, "3", "3.0"),
    name("max_steps", Kind::Whole, Place::Fact, "none", "1000"),
    name("per_device_train_batch_size", Kind::Whole, Place::Fact, "8", "16"),
    name("per_device_eval_batch_size", Kind::Whole, Place::Fact, "8", "32"),
    name("gradient_accumulation_steps", Kind::Whole, Place::Fact, "1", "4"),
    name("max_tokens_per_chunk", Kind::Whole, Place::Fact, "none", "2048"),
    name("gradient_checkpointing", Kind::Flag, Place::Fact, "false", "true"),
    name("learning_rate", Kind::Number, Place::Fact, "5e-5", "2e-5"),
    name("weight_decay", Kind::Number, Place::Field, "0", "0.01"),
    name("adam_beta1", Kind::Number, Place::Field, "0.9", "0.9"),
    name("adam_beta2", Kind::Number, Place::Field, "0.999", "0.98"),
    name("adam_epsilon", Kind::Number, Place::Field, "1e-8", "1e-8"),
    name("max_grad_norm", Kind::Number, Place::Field, "1", "1.0"),
    name("optim", Kind::Choice("OptimizerName"), Place::Fact, "adamw", "\"adamw\""),
    name("lr_scheduler_type", Kind::Choice("SchedulerType"), Place::Fact, "linear", "\"cosine\""),
    name("warmup_steps", Kind::Steps, Place::WarmupSteps, "0", "100"),
    name("warmup_ratio", Kind::Number, Place::WarmupRatio, "0", "0.1"),
    name("label_smoothing_factor", Kind::Number, Place::Fact, "0", "0.1"),
    name("neftune_noise_alpha", Kind::Number, Place::Field, "none", "5.0"),
    name("do_train", Kind::Flag, Place::Field, "false", "true"),
    name("do_eval", Kind::Flag, Place::Field, "false", "true"),
    name("eval_strategy", Kind::Choice("IntervalStrategy"), Place::Fact, "no", "\"epoch\""),
    name("eval_steps", Kind::Steps, Place::Fact, "none", "100"),
    name("eval_delay", Kind::Number, Place::Field, "0", "1"),
    name("eval_on_start", Kind::Flag, Place::Fact, "false", "true"),
    name("save_strategy", Kind::Choice("SaveStrategy"), Place::Fact, "steps", "\"epoch\""),
    name("save_steps", Kind::Steps, Place::Fact, "500", "100"),
    name("save_total_limit", Kind::Whole, Place::Fact, "none", "2"),
    name("logging_strategy", Kind::Choice("IntervalStrategy"), Place::Fact, "steps", "\"epoch\""),
    name("logging_steps", Kind::Steps, Place::Fact, "500", "10"),
    name("logging_first_step", Kind::Flag, Place::Field, "false", "true"),
    name("logging_dir", Kind::Path, Place::Field, "none", "\"logs\""),
    name("run_name", Kind::Text, Place::Field, "none", "\"first-try\""),
    name("report_to", Kind::List("ReportTo"), Place::Field, "none", "[\"tensorboard\"]"),
    name("load_best_model_at_end", Kind::Flag, Place::Fact, "false", "true"),
    name("metric_for_best_model", Kind::Text, Place::Fact, "none", "\"f1\""),
    name("greater_is_better", Kind::Flag, Place::Fact, "none", "true"),
    name("early_stopping_patience", Kind::Whole, Place::Fact, "none", "3"),
    name("early_stopping_threshold", Kind::Number, Place::Field, "0", "0.001"),
    name("group_by_length", Kind::Flag, Place::Fact, "false", "true"),
    name("dataloader_drop_last", Kind::Flag, Place::Fact, "false", "true"),
    name("max_length", Kind::Whole, Place::Fact, "none", "128"),
    name("generation_max_length", Kind::Whole, Place::Field, "none", "64"),
    name("generation_num_beams", Kind::Whole, Place::Field, "1", "4"),
    name("seed", Kind::Whole, Place::Fact, "42", "3"),
    name("data_seed", Kind::Whole, Place::Field, "none", "3"),
    name("resume_from_checkpoint", Kind::Resume, Place::Field, "none", "\"latest\""),
    name("num_threads", Kind::Whole, Place::Field, "none", "4"),
    name("device", Kind::Device, Place::Fact, "cpu", "\"cuda:1\""),
    name("num_cycles", Kind::Number, Place::Schedule, "none", "0.5"),
    name("power", Kind::Number, Place::Schedule, "none", "2.0"),
    name("lr_end", Kind::Number, Place::Schedule, "none", "1e-7"),
    name("min_lr", Kind::Number, Place::Schedule, "none", "1e-6"),
    name("max_lr", Kind::Number, Place::Schedule, "none", "1e-3"),
    name("min_lr_rate", Kind::Number, Place::Schedule, "none", "0.1"),
    name("warmup_lr_rate", Kind::Number, Place::Schedule, "none", "0.1"),
    name("timescale", Kind::Whole, Place::Schedule, "none", "10000"),
    name("num_stable_steps", Kind::Whole, Place::Schedule, "none", "500"),
    name("num_decay_steps", Kind::Whole, Place::Schedule, "none", "100"),
    name("min_lr_ratio", Kind::Number, Place::Schedule, "none", "0.1"),
    name("warmup_type", Kind::Choice("RampType"), Place::Schedule, "none", "\"cosine\""),
    name("decay_type", Kind::Choice("RampType"), Place::Schedule, "none", "\"1-sqrt\""),
    name("plateau_mode", Kind::Choice("PlateauMode"), Place::Schedule, "none", "\"max\""),
    name("plateau_factor", Kind::Number, Place::Schedule, "none", "0.5"),
    name("plateau_patience", Kind::Whole, Place::Schedule, "none", "2"),
    name("plateau_threshold", Kind::Number, Place::Schedule, "none", "1e-4"),
    name("plateau_threshold_mode", Kind::Choice("ThresholdMode"), Place::Schedule, "none", "\"abs\""),
    name("plateau_cooldown", Kind::Whole, Place::Schedule, "none", "1"),
    name("plateau_warmup", Kind::Whole, Place::Schedule, "none", "1"),
    name("plateau_eps", Kind::Number, Place::Schedule, "none", "1e-8"),
    name("plateau_smooth", Kind::Flag, Place::Schedule, "none", "true"),
    name("plateau_window_size", Kind::Whole, Place::Schedule, "none", "50"),
    name("plateau_reset_start", Kind::Whole, Place::Schedule, "none", "500"),
];

/// Other spellings that are accepted, with the name they stand for.
pub(crate) const ALIASES: &[(&str, &str)] = &[("evaluation_strategy", "eval_strategy")];

/// Names of older versions and other libraries, with what to write.
#[rustfmt::skip]
pub(crate) const FOREIGN: &[(&str, &str)] = &[
    ("lr", "`learning_rate`"),
    ("epochs", "`num_train_epochs`"),
    ("num_epochs", "`num_train_epochs`"),
    ("n_epochs", "`num_train_epochs`"),
    ("batch_size", "`per_device_train_batch_size`, and `per_device_eval_batch_size` for evaluation"),
    ("train_batch_size", "`per_device_train_batch_size`"),
    ("eval_batch_size", "`per_device_eval_batch_size`"),
    ("per_gpu_train_batch_size", "`per_device_train_batch_size`"),
    ("per_gpu_eval_batch_size", "`per_device_eval_batch_size`"),
    ("fp16_opt_level", "leave it out: it went away with apex"),
    ("fp16_backend", "leave it out: it went away with apex"),
    ("data_collator", "`collator = …` in `#[trainer(…)]`"),
    ("compute_metrics", "`metrics = […]` in `#[trainer(…)]`"),
    ("compute_loss", "`loss = …` in `#[trainer(…)]`"),
    ("callbacks", "`callbacks = […]` in `#[trainer(…)]`"),
    ("peft_config", "`peft = lora(…)` in `#[trainer(…)]`"),
    ("optimizer", "`optimizer = …` in `#[trainer(…)]`"),
    ("tokenizer", "a field `tokenizer: Tokenizer` in the struct of `#[trainer(…)]`"),
    ("processing_class", "a field `tokenizer: Tokenizer` in the struct of `#[trainer(…)]`"),
    ("model", "a field `model` in the struct of `#[trainer(…)]`"),
    ("train_dataset", "a field `train_dataset` in the struct of `#[trainer(…)]`"),
    ("eval_dataset", "a field `eval_dataset` in the struct of `#[trainer(…)]`"),
    ("overwrite_output_dir", "leave it out: checkpoints in `output_dir` are kept, and `resume_from_checkpoint` goes on from one"),
    ("use_cpu", "`device = \"cpu\"`"),
    ("no_cuda", "`device = \"cpu\"`"),
    ("use_mps_device", "`device = \"metal\"`"),
    ("warmup", "`warmup_steps = 100`, or `warmup_ratio = 0.1`"),
    ("scheduler", "`lr_scheduler_type`"),
    ("lr_scheduler", "`lr_scheduler_type`"),
    ("lr_scheduler_kwargs", "its keys themselves, such as `num_cycles` or `min_lr`"),
    ("beta1", "`adam_beta1`"),
    ("beta2", "`adam_beta2`"),
    ("betas", "`adam_beta1` and `adam_beta2`"),
    ("eps", "`adam_epsilon`"),
    ("epsilon", "`adam_epsilon`"),
    ("gradient_clipping", "`max_grad_norm`"),
    ("clip_grad_norm", "`max_grad_norm`"),
    ("accumulate_grad_batches", "`gradient_accumulation_steps`"),
    ("grad_accum", "`gradient_accumulation_steps`"),
    ("activation_checkpointing", "`gradient_checkpointing`"),
    ("gradient_checkpointing_kwargs", "leave it out: a block that is computed again draws the same random numbers, and nothing else is there to set"),
    ("label_smoothing", "`label_smoothing_factor`"),
    ("max_epochs", "`num_train_epochs`"),
    ("max_seq_length", "`max_length`"),
    ("random_seed", "`seed`"),
    ("patience", "`early_stopping_patience`, or `plateau_patience` for a plateau schedule"),
    ("evaluate_during_training", "`eval_strategy = \"steps\"`"),
    ("adafactor", "`optimizer = adafactor` in `#[trainer(…)]`"),
    ("remove_unused_columns", "leave it out: only the columns of the example's struct are read"),
    ("torch_compile", "leave it out: this is compiled already"),
    ("push_to_hub", "leave it out: `save_model` writes a folder that can be uploaded"),
    ("save_safetensors", "leave it out: weights are always written as safetensors"),
    ("logging_nan_inf_filter", "leave it out: a loss that is not finite stops the run"),
    ("do_predict", "leave it out: `predict` is a method of the trainer"),
    ("prediction_loss_only", "leave it out: without `metrics = […]` only the loss is computed"),
    ("include_for_metrics", "leave it out: the arguments of a `#[metric]` function say what it looks at"),
    ("include_inputs_for_metrics", "leave it out: the arguments of a `#[metric]` function say what it looks at"),
    ("batch_eval_metrics", "leave it out: what metrics look at is taken to the host batch by batch"),
    ("eval_accumulation_steps", "leave it out: what metrics look at is taken to the host batch by batch"),
    ("eval_do_concat_batches", "leave it out: metrics are given the rows of all batches together"),
    ("label_names", "leave it out: the field `label` of the example's struct is the label"),
    ("length_column_name", "leave it out: lengths are counted when texts are encoded"),
    ("disable_tqdm", "leave it out, and set `NO_PROGRESS=1` in the environment for lines in place of bars"),
    ("dataloader_num_workers", "leave it out: texts are encoded once, before the first step; `num_threads` says on how many threads"),
    ("dataloader_prefetch_factor", "leave it out: texts are encoded once, before the first step"),
    ("dataloader_persistent_workers", "leave it out: texts are encoded once, before the first step"),
    ("dataloader_pin_memory", "leave it out: texts are encoded once, before the first step"),
    ("ignore_data_skip", "leave it out: a resumed run goes on with the rows that are due"),
    ("save_only_model", "leave it out: a checkpoint is always one to resume from, and `save_model` writes the model alone"),
    ("hub_model_id", "leave it out: `save_model` writes a folder that can be uploaded"),
    ("hub_strategy", "leave it out: `save_model` writes a folder that can be uploaded"),
    ("hub_token", "leave it out: `save_model` writes a folder that can be uploaded"),
    ("hub_private_repo", "leave it out: `save_model` writes a folder that can be uploaded"),
    ("torch_compile_backend", "leave it out: this is compiled already"),
    ("torch_compile_mode", "leave it out: this is compiled already"),
    ("jit_mode_eval", "leave it out: this is compiled already"),
    ("include_num_input_tokens_seen", "leave it out: `trainer_state.json` has their number"),
    ("half_precision_backend", "leave it out: everything is computed in f32"),
];

/// Arguments that this version does not have, with what it does instead.
#[rustfmt::skip]
pub(crate) const NOT_YET: &[(&str, &str)] = &[
    ("auto_find_batch_size", "the batch size is the one given"),
    ("mixed_precision", "everything is computed in f32"),
    ("fp16", "everything is computed in f32"),
    ("bf16", "everything is computed in f32"),
    ("tf32", "everything is computed in f32"),
    ("fp16_full_eval", "everything is computed in f32"),
    ("bf16_full_eval", "everything is computed in f32"),
    ("use_liger_kernel", "the kernels are those of candle"),
    ("deepspeed", "a run is one process on one device"),
    ("fsdp", "a run is one process on one device"),
    ("fsdp_config", "a run is one process on one device"),
    ("accelerator_config", "a run is one process on one device"),
    ("local_rank", "a run is one process on one device"),
    ("ddp_backend", "a run is one process on one device"),
    ("ddp_timeout", "a run is one process on one device"),
    ("ddp_find_unused_parameters", "a run is one process on one device"),
    ("tpu_num_cores", "a run is one process on one device"),
    ("optim_args", "the numbers of the optimiser are arguments, such as `adam_beta1`"),
    ("log_level", "what a run says does not depend on a level"),
];

/// The rules of the core over several arguments, with the arguments that each is about: first the one to change.
#[rustfmt::skip]
pub(crate) const RULES: &[(&str, &[&str])] = &[
    ("best_model_needs_an_evaluation", &["load_best_model_at_end", "eval_strategy"]),
    ("best_model_needs_matching_strategies", &["load_best_model_at_end", "save_strategy", "eval_strategy"]),
    ("best_model_needs_saves_at_evaluations", &["save_steps", "eval_steps", "logging_steps", "load_best_model_at_end", "save_strategy", "eval_strategy"]),
    ("saving_the_best_needs_an_evaluation", &["save_strategy", "eval_strategy"]),
    ("early_stopping_needs_an_evaluation", &["early_stopping_patience", "eval_strategy"]),
    ("early_stopping_needs_a_metric", &["early_stopping_patience", "metric_for_best_model", "load_best_model_at_end"]),
    ("plateau_needs_an_evaluation", &["lr_scheduler_type", "eval_strategy"]),
    ("warmup_needs_a_schedule_with_one", &["warmup_steps", "warmup_ratio", "lr_scheduler_type"]),
    ("decay_needs_its_steps", &["lr_scheduler_type", "num_decay_steps"]),
    ("minimum_needs_its_value", &["lr_scheduler_type", "min_lr", "min_lr_rate"]),
    ("minimum_is_given_once", &["min_lr_rate", "min_lr", "lr_scheduler_type"]),
    ("restarts_are_counted", &["num_cycles", "lr_scheduler_type"]),
    ("device_is_in_this_build", &["device"]),
];

/// A rule of the core over arguments and the trainer that they are for.
pub(crate) struct Agreement {
    /// The rule.
    pub(crate) rule: &'static str,
    /// Its constant of `Agrees`.
    pub(crate) constant: &'static str,
    /// What it asks of the argument, to follow the argument's name in the compiler's words.
    pub(crate) asks: &'static str,
    /// The arguments at which it is answered: at the first of them that is written.
    pub(crate) at: &'static [&'static str],
    /// The others that must be known.
    pub(crate) about: &'static [&'static str],
}

/// What the number of updates follows from.
pub(crate) const LENGTH: &[&str] = &[
    "max_steps",
    "num_train_epochs",
    "per_device_train_batch_size",
    "gradient_accumulation_steps",
    "dataloader_drop_last",
];

/// The rules of the core over arguments and the trainer that they are for.
pub(crate) const AGREEMENTS: &[Agreement] = &[
    Agreement {
        rule: "evaluation_needs_a_dataset",
        constant: "EVAL_STRATEGY",
        asks: "needs_an_eval_dataset",
        at: &["eval_strategy"],
        about: &[],
    },
    Agreement {
        rule: "evaluation_on_start_needs_a_dataset",
        constant: "EVAL_ON_START",
        asks: "needs_an_eval_dataset",
        at: &["eval_on_start"],
        about: &["eval_strategy"],
    },
    Agreement {
        rule: "best_metric_is_computed",
        constant: "METRIC_FOR_BEST_MODEL",
        asks: "is_given_by_a_metric",
        at: &["metric_for_best_model"],
        about: &[],
    },
    Agreement {
        rule: "warmup_ends",
        constant: "WARMUP",
        asks: "ends_before_the_run",
        at: &["warmup_steps", "warmup_ratio"],
        about: LENGTH,
    },
    Agreement {
        rule: "evaluations_are_within_the_run",
        constant: "EVAL_STEPS",
        asks: "is_within_the_run",
        at: &["eval_steps", "logging_steps"],
        about: &[
            "eval_strategy",
            "max_steps",
            "num_train_epochs",
            "per_device_train_batch_size",
            "gradient_accumulation_steps",
            "dataloader_drop_last",
        ],
    },
    Agreement {
        rule: "checkpoints_are_within_the_run",
        constant: "SAVE_STEPS",
        asks: "is_within_the_run",
        at: &["save_steps"],
        about: &[
            "save_strategy",
            "max_steps",
            "num_train_epochs",
            "per_device_train_batch_size",
            "gradient_accumulation_steps",
            "dataloader_drop_last",
        ],
    },
    Agreement {
        rule: "max_length_is_within_the_positions",
        constant: "MAX_LENGTH",
        asks: "is_within_the_positions",
        at: &["max_length"],
        about: &[],
    },
];

/// The argument of that name or alias.
pub(crate) fn standard(written: &str) -> Option<&'static Known> {
    let name = ALIASES.iter().find(|(alias, _)| *alias == written).map_or(written, |(_, name)| name);
    NAMES.iter().find(|known| known.name == name)
}

/// What to say, and what to write, for a name that is no argument of this version although it is one elsewhere.
pub(crate) fn answer(written: &str) -> Option<(String, String)> {
    if let Some((_, instead)) = NOT_YET.iter().find(|(name, _)| *name == written) {
        let help = format!("leave it out: {instead}");
        return Some((format!("`{written}` does not exist in this version"), help));
    }
    let (_, write) = FOREIGN.iter().find(|(name, _)| *name == written)?;
    let help = if write.starts_with("leave") { (*write).to_owned() } else { format!("write {write}") };
    Some((format!("`{written}` is not a training argument"), help))
}
