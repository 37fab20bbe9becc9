//! What stands between the parentheses of a value, such as `f1(average = "macro")`.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{Expr, ExprLit, ExprUnary, Lit, LitStr, Path, UnOp};

use crate::diagnostics::{Errors, nearest};
use crate::keys::{Key, bare};

/// A name with what stands in its parentheses, if it has any.
pub(super) struct Call {
    pub(super) path: Path,
    pub(super) arguments: Arguments,
}

/// What stands between parentheses: values without a name, then values with one.
#[derive(Default)]
pub(super) struct Arguments {
    positional: Vec<Expr>,
    named: Vec<(Ident, Expr)>,
}

impl Call {
    /// Reads `name` or `name(…)`; anything else is no call of a name.
    #[expect(clippy::result_large_err, reason = "what is no call is given back as it came")]
    pub(super) fn read(value: Expr) -> Result<Self, Expr> {
        match value {
            Expr::Path(path) if path.qself.is_none() => Ok(Self { path: path.path, arguments: Arguments::default() }),
            Expr::Call(call) => match bare((*call.func).clone()) {
                Expr::Path(path) if path.qself.is_none() => {
                    Ok(Self { path: path.path, arguments: Arguments::of(call.args.into_iter()) })
                }
                _ => Err(Expr::Call(call)),
            },
            other => Err(other),
        }
    }

    /// The name, if it is a single one: those of built-ins are.
    pub(super) fn name(&self) -> Option<String> {
        self.path.get_ident().map(ToString::to_string)
    }
}

impl Arguments {
    fn of(values: impl Iterator<Item = Expr>) -> Self {
        let mut arguments = Self::default();
        for value in values {
            match bare(value) {
                Expr::Assign(pair) => match bare((*pair.left).clone()) {
                    Expr::Path(name) if name.path.get_ident().is_some() => {
                        arguments.named.extend(name.path.get_ident().cloned().map(|name| (name, bare(*pair.right))));
                    }
                    _ => arguments.positional.push(Expr::Assign(pair)),
                },
                other => arguments.positional.push(other),
            }
        }
        arguments
    }

    /// The values without a name, and those with one.
    pub(super) fn into_parts(self) -> (Vec<Expr>, Vec<(Ident, Expr)>) {
        (self.positional, self.named)
    }

    /// Whether nothing stands there.
    pub(super) fn is_empty(&self) -> bool {
        self.positional.is_empty() && self.named.is_empty()
    }

    /// Takes out the first value without a name, or the one with this name.
    pub(super) fn take_first(&mut self, name: &str) -> Option<Expr> {
        if self.positional.is_empty() { self.take(name) } else { Some(self.positional.remove(0)) }
    }

    /// Takes out the value with this name.
    pub(super) fn take(&mut self, name: &str) -> Option<Expr> {
        let position = self.named.iter().position(|(named, _)| named == name)?;
        Some(self.named.remove(position).1)
    }

    /// Takes out the value with this name, and the name as it was written.
    pub(super) fn take_named(&mut self, name: &str) -> Option<(Ident, Expr)> {
        let position = self.named.iter().position(|(named, _)| named == name)?;
        Some(self.named.remove(position))
    }

    /// Takes out a name whose value is `true` or `false`.
    pub(super) fn take_switch(&mut self, name: &str, errors: &mut Errors) -> Option<(Ident, bool)> {
        let (written, value) = self.take_named(name)?;
        if let Expr::Lit(ExprLit { lit: Lit::Bool(value), .. }) = &value {
            return Some((written, value.value));
        }
        errors.add_spanned(
            &value,
            format!("`{name}` takes `true` or `false`"),
            format!("`{name}`, or `{name} = true`"),
        );
        None
    }

    /// Makes names that stand alone into names with the value `true`, so that they are judged as such.
    pub(super) fn read_lone_names(&mut self) {
        self.read_lone_names_where(|_| true);
    }

    /// The same for the keys of `known` that stand alone: another name may be a constant.
    pub(super) fn read_lone_names_of(&mut self, known: &[Key]) {
        self.read_lone_names_where(|name| known.iter().any(|key| key.takes.is_empty() && name == key.name));
    }

