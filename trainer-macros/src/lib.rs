//! The derive and attribute macros of `trainer-core`, which re-exports them: depend on that crate.

// A macro that panics tells its user nothing: whatever is written must be answered.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::unreachable,
        clippy::indexing_slicing,
        clippy::string_slice
    )
)]

mod class_label;
mod debug;
mod diagnostics;
mod editor;
mod entry;
mod example;
#[cfg(test)]
mod free_constants;
mod function;
mod inspect;
mod key_value;
mod keys;
mod loss;
mod metric;
#[cfg(test)]
mod tests;
mod trainer;
mod training_args;

use proc_macro::TokenStream;

use editor::as_written;

#[doc = include_str!("class_label/page.md")]
#[doc = include_str!("class_label/keys.md")]
#[proc_macro_derive(ClassLabel, attributes(label))]
pub fn derive_class_label(item: TokenStream) -> TokenStream {
    entry::derive(item, "ClassLabel", class_label::ATTRIBUTES, class_label::derive)
}

#[doc = include_str!("example/page.md")]
#[doc = include_str!("example/keys.md")]
#[proc_macro_derive(Example, attributes(example))]
pub fn derive_example(item: TokenStream) -> TokenStream {
    entry::derive(item, "Example", example::ATTRIBUTES, example::derive)
}

#[doc = include_str!("loss/page.md")]
#[doc = include_str!("loss/keys.md")]
#[proc_macro_attribute]
pub fn loss(arguments: TokenStream, item: TokenStream) -> TokenStream {
    entry::attribute(arguments, item, "loss", as_written, loss::attribute)
}

#[doc = include_str!("metric/page.md")]
#[doc = include_str!("metric/keys.md")]
#[proc_macro_attribute]
pub fn metric(arguments: TokenStream, item: TokenStream) -> TokenStream {
    entry::attribute(arguments, item, "metric", as_written, metric::attribute)
}

#[doc = include_str!("trainer/page.md")]
#[doc = include_str!("trainer/keys.md")]
#[proc_macro_attribute]
pub fn trainer(keys: TokenStream, item: TokenStream) -> TokenStream {
    entry::attribute(keys, item, "trainer", trainer::editor::lower, trainer::attribute)
}

#[doc = include_str!("training_args/page.md")]
#[doc = include_str!("training_args/keys.md")]
#[proc_macro_derive(TrainingArgs, attributes(training_args, arg))]
pub fn derive_training_args(item: TokenStream) -> TokenStream {
    entry::derive(item, "TrainingArgs", training_args::ATTRIBUTES, training_args::derive)
}
