//! From what was written to a valid plan: names, kinds of values, what is given twice.
//!
//! Numbers and combinations are not judged here: the rules of the core do that, when the compiler evaluates them.

use std::collections::BTreeSet;

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::{Expr, Ident, Path, RangeLimits, Type};

use super::keys::ARG;
use super::names::{ALIASES, Kind, Known, NAMES, NOT_YET, answer, standard};
use super::parse::{Entry, Field, Value, Written, spelled, value};
use crate::diagnostics::{Errors, nearest};

/// A struct whose names and kinds are right.
pub(super) struct Plan {
    pub(super) ident: Ident,
    pub(super) about: String,
    pub(super) core: Path,
    pub(super) fixed: Vec<Fixed>,
    pub(super) fields: Vec<PlannedField>,
    /// The arguments that are written, but not so that their value is known: it is refused, or there are two.
    pub(super) refused: Vec<&'static str>,
}

/// An argument that the attribute fixes.
pub(super) struct Fixed {
    pub(super) known: &'static Known,
    pub(super) key: Span,
    pub(super) value: Expr,
}

/// A field.
pub(super) struct PlannedField {
    pub(super) ident: Ident,
    pub(super) ty: Type,
    pub(super) standard: Option<&'static Known>,
    pub(super) help: String,
    pub(super) default: Option<Expr>,
    pub(super) range: Option<PlannedRange>,
    pub(super) choices: Vec<Expr>,
    pub(super) env: Option<String>,
}

/// `range = low..=high`.
pub(super) struct PlannedRange {
    pub(super) low: Option<Expr>,
    pub(super) high: Option<Expr>,
    pub(super) with_high: bool,
    pub(super) tokens: Expr,
    pub(super) written: String,
}

/// Checks everything that needs only this struct.
pub(super) fn plan(written: Written, errors: &mut Errors) -> Plan {
    let mut refused = Vec::new();
    let fixed =
        written.fixed.into_iter().filter_map(|entry| plan_fixed(entry, &mut refused, errors)).collect::<Vec<_>>();
    let mut fields: Vec<PlannedField> =
        written.fields.into_iter().map(|field| plan_field(field, &mut refused, errors)).collect();
    let fixed = refuse_repeats(fixed, &mut fields, &mut refused, errors);
    Plan { ident: written.ident, about: written.about, core: written.core.path(), fixed, fields, refused }
}

fn plan_fixed(entry: Entry, refused: &mut Vec<&'static str>, errors: &mut Errors) -> Option<Fixed> {
    let name = entry.name();
    let Some(known) = standard(&name) else {
        if !entry.is_unread {
            let (message, help) = answer(&name).unwrap_or_else(|| unknown(&name));
            errors.add(entry.key.span(), message, help);
        }
        return None;
    };
    let fixed = fixed(entry, &name, known, errors);
    if fixed.is_none() {
        refused.push(known.name);
    }
    fixed
}

fn fixed(entry: Entry, name: &str, known: &'static Known, errors: &mut Errors) -> Option<Fixed> {
    if entry.is_unread {
        return None;
    }
    let example = || format!("for example `{} = {}`", known.name, known.example);
    let Some(written) = entry.value else {
        errors.add(entry.key.span(), format!("`{name}` needs a value"), example());
        return None;
    };
    if let Some((message, help)) = option_of_what_is_none(known, &written) {
        errors.add_spanned(&written, message, help);
        return None;
    }
    let said = value(&written);
    // A fraction where a count is needed is answered by the range of the argument.
    if fits(known.kind, &said) || matches!((known.kind, &said), (Kind::Whole, Value::Real(_))) {
        return Some(Fixed { known, key: entry.key.span(), value: written });
    }
    let is_literal = matches!(said, Value::Whole(_) | Value::Real(_) | Value::Flag(_) | Value::Text(_));
    let message = if is_literal {
        format!("`{name}` is {}, but must be {}", spelled(&written), words(known.kind))
    } else {
        format!("`{name}` takes {}", words(known.kind))
    };
    errors.add_spanned(&written, message, example());
    None
}

/// `None` and `Some(5)`, where the argument itself is always there.
fn option_of_what_is_none(known: &Known, written: &Expr) -> Option<(String, String)> {
    let name = known.name;
    if known.has_no_default() {
        return None;
    }
    match written {
        Expr::Path(path) if path.path.is_ident("None") => {
            let quote = if matches!(known.kind, Kind::Choice(_) | Kind::Device) { "\"" } else { "" };
            let help = format!("leave `{name}` out: then it is {quote}{}{quote}", known.default);
            Some((format!("`{name}` is {}, and cannot be `None`", words(known.kind)), help))
        }
        Expr::Call(call) if matches!(&*call.func, Expr::Path(path) if path.path.is_ident("Some")) => {
            let inner = call.args.first().map_or_else(|| known.example.to_owned(), spelled);
            let message = format!("`{name}` is {}, written without `Some`", words(known.kind));
            Some((message, format!("write `{name} = {inner}`")))
        }
        _ => None,
    }
}

