//! The rules over several arguments, each a `const fn` with its words in it.
//!
//! `#[derive(TrainingArgs)]` has the compiler run them on what the attribute fixes and the defaults say;
//! [`TrainingArguments::validate`](super::TrainingArguments::validate) runs the same ones on what a file, a flag or code has set.

use super::choice::{ComputeDevice, IntervalStrategy, SaveStrategy, SchedulerType, StepsOrRatio, Warmup};
use super::facts::Facts;
pub use super::ranges::in_range;
pub use super::surroundings::{
    best_metric_is_computed, checkpoints_are_within_the_run, evaluation_needs_a_dataset,
    evaluation_on_start_needs_a_dataset, evaluations_are_within_the_run, length_fits,
    max_length_is_within_the_positions, warmup_ends,
};
pub use super::words::{Verdict, Words, accept, where_each_works};
pub(crate) use super::words::{contains, nearest, same, words};

/// A rule, by the name that generated code calls it.
pub(super) type Rule = (&'static str, fn(&Facts<'_>) -> Verdict);

/// Every rule over several arguments; `names::RULES` says which arguments each one is about.
pub(super) const ALL: &[Rule] = &[
    ("best_model_needs_an_evaluation", best_model_needs_an_evaluation),
    ("best_model_needs_matching_strategies", best_model_needs_matching_strategies),
    ("best_model_needs_saves_at_evaluations", best_model_needs_saves_at_evaluations),
    ("saving_the_best_needs_an_evaluation", saving_the_best_needs_an_evaluation),
    ("early_stopping_needs_an_evaluation", early_stopping_needs_an_evaluation),
    ("early_stopping_needs_a_metric", early_stopping_needs_a_metric),
    ("plateau_needs_an_evaluation", plateau_needs_an_evaluation),
    ("warmup_needs_a_schedule_with_one", warmup_needs_a_schedule_with_one),
    ("decay_needs_its_steps", decay_needs_its_steps),
    ("minimum_needs_its_value", minimum_needs_its_value),
    ("minimum_is_given_once", minimum_is_given_once),
    ("restarts_are_counted", restarts_are_counted),
    ("device_is_in_this_build", device_is_in_this_build),
];

/// The best model is the one whose evaluation was best, so there must be evaluations.
pub const fn best_model_needs_an_evaluation(facts: &Facts<'_>) -> Verdict {
    if !facts.load_best_model_at_end || facts.evaluates() {
        return Verdict::Accepted;
    }
    Verdict::refused(
        words("`load_best_model_at_end` compares evaluations, but `eval_strategy` is \"no\""),
        words(
            "write `eval_strategy = \"epoch\"` and `save_strategy = \"epoch\"`, or leave `load_best_model_at_end` out",
        ),
    )
}

/// The best model is loaded from the checkpoint of its evaluation, so both must happen at the same moments.
pub const fn best_model_needs_matching_strategies(facts: &Facts<'_>) -> Verdict {
    let (save, evaluation) = (facts.save_strategy.name(), facts.eval_strategy.name());
    let best = matches!(facts.save_strategy, SaveStrategy::Best);
    if !facts.load_best_model_at_end || !facts.evaluates() || best || same(save, evaluation) {
        return Verdict::Accepted;
    }
    let message = words("`load_best_model_at_end` needs a checkpoint for each evaluation, but `save_strategy` is \"")
        .then(save)
        .then("\" and `eval_strategy` is \"")
        .then(evaluation)
        .then("\"");
    Verdict::refused(
        message,
        words("write `save_strategy = \"").then(evaluation).then("\"`, or `save_strategy = \"best\"`"),
    )
}

/// With steps, every checkpoint must fall on an evaluation.
pub const fn best_model_needs_saves_at_evaluations(facts: &Facts<'_>) -> Verdict {
    let steps =
        matches!(facts.save_strategy, SaveStrategy::Steps) && matches!(facts.eval_strategy, IntervalStrategy::Steps);
    if !facts.load_best_model_at_end || !steps {
        return Verdict::Accepted;
    }
    let evaluation = if facts.eval_steps.is_some() { "`eval_steps`" } else { "`logging_steps`" };
    match (facts.save_steps, facts.eval_interval()) {
        (StepsOrRatio::Steps(save), StepsOrRatio::Steps(each)) if each > 0 && save % each != 0 => {
            let message = words("`load_best_model_at_end` needs `save_steps` to be a multiple of ")
                .then(evaluation)
                .then(", but they are ")
                .number(save as i128)
                .then(" and ")
                .number(each as i128);
            let nearby = if save < each { each } else { save - save % each };
            Verdict::refused(message, words("for example `save_steps = ").number(nearby as i128).then("`"))
        }
        (StepsOrRatio::Ratio(save), StepsOrRatio::Ratio(each)) if !is_multiple(save, each) => Verdict::refused(
            words("`load_best_model_at_end` needs the share `save_steps` to be a multiple of ").then(evaluation),
            words("write the same share for both"),
        ),
        (StepsOrRatio::Steps(_), StepsOrRatio::Steps(_)) | (StepsOrRatio::Ratio(_), StepsOrRatio::Ratio(_)) => {
            Verdict::Accepted
        }
        _ => Verdict::refused(
            words("`load_best_model_at_end` cannot compare a count with a share: one of `save_steps` and ")
                .then(evaluation)
                .then(" is below 1"),
            words("write both as counts, or both as shares"),
        ),
    }
}

