//! What every single number may be.
//!
//! One row per argument, and one rule over them, [`in_range`], which the compiler runs on attributes and
//! [`TrainingArguments::validate`](super::TrainingArguments::validate) on everything else.

use super::words::{Verdict, Words, same};

/// Which numbers an argument accepts.
struct Range {
    name: &'static str,
    low: f64,
    above_low: bool,
    high: f64,
    with_high: bool,
    whole: bool,
    must: &'static str,
    help: &'static str,
}

const fn least(name: &'static str, low: f64, must: &'static str, help: &'static str) -> Range {
    Range { name, low, above_low: false, high: f64::INFINITY, with_high: false, whole: false, must, help }
}

const fn above(name: &'static str, low: f64, must: &'static str, help: &'static str) -> Range {
    Range { above_low: true, ..least(name, low, must, help) }
}

const fn whole(name: &'static str, low: f64, must: &'static str, help: &'static str) -> Range {
    Range { whole: true, ..least(name, low, must, help) }
}

const fn below_one(name: &'static str, help: &'static str) -> Range {
    Range { high: 1.0, ..least(name, 0.0, "at least 0 and below 1", help) }
}

const fn share(name: &'static str, help: &'static str) -> Range {
    Range { high: 1.0, with_high: true, ..least(name, 0.0, "between 0 and 1", help) }
}

const POSITIVE: &str = "a whole number of at least 1";
const FROM_ZERO: &str = "a whole number of at least 0";
const NOT_NEGATIVE: &str = "at least 0";
const ABOVE_ZERO: &str = "above 0";
const INTERVAL: &str = "a whole number of at least 1, or a share between 0 and 1";

/// The arguments that take `100` or `0.1`: updates from 1 on, or a share of all of them.
const INTERVALS: &[&str] = &["eval_steps", "save_steps", "logging_steps"];

#[rustfmt::skip]
const RANGES: &[Range] = &[
    above("num_train_epochs", 0.0, ABOVE_ZERO, "the usual number is 3; `max_steps` counts updates instead"),
    whole("max_steps", 1.0, POSITIVE, "leave it out to train for `num_train_epochs`"),
    whole("per_device_train_batch_size", 1.0, POSITIVE, "for example `per_device_train_batch_size = 8`"),
    whole("per_device_eval_batch_size", 1.0, POSITIVE, "for example `per_device_eval_batch_size = 8`"),
    whole("gradient_accumulation_steps", 1.0, POSITIVE, "1 updates after every batch"),
    whole("max_tokens_per_chunk", 1.0, POSITIVE, "leave it out to take 4096; a row with more is computed alone"),
    above("learning_rate", 0.0, ABOVE_ZERO, "for fine-tuning, 1e-5 to 5e-4 is usual"),
    least("weight_decay", 0.0, NOT_NEGATIVE, "0 turns it off; 0.01 is usual"),
    below_one("adam_beta1", "the usual value is 0.9"),
    below_one("adam_beta2", "the usual value is 0.999"),
    above("adam_epsilon", 0.0, ABOVE_ZERO, "the usual value is 1e-8"),
    least("max_grad_norm", 0.0, NOT_NEGATIVE, "0 turns clipping off"),
    share("warmup_ratio", "a count of updates is written `warmup_steps`"),
    below_one("label_smoothing_factor", "0 turns it off; 0.1 is usual"),
    least("neftune_noise_alpha", 0.0, NOT_NEGATIVE, "0 turns it off; 5 to 15 is usual"),
    least("eval_delay", 0.0, NOT_NEGATIVE, "0 does not delay"),
    whole("save_total_limit", 1.0, POSITIVE, "leave it out to keep every checkpoint"),
    whole("early_stopping_patience", 1.0, POSITIVE, "leave it out to never stop early"),
    least("early_stopping_threshold", 0.0, NOT_NEGATIVE, "0 counts every better metric"),
    whole("max_length", 1.0, POSITIVE, "leave it out to take what the model and the tokenizer allow"),
    whole("generation_max_length", 1.0, POSITIVE, "leave it out to write at most 128 tokens"),
    whole("generation_num_beams", 1.0, POSITIVE, "1 searches without beams"),
    whole("seed", 0.0, FROM_ZERO, "for example `seed = 42`"),
    whole("data_seed", 0.0, FROM_ZERO, "leave it out to take `seed`"),
    whole("num_threads", 1.0, POSITIVE, "leave it out to use every physical core"),
    above("num_cycles", 0.0, ABOVE_ZERO, "0.5 is half a wave, down to the end"),
    above("power", 0.0, ABOVE_ZERO, "1 is a straight line"),
    least("lr_end", 0.0, NOT_NEGATIVE, "the usual value is 1e-7"),
    least("min_lr", 0.0, NOT_NEGATIVE, "0 goes down to nothing"),
    above("max_lr", 0.0, ABOVE_ZERO, "the usual value is 1"),
    share("min_lr_rate", "it is a share of `learning_rate`"),
    share("warmup_lr_rate", "it is a share of `learning_rate`"),
    whole("timescale", 1.0, POSITIVE, "the usual value is 10000"),
    whole("num_stable_steps", 0.0, FROM_ZERO, "leave it out to take what warm-up and decay leave"),
    whole("num_decay_steps", 1.0, POSITIVE, "it is the number of updates of decay"),
    share("min_lr_ratio", "it is a share of `learning_rate`"),
    Range { above_low: true, ..below("plateau_factor", "above 0 and below 1", "the usual value is 0.1") },
    whole("plateau_patience", 0.0, FROM_ZERO, "the usual value is 10"),
    least("plateau_threshold", 0.0, NOT_NEGATIVE, "the usual value is 1e-4"),
    whole("plateau_cooldown", 0.0, FROM_ZERO, "0 counts at once"),
    whole("plateau_warmup", 0.0, FROM_ZERO, "0 counts at once"),
    least("plateau_eps", 0.0, NOT_NEGATIVE, "the usual value is 1e-8"),
    whole("plateau_window_size", 1.0, POSITIVE, "the usual value is 50"),
    whole("plateau_reset_start", 1.0, POSITIVE, "the usual value is 500"),
];

