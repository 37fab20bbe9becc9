//! The checks of one data file: what was seen in it as a constant, and the rules of the core that compare it with the
//! fields' types.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;

use super::role_trait;
use super::seen_constant::seen_constant;
use crate::diagnostics::{checked, respan, through_trait};
use crate::example::check::{Column, Plan};
use crate::example::files::Looked;
use crate::example::role::Role;
use crate::inspect::{ColumnSeen, Kind, Seen, Unlike};

// const _: () = {
//     const _: Option<&str> = option_env!("TRAINER_DATA_CHECKS");
//     const _: &[::core::primitive::u8] = include_bytes!("/home/…/data/train.jsonl");
//     const SEEN_IN_FILE: Seen = Seen { file: "data/train.jsonl", rows: Some(1041), columns: &[…], … };
//     const _: () = accept(column_is_there(&SEEN_IN_FILE, &SEEN_IN_FILE.columns[1], &<Rating as LabelColumn>::TAKES));
//     const fn rating_in_train() { accept(kind_fits(&SEEN_IN_FILE, &SEEN_IN_FILE.columns[1], &<…>::TAKES, Kind::Text)) }
//     const _: () = rating_in_train();
// };
pub(super) fn checks(plan: &Plan, looked: &Looked<'_>) -> TokenStream {
    let Plan { krate, allowed, .. } = plan;
    let tracked = looked.tracked.iter().chain(&looked.summary).map(|path| {
        quote!(
            const _: &[::core::primitive::u8] = ::core::include_bytes!(#path);
        )
    });
    let outdated = looked.seen.as_ref().and_then(|seen| seen.outdated.as_ref()).map(|note| {
        let used = quote_spanned!(looked.path.span()=> outdated_summary);
        quote! {
            #[deprecated(note = #note)]
            const outdated_summary: () = ();
            const _: () = #used;
        }
    });
    let rules = looked.seen.as_ref().map(|seen| {
        let constant = seen_constant(krate, seen);
        let rules = Rules { plan, looked, seen };
        let columns = plan.columns.iter().zip(&seen.columns).enumerate();
        let rules: Vec<TokenStream> =
            columns.map(|(position, (column, found))| rules.of_column(position, column, found)).collect();
        quote! {
            const SEEN_IN_FILE: #krate::data::seen::Seen = #constant;
            #(#rules)*
        }
    });
    quote! {
        #(#allowed)*
        #[allow(dead_code, non_upper_case_globals, non_snake_case, unused_qualifications)]
        const _: () = {
            const _: ::core::option::Option<&::core::primitive::str> = ::core::option_env!("TRAINER_DATA_CHECKS");
            #(#tracked)*
            #outdated
            #rules
        };
    }
}

struct Rules<'a> {
    plan: &'a Plan,
    looked: &'a Looked<'a>,
    seen: &'a Seen,
}