/// Shares are compared to a millionth, as Hugging Face does.
const fn is_multiple(share: f64, of: f64) -> bool {
    const SCALE: f64 = 1_000_000.0;
    let (share, of) = ((share * SCALE + 0.5) as u64, (of * SCALE + 0.5) as u64);
    of == 0 || share.is_multiple_of(of)
}

/// Saving the best model means saving after an evaluation that is the best so far.
pub const fn saving_the_best_needs_an_evaluation(facts: &Facts<'_>) -> Verdict {
    if !matches!(facts.save_strategy, SaveStrategy::Best) || facts.evaluates() {
        return Verdict::Accepted;
    }
    Verdict::refused(
        words("`save_strategy` is \"best\", but `eval_strategy` is \"no\": nothing says what is best"),
        words("write `eval_strategy = \"epoch\"`, or another `save_strategy`"),
    )
}

/// Patience counts evaluations.
pub const fn early_stopping_needs_an_evaluation(facts: &Facts<'_>) -> Verdict {
    if facts.early_stopping_patience.is_none() || facts.evaluates() {
        return Verdict::Accepted;
    }
    Verdict::refused(
        words("`early_stopping_patience` counts evaluations, but `eval_strategy` is \"no\""),
        words("write `eval_strategy = \"epoch\"`, or leave `early_stopping_patience` out"),
    )
}

/// Patience waits for a better metric; the loss is taken only where the best model is loaded at the end.
pub const fn early_stopping_needs_a_metric(facts: &Facts<'_>) -> Verdict {
    let metric = facts.metric_for_best_model.is_some() || facts.load_best_model_at_end;
    if facts.early_stopping_patience.is_none() || metric {
        return Verdict::Accepted;
    }
    Verdict::refused(
        words("`early_stopping_patience` waits for a better metric, but `metric_for_best_model` is not given"),
        words("write `metric_for_best_model = \"loss\"`, or the name of one of your metrics"),
    )
}

/// A plateau is one of the evaluation's metric.
pub const fn plateau_needs_an_evaluation(facts: &Facts<'_>) -> Verdict {
    let plateau = matches!(facts.lr_scheduler_type, SchedulerType::ReduceLrOnPlateau | SchedulerType::Greedy);
    if !plateau || facts.evaluates() {
        return Verdict::Accepted;
    }
    let message = words("`lr_scheduler_type = \"")
        .then(facts.lr_scheduler_type.name())
        .then("\"` follows the evaluation's metric, but `eval_strategy` is \"no\"");
    Verdict::refused(message, words("write `eval_strategy = \"epoch\"`, or another `lr_scheduler_type`"))
}

/// Some schedules have no warm-up, and would drop it.
pub const fn warmup_needs_a_schedule_with_one(facts: &Facts<'_>) -> Verdict {
    let given = match facts.warmup {
        Warmup::Steps(steps) => steps > 0,
        Warmup::Ratio(ratio) => ratio > 0.0,
    };
    let name = facts.lr_scheduler_type;
    if !given || !matches!(name, SchedulerType::Constant | SchedulerType::ReduceLrOnPlateau | SchedulerType::Greedy) {
        return Verdict::Accepted;
    }
    Verdict::refused(
        words("a warm-up is given, but `lr_scheduler_type = \"").then(name.name()).then("\"` has none"),
        words("write `lr_scheduler_type = \"constant_with_warmup\"`, or leave the warm-up out"),
    )
}

/// The decay at the end of `warmup_stable_decay` has no length of its own.
pub const fn decay_needs_its_steps(facts: &Facts<'_>) -> Verdict {
    let decays = matches!(facts.lr_scheduler_type, SchedulerType::WarmupStableDecay);
    if !decays || contains(facts.scheduler_parameters, "num_decay_steps") {
        return Verdict::Accepted;
    }
    Verdict::refused(
        words("`lr_scheduler_type = \"warmup_stable_decay\"` needs `num_decay_steps`"),
        words("write `num_decay_steps = 100`, the number of updates of decay"),
    )
}

const fn has_minimum(facts: &Facts<'_>) -> bool {
    matches!(facts.lr_scheduler_type, SchedulerType::CosineWithMinLr | SchedulerType::CosineWarmupWithMinLr)
}

