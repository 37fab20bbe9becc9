//! What the key `peft` says.

use proc_macro2::{Ident, Span};
use syn::{Expr, ExprLit, Lit, LitStr};

use crate::diagnostics::{Errors, nearest};
use crate::keys::{Foreign, Key, bare, source};
use crate::trainer::arguments::{Arguments, Call, is_other_literal, number, text, with_fraction};
use crate::trainer::peft_keys::{LORA, MODULES_TO_SAVE, TARGET_MODULES};

/// Adapters of low rank, as they were written.
pub(in crate::trainer) struct Lora {
    /// `lora`.
    pub(in crate::trainer) name: Ident,
    /// The numbers, by the names that they have in the core.
    pub(in crate::trainer) numbers: Vec<(Ident, Expr)>,
    pub(in crate::trainer) target_modules: Option<Targets>,
    pub(in crate::trainer) modules_to_save: Option<Names>,
    /// What is turned on or off.
    pub(in crate::trainer) switches: Vec<(Ident, bool)>,
}

/// Which layers get an adapter.
pub(in crate::trainer) enum Targets {
    /// `"all-linear"`.
    AllLinear,
    /// Those of these names.
    Named(Names),
}

/// Names of modules.
pub(in crate::trainer) enum Names {
    /// A list, each of which can be answered by itself.
    List(Expr, Vec<Expr>),
    /// A constant of the program.
    Constant(Expr),
}

const EXAMPLE: &str = "`peft = lora(r = 8, alpha = 16, target_modules = [\"query\", \"value\"])`";
const IN_4_BITS: &str = "`peft = lora(r = 8, alpha = 16, load_in_4bit)`";
const WITH_DORA: &str = "`peft = lora(r = 8, alpha = 16, use_dora)`";

/// Names of PEFT, with what to write.
const FOREIGN: &[Foreign] = &[
    Foreign { name: "lora_alpha", answer: "`lora_alpha` is called `alpha` here", help: "`alpha = 16`" },
    Foreign { name: "lora_dropout", answer: "`lora_dropout` is called `dropout` here", help: "`dropout = 0.05`" },
    Foreign { name: "rank", answer: "`rank` is called `r` here", help: "`r = 8`" },
    Foreign { name: "task_type", answer: "`task_type` follows from the examples", help: "leave `task_type` out" },
    Foreign {
        name: "peft_type",
        answer: "`peft_type` is the name before the parentheses",
        help: "leave `peft_type` out: `peft = lora(…)`",
    },
    Foreign {
        name: "bias",
        answer: "`bias` is not in this version: the biases of the model stay as they are",
        help: "leave `bias` out, as `bias = \"none\"` says in PEFT",
    },
    Foreign {
        name: "inference_mode",
        answer: "`inference_mode` is not needed: evaluation and prediction train nothing",
        help: "leave `inference_mode` out",
    },
    Foreign {
        name: "fan_in_fan_out",
        answer: "`fan_in_fan_out` follows from the model",
        help: "leave `fan_in_fan_out` out",
    },
    Foreign {
        name: "init_lora_weights",
        answer: "`init_lora_weights` is not in this version: adapters begin as PEFT begins them with `true`",
        help: "leave `init_lora_weights` out",
    },
    Foreign {
        name: "layers_to_transform",
        answer: "`layers_to_transform` is not in this version",
        help: "name the layers with their blocks: `target_modules = [\"layer.0.attention.self.query\"]`",
    },
    Foreign {
        name: "exclude_modules",
        answer: "`exclude_modules` is not in this version",
        help: "name the layers that get an adapter in `target_modules`",
    },
];

/// Kinds of adapters that later versions may have.
const LATER: &[&str] = &["ia3", "adalora", "loha", "lokr", "prefix_tuning", "prompt_tuning", "p_tuning"];

pub(super) fn plan(written: Option<Expr>, errors: &mut Errors) -> Option<Lora> {
    let mut call = match Call::read(written?) {
        Ok(call) => call,
        Err(other) => {
            errors.add_spanned(other, "`peft` takes the name of a kind of adapter", EXAMPLE);
            return None;
        }
    };
    let name = source(&call.path);
    match call.path.get_ident().filter(|name| *name == "lora") {
        Some(name) => Some(lora(name.clone(), &mut call.arguments, errors)),
        None => {
            let (message, help) = match name.as_str() {
                "LoraConfig" | "LoRA" | "Lora" => (format!("`{name}` is called `lora` here"), EXAMPLE),
                "qlora" | "QLoRA" => (format!("`{name}` is `lora` with `load_in_4bit` here"), IN_4_BITS),
                "dora" | "DoRA" => (format!("`{name}` is `lora` with `use_dora` here"), WITH_DORA),
                name if LATER.contains(&name) => (format!("`peft = {name}` is not in this version"), EXAMPLE),
                name => (format!("`{name}` is no kind of adapter"), EXAMPLE),
            };
            errors.add_spanned(&call.path, message, help);
            None
        }
    }
}