/// The arguments that most runs set, for a name that is like none of them.
const USUAL: &[&str] = &[
    "output_dir",
    "num_train_epochs",
    "per_device_train_batch_size",
    "learning_rate",
    "weight_decay",
    "lr_scheduler_type",
    "warmup_ratio",
    "eval_strategy",
    "save_strategy",
    "load_best_model_at_end",
    "metric_for_best_model",
    "seed",
];

fn unknown(name: &str) -> (String, String) {
    let names = NAMES.iter().map(|known| known.name).chain(ALIASES.iter().map(|(alias, _)| *alias));
    let help = match nearest(name, names) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!(
            "among the {} arguments are {}; the page of `TrainingArgs` lists all",
            NAMES.len(),
            USUAL.join(", ")
        ),
    };
    (format!("`{name}` is not a training argument"), help)
}

/// Whether a value can be of that kind, as far as its tokens say.
fn fits(kind: Kind, value: &Value) -> bool {
    match value {
        Value::Whole(_) => matches!(kind, Kind::Number | Kind::Whole | Kind::Steps),
        Value::Real(_) => matches!(kind, Kind::Number | Kind::Steps),
        Value::Flag(flag) => kind == Kind::Flag || (kind == Kind::Resume && *flag),
        Value::Text(_) => {
            matches!(kind, Kind::Text | Kind::Path | Kind::Choice(_) | Kind::List(_) | Kind::Resume | Kind::Device)
        }
        Value::List(items) => {
            matches!(kind, Kind::List(_)) && items.iter().all(|item| matches!(self::value(item), Value::Text(_)))
        }
        Value::Bare => !matches!(kind, Kind::Choice(_) | Kind::List(_) | Kind::Device),
        Value::Constant | Value::Variant | Value::Code => true,
    }
}

fn words(kind: Kind) -> &'static str {
    match kind {
        Kind::Number | Kind::Steps => "a number",
        Kind::Whole => "a whole number of at least 0",
        Kind::Flag => "true or false",
        Kind::Text => "a text in quotes",
        Kind::Path => "a path in quotes",
        Kind::Choice(_) => "a name in quotes",
        Kind::List(_) => "a list of names in quotes",
        Kind::Resume => "the folder of a checkpoint in quotes, or \"latest\"",
        Kind::Device => "a device in quotes",
    }
}

fn plan_field(field: Field, refused: &mut Vec<&'static str>, errors: &mut Errors) -> PlannedField {
    let name = field.ident.unraw().to_string();
    let mut keys = Keys::of(field.keys, errors);
    let own = keys.own(errors);
    let known = standard(&name);
    name_fits(&field.ident, &name, own, errors);
    let says_default = keys.has("default");
    let default = keys.value("default", errors);
    let default = default.filter(|default| known.is_none_or(|known| default_is_of_kind(known, default, errors)));
    refused.extend(known.filter(|_| says_default && default.is_none()).map(|known| known.name));
    let range = keys.value("range", errors).and_then(|range| plan_range(&range, errors));
    let choices = keys.list("choices", errors);
    let help = keys.text("help", errors).unwrap_or(field.about);
    let env = keys.text("env", errors);
    let standard = if own.is_some() { None } else { known };
    PlannedField { ident: field.ident, ty: field.ty, standard, help, default, range, choices, env }
}

/// A field is a training argument, or says that it is the user's own.
fn name_fits(ident: &Ident, name: &str, own: Option<Span>, errors: &mut Errors) {
    let refused = NOT_YET.iter().any(|(later, _)| *later == name);
    match (own, standard(name)) {
        _ if ["config", "help"].contains(&name) => {
            let help = "give the field another name";
            errors.add(ident.span(), format!("`{name}` cannot be a field: `--{name}` is a flag already"), help);
        }
        (Some(span), Some(_)) => {
            errors.add(span, format!("`{name}` is a training argument, not your own"), "leave `own` out");
        }
        (_, None) if own.is_none() || refused => {
            let (message, help) = answer(name).unwrap_or_else(|| {
                let (message, help) = unknown(name);
                let near = help.starts_with("did you mean");
                let own = "write `#[arg(own)]` if it is a hyper-parameter of your own";
                (message, if near { format!("{help} Or {own}") } else { own.to_owned() })
            });
            errors.add(ident.span(), message, help);
        }
        _ => {}
    }
}

/// Whether the default of a training argument is of its kind, as far as its tokens say.
fn default_is_of_kind(known: &'static Known, default: &Expr, errors: &mut Errors) -> bool {
    let written = value(default);
    let none = known.default == "none" && matches!(&written, Value::Text(text) if text == "none");
    if none || fits(known.kind, &written) {
        return true;
    }
    let help = format!("for example `default = {}`", known.example);
    errors.add_spanned(default, format!("the default of `{}` must be {}", known.name, words(known.kind)), help);
    false
}