    fn read_lone_names_where(&mut self, is_wanted: impl Fn(&Ident) -> bool) {
        let (alone, values) = std::mem::take(&mut self.positional)
            .into_iter()
            .partition::<Vec<_>, _>(|value| lone_name(value).is_some_and(&is_wanted));
        self.positional = values;
        for value in alone {
            if let Some(name) = lone_name(&value) {
                let truth = Lit::Bool(syn::LitBool::new(true, name.span()));
                self.named.push((name.clone(), Expr::Lit(ExprLit { attrs: Vec::new(), lit: truth })));
            }
        }
    }

    /// Notes what is given twice, and what `of` does not take.
    pub(super) fn refuse_strangers(&mut self, of: &str, known: &[Key], errors: &mut Errors) {
        let mut seen: Vec<String> = Vec::new();
        for (name, _) in &self.named {
            let written = name.to_string();
            if !known.iter().any(|known| known.name == written) {
                let near = nearest(&written, known.iter().map(|known| known.name));
                let help = match near.and_then(|near| known.iter().find(|known| known.name == near)) {
                    Some(Key { example, .. }) => format!("did you mean `{example}`?"),
                    None if known.is_empty() => format!("`{of}`, without parentheses"),
                    None => format!("it takes: {}", list(known)),
                };
                errors.add(name.span(), format!("`{of}` takes no `{written}`"), help);
            } else if seen.contains(&written) {
                errors.add(name.span(), format!("`{written}` is given twice"), format!("keep one `{written}`"));
            }
            seen.push(written);
        }
    }

    /// Notes values that are left over.
    pub(super) fn refuse_rest(&self, of: &str, known: &[Key], errors: &mut Errors) {
        for value in &self.positional {
            let help = match known.first() {
                Some(Key { example, .. }) => format!("it takes keys with values, such as `{example}`"),
                None => format!("`{of}`, without parentheses"),
            };
            errors.add_spanned(value, format!("`{of}` does not take a value here"), help);
        }
    }
}

/// A name without a value.
fn lone_name(value: &Expr) -> Option<&Ident> {
    match value {
        Expr::Path(path) if path.qself.is_none() => path.path.get_ident(),
        _ => None,
    }
}

fn list(known: &[Key]) -> String {
    known.iter().map(|known| format!("`{}`", known.name)).collect::<Vec<_>>().join(", ")
}

/// The text of a literal in quotes.
pub(super) fn text(value: &Expr) -> Option<&LitStr> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text),
        _ => None,
    }
}

/// The number of a literal, with its sign.
pub(super) fn number(value: &Expr) -> Option<f64> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => number.base10_parse().ok(),
        Expr::Lit(ExprLit { lit: Lit::Float(number), .. }) => number.base10_parse().ok(),
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => number(expr).map(|number| -number),
        Expr::Group(group) => number(&group.expr),
        _ => None,
    }
}

/// Whether the value is a literal that is no number.
pub(super) fn is_other_literal(value: &Expr) -> bool {
    matches!(value, Expr::Lit(ExprLit { lit, .. }) if !matches!(lit, Lit::Int(_) | Lit::Float(_)))
}

/// The same number with a fraction, so that `1` can stand for `1.0`.
pub(super) fn with_fraction(value: Expr) -> Expr {
    match value {
        Expr::Lit(ExprLit { attrs, lit: Lit::Int(number) }) if number.suffix().is_empty() => {
            let number = syn::LitFloat::new(&format!("{}.0", number.base10_digits()), number.span());
            Expr::Lit(ExprLit { attrs, lit: Lit::Float(number) })
        }
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => {
            Expr::Unary(ExprUnary { expr: Box::new(with_fraction(*unary.expr)), ..unary })
        }
        Expr::Array(mut array) => {
            array.elems = array.elems.into_iter().map(with_fraction).collect();
            Expr::Array(array)
        }
        other => other,
    }
}

/// Notes a whole number that must be at least 1 and is not.
pub(super) fn refuse_zero(name: &str, value: &Expr, example: &str, errors: &mut Errors) {
    let is_fraction = matches!(value, Expr::Lit(ExprLit { lit: Lit::Float(_), .. }));
    if number(value).is_some_and(|number| number < 1.0) || is_fraction || is_other_literal(value) {
        let message = format!("`{name}` is a whole number, at least 1");
        errors.add_spanned(value.to_token_stream(), message, format!("`{example}`"));
    }
}
