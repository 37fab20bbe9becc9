//! The keys of `#[label(…)]`.

use crate::keys::{CRATE, Key};

/// On the enum.
pub(crate) const ENUM: &[Key] = &[
    Key {
        name: "rename_all",
        example: "rename_all = \"snake_case\"",
        about: "How the variants become the names of the classes.",
        takes: "a case in quotes",
        range: "`snake_case`, `lowercase`, `UPPERCASE`, `PascalCase`, `camelCase`, `SCREAMING_SNAKE_CASE`, \
                `kebab-case`, `SCREAMING-KEBAB-CASE`",
        default: "`snake_case`",
    },
    CRATE,
];

/// On a variant.
pub(crate) const VARIANT: &[Key] = &[Key {
    name: "name",
    example: "name = \"very good\"",
    about: "The name of the class in data files and in `config.json`.",
    takes: "a text in quotes",
    range: "not empty, and of no other class",
    default: "the variant's name, as `rename_all` says",
}];
