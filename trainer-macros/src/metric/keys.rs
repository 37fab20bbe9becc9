//! The keys of `#[metric(…)]`.

use crate::keys::{CRATE, Key};

pub(crate) const KEYS: &[Key] = &[
    Key {
        name: "name",
        example: "name = \"within_one\"",
        about: "The metric's key in the results, or the prefix of its keys where it gives several values.",
        takes: "a text in quotes",
        range: "not empty, without spaces",
        default: "the function's name",
    },
    Key {
        name: "greater_is_better",
        example: "greater_is_better = false",
        about: "Whether a greater value is the better one, which decides the best checkpoint.",
        takes: "`true` or `false`",
        range: "",
        default: "`true`",
    },
    CRATE,
];
