//! The derive and attribute macros of `trainer-core`, which re-exports them: depend on that crate.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod class_label;
mod diagnostics;
mod example;
mod function;
mod keys;
mod loss;
mod metric;
mod trainer;
mod training_args;

use proc_macro::TokenStream;
use syn::parse_macro_input;

/// Makes an enum the label set: each variant is a class.
#[proc_macro_derive(ClassLabel, attributes(label))]
pub fn derive_class_label(item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item as syn::DeriveInput);
    class_label::derive(&item).into()
}

/// Makes a struct the schema of a data set: each field is a column with a role.
#[proc_macro_derive(Example, attributes(example))]
pub fn derive_example(item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item as syn::DeriveInput);
    example::derive(&item).into()
}

/// Makes a function a loss that a trainer can be given.
#[proc_macro_attribute]
pub fn loss(arguments: TokenStream, item: TokenStream) -> TokenStream {
    loss::attribute(arguments.into(), item.into()).into()
}

/// Makes a function a metric that a trainer can be given.
#[proc_macro_attribute]
pub fn metric(arguments: TokenStream, item: TokenStream) -> TokenStream {
    metric::attribute(arguments.into(), item.into()).into()
}

/// Makes a struct a trainer: its fields are the parts, the keys say the rest.
#[proc_macro_attribute]
pub fn trainer(keys: TokenStream, item: TokenStream) -> TokenStream {
    trainer::attribute(keys.into(), item.into()).into()
}

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
