//! What the model reads of an example, and the rules about it.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::Path;

use super::rules::Rules;
use crate::diagnostics::{checked, ends, local, respan};
use crate::trainer::check::{Formatting, Template};

// fn formatting() -> Option<fn(&Self::Example) -> String> {
//     Some(|example| fill(example, &["Title: ", "\n", ""], &["title", "text"]))
// }
pub(super) fn function(krate: &Path, formatting: &Formatting) -> TokenStream {
    let written = match formatting {
        Formatting::Template(Template { pieces, fields, .. }) => {
            quote!(|example| #krate::train::formatting::fill(example, &[#(#pieces),*], &[#(#fields),*]))
        }
        Formatting::Function(path) => {
            // All of the call stands at the path, so that this is where another signature is answered.
            let (start, end) = ends(path);
            let example = local("example");
            let asked = respan(quote!(#krate::train::formatting::FormattingFunction<Self::Example, _>), end);
            let mut call = quote_spanned!(start=> <_ as #asked>::text);
            call.extend(quote_spanned!(end=> (&#path, #example)));
            quote!(|#example| #call)
        }
    };
    quote! {
        fn formatting() -> ::core::option::Option<fn(&Self::Example) -> ::std::string::String> {
            ::core::option::Option::Some(#written)
        }
    }
}

// const _: () = accept(formatting_replaces_a_text(&Schema::of::<<ReviewTrainer as TrainerParts>::Example>()));
// const _: () = accept(placeholder_is_shown(&Schema::of::<…>(), <… as Example>::SHOWN, "title"));
pub(super) fn rules(rules: &Rules<'_>, formatting: &Formatting) -> TokenStream {
    let krate = &rules.plan.krate;
    let example = rules.own(rules.plan.train_dataset.as_ref(), "Example");
    let schema = quote!(&#krate::train::checks::Schema::of::<#example>());
    let written = match formatting {
        Formatting::Template(template) => template.written.to_token_stream(),
        Formatting::Function(path) => path.to_token_stream(),
    };
    let rule = quote!(#krate::train::formatting::formatting_replaces_a_text);
    let mut tokens = checked(krate, &written, quote!(#rule(#schema)));
    if let Formatting::Template(template) = formatting {
        let shown = quote!(<#example as #krate::data::Example>::SHOWN);
        let mut names: Vec<&String> = template.fields.iter().collect();
        names.sort();
        names.dedup();
        for name in names {
            let rule = quote!(#krate::train::formatting::placeholder_is_shown);
            tokens.extend(checked(krate, &written, quote!(#rule(#schema, #shown, #name))));
        }
    }
    tokens
}
