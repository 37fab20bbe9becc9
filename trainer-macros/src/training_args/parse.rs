//! From the tokens of a `#[derive(TrainingArgs)]` struct to what was written.
//!
//! Whatever cannot be read is noted and skipped up to the next comma, so that the rest is still read.

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Attribute, BinOp, Data, DeriveInput, Expr, ExprLit, Fields, Ident, Lit, Meta, Token, Type, UnOp};

use crate::diagnostics::Errors;
use crate::key_value::read_value;
use crate::keys::{Core, is_next_key};

/// What was written: the struct, its attribute and its fields.
pub(super) struct Written {
    pub(super) ident: Ident,
    pub(super) about: String,
    pub(super) core: Core,
    pub(super) fixed: Vec<Entry>,
    pub(super) fields: Vec<Field>,
}

/// A field with what its attributes say.
pub(super) struct Field {
    pub(super) ident: Ident,
    pub(super) ty: Type,
    pub(super) about: String,
    pub(super) keys: Vec<Entry>,
}

/// `key` or `key = value`.
pub(super) struct Entry {
    pub(super) key: Ident,
    pub(super) value: Option<Expr>,
    /// Whether there is a value that cannot be read, which is noted.
    pub(super) is_unread: bool,
}

impl Entry {
    pub(super) fn name(&self) -> String {
        self.key.unraw().to_string()
    }
}

/// What an expression says, as far as a macro can know.
pub(super) enum Value {
    Whole(i128),
    Real(f64),
    Flag(bool),
    Text(String),
    List(Vec<Expr>),
    /// A path to a constant: the compiler knows its value.
    Constant,
    /// A path whose last name is that of a variant, such as `IntervalStrategy::Epoch`.
    Variant,
    /// A name that looks like a variable; often a text without its quotes.
    Bare,
    /// Anything else: only the run will know its value.
    Code,
}

/// Reads the struct; `None` if it is no struct with named fields.
pub(super) fn read(input: &DeriveInput, errors: &mut Errors) -> Option<Written> {
    let mut keys = Vec::new();
    read_keys("training_args", "seed = 3", &input.attrs, &mut keys, errors);
    let core = take_crate(&mut keys, errors);
    if !input.generics.params.is_empty() {
        let help = "write the types out: arguments are read from text, and need types that are known";
        errors.add_spanned(&input.generics, "a struct of training arguments cannot be generic", help);
        return None;
    }
    let fields = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(named) => named.named.iter().filter_map(|field| read_field(field, errors)).collect(),
            Fields::Unit => Vec::new(),
            Fields::Unnamed(fields) => {
                errors.add_spanned(fields, "arguments need names", "write `{ learning_rate: f64 }`");
                return None;
            }
        },
        Data::Enum(data) => return refuse(data.enum_token.span(), errors),
        Data::Union(data) => return refuse(data.union_token.span(), errors),
    };
    Some(Written { ident: input.ident.clone(), about: about(&input.attrs), core, fixed: keys, fields })
}

fn refuse(span: Span, errors: &mut Errors) -> Option<Written> {
    errors.add(span, "training arguments are the fields of a struct", "write `struct Args { learning_rate: f64 }`");
    None
}

fn read_field(field: &syn::Field, errors: &mut Errors) -> Option<Field> {
    let mut keys = Vec::new();
    read_keys("arg", "default = 5e-5", &field.attrs, &mut keys, errors);
    let ident = field.ident.clone()?;
    Some(Field { ident, ty: field.ty.clone(), about: about(&field.attrs), keys })
}

/// The path of the core: `::trainer_core`, or what `crate = …` says.
fn take_crate(keys: &mut Vec<Entry>, errors: &mut Errors) -> Core {
    let Some(at) = keys.iter().position(|entry| entry.name() == "crate") else { return Core::default() };
    let entry = keys.remove(at);
    if entry.is_unread {
        return Core::default();
    }
    let path = match entry.value.map(bare) {
        Some(Expr::Path(path)) if path.qself.is_none() => Some(path.path),
        Some(Expr::Lit(ExprLit { lit: Lit::Str(text), .. })) => text.parse().ok(),
        _ => None,
    };
    path.map_or_else(
        || {
            let help = "`crate = my_crate::trainer_core`";
            errors.add(entry.key.span(), "`crate` takes the path of `trainer_core`", help);
            Core::default()
        },
        Core::at,
    )
}

fn read_keys(attribute: &str, example: &str, attributes: &[Attribute], into: &mut Vec<Entry>, errors: &mut Errors) {
    for written in attributes.iter().filter(|written| written.path().is_ident(attribute)) {
        let Meta::List(list) = &written.meta else {
            let help = format!("`#[{attribute}({example})]`");
            errors.add_spanned(&written.meta, format!("`{attribute}` takes its keys in parentheses"), help);
            continue;
        };
        read_list(list.tokens.clone(), into, errors);
    }
}

