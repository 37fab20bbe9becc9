//! The enum as it was written.

use proc_macro2::Span;
use syn::{Data, DeriveInput, Expr, Fields, Generics, Ident, LitStr};

use super::keys::{ENUM, VARIANT};
use crate::diagnostics::Errors;
use crate::keys::{Core, Foreign, Keys};

const ENUM_FOREIGN: &[Foreign] = &[Foreign {
    name: "name",
    answer: "`name` is said of a variant, not of the enum",
    help: "write `#[label(name = \"…\")]` above the variant",
}];
const VARIANT_FOREIGN: &[Foreign] = &[
    Foreign {
        name: "rename_all",
        answer: "`rename_all` is said of the enum, not of a variant",
        help: "write `#[label(rename_all = \"…\")]` above the enum",
    },
    Foreign { name: "rename", answer: "`rename` is called `name` here", help: "`name = \"very good\"`" },
];

/// What stands in the source, not yet known to make sense.
pub(super) struct Written {
    pub(super) ident: Ident,
    pub(super) core: Core,
    pub(super) rename_all: Option<LitStr>,
    pub(super) generics: Option<Generics>,
    pub(super) variants: Vec<Variant>,
}

/// A variant as it was written.
pub(super) struct Variant {
    pub(super) ident: Ident,
    pub(super) name: Option<LitStr>,
    pub(super) fields: Option<Fields>,
    pub(super) discriminant: Option<Expr>,
}

/// Reads the enum; a struct or a union is refused at its keyword.
pub(super) fn read(item: &DeriveInput, errors: &mut Errors) -> Option<Written> {
    let mut keys = Keys::of_attributes("label", ENUM, &item.attrs, errors);
    keys.refuse_strangers(ENUM_FOREIGN, errors);
    let core = keys.take_crate(errors);
    let rename_all = keys.take_string("rename_all", errors);
    let variants = match &item.data {
        Data::Enum(data) => data.variants.iter().map(|variant| read_variant(variant, errors)).collect(),
        Data::Struct(data) => {
            refuse_kind(&item.ident, data.struct_token.span, "struct", errors);
            return None;
        }
        Data::Union(data) => {
            refuse_kind(&item.ident, data.union_token.span, "union", errors);
            return None;
        }
    };
    let generics = (!item.generics.params.is_empty()).then(|| item.generics.clone());
    Some(Written { ident: item.ident.clone(), core, rename_all, generics, variants })
}

fn refuse_kind(ident: &Ident, keyword: Span, kind: &str, errors: &mut Errors) {
    errors.add(
        keyword,
        format!("`{ident}` is a {kind}, but classes are the variants of an enum"),
        format!("`enum {ident} {{ Negative, Positive }}`"),
    );
}

fn read_variant(variant: &syn::Variant, errors: &mut Errors) -> Variant {
    let mut keys = Keys::of_attributes("label", VARIANT, &variant.attrs, errors);
    keys.refuse_strangers(VARIANT_FOREIGN, errors);
    Variant {
        ident: variant.ident.clone(),
        name: keys.take_string("name", errors),
        fields: (!matches!(variant.fields, Fields::Unit)).then(|| variant.fields.clone()),
        discriminant: variant.discriminant.as_ref().map(|(_, value)| value.clone()),
    }
}
