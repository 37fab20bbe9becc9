//! What was seen of a model directory, and the rules between it and the trainer.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{GenericArgument, LitStr, Path, PathArguments, Type};

use crate::diagnostics::{checked, last_name, option, respan};
use crate::inspect::model::Seen;
use crate::trainer::check::{Collator, Plan};

// const MODEL_SEEN: Option<ModelSeen<'static>> = Some(ModelSeen { config_file: "models/minilm/config.json", … });
// const MEMORY_BUDGET: Option<u64> = Some(8589934592);
pub(super) fn constants(plan: &Plan) -> TokenStream {
    let Plan { krate, model_dir, .. } = plan;
    let seen = model_dir.directory.as_ref().map(|(_, seen)| {
        let seen = seen_tokens(krate, seen);
        quote! {
            const MODEL_SEEN: ::core::option::Option<#krate::model::seen::ModelSeen<'static>> =
                ::core::option::Option::Some(#seen);
        }
    });
    let budget = model_dir.budget.as_ref().map(|(_, bytes)| {
        quote! {
            const MEMORY_BUDGET: ::core::option::Option<::core::primitive::u64> = ::core::option::Option::Some(#bytes);
        }
    });
    quote!(#seen #budget)
}

fn seen_tokens(krate: &Path, seen: &Seen) -> TokenStream {
    let [config_file, weights_file, tokenizer_file, tokenizer_config_file] = &seen.shown;
    let model_type = option(seen.config.model_type.as_ref());
    let num_labels = option(seen.config.num_labels);
    let labels = &seen.config.labels;
    let sizes = seen.config.sizes.iter().map(|(key, size)| {
        let (key, size) = (Ident::new(key, Span::call_site()), option(*size));
        quote!(#key: #size)
    });
    let flags = seen.config.flags.iter().map(|(key, flag)| {
        let (key, flag) = (Ident::new(key, Span::call_site()), option(*flag));
        quote!(#key: #flag)
    });
    let tensors = seen.tensors.iter().map(|tensors| {
        let (name, blocks) = (&tensors.name, &tensors.blocks);
        let shape = option(tensors.shape.as_ref().map(|shape| quote!(&[#(#shape),*])));
        quote!(#krate::model::seen::TensorSeen { name: #name, blocks: &[#(#blocks),*], shape: #shape })
    });
    let names = &seen.names;
    let tokenizer = option(seen.tokenizer.as_ref().map(|tokenizer| {
        let (vocabulary, has_pad_token) = (tokenizer.vocabulary, tokenizer.has_pad_token);
        let (could_pad, max_length) = (option(tokenizer.could_pad.as_ref()), option(tokenizer.max_length));
        quote! {
            #krate::model::seen::TokenizerSeen {
                file: #tokenizer_file,
                config_file: #tokenizer_config_file,
                vocabulary: #vocabulary,
                has_pad_token: #has_pad_token,
                could_pad: #could_pad,
                max_length: #max_length,
            }
        }
    }));
    quote! {
        #krate::model::seen::ModelSeen {
            config_file: #config_file,
            weights_file: #weights_file,
            model_type: #model_type,
            sizes: #krate::model::family::Sizes { #(#sizes,)* #(#flags),* },
            num_labels: #num_labels,
            labels: &[#(#labels),*],
            tensors: &[#(#tensors),*],
            names: &[#(#names),*],
            tokenizer: #tokenizer,
        }
    }
}

/// The files are read again when they change, or when the environment turns the checks off or on.
// const _: &[u8] = include_bytes!("/…/models/minilm/config.json");
pub(super) fn tracked(plan: &Plan) -> TokenStream {
    if !plan.model_dir.is_named {
        return TokenStream::new();
    }
    let seen = plan.model_dir.directory.iter();
    let files = seen.flat_map(|(_, seen)| &seen.tracked).filter_map(|path| path.to_str());
    quote! {
        #(const _: &[::core::primitive::u8] = ::core::include_bytes!(#files);)*
        const _: ::core::option::Option<&::core::primitive::str> = ::core::option_env!("TRAINER_DATA_CHECKS");
    }
}

// const _: () = accept(weights_fit::<ReviewTrainer>());                  // at the path
// const _: () = {
//     const fn the_labels_of_this_model() { accept(head_fits::<ReviewTrainer>()) }      // at the type of the labels
//     the_labels_of_this_model()                                         // at the path
// };
// …
pub(super) fn rules(plan: &Plan) -> TokenStream {
    let Some((path, seen)) = &plan.model_dir.directory else { return TokenStream::new() };
    let rules = Rules { plan, path };
    let mut tokens = rules.model();
    tokens.extend(rules.lengths());
    if seen.tokenizer.is_some() && plan.tokenizer.is_some() {
        tokens.extend(rules.tokenizer());
    }
    tokens.extend(rules.budget());
    tokens
}

/// Each target of an adapter is in the weights.
pub(super) fn targets(plan: &Plan, names: &[syn::Expr]) -> TokenStream {
    let Some((path, _)) = &plan.model_dir.directory else { return TokenStream::new() };
    let rules = Rules { plan, path };
    let each = names.iter().map(|name| {
        let verdict = rules.verdict("target_is_in_the_weights", &name.to_token_stream());
        checked(&plan.krate, name, verdict)
    });
    each.collect()
}

struct Rules<'a> {
    plan: &'a Plan,
    path: &'a LitStr,
}

impl Rules<'_> {
    /// `rule::<ReviewTrainer>(facts)`.
    fn verdict(&self, rule: &str, facts: &TokenStream) -> TokenStream {
        let Plan { ident, krate, .. } = self.plan;
        let rule = Ident::new(rule, Span::call_site());
        quote!(#krate::train::model_dir::#rule::<#ident>(#facts))
    }

    /// One rule, refused at the path.
    fn at_path(&self, rule: &str) -> TokenStream {
        checked(&self.plan.krate, self.path, self.verdict(rule, &TokenStream::new()))
    }

    /// One rule that two places are about, refused at the first.
    fn two_places(&self, first: Span, second: Span, called: &str, verdict: TokenStream) -> TokenStream {
        let krate = &self.plan.krate;
        let called = Ident::new(called, Span::call_site());
        let accept = respan(quote!(#krate::train::checks::accept(#verdict)), second);
        let call = respan(quote!(#called()), first);
        quote! {
            #[allow(unused_qualifications)]
            const _: () = {
                const fn #called() {
                    #accept
                }
                #call
            };
        }
    }

    fn model(&self) -> TokenStream {
        let Some(model) = &self.plan.model else { return TokenStream::new() };
        let nothing = TokenStream::new();
        let family = self.verdict("directory_is_of_the_family", &nothing);
        let mut tokens = self.two_places(self.path.span(), last_name(model), "the_type_of_this_model", family);
        tokens.extend(self.at_path("weights_fit"));
        tokens.extend(self.at_path("heads_share_the_hidden_size"));
        if !self.plan.model_dir.has_new_head {
            let head = self.verdict("head_fits", &nothing);
            tokens.extend(self.two_places(self.path.span(), labels(model), "the_labels_of_this_model", head));
        }
        tokens
    }

    fn lengths(&self) -> TokenStream {
        let mut tokens = TokenStream::new();
        let Collator::BuiltIn(collator) = &self.plan.collator else { return tokens };
        for (name, value) in self.said_lengths() {
            let shown = format!("`{name}` of `{}`", collator.name);
            let facts = quote!(#shown, ::core::option::Option::Some(#value));
            tokens.extend(checked(&self.plan.krate, value, self.verdict("length_fits", &facts)));
        }
        tokens
    }

    /// The lengths that the collator is given as numbers.
    fn said_lengths(&self) -> impl Iterator<Item = (String, &syn::Expr)> {
        let collator = match &self.plan.collator {
            Collator::BuiltIn(collator) => Some(collator),
            _ => None,
        };
        let said = collator.into_iter().flat_map(|collator| {
            let first = collator.first.iter().map(|value| ("max_length".to_owned(), value));
            first.chain(collator.said.iter().map(|(name, value)| (name.to_string(), value)))
        });
        let is_length = |name: &str| matches!(name, "max_length" | "fixed_length" | "max_target_length");
        said.filter(move |(name, value)| is_length(name) && matches!(value, syn::Expr::Lit(_)))
    }

    fn tokenizer(&self) -> TokenStream {
        let mut tokens = self.at_path("vocabulary_fits");
        match &self.plan.collator {
            Collator::LeftOut => tokens.extend(self.at_path("padding_has_a_token")),
            Collator::BuiltIn(collator) if collator.pads() => {
                let written = collator.path.segments.last();
                let first = written.map_or_else(|| self.path.span(), |name| name.ident.span());
                let verdict = self.verdict("padding_has_a_token", &TokenStream::new());
                tokens.extend(self.two_places(first, self.path.span(), "the_tokenizer_in_this_folder", verdict));
            }
            _ => {}
        }
        tokens
    }

    fn budget(&self) -> TokenStream {
        let Some((literal, _)) = &self.plan.model_dir.budget else { return TokenStream::new() };
        let lengths: Vec<_> = self.said_lengths().collect();
        let said = |wanted: &str| lengths.iter().find(|(name, _)| name == wanted).map(|(_, value)| value);
        // A fixed length counts before a longest one, as it does at run time.
        let (length, target) = (option(said("fixed_length").or(said("max_length"))), option(said("max_target_length")));
        let facts = quote!(#length, #target);
        let mut tokens = checked(&self.plan.krate, literal, self.verdict("budget_is_known", &facts));
        tokens.extend(checked(&self.plan.krate, literal, self.verdict("stays_within_the_budget", &facts)));
        tokens
    }
}

/// Where the labels of a model are written: `Rating` of `BertForSequenceClassification<Rating>`.
fn labels(model: &Type) -> Span {
    let Type::Path(path) = model else { return last_name(model) };
    match path.path.segments.last().map(|segment| &segment.arguments) {
        Some(PathArguments::AngleBracketed(arguments)) => match arguments.args.first() {
            Some(GenericArgument::Type(labels)) => last_name(labels),
            _ => last_name(model),
        },
        _ => last_name(model),
    }
}