fn lora(name: Ident, arguments: &mut Arguments, errors: &mut Errors) -> Lora {
    arguments.read_lone_names();
    for foreign in FOREIGN {
        while let Some((written, _)) = arguments.take_named(foreign.name) {
            errors.add(written.span(), foreign.answer, foreign.help);
        }
    }
    arguments.refuse_strangers("lora", LORA, errors);
    let mut numbers = Vec::new();
    if let Some(value) = arguments.take("r") {
        let is_negative = number(&value).is_some_and(|number| number < 0.0);
        let is_fraction = matches!(value, Expr::Lit(ExprLit { lit: Lit::Float(_), .. }));
        if is_negative || is_fraction || is_other_literal(&value) {
            errors.add_spanned(&value, "`r` is a whole number, at least 1", "`r = 8`");
        } else {
            numbers.push((Ident::new("r", Span::call_site()), value));
        }
    }
    for (name, example) in [("alpha", "alpha = 16"), ("dropout", "dropout = 0.05")] {
        let Some(value) = arguments.take(name) else { continue };
        if is_other_literal(&value) {
            errors.add_spanned(&value, format!("`{name}` takes a number"), format!("`{example}`"));
        } else {
            numbers.push((Ident::new(name, Span::call_site()), with_fraction(value)));
        }
    }
    let target_modules = arguments.take(TARGET_MODULES.name).and_then(|value| targets(value, errors));
    let modules_to_save = arguments.take(MODULES_TO_SAVE.name).and_then(|value| names(value, MODULES_TO_SAVE, errors));
    let switches: Vec<(Ident, bool)> = ["use_rslora", "use_dora", "load_in_8bit", "load_in_4bit"]
        .into_iter()
        .filter_map(|name| arguments.take_switch(name, errors))
        .collect();
    let bits: Vec<&Ident> = switches
        .iter()
        .filter(|(name, on)| *on && *name != "use_rslora" && *name != "use_dora")
        .map(|(name, _)| name)
        .collect();
    if let [_, second] = bits.as_slice() {
        let message = "`load_in_8bit` and `load_in_4bit` are both set";
        errors.add(second.span(), message, "keep one of them: `load_in_4bit` for the least memory");
    }
    arguments.refuse_rest("lora", LORA, errors);
    Lora { name, numbers, target_modules, modules_to_save, switches }
}

fn targets(value: Expr, errors: &mut Errors) -> Option<Targets> {
    let Some(all) = text(&value) else { return names(value, TARGET_MODULES, errors).map(Targets::Named) };
    if all.value() == "all-linear" {
        return Some(Targets::AllLinear);
    }
    let help = match nearest(&all.value(), ["all-linear"]) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => format!("`target_modules = [\"{}\"]`", all.value()),
    };
    errors.add(all.span(), "`target_modules` is a list of names in brackets, or \"all-linear\"", help);
    None
}

fn names(value: Expr, Key { name: key, example, .. }: Key, errors: &mut Errors) -> Option<Names> {
    match value {
        Expr::Array(array) => {
            let list: Vec<Expr> = array.elems.iter().cloned().map(bare).collect();
            let before = list.len();
            let mut seen: Vec<String> = Vec::new();
            let kept: Vec<Expr> = list.into_iter().filter(|name| is_name(name, &mut seen, errors)).collect();
            (kept.len() == before).then_some(Names::List(Expr::Array(array), kept))
        }
        literal @ Expr::Lit(_) => {
            errors.add_spanned(literal, format!("`{key}` takes a list in brackets"), format!("`{example}`"));
            None
        }
        constant => Some(Names::Constant(constant)),
    }
}

/// Whether an element of a list is a name in quotes, or a constant.
fn is_name(element: &Expr, seen: &mut Vec<String>, errors: &mut Errors) -> bool {
    match element {
        Expr::Lit(ExprLit { lit: Lit::Str(name), .. }) => is_new(name, seen, errors),
        Expr::Path(path)
            if path.path.get_ident().is_some_and(|name| name.to_string().starts_with(char::is_lowercase)) =>
        {
            let name = source(path);
            errors.add_spanned(path, format!("`{name}` is a name, to be written in quotes"), format!("`\"{name}\"`"));
            false
        }
        Expr::Lit(_) => {
            errors.add_spanned(element, "the name of a module is a string in quotes", "`\"query\"`");
            false
        }
        _ => true,
    }
}

fn is_new(name: &LitStr, seen: &mut Vec<String>, errors: &mut Errors) -> bool {
    let value = name.value();
    if seen.contains(&value) {
        errors.add(name.span(), format!("`{value}` is named twice"), "keep one");
        return false;
    }
    seen.push(value);
    true
}
