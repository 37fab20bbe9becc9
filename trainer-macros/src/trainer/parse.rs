//! The struct and the keys as they were written.

use proc_macro2::{Ident, Span, TokenStream};
use syn::{Expr, Field, Fields, Item, Type};

use super::check;
use super::keys::KEYS;
use crate::diagnostics::Errors;
use crate::function::item_keyword;
use crate::keys::{Core, Foreign, Keys};

/// The names that fields have for the macro.
pub(super) const PARTS: &[&str] = &["model", "args", "train_dataset", "eval_dataset", "tokenizer"];

/// Names of Hugging Face, of the struct's fields and of later versions, with what to write.
const FOREIGN: &[Foreign] = &[
    Foreign {
        name: "data_collator",
        answer: "`data_collator` is called `collator` here",
        help: "`collator = Padding`",
    },
    Foreign {
        name: "compute_metrics",
        answer: "`compute_metrics` is a list of `metrics` here",
        help: "`metrics = [accuracy, f1(average = \"macro\")]`, with your own functions under `#[metric]`",
    },
    Foreign {
        name: "compute_loss",
        answer: "`compute_loss` is called `loss` here",
        help: "`loss = my_loss`, with the function under `#[loss]`",
    },
    Foreign {
        name: "compute_loss_func",
        answer: "`compute_loss_func` is called `loss` here",
        help: "`loss = my_loss`, with the function under `#[loss]`",
    },
    Foreign { name: "optimizers", answer: "`optimizers` is called `optimizer` here", help: "`optimizer = adamw`" },
    Foreign { name: "metric", answer: "`metric` is a list called `metrics`", help: "`metrics = [accuracy]`" },
    Foreign { name: "callback", answer: "`callback` is a list called `callbacks`", help: "`callbacks = [MyCallback]`" },
    Foreign {
        name: "processing_class",
        answer: "`processing_class` is the field `tokenizer` of the struct",
        help: "`tokenizer: Tokenizer`",
    },
    Foreign { name: "tokenizer", answer: "`tokenizer` is a field of the struct", help: "`tokenizer: Tokenizer`" },
    Foreign {
        name: "model",
        answer: "`model` is a field of the struct",
        help: "`model: BertForSequenceClassification<Rating>`",
    },
    Foreign { name: "args", answer: "`args` is a field of the struct", help: "`args: Args`" },
    Foreign {
        name: "train_dataset",
        answer: "`train_dataset` is a field of the struct",
        help: "`train_dataset: Dataset<Review>`",
    },
    Foreign {
        name: "eval_dataset",
        answer: "`eval_dataset` is a field of the struct",
        help: "`eval_dataset: Dataset<Review>`",
    },
    Foreign {
        name: "label_smoothing",
        answer: "`label_smoothing` belongs to the loss",
        help: "`loss = ce(label_smoothing = 0.1)`",
    },
    Foreign {
        name: "class_weights",
        answer: "`class_weights` belong to the loss",
        help: "`loss = weighted_ce([1.0, 2.0])`",
    },
    Foreign {
        name: "peft_config",
        answer: "`peft_config` is called `peft` here",
        help: "`peft = lora(r = 8, alpha = 16, target_modules = [\"query\", \"value\"])`",
    },
    Foreign {
        name: "formatting_func",
        answer: "`formatting_func` is called `formatting` here",
        help: "`formatting = \"{text}\"`, with fields of the example in braces, or `formatting = my_function`",
    },
];

/// What stands in the source, not yet known to make sense.
pub(super) struct Written {
    pub(super) ident: Ident,
    pub(super) core: Core,
    pub(super) fields: Vec<(Ident, Type)>,
    pub(super) collator: Option<Expr>,
    pub(super) loss: Option<(Ident, Expr)>,
    pub(super) metrics: Option<(Ident, Vec<Expr>)>,
    pub(super) optimizer: Option<Expr>,
    pub(super) peft: Option<Expr>,
    pub(super) formatting: Option<Expr>,
    pub(super) callbacks: Vec<Expr>,
    pub(super) model_dir: check::WrittenModelDir,
}

