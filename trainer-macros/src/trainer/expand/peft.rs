//! The adapters of a trainer, and the rules about them.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::Path;

use super::rules::Rules;
use crate::diagnostics::{checked, through_trait};
use crate::trainer::check::{Lora, Names, Targets};

// const HAS_ADAPTERS: bool = true;
// fn peft(&self) -> Option<Lora> {
//     Some(Lora::new().r(8).alpha(16.0).target_modules(&["query", "value"]))
// }
pub(super) fn value(krate: &Path, lora: &Lora) -> TokenStream {
    let numbers = lora.numbers.iter().map(|(name, value)| quote!(.#name(#value)));
    let targets = lora.target_modules.as_ref().map(|targets| match targets {
        Targets::AllLinear => quote!(.all_linear()),
        Targets::Named(Names::List(names, _)) => quote!(.target_modules(&#names)),
        Targets::Named(Names::Constant(names)) => quote!(.target_modules(#names)),
    });
    let saved = lora.modules_to_save.as_ref().map(|names| match names {
        Names::List(names, _) => quote!(.modules_to_save(&#names)),
        Names::Constant(names) => quote!(.modules_to_save(#names)),
    });
    let switches = lora.switches.iter().map(|(name, is_on)| quote!(.#name(#is_on)));
    let is_on = |bits: &str| lora.switches.iter().any(|(name, on)| *on && name == bits);
    let bits = match (is_on("load_in_8bit"), is_on("load_in_4bit")) {
        (true, _) => Some(quote!(Eight)),
        (_, true) => Some(quote!(Four)),
        _ => None,
    };
    let bits = bits.map(|bits| {
        quote! {
            const BITS: ::core::option::Option<#krate::model::peft::Bits> =
                ::core::option::Option::Some(#krate::model::peft::Bits::#bits);
        }
    });
    quote! {
        const HAS_ADAPTERS: ::core::primitive::bool = true;
        #bits

        fn peft(&self) -> ::core::option::Option<#krate::model::Lora> {
            ::core::option::Option::Some(#krate::model::Lora::new() #(#numbers)* #targets #saved #(#switches)*)
        }
    }
}

// const _: () = accept(rank_is_positive(8));
// const _: () = accept(target_is_a_linear_layer(<…>::MODULES, "query"));
pub(super) fn rules(rules: &Rules<'_>, lora: &Lora) -> TokenStream {
    let krate = &rules.plan.krate;
    let model = rules.own(rules.plan.model.as_ref(), "Model");
    let modules = through_trait(&model, quote!(#krate::model::Model), "MODULES");
    let check = |written: &dyn ToTokens, rule: &str, facts: TokenStream| {
        let rule = Ident::new(rule, Span::call_site());
        checked(krate, &written.to_token_stream(), quote!(#krate::model::peft::rules::#rule(#facts)))
    };
    let mut tokens = TokenStream::new();
    for (name, value) in &lora.numbers {
        let rule = match name.to_string().as_str() {
            "r" => "rank_is_positive",
            "alpha" => "alpha_is_positive",
            _ => "dropout_is_a_share",
        };
        tokens.extend(check(value, rule, value.to_token_stream()));
    }
    let each = |names: &[syn::Expr], rule: &str| {
        names.iter().map(|name| check(name, rule, quote!(#modules, #name))).collect::<TokenStream>()
    };
    match &lora.target_modules {
        None => tokens.extend(check(&lora.name, "family_has_usual_targets", quote!(#modules))),
        Some(Targets::AllLinear) => {}
        Some(Targets::Named(Names::List(whole, names))) => {
            let count = names.len();
            tokens.extend(check(whole, "some_target_is_named", quote!(#modules, #count)));
            tokens.extend(each(names, "target_is_a_linear_layer"));
            tokens.extend(super::model_dir::targets(rules.plan, names));
        }
        Some(Targets::Named(Names::Constant(names))) => {
            tokens.extend(check(names, "targets_are_linear_layers", quote!(#modules, #names)));
        }
    }
    match &lora.modules_to_save {
        None => {}
        Some(Names::List(_, names)) => tokens.extend(each(names, "module_to_save_is_there")),
        Some(Names::Constant(names)) => {
            tokens.extend(check(names, "modules_to_save_are_there", quote!(#modules, #names)));
        }
    }
    tokens
}