fn plan_range(range: &Expr, errors: &mut Errors) -> Option<PlannedRange> {
    if let Expr::Range(ends) = range {
        let end_fits = |end: &Expr| matches!(value(end), Value::Whole(_) | Value::Real(_) | Value::Constant);
        if ends.start.iter().chain(&ends.end).all(|end| end_fits(end)) {
            return Some(PlannedRange {
                low: ends.start.as_deref().cloned(),
                high: ends.end.as_deref().cloned(),
                with_high: matches!(ends.limits, RangeLimits::Closed(_)),
                tokens: range.clone(),
                written: spelled(range),
            });
        }
    }
    errors.add_spanned(range, "`range` takes two numbers", "for example `range = 1e-7..=1e-2`");
    None
}

/// No argument is given twice: not in the attribute, not as two fields, not as both.
fn refuse_repeats(
    fixed: Vec<Fixed>,
    fields: &mut [PlannedField],
    refused: &mut Vec<&'static str>,
    errors: &mut Errors,
) -> Vec<Fixed> {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for field in fields.iter_mut() {
        let Some(known) = field.standard else { continue };
        if let Some(message) = repeats(&seen, known, "is a field twice") {
            errors.add(field.ident.span(), message, "keep one of the fields");
            field.standard = None;
            refused.push(known.name);
        }
        seen.insert(known.name);
    }
    let mut kept: Vec<Fixed> = Vec::new();
    for entry in fixed {
        let in_attribute: BTreeSet<&str> = kept.iter().map(|kept| kept.known.name).collect();
        let (before, name) = (errors.len(), entry.known.name);
        if let Some(message) = repeats(&in_attribute, entry.known, "is given twice") {
            errors.add(entry.key, message, "keep one of them");
        } else if let Some(message) = repeats(&seen, entry.known, "is fixed here, but is a field too") {
            let help = "leave it out here and give the field a `default`, or leave the field out";
            errors.add(entry.key, message, help);
        } else {
            kept.push(entry);
        }
        if errors.len() > before {
            refused.push(name);
        }
    }
    kept
}

fn repeats(seen: &BTreeSet<&str>, known: &Known, twice: &str) -> Option<String> {
    let other = match known.name {
        "warmup_steps" => Some("warmup_ratio"),
        "warmup_ratio" => Some("warmup_steps"),
        _ => None,
    };
    if seen.contains(known.name) {
        return Some(format!("`{}` {twice}", known.name));
    }
    let other = other.filter(|other| seen.contains(other))?;
    Some(format!("`{}` and `{other}` both say how long the warm-up is", known.name))
}

/// The keys of one field's `#[arg(…)]`.
struct Keys(Vec<Entry>);

impl Keys {
    /// Notes the keys that do not exist or come twice, and forgets them.
    fn of(entries: Vec<Entry>, errors: &mut Errors) -> Self {
        let mut kept: Vec<Entry> = Vec::new();
        for entry in entries {
            let name = entry.name();
            if !ARG.iter().any(|known| known.name == name) {
                let help = match nearest(&name, ARG.iter().map(|known| known.name)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => {
                        format!("keys are {}", ARG.iter().map(|known| known.name).collect::<Vec<_>>().join(", "))
                    }
                };
                errors.add(entry.key.span(), format!("`arg` has no key `{name}`"), help);
            } else if kept.iter().any(|kept| kept.name() == name) {
                errors.add(entry.key.span(), format!("`{name}` is given twice"), format!("keep one `{name}`"));
            } else {
                kept.push(entry);
            }
        }
        Self(kept)
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|entry| entry.name() == name)
    }

    fn take(&mut self, name: &str) -> Option<Entry> {
        let at = self.0.iter().position(|entry| entry.name() == name)?;
        Some(self.0.remove(at))
    }

    fn own(&mut self, errors: &mut Errors) -> Option<Span> {
        let entry = self.take("own")?;
        if let Some(value) = entry.value {
            errors.add_spanned(value, "`own` stands alone", "write `#[arg(own)]`");
        }
        Some(entry.key.span())
    }

    fn value(&mut self, name: &str, errors: &mut Errors) -> Option<Expr> {
        let entry = self.take(name)?;
        if entry.value.is_none() && !entry.is_unread {
            errors.add(entry.key.span(), format!("`{name}` needs a value"), example(name));
        }
        entry.value
    }

    fn text(&mut self, name: &str, errors: &mut Errors) -> Option<String> {
        let written = self.value(name, errors)?;
        match value(&written) {
            Value::Text(text) if !text.trim().is_empty() => Some(text),
            _ => {
                errors.add_spanned(written, format!("`{name}` takes a text in quotes"), example(name));
                None
            }
        }
    }

    fn list(&mut self, name: &str, errors: &mut Errors) -> Vec<Expr> {
        let Some(written) = self.value(name, errors) else { return Vec::new() };
        let literal = |item: &Expr| matches!(value(item), Value::Text(_) | Value::Whole(_) | Value::Real(_));
        match value(&written) {
            Value::List(items) if !items.is_empty() && items.iter().all(literal) => items,
            _ => {
                errors.add_spanned(written, format!("`{name}` takes a list of texts or numbers"), example(name));
                Vec::new()
            }
        }
    }
}

fn example(name: &str) -> String {
    let example = ARG.iter().find(|known| known.name == name).map_or(name, |known| known.example);
    format!("for example `{example}`")
}
