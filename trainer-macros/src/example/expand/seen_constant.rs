//! What was seen in a data file, as a constant of the core.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Path;

use crate::diagnostics::option;
use crate::inspect::{ColumnSeen, Lists, Seen, Value, Vector};

// Seen { file: "data/train.jsonl", rows: Some(1041), complete: true, characters: false, columns: &[
//     ColumnSeen { name: "rating", missing: None, values: &[Value { kind: Kind::Text, line: 1, … }, …], lists: None },
// ] }
pub(super) fn seen_constant(krate: &Path, seen: &Seen) -> TokenStream {
    let Seen { file, rows, complete, characters, numbered, columns, .. } = seen;
    let rows = option(rows.map(|rows| quote!(#rows)));
    let columns = columns.iter().map(|found| column(krate, found));
    quote! {
        #krate::data::seen::Seen {
            file: #file,
            rows: #rows,
            complete: #complete,
            characters: #characters,
            numbered: #numbered,
            columns: &[#(#columns),*],
        }
    }
}

fn column(krate: &Path, found: &ColumnSeen) -> TokenStream {
    let name = &found.name;
    let missing = option(found.missing.as_ref().map(|missing| {
        let (line, rows, help) = (missing.line, missing.rows, found.help(missing));
        quote!(#krate::data::seen::Missing { line: #line, rows: #rows, help: #help })
    }));
    let distinct = found.values.are_distinct();
    let values = found.values.kept();
    let values = values.iter().map(|found| value(krate, found));
    let lists = option(found.lists.as_ref().map(|found| {
        let lists = lists(krate, found);
        quote!(&#lists)
    }));
    quote! {
        #krate::data::seen::ColumnSeen {
            name: #name,
            missing: #missing,
            values: &[#(#values),*],
            distinct: #distinct,
            lists: #lists,
        }
    }
}

fn lists(krate: &Path, found: &Lists) -> TokenStream {
    let length = |(line, length): (usize, usize)| quote!(#krate::data::seen::Length { line: #line, length: #length });
    let (shortest, longest) = (length(found.shortest), length(found.longest));
    let elements = found.elements.kept();
    let elements = elements.iter().map(|found| value(krate, found));
    let vectors = found.vectors.iter().map(|found| vector(krate, found));
    let repeated = option(found.repeated.as_ref().map(|found| value(krate, found)));
    quote! {
        #krate::data::seen::Lists {
            elements: &[#(#elements),*],
            shortest: #shortest,
            longest: #longest,
            vectors: &[#(#vectors),*],
            repeated: #repeated,
        }
    }
}

fn vector(krate: &Path, found: &Vector) -> TokenStream {
    let Vector { length, line, first, odd, repeated } = found;
    let first = value(krate, first);
    let odd = option(odd.as_ref().map(|found| value(krate, found)));
    let repeated = option(repeated.as_ref().map(|found| value(krate, found)));
    quote! {
        #krate::data::seen::Vector { length: #length, line: #line, first: #first, odd: #odd, repeated: #repeated }
    }
}

fn value(krate: &Path, found: &Value) -> TokenStream {
    let Value { kind, line, rows, index, shown, text, whole, real } = found;
    let kind = format_ident!("{kind:?}");
    let index = option(index.map(|index| quote!(#index)));
    // A literal cannot say these.
    let real = if real.is_nan() {
        quote!(::core::primitive::f64::NAN)
    } else if real.is_infinite() {
        quote!(::core::primitive::f64::INFINITY)
    } else {
        quote!(#real)
    };
    quote! {
        #krate::data::seen::Value {
            kind: #krate::data::seen::Kind::#kind,
            line: #line,
            rows: #rows,
            index: #index,
            shown: #shown,
            text: #text,
            whole: #whole,
            real: #real,
        }
    }
}
