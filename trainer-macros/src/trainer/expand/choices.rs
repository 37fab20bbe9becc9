//! What a trainer's attribute chooses, as values of the core: collator, loss, optimiser and metrics.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::{Ident, Path};

use crate::diagnostics::{at, ends, through_trait};
use crate::trainer::check::{BuiltIn, BuiltInCollator, Collator, Loss, Metric, Optimizer, Plan, Said, Weights};

pub(super) fn collator(plan: &Plan) -> TokenStream {
    let krate = &plan.krate;
    match &plan.collator {
        Collator::LeftOut => {
            let chosen = quote!(#krate::train::parts::default_collator(self));
            plan.train_dataset.as_ref().map_or_else(TokenStream::new, |ty| at(ty, chosen))
        }
        Collator::BuiltIn(built_in) => {
            let made = built_in_collator(plan, built_in);
            quote!(::std::boxed::Box::new(#made))
        }
        Collator::Value(value) => {
            let (start, _) = ends(value);
            quote_spanned!(start=> #krate::train::parts::CollatorValue::boxed(#value))
        }
    }
}

// ::trainer_core::collate::MaskedLm::new().probability(0.2).whole_word()
// ::trainer_core::train::parts::packing::<Self::Example>(::trainer_core::collate::Packing::new(512))
fn built_in_collator(plan: &Plan, collator: &BuiltInCollator) -> TokenStream {
    let krate = &plan.krate;
    let BuiltInCollator { name, first, said, switches, .. } = collator;
    let ty = match *name {
        "Default" => return quote!(#krate::collate::DefaultCollator),
        // These two are the names of tasks too.
        "TokenClassification" | "Seq2Seq" => format_ident!("{name}Collator"),
        name => format_ident!("{name}"),
    };
    let said = said.iter().map(|(name, value)| quote!(.#name(#value)));
    let own = switches.iter().filter(|(name, is_on)| *is_on && name != "completion_only");
    let own = own.map(|(name, _)| {
        let name = Ident::new(&name.to_string(), proc_macro2::Span::call_site());
        quote!(.#name())
    });
    let made = quote!(#krate::collate::#ty::new(#first) #(#said)* #(#own)*);
    let completed = match *name {
        "CausalLm" => "causal_lm",
        "Flattening" => "flattening",
        "Packing" => "packing",
        _ => return made,
    };
    match collator.switch("completion_only") {
        Some((_, true)) => made,
        Some((_, false)) => quote!(#made.every_token()),
        None => {
            let completed = format_ident!("{completed}");
            let completed = quote!(#krate::train::parts::#completed::<Self::Example>);
            let completed =
                plan.train_dataset.as_ref().map_or_else(|| completed.clone(), |ty| at(ty, completed.clone()));
            quote!(#completed(#made))
        }
    }
}

pub(super) fn loss(krate: &Path, loss: &Loss) -> TokenStream {
    match loss {
        Loss::LeftOut => quote!(::core::option::Option::None),
        Loss::BuiltIn(loss) => {
            let BuiltIn { name, weights, alpha, said, .. } = loss.as_ref();
            let name = Ident::new(name, proc_macro2::Span::call_site());
            let list = |weights: &Weights| match weights {
                Weights::List(weights, _) => quote!(&#weights),
                Weights::Constant(weights) => super::rules::weights_of(weights),
            };
            let weights = weights.as_ref().map(list);
            let alpha = alpha.as_ref().map(list).map(|alpha| quote!(.alpha(#alpha)));
            let said = said.iter().map(|(name, value)| quote!(.#name(#value)));
            quote!(::core::option::Option::Some(::std::boxed::Box::new(#krate::loss::#name(#weights) #alpha #(#said)*)))
        }
        Loss::Function(path) => {
            let (_, end) = ends(path);
            let boxed = through_trait(path, quote!(#krate::train::parts::LossName), "boxed");
            quote_spanned!(end=> ::core::option::Option::Some(#boxed()))
        }
    }
}

// const OPTIMIZER_KEEPS: Option<KeptNumbers> = Some(KeptNumbers::Each(1));
// fn optimizer(&self) -> Option<Box<dyn OptimizerChoice>> { Some(boxed(sgd().momentum(0.9).nesterov())) }
pub(super) fn optimizer(krate: &Path, optimizer: &Optimizer) -> TokenStream {
    let kept = match optimizer.kept_numbers() {
        Some(count) => quote!(#krate::optim::KeptNumbers::Each(#count)),
        None => quote!(#krate::optim::KeptNumbers::RowsAndColumns),
    };
    let boxed = match optimizer {
        Optimizer::BuiltIn { name, said } => {
            let name = Ident::new(name, proc_macro2::Span::call_site());
            let said = said.iter().map(|(key, value)| quote!(.#key(#value)));
            quote!(#krate::optim::boxed(#krate::optim::#name() #(#said)*))
        }
        Optimizer::Function(path) => {
            let (start, _) = ends(path);
            quote_spanned!(start=> #krate::optim::boxed(#path))
        }
    };
    quote! {
        const OPTIMIZER_KEEPS: ::core::option::Option<#krate::optim::KeptNumbers> = ::core::option::Option::Some(#kept);

        fn optimizer(&self) -> ::core::option::Option<::std::boxed::Box<dyn #krate::optim::OptimizerChoice>> {
            ::core::option::Option::Some(#boxed)
        }
    }
}

pub(super) fn boxed_metric(krate: &Path, metric: &Metric) -> TokenStream {
    match metric {
        Metric::BuiltIn(metric) => {
            let constructor = Ident::new(&metric.name, proc_macro2::Span::call_site());
            let value = &metric.value;
            let said = metric.said.iter().map(|(name, value)| match value {
                Said::Choice(value) => quote!(.#name(#krate::metrics::#value)),
                Said::Number(value) => quote!(.#name(#value)),
                Said::Nothing => quote!(.#name()),
            });
            let key = &metric.key;
            quote!(::std::boxed::Box::new(#krate::metrics::#constructor(#value) #(#said)* .name(#key)))
        }
        Metric::Function(path) => {
            let (_, end) = ends(path);
            let boxed = through_trait(path, quote!(#krate::train::parts::MetricName), "boxed");
            quote_spanned!(end=> #boxed())
        }
    }
}
