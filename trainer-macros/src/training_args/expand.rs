//! From a plan to code: the implementations of `TrainingArgs`, `Default` and `Display`, thin as they can be.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{DeriveInput, Path};

use super::agreements::agreements;
use super::check::{Plan, PlannedField};
use super::lower::{fact, is_known, placed, target, text, typed};
use super::names::{Known, Place};
use super::parse::{Value, value};
use super::rules::{checks, range_tokens, unknown};
use crate::diagnostics::{of_this_version, option, respan};

/// Everything that the derive adds.
pub(super) fn expand(plan: &Plan) -> TokenStream {
    let implementation = training_args(plan);
    let traits = default_and_display(plan);
    let (checks, agreements) = (checks(plan), agreements(plan));
    let version = of_this_version(&plan.core, &plan.ident);
    // The checks stand at the user's own tokens, where lints about the user's own code look at them.
    quote! {
        #[allow(
            unused_qualifications,
            unused_lifetimes,
            trivial_numeric_casts,
            clippy::restriction,
            clippy::cast_lossless,
            clippy::cast_precision_loss,
            clippy::unnecessary_cast
        )]
        const _: () = {
            #version
            #implementation
            #traits
            #checks
            #agreements
        };
    }
}

/// ```ignore
/// impl TrainingArgs for Args {
///     const SPECIFICATION: &'static Specification = &Specification { … };
///     const FACTS: Facts<'static> = Facts { seed: 3, ..Facts::DEFAULT };
///     const UNKNOWN: &'static [&'static str] = &[];
///     type With<P: Surrounded> = WithTrainer<P>;
///     fn from_values(values: &Values) -> Result<Self> { Ok(Self { learning_rate: f64::read(values, "learning_rate")? }) }
///     fn visit(&self, shown: &mut Shown) { f64::show(&self.learning_rate, shown, "learning_rate"); }
///     fn arguments(&self) -> TrainingArguments { … }
/// }
/// ```
fn training_args(plan: &Plan) -> TokenStream {
    let (core, ident) = (&plan.core, &plan.ident);
    let specification = specification(plan);
    let facts = facts(plan);
    let unknown = unknown(plan);
    let read = plan.fields.iter().map(|field| read_field(core, field));
    let show = plan.fields.iter().map(|field| {
        let (name, ident, ty) = (field.ident.unraw().to_string(), &field.ident, &field.ty);
        quote!(<#ty as #core::args::ArgumentValue>::show(&self.#ident, shown, #name);)
    });
    let arguments = arguments(plan);
    quote! {
        #[automatically_derived]
        impl #core::args::TrainingArgs for #ident {
            const SPECIFICATION: &'static #core::args::Specification = &#specification;
            const FACTS: #core::args::Facts<'static> = #facts;
            const UNKNOWN: &'static [&'static ::core::primitive::str] = &[#(#unknown),*];
            type With<__P: #core::args::Surrounded> = __WithTrainer<__P>;

            fn from_values(values: &#core::args::Values) -> #core::Result<Self> {
                let _ = values;
                ::core::result::Result::Ok(Self { #(#read),* })
            }

            fn visit(&self, shown: &mut #core::args::Shown) {
                let _ = &shown;
                #(#show)*
            }

            fn arguments(&self) -> #core::args::TrainingArguments {
                #arguments
            }
        }
    }
}

/// `learning_rate: <f64 as ArgumentValue>::read(values, "learning_rate")?`, with the type at the user's own tokens.
fn read_field(core: &Path, field: &PlannedField) -> TokenStream {
    let (ident, ty, name) = (&field.ident, &field.ty, field.ident.unraw().to_string());
    if let Some(default) = field.default.as_ref().filter(|default| text(default).is_none()) {
        return quote!(#ident: <#ty as #core::args::ArgumentValue>::read_or(values, #name, || #default)?);
    }
    quote!(#ident: <#ty as #core::args::ArgumentValue>::read(values, #name)?)
}

fn arguments(plan: &Plan) -> TokenStream {
    let core = &plan.core;
    let fixed = plan.fixed.iter().map(|fixed| {
        let none = fixed.known.name == "max_steps" && matches!(value(&fixed.value), Value::Whole(-1));
        let typed = typed(core, fixed.known.kind, &fixed.value);
        let value = if none {
            quote!(::core::option::Option::None)
        } else {
            let target = target(core, fixed.known);
            quote!(#core::args::IntoArgument::<#target>::into_argument(#typed))
        };
        let (place, value) = placed(core, fixed.known, &value);
        quote!(arguments.#place = #value;)
    });
    let fields = plan.fields.iter().filter_map(|field| {
        let (ident, ty, known) = (&field.ident, &field.ty, field.standard?);
        let target = target(core, known);
        let fit = quote_spanned!(ty.span()=> <#ty as #core::args::IntoArgument<#target>>::into_argument);
        let (place, value) = placed(core, known, &quote!(#fit(::core::clone::Clone::clone(&self.#ident))));
        Some(quote!(arguments.#place = #value;))
    });
    quote! {
        let mut arguments = <#core::args::TrainingArguments as ::core::default::Default>::default();
        #(#fixed)*
        #(#fields)*
        arguments
    }
}

fn facts(plan: &Plan) -> TokenStream {
    let core = &plan.core;
    let fixed = plan.fixed.iter().map(|fixed| (fixed.known, &fixed.value));
    let fields = plan.fields.iter().filter_map(|field| Some((field.standard?, field.default.as_ref()?)));
    let known: Vec<_> = fixed.chain(fields).filter(|(known, value)| is_known(known, value)).collect();
    let facts = known.iter().filter_map(|(known, value)| fact(core, known, value));
    let given = known.iter().filter(|(known, written)| {
        let none = matches!(value(written), Value::Text(text) if text == "none");
        known.place == Place::Schedule && !none
    });
    let given: Vec<&str> = given.map(|(known, _)| known.name).collect();
    quote! {
        #core::args::Facts {
            #(#facts,)*
            scheduler_parameters: &[#(#given),*],
            ..#core::args::Facts::DEFAULT
        }
    }
}

fn specification(plan: &Plan) -> TokenStream {
    let (core, name, about) = (&plan.core, plan.ident.unraw().to_string(), &plan.about);
    let arguments = plan.fields.iter().map(|field| argument(core, field));
    let fixed = plan.fixed.iter().map(|fixed| fixed.known.name);
    quote! {
        #core::args::Specification {
            name: #name,
            about: #about,
            arguments: &[#(#arguments),*],
            fixed: &[#(#fixed),*],
        }
    }
}

fn argument(core: &Path, field: &PlannedField) -> TokenStream {
    let (name, ty, help) = (field.ident.unraw().to_string(), &field.ty, &field.help);
    let standard = option(field.standard.map(|known| known.name).map(|name| quote!(#name)));
    let range = option(field.range.as_ref().map(|range| range_tokens(core, range)));
    let env = option(field.env.as_ref().map(|env| quote!(#env)));
    let choices = field.choices.iter().filter_map(text);
    let default = default_value(field);
    quote! {
        #core::args::Argument {
            name: #name,
            standard: #standard,
            help: #help,
            default: #core::args::DefaultValue::#default,
            range: #range,
            choices: &[#(#choices),*],
            env: #env,
            kind: <#ty as #core::args::ArgumentValue>::KIND,
        }
    }
}

fn default_value(field: &PlannedField) -> TokenStream {
    let written = field.default.as_ref().map(|default| (text(default), super::parse::spelled(default)));
    match (written, field.standard) {
        (Some((Some(text), _)), _) => quote!(Text(#text)),
        (Some((None, code)), _) => quote!(Code(#code)),
        (None, Some(known)) if !known.has_no_default() => {
            let text = known.default;
            quote!(Text(#text))
        }
        (None, _) => quote!(Absent),
    }
}

/// `Default`, where every field has one, and `Display`.
fn default_and_display(plan: &Plan) -> TokenStream {
    let (core, ident) = (&plan.core, &plan.ident);
    let must_be_given =
        plan.fields.iter().filter(|field| field.default.is_none() && field.standard.is_none_or(Known::has_no_default));
    // The lifetime makes the compiler look at the bound where `default` is called, not here.
    let bounds: Vec<TokenStream> = must_be_given
        .map(|field| {
            let ty = &field.ty;
            // All at the type, with which the compiler shows the field whose bound is not met.
            let place = ty.span();
            let (start, end) = (respan(quote!(for<'absent>), place), respan(quote!(: #core::args::Absent), place));
            quote!(#start #ty #end)
        })
        .collect();
    let called = (!bounds.is_empty()).then(|| default_that_says_why(plan, &bounds));
    quote! {
        #called

        #[automatically_derived]
        impl ::core::default::Default for #ident
        where
            #(#bounds,)*
        {
            fn default() -> Self {
                #core::args::defaults::<Self>()
            }
        }

        #[automatically_derived]
        impl ::core::fmt::Display for #ident {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                #core::args::show(self, f)
            }
        }
    }
}

/// `Args::default()` where a field may have to be given: of a function of the type itself the compiler says which bound is not
/// met, of that of a trait only that there is none.
fn default_that_says_why(plan: &Plan, bounds: &[TokenStream]) -> TokenStream {
    let ident = &plan.ident;
    quote! {
        #[automatically_derived]
        impl #ident {
            #[doc(hidden)]
            #[allow(dead_code, unreachable_pub, clippy::should_implement_trait)]
            pub fn default() -> Self
            where
                #(#bounds,)*
            {
                <Self as ::core::default::Default>::default()
            }
        }
    }
}

/// The implementations for an item that cannot have them, so that nothing else is reported than why.
pub(super) fn placeholder(input: &DeriveInput, core: &Path) -> TokenStream {
    let name = format_ident!("{}", input.ident, span = input.ident.span());
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    let bounds = bounds.map_or_else(|| quote!(where Self: 'static), |bounds| quote!(#bounds Self: 'static));
    quote! {
        const _: () = {
            #[automatically_derived]
            impl #generics #core::args::TrainingArgs for #name #arguments #bounds {
                const SPECIFICATION: &'static #core::args::Specification =
                    &#core::args::Specification { name: "", about: "", arguments: &[], fixed: &[] };
                const FACTS: #core::args::Facts<'static> = #core::args::Facts::DEFAULT;
                const UNKNOWN: &'static [&'static ::core::primitive::str] = &[];
                type With<__P: #core::args::Surrounded> = #core::args::NothingToAgreeOn;

                fn from_values(_: &#core::args::Values) -> #core::Result<Self> {
                    ::core::unreachable!()
                }

                fn visit(&self, _: &mut #core::args::Shown) {}

                fn arguments(&self) -> #core::args::TrainingArguments {
                    ::core::unreachable!()
                }
            }
        };
    }
}
