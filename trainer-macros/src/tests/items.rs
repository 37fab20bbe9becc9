//! Items under the macros: those of the documentation, those of the compile-fail tests, and one for each key's example.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Attribute, DeriveInput, Item, Meta};

use super::reference::{WORDS, attributes};
use crate::editor::{self, Attributes, Lower, as_written};
use crate::{class_label, example, loss, metric, trainer, training_args};

/// An item with the place of one of its attributes, whose tokens can be replaced.
pub(super) struct Written {
    /// Where it is from, for messages.
    pub(super) from: String,
    pub(super) expander: Expander,
    /// What stands in the attribute.
    pub(super) tokens: TokenStream,
    item: DeriveInputOrItem,
    /// Which of the attributes of the item and its fields, for a derive.
    place: usize,
}

/// How the macro is called.
#[derive(Clone, Copy)]
pub(super) enum Expander {
    Attribute(&'static str, Lower, fn(TokenStream, TokenStream) -> TokenStream),
    Derive(&'static str, Attributes, fn(&DeriveInput) -> TokenStream),
}

#[derive(Clone)]
enum DeriveInputOrItem {
    Derive(Box<DeriveInput>),
    Item(TokenStream),
}

const EXPANDERS: &[Expander] = &[
    Expander::Attribute("trainer", trainer::editor::lower, trainer::attribute),
    Expander::Attribute("metric", as_written, metric::attribute),
    Expander::Attribute("loss", as_written, loss::attribute),
    Expander::Derive("ClassLabel", class_label::ATTRIBUTES, class_label::derive),
    Expander::Derive("Example", example::ATTRIBUTES, example::derive),
    Expander::Derive("TrainingArgs", training_args::ATTRIBUTES, training_args::derive),
];

impl Written {
    /// The item as it is under the macro, and what the macro makes of it with these tokens in the attribute.
    pub(super) fn expand(&self, tokens: TokenStream) -> TokenStream {
        match (self.expander, &self.item) {
            (Expander::Attribute(_, _, expand), DeriveInputOrItem::Item(item)) => expand(tokens, item.clone()),
            (Expander::Derive(_, _, expand), DeriveInputOrItem::Derive(item)) => {
                expand(&with_tokens(self.place, item.clone(), tokens))
            }
            _ => TokenStream::new(),
        }
    }

    /// What an editor looks into, with these tokens in the attribute.
    pub(super) fn for_editors(&self, tokens: TokenStream) -> TokenStream {
        match (self.expander, &self.item) {
            (Expander::Attribute(name, lower, _), _) => editor::of_attribute(name, tokens, lower),
            (Expander::Derive(_, attributes, _), DeriveInputOrItem::Derive(item)) => {
                editor::of_derive(&with_tokens(self.place, item.clone(), tokens), attributes)
            }
            _ => TokenStream::new(),
        }
    }

    /// The item that must be among what an attribute expands to; for a derive, none.
    pub(super) fn item(&self) -> Option<&TokenStream> {
        match &self.item {
            DeriveInputOrItem::Item(item) => Some(item),
            DeriveInputOrItem::Derive(_) => None,
        }
    }

    /// The trait that must be implemented, and for which type, if the item can be what the derive is for.
    pub(super) fn implements(&self) -> Option<(&'static str, String)> {
        let (Expander::Derive(name, ..), DeriveInputOrItem::Derive(item)) = (self.expander, &self.item) else {
            return None;
        };
        let fits = match (&item.data, name) {
            (syn::Data::Enum(_), "ClassLabel") => item.generics.params.is_empty(),
            (syn::Data::Struct(data), "Example") => {
                matches!(data.fields, syn::Fields::Named(_)) && item.generics.params.is_empty()
            }
            (_, "TrainingArgs") => true,
            _ => false,
        };
        fits.then(|| (name, item.ident.to_string()))
    }
}

/// Every item, once for each of its attributes.
pub(super) fn all() -> Vec<Written> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut items = Vec::new();
    for (path, text) in sources(&root) {
        // A file that is no Rust is a test of the compiler's parser, not of these macros.
        let Ok(file) = syn::parse_file(&text) else { continue };
        let from = path.strip_prefix(&root).unwrap_or(&path).display().to_string();
        file.items.iter().for_each(|item| read(&from, item, &mut items));
    }
    for source in examples() {
        read(&source, &syn::parse_str::<Item>(&source).unwrap(), &mut items);
    }
    items
}

/// The Rust of the pages and of the compile-fail tests.
fn sources(root: &Path) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    for folder in [
        "README.md",
        "tests/compile_fail",
        "trainer-macros/src",
        "tests/tests/macros.rs",
        "tests/tests/training_args.rs",
    ] {
        collect(&root.join(folder), &mut files);
    }
    let text = |path: &PathBuf| fs::read_to_string(path).unwrap();
    let of_file = |path: PathBuf| match path.extension().and_then(|extension| extension.to_str()) {
        Some("md") => blocks(&text(&path)).into_iter().map(|block| (path.clone(), block)).collect(),
        Some("rs") if !path.starts_with(root.join("trainer-macros")) => vec![(path.clone(), text(&path))],
        _ => Vec::new(),
    };
    files.into_iter().flat_map(of_file).collect()
}

fn collect(path: &Path, into: &mut Vec<PathBuf>) {
    if path.is_dir() {
        let mut entries: Vec<PathBuf> = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        for entry in &entries {
            collect(entry, into);
        }
    } else {
        into.push(path.to_owned());
    }
}

/// The blocks of Rust in a page.
fn blocks(page: &str) -> Vec<String> {
    let fenced = page.split("```").skip(1).step_by(2).filter(|block| block.starts_with("rust"));
    let code = fenced.filter_map(|block| block.split_once('\n')).map(|(_, code)| code);
    // What rustdoc hides is there to compile.
    code.map(|code| code.lines().map(|line| line.strip_prefix("# ").unwrap_or(line)).collect::<Vec<_>>().join("\n"))
        .collect()
}

