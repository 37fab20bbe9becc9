//! The rules of an adapter's settings, each a `const fn` with its words in it: `#[trainer]` has the compiler run them on
//! what the attribute says, [`Lora::check`](super::Lora::check) the program on what code says.

use super::ModuleRole;
use super::modules::{Module, Names, Which, parts};
use crate::args::rules::words;
pub use crate::args::rules::{Verdict, Words, accept};

/// An adapter goes through at least one dimension.
pub const fn rank_is_positive(r: usize) -> Verdict {
    if r > 0 {
        return Verdict::Accepted;
    }
    Verdict::refused(
        words("`r` is 0, so that the adapter has nothing to train"),
        words("write a whole number of at least 1, such as `r = 8`"),
    )
}

/// The adapter's scale is `alpha / r`, or `alpha / sqrt(r)`.
pub const fn alpha_is_positive(alpha: f64) -> Verdict {
    if alpha > 0.0 && alpha.is_finite() {
        return Verdict::Accepted;
    }
    Verdict::refused(
        words("`alpha` scales what the adapter adds, so it is a finite number above 0"),
        words("write a number such as `alpha = 16`; the scale is `alpha / r`"),
    )
}

/// A share of the input that the adapter does not see.
pub const fn dropout_is_a_share(dropout: f64) -> Verdict {
    if dropout >= 0.0 && dropout < 1.0 {
        return Verdict::Accepted;
    }
    Verdict::refused(
        words("`dropout` is the share of its input that the adapter does not see: from 0, and below 1"),
        words("`dropout = 0.05`"),
    )
}

/// Some layer must get an adapter; `modules` are those of the model, none if only the run will know them.
pub const fn some_target_is_named(modules: &[Module<'_>], targets: usize) -> Verdict {
    if targets > 0 {
        return Verdict::Accepted;
    }
    Verdict::refused(
        words("`target_modules` is empty, so that no layer gets an adapter"),
        usual_targets(modules).then("]`, or write `target_modules = \"all-linear\"`"),
    )
}

/// Without `target_modules`, the model's family says which layers get an adapter.
pub const fn family_has_usual_targets(modules: &[Module<'_>]) -> Verdict {
    let mut at = 0;
    while at < modules.len() {
        if matches!(modules[at].role, ModuleRole::UsualTarget) {
            return Verdict::Accepted;
        }
        at += 1;
    }
    Verdict::refused(
        words("`lora` needs `target_modules`: this model does not say which of its layers usually get an adapter"),
        words("`target_modules = \"all-linear\"`, or a list of names of layers"),
    )
}

/// A target names a linear layer of the model, outside of its head.
pub const fn target_is_a_linear_layer(modules: &[Module<'_>], target: &str) -> Verdict {
    let (mut at, mut is_head, mut is_other) = (0, false, false);
    while at < modules.len() {
        if modules[at].is_named(target) {
            if modules[at].is_target() {
                return Verdict::Accepted;
            }
            is_head |= matches!(modules[at].role, ModuleRole::Head);
            is_other |= matches!(modules[at].role, ModuleRole::Other);
        }
        at += 1;
    }
    if modules.is_empty() {
        return Verdict::Accepted;
    }
    let quoted = words("`").then(target);
    if is_head {
        return Verdict::refused(
            quoted.then("` is the head, which is trained as a whole and gets no adapter"),
            words("leave it out of `target_modules`"),
        );
    }
    let names = Names::of(modules, parts(target), Which::Targets);
    let help = match names.nearest(target) {
        Some(near) => meant(near, target),
        None => words("its linear layers are ").list(Names::of(modules, 1, Which::Targets).as_slice()),
    };
    let what = if is_other {
        "` is no linear layer, and only those get an adapter"
    } else {
        "` names no linear layer of the model"
    };
    Verdict::refused(quoted.then(what), help)
}

/// A module that is saved beside the adapter is one of the model.
pub const fn module_to_save_is_there(modules: &[Module<'_>], name: &str) -> Verdict {
    let mut at = 0;
    while at < modules.len() {
        if modules[at].is_within(name) {
            return Verdict::Accepted;
        }
        at += 1;
    }
    if modules.is_empty() {
        return Verdict::Accepted;
    }
    let names = Names::of(modules, parts(name), Which::All);
    let help = match names.nearest(name) {
        Some(near) => meant(near, name),
        None => words("there are ").list(Names::of(modules, 1, Which::All).as_slice()),
    };
    Verdict::refused(words("`").then(name).then("` names no module of the model"), help)
}

/// All targets, for a list that is a constant of the program.
pub const fn targets_are_linear_layers(modules: &[Module<'_>], targets: &[&str]) -> Verdict {
    let mut at = 0;
    while at < targets.len() {
        let verdict = target_is_a_linear_layer(modules, targets[at]);
        if !verdict.is_accepted() {
            return verdict;
        }
        at += 1;
    }
    some_target_is_named(modules, targets.len())
}

/// All modules to save, for a list that is a constant of the program.
pub const fn modules_to_save_are_there(modules: &[Module<'_>], names: &[&str]) -> Verdict {
    let mut at = 0;
    while at < names.len() {
        let verdict = module_to_save_is_there(modules, names[at]);
        if !verdict.is_accepted() {
            return verdict;
        }
        at += 1;
    }
    Verdict::Accepted
}

/// How the usual targets are named.
const fn usual_targets(modules: &[Module<'_>]) -> Words {
    let names = Names::of(modules, 1, Which::UsualTargets);
    let names = if names.as_slice().is_empty() { &["query", "value"] } else { names.as_slice() };
    let (mut all, mut at) = (words("name the layers, such as `target_modules = ["), 0);
    while at < names.len() {
        all = all.then(if at == 0 { "\"" } else { ", \"" }).then(names[at]).then("\"");
        at += 1;
    }
    all
}

/// Asks for the name of a module that was probably meant; its `#` is the number that `written` has.
const fn meant(name: &str, written: &str) -> Words {
    let bytes = name.as_bytes();
    let mut at = 0;
    while at < bytes.len() && bytes[at] != b'#' {
        at += 1;
    }
    let words = words("did you mean \"");
    let words = if at == bytes.len() {
        words.then(name)
    } else {
        let (before, after) = name.split_at(at);
        words.then(before).then(first_number(written)).then(after.split_at(1).1)
    };
    words.then("\"?")
}

/// The first number in a text, or "0".
const fn first_number(text: &str) -> &str {
    let bytes = text.as_bytes();
    let mut begin = 0;
    while begin < bytes.len() && !bytes[begin].is_ascii_digit() {
        begin += 1;
    }
    let mut end = begin;
    while end < bytes.len() && bytes[end].is_ascii_digit() {
        end += 1;
    }
    if begin == end { "0" } else { text.split_at(end).0.split_at(begin).1 }
}
