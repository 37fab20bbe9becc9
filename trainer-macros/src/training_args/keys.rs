//! The keys of `#[arg(…)]`; those of `#[training_args(…)]` are the training arguments, in `names` and `arguments`.

use crate::keys::Key;

/// Of `#[arg(…)]`, on a field.
pub(crate) const ARG: &[Key] = &[
    Key {
        name: "own",
        example: "own",
        about: "The field is a hyper-parameter of your own, and no training argument.",
        takes: "",
        range: "",
        default: "no",
    },
    Key {
        name: "default",
        example: "default = 5e-5",
        about: "The value where none is given.",
        takes: "a value of the field's type",
        range: "within `range` and `choices`",
        default: "that of the training argument; a field that is `own` must be given, unless it is an `Option`",
    },
    Key {
        name: "range",
        example: "range = 1e-7..=1e-2",
        about: "The numbers that are allowed.",
        takes: "a range of numbers",
        range: "the lower end first",
        default: "that of the training argument",
    },
    Key {
        name: "choices",
        example: "choices = [\"a\", \"b\"]",
        about: "The values that are allowed.",
        takes: "a list of texts or numbers in brackets",
        range: "not empty",
        default: "those of the training argument",
    },
    Key {
        name: "help",
        example: "help = \"what it is for\"",
        about: "The text in `--help`.",
        takes: "a text in quotes",
        range: "not empty",
        default: "the documentation of the field",
    },
    Key {
        name: "env",
        example: "env = \"NAME\"",
        about: "The environment variable that gives the value where no flag does.",
        takes: "a name in quotes",
        range: "not empty",
        default: "none",
    },
];
