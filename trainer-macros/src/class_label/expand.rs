//! The implementations of a label set.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;

use super::check::{Class, Plan};
use crate::diagnostics::{checked, of_this_version};

/// `impl ClassLabel for Rating`, and `Display`, `FromStr`, `Serialize` and `Deserialize` by it.
pub(super) fn implementations(plan: &Plan) -> TokenStream {
    let mut tokens = of_this_version(&plan.krate, &plan.ident);
    tokens.extend(derives(plan));
    tokens.extend(class_label(plan));
    tokens.extend(spelling(plan));
    tokens.extend(serialisation(plan));
    tokens
}

// const _: () = accept({
//     use ::trainer_core::data::DerivesNothing as _;
//     label_set_is_copied_and_compared("Rating", Derives::<Rating>::COPY, Derives::<Rating>::PARTIAL_EQ)
// });
fn derives(Plan { ident, krate, .. }: &Plan) -> TokenStream {
    let name = ident.unraw().to_string();
    let derives = quote!(#krate::data::Derives::<#ident>);
    let verdict = quote!({
        #[allow(unused_imports)]
        use #krate::data::DerivesNothing as _;
        #krate::data::label_set_is_copied_and_compared(#name, #derives::COPY, #derives::PARTIAL_EQ)
    });
    checked(krate, ident, verdict)
}

// impl ::trainer_core::data::ClassLabel for Rating {
//     const COUNT: usize = 2;
//     const NAMES: &'static [&'static str] = &["negative", "positive"];
//     const TYPE_NAME: &'static str = "Rating";
//     fn index(&self) -> usize { match *self { Self::Negative => 0, Self::Positive => 1 } }
//     fn from_index(index: usize) -> Option<Self> { match index { 0 => Some(Self::Negative), …, _ => None } }
// }
fn class_label(plan: &Plan) -> TokenStream {
    let Plan { ident, krate, classes } = plan;
    let type_name = ident.to_string();
    let count = classes.len();
    let names = classes.iter().map(|class| &class.name);
    let indices = classes.iter().enumerate().map(|(index, Class { ident, .. })| quote!(Self::#ident { .. } => #index,));
    let variants = classes.iter().enumerate().filter(|(_, class)| !class.has_fields).map(|(index, class)| {
        let variant = &class.ident;
        quote!(#index => ::core::option::Option::Some(Self::#variant),)
    });
    quote! {
        #[automatically_derived]
        #[allow(unused_qualifications, clippy::restriction)]
        impl #krate::data::ClassLabel for #ident {
            const COUNT: ::core::primitive::usize = #count;
            const NAMES: &'static [&'static ::core::primitive::str] = &[#(#names),*];
            const TYPE_NAME: &'static ::core::primitive::str = #type_name;

            fn index(&self) -> ::core::primitive::usize {
                match *self {
                    #(#indices)*
                }
            }

            fn from_index(index: ::core::primitive::usize) -> ::core::option::Option<Self> {
                match index {
                    #(#variants)*
                    _ => ::core::option::Option::None,
                }
            }
        }
    }
}

// impl Display for Rating { … the name … }
// impl FromStr for Rating { … the class of this name … }
fn spelling(Plan { ident, krate, .. }: &Plan) -> TokenStream {
    quote! {
        #[automatically_derived]
        #[allow(unused_qualifications, clippy::restriction)]
        impl ::core::fmt::Display for #ident {
            fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                formatter.pad(#krate::data::ClassLabel::name(self))
            }
        }

        #[automatically_derived]
        #[allow(unused_qualifications, clippy::restriction)]
        impl ::core::str::FromStr for #ident {
            type Err = #krate::Error;

            fn from_str(name: &::core::primitive::str) -> #krate::Result<Self> {
                #krate::data::class_named(name)
            }
        }
    }
}

// impl Serialize for Rating { … the name … }
// impl Deserialize for Rating { … the name or the index … }
fn serialisation(Plan { ident, krate, .. }: &Plan) -> TokenStream {
    quote! {
        #[automatically_derived]
        #[allow(unused_qualifications, clippy::restriction)]
        impl #krate::__private::serde::Serialize for #ident {
            fn serialize<S: #krate::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(#krate::data::ClassLabel::name(self))
            }
        }

        #[automatically_derived]
        #[allow(unused_qualifications, clippy::restriction)]
        impl<'de> #krate::__private::serde::Deserialize<'de> for #ident {
            fn deserialize<D: #krate::__private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                #krate::data::deserialize_class(deserializer)
            }
        }
    }
}
