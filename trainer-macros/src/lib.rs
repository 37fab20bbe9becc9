//! The derive and attribute macros of `trainer-core`, which re-exports them: depend on that crate.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[allow(dead_code, reason = "the macros that use it follow in their own commits")]
mod diagnostics;
mod training_args;

use proc_macro::TokenStream;
use syn::parse_macro_input;

/// Makes the fields of a struct the arguments that may vary from run to run.
///
/// Each field becomes a flag (`--learning-rate`) and a key of a TOML or JSON file; `#[training_args(key = value, …)]`
/// fixes other arguments, and everything unnamed keeps the default of Hugging Face's `TrainingArguments`. Values and
/// combinations that cannot work are compile errors.
///
/// On the struct, `#[training_args(…)]`: any training argument with its value, and `crate = path` where `trainer_core` is
/// found under another name. On a field, `#[arg(…)]`:
///
/// | key | meaning |
/// |---|---|
/// | `default = …` | the value when none is given; without it, a training argument has Hugging Face's |
/// | `range = a..=b` | the numbers that are allowed |
/// | `choices = […]` | the values that are allowed |
/// | `help = "…"` | the text in `--help`; without it, the field's documentation |
/// | `env = "…"` | the environment variable that gives the value where no flag does |
/// | `own` | the field is the user's own hyper-parameter |
///
/// An `own` field without `default` must be given, unless it is an `Option`. The struct gets `Default`, `Display` and the
/// trait `TrainingArgs`, with `parse()`, `try_parse_from(…)`, `from_file(…)`, `from_toml_str(…)` and `arguments()`.
#[proc_macro_derive(TrainingArgs, attributes(training_args, arg))]
pub fn derive_training_args(item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item as syn::DeriveInput);
    training_args::derive(&item).into()
}
