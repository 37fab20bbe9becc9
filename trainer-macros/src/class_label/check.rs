//! Which enums are label sets, and what their classes are called.

use syn::ext::IdentExt;
use syn::{Expr, ExprLit, Ident, Lit, LitStr, Path};

use super::parse::{Variant, Written};
use crate::diagnostics::{Errors, nearest};
use crate::keys::source;

const CASES: &[&str] = &[
    "snake_case",
    "lowercase",
    "UPPERCASE",
    "PascalCase",
    "camelCase",
    "SCREAMING_SNAKE_CASE",
    "kebab-case",
    "SCREAMING-KEBAB-CASE",
];

/// What the implementations are made of.
pub(super) struct Plan {
    pub(super) ident: Ident,
    pub(super) krate: Path,
    pub(super) classes: Vec<Class>,
}

/// A variant and its name in data files.
pub(super) struct Class {
    pub(super) ident: Ident,
    pub(super) name: String,
    pub(super) has_fields: bool,
}

/// The plan for `written`; mistakes are noted, and the plan is still made where it can compile.
pub(super) fn plan(written: Option<Written>, errors: &mut Errors) -> Option<Plan> {
    let written = written?;
    if let Some(generics) = written.generics {
        let message =
            format!("`{}` has generic parameters, but a label set is one fixed list of classes", written.ident);
        errors.add_spanned(generics, message, "leave the parameters out");
        return None;
    }
    if written.variants.len() < 2 {
        let message = match written.variants.len() {
            0 => format!("`{}` has no class", written.ident),
            _ => format!("`{}` has one class, but there is nothing to tell apart with fewer than two", written.ident),
        };
        errors.add(written.ident.span(), message, "add the other classes as variants");
    }
    let case = case_of(written.rename_all.as_ref(), errors);
    let mut classes: Vec<Class> = Vec::new();
    for (position, variant) in written.variants.iter().enumerate() {
        refuse_fields(variant, errors);
        refuse_renumbering(variant, position, errors);
        let name = variant.name.as_ref().map_or_else(|| renamed(&variant.ident, case), LitStr::value);
        if let Some(first) = classes.iter().find(|class| class.name == name) {
            let span = variant.name.as_ref().map_or(variant.ident.span(), LitStr::span);
            let message = format!("`{}` and `{}` are both called \"{name}\"", first.ident, variant.ident);
            errors.add(span, message, "give each class a name of its own: `#[label(name = \"…\")]`");
        }
        classes.push(Class { ident: variant.ident.clone(), name, has_fields: variant.fields.is_some() });
    }
    Some(Plan { ident: written.ident, krate: written.core.path(), classes })
}

fn refuse_fields(variant: &Variant, errors: &mut Errors) {
    if let Some(fields) = &variant.fields {
        let message = format!("`{}` has fields, but a class is only its name", variant.ident);
        errors.add_spanned(fields, message, format!("`{}`, without fields", variant.ident));
    }
}

/// A class is numbered by its position, as in `config.json`; another number in the source would say something else.
fn refuse_renumbering(variant: &Variant, position: usize, errors: &mut Errors) {
    let Some(value) = &variant.discriminant else { return };
    if let Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) = value
        && number.base10_parse::<usize>().is_ok_and(|number| number == position)
    {
        return;
    }
    let message = format!(
        "classes are numbered by their position: `{}` is class {position}, not `{}`",
        variant.ident,
        source(value)
    );
    errors.add_spanned(
        value,
        message,
        format!("write `{}` without a number, at the position that it has", variant.ident),
    );
}

fn case_of(rename_all: Option<&LitStr>, errors: &mut Errors) -> &'static str {
    let Some(written) = rename_all else { return "snake_case" };
    let value = written.value();
    if let Some(case) = CASES.iter().find(|case| **case == value) {
        return case;
    }
    let help = match nearest(&value, CASES.iter().copied()) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => format!("cases are: \"{}\"", CASES.join("\", \"")),
    };
    errors.add(written.span(), format!("\"{value}\" is no way to spell names"), help);
    "snake_case"
}

/// The name of a variant in another case; a variant is written in `PascalCase`.
fn renamed(ident: &Ident, case: &str) -> String {
    let variant = ident.unraw().to_string();
    match case {
        "lowercase" => variant.to_lowercase(),
        "UPPERCASE" => variant.to_uppercase(),
        "PascalCase" => variant,
        "camelCase" => {
            let mut letters = variant.chars();
            letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
        }
        "SCREAMING_SNAKE_CASE" => separated(&variant, '_').to_uppercase(),
        "kebab-case" => separated(&variant, '-'),
        "SCREAMING-KEBAB-CASE" => separated(&variant, '-').to_uppercase(),
        _ => separated(&variant, '_'),
    }
}

/// The words of a `PascalCase` name in lower case, with `separator` in front of each but the first.
fn separated(variant: &str, separator: char) -> String {
    let mut name = String::new();
    for (position, letter) in variant.chars().enumerate() {
        if position > 0 && letter.is_uppercase() {
            name.push(separator);
        }
        name.extend(letter.to_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_spells_a_variant_of_two_words() {
        let ident = Ident::new("VeryGood", proc_macro2::Span::call_site());
        let spelled = CASES.iter().map(|case| renamed(&ident, case)).collect::<Vec<_>>();
        let expected =
            ["very_good", "verygood", "VERYGOOD", "VeryGood", "veryGood", "VERY_GOOD", "very-good", "VERY-GOOD"];
        assert_eq!(spelled, expected);
    }
}