const fn below(name: &'static str, must: &'static str, help: &'static str) -> Range {
    Range { must, ..below_one(name, help) }
}

/// Every number has its range: a NaN or an infinity is in none of them.
///
/// `written` is the value as the user spelled it.
pub const fn in_range(name: &str, value: f64, written: &str) -> Verdict {
    if same(name, "warmup_steps") {
        return warmup_steps(value, written);
    }
    let mut at = 0;
    while at < INTERVALS.len() {
        if same(INTERVALS[at], name) {
            return interval(name, value, written);
        }
        at += 1;
    }
    at = 0;
    while at < RANGES.len() {
        let range = &RANGES[at];
        if same(range.name, name) {
            return range.verdict(value, written);
        }
        at += 1;
    }
    Verdict::Accepted
}

/// The first whole number that does not fit 64 bits.
const TOO_LARGE: f64 = 18_446_744_073_709_551_616.0;

impl Range {
    const fn verdict(&self, value: f64, written: &str) -> Verdict {
        if self.whole && value >= TOO_LARGE && is_whole(value) {
            let must = "a whole number below 18446744073709551616, which is 2 to the 64th";
            return Verdict::refused(but_must_be(self.name, written, must), Words::new().then(self.help));
        }
        let low = if self.above_low { value > self.low } else { value >= self.low };
        let high = if self.with_high { value <= self.high } else { value < self.high };
        if low && high && (!self.whole || is_whole(value)) {
            return Verdict::Accepted;
        }
        Verdict::refused(but_must_be(self.name, written, self.must), Words::new().then(self.help))
    }
}

/// Warm-up is a count of updates, or a share of them when below 1.
const fn warmup_steps(value: f64, written: &str) -> Verdict {
    if value >= 0.0 && value < f64::INFINITY && (value < 1.0 || is_whole(value)) {
        return Verdict::Accepted;
    }
    let message = but_must_be("warmup_steps", written, "a whole number of at least 0, or a share below 1");
    Verdict::refused(
        message,
        Words::new().then("`warmup_steps = 100` is 100 updates, `warmup_steps = 0.1` a tenth of them"),
    )
}

/// An interval is a count of updates, or a share of them when below 1; every 0 updates is never.
const fn interval(name: &str, value: f64, written: &str) -> Verdict {
    if value > 0.0 && value < f64::INFINITY && (value < 1.0 || is_whole(value)) {
        return Verdict::Accepted;
    }
    let help = Words::new().then("`").then(name).then(" = 100` is every 100 updates; the strategy `no` turns it off");
    Verdict::refused(but_must_be(name, written, INTERVAL), help)
}

const fn is_whole(value: f64) -> bool {
    value % 1.0 == 0.0
}

/// The first line of a refused value.
pub(super) const fn but_must_be(name: &str, written: &str, must: &str) -> Words {
    Words::new().then("`").then(name).then("` is ").then(written).then(", but must be ").then(must)
}

#[cfg(test)]
mod tests {
    use super::super::names::{Kind, NAMES};
    use super::*;

    #[test]
    fn every_argument_that_is_a_number_has_a_range() {
        for known in NAMES.iter().filter(|known| matches!(known.kind, Kind::Number | Kind::Whole | Kind::Steps)) {
            for wrong in [f64::NAN, f64::INFINITY, -1.0] {
                assert!(!in_range(known.name, wrong, "it").is_accepted(), "{} accepts {wrong}", known.name);
            }
            let example: f64 = known.example.parse().unwrap();
            assert!(in_range(known.name, example, "it").is_accepted(), "{} refuses its example", known.name);
            if let Ok(default) = known.default.parse() {
                assert!(in_range(known.name, default, "it").is_accepted(), "{} refuses its default", known.name);
            }
        }
    }

    #[test]
    fn a_range_ends_where_it_says() {
        for (name, value, accepted) in [
            ("adam_beta1", 0.0, true),
            ("adam_beta1", 1.0, false),
            ("warmup_ratio", 1.0, true),
            ("warmup_ratio", 3.0, false),
            ("warmup_steps", 0.1, true),
            ("warmup_steps", 1.5, false),
            ("gradient_accumulation_steps", 0.0, false),
            ("label_smoothing_factor", 1.2, false),
            ("learning_rate", 0.0, false),
            ("save_steps", 0.0, false),
            ("save_steps", 0.25, true),
            ("save_steps", 2.5, false),
            ("plateau_factor", 0.0, false),
            ("plateau_factor", 1.0, false),
            ("max_grad_norm", 0.0, true),
        ] {
            assert_eq!(in_range(name, value, "it").is_accepted(), accepted, "{name} = {value}");
        }
    }

    #[test]
    fn a_refusal_says_what_was_written_and_what_it_must_be() {
        let Verdict::Refused { message, help } = in_range("adam_beta1", 1.0, "1.0") else {
            panic!("1.0 is accepted");
        };
        assert_eq!(message.as_str(), "`adam_beta1` is 1.0, but must be at least 0 and below 1");
        assert_eq!(help.as_str(), "the usual value is 0.9");
    }
}
