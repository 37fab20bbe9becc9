//! The arguments by name: their values as text, and whether all of them work.

use super::Warmup;
use super::names::NAMES;
use super::rules;
use super::training_arguments::TrainingArguments;
use super::value::{ArgumentValue, ValueKind};
use super::words::Verdict;
use crate::error::{Error, ErrorKind, Result};

/// Reads and writes each named field as text, through the field's own type.
macro_rules! by_name {
    ($($name:ident)+; lr_scheduler_kwargs: $($parameter:ident)+) => {
        impl TrainingArguments {
            /// The value of an argument as files spell it; `none` if it has none, `None` if there is no such argument.
            pub fn text(&self, name: &str) -> Option<String> {
                match name {
                    $(stringify!($name) => Some(self.$name.to_text()),)+
                    $(stringify!($parameter) => Some(self.lr_scheduler_kwargs.$parameter.to_text()),)+
                    "warmup_steps" => Some(self.warmup.to_text()),
                    "warmup_ratio" => Some(match self.warmup {
                        Warmup::Ratio(ratio) => ratio.to_text(),
                        Warmup::Steps(_) => "none".to_owned(),
                    }),
                    _ => None,
                }
            }

            /// Sets an argument by its name to the value that a text says.
            ///
            /// # Errors
            /// What the value must be, for a text that is none; nothing else about the value is checked.
            pub(super) fn set_text(&mut self, name: &str, text: &str) -> std::result::Result<(), String> {
                match name {
                    $(stringify!($name) => self.$name = ArgumentValue::from_text(text)?,)+
                    $(stringify!($parameter) => self.lr_scheduler_kwargs.$parameter = ArgumentValue::from_text(text)?,)+
                    "warmup_steps" => self.warmup = ArgumentValue::from_text(text)?,
                    "warmup_ratio" => self.warmup = Warmup::Ratio(ArgumentValue::from_text(text)?),
                    _ => {}
                }
                Ok(())
            }

            /// What an argument takes.
            fn kind(&self, name: &str) -> Option<ValueKind> {
                fn of<T: ArgumentValue>(_: &T) -> ValueKind {
                    T::KIND
                }
                match name {
                    $(stringify!($name) => Some(of(&self.$name)),)+
                    $(stringify!($parameter) => Some(of(&self.lr_scheduler_kwargs.$parameter)),)+
                    "warmup_steps" | "warmup_ratio" => Some(Warmup::KIND),
                    _ => None,
                }
            }

            fn number(&self, name: &str) -> Option<f64> {
                match name {
                    $(stringify!($name) => self.$name.as_number(),)+
                    $(stringify!($parameter) => self.lr_scheduler_kwargs.$parameter.as_number(),)+
                    "warmup_steps" => self.warmup.as_number().filter(|_| matches!(self.warmup, Warmup::Steps(_))),
                    "warmup_ratio" => self.warmup.as_number().filter(|_| matches!(self.warmup, Warmup::Ratio(_))),
                    _ => None,
                }
            }
        }
    };
}

by_name! {
    output_dir num_train_epochs max_steps per_device_train_batch_size per_device_eval_batch_size
    gradient_accumulation_steps max_tokens_per_chunk gradient_checkpointing learning_rate weight_decay adam_beta1
    adam_beta2 adam_epsilon max_grad_norm optim lr_scheduler_type label_smoothing_factor neftune_noise_alpha do_train do_eval eval_strategy eval_steps eval_delay eval_on_start
    save_strategy save_steps save_total_limit logging_strategy logging_steps logging_first_step logging_dir run_name
    report_to load_best_model_at_end metric_for_best_model greater_is_better early_stopping_patience
    early_stopping_threshold group_by_length dataloader_drop_last max_length generation_max_length generation_num_beams seed data_seed resume_from_checkpoint
    num_threads device;
    lr_scheduler_kwargs: num_cycles power lr_end min_lr max_lr min_lr_rate warmup_lr_rate timescale num_stable_steps
    num_decay_steps min_lr_ratio warmup_type decay_type plateau_mode plateau_factor plateau_patience plateau_threshold
    plateau_threshold_mode plateau_cooldown plateau_warmup plateau_eps plateau_smooth plateau_window_size
    plateau_reset_start
}

/// What a rule refused: the arguments that it is about, the first of them the one to change.
pub(super) struct Refusal {
    pub(super) about: Vec<&'static str>,
    message: String,
    help: String,
}