fn read_list(tokens: TokenStream, into: &mut Vec<Entry>, errors: &mut Errors) {
    let read = |input: ParseStream<'_>| {
        while !input.is_empty() {
            if let Some(entry) = read_entry(input, errors) {
                into.push(entry);
                if is_next_key(input) {
                    continue;
                }
            }
            while !input.is_empty() && !input.peek(Token![,]) {
                input.parse::<TokenTree>()?;
            }
            input.parse::<Option<Token![,]>>()?;
        }
        Ok(())
    };
    if let Err(error) = read.parse2(tokens) {
        errors.push(error);
    }
}

fn read_entry(input: ParseStream<'_>, errors: &mut Errors) -> Option<Entry> {
    let Ok(key) = input.call(Ident::parse_any) else {
        errors.add(input.span(), "a key is expected here", "write `key = value`, with commas between");
        return None;
    };
    if input.is_empty() || input.peek(Token![,]) {
        return Some(Entry { key, value: None, is_unread: false });
    }
    if input.parse::<Token![=]>().is_err() {
        let help = format!("`{key} = …`, with the value after `=`");
        errors.add(input.span(), format!("`=` and a value, or a comma, are expected after `{key}`"), help);
        return Some(Entry { key, value: None, is_unread: true });
    }
    if input.is_empty() || input.peek(Token![,]) {
        return Some(Entry { key, value: None, is_unread: false });
    }
    let help = format!("`{key} = …`, with one value up to the comma");
    let value = read_value(input, &key, &help, errors).map(bare);
    Some(Entry { key, is_unread: value.is_none(), value })
}

/// The expression without the invisible groups of `macro_rules!` and without parentheses.
fn bare(value: Expr) -> Expr {
    match value {
        Expr::Group(group) => bare(*group.expr),
        Expr::Paren(paren) => bare(*paren.expr),
        other => other,
    }
}

/// What an expression says.
pub(super) fn value(expression: &Expr) -> Value {
    match expression {
        Expr::Lit(ExprLit { lit, .. }) => match lit {
            Lit::Int(number) => number.base10_parse().map_or(Value::Code, Value::Whole),
            Lit::Float(number) => number.base10_parse().map_or(Value::Code, Value::Real),
            Lit::Bool(flag) => Value::Flag(flag.value),
            Lit::Str(text) => Value::Text(text.value()),
            _ => Value::Code,
        },
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => match value(&bare((*unary.expr).clone())) {
            Value::Whole(number) => Value::Whole(-number),
            Value::Real(number) => Value::Real(-number),
            Value::Constant => Value::Constant,
            _ => Value::Code,
        },
        Expr::Binary(binary) => computed(binary),
        Expr::Array(array) => Value::List(array.elems.iter().cloned().collect()),
        Expr::Path(path) => path_value(path),
        Expr::Group(group) => value(&group.expr),
        Expr::Paren(paren) => value(&paren.expr),
        _ => Value::Code,
    }
}

/// The value of numbers that are added, subtracted, multiplied, divided or shifted, as the compiler would compute it.
fn computed(binary: &syn::ExprBinary) -> Value {
    let sides = (value(&bare((*binary.left).clone())), value(&bare((*binary.right).clone())));
    match (sides, &binary.op) {
        ((Value::Whole(left), Value::Whole(right)), op) => {
            let result = match op {
                BinOp::Add(_) => left.checked_add(right),
                BinOp::Sub(_) => left.checked_sub(right),
                BinOp::Mul(_) => left.checked_mul(right),
                BinOp::Div(_) => left.checked_div(right),
                BinOp::Shl(_) => u32::try_from(right).ok().and_then(|bits| left.checked_shl(bits)),
                _ => None,
            };
            result.map_or(Value::Code, Value::Whole)
        }
        ((Value::Real(left), Value::Real(right)), op) => match op {
            BinOp::Add(_) => Value::Real(left + right),
            BinOp::Sub(_) => Value::Real(left - right),
            BinOp::Mul(_) => Value::Real(left * right),
            BinOp::Div(_) => Value::Real(left / right),
            _ => Value::Code,
        },
        _ => Value::Code,
    }
}

fn path_value(path: &syn::ExprPath) -> Value {
    let Some(last) = path.path.segments.last().map(|segment| segment.ident.to_string()) else { return Value::Code };
    if last.chars().all(|letter| letter.is_uppercase() || letter.is_numeric() || letter == '_') {
        return Value::Constant;
    }
    if path.path.segments.len() > 1 {
        return Value::Variant;
    }
    if last.starts_with(char::is_lowercase) { Value::Bare } else { Value::Code }
}

/// How an expression reads in a message: its tokens, without the spaces that only printing them adds.
pub(super) fn spelled(expression: &Expr) -> String {
    let mut text = quote::quote!(#expression).to_string();
    for (loose, tight) in
        [("..= ", "..="), (" ..=", "..="), (" .. ", ".."), (" ..", ".."), (" :: ", "::"), ("- ", "-"), (" (", "(")]
    {
        text = text.replace(loose, tight);
    }
    text.replace(" . ", ".").replace(" ! ", "!").replace(" ,", ",")
}

fn about(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter(|attribute| attribute.path().is_ident("doc")).filter_map(|attribute| {
        let Meta::NameValue(pair) = &attribute.meta else { return None };
        let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &pair.value else { return None };
        Some(text.value().trim().to_owned())
    });
    lines.collect::<Vec<_>>().join(" ").trim().to_owned()
}
