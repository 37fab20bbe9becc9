//! The modules of a model, by the names that its parameters have, to be named in an adapter's settings.

use crate::args::rules::{nearest, same};

/// A module of a model that has parameters of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Module<'a> {
    /// Its full name, with `#` for the number of a block: `bert.encoder.layer.#.attention.self.query`.
    pub name: &'a str,
    /// What it is to an adapter.
    pub role: ModuleRole,
}

/// What a module is to an adapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModuleRole {
    /// A linear layer that gets an adapter unless other layers are named.
    UsualTarget,
    /// A linear layer that can get an adapter.
    Linear,
    /// A layer of the head, which is trained and saved as a whole.
    Head,
    /// Anything else.
    Other,
}

impl<'a> Module<'a> {
    /// A linear layer that gets an adapter unless other layers are named.
    pub const fn usual_target(name: &'a str) -> Self {
        Self { name, role: ModuleRole::UsualTarget }
    }

    /// A linear layer that can get an adapter.
    pub const fn linear(name: &'a str) -> Self {
        Self { name, role: ModuleRole::Linear }
    }

    /// A layer of the head.
    pub const fn head(name: &'a str) -> Self {
        Self { name, role: ModuleRole::Head }
    }

    /// Anything else that has parameters.
    pub const fn other(name: &'a str) -> Self {
        Self { name, role: ModuleRole::Other }
    }

    /// Whether an adapter can be put on it.
    pub const fn is_target(&self) -> bool {
        matches!(self.role, ModuleRole::UsualTarget | ModuleRole::Linear)
    }

    /// Whether `name` names this module: its full name, or what follows one of its dots.
    pub const fn is_named(&self, name: &str) -> bool {
        is_end_of(self.name, self.name.len(), name)
    }

    /// Whether `name` names this module, or one that it is a part of.
    pub const fn is_within(&self, name: &str) -> bool {
        let mut length = 1;
        while length <= self.name.len() {
            let is_whole = length == self.name.len() || self.name.as_bytes()[length] == b'.';
            if is_whole && is_end_of(self.name, length, name) {
                return true;
            }
            length += 1;
        }
        false
    }
}

/// Whether `name` is what the first `length` bytes of `whole` end with, from a dot or the beginning on. `#` in `whole`
/// stands for any number.
const fn is_end_of(whole: &str, length: usize, name: &str) -> bool {
    let (whole, name) = (whole.as_bytes(), name.as_bytes());
    let (mut at, mut left) = (length, name.len());
    if left == 0 {
        return false;
    }
    while left > 0 {
        if at == 0 {
            return false;
        }
        if whole[at - 1] == b'#' {
            if !name[left - 1].is_ascii_digit() {
                return false;
            }
            while left > 0 && name[left - 1].is_ascii_digit() {
                left -= 1;
            }
        } else if whole[at - 1] == name[left - 1] {
            left -= 1;
        } else {
            return false;
        }
        at -= 1;
    }
    at == 0 || whole[at - 1] == b'.'
}

/// Which modules' names are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    /// Those that get an adapter unless others are named.
    UsualTargets,
    /// Those that can get an adapter.
    Targets,
    /// All.
    All,
}

/// How many names are told apart.
const MOST: usize = 48;

/// Short names of modules, each once; what is beyond the last place is left out.
#[derive(Clone, Copy)]
pub(super) struct Names<'a> {
    names: [&'a str; MOST],
    count: usize,
}

impl<'a> Names<'a> {
    /// The last so many parts between dots of some of the modules.
    pub(super) const fn of(modules: &[Module<'a>], parts: usize, which: Which) -> Self {
        let mut names = Self { names: [""; MOST], count: 0 };
        let mut at = 0;
        while at < modules.len() {
            let is_wanted = match which {
                Which::UsualTargets => matches!(modules[at].role, ModuleRole::UsualTarget),
                Which::Targets => modules[at].is_target(),
                Which::All => true,
            };
            if is_wanted {
                names = names.with(last_parts(modules[at].name, parts));
            }
            at += 1;
        }
        names
    }

    const fn with(mut self, name: &'a str) -> Self {
        let mut at = 0;
        while at < self.count {
            if same(self.names[at], name) {
                return self;
            }
            at += 1;
        }
        if self.count < MOST {
            self.names[self.count] = name;
            self.count += 1;
        }
        self
    }

    /// The names.
    pub(super) const fn as_slice(&self) -> &[&'a str] {
        self.names.split_at(self.count).0
    }

    /// The name that is nearest to `written`, if one is near.
    pub(super) const fn nearest(&self, written: &str) -> Option<&'a str> {
        nearest(written, self.as_slice())
    }
}

/// The last so many parts between dots; all of it if there are fewer.
const fn last_parts(name: &str, parts: usize) -> &str {
    let bytes = name.as_bytes();
    let (mut at, mut dots) = (bytes.len(), 0);
    while at > 0 {
        if bytes[at - 1] == b'.' {
            dots += 1;
            if dots == parts {
                return name.split_at(at).1;
            }
        }
        at -= 1;
    }
    name
}

/// How many parts between dots a name has.
pub(super) const fn parts(name: &str) -> usize {
    let bytes = name.as_bytes();
    let (mut at, mut parts) = (0, 1);
    while at < bytes.len() {
        if bytes[at] == b'.' {
            parts += 1;
        }
        at += 1;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUERY: Module<'_> = Module::usual_target("bert.encoder.layer.#.attention.self.query");

    #[test]
    fn a_name_is_the_whole_or_what_follows_a_dot() {
        for name in
            ["query", "self.query", "layer.11.attention.self.query", "bert.encoder.layer.0.attention.self.query"]
        {
            assert!(QUERY.is_named(name), "{name}");
        }
        for name in
            ["", "uery", "key", ".query", "layer.x.attention.self.query", "a.bert.encoder.layer.0.attention.self.query"]
        {
            assert!(!QUERY.is_named(name), "{name}");
        }
    }

    #[test]
    fn a_module_is_within_those_that_hold_it() {
        for name in ["query", "attention", "layer.3", "encoder", "bert", "3.attention"] {
            assert!(QUERY.is_within(name), "{name}");
        }
        for name in ["pooler", "atten", "layer.", "#"] {
            assert!(!QUERY.is_within(name), "{name}");
        }
    }

    #[test]
    fn short_names_are_listed_once() {
        const MODULES: &[Module<'_>] =
            &[QUERY, Module::linear("a.dense"), Module::linear("b.dense"), Module::head("c")];
        assert_eq!(Names::of(MODULES, 1, Which::Targets).as_slice(), ["query", "dense"]);
        assert_eq!(Names::of(MODULES, 2, Which::Targets).as_slice(), ["self.query", "a.dense", "b.dense"]);
        assert_eq!(Names::of(MODULES, 1, Which::All).nearest("dence"), Some("dense"));
    }
}