impl Refusal {
    fn new(about: &[&'static str], verdict: &Verdict) -> Option<Self> {
        let Verdict::Refused { message, help } = verdict else { return None };
        let (message, help) = (message.as_str().to_owned(), help.as_str().to_owned());
        Some(Self { about: about.to_vec(), message, help })
    }

    pub(super) fn into_error(self) -> Error {
        let error = Error::new(ErrorKind::Arguments, self.message);
        if self.help.is_empty() { error } else { error.help(self.help) }
    }
}

impl TrainingArguments {
    /// Whether every value can work, alone and with the others.
    ///
    /// # Errors
    /// The first rule that refuses, in the words that the compiler uses for the same rule in an attribute.
    pub fn validate(&self) -> Result<()> {
        self.refusal(|_| None).map_or(Ok(()), |refusal| Err(refusal.into_error()))
    }

    /// The first rule that refuses; `spelled` is how the user spelled an argument, where that is known.
    pub(super) fn refusal(&self, spelled: impl Fn(&str) -> Option<String>) -> Option<Refusal> {
        let numbers = NAMES.iter().filter_map(|known| Some((known.name, self.number(known.name)?)));
        let mut in_range = numbers.filter_map(|(name, number)| {
            let written = spelled(name).or_else(|| self.text(name)).unwrap_or_default();
            // A field `warmup_steps` of 0.1 is a share like `warmup_ratio`, but it is called what the user calls it.
            let called =
                if name == "warmup_ratio" && spelled("warmup_steps").is_some() { "warmup_steps" } else { name };
            let written = spelled(called).unwrap_or(written);
            Refusal::new(&[called], &rules::in_range(called, number, &written))
        });
        in_range.next().or_else(|| self.refused_combination())
    }

    fn refused_combination(&self) -> Option<Refusal> {
        let given = self.lr_scheduler_kwargs.given();
        let facts = self.facts(&given);
        let strange = given.iter().find_map(|parameter| {
            let verdict = rules::schedule_takes(self.lr_scheduler_type, parameter);
            Refusal::new(&[*parameter, "lr_scheduler_type"], &verdict)
        });
        strange.or_else(|| {
            rules::ALL.iter().find_map(|(name, rule)| {
                let about =
                    super::names::RULES.iter().find(|(rule, _)| rule == name).map_or(&[][..], |(_, about)| about);
                Refusal::new(about, &rule(&facts))
            })
        })
    }
}

/// What the training argument of that name takes, if there is one.
pub(super) fn kind_of(name: &str) -> Option<ValueKind> {
    TrainingArguments::default().kind(name)
}

/// Whether a text is a value of the training argument of that name.
///
/// # Errors
/// What it must be.
pub(super) fn reads_as(name: &str, text: &str) -> std::result::Result<(), String> {
    if text == "none" {
        return Ok(());
    }
    TrainingArguments::default().set_text(name, text)
}

#[cfg(test)]
mod tests {
    use super::super::names::{AGREEMENTS, Kind, RULES};
    use super::super::{IntervalStrategy, SaveStrategy, SchedulerType, StepsOrRatio};
    use super::*;

    #[test]
    fn every_name_is_a_field_with_the_default_that_the_names_say() {
        for known in NAMES {
            let text = TrainingArguments::default().text(known.name).expect(known.name);
            let mut same = TrainingArguments::default();
            if known.name == "warmup_ratio" {
                continue;
            }
            same.set_text(known.name, known.default).expect(known.name);
            assert_eq!(same.text(known.name), Some(text), "{}", known.name);
        }
    }

    #[test]
    fn every_example_is_a_value_of_its_argument() {
        for known in NAMES {
            let text = known.example.trim_matches(['"', '[', ']']).trim_matches('"');
            let mut arguments = TrainingArguments::default();
            assert_eq!(arguments.set_text(known.name, text), Ok(()), "{}", known.name);
            let read = arguments.text(known.name).expect(known.name);
            let (Kind::Number | Kind::Whole | Kind::Steps) = known.kind else {
                assert_eq!(read, text, "{}", known.name);
                continue;
            };
            assert_eq!(read.parse::<f64>(), text.parse::<f64>(), "{}", known.name);
        }
    }

    #[test]
    fn every_rule_says_what_it_is_about() {
        let rules: Vec<&str> = rules::ALL.iter().map(|(name, _)| *name).collect();
        let about: Vec<&str> = RULES.iter().map(|(name, _)| *name).collect();
        assert_eq!(rules, about);
        for name in RULES.iter().flat_map(|(_, about)| *about) {
            assert!(TrainingArguments::default().text(name).is_some(), "{name}");
        }
    }

    #[test]
    fn every_agreement_is_about_arguments() {
        for name in AGREEMENTS.iter().flat_map(|agreement| agreement.at.iter().chain(agreement.about)) {
            assert!(TrainingArguments::default().text(name).is_some(), "{name}");
        }
    }

    fn refused(arguments: &TrainingArguments) -> String {
        arguments.validate().expect_err("these cannot work").to_string()
    }

