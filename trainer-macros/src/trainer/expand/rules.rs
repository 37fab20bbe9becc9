//! The rules between the parts, each a constant that the compiler evaluates.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Expr, Type};

use super::near;
use crate::diagnostics::{at, checked, ends, last_name, respan, through_trait};
use crate::trainer::check::{BuiltIn, BuiltInCollator, Collator, Loss, Metric, Optimizer, Plan, Weights};
use crate::training_args::names::AGREEMENTS;

// const _: () = accept(model_fits_the_examples(&Schema::of::<<ReviewTrainer as TrainerParts>::Example>(), <…>::HEAD));
// const _: () = accept(loss_fits_the_task(&Schema::of::<…>(), "weighted_ce"));
// …
pub(super) fn rules(plan: &Plan) -> TokenStream {
    let rules = Rules { plan };
    let mut tokens = rules.model();
    tokens.extend(rules.collator());
    tokens.extend(rules.loss());
    tokens.extend(rules.optimizer());
    for metric in &plan.metrics {
        tokens.extend(rules.metric(metric));
    }
    tokens.extend(rules.agreements());
    tokens.extend(plan.peft.as_ref().map(|lora| super::peft::rules(&rules, lora)));
    tokens.extend(plan.formatting.as_ref().map(|formatting| super::formatting::rules(&rules, formatting)));
    tokens
}

