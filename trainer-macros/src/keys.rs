//! What stands between an attribute's parentheses: `key`, `key = value`, separated by commas.
//!
//! What comes in: the tokens. What goes out: [`Keys`], from which each macro takes the keys that it knows, as the kind of
//! value that it needs. What cannot be read is noted and skipped up to the next comma; the rest is still read.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Expr, ExprLit, Ident, Lit, LitBool, LitStr, Path, Token};

use crate::diagnostics::{Errors, nearest};
use crate::key_value::read_value;

/// A key that an attribute knows, and all that is said of it: in messages, on its page, and in editors.
#[derive(Clone, Copy)]
#[cfg_attr(not(test), allow(dead_code, reason = "tests write the pages and the structs for editors from it"))]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    /// How it is written.
    pub(crate) example: &'static str,
    /// What it is for, in a sentence or two.
    pub(crate) about: &'static str,
    /// What kind of value it takes; empty for a key that stands alone.
    pub(crate) takes: &'static str,
    /// Which of those values; empty where all are allowed.
    pub(crate) range: &'static str,
    /// What holds where the key is left out.
    pub(crate) default: &'static str,
}

/// The key that all attributes have.
pub(crate) const CRATE: Key = Key {
    name: "crate",
    example: "crate = my_crate::trainer_core",
    about: "Where `trainer_core` is found, if it has another name or is exported by another crate.",
    takes: "a path",
    range: "",
    default: "`::trainer_core`",
};

/// A name of another library or an older version, with what to write.
pub(crate) struct Foreign {
    pub(crate) name: &'static str,
    pub(crate) answer: &'static str,
    pub(crate) help: &'static str,
}

/// One key as it was written, with its value if it has one.
pub(crate) struct Entry {
    pub(crate) key: Ident,
    pub(crate) value: Option<Expr>,
}

/// The keys of one attribute, or of several of the same name on one item.
pub(crate) struct Keys {
    attribute: &'static str,
    known: &'static [Key],
    entries: Vec<Entry>,
}

impl Keys {
    /// No keys yet, of `#[attribute(…)]`.
    pub(crate) fn new(attribute: &'static str, known: &'static [Key]) -> Self {
        Self { attribute, known, entries: Vec::new() }
    }

    /// Reads the keys of every `#[attribute(…)]` among `attributes`.
    pub(crate) fn of_attributes(
        attribute: &'static str,
        known: &'static [Key],
        attributes: &[syn::Attribute],
        errors: &mut Errors,
    ) -> Self {
        let mut keys = Self::new(attribute, known);
        for written in attributes.iter().filter(|written| written.path().is_ident(attribute)) {
            match &written.meta {
                syn::Meta::List(list) => keys.read(list.tokens.clone(), errors),
                syn::Meta::Path(path) => errors.add_spanned(
                    path,
                    format!("`{attribute}` needs keys in parentheses"),
                    format!("`#[{attribute}({})]`", keys.first_example()),
                ),
                syn::Meta::NameValue(pair) => errors.add(
                    pair.eq_token.span(),
                    format!("`{attribute}` takes its keys in parentheses, not after `=`"),
                    format!("`#[{attribute}({})]`", keys.first_example()),
                ),
            }
        }
        keys
    }

