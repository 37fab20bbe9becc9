//! The keys of `#[example(…)]`.

use crate::keys::{CRATE, Key};

/// On the struct.
pub(crate) const STRUCT: &[Key] = &[
    Key {
        name: "train",
        example: "train = \"data/train.jsonl\"",
        about: "The rows to train on, which `Dataset::train()` reads.",
        takes: FILE,
        range: FORMATS,
        default: "none",
    },
    Key {
        name: "eval",
        example: "eval = \"data/eval.jsonl\"",
        about: "The rows to evaluate on, which `Dataset::eval()` reads.",
        takes: FILE,
        range: FORMATS,
        default: "none",
    },
    Key {
        name: "test",
        example: "test = \"data/test.jsonl\"",
        about: "The rows for a last look, which `Dataset::test()` reads.",
        takes: FILE,
        range: FORMATS,
        default: "none",
    },
    Key {
        name: "file",
        example: "file = \"data/more.jsonl\"",
        about: "Another file of such rows, to be looked at while compiling; can be there several times.",
        takes: FILE,
        range: FORMATS,
        default: "none",
    },
    Key {
        name: "check",
        example: "check = \"full\"",
        about: "How much of each file is looked at while compiling: every row, up to a mebibyte of it, or nothing.",
        takes: "a text in quotes",
        range: "`\"full\"`, `\"sample\"`, `\"off\"`",
        default: "`\"sample\"`",
    },
    CRATE,
];

const FILE: &str = "a path in quotes, from the folder of the crate's `Cargo.toml`";
const FORMATS: &str = "`.jsonl` or `.ndjson`, `.json`, `.csv`, `.tsv`, and `.parquet` with the feature `parquet`";

/// On a field.
pub(crate) const FIELD: &[Key] = &[
    role("text", "The text that the model looks at: a `String`."),
    role("text_pair", "A second text beside `text`: a `String`, or an `Option` of it."),
    role(
        "label",
        "What the model has to find: an enum under `#[derive(ClassLabel)]`, an `f32` or an `[f32; N]`; its type decides \
         the task.",
    ),
    role(
        "labels",
        "Several classes of one row: a `Vec` or a `BTreeSet` of an enum under `#[derive(ClassLabel)]`; of `input_ids` also a \
         `Vec<i64>` with the token to find at each place, -100 where there is none.",
    ),
    role("input_ids", "A text that is tokenised already: a `Vec<u32>`."),
    role("attention_mask", "Which of the `input_ids` are text (1) and which padding (0): a `Vec` of whole numbers."),
    role("token_type_ids", "Which text each of the `input_ids` belongs to: a `Vec` of whole numbers."),
    role("features", "Numbers for a model of your own: a `Vec<f32>` or an `[f32; N]`."),
    role("tokens", "The words of a text, one by one: a `Vec<String>`. Needs `tags`."),
    role(
        "tags",
        "The class of each of the `tokens`, or of each of the `input_ids`: a `Vec` of an enum under `#[derive(ClassLabel)]`, \
         or of an `Option` of it, which is `None` for `null` and -100.",
    ),
    role("messages", "A conversation, whose answers are to be learnt: a `Vec<Message>`."),
    role("prompt", "What the model is given to answer: a `String`. Needs `completion`."),
    role("completion", "What it has to answer to the `prompt`: a `String`."),
    role("source", "A text for which another is written: a `String`. Needs `target`."),
    role("target", "The text to write for the `source`: a `String`."),
    role("target_ids", "The text to write for the `input_ids`, tokenised already: a `Vec<u32>` or a `Vec<i64>`."),
    Key {
        name: "extra",
        example: "extra",
        about: "A column that is read and kept, but neither input nor label.",
        takes: "",
        range: "",
        default: "no",
    },
    Key {
        name: "column",
        example: "column = \"body\"",
        about: "The name of the column in the file, where it is another than the field's.",
        takes: "a text in quotes",
        range: "not empty",
        default: "the field's name",
    },
    Key {
        name: "skip",
        example: "skip",
        about: "No column: the field is its `Default`.",
        takes: "",
        range: "",
        default: "no",
    },
];

/// A role, which a field of the same name has without being told.
const fn role(name: &'static str, about: &'static str) -> Key {
    Key { name, example: name, about, takes: "", range: "", default: "said by a field of this name" }
}