/// A cosine with a lowest rate needs that rate.
pub const fn minimum_needs_its_value(facts: &Facts<'_>) -> Verdict {
    let given = contains(facts.scheduler_parameters, "min_lr") || contains(facts.scheduler_parameters, "min_lr_rate");
    if !has_minimum(facts) || given {
        return Verdict::Accepted;
    }
    let message =
        words("`lr_scheduler_type = \"").then(facts.lr_scheduler_type.name()).then("\"` needs its lowest rate");
    Verdict::refused(message, words("write `min_lr = 1e-6`, or `min_lr_rate = 0.1` for a tenth of `learning_rate`"))
}

/// The lowest rate is said once: as a rate or as a share.
pub const fn minimum_is_given_once(facts: &Facts<'_>) -> Verdict {
    let both = contains(facts.scheduler_parameters, "min_lr") && contains(facts.scheduler_parameters, "min_lr_rate");
    if !has_minimum(facts) || !both {
        return Verdict::Accepted;
    }
    Verdict::refused(words("`min_lr` and `min_lr_rate` both say the lowest rate"), words("keep one of them"))
}

/// A cosine starts again so many times.
pub const fn restarts_are_counted(facts: &Facts<'_>) -> Verdict {
    let Some(cycles) = facts.num_cycles else { return Verdict::Accepted };
    let restarts = matches!(facts.lr_scheduler_type, SchedulerType::CosineWithRestarts);
    if !restarts || (cycles >= 1.0 && cycles % 1.0 == 0.0) {
        return Verdict::Accepted;
    }
    Verdict::refused(
        words("`num_cycles` must be a whole number of at least 1 for `lr_scheduler_type = \"cosine_with_restarts\"`"),
        words("`num_cycles = 2` starts at the full rate twice"),
    )
}

/// A device is there when the crate was built for it.
pub const fn device_is_in_this_build(facts: &Facts<'_>) -> Verdict {
    let missing = match facts.device {
        ComputeDevice::Cuda(_) if !cfg!(feature = "cuda") => "cuda",
        ComputeDevice::Metal(_) if !cfg!(feature = "metal") => "metal",
        _ => return Verdict::Accepted,
    };
    Verdict::refused(
        words("`device` is \"").then(missing).then("\", but this build has no ").then(missing),
        words("give `trainer-core` the feature `").then(missing).then("`, or write `device = \"cpu\"`"),
    )
}

const PLATEAU: &[&str] = &[
    "min_lr",
    "plateau_mode",
    "plateau_factor",
    "plateau_patience",
    "plateau_threshold",
    "plateau_threshold_mode",
    "plateau_cooldown",
    "plateau_eps",
    "max_lr",
    "plateau_warmup",
    "plateau_smooth",
    "plateau_window_size",
    "plateau_reset_start",
];

/// What a schedule takes beside the warm-up.
const fn parameters_of(schedule: SchedulerType) -> &'static [&'static str] {
    match schedule {
        SchedulerType::Linear | SchedulerType::Constant | SchedulerType::ConstantWithWarmup => &[],
        SchedulerType::Cosine | SchedulerType::CosineWithRestarts => &["num_cycles"],
        SchedulerType::Polynomial => &["power", "lr_end"],
        SchedulerType::InverseSqrt => &["timescale"],
        SchedulerType::CosineWithMinLr => &["num_cycles", "min_lr", "min_lr_rate"],
        SchedulerType::CosineWarmupWithMinLr => &["num_cycles", "min_lr", "min_lr_rate", "warmup_lr_rate"],
        SchedulerType::WarmupStableDecay => {
            &["num_stable_steps", "num_decay_steps", "min_lr_ratio", "warmup_type", "decay_type", "num_cycles"]
        }
        SchedulerType::ReduceLrOnPlateau => PLATEAU.split_at(8).0,
        SchedulerType::Greedy => PLATEAU,
    }
}

/// A parameter of a schedule is given only with a schedule that takes it.
pub const fn schedule_takes(schedule: SchedulerType, parameter: &str) -> Verdict {
    let takes = parameters_of(schedule);
    if contains(takes, parameter) {
        return Verdict::Accepted;
    }
    let message = words("`")
        .then(parameter)
        .then("` has no meaning for `lr_scheduler_type = \"")
        .then(schedule.name())
        .then("\"`");
    let help = if takes.is_empty() { words("leave it out") } else { words("this schedule takes ").list(takes) };
    Verdict::refused(message, help)
}

/// A name is one of the choices.
pub const fn is_a_choice(name: &str, written: &str, choices: &[&str]) -> Verdict {
    if contains(choices, written) {
        return Verdict::Accepted;
    }
    let message = words("`").then(name).then("` cannot be \"").then(written).then("\"");
    let help = match nearest(written, choices) {
        Some(near) => words("did you mean \"").then(near).then("\"?"),
        None => words("choices are ").list(choices),
    };
    Verdict::refused(message, help)
}

/// A name is a device.
pub const fn is_a_device(written: &str) -> Verdict {
    if ComputeDevice::from_name(written).is_some() {
        return Verdict::Accepted;
    }
    let message = words("`device` cannot be \"").then(written).then("\"");
    Verdict::refused(message, words("write \"cpu\", \"cuda\", \"cuda:1\" or \"metal\""))
}
