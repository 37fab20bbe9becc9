//! From the value that was written to the expression that stands for it.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};
use syn::{Expr, Path};

use super::names::{Kind, Known, Place};
use super::parse::{Value, value};

/// A number as `f64`, for constants whose type is said where they are used.
pub(super) fn number(written: &Expr) -> TokenStream {
    match value(written) {
        Value::Whole(number) => signed(number as f64, Literal::f64_unsuffixed),
        Value::Real(number) => signed(number, Literal::f64_unsuffixed),
        _ => quote!((#written) as ::core::primitive::f64),
    }
}

/// A literal has no sign of its own, and none is as large as `1e400`.
fn signed(number: f64, literal: fn(f64) -> Literal) -> TokenStream {
    if number.is_infinite() {
        return quote!(::core::primitive::f64::INFINITY);
    }
    let literal = literal(number.abs());
    if number < 0.0 { quote!(-#literal) } else { quote!(#literal) }
}

/// The value of an argument that the attribute fixes, in a type that fits the argument.
pub(super) fn typed(core: &Path, kind: Kind, written: &Expr) -> TokenStream {
    match (kind, value(written)) {
        (Kind::Number | Kind::Steps, Value::Whole(number)) => signed(number as f64, Literal::f64_suffixed),
        (Kind::Number | Kind::Steps, Value::Real(number)) => signed(number, Literal::f64_suffixed),
        (Kind::Whole, Value::Whole(number)) => {
            let number = Literal::u64_suffixed(u64::try_from(number).unwrap_or_default());
            quote!(#number)
        }
        // Refused by the argument's range.
        (Kind::Whole, Value::Real(_)) => quote!(0_u64),
        (Kind::Choice(choice) | Kind::List(choice), Value::Text(name)) => named(core, choice, &name),
        (Kind::List(choice), Value::List(items)) => {
            let choice = format_ident!("{choice}");
            let count = items.len();
            quote!({
                const NAMES: [#core::args::#choice; #count] = [#(#core::args::#choice::named(#items)),*];
                NAMES
            })
        }
        (Kind::Device, Value::Text(name)) => named(core, "ComputeDevice", &name),
        _ => quote!(#written),
    }
}

fn named(core: &Path, choice: &str, name: &str) -> TokenStream {
    let choice = format_ident!("{choice}");
    quote!(#core::args::#choice::named(#name))
}

/// The type of an argument in `TrainingArguments`, said to the compiler so that it can say it in messages.
pub(super) fn target(core: &Path, known: &Known) -> TokenStream {
    let one = match (known.place, known.kind) {
        (Place::WarmupSteps, _) => quote!(#core::args::Warmup),
        (_, Kind::Number) => quote!(::core::primitive::f64),
        (_, Kind::Whole) if known.name.ends_with("seed") => quote!(::core::primitive::u64),
        (_, Kind::Whole) => quote!(::core::primitive::usize),
        (_, Kind::Flag) => quote!(::core::primitive::bool),
        (_, Kind::Text) => quote!(#core::args::value::types::String),
        (_, Kind::Path) => quote!(#core::args::value::types::PathBuf),
        (_, Kind::Steps) => quote!(#core::args::StepsOrRatio),
        (_, Kind::Resume) => quote!(#core::args::ResumeFrom),
        (_, Kind::Device) => quote!(#core::args::ComputeDevice),
        (_, Kind::Choice(choice)) => {
            let choice = format_ident!("{choice}");
            quote!(#core::args::#choice)
        }
        (_, Kind::List(choice)) => {
            let choice = format_ident!("{choice}");
            quote!(#core::args::value::types::Vec<#core::args::#choice>)
        }
    };
    if known.has_no_default() { quote!(::core::option::Option<#one>) } else { one }
}

/// Where an argument is in `TrainingArguments`, and what `value` becomes there.
pub(super) fn placed(core: &Path, known: &Known, value: &TokenStream) -> (TokenStream, TokenStream) {
    let name = format_ident!("{}", known.name);
    match known.place {
        Place::Field | Place::Fact => (quote!(#name), quote!(#value)),
        Place::Schedule => (quote!(lr_scheduler_kwargs.#name), quote!(#value)),
        Place::WarmupSteps => (quote!(warmup), quote!(#value)),
        Place::WarmupRatio => (quote!(warmup), quote!(#core::args::Warmup::Ratio(#value))),
    }
}

/// `field: value` of `Facts`, for an argument that is one and whose value the compiler can know.
pub(super) fn fact(core: &Path, known: &Known, written: &Expr) -> Option<TokenStream> {
    let name = match known.place {
        Place::Fact => format_ident!("{}", known.name),
        Place::WarmupSteps | Place::WarmupRatio => format_ident!("warmup"),
        Place::Schedule if known.name == "num_cycles" => format_ident!("num_cycles"),
        Place::Field | Place::Schedule => return None,
    };
    let fact = match (known.place, known.kind) {
        (Place::WarmupSteps, _) => {
            let number = number(written);
            quote!(#core::args::Warmup::from_number(#number))
        }
        (Place::WarmupRatio, _) => {
            let number = number(written);
            quote!(#core::args::Warmup::Ratio(#number))
        }
        (_, Kind::Number) => number(written),
        (_, Kind::Steps) => {
            let number = number(written);
            quote!(#core::args::StepsOrRatio::from_number(#number))
        }
        (_, Kind::Whole) => whole(written),
        (_, kind) => typed(core, kind, written),
    };
    let is_none = matches!(value(written), Value::Text(text) if text == "none");
    let no_updates = known.name == "max_steps" && matches!(value(written), Value::Whole(-1));
    let fact = match known.default {
        "none" if is_none || no_updates => quote!(::core::option::Option::None),
        "none" => quote!(::core::option::Option::Some(#fact)),
        _ => fact,
    };
    Some(quote!(#name: #fact))
}

fn whole(written: &Expr) -> TokenStream {
    if let Value::Real(_) = value(written) {
        return quote!(0);
    }
    let Value::Whole(number) = value(written) else { return quote!((#written) as _) };
    let number = Literal::u64_unsuffixed(u64::try_from(number).unwrap_or_default());
    quote!(#number)
}

/// Whether the compiler can know the value.
pub(super) fn is_known(known: &Known, written: &Expr) -> bool {
    match value(written) {
        Value::Whole(_) | Value::Real(_) | Value::Flag(_) | Value::Text(_) | Value::List(_) | Value::Constant => true,
        Value::Variant => matches!(known.kind, Kind::Choice(_)),
        Value::Bare | Value::Code => false,
    }
}

/// The text of a literal, as files spell it; `None` for what is computed.
pub(super) fn text(written: &Expr) -> Option<String> {
    match value(written) {
        Value::Whole(number) => Some(number.to_string()),
        Value::Real(_) => {
            let text = quote!(#written).to_string().replace(['_', ' '], "");
            Some(text.trim_end_matches("f64").trim_end_matches("f32").to_owned())
        }
        Value::Flag(flag) => Some(flag.to_string()),
        Value::Text(text) => Some(text),
        Value::List(items) => {
            let items: Option<Vec<String>> = items.iter().map(text).collect();
            items.map(|items| items.join(","))
        }
        Value::Constant | Value::Variant | Value::Bare | Value::Code => None,
    }
}
