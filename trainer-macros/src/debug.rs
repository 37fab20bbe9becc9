//! `TRAINER_MACROS_DEBUG=Review,within_one`: what the macros make of these items, in files that can be read.
//!
//! What comes in: an expansion. What goes out: `<item>.<macro>.rs` in the folder `trainer-macros` of the build's output, and a
//! line on standard error that says so. It stops no build: what cannot be written is only said.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use proc_macro2::{Delimiter, Ident, Spacing, TokenStream, TokenTree};
use quote::quote;

/// The variable that names the items, separated by commas; `*` stands for all of them.
const VARIABLE: &str = "TRAINER_MACROS_DEBUG";

/// Writes the expansion of the item, if it is one of those asked for.
pub(crate) fn write(name: &str, item: Option<&Ident>, expansion: &TokenStream) {
    let (Ok(asked), Some(item)) = (std::env::var(VARIABLE), item.map(ToString::to_string)) else { return };
    if !asked.split(',').map(str::trim).any(|asked| asked == "*" || asked == item) {
        return;
    }
    let Some(folder) = folder() else { return };
    let path = folder.join(format!("{}.{name}.rs", item.trim_start_matches("r#")));
    let written = fs::create_dir_all(&folder).and_then(|()| fs::write(&path, source(expansion)));
    match written {
        Ok(()) => {
            format(&path);
            eprintln!("note: the expansion of `{item}` is in {}", path.display());
        }
        Err(error) => eprintln!("note: the expansion of `{item}` is not in {}: {error}", path.display()),
    }
}

/// What makes the compiler look again when the variable changes: once for each crate.
// const _: Option<&'static str> = option_env!("TRAINER_MACROS_DEBUG");
pub(crate) fn tracked() -> TokenStream {
    static IS_TRACKED: AtomicBool = AtomicBool::new(false);
    if folder().is_none() || IS_TRACKED.swap(true, Ordering::Relaxed) {
        return TokenStream::new();
    }
    quote! {
        const _: ::core::option::Option<&'static ::core::primitive::str> = ::core::option_env!(#VARIABLE);
    }
}

/// `trainer-macros` beside the folder that the compiler writes to; none where this is no compiler, as in an editor.
fn folder() -> Option<PathBuf> {
    let mut arguments = std::env::args_os();
    while let Some(argument) = arguments.next() {
        let folder = match argument.to_str() {
            Some("--out-dir") => arguments.next().map(PathBuf::from),
            Some(text) => text.strip_prefix("--out-dir=").map(PathBuf::from),
            None => None,
        };
        if let Some(folder) = folder {
            return Some(folder.parent()?.join("trainer-macros"));
        }
    }
    None
}

/// The name of a struct, an enum or a function.
pub(crate) fn name_of(item: TokenStream) -> Option<Ident> {
    let mut after_keyword = false;
    for tree in item {
        match tree {
            TokenTree::Ident(name) if after_keyword => return Some(name),
            TokenTree::Ident(word) => {
                after_keyword = ["struct", "enum", "union", "fn"].iter().any(|known| word == known);
            }
            _ => after_keyword = false,
        }
    }
    None
}

/// The tokens with a line for each statement, which is enough to read where there is no `rustfmt`.
fn source(tokens: &TokenStream) -> String {
    let mut text = String::new();
    lines(tokens, 0, &mut text);
    text
}

fn lines(tokens: &TokenStream, depth: usize, text: &mut String) {
    let new_line = |depth: usize, text: &mut String| {
        text.truncate(text.trim_end_matches(' ').len());
        text.push('\n');
        text.push_str(&"    ".repeat(depth));
    };
    for tree in tokens.clone() {
        match tree {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                text.push('{');
                new_line(depth + 1, text);
                lines(&group.stream(), depth + 1, text);
                new_line(depth, text);
                text.push('}');
                new_line(depth, text);
            }
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace | Delimiter::None => ("", ""),
                };
                text.push_str(open);
                lines(&group.stream(), depth, text);
                text.truncate(text.trim_end_matches(' ').len());
                text.push_str(close);
                text.push(' ');
            }
            TokenTree::Punct(punct) => {
                text.push(punct.as_char());
                match (punct.as_char(), punct.spacing()) {
                    (';', _) => new_line(depth, text),
                    (_, Spacing::Alone) => text.push(' '),
                    (_, Spacing::Joint) => {}
                }
            }
            other => {
                text.push_str(&other.to_string());
                text.push(' ');
            }
        }
    }
}

/// Has `rustfmt` make it pretty, if it is there; else the file stays as it is.
fn format(path: &Path) {
    let command = Command::new("rustfmt")
        .args(["--edition", "2024"])
        .arg(path)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    drop(command);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_the_same_code_in_lines() {
        let tokens = quote! {
            const _: () = { impl<'a> Trait<'a> for Item { fn get(&self) -> &'a [u8] { self.0.as_ref(); &[1, 2] } } };
        };
        let text = source(&tokens);
        assert!(text.lines().count() > 5, "{text}");
        let again: TokenStream = text.parse().unwrap();
        assert_eq!(again.to_string(), tokens.to_string());
    }

    #[test]
    fn an_item_is_known_by_its_name() {
        let name = |item: TokenStream| name_of(item).map(|name| name.to_string());
        assert_eq!(
            name(quote!(
                #[doc = "a struct x"]
                pub(crate) struct Review {
                    text: String,
                }
            ))
            .as_deref(),
            Some("Review")
        );
        assert_eq!(
            name(quote!(
                fn within_one() {}
            ))
            .as_deref(),
            Some("within_one")
        );
        assert_eq!(name(quote!(1 + 1)), None);
    }
}