/// An item for the example of each key.
fn examples() -> Vec<String> {
    let mut items = Vec::new();
    for attribute in attributes() {
        for example in attribute.keys.iter().map(|key| key.example) {
            items.push(match attribute.name {
                "trainer" => trainer_with(example),
                "metric" => format!("#[metric({example})] fn m(labels: Labels<'_, Rating>) -> f64 {{ 0.0 }}"),
                "loss" => format!("#[loss({example})] fn l(o: &Output, b: &Batch) -> Result<LossSum> {{ todo!() }}"),
                "example" => {
                    format!("#[derive(Example)] #[example({example})] struct R {{ text: String, label: f32 }}")
                }
                "example_field" => {
                    format!("#[derive(Example)] struct R {{ text: String, label: f32, #[example({example})] x: f32 }}")
                }
                "label" => format!("#[derive(ClassLabel)] #[label({example})] enum L {{ A, B }}"),
                "label_variant" => format!("#[derive(ClassLabel)] enum L {{ #[label({example})] A, B }}"),
                "arg" => format!("#[derive(TrainingArgs)] struct A {{ #[arg({example})] learning_rate: f64 }}"),
                _ => format!("#[derive(TrainingArgs)] #[training_args({example})] struct A {{ power: f64 }}"),
            });
        }
    }
    for (key, _, words) in WORDS {
        for word in *words {
            let (open, close) = if *key == "metrics" { ("[", "]") } else { ("", "") };
            items.push(trainer_with(&format!("{key} = {open}{}{close}", word.example)));
            items.extend(
                word.keys
                    .iter()
                    .map(|inner| trainer_with(&format!("{key} = {open}{}({}){close}", word.name, inner.example))),
            );
        }
    }
    items
}

fn trainer_with(keys: &str) -> String {
    let fields = "model: M, args: A, train_dataset: Dataset<R>, eval_dataset: Dataset<R>, tokenizer: Tokenizer";
    format!("#[trainer({keys})] struct T {{ {fields} }}")
}

fn read(from: &str, item: &Item, into: &mut Vec<Written>) {
    if let Item::Mod(module) = item {
        module.content.iter().flat_map(|(_, items)| items).for_each(|item| read(from, item, into));
    }
    for expander in EXPANDERS {
        match expander {
            Expander::Attribute(name, ..) => read_attribute(from, *expander, name, item, into),
            Expander::Derive(name, ..) => read_derive(from, *expander, name, item, into),
        }
    }
}

fn read_attribute(from: &str, expander: Expander, name: &str, item: &Item, into: &mut Vec<Written>) {
    let mut item = item.clone();
    let attributes = match &mut item {
        Item::Struct(item) => &mut item.attrs,
        Item::Enum(item) => &mut item.attrs,
        Item::Fn(item) => &mut item.attrs,
        _ => return,
    };
    let Some(position) = attributes.iter().position(|attribute| last_name(attribute) == name) else { return };
    let attribute = attributes.remove(position);
    let tokens = tokens_of(&attribute);
    let item = DeriveInputOrItem::Item(item.to_token_stream());
    into.push(Written { from: from.to_owned(), expander, tokens, item, place: 0 });
}

fn read_derive(from: &str, expander: Expander, name: &str, item: &Item, into: &mut Vec<Written>) {
    let Ok(mut item) = syn::parse2::<DeriveInput>(item.to_token_stream()) else { return };
    let derives = |attribute: &Attribute| {
        attribute.path().is_ident("derive")
            && tokens_of(attribute).into_iter().any(|tree| matches!(tree, TokenTree::Ident(derived) if derived == name))
    };
    if !item.attrs.iter().any(derives) {
        return;
    }
    let Expander::Derive(_, Attributes { outer, inner }, _) = expander else { return };
    let helpers = [outer.0, inner.0];
    let whole = DeriveInputOrItem::Derive(Box::new(item.clone()));
    for (place, attribute) in helper_attributes(&mut item).into_iter().enumerate() {
        if helpers.contains(&last_name(attribute).as_str()) {
            let (item, tokens) = (whole.clone(), tokens_of(attribute));
            into.push(Written { from: from.to_owned(), expander, tokens, item, place });
        }
    }
}

/// All attributes of the item and of what is in it.
fn helper_attributes(item: &mut DeriveInput) -> Vec<&mut Attribute> {
    let inside: Vec<&mut Vec<Attribute>> = match &mut item.data {
        syn::Data::Struct(data) => data.fields.iter_mut().map(|field| &mut field.attrs).collect(),
        syn::Data::Enum(data) => data.variants.iter_mut().map(|variant| &mut variant.attrs).collect(),
        syn::Data::Union(_) => Vec::new(),
    };
    item.attrs.iter_mut().chain(inside.into_iter().flatten()).collect()
}

/// The item with these tokens in one of its attributes.
fn with_tokens(place: usize, mut item: Box<DeriveInput>, tokens: TokenStream) -> Box<DeriveInput> {
    let attribute = helper_attributes(&mut item).remove(place);
    let path = attribute.path().clone();
    let group = TokenTree::Group(Group::new(Delimiter::Parenthesis, tokens));
    *attribute = syn::parse_quote!(#[#path #group]);
    item
}

fn last_name(attribute: &Attribute) -> String {
    attribute.path().segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default()
}

fn tokens_of(attribute: &Attribute) -> TokenStream {
    match &attribute.meta {
        Meta::List(list) => list.tokens.clone(),
        Meta::Path(_) | Meta::NameValue(_) => quote!(),
    }
}
