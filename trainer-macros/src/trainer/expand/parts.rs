//! `impl TrainerParts`.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::Type;

use super::choices::{boxed_metric, collator, loss, optimizer};
use super::{model_dir, near};
use crate::diagnostics::{at, ends, last_name, local, relocated, through_trait, through_trait_of};
use crate::trainer::check::{Collator, Loss, Metric, ModelDir, Plan};

// impl ::trainer_core::train::TrainerParts for ReviewTrainer {
//     type Model = <BertForSequenceClassification<Rating> as ModelField>::Model;
//     type Args = <Args as ArgsField>::Args;
//     type Example = <<Dataset<Review> as TrainDatasetField>::Row as ExampleRow>::Example;
//     const NAME: &'static str = "ReviewTrainer";
//     const SURROUNDINGS: Surroundings<'static> = Surroundings { has_eval_dataset: true, … };
//     fn model(&self) -> &Self::Model { &self.model }
//     …
//     fn metrics(&self) -> Vec<Box<dyn Metric>> { vec![Box::new(accuracy()), <within_one as MetricName>::boxed()] }
// }
pub(super) fn implementation(plan: &Plan) -> TokenStream {
    let Plan { ident, krate, callbacks, .. } = plan;
    let name = ident.to_string();
    let types = types(plan);
    let surroundings = surroundings(plan);
    let constants = model_dir::constants(plan);
    let getters = getters(plan);
    let tokenizer = tokenizer(plan);
    let collator = collator(plan);
    let loss = loss(krate, &plan.loss);
    let optimizer = plan.optimizer.as_ref().map(|chosen| optimizer(krate, chosen));
    let peft = plan.peft.as_ref().map(|lora| super::peft::value(krate, lora));
    let formatting = plan.formatting.as_ref().map(|formatting| super::formatting::function(krate, formatting));
    let metrics = plan.metrics.iter().map(|metric| boxed_metric(krate, metric));
    let (near_loss, near_metrics) = (near::loss(plan), near::metrics(plan, &plan.metrics));
    let callbacks = callbacks.iter().map(|callback| {
        let (start, _) = ends(callback);
        quote_spanned!(start=> #krate::train::parts::CallbackValue::boxed(#callback))
    });
    quote! {
        #[automatically_derived]
        #[allow(unused_qualifications, clippy::restriction)]
        impl #krate::train::TrainerParts for #ident {
            #types
            const NAME: &'static ::core::primitive::str = #name;
            #surroundings
            #constants

            #getters

            #tokenizer

            fn collator(&self) -> ::std::boxed::Box<dyn #krate::collate::Collator> {
                #collator
            }

            fn loss(&self) -> ::core::option::Option<::std::boxed::Box<dyn #krate::loss::Loss>> {
                #near_loss
                #loss
            }

            fn metrics(&self) -> ::std::vec::Vec<::std::boxed::Box<dyn #krate::metrics::Metric>> {
                #near_metrics
                ::std::vec![#(#metrics),*]
            }

            #optimizer

            #peft

            #formatting

            fn callbacks(&self) -> ::std::vec::Vec<::std::boxed::Box<dyn #krate::train::Callback>> {
                ::std::vec![#(#callbacks),*]
            }
        }
    }
}

