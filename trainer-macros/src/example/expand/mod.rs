//! The implementation of an example, and the checks of its data files.

mod data_file;
mod seen_constant;

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::{LitStr, Path};

use super::check::{Column, Plan};
use super::files::Looked;
use super::role::Role;
use crate::diagnostics::{at, ends, last_name, local, of_this_version, relocated, through_trait};

// impl ::trainer_core::data::Example for Review {
//     type Task = <Rating as LabelColumn>::Task;
//     const NAME: &'static str = "Review";
//     const FIELDS: &'static [Field] = &[Field { name: "text", column: "text", role: Role::Text }, …];
//     const FILES: Files = Files { manifest_dir: env!("CARGO_MANIFEST_DIR"), train: Some("data/train.jsonl"), … };
//     const TRAIN_ROWS: Option<usize> = Some(1041);
//     fn from_row(row: &Row<'_>) -> Result<Self> { Ok(Self { text: <String as TextField>::read(row, "text")?, … }) }
//     fn input(&self) -> Input<'_> { Input::Text { text: <String as TextField>::text(&self.text), pair: None } }
//     fn target(&self) -> Target { <Rating as LabelColumn>::target(&self.rating) }
// }
pub(super) fn implementation(plan: &Plan, looked: &[Looked<'_>]) -> TokenStream {
    let Plan { ident, krate, .. } = plan;
    let name = ident.to_string();
    let task = task(plan);
    let fields = plan.columns.iter().map(|column| described(krate, column));
    let files = files(plan);
    let rows = looked.iter().find(|looked| looked.key == "train").and_then(|looked| looked.seen.as_ref()?.rows);
    let rows = rows.map(|rows| {
        quote! {
            const TRAIN_ROWS: ::core::option::Option<::core::primitive::usize> = ::core::option::Option::Some(#rows);
        }
    });
    let checks = looked.iter().map(|looked| data_file::checks(plan, looked));
    let reads = plan.columns.iter().map(|column| read(plan, column));
    let defaults = plan.skipped.iter().map(|(field, ty)| {
        let (_, end) = ends(ty);
        let default = through_trait(ty, quote!(::core::default::Default), "default");
        quote_spanned!(end=> #field: #default(),)
    });
    let input = input(plan);
    let target = target(plan);
    let version = of_this_version(krate, ident);
    let shown = shown(plan);
    quote! {
        #version

        #[automatically_derived]
        #[allow(unused_qualifications, clippy::restriction)]
        impl #krate::data::Example for #ident {
            #task
            const NAME: &'static ::core::primitive::str = #name;
            const FIELDS: &'static [#krate::data::Field] = &[#(#fields),*];
            const FILES: #krate::data::Files = #files;
            #rows

            fn from_row(row: &#krate::data::Row<'_>) -> #krate::Result<Self> {
                ::core::result::Result::Ok(Self { #(#reads)* #(#defaults)* })
            }

            fn input(&self) -> #krate::data::Input<'_> {
                #input
            }

            fn target(&self) -> #krate::data::Target {
                #target
            }

            #shown
        }

        #(#checks)*
    }
}

/// Which fields a template can show, and their texts.
// const SHOWN: &'static [::core::primitive::bool] = &[Shown::<String>::IS_SHOWN, …];
// fn shown(&self, field: ::core::primitive::usize) -> Option<String> { match field { 0 => Shown(&self.text).text(), …, _ => None } }
fn shown(plan: &Plan) -> TokenStream {
    let krate = &plan.krate;
    let types = plan.columns.iter().map(|column| &column.ty);
    let texts = plan.columns.iter().enumerate().map(|(position, column)| {
        let (ident, this) = (&column.ident, local("self"));
        quote!(#position => #krate::data::Shown(&#this.#ident).text(),)
    });
    quote! {
        const SHOWN: &'static [::core::primitive::bool] = {
            #[allow(unused_imports)]
            use #krate::data::NotShown as _;
            &[#(#krate::data::Shown::<#types>::IS_SHOWN),*]
        };

        fn shown(&self, field: ::core::primitive::usize) -> ::core::option::Option<::std::string::String> {
            #[allow(unused_imports)]
            use #krate::data::NotShown as _;
            match field {
                #(#texts)*
                _ => ::core::option::Option::None,
            }
        }
    }
}

/// An implementation for a struct with mistakes, so that what uses it is not reported too.
///
/// Its name is empty: checks between types pass over an example without a name.
pub(super) fn stand_in(plan: &Plan) -> TokenStream {
    let Plan { ident, krate, .. } = plan;
    let task = task(plan);
    quote! {
        #[automatically_derived]
        #[allow(unused_qualifications, clippy::restriction)]
        impl #krate::data::Example for #ident {
            #task
            const NAME: &'static ::core::primitive::str = "";
            const FIELDS: &'static [#krate::data::Field] = &[];
            const FILES: #krate::data::Files = #krate::data::Files {
                manifest_dir: "",
                train: ::core::option::Option::None,
                eval: ::core::option::Option::None,
                test: ::core::option::Option::None,
            };

            fn from_row(_row: &#krate::data::Row<'_>) -> #krate::Result<Self> {
                ::core::unreachable!()
            }

            fn input(&self) -> #krate::data::Input<'_> {
                ::core::unreachable!()
            }

            fn target(&self) -> #krate::data::Target {
                ::core::unreachable!()
            }
        }
    }
}