    /// Reads the keys between one pair of parentheses.
    pub(crate) fn read(&mut self, tokens: TokenStream, errors: &mut Errors) {
        let read = |input: ParseStream<'_>| {
            while !input.is_empty() {
                let has_read = self.read_entry(input, errors);
                if !(has_read && is_next_key(input)) {
                    skip_to_comma(input)?;
                }
            }
            Ok(())
        };
        if let Err(error) = read.parse2(tokens) {
            errors.push(error);
        }
    }

    /// Whether a key was read to its end.
    fn read_entry(&mut self, input: ParseStream<'_>, errors: &mut Errors) -> bool {
        let Ok(key) = input.call(Ident::parse_any) else {
            let help = format!("keys are: {}", self.list());
            errors.add(input.span(), format!("`{}` expects a key here", self.attribute), help);
            return false;
        };
        if input.is_empty() || input.peek(Token![,]) {
            self.entries.push(Entry { key, value: None });
            return true;
        }
        if input.parse::<Token![=]>().is_err() {
            let help = self.example(&key.unraw().to_string()).map(|example| format!("`{example}`")).unwrap_or_default();
            errors.add(input.span(), format!("expected `=` and a value, or a comma, after `{key}`"), help);
            return false;
        }
        if input.is_empty() || input.peek(Token![,]) {
            self.report_missing_value(&key, errors);
            return true;
        }
        let help = self.example(&key.unraw().to_string()).map(|example| format!("`{example}`")).unwrap_or_default();
        let Some(value) = read_value(input, &key, &help, errors) else { return false };
        self.entries.push(Entry { key, value: Some(value) });
        true
    }

    /// Notes the keys that the attribute does not know and those written twice, and forgets them.
    pub(crate) fn refuse_strangers(&mut self, foreign: &[Foreign], errors: &mut Errors) {
        let mut seen: Vec<String> = Vec::new();
        let mut kept = Vec::new();
        for entry in std::mem::take(&mut self.entries) {
            let name = entry.key.unraw().to_string();
            if let Some(known) = foreign.iter().find(|known| known.name == name) {
                errors.add(entry.key.span(), known.answer, known.help);
            } else if !self.known.iter().any(|known| known.name == name) {
                self.report_unknown(&entry.key, &name, errors);
            } else if seen.contains(&name) {
                errors.add(entry.key.span(), format!("`{name}` is given twice"), format!("keep one `{name}`"));
            } else {
                seen.push(name);
                kept.push(entry);
            }
        }
        self.entries = kept;
    }

    fn report_unknown(&self, key: &Ident, name: &str, errors: &mut Errors) {
        let near = nearest(name, self.known.iter().map(|known| known.name));
        let help = match near.and_then(|near| self.example(near)) {
            Some(example) => format!("did you mean `{example}`?"),
            None => format!("keys are: {}", self.list()),
        };
        errors.add(key.span(), format!("`{}` has no key `{name}`", self.attribute), help);
    }

    fn report_missing_value(&self, key: &Ident, errors: &mut Errors) {
        let help = self.example(&key.unraw().to_string()).map(|example| format!("`{example}`")).unwrap_or_default();
        errors.add(key.span(), format!("`{key}` needs a value"), help);
    }

    fn example(&self, name: &str) -> Option<&'static str> {
        self.known.iter().find(|known| known.name == name).map(|known| known.example)
    }

    fn first_example(&self) -> &'static str {
        self.known.first().map_or("", |known| known.example)
    }

    fn list(&self) -> String {
        let names: Vec<String> = self.known.iter().map(|known| format!("`{}`", known.name)).collect();
        names.join(", ")
    }

    /// Whether a key is written.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.entries.iter().any(|entry| entry.key.unraw() == name)
    }

    /// Takes out a key, whatever its value is.
    pub(crate) fn take(&mut self, name: &str) -> Option<Entry> {
        let position = self.entries.iter().position(|entry| entry.key.unraw() == name)?;
        Some(self.entries.remove(position))
    }

    /// Adds a key that was taken out.
    pub(crate) fn put(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// Takes out the keys that `wanted` picks by their names.
    pub(crate) fn take_all(&mut self, wanted: impl Fn(&str) -> bool) -> Vec<Entry> {
        let is_wanted = |entry: &Entry| wanted(&entry.key.unraw().to_string());
        let (taken, kept) = std::mem::take(&mut self.entries).into_iter().partition(is_wanted);
        self.entries = kept;
        taken
    }

    /// Takes out a key that stands alone, such as `skip`; the span is its own.
    pub(crate) fn take_flag(&mut self, name: &str, errors: &mut Errors) -> Option<Span> {
        let entry = self.take(name)?;
        if let Some(value) = entry.value {
            errors.add_spanned(value, format!("`{name}` stands alone"), format!("`{name}`, without `=` and a value"));
        }
        Some(entry.key.span())
    }

    /// Takes out a key with its value.
    pub(crate) fn take_value(&mut self, name: &str, errors: &mut Errors) -> Option<(Ident, Expr)> {
        let entry = self.take(name)?;
        if entry.value.is_none() {
            self.report_missing_value(&entry.key, errors);
        }
        Some((entry.key, bare(entry.value?)))
    }

    /// Takes out a key whose value is a string with something in it.
    pub(crate) fn take_string(&mut self, name: &str, errors: &mut Errors) -> Option<LitStr> {
        let (_, value) = self.take_value(name, errors)?;
        match value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) if text.value().trim().is_empty() => {
                errors.add(text.span(), format!("`{name}` is empty"), self.example_of(name));
                None
            }
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text),
            other => {
                errors.add_spanned(other, format!("`{name}` takes a string in quotes"), self.example_of(name));
                None
            }
        }
    }

    /// Takes out a key whose value is `true` or `false`.
    pub(crate) fn take_bool(&mut self, name: &str, errors: &mut Errors) -> Option<LitBool> {
        let (_, value) = self.take_value(name, errors)?;
        match value {
            Expr::Lit(ExprLit { lit: Lit::Bool(flag), .. }) => Some(flag),
            other => {
                errors.add_spanned(other, format!("`{name}` takes `true` or `false`"), self.example_of(name));
                None
            }
        }
    }

    /// Takes out `crate = path`: where generated code finds `trainer_core`, `::trainer_core` if it is not given.
    pub(crate) fn take_crate(&mut self, errors: &mut Errors) -> Core {
        let Some((_, value)) = self.take_value("crate", errors) else { return Core::default() };
        let given = match value {
            Expr::Path(path) if path.qself.is_none() => Some(path.path),
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) if text.parse::<Path>().is_ok() => text.parse().ok(),
            other => {
                errors.add_spanned(
                    other,
                    "`crate` takes the path of `trainer_core`",
                    "`crate = my_crate::trainer_core`",
                );
                None
            }
        };
        Core { given }
    }

    fn example_of(&self, name: &str) -> String {
        self.example(name).map(|example| format!("`{example}`")).unwrap_or_default()
    }
}

