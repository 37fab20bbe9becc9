//! `cargo check` finds what `cargo build` finds.
//!
//! The compiler evaluates a constant that is an item whenever it checks the crate, but an inline `const { … }` in a function
//! only when it makes code for it. So the macros have every rule run in an item.

#![allow(clippy::panic, reason = "a test says what it found")]

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::quote;

use crate::{class_label, example, loss, metric, trainer, training_args};

/// Whether `const` is followed by a block somewhere.
fn has_inline_constant(tokens: &TokenStream) -> bool {
    let trees: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let is_constant = |pair: &[TokenTree]| {
        matches!(pair, [TokenTree::Ident(word), TokenTree::Group(block)]
            if word == "const" && block.delimiter() == Delimiter::Brace)
    };
    trees.windows(2).any(is_constant)
        || trees.iter().any(|tree| matches!(tree, TokenTree::Group(group) if has_inline_constant(&group.stream())))
}

fn derived(derive: fn(&syn::DeriveInput) -> TokenStream, item: TokenStream) -> TokenStream {
    derive(&syn::parse2(item).unwrap_or_else(|error| panic!("{error}")))
}

fn expansions() -> Vec<(&'static str, TokenStream)> {
    let rating = quote! { #[label(rename_all = "lowercase")] enum Rating { Bad, Good } };
    let review = quote! {
        struct Review { text: String, text_pair: Option<String>, label: Rating, #[example(extra)] stars: u32 }
    };
    let args = quote! {
        #[training_args(eval_strategy = "epoch", load_best_model_at_end = true, save_strategy = "epoch", report_to = ["tensorboard"])]
        struct Args {
            #[arg(default = 1e-4, range = 0.0..=1.0)] learning_rate: f64,
            #[arg(own, default = "a", choices = ["a", "b"])] kind: String,
        }
    };
    let share = quote! { fn share(predictions: Predictions<'_, Rating>, labels: Labels<'_, Rating>) -> f64 { 0.5 } };
    let mine = quote! { fn mine(output: &Output, batch: &Batch) -> Result<LossSum> { todo!() } };
    let keys = quote! {
        collator = Padding(max_length = 8), loss = weighted_ce([1.0, 2.0], label_smoothing = 0.1),
        metrics = [accuracy, f1(average = "macro"), share], callbacks = [Silent]
    };
    let parts = quote! {
        struct ReviewTrainer {
            model: BertForSequenceClassification<Rating>, args: Args, train_dataset: Dataset<Review>,
            eval_dataset: Dataset<Review>, tokenizer: Tokenizer,
        }
    };
    vec![
        ("ClassLabel", derived(class_label::derive, rating)),
        ("Example", derived(example::derive, review)),
        ("TrainingArgs", derived(training_args::derive, args)),
        ("metric", metric::attribute(quote!(name = "part"), share)),
        ("loss", loss::attribute(TokenStream::new(), mine)),
        ("trainer", trainer::attribute(keys, parts)),
    ]
}

#[test]
fn an_inline_constant_would_be_found() {
    assert!(has_inline_constant(&quote! { fn f() { const { accept(verdict) } } }));
    assert!(!has_inline_constant(&quote! { const _: () = { accept(verdict) }; const fn f() {} }));
}

#[test]
fn every_rule_is_run_by_an_item() {
    for (name, tokens) in expansions() {
        let text = tokens.to_string();
        assert!(!text.contains("compile_error"), "{name}: {text}");
        assert!(text.contains("const _ : () ="), "{name} has no rule");
        assert!(!has_inline_constant(&tokens), "{name} has an inline constant");
    }
}

#[test]
fn every_item_says_the_version_of_its_macros_once() {
    let said = format!("macros_are (\"{}\")", env!("CARGO_PKG_VERSION"));
    for (name, tokens) in expansions() {
        assert_eq!(tokens.to_string().matches(&said).count(), 1, "{name}");
    }
}
