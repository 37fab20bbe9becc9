//! What the macros make of the README's program, to be read: an implementation and the checks, nothing else.

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use super::golden::is_up_to_date;
use crate::{class_label, example, loss, metric, trainer, training_args};

/// The item as it is written, then what it expands to.
fn golden(name: &str, source: &str, expansion: TokenStream) {
    // Files are tracked by their whole path, which is another one on every machine.
    let expansion = expansion.to_string().replace(env!("CARGO_MANIFEST_DIR"), "…");
    let file = syn::parse_str::<syn::File>(&expansion).unwrap();
    let written: String = source.trim().lines().map(|line| format!("// {line}\n").replace(" \n", "\n")).collect();
    is_up_to_date(&format!("tests/expansions/{name}.rs"), &format!("{written}\n{}", prettyplease::unparse(&file)));
}

fn derived(name: &str, source: &str, expand: fn(&DeriveInput) -> TokenStream) {
    golden(name, source, expand(&syn::parse_str(source).unwrap()));
}

/// `source` is the item below its attribute.
fn attributed(name: &str, keys: &str, source: &str, expand: fn(TokenStream, TokenStream) -> TokenStream) {
    let expansion = expand(keys.parse().unwrap(), source.parse().unwrap());
    let keys = if keys.is_empty() { format!("#[{name}]") } else { format!("#[{name}({keys})]") };
    golden(name, &format!("{keys}\n{source}"), expansion);
}

#[test]
fn a_label_set() {
    derived(
        "class_label",
        "#[derive(ClassLabel)]\nenum Rating { Negative, #[label(name = \"so-so\")] Neutral, Positive }",
        class_label::derive,
    );
}

#[test]
fn an_example() {
    let source = "\
#[derive(Example)]
#[example(train = \"tests/expansions/reviews.jsonl\")]
struct Review {
    text: String,
    #[example(label)]
    rating: Rating,
    #[example(skip)]
    seen: bool,
}";
    derived("example", source, example::derive);
}

#[test]
fn examples_of_tasks_over_tokens() {
    let source = "\
#[derive(Example)]
struct Sentence {
    tokens: Vec<String>,
    #[example(column = \"ner_tags\")]
    tags: Vec<Entity>,
}";
    derived("example_tags", source, example::derive);
    let source = "#[derive(Example)]\nstruct Translation { source: String, target: String }";
    derived("example_target", source, example::derive);
}

#[test]
fn training_arguments() {
    let source = "\
#[derive(TrainingArgs)]
#[training_args(eval_strategy = \"epoch\", save_strategy = \"epoch\", load_best_model_at_end = true)]
struct Args {
    /// Learning rate after warm-up.
    #[arg(default = 5e-5, range = 1e-7..=1e-2)]
    learning_rate: f64,
    #[arg(own)]
    name: String,
}";
    derived("training_args", source, training_args::derive);
}

#[test]
fn a_metric() {
    let source = "fn within_one(predictions: Predictions<'_, Rating>, labels: Labels<'_, Rating>) -> f64 { 0.0 }";
    attributed("metric", "", source, metric::attribute);
}

#[test]
fn a_loss() {
    let source = "fn squared(output: &Output, batch: &Batch) -> Result<LossSum> { todo!() }";
    attributed("loss", "", source, loss::attribute);
}

#[test]
fn a_trainer() {
    let keys =
        "collator = Padding, loss = weighted_ce([1.0, 2.0, 3.0]), metrics = [f1(average = \"macro\"), within_one]";
    let source = "\
struct ReviewTrainer {
    model: BertForSequenceClassification<Rating>,
    args: Args,
    train_dataset: Dataset<Review>,
    eval_dataset: Dataset<Review>,
    tokenizer: Tokenizer,
}";
    attributed("trainer", keys, source, trainer::attribute);
}

/// What an editor looks into is nothing that the compiler sees: not a part of the expansions above.
#[test]
fn the_keys_for_an_editor() {
    let keys = quote!(collator = Padding(max_length = 128), metrics = [accuracy, within_one], opt);
    let tokens = crate::editor::of_attribute("trainer", keys.clone(), trainer::editor::lower);
    golden("editor", &format!("#[trainer({keys})]"), tokens);
}
