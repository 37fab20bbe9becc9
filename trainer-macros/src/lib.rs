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
