//! What the key `metrics` lists.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::spanned::Spanned;
use syn::{Expr, Path};

use crate::diagnostics::{Errors, nearest};
use crate::keys::{Key, source};
use crate::trainer::arguments::{Arguments, Call, is_other_literal, number, refuse_zero, text, with_fraction};
use crate::trainer::keys::Word;
use crate::trainer::metric_keys::{LOWERCASE, METRICS, NAME, STEMMER, THRESHOLD, WORD_ORDER};

/// A metric of a trainer.
pub(in crate::trainer) enum Metric {
    /// One of the core.
    BuiltIn(Box<BuiltIn>),
    /// A function under `#[metric]`.
    Function(Path),
}

/// A metric of the core, and what is said of it.
pub(in crate::trainer) struct BuiltIn {
    pub(in crate::trainer) path: Path,
    pub(in crate::trainer) name: String,
    /// Its key in the results.
    pub(in crate::trainer) key: String,
    /// What its constructor takes.
    pub(in crate::trainer) value: Option<Expr>,
    /// What is said of it: the method, and its value.
    pub(in crate::trainer) said: Vec<(Ident, Said)>,
    /// The average, and where it is written, if it is one that does not fit every task.
    pub(in crate::trainer) average: Option<(Ident, TokenStream)>,
}

/// The value of a key of a metric.
pub(in crate::trainer) enum Said {
    /// A path below `metrics`.
    Choice(TokenStream),
    /// A number of the user's.
    Number(Expr),
    /// None: the key says it all.
    Nothing,
}

/// Metrics that give several values, with what stands behind their name in the keys.
const SUFFIXES: &[(&str, &[&str])] =
    &[("entity_f1", &["", "_precision", "_recall", "_accuracy"]), ("rouge", &["1", "2", "L", "Lsum"])];

impl BuiltIn {
    /// The keys of its values in the results, as far as they are known without the classes.
    pub(in crate::trainer) fn keys(&self) -> Vec<String> {
        let suffixes = SUFFIXES.iter().find(|(name, _)| *name == self.name).map_or(&[""][..], |(_, suffixes)| suffixes);
        suffixes.iter().map(|suffix| format!("{}{suffix}", self.key)).collect()
    }

    /// The threshold, if one is said.
    pub(in crate::trainer) fn threshold(&self) -> Option<&Expr> {
        self.said.iter().find_map(|(key, value)| match value {
            Said::Number(value) if key == THRESHOLD.name => Some(value),
            _ => None,
        })
    }

    /// Whether it gives a value for each class, under keys that begin with its own.
    pub(in crate::trainer) fn gives_several(&self) -> bool {
        self.said.iter().any(|(_, value)| matches!(value, Said::Choice(path) if path.to_string().ends_with("PerClass")))
    }
}

/// The metric of the core that is called most like a function of the list, if one is.
pub(in crate::trainer) fn near_built_in(path: &Path) -> Option<&'static str> {
    let name = path.get_ident()?.to_string();
    nearest(&name, METRICS.iter().map(|known| known.name))
}

/// A key whose value is one of some texts, each a variant of an enum.
struct Choice {
    key: &'static str,
    of: &'static str,
    values: &'static [(&'static str, &'static str)],
}

const CHOICES: &[Choice] = &[
    Choice {
        key: "average",
        of: "Average",
        values: &[
            ("binary", "Binary"),
            ("macro", "Macro"),
            ("micro", "Micro"),
            ("weighted", "Weighted"),
            ("samples", "Samples"),
            ("none", "PerClass"),
        ],
    },
    Choice {
        key: "zero_division",
        of: "ZeroDivision",
        values: &[("zero", "Zero"), ("one", "One"), ("undefined", "Undefined")],
    },
    Choice { key: "absent_classes", of: "AbsentClasses", values: &[("left_out", "LeftOut"), ("counted", "Counted")] },
    Choice { key: "multi_class", of: "MultiClass", values: &[("ovr", "OneVsRest"), ("ovo", "OneVsOne")] },
    Choice {
        key: "weights",
        of: "KappaWeights",
        values: &[("equal", "Equal"), ("linear", "Linear"), ("quadratic", "Quadratic")],
    },
    Choice { key: "scale", of: "BrierScale", values: &[("usual", "Usual"), ("half", "Half")] },
    Choice {
        key: "scheme",
        of: "EntityScheme",
        values: &[("lenient", "Lenient"), ("iob2", "Iob2"), ("bioes", "Bioes")],
    },
    Choice {
        key: "smoothing",
        of: "BleuSmoothing",
        values: &[("exp", "Exponential"), ("floor", "Floor"), ("add-k", "AddOne"), ("none", "Nothing")],
    },
];

