//! The derive and attribute macros of `trainer-core`, which re-exports them: depend on that crate.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod class_label;
mod diagnostics;
mod example;
#[cfg(test)]
mod free_constants;
mod function;
mod keys;
mod loss;
mod metric;
mod trainer;
mod training_args;

use proc_macro::TokenStream;
use syn::parse_macro_input;

/// Makes an enum the label set: each variant is a class.
///
/// The enum has unit variants, at least two, and derives `Clone`, `Copy` and `PartialEq` beside this. It gets the trait
/// `ClassLabel` (`COUNT`, `NAMES`, `index()`, `from_index()`, `from_name()`), `Display` and `FromStr` by the class's name,
/// `Serialize` as the name, and `Deserialize` from the name or the number. Classes are numbered by their position.
///
/// | key | where | meaning |
/// |---|---|---|
/// | `#[label(name = "…")]` | variant | the class's name in data files and in `config.json` |
/// | `#[label(rename_all = "…")]` | enum | how variants become names; `snake_case` if not given |
/// | `#[label(crate = path)]` | enum | where `trainer_core` is found under another name |
#[proc_macro_derive(ClassLabel, attributes(label))]
pub fn derive_class_label(item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item as syn::DeriveInput);
    class_label::derive(&item).into()
}

/// Makes a struct the schema of a data set: each field is a column with a role.
///
/// A field's role is said by `#[example(role)]`, or by a name that is a standard column. The roles decide the task: one
/// input (`text` with or without `text_pair`, `input_ids` with or without `attention_mask` and `token_type_ids`, or
/// `features`) and one label (`label` or `labels`), whose type says the rest.
///
/// | label's type | task |
/// |---|---|
/// | `L`, an enum with `#[derive(ClassLabel)]` | `SequenceClassification<L>` |
/// | `Vec<L>`, `BTreeSet<L>` | `MultiLabelClassification<L>` |
/// | `f32`, `[f32; N]` | `Regression<1>`, `Regression<N>` |
///
/// | key | where | meaning |
/// |---|---|---|
/// | a role, such as `text` | field | what the field is for |
/// | `extra` | field | a column that is read and kept, but neither input nor label |
/// | `skip` | field | no column; the field is `Default` |
/// | `column = "…"` | field | the column's name in the file, if it is another than the field's |
/// | `train = "…"`, `eval = "…"`, `test = "…"` | struct | the data files, from the crate's folder |
/// | `crate = path` | struct | where `trainer_core` is found under another name |
#[proc_macro_derive(Example, attributes(example))]
pub fn derive_example(item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item as syn::DeriveInput);
    example::derive(&item).into()
}

/// Makes a function a loss that a trainer can be given: `#[trainer(loss = name)]`.
///
/// The function is `fn name(output: &Output, batch: &Batch) -> Result<LossSum>` and returns a sum with its weight, never a
/// mean. It stays as it is; a hidden type of the same name stands for it. `crate = path` says where `trainer_core` is found
/// under another name.
#[proc_macro_attribute]
pub fn loss(arguments: TokenStream, item: TokenStream) -> TokenStream {
    loss::attribute(arguments.into(), item.into()).into()
}

/// Makes a function a metric that a trainer can be given: `#[trainer(metrics = [name])]`.
///
/// The types of its arguments say what it looks at, and only that is kept during evaluation: `Predictions<'_, L>`,
/// `Labels<'_, L>`, `Probabilities<'_, L>`, `Scores<'_, L>`, `Logits<'_>`, `Losses<'_>`. It returns `f64`, `Option<f64>`,
/// `[(&'static str, f64); N]`, or a struct of numbers that derives `Serialize`. It stays as it is; a hidden type of the
/// same name stands for it.
///
/// | key | meaning |
/// |---|---|
/// | `name = "…"` | the key in the results, or the prefix of several; the function's name if not given |
/// | `greater_is_better = false` | a smaller value is better |
/// | `crate = path` | where `trainer_core` is found under another name |
#[proc_macro_attribute]
pub fn metric(arguments: TokenStream, item: TokenStream) -> TokenStream {
    metric::attribute(arguments.into(), item.into()).into()
}

/// Makes a struct a trainer: its fields are the parts, the keys say the rest.
///
/// The fields `model`, `args` and `train_dataset` must be there; `eval_dataset` (a `Dataset<E>`, an `Option` of it, or a
/// `BTreeMap<String, Dataset<E>>`) and `tokenizer` (a `Tokenizer`, or an `Option` of it) can be; any other field is the
/// user's own. The struct gets the trait `Trainer`: `train()`, `evaluate()`, `predict_one(text)` and the rest. That the
/// parts go together is checked while compiling.
///
/// | key | values |
/// |---|---|
/// | `collator` | `Default`, `Padding`, `Padding(pad_to_multiple_of = 8, max_length = 128, fixed_length = 128, pad_id = 0)`, or a value whose type is a `Collator`; left out: `Padding` where there is a tokenizer, else `Default` |
/// | `loss` | `ce`, `weighted_ce([…])`, both with `label_smoothing = 0.1` and `ignore_index = 0`, `bce`, `mse`, or a function under `#[loss]`; left out: that of the task |
/// | `metrics` | a list of built-in metrics, such as `f1(average = "macro", name = "f1_macro")`, and functions under `#[metric]`; a function that is called like a built-in is written with its path, such as `self::accuracy` |
/// | `optimizer` | `adamw` |
/// | `callbacks` | a list of values whose types are a `Callback` |
/// | `crate` | where `trainer_core` is found under another name |
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