    #[test]
    fn the_defaults_work() {
        assert!(TrainingArguments::default().validate().is_ok());
    }

    #[test]
    fn a_number_out_of_range_is_named_with_what_it_must_be() {
        let arguments = TrainingArguments { learning_rate: -1.0, ..TrainingArguments::default() };
        let message = "`learning_rate` is -1.0, but must be above 0\nhelp: for fine-tuning, 1e-5 to 5e-4 is usual";
        assert_eq!(refused(&arguments), message);
        let arguments = TrainingArguments { warmup: Warmup::Ratio(3.0), ..TrainingArguments::default() };
        assert!(refused(&arguments).starts_with("`warmup_ratio` is 3.0, but must be between 0 and 1"));
    }

    #[test]
    fn loading_the_best_model_needs_checkpoints_at_the_evaluations() {
        let best = TrainingArguments { load_best_model_at_end: true, ..TrainingArguments::default() };
        assert!(
            refused(&best).starts_with("`load_best_model_at_end` compares evaluations, but `eval_strategy` is \"no\"")
        );
        let mut differ = TrainingArguments { eval_strategy: IntervalStrategy::Epoch, ..best.clone() };
        assert!(refused(&differ).contains("`save_strategy` is \"steps\" and `eval_strategy` is \"epoch\""));
        differ.save_strategy = SaveStrategy::Best;
        assert!(differ.validate().is_ok());

        let mut steps = TrainingArguments { eval_strategy: IntervalStrategy::Steps, ..best };
        assert!(steps.validate().is_ok());
        steps.eval_steps = Some(StepsOrRatio::Steps(300));
        assert!(refused(&steps).contains("they are 500 and 300\nhelp: for example `save_steps = 300`"));
        steps.save_steps = StepsOrRatio::Ratio(0.3);
        assert!(refused(&steps).contains("cannot compare a count with a share"));
        steps.eval_steps = Some(StepsOrRatio::Ratio(0.1));
        assert!(steps.validate().is_ok());
        steps.eval_steps = Some(StepsOrRatio::Ratio(0.2));
        assert!(refused(&steps).contains("to be a multiple of `eval_steps`"));
    }

    #[test]
    fn early_stopping_needs_an_evaluation_and_a_metric() {
        let mut stopping = TrainingArguments { early_stopping_patience: Some(2), ..TrainingArguments::default() };
        assert!(refused(&stopping).contains("counts evaluations"));
        stopping.eval_strategy = IntervalStrategy::Epoch;
        assert!(refused(&stopping).contains("`metric_for_best_model` is not given"));
        stopping.metric_for_best_model = Some("f1".to_owned());
        assert!(stopping.validate().is_ok());
    }

    #[test]
    fn a_schedule_has_what_it_needs_and_nothing_else() {
        let mut arguments =
            TrainingArguments { lr_scheduler_type: SchedulerType::WarmupStableDecay, ..TrainingArguments::default() };
        assert!(refused(&arguments).contains("needs `num_decay_steps`"));
        arguments.lr_scheduler_kwargs.num_decay_steps = Some(10);
        assert!(arguments.validate().is_ok());
        arguments.lr_scheduler_kwargs.power = Some(2.0);
        assert!(
            refused(&arguments).starts_with("`power` has no meaning for `lr_scheduler_type = \"warmup_stable_decay\"`")
        );

        let mut cosine =
            TrainingArguments { lr_scheduler_type: SchedulerType::CosineWithMinLr, ..TrainingArguments::default() };
        assert!(refused(&cosine).contains("needs its lowest rate"));
        cosine.lr_scheduler_kwargs.min_lr = Some(1e-6);
        assert!(cosine.validate().is_ok());
        cosine.lr_scheduler_kwargs.min_lr_rate = Some(0.1);
        assert!(refused(&cosine).contains("both say the lowest rate"));

        let mut restarts =
            TrainingArguments { lr_scheduler_type: SchedulerType::CosineWithRestarts, ..TrainingArguments::default() };
        assert!(restarts.validate().is_ok());
        restarts.lr_scheduler_kwargs.num_cycles = Some(1.5);
        assert!(refused(&restarts).starts_with("`num_cycles` must be a whole number of at least 1"));
        restarts.lr_scheduler_kwargs.num_cycles = Some(3.0);
        assert!(restarts.validate().is_ok());

        let mut constant =
            TrainingArguments { lr_scheduler_type: SchedulerType::Constant, ..TrainingArguments::default() };
        constant.warmup = Warmup::Steps(10);
        assert!(refused(&constant).contains("constant_with_warmup"));
        let plateau =
            TrainingArguments { lr_scheduler_type: SchedulerType::ReduceLrOnPlateau, ..TrainingArguments::default() };
        assert!(refused(&plateau).contains("follows the evaluation's metric"));
    }
}