/// A constant as class weights: where it is none of `f32`, the compiler says so once, and at its name.
// { const __CLASS_WEIGHTS: &[f32] = &WEIGHTS; __CLASS_WEIGHTS }
pub(super) fn weights_of(constant: &impl ToTokens) -> TokenStream {
    let (start, end) = ends(constant);
    let mut reference = quote_spanned!(start=> &);
    constant.to_tokens(&mut reference);
    let ty = respan(quote!(&'static [::core::primitive::f32]), end);
    quote!({
        const __CLASS_WEIGHTS: #ty = #reference;
        __CLASS_WEIGHTS
    })
}

/// What rules are made from.
pub(super) struct Rules<'a> {
    pub(super) plan: &'a Plan,
}

impl Rules<'_> {
    /// One rule of the core about the schema, refused at `tokens`.
    fn check(&self, tokens: &impl ToTokens, rule: &str, facts: &TokenStream) -> TokenStream {
        let Plan { krate, train_dataset, .. } = self.plan;
        let rule = Ident::new(rule, Span::call_site());
        let example = self.own(train_dataset.as_ref(), "Example");
        let schema = quote!(&#krate::train::checks::Schema::of::<#example>());
        checked(krate, tokens, quote!(#krate::train::checks::#rule(#schema, #facts)))
    }

    fn model(&self) -> TokenStream {
        let Plan { krate, model, .. } = self.plan;
        let itself = self.own(model.as_ref(), "Model");
        let head = through_trait(&itself, quote!(#krate::model::Model), "HEAD");
        self.check(model, "model_fits_the_examples", &head)
    }

    /// `<ReviewTrainer as TrainerParts>::Name`, at the type of its field.
    pub(super) fn own(&self, ty: Option<&Type>, name: &str) -> TokenStream {
        let Plan { ident, krate, .. } = self.plan;
        let name = Ident::new(name, Span::call_site());
        let path = quote!(<#ident as #krate::train::TrainerParts>::#name);
        ty.map_or_else(|| path.clone(), |ty| at(ty, path.clone()))
    }

    fn collator(&self) -> TokenStream {
        let Plan { ident, tokenizer, collator, .. } = self.plan;
        let mut tokens = TokenStream::new();
        if let Collator::BuiltIn(collator) = collator {
            tokens.extend(self.built_in_collator(collator));
        }
        if tokenizer.is_none() {
            let name = ident.to_string();
            let rule = "text_needs_a_tokenizer";
            tokens.extend(match collator {
                Collator::LeftOut => {
                    let mut rules = self.check(ident, rule, &quote!(#name));
                    rules.extend(self.check(ident, "left_out_collator_can_pad", &quote!(#name)));
                    rules
                }
                Collator::BuiltIn(collator) => self.check(&collator.path, rule, &quote!(#name)),
                Collator::Value(written) => self.check(written, rule, &quote!(#name)),
            });
        }
        tokens
    }

    fn built_in_collator(&self, collator: &BuiltInCollator) -> TokenStream {
        let Plan { krate, model, .. } = self.plan;
        let (name, has_template) = (collator.name, collator.said("response_template").is_some());
        let mut tokens = self.check(&collator.path, "collator_fits_the_task", &quote!(#name, #has_template));
        let head = through_trait(&self.own(model.as_ref(), "Model"), quote!(#krate::model::Model), "HEAD");
        tokens.extend(self.check(&collator.path, "collator_fits_the_model", &quote!(#name, #has_template, #head)));
        if let Some((written, true)) = collator.switch("completion_only") {
            tokens.extend(self.check(written, "answers_are_known", &quote!(#name)));
        }
        let rule = |value: &Expr, rule: &str, facts: TokenStream| {
            let rule = Ident::new(rule, Span::call_site());
            checked(krate, value, quote!(#krate::train::checks::#rule(#facts)))
        };
        for (argument, value) in &collator.said {
            let argument = argument.to_string();
            tokens.extend(match argument.as_str() {
                "probability" => Some(rule(value, "probability_chooses_something", quote!(#value))),
                "mask" | "random" => Some(rule(value, "is_a_share_of_the_chosen", quote!(#argument, #value))),
                "response_template" | "instruction_template" => {
                    Some(rule(value, "template_says_something", quote!(#argument, #value)))
                }
                _ => None,
            });
        }
        let (mask, random) = (collator.said("mask"), collator.said("random"));
        if let Some(place) = random.or(mask) {
            let (mask, random) = (
                mask.map_or(quote!(0.8), ToTokens::to_token_stream),
                random.map_or(quote!(0.1), ToTokens::to_token_stream),
            );
            tokens.extend(rule(place, "shares_are_of_one_whole", quote!(#mask, #random)));
        }
        if let Some(length) = &collator.first {
            tokens.extend(rule(length, "rows_have_room", quote!("max_length", #length)));
        }
        tokens
    }

    fn loss(&self) -> TokenStream {
        let Loss::BuiltIn(loss) = &self.plan.loss else { return TokenStream::new() };
        let BuiltIn { path, name, weights, alpha, said } = loss.as_ref();
        let krate = &self.plan.krate;
        let mut tokens = self.check(path, "loss_fits_the_task", &quote!(#name));
        for weights in weights.iter().chain(alpha) {
            tokens.extend(self.weights(name, weights));
        }
        if let Some(Weights::List(_, list)) = alpha {
            for (class, share) in list.iter().enumerate() {
                tokens.extend(self.check(share, "focal_alpha_is_a_share", &quote!(#class, #share)));
            }
        }
        for (argument, value) in said {
            let rule = match argument.to_string().as_str() {
                "label_smoothing" => quote!(label_smoothing_is_a_share),
                "gamma" => quote!(focal_gamma_is_usable),
                "delta" => quote!(huber_delta_is_usable),
                _ => continue,
            };
            tokens.extend(checked(krate, value, quote!(#krate::train::checks::#rule(#value))));
        }
        tokens
    }

    fn optimizer(&self) -> TokenStream {
        let krate = &self.plan.krate;
        let Some(Optimizer::BuiltIn { said, .. }) = &self.plan.optimizer else { return TokenStream::new() };
        let numbers = said.iter().filter_map(|(key, value)| Some((key.to_string(), value.as_ref()?)));
        let rules = numbers.map(|(key, value)| {
            let rule = if key == "momentum" { quote!(momentum_is_a_share) } else { quote!(dampening_is_a_share) };
            checked(krate, value, quote!(#krate::train::checks::#rule(#value)))
        });
        rules.collect()
    }

    fn weights(&self, name: &str, weights: &Weights) -> TokenStream {
        match weights {
            Weights::List(whole, list) => {
                let count = list.len();
                let mut tokens = self.check(whole, "one_weight_per_class", &quote!(#name, #count));
                for (class, weight) in list.iter().enumerate() {
                    tokens.extend(self.check(weight, "class_weight_is_usable", &quote!(#name, #class, #weight)));
                }
                tokens.extend(self.check(whole, "some_class_counts", &quote!(#name, &#whole)));
                tokens
            }
            Weights::Constant(constant) => self.check(constant, "class_weights_are_usable", &{
                let weights = weights_of(constant);
                quote!(#name, #weights)
            }),
        }
    }

    fn metric(&self, metric: &Metric) -> TokenStream {
        let krate = &self.plan.krate;
        match metric {
            Metric::BuiltIn(metric) => {
                let name = &metric.name;
                let mut tokens = self.check(&metric.path, "metric_fits_the_task", &quote!(#name));
                if let Some((average, written)) = &metric.average {
                    let facts = quote!(#name, #krate::metrics::Average::#average);
                    tokens.extend(self.check(written, "average_fits_the_task", &facts));
                }
                if let Some(threshold) = metric.threshold() {
                    let rule = "threshold_fits_the_task";
                    tokens.extend(self.check(threshold, rule, &quote!(#name, #threshold)));
                }
                if name == "entity_f1" {
                    tokens.extend(self.check(&metric.path, "entity_classes_are_tags", &quote!(#name)));
                }
                tokens
            }
            Metric::Function(path) => {
                let name = path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
                let labels = through_trait(path, quote!(#krate::train::parts::MetricName), "LABELS");
                let near = near::metrics(self.plan, std::slice::from_ref(metric));
                let needs = through_trait(path, quote!(#krate::train::parts::MetricName), "NEEDS");
                let mut tokens = self.check(path, "metric_is_over_the_classes", &quote!(#name, { #near #labels }));
                tokens.extend(self.check(path, "metric_gets_what_it_takes", &quote!(#name, { #near #needs })));
                tokens
            }
        }
    }

    /// The rules of the arguments over this trainer: their derive knows what is written where, and answers there.
    //
    // const _: () = <<<ReviewTrainer as TrainerParts>::Args as TrainingArgs>::With<ReviewTrainer> as Agrees>::WARMUP;
    fn agreements(&self) -> TokenStream {
        let Plan { ident, krate, args, .. } = self.plan;
        // Where the implementation of `TrainerParts` names the type, so that one without its derive is reported once.
        let place = args.as_ref().map_or_else(|| ident.span(), last_name);
        let each = AGREEMENTS.iter().map(|agreement| {
            let constant = Ident::new(agreement.constant, Span::call_site());
            let arguments = quote!(<#ident as #krate::train::TrainerParts>::Args);
            let with = quote!(<#arguments as #krate::args::TrainingArgs>::With<#ident>);
            let asked = respan(quote!(const _: () = <#with as #krate::args::Agrees>::#constant;), place);
            quote!(#[allow(unused_qualifications)] #asked)
        });
        quote!(#(#each)*)
    }
}