fn task(plan: &Plan) -> TokenStream {
    let krate = &plan.krate;
    match (plan.label(), plan.task()) {
        (Some(column), _) => {
            let ty = &column.ty;
            let (item, end) = (at(ty, quote!(type Task =)), at(ty, quote!(;)));
            let task = label(plan, column, quote!(Task));
            quote!(#item #task #end)
        }
        (None, Some(task)) => {
            let task = format_ident!("{task}");
            quote!(type Task = #krate::data::#task;)
        }
        (None, None) => quote!(type Task = #krate::data::Regression<1>;),
    }
}

fn described(krate: &Path, column: &Column) -> TokenStream {
    let (name, from) = (column.ident.to_string(), &column.from);
    let role = match column.role {
        Role::Text => quote!(Text),
        Role::TextPair => quote!(TextPair),
        Role::Label => quote!(Label),
        Role::Labels => quote!(Labels),
        Role::InputIds => quote!(InputIds),
        Role::AttentionMask => quote!(AttentionMask),
        Role::TokenTypeIds => quote!(TokenTypeIds),
        Role::Features => quote!(Features),
        Role::Tokens => quote!(Tokens),
        Role::Tags => quote!(Tags),
        Role::Messages => quote!(Messages),
        Role::Prompt => quote!(Prompt),
        Role::Completion => quote!(Completion),
        Role::Source => quote!(Source),
        Role::Target => quote!(Target),
        Role::TargetIds => quote!(TargetIds),
        Role::Extra => quote!(Extra),
    };
    quote!(#krate::data::Field { name: #name, column: #from, role: #krate::data::Role::#role })
}

fn files(plan: &Plan) -> TokenStream {
    let krate = &plan.krate;
    let file = |path: &Option<LitStr>| match path {
        Some(path) => quote!(::core::option::Option::Some(#path)),
        None => quote!(::core::option::Option::None),
    };
    let (train, eval, test) = (file(&plan.train), file(&plan.eval), file(&plan.test));
    quote! {
        #krate::data::Files {
            manifest_dir: ::core::env!("CARGO_MANIFEST_DIR"),
            train: #train,
            eval: #eval,
            test: #test,
        }
    }
}

/// The trait of the core through which the compiler is asked whether the field's type can hold its role.
pub(super) fn role_trait(plan: &Plan, column: &Column) -> TokenStream {
    let krate = &plan.krate;
    match column.role {
        Role::Text => quote!(#krate::data::TextField),
        Role::TextPair => quote!(#krate::data::TextPairField),
        Role::Labels if plan.field(Role::InputIds).is_some() => quote!(#krate::data::TokenisedLabels),
        Role::Label | Role::Labels => quote!(#krate::data::LabelColumn),
        Role::InputIds => quote!(#krate::data::InputIdsField),
        Role::AttentionMask | Role::TokenTypeIds => quote!(#krate::data::TokenMarksField),
        Role::Features => quote!(#krate::data::FeaturesField),
        Role::Tokens => quote!(#krate::data::TokensField),
        Role::Tags => quote!(#krate::data::TagsField),
        Role::Messages => quote!(#krate::data::MessagesField),
        Role::Prompt | Role::Completion | Role::Source | Role::Target => quote!(#krate::data::WrittenField),
        Role::TargetIds => quote!(#krate::data::TargetIdsField),
        Role::Extra => quote!(#krate::data::ExtraField),
    }
}

fn read(plan: &Plan, column: &Column) -> TokenStream {
    let Column { ident, ty, from, role, .. } = column;
    if matches!(role, Role::Label | Role::Labels | Role::Tags) {
        let (read, row) = (label(plan, column, quote!(read)), local("row"));
        let given = quote_spanned!(last_name(ty)=> (#row, #from)?);
        return quote!(#ident: #read #given,);
    }
    let (_, end) = ends(ty);
    let read = through_trait(ty, role_trait(plan, column), "read");
    let row = local("row");
    quote_spanned!(end=> #ident: #read(#row, #from)?,)
}

/// `<Rating as LabelColumn>::item`, at one token: the compiler asks for it in several places, and answers once.
fn label(plan: &Plan, column: &Column, item: TokenStream) -> TokenStream {
    let ty = &column.ty;
    let (start, itself, asked) = (at(ty, quote!(<)), relocated(ty), role_trait(plan, column));
    let end = at(ty, quote!(as #asked>::#item));
    quote!(#start #itself #end)
}

fn input(plan: &Plan) -> TokenStream {
    let krate = &plan.krate;
    let view = |role: Role, method: &str| plan.field(role).map(|column| view(plan, column, method));
    let none = || quote!(::core::option::Option::None);
    let input = quote!(#krate::data::Input);
    if let Some(text) = view(Role::Text, "text") {
        let pair = view(Role::TextPair, "pair").unwrap_or_else(none);
        quote!(#input::Text { text: #text, pair: #pair })
    } else if let Some(ids) = view(Role::InputIds, "ids") {
        let mask = view(Role::AttentionMask, "marks").unwrap_or_else(none);
        let types = view(Role::TokenTypeIds, "marks").unwrap_or_else(none);
        quote!(#input::Tokens { input_ids: #ids, attention_mask: #mask, token_type_ids: #types })
    } else if let Some(words) = view(Role::Tokens, "words") {
        quote!(#input::Words(#words))
    } else if let Some(messages) = view(Role::Messages, "messages") {
        quote!(#input::Messages(#messages))
    } else if let (Some(prompt), Some(completion)) = (view(Role::Prompt, "text"), view(Role::Completion, "text")) {
        quote!(#input::Completion { prompt: #prompt, completion: #completion })
    } else if let (Some(source), Some(target)) = (view(Role::Source, "text"), view(Role::Target, "text")) {
        quote!(#input::SourceTarget { source: #source, target: #target })
    } else {
        let features = view(Role::Features, "features").unwrap_or_else(|| quote!(&[]));
        quote!(#input::Features(#features))
    }
}

/// What the field holds, through the method of its role.
fn view(plan: &Plan, column: &Column, method: &str) -> TokenStream {
    let Column { ident, ty, .. } = column;
    let (_, end) = ends(ty);
    let view = through_trait(ty, role_trait(plan, column), method);
    let this = local("self");
    quote_spanned!(end=> #view(&#this.#ident))
}

fn target(plan: &Plan) -> TokenStream {
    let krate = &plan.krate;
    match (plan.label(), plan.field(Role::TargetIds)) {
        (Some(column), _) => {
            let Column { ident, ty, .. } = column;
            let (target, this) = (label(plan, column, quote!(target)), local("self"));
            let given = quote_spanned!(last_name(ty)=> (&#this.#ident));
            quote!(#target #given)
        }
        (None, Some(ids)) => view(plan, ids, "target"),
        (None, None) => quote!(#krate::data::Target::None),
    }
}