fn types(plan: &Plan) -> TokenStream {
    let krate = &plan.krate;
    let item = |ty: &Type, start: TokenStream, end: TokenStream| {
        let (start, itself, end) = (at(ty, start), relocated(ty), at(ty, end));
        quote!(#start #itself #end)
    };
    let model = plan
        .model
        .as_ref()
        .map(|ty| item(ty, quote!(type Model = <), quote!(as #krate::train::parts::ModelField>::Model;)));
    let args = plan
        .args
        .as_ref()
        .map(|ty| item(ty, quote!(type Args = <), quote!(as #krate::train::parts::ArgsField>::Args;)));
    let example = plan.train_dataset.as_ref().map(|ty| {
        let row = quote!(as #krate::train::parts::TrainDatasetField>::Row);
        item(ty, quote!(type Example = <<), quote!(#row as #krate::train::parts::ExampleRow>::Example;))
    });
    quote!(#model #args #example)
}

/// What rules about the arguments look at; of a trainer with mistakes of its own, nothing.
fn surroundings(plan: &Plan) -> TokenStream {
    let Plan { krate, train_dataset, eval_dataset, metrics, .. } = plan;
    let (true, Some(rows)) = (plan.is_sound, train_dataset) else { return TokenStream::new() };
    let rows = at(rows, quote!(<Self::Example as #krate::data::Example>::TRAIN_ROWS));
    let keys = metrics.iter().flat_map(|metric| match metric {
        Metric::BuiltIn(metric) => metric.keys().iter().map(ToTokens::to_token_stream).collect(),
        Metric::Function(path) => vec![through_trait(path, quote!(#krate::train::parts::MetricName), "NAME")],
    });
    let several = metrics.iter().filter_map(|metric| match metric {
        Metric::BuiltIn(metric) => metric.gives_several().then(|| metric.key.to_token_stream()),
        Metric::Function(path) => Some(through_trait(path, quote!(#krate::train::parts::MetricName), "PREFIX")),
    });
    let (has_eval_dataset, near) = (eval_dataset.is_some(), near::metrics(plan, metrics));
    let metrics = eval_dataset.as_ref().map_or_else(
        || quote!(::core::option::Option::None),
        |ty| {
            let has_names = through_trait(ty, quote!(#krate::train::parts::EvalDatasetField), "HAS_NAMES");
            quote!(if #has_names { ::core::option::Option::None } else { ::core::option::Option::Some(&[#(#keys),*]) })
        },
    );
    quote! {
        const SURROUNDINGS: #krate::args::Surroundings<'static> = {
            #near
            #krate::args::Surroundings {
                trainer: Self::NAME,
                has_eval_dataset: #has_eval_dataset,
                metrics: #metrics,
                several: &[#(#several),*],
                train_rows: #rows,
                positions: #krate::train::model_dir::positions::<Self>(),
            }
        };
    }
}

/// The model, the arguments and the data, as references.
///
/// The compiler asks for the associated types wherever a signature names them. All of these stand at one token of the
/// type of the field, so that a field of another type is reported once.
fn getters(plan: &Plan) -> TokenStream {
    let krate = &plan.krate;
    let model = plan.model.as_ref().map(|ty| {
        at(
            ty,
            quote!(
                fn model(&self) -> &Self::Model {
                    &self.model
                }
            ),
        )
    });
    let args = plan.args.as_ref().map(|ty| {
        at(
            ty,
            quote!(
                fn args(&self) -> &Self::Args {
                    &self.args
                }
            ),
        )
    });
    let datasets = plan.train_dataset.as_ref().map(|ty| {
        let train = at(
            ty,
            quote! {
                fn train_dataset(&self) -> ::core::option::Option<&#krate::data::Dataset<Self::Example>>
            },
        );
        let dataset = {
            let (start, itself) = (at(ty, quote!(<)), relocated(ty));
            let end = at(ty, quote!(as #krate::train::parts::TrainDatasetField>::dataset(&self.train_dataset)));
            quote!(#start #itself #end)
        };
        let found = quote_spanned!(last_name(ty)=> { ::core::option::Option::Some(#dataset) });
        let body = eval_datasets(plan, ty);
        let eval = quote! {
            fn eval_datasets(
                &self,
            ) -> ::std::vec::Vec<(::core::option::Option<&::core::primitive::str>, &#krate::data::Dataset<Self::Example>)>
        };
        let eval = at(ty, eval);
        let body = quote_spanned!(last_name(ty)=> { #body });
        quote!(#train #found #eval #body)
    });
    quote!(#model #args #datasets)
}

fn eval_datasets(plan: &Plan, train_dataset: &Type) -> TokenStream {
    let krate = &plan.krate;
    let Some(ty) = &plan.eval_dataset else { return quote!(::std::vec![]) };
    let (_, end) = ends(ty);
    let example = at(train_dataset, quote!(Self::Example));
    let asked = || quote!(#krate::train::parts::EvalDatasetField);
    let (row, datasets) = (through_trait(ty, asked(), "Row"), through_trait(ty, asked(), "datasets"));
    let same = through_trait_of(&row, quote!(#krate::train::parts::EvalRow), &example, "same");
    let this = local("self");
    quote_spanned!(end=> #same(#datasets(&#this.eval_dataset)))
}

fn tokenizer(plan: &Plan) -> TokenStream {
    let krate = &plan.krate;
    let body = match &plan.tokenizer {
        Some(ty) => {
            let (_, end) = ends(ty);
            let tokenizer = through_trait(ty, quote!(#krate::train::parts::TokenizerField), "tokenizer");
            let this = local("self");
            quote_spanned!(end=> #tokenizer(&#this.tokenizer))
        }
        None => quote!(::core::option::Option::None),
    };
    quote! {
        fn tokenizer(&self) -> ::core::option::Option<&#krate::text::Tokenizer> {
            #body
        }
    }
}

/// An implementation for a struct that lacks a part, so that what uses it is not reported too.
pub(super) fn stand_in(plan: &Plan) -> TokenStream {
    let Plan { ident, krate, .. } = plan;
    let unknown = || syn::parse_quote!(#krate::train::parts::Missing);
    let whole = |ty: &Option<Type>| ty.clone().unwrap_or_else(unknown);
    let rows: Type = syn::parse_quote!(#krate::data::Dataset<#krate::train::parts::Missing>);
    let types = types(&Plan {
        model: Some(whole(&plan.model)),
        args: Some(whole(&plan.args)),
        train_dataset: Some(plan.train_dataset.clone().unwrap_or(rows)),
        ident: ident.clone(),
        krate: krate.clone(),
        eval_dataset: None,
        tokenizer: None,
        collator: Collator::LeftOut,
        loss: Loss::LeftOut,
        metrics: Vec::new(),
        keys: (None, None),
        optimizer: None,
        peft: None,
        formatting: None,
        callbacks: Vec::new(),
        model_dir: ModelDir::default(),
        is_sound: false,
    });
    quote! {
        #[automatically_derived]
        #[allow(unused_qualifications, clippy::restriction)]
        impl #krate::train::TrainerParts for #ident {
            #types
            const NAME: &'static ::core::primitive::str = "";

            fn model(&self) -> &Self::Model {
                ::core::unreachable!()
            }

            fn args(&self) -> &Self::Args {
                ::core::unreachable!()
            }

            fn train_dataset(&self) -> ::core::option::Option<&#krate::data::Dataset<Self::Example>> {
                ::core::unreachable!()
            }

            fn eval_datasets(
                &self,
            ) -> ::std::vec::Vec<(::core::option::Option<&::core::primitive::str>, &#krate::data::Dataset<Self::Example>)> {
                ::core::unreachable!()
            }

            fn tokenizer(&self) -> ::core::option::Option<&#krate::text::Tokenizer> {
                ::core::unreachable!()
            }

            fn collator(&self) -> ::std::boxed::Box<dyn #krate::collate::Collator> {
                ::core::unreachable!()
            }

            fn loss(&self) -> ::core::option::Option<::std::boxed::Box<dyn #krate::loss::Loss>> {
                ::core::unreachable!()
            }

            fn metrics(&self) -> ::std::vec::Vec<::std::boxed::Box<dyn #krate::metrics::Metric>> {
                ::core::unreachable!()
            }

            fn callbacks(&self) -> ::std::vec::Vec<::std::boxed::Box<dyn #krate::train::Callback>> {
                ::core::unreachable!()
            }
        }
    }
}
