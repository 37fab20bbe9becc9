//! The struct as it was written.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, Fields, Ident, LitStr, Type};

use super::keys::{FIELD, STRUCT};
use super::role::{ROLES, Role};
use crate::diagnostics::{Errors, nearest};
use crate::inspect::Extent;
use crate::keys::{Core, Foreign, Keys};

const STRUCT_FOREIGN: &[Foreign] = &[
    Foreign {
        name: "validation",
        answer: "`validation` is called `eval` here",
        help: "`eval = \"data/validation.jsonl\"`",
    },
    Foreign { name: "dev", answer: "`dev` is called `eval` here", help: "`eval = \"data/dev.jsonl\"`" },
    Foreign { name: "text", answer: "`text` is said of a field, not of the struct", help: ABOVE_A_FIELD },
    Foreign { name: "label", answer: "`label` is said of a field, not of the struct", help: ABOVE_A_FIELD },
    Foreign { name: "labels", answer: "`labels` is said of a field, not of the struct", help: ABOVE_A_FIELD },
    Foreign { name: "tokens", answer: "`tokens` is said of a field, not of the struct", help: ABOVE_A_FIELD },
    Foreign { name: "tags", answer: "`tags` is said of a field, not of the struct", help: ABOVE_A_FIELD },
    Foreign { name: "column", answer: "`column` is said of a field, not of the struct", help: ABOVE_A_FIELD },
    Foreign { name: "skip", answer: "`skip` is said of a field, not of the struct", help: ABOVE_A_FIELD },
];

/// Names of others for what a field has, and what is said of the struct.
const FIELD_FOREIGN: &[Foreign] = &[
    Foreign { name: "rename", answer: "`rename` is called `column` here", help: "`column = \"name in the file\"`" },
    Foreign { name: "name", answer: "`name` is called `column` here", help: "`column = \"name in the file\"`" },
    Foreign { name: "words", answer: "`words` is called `tokens` here", help: "`tokens`" },
    Foreign { name: "ner_tags", answer: "`ner_tags` is called `tags` here", help: "`tags`" },
    Foreign { name: "train", answer: "`train` is said of the struct, not of a field", help: ABOVE_THE_STRUCT },
    Foreign { name: "eval", answer: "`eval` is said of the struct, not of a field", help: ABOVE_THE_STRUCT },
    Foreign { name: "test", answer: "`test` is said of the struct, not of a field", help: ABOVE_THE_STRUCT },
    Foreign { name: "crate", answer: "`crate` is said of the struct, not of a field", help: ABOVE_THE_STRUCT },
];

const ABOVE_THE_STRUCT: &str = "write it in an `#[example(…)]` above the struct";
const ABOVE_A_FIELD: &str = "write it in an `#[example(…)]` above the field";

/// What stands in the source, not yet known to make sense.
pub(super) struct Written {
    pub(super) ident: Ident,
    pub(super) core: Core,
    pub(super) train: Option<LitStr>,
    pub(super) eval: Option<LitStr>,
    pub(super) test: Option<LitStr>,
    /// Other data files.
    pub(super) more: Vec<LitStr>,
    /// How much of the files is looked at while compiling.
    pub(super) extent: Extent,
    /// What the item allows, which holds for what is made of it too.
    pub(super) allowed: Vec<Attribute>,
    pub(super) fields: Vec<Field>,
}

/// A field as it was written.
pub(super) struct Field {
    pub(super) ident: Ident,
    pub(super) ty: Type,
    pub(super) use_: Use,
    pub(super) column: Option<LitStr>,
}

/// What is said of a field.
pub(super) enum Use {
    /// Its role, and where it is said.
    Role(Role, Span),
    /// It is no column.
    Skip,
    /// Nothing that makes sense, and that is reported already.
    Unclear,
    /// Nothing.
    Unsaid,
}