impl Rules<'_> {
    fn of_column(&self, position: usize, column: &Column, found: &ColumnSeen) -> TokenStream {
        let krate = &self.plan.krate;
        let facts = quote!(&SEEN_IN_FILE, &SEEN_IN_FILE.columns[#position]);
        let takes = through_trait(&column.ty, role_trait(self.plan, column), "TAKES");
        let mut tokens = TokenStream::new();
        if found.missing.is_some() {
            let place = Ident::new("named", column.named_at);
            let verdict = quote!(#krate::data::seen::column_is_there(#facts, &#takes));
            tokens.extend(checked(krate, &place, verdict));
        }
        let rules = kinds(found).into_iter().map(|kind| {
            let kind = format_ident!("{kind:?}");
            quote!(kind_fits(#facts, &#takes, #krate::data::seen::Kind::#kind))
        });
        let of_lists = found.lists.iter().map(|_| match column.role {
            Role::Features => quote!(no_list_is_empty(#facts, &#takes)),
            _ => quote!(lists_are_as_long(#facts, &#takes)),
        });
        let unlike = found.unlike.zip(self.plan.field(Role::InputIds)).map(|(unlike, ids)| {
            let (Unlike { line, tokens, labels }, ids) = (unlike, &ids.from);
            quote!(labels_are_as_long(#facts, &#takes, #ids, #line, #tokens, #labels))
        });
        for (number, rule) in rules.chain(of_lists).chain(unlike).enumerate() {
            tokens.extend(self.in_two_places(column, number, &rule));
        }
        if matches!(column.role, Role::Label | Role::Labels | Role::Tags) {
            let condition = quote!(#krate::data::seen::some_class_is_missing(#facts, &#takes));
            tokens.extend(self.warnings(found, &condition));
        }
        tokens
    }

    /// A rule that is refused at the path, with a note at the field.
    // const fn rating_in_train() { accept(kind_fits(…)) }
    // const _: () = rating_in_train();
    fn in_two_places(&self, column: &Column, number: usize, rule: &TokenStream) -> TokenStream {
        let krate = &self.plan.krate;
        let field = column.ident.span();
        let number = if number == 0 { String::new() } else { format!("_{}", number + 1) };
        let name = format_ident!("{}_in_{}{number}", column.ident.unraw(), self.looked.key, span = field);
        let mut refused = respan(quote!(#krate::train::checks::accept), field);
        refused.extend(quote_spanned!(field=> (#krate::data::seen::#rule)));
        let called = respan(quote!(#name()), self.looked.path.span());
        quote! {
            const fn #name() {
                #refused
            }
            const _: () = #called;
        }
    }

    /// What is no mistake, but rarely meant: labels from which nothing, or not everything, can be learnt.
    fn warnings(&self, found: &ColumnSeen, condition: &TokenStream) -> TokenStream {
        if self.looked.key != "train" {
            return TokenStream::new();
        }
        let Some(labels) = counted_labels(self.seen, found) else { return TokenStream::new() };
        let (file, name) = (&self.seen.file, &found.name);
        let path = self.looked.path.span();
        if let [(only, rows)] = labels.as_slice() {
            // The number of a list's elements says nothing of the rows, unless each stands alone.
            let stand_together = found.lists.as_ref().is_some_and(|lists| lists.longest.1 > 1);
            if *rows < 2 || Some(*rows) != self.seen.rows || stand_together {
                return TokenStream::new();
            }
            let note = format!("every `{name}` in `{file}` is {only}, so that there is nothing to learn");
            let used = quote_spanned!(path=> every_label_is_the_same);
            return quote! {
                #[deprecated(note = #note)]
                const every_label_is_the_same: () = ();
                const _: () = #used;
            };
        }
        let counts: Vec<String> = labels.iter().map(|(label, rows)| format!("{label} ({rows})")).collect();
        let note = format!("a class of `{name}` has no example in `{file}`, which has {}", counts.join(", "));
        // The compiler keeps to itself what is deprecated in a derive's own code: the call stands where the path does.
        let used = quote_spanned!(path=> ClassesInFile::<{ #condition }>::without_an_example());
        quote! {
            struct ClassesInFile<const SOME_MISSING: ::core::primitive::bool>;
            impl ClassesInFile<true> {
                #[deprecated(note = #note)]
                const fn without_an_example() {}
            }
            impl ClassesInFile<false> {
                const fn without_an_example() {}
            }
            const _: () = #used;
        }
    }
}

/// The kinds of values that the column has, each once.
fn kinds(found: &ColumnSeen) -> Vec<Kind> {
    let mut kinds: Vec<Kind> = Vec::new();
    for value in found.values.kept() {
        if !kinds.contains(&value.kind) {
            kinds.push(value.kind);
        }
    }
    kinds
}

/// Every label of the file with the number of rows that have it, if every row was looked at.
fn counted_labels(seen: &Seen, found: &ColumnSeen) -> Option<Vec<(String, usize)>> {
    let values = match &found.lists {
        Some(lists) => &lists.elements,
        None => &found.values,
    };
    let is_whole = seen.complete && found.missing.is_none() && values.has_all_labels();
    let labels = is_whole.then(|| values.kept())?.into_iter().map(|value| (value.shown, value.rows)).collect();
    Some(labels)
}