/// Where `trainer_core` is found.
#[derive(Clone, Default)]
pub(crate) struct Core {
    given: Option<Path>,
}

impl Core {
    /// The core at this path.
    pub(crate) fn at(path: Path) -> Self {
        Self { given: Some(path) }
    }

    /// How generated code calls it: by its own name, or by the one that [`Core::around`] gives it.
    pub(crate) fn path(&self) -> Path {
        if self.given.is_some() { syn::parse_quote!(__trainer_core) } else { syn::parse_quote!(::trainer_core) }
    }

    /// The code, where the core has the name that it calls it by.
    ///
    /// The path stands there once and as it was written: it is answered once, and `$crate` keeps its meaning.
    /// The name of the core within itself makes it a path of two names: of the first one the compiler says where it is.
    // const _: () = { use kern::trainer_core as __trainer_core; … };
    pub(crate) fn around(&self, code: TokenStream) -> TokenStream {
        let Some(path) = &self.given else { return code };
        quote! {
            #[allow(unused_imports, unused_qualifications, clippy::restriction)]
            const _: () = {
                use #path::trainer_core as __trainer_core;
                #code
            };
        }
    }
}

/// The expression without the invisible groups that `macro_rules!` puts around what it passes on.
pub(crate) fn bare(value: Expr) -> Expr {
    match value {
        Expr::Group(group) => bare(*group.expr),
        other => other,
    }
}

/// How tokens read in a message.
pub(crate) fn source(tokens: &impl ToTokens) -> String {
    let spelled = tokens.span().source_text();
    spelled.unwrap_or_else(|| tokens.to_token_stream().to_string())
}

/// Skips what stands before the next comma, and the comma.
/// Whether another key follows where a comma is missing, which is noted already.
pub(crate) fn is_next_key(input: ParseStream<'_>) -> bool {
    input.peek(Ident::peek_any) && input.peek2(Token![=])
}

pub(crate) fn skip_to_comma(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>()?;
    }
    if !input.is_empty() {
        input.parse::<Token![,]>()?;
    }
    Ok(())
}
