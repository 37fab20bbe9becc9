//! The value after `key =`.
//!
//! What comes in: the tokens of an attribute after `=`. What goes out: the expression up to the comma, or one mistake at
//! the token that cannot stand there.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::ParseStream;
use syn::parse::discouraged::Speculative;
use syn::{Expr, Token};

use crate::diagnostics::Errors;

const COMMA: &str = "write a comma between two keys";

/// Reads the value of a key, up to the comma; what cannot be read is noted once, at the token that cannot stand there.
pub(crate) fn read_value(input: ParseStream<'_>, key: &Ident, help: &str, errors: &mut Errors) -> Option<Expr> {
    // Of a fork nothing is said at the end, such as that of a value's parentheses not all was read.
    let ahead = input.fork();
    match ahead.parse::<Expr>() {
        Ok(value) => {
            input.advance_to(&ahead);
            if !input.is_empty() && !input.peek(Token![,]) {
                errors.add(input.span(), format!("a comma is missing after the value of `{key}`"), COMMA);
            }
            Some(value)
        }
        Err(error) => {
            let rest = up_to_comma(input);
            if let Some((key, word)) = keyword_as_text(Some(key), rest.clone()) {
                let message = format!("`{word}` is a word of the language: as a text it stands in quotes");
                errors.add(word.span(), message, format!("write `{key} = \"{word}\"`"));
            } else {
                // The end of the input has no place: the last token before it has.
                let last = rest.into_iter().last().filter(|_| ahead.is_empty());
                let last = last.filter(|last| !matches!(last, TokenTree::Group(_)));
                let place = last.map_or_else(|| error.span(), |last| last.span());
                errors.add(place, format!("the value of `{key}` cannot be read"), help);
            }
            None
        }
    }
}

/// `average` and `macro` of `f1(average = macro)`, where no text of the same words is a value.
fn keyword_as_text(key: Option<&Ident>, tokens: TokenStream) -> Option<(Ident, Ident)> {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    if let (Some(key), [TokenTree::Ident(word)]) = (key, trees.as_slice()) {
        return is_keyword(word).then(|| (key.clone(), word.clone()));
    }
    let is_end = |tree: Option<&TokenTree>| tree.is_none_or(|tree| is_punctuation(tree, ','));
    let written = trees.windows(3).enumerate().find_map(|(at, three)| match three {
        [TokenTree::Ident(key), equals, TokenTree::Ident(word)]
            if is_punctuation(equals, '=') && is_end(trees.get(at + 3)) && is_keyword(word) =>
        {
            Some((key.clone(), word.clone()))
        }
        _ => None,
    });
    written.or_else(|| {
        trees.iter().find_map(|tree| match tree {
            TokenTree::Group(group) => keyword_as_text(None, group.stream()),
            _ => None,
        })
    })
}

fn is_keyword(word: &Ident) -> bool {
    syn::parse2::<Expr>(word.to_token_stream()).is_err()
}

fn is_punctuation(tree: &TokenTree, mark: char) -> bool {
    matches!(tree, TokenTree::Punct(punctuation) if punctuation.as_char() == mark)
}

/// The tokens before the next comma, which stay unread.
fn up_to_comma(input: ParseStream<'_>) -> TokenStream {
    let ahead = input.fork();
    let mut tokens = TokenStream::new();
    while !ahead.is_empty() && !ahead.peek(Token![,]) {
        let Ok(tree) = ahead.parse::<TokenTree>() else { break };
        tokens.extend([tree]);
    }
    tokens
}