/// Reads the keys and the struct; what is no plain struct with named fields is refused.
pub(super) fn read(keys: TokenStream, item: TokenStream, errors: &mut Errors) -> Option<Written> {
    let (ident, fields) = read_struct(item, errors)?;
    let tokens = keys;
    let mut keys = Keys::new("trainer", KEYS);
    keys.read(tokens, errors);
    keys.refuse_strangers(FOREIGN, errors);
    Some(Written {
        ident,
        fields,
        core: keys.take_crate(errors),
        collator: keys.take_value("collator", errors).map(|(_, value)| value),
        loss: keys.take_value("loss", errors),
        metrics: keys
            .take_value("metrics", errors)
            .and_then(|(key, value)| Some((key, list("metrics", "metrics = [accuracy]", value, errors)?))),
        optimizer: keys.take_value("optimizer", errors).map(|(_, value)| value),
        peft: keys.take_value("peft", errors).map(|(_, value)| value),
        formatting: keys.take_value("formatting", errors).map(|(_, value)| value),
        callbacks: keys
            .take_value("callbacks", errors)
            .and_then(|(_, value)| list("callbacks", "callbacks = [MyCallback]", value, errors))
            .unwrap_or_default(),
        model_dir: check::WrittenModelDir {
            names_a_directory: keys.has("model_dir"),
            model_dir: keys.take_string("model_dir", errors),
            new_head: keys.take_flag("new_head", errors),
            memory_budget: keys.take_string("memory_budget", errors),
        },
    })
}

fn list(key: &str, example: &str, value: Expr, errors: &mut Errors) -> Option<Vec<Expr>> {
    match value {
        Expr::Array(array) => Some(array.elems.into_iter().collect()),
        other => {
            errors.add_spanned(other, format!("`{key}` takes a list in brackets"), format!("`{example}`"));
            None
        }
    }
}

fn read_struct(item: TokenStream, errors: &mut Errors) -> Option<(Ident, Vec<(Ident, Type)>)> {
    let whole = item.clone();
    let refused = |span: Span, message: String, errors: &mut Errors| {
        errors.add(span, message, "`struct ReviewTrainer { model: …, args: …, train_dataset: Dataset<…> }`");
        None
    };
    let Ok(Item::Struct(item)) = syn::parse2::<Item>(item) else {
        return refused(item_keyword(whole), "`#[trainer]` goes on a struct".to_owned(), errors);
    };
    let Fields::Named(fields) = &item.fields else {
        return refused(item.ident.span(), format!("`{}` has no fields with names", item.ident), errors);
    };
    if !item.generics.params.is_empty() {
        let message = format!("`{}` has generic parameters, but a trainer is checked as one fixed whole", item.ident);
        errors.add_spanned(&item.generics, message, "write the types of the model and the examples");
        return None;
    }
    if fields.named.iter().filter(|field| is_conditional(field, errors)).count() > 0 {
        return None;
    }
    let fields = fields.named.iter().filter_map(|field| Some((field.ident.clone()?, field.ty.clone()))).collect();
    Some((item.ident, fields))
}

/// Whether a field is there is decided after the macro has run, so that a part cannot depend on it.
fn is_conditional(field: &Field, errors: &mut Errors) -> bool {
    let Some(name) = field.ident.as_ref().filter(|name| PARTS.iter().any(|part| name == part)) else { return false };
    let Some(condition) = field.attrs.iter().find(|attribute| attribute.path().is_ident("cfg")) else { return false };
    let message = format!("`{name}` is there only under a condition, but a trainer is checked as one fixed whole");
    let help = "write the condition on the struct, with another struct for the other case";
    errors.add_spanned(&condition.meta, message, help);
    true
}