/// Names of other libraries, with what to write.
const FOREIGN: &[(&str, &str)] = &[
    ("accuracy_score", "accuracy"),
    ("f1_score", "f1"),
    ("fbeta_score", "fbeta(2.0)"),
    ("precision_score", "precision"),
    ("recall_score", "recall"),
    ("roc_auc_score", "roc_auc"),
    ("auc", "roc_auc"),
    ("matthews_corrcoef", "mcc"),
    ("matthews_correlation", "mcc"),
    ("cohen_kappa_score", "cohen_kappa"),
    ("mean_squared_error", "mse"),
    ("mean_absolute_error", "mae"),
    ("r2_score", "r2"),
    ("r_squared", "r2"),
    ("seqeval", "entity_f1"),
    ("sacrebleu", "bleu"),
    ("corpus_bleu", "bleu"),
    ("corpus_chrf", "chrf"),
    ("rouge1", "rouge"),
    ("rouge2", "rouge"),
    ("rougeL", "rouge"),
];

pub(super) fn plan(written: Vec<Expr>, errors: &mut Errors) -> Vec<Metric> {
    let mut metrics: Vec<Metric> = Vec::new();
    for value in written {
        let original = value.clone();
        let Some(metric) = read(value, errors) else { continue };
        if let Metric::BuiltIn(new) = &metric
            && metrics.iter().any(|known| matches!(known, Metric::BuiltIn(known) if known.key == new.key))
        {
            let message = format!("two metrics are called `{}`", new.key);
            let help = format!("give one another name: `{}(name = \"…\")`", new.name);
            errors.add_spanned(original, message, help);
        }
        metrics.push(metric);
    }
    metrics
}

fn read(value: Expr, errors: &mut Errors) -> Option<Metric> {
    let value = match Call::read(crate::keys::bare(value)) {
        Ok(call) => call,
        Err(other) => {
            let message = match text(&other) {
                Some(name) => format!("a metric is written without quotes: `{}`", name.value()),
                None => "a metric is written by its name".to_owned(),
            };
            errors.add_spanned(other, message, "`metrics = [accuracy, f1(average = \"macro\")]`");
            return None;
        }
    };
    let name = value.name().unwrap_or_default();
    if let Some((_, known)) = FOREIGN.iter().find(|(foreign, _)| *foreign == name) {
        errors.add_spanned(&value.path, format!("`{name}` is called `{known}` here"), format!("`metrics = [{known}]`"));
        return None;
    }
    match METRICS.iter().find(|known| known.name == name) {
        Some(known) => Some(Metric::BuiltIn(Box::new(built_in(value, known, errors)?))),
        None => function(value, &name, errors),
    }
}

fn function(call: Call, name: &str, errors: &mut Errors) -> Option<Metric> {
    if call.arguments.is_empty() {
        return Some(Metric::Function(call.path));
    }
    let spelled = source(&call.path);
    let help = match nearest(name, METRICS.iter().map(|known| known.name)) {
        Some(near) => format!("did you mean `{near}`? A function under `#[metric]` is written without parentheses"),
        None => format!("a function under `#[metric]` is written without parentheses: `metrics = [{spelled}]`"),
    };
    errors.add_spanned(&call.path, format!("`{spelled}` is no metric that takes values"), help);
    None
}

