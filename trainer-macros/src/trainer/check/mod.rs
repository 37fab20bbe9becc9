//! What the fields and the keys amount to.

mod collator;
mod formatting;
mod loss;
mod metric;
mod model_dir;
mod optimizer;
mod peft;

pub(super) use collator::{BuiltIn as BuiltInCollator, Collator};
pub(super) use formatting::{Formatting, Template};
pub(super) use loss::{BuiltIn, Loss, Weights, near_built_in as near_loss};
pub(super) use metric::{Metric, Said, near_built_in as near_metric};
pub(super) use model_dir::{ModelDir, Written as WrittenModelDir};
pub(super) use optimizer::Optimizer;
pub(super) use peft::{Lora, Names, Targets};

use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::{Expr, Path, Type};

use super::parse::{PARTS, Written};
use crate::diagnostics::{Errors, nearest};

/// What the implementation is made of.
pub(super) struct Plan {
    pub(super) ident: Ident,
    pub(super) krate: Path,
    pub(super) model: Option<Type>,
    pub(super) args: Option<Type>,
    pub(super) train_dataset: Option<Type>,
    pub(super) eval_dataset: Option<Type>,
    pub(super) tokenizer: Option<Type>,
    pub(super) collator: Collator,
    pub(super) loss: Loss,
    pub(super) metrics: Vec<Metric>,
    /// Where the keys `loss` and `metrics` stand, if they do.
    pub(super) keys: (Option<Span>, Option<Span>),
    pub(super) optimizer: Option<Optimizer>,
    pub(super) peft: Option<Lora>,
    pub(super) formatting: Option<Formatting>,
    pub(super) callbacks: Vec<Expr>,
    pub(super) model_dir: ModelDir,
    /// Whether nothing was wrong: rules between parts are for parts that are there.
    pub(super) is_sound: bool,
}

impl Plan {
    /// Whether the three parts are there without which nothing can be said of the others.
    pub(super) fn is_whole(&self) -> bool {
        self.model.is_some() && self.args.is_some() && self.train_dataset.is_some()
    }
}

/// The plan for `written`; mistakes are noted, and left out of the plan.
pub(super) fn plan(written: Written, errors: &mut Errors) -> Plan {
    let Written { ident, core, fields, collator, loss, metrics, optimizer, peft, formatting, callbacks, model_dir } =
        written;
    let required = |name: &str, example: &str, errors: &mut Errors| {
        field(&fields, name).or_else(|| {
            report_missing(&ident, &fields, name, example, errors);
            None
        })
    };
    let model = required("model", "model: BertForSequenceClassification<Rating>", errors);
    let args = required("args", "args: Args", errors);
    let train_dataset = required("train_dataset", "train_dataset: Dataset<Review>", errors);
    let (eval_dataset, tokenizer) = (field(&fields, "eval_dataset"), field(&fields, "tokenizer"));
    if let (None, Some((key, _))) = (&eval_dataset, &metrics) {
        let message = format!("`metrics` are computed on an `eval_dataset`, but `{ident}` has none");
        errors.add(key.span(), message, "add the field `eval_dataset: Dataset<…>`, or leave `metrics` out");
    }
    let optimizer = optimizer::plan(optimizer, errors);
    let callbacks = callbacks.into_iter().filter(|value| !is_of_another_library(value, errors)).collect();
    let collator = collator::plan(collator, &ident, tokenizer.is_some(), errors);
    let keys = (loss.as_ref().map(|(key, _)| key.span()), metrics.as_ref().map(|(key, _)| key.span()));
    let loss = loss::plan(loss.map(|(_, value)| value), errors);
    let metrics = metric::plan(metrics.map(|(_, list)| list).unwrap_or_default(), errors);
    let peft = peft::plan(peft, errors);
    let formatting = formatting::plan(formatting, errors);
    let is_sound = errors.is_empty();
    // What is wrong in files is no reason to be silent about the other parts.
    let model_dir = model_dir::plan(model_dir, tokenizer.is_some(), errors);
    Plan {
        ident,
        krate: core.path(),
        model,
        args,
        train_dataset,
        eval_dataset,
        tokenizer,
        collator,
        loss,
        metrics,
        keys,
        optimizer,
        peft,
        formatting,
        callbacks,
        model_dir,
        is_sound,
    }
}

/// Callbacks of Hugging Face, with what is there instead.
const CALLBACKS: &[(&str, &str, &str)] = &[
    ("EarlyStoppingCallback", "is a training argument here", "`early_stopping_patience = 3` in `#[training_args(…)]`"),
    ("TensorBoardCallback", "is a training argument here", "`report_to = [\"tensorboard\"]` in `#[training_args(…)]`"),
    ("ProgressCallback", "is there without being asked for", "leave it out: a terminal shows a progress bar"),
    ("PrinterCallback", "is there without being asked for", "leave it out: what is logged is in `log.jsonl` too"),
    ("DefaultFlowCallback", "is there without being asked for", "leave it out: the training arguments say what is due"),
];

/// Notes a callback that only Hugging Face has.
fn is_of_another_library(value: &Expr, errors: &mut Errors) -> bool {
    let callee = match value {
        Expr::Call(call) => &*call.func,
        Expr::Struct(made) => &Expr::Path(syn::ExprPath { attrs: Vec::new(), qself: None, path: made.path.clone() }),
        other => other,
    };
    let Expr::Path(path) = callee else { return false };
    let Some((name, is, help)) = CALLBACKS.iter().find(|(name, ..)| path.path.is_ident(name)) else { return false };
    let given = match value {
        Expr::Call(call) => call.args.first(),
        _ => None,
    };
    let patience = match given {
        Some(Expr::Assign(pair)) if pair.left.to_token_stream().to_string() == "early_stopping_patience" => {
            Some(crate::keys::source(&pair.right))
        }
        _ => None,
    };
    let help = patience.map_or_else(|| (*help).to_owned(), |patience| help.replace('3', &patience));
    let help = format!("{help}; a callback of your own of this name is `self::{name}`");
    errors.add_spanned(path, format!("`{name}` {is}"), help);
    true
}

fn field(fields: &[(Ident, Type)], name: &str) -> Option<Type> {
    fields.iter().find(|(field, _)| field == name).map(|(_, ty)| ty.clone())
}

fn report_missing(ident: &Ident, fields: &[(Ident, Type)], name: &str, example: &str, errors: &mut Errors) {
    let others: Vec<String> =
        fields.iter().map(|(field, _)| field.to_string()).filter(|field| !PARTS.contains(&field.as_str())).collect();
    let near = nearest(name, others.iter().map(String::as_str));
    let meant = near.and_then(|near| fields.iter().find(|(field, _)| field == near));
    let message = format!("`{ident}` has no field `{name}`");
    match meant {
        Some((field, _)) => errors.add(field.span(), message, format!("did you mean `{name}` instead of `{field}`?")),
        None => errors.add(ident.span(), message, format!("add it: `{example}`")),
    }
}
