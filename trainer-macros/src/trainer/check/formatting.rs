//! What the key `formatting` says.

use proc_macro2::Span;
use syn::{Expr, LitStr, Path};

use crate::diagnostics::Errors;
use crate::trainer::arguments::text;

/// What the model reads of an example.
pub(in crate::trainer) enum Formatting {
    /// A text with fields of the example in it.
    Template(Template),
    /// What a function of the user's writes.
    Function(Path),
}

/// A template, cut at its placeholders.
pub(in crate::trainer) struct Template {
    pub(in crate::trainer) written: LitStr,
    /// What stands before each placeholder, and after the last.
    pub(in crate::trainer) pieces: Vec<String>,
    /// The fields.
    pub(in crate::trainer) fields: Vec<String>,
}

const EXAMPLE: &str = "`formatting = \"{text}\"`, with fields of the example in braces, or `formatting = my_function`";

pub(super) fn plan(written: Option<Expr>, errors: &mut Errors) -> Option<Formatting> {
    let written = written?;
    if let Some(template) = text(&written) {
        return read_template(template, errors).map(Formatting::Template);
    }
    match written {
        Expr::Path(path) if path.qself.is_none() => Some(Formatting::Function(path.path)),
        Expr::Closure(closure) => {
            errors.add_spanned(
                closure,
                "`formatting` takes the name of a function, not a closure",
                "write `fn my_function(example: &Review) -> String`, and `formatting = my_function`",
            );
            None
        }
        other => {
            errors.add_spanned(other, "`formatting` takes a template in quotes, or the name of a function", EXAMPLE);
            None
        }
    }
}

/// Cuts a template at its placeholders; braces that stand for themselves are written twice.
fn read_template(written: &LitStr, errors: &mut Errors) -> Option<Template> {
    let (value, span) = (written.value(), written.span());
    let mut template = Template { written: written.clone(), pieces: vec![String::new()], fields: Vec::new() };
    let mut letters = value.chars().peekable();
    let mut is_clear = true;
    while let Some(letter) = letters.next() {
        let is_double = matches!(letter, '{' | '}') && letters.next_if_eq(&letter).is_some();
        match letter {
            '{' if !is_double => {
                let mut name = String::new();
                let is_closed = loop {
                    match letters.next() {
                        Some('}') => break true,
                        Some(letter) => name.push(letter),
                        None => break false,
                    }
                };
                is_clear &= is_placeholder(&name, is_closed, span, errors);
                template.fields.push(name.trim().to_owned());
                template.pieces.push(String::new());
            }
            '}' if !is_double => {
                errors.add(
                    span,
                    "a `}` of the template closes nothing",
                    "write `}}` for a brace that stands for itself",
                );
                is_clear = false;
            }
            letter => template.pieces.last_mut()?.push(letter),
        }
    }
    if is_clear && template.fields.is_empty() {
        errors.add(
            span,
            "the template has no placeholder, so that every example would read the same",
            "write fields of the example in braces: `formatting = \"{text}\"`",
        );
        return None;
    }
    is_clear.then_some(template)
}

fn is_placeholder(name: &str, is_closed: bool, span: Span, errors: &mut Errors) -> bool {
    let braces = "write `{{` for a brace that stands for itself";
    if !is_closed {
        let start: String = name.chars().take(24).collect();
        errors.add(
            span,
            format!("the `{{` before `{start}` is not closed"),
            format!("close it with `}}`, or {braces}"),
        );
        return false;
    }
    let written = name.trim();
    if written.is_empty() {
        errors.add(
            span,
            "`{}` names no field",
            format!("write a field of the example in it, such as `{{text}}`; {braces}"),
        );
        return false;
    }
    if syn::parse_str::<syn::Ident>(written).is_ok() {
        return true;
    }
    let field: String = written.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
    let help = match field.as_str() {
        "" => format!("a placeholder is the name of a field alone; {braces}"),
        field => format!("a placeholder is the name of a field alone: `{{{field}}}`; for more, write a function"),
    };
    errors.add(span, format!("`{{{written}}}` is no name of a field"), help);
    false
}