fn built_in(call: Call, word: &Word, errors: &mut Errors) -> Option<BuiltIn> {
    let Call { path, mut arguments } = call;
    let (name, known) = (word.name.to_owned(), word.known());
    let takes = |key: &str| word.keys.iter().any(|known| known.name == key);
    if [LOWERCASE, STEMMER].iter().any(|switch| takes(switch.name)) {
        arguments.read_lone_names();
    }
    let before = errors.len();
    arguments.refuse_strangers(&name, &known, errors);
    let is_spelled = errors.len() == before;
    let mut is_complete = true;
    let value = word.first.and_then(|first| {
        let value = constructor_value(is_spelled.then_some(&path), &name, first, &mut arguments, errors);
        is_complete = value.is_some();
        value
    });
    let (mut said, mut average) = (Vec::new(), None);
    for choice in CHOICES.iter().filter(|choice| takes(choice.key)) {
        let Some(written) = arguments.take(choice.key) else { continue };
        let Some(variant) = variant(choice, &written, errors) else { continue };
        let variant = Ident::new(variant, Span::call_site());
        let of = Ident::new(choice.of, Span::call_site());
        if choice.key == "average" {
            average = Some((variant.clone(), quote!(#written)));
        }
        said.push((Ident::new(choice.key, Span::call_site()), Said::Choice(quote!(#of::#variant))));
    }
    read_numbers_and_switches(word, &mut arguments, &mut said, errors);
    // What is not said is `binary` for the ratios, as in scikit-learn, which does not fit every task.
    if average.is_none() && takes("zero_division") {
        average = Some((Ident::new("Binary", Span::call_site()), quote!(#path)));
    }
    let key = arguments.take("name").and_then(|written| key(&written, errors));
    arguments.refuse_rest(&name, &known, errors);
    let key = key.unwrap_or_else(|| if name == "top_k" { top_k_key(value.as_ref()) } else { name.clone() });
    is_complete.then_some(BuiltIn { path, name, key, value, said, average })
}

fn read_numbers_and_switches(
    word: &Word,
    arguments: &mut Arguments,
    said: &mut Vec<(Ident, Said)>,
    errors: &mut Errors,
) {
    for key in word.keys {
        let name = Ident::new(key.name, Span::call_site());
        if [LOWERCASE.name, STEMMER.name].contains(&key.name) {
            if let Some((_, true)) = arguments.take_switch(key.name, errors) {
                said.push((name, Said::Nothing));
            }
        } else if [THRESHOLD.name, WORD_ORDER.name].contains(&key.name) {
            let Some(value) = arguments.take(key.name) else { continue };
            let is_whole = key.name == WORD_ORDER.name;
            if is_other_literal(&value) || (is_whole && number(&value).is_some_and(|of| of < 0.0 || of.fract() > 0.0)) {
                let message = format!("`{}` takes {}", key.name, key.takes);
                errors.add_spanned(&value, message, format!("`{}`", key.example));
                continue;
            }
            said.push((name, Said::Number(if is_whole { value } else { with_fraction(value) })));
        }
    }
}

/// The name of `top_k(3)`, which has the number in it.
fn top_k_key(k: Option<&Expr>) -> String {
    k.and_then(number).map_or_else(|| "top_".to_owned(), |k| format!("top_{k}"))
}

/// What the metric is made with; that it is missing is said at `path`, if nothing that is misspelt may be it.
fn constructor_value(
    path: Option<&Path>,
    name: &str,
    Key { name: of, example, .. }: Key,
    arguments: &mut Arguments,
    errors: &mut Errors,
) -> Option<Expr> {
    let Some(value) = arguments.take_first(of) else {
        if let Some(path) = path {
            errors.add_spanned(path, format!("`{name}` needs its {of}"), format!("`{example}`"));
        }
        return None;
    };
    if of == "k" {
        refuse_zero("k", &value, example, errors);
        return Some(value);
    }
    if text(&value).is_some() || number(&value).is_some_and(|beta| beta <= 0.0) {
        errors.add_spanned(&value, format!("`{of}` is a number above 0"), format!("`{example}`"));
    }
    Some(with_fraction(value))
}

fn variant(choice: &Choice, written: &Expr, errors: &mut Errors) -> Option<&'static str> {
    let names = || choice.values.iter().map(|(name, _)| *name);
    let spelled = match (text(written), number(written), choice.key) {
        (Some(text), ..) => text.value(),
        // As scikit-learn writes it.
        (None, Some(0.0), "zero_division") => "zero".to_owned(),
        (None, Some(1.0), "zero_division") => "one".to_owned(),
        _ => source(written),
    };
    let found = choice.values.iter().find(|(name, _)| *name == spelled);
    if found.is_none() {
        let help = match nearest(&spelled, names()) {
            Some(near) => format!("did you mean `{} = \"{near}\"`?", choice.key),
            None => format!("it is one of: \"{}\"", names().collect::<Vec<_>>().join("\", \"")),
        };
        errors.add_spanned(written, format!("`{}` has no value `{spelled}`", choice.key), help);
    }
    found.map(|(_, variant)| *variant)
}

fn key(written: &Expr, errors: &mut Errors) -> Option<String> {
    match text(written).map(syn::LitStr::value) {
        Some(key) if !key.trim().is_empty() && !key.contains(char::is_whitespace) => Some(key),
        _ => {
            let message = "a metric's name is a key in the results: a text without spaces";
            errors.add(written.span(), message, format!("`{}`", NAME.example));
            None
        }
    }
}