/// Reads the struct; what is no struct with named fields is refused.
pub(super) fn read(item: &DeriveInput, errors: &mut Errors) -> Option<Written> {
    let fields = named_fields(item, errors)?;
    if !item.generics.params.is_empty() {
        let message = format!("`{}` has generic parameters, but a row of a data set has one fixed shape", item.ident);
        errors.add_spanned(&item.generics, message, "write the types of the columns, and own what is borrowed");
        return None;
    }
    let mut keys = Keys::of_attributes("example", STRUCT, &item.attrs, errors);
    let more = read_more_files(&mut keys, errors);
    keys.refuse_strangers(STRUCT_FOREIGN, errors);
    Some(Written {
        ident: item.ident.clone(),
        core: keys.take_crate(errors),
        train: keys.take_string("train", errors),
        eval: keys.take_string("eval", errors),
        test: keys.take_string("test", errors),
        more,
        extent: read_extent(&mut keys, errors),
        allowed: item.attrs.iter().filter(|attribute| attribute.path().is_ident("allow")).cloned().collect(),
        fields: fields.named.iter().filter_map(|field| read_field(field, errors)).collect(),
    })
}

/// `file = "…"`, which can be there several times.
fn read_more_files(keys: &mut Keys, errors: &mut Errors) -> Vec<LitStr> {
    let mut files = Vec::new();
    for entry in keys.take_all(|name| name == "file") {
        let mut one = Keys::new("example", STRUCT);
        one.put(entry);
        files.extend(one.take_string("file", errors));
    }
    files
}

fn read_extent(keys: &mut Keys, errors: &mut Errors) -> Extent {
    let Some(written) = keys.take_string("check", errors) else { return Extent::Sample };
    match written.value().as_str() {
        "full" => Extent::Full,
        "sample" => Extent::Sample,
        "off" => Extent::Off,
        other => {
            let help = match nearest(other, ["full", "sample", "off"]) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => "\"full\" for every row, \"sample\" for a mebibyte of it, \"off\" for nothing".to_owned(),
            };
            errors.add(written.span(), "`check` is \"full\", \"sample\" or \"off\"", help);
            Extent::Off
        }
    }
}

fn named_fields<'a>(item: &'a DeriveInput, errors: &mut Errors) -> Option<&'a syn::FieldsNamed> {
    let name = &item.ident;
    let (span, kind) = match &item.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => return Some(fields),
            Fields::Unnamed(fields) => (fields.span(), "has fields without names"),
            Fields::Unit => (name.span(), "has no fields"),
        },
        Data::Enum(data) => (data.enum_token.span, "is an enum"),
        Data::Union(data) => (data.union_token.span, "is a union"),
    };
    errors.add(
        span,
        format!("`{name}` {kind}, but a row of a data set is a struct whose fields are its columns"),
        format!("`struct {name} {{ text: String, label: Rating }}`"),
    );
    None
}

fn read_field(field: &syn::Field, errors: &mut Errors) -> Option<Field> {
    let ident = field.ident.clone()?;
    let before = errors.len();
    let mut keys = Keys::of_attributes("example", FIELD, &field.attrs, errors);
    keys.refuse_strangers(FIELD_FOREIGN, errors);
    // What was meant with a key that is none could be the role.
    let unclear = errors.len() > before;
    let column = keys.take_string("column", errors);
    let skip = keys.take_flag("skip", errors);
    let roles: Vec<(Role, Span)> =
        ROLES.iter().filter_map(|(name, role)| Some((*role, keys.take_flag(name, errors)?))).collect();
    let use_ = match (skip, roles.as_slice()) {
        (None, []) if unclear => Use::Unclear,
        (None, []) => Use::Unsaid,
        (None, [(role, span)]) => Use::Role(*role, *span),
        (Some(_), []) => Use::Skip,
        (skip, [.., (last, span)]) => {
            let other = if skip.is_some() { "skip" } else { roles.first().map_or("extra", |(role, _)| role.name()) };
            let message = format!("`{ident}` is said to be `{other}` and `{}`", last.name());
            errors.add(*span, message, "a field has one role");
            Use::Unclear
        }
    };
    if let (Use::Skip, Some(column)) = (&use_, &column) {
        errors.add(column.span(), format!("`{ident}` is skipped, so it has no column"), "leave out `column` or `skip`");
    }
    Some(Field { ident, ty: field.ty.clone(), use_, column })
}
