//! What is half written is answered, and the item is still there: an editor expands at every key that is pressed.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Group, TokenStream, TokenTree};

use super::items::{Expander, Written, all};

#[test]
fn every_beginning_of_every_attribute_expands_to_items() {
    check(prefixes);
}

#[test]
fn every_attribute_that_lacks_a_token_expands_to_items() {
    check(holes);
}

fn check(variants: fn(TokenStream) -> Vec<TokenStream>) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut seen: BTreeSet<(&str, String)> = BTreeSet::new();
    for item in all() {
        let (Expander::Attribute(name, ..) | Expander::Derive(name, ..)) = item.expander;
        check_expansion(&item, item.tokens.clone());
        for tokens in variants(item.tokens.clone()) {
            // The same beginning on another item says nothing new.
            if seen.insert((name, tokens.to_string())) {
                *counts.entry(name).or_default() += 1;
                check_expansion(&item, tokens);
            }
        }
    }
    // A list that is empty proves nothing.
    for name in ["ClassLabel", "Example", "TrainingArgs", "loss", "metric", "trainer"] {
        assert!(counts.get(name).is_some_and(|count| *count > 5), "{counts:?}");
    }
}

fn check_expansion(written: &Written, tokens: TokenStream) {
    let place = || format!("{}: `{tokens}`", written.from);
    let expansion = written.expand(tokens.clone());
    let text = expansion.to_string();
    let file = syn::parse2::<syn::File>(expansion).unwrap_or_else(|error| panic!("{}: {error}\n{text}", place()));
    if let Some(item) = written.item() {
        assert!(text.starts_with(&item.to_string()), "{}: the item is not there\n{text}", place());
    }
    if let Some((name, ty)) = written.implements() {
        assert!(implements(&file.items, name, &ty), "{}: no `{name}` for `{ty}`\n{text}", place());
    }
    let for_editors = written.for_editors(tokens.clone());
    syn::parse2::<syn::File>(for_editors).unwrap_or_else(|error| panic!("{}: {error}", place()));
}

fn implements(items: &[syn::Item], name: &str, ty: &str) -> bool {
    items.iter().any(|item| match item {
        syn::Item::Impl(found) => {
            let of = found.trait_.as_ref().and_then(|(path, _)| path.segments.last()).is_some_and(|last| last.ident == name);
            of && matches!(&*found.self_ty, syn::Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == ty))
        }
        syn::Item::Const(found) => {
            let syn::Expr::Block(block) = &*found.expr else { return false };
            let inner = block.block.stmts.iter().filter_map(|statement| match statement {
                syn::Stmt::Item(item) => Some(item.clone()),
                _ => None,
            });
            implements(&inner.collect::<Vec<_>>(), name, ty)
        }
        _ => false,
    })
}

/// The tokens up to each place between two of them, with what was open there closed.
fn prefixes(tokens: TokenStream) -> Vec<TokenStream> {
    let (mut found, mut before) = (Vec::new(), TokenStream::new());
    for tree in tokens {
        found.push(before.clone());
        if let TokenTree::Group(group) = &tree {
            found.extend(prefixes(group.stream()).into_iter().map(|inner| joined(&before, group, inner)));
        }
        before.extend([tree]);
    }
    found.push(before);
    found
}

/// The tokens without one of them, for each of them.
fn holes(tokens: TokenStream) -> Vec<TokenStream> {
    let (mut found, mut before) = (Vec::new(), TokenStream::new());
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    for (position, tree) in trees.iter().enumerate() {
        let after = || trees.iter().skip(position + 1).cloned();
        found.push(before.clone().into_iter().chain(after()).collect());
        if let TokenTree::Group(group) = tree {
            let inside = holes(group.stream()).into_iter();
            found.extend(inside.map(|inner| joined(&before, group, inner).into_iter().chain(after()).collect()));
        }
        before.extend([tree.clone()]);
    }
    found
}

fn joined(before: &TokenStream, group: &Group, inner: TokenStream) -> TokenStream {
    let mut whole = before.clone();
    whole.extend([TokenTree::Group(Group::new(group.delimiter(), inner))]);
    whole
}
