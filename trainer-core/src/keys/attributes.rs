//! The keys of the attributes.
// Written by the tests of `trainer-macros` from the tables of its macros.

use super::GivenValue;

/// The keys of `#[trainer(…)]`.
#[derive(Clone, Copy, Debug, Default)]
pub struct TrainerKeys {
    /// How rows become batches.
    ///
    /// Takes a collator: `Default`, `Padding`, `TokenClassification`, `Seq2Seq`, `MaskedLm`, `CausalLm`,
    /// `CompletionOnly`, `Flattening`, `Packing`, or a value whose type is a `Collator`. Left out: that of the task:
    /// `Padding` for one label for each example (`Default` without a field `tokenizer`), `TokenClassification` for
    /// tags, `Seq2Seq` for a source and a target, `MaskedLm` or `CausalLm` for a text as the model reads it,
    /// `CompletionOnly` for a prompt and its completion, `CausalLm` for messages. For example `collator = Padding`.
    pub collator: GivenValue,
    /// What training makes small.
    ///
    /// Takes a loss: `ce`, `weighted_ce([…])`, `focal`, `bce`, `weighted_bce([…])`, `mse`, `mae`, `huber`, or a
    /// function under `#[loss]`. Left out: that of the task: `ce` for one class and for tokens, `bce` for several
    /// classes, `mse` for numbers. For example `loss = ce`.
    pub loss: GivenValue,
    /// What an evaluation computes beside the loss. A function that is called like a built-in metric is written with
    /// its path, such as `self::accuracy`.
    ///
    /// Takes a list of metrics in brackets: built-in ones, and functions under `#[metric]`. Left out: none. For example
    /// `metrics = [accuracy, f1(average = "macro")]`.
    pub metrics: GivenValue,
    /// What makes an update of the gradients. Its numbers are training arguments.
    ///
    /// Takes an optimiser: `adamw`, `sgd(momentum = 0.9)`, `adafactor`, `lion`, or a function
    /// `fn(&TrainingArguments) -> Result<Box<dyn Optimizer>>`. Left out: that of the training argument `optim`, which
    /// is `adamw` if not said. For example `optimizer = adamw`.
    pub optimizer: GivenValue,
    /// Small adapters are trained instead of the model itself.
    ///
    /// Takes a kind of adapter: `lora(…)`. Left out: none: all parameters are trained. For example
    /// `peft = lora(r = 8, alpha = 16)`.
    pub peft: GivenValue,
    /// What the model reads of an example: a text with fields of the example in braces (`{{` for a brace), or a
    /// function `fn(&Review) -> String`. `predict_one` takes a text that is formatted already.
    ///
    /// Takes a template in quotes, or a function's name: fields that are texts, numbers, `bool`s, classes, or an
    /// `Option` of these. Left out: the field `text`. For example `formatting = "{text}"`.
    pub formatting: GivenValue,
    /// What is told of a run while it goes on, and may end it.
    ///
    /// Takes a list of values in brackets: values whose types are a `Callback`. Left out: none. For example
    /// `callbacks = [MyCallback]`.
    pub callbacks: GivenValue,
    /// The folder of the model: `config.json`, the tokenizer and the header of the weights are read while compiling and
    /// compared with the model, its labels, the lengths and the collator.
    ///
    /// Takes a path in quotes, from the folder of the crate's `Cargo.toml`. Left out: none. For example
    /// `model_dir = "models/minilm"`.
    pub model_dir: GivenValue,
    /// The head in `model_dir` is left for a fresh one (`from_pretrained_with_new_head`), so that it may be of other
    /// labels.
    ///
    /// Written without a value. Left out: no. For example `new_head`.
    pub new_head: GivenValue,
    /// The most memory that training may take. While compiling, and again before the first step, weights, gradients,
    /// optimiser state and the activations of as many of the longest rows as are computed at once are added up; more is
    /// an error.
    ///
    /// Takes a size in quotes: a number with `KiB`, `MiB`, `GiB`, `KB`, `MB` or `GB`. Left out: none. For example
    /// `memory_budget = "8GiB"`.
    pub memory_budget: GivenValue,
}

/// The keys of `#[metric(…)]`.
#[derive(Clone, Copy, Debug, Default)]
pub struct MetricKeys {
    /// The metric's key in the results, or the prefix of its keys where it gives several values.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the function's name. For example
    /// `name = "within_one"`.
    pub name: GivenValue,
    /// Whether a greater value is the better one, which decides the best checkpoint.
    ///
    /// Takes `true` or `false`. Left out: `true`. For example `greater_is_better = false`.
    pub greater_is_better: GivenValue,
}

/// The keys of `#[loss(…)]`.
#[derive(Clone, Copy, Debug, Default)]
pub struct LossKeys {}

/// The keys of `#[example(…)]` on the struct.
#[derive(Clone, Copy, Debug, Default)]
pub struct ExampleKeys {
    /// The rows to train on, which `Dataset::train()` reads.
    ///
    /// Takes a path in quotes, from the folder of the crate's `Cargo.toml`: `.jsonl` or `.ndjson`, `.json`, `.csv`,
    /// `.tsv`, and `.parquet` with the feature `parquet`. Left out: none. For example `train = "data/train.jsonl"`.
    pub train: GivenValue,
    /// The rows to evaluate on, which `Dataset::eval()` reads.
    ///
    /// Takes a path in quotes, from the folder of the crate's `Cargo.toml`: `.jsonl` or `.ndjson`, `.json`, `.csv`,
    /// `.tsv`, and `.parquet` with the feature `parquet`. Left out: none. For example `eval = "data/eval.jsonl"`.
    pub eval: GivenValue,
    /// The rows for a last look, which `Dataset::test()` reads.
    ///
    /// Takes a path in quotes, from the folder of the crate's `Cargo.toml`: `.jsonl` or `.ndjson`, `.json`, `.csv`,
    /// `.tsv`, and `.parquet` with the feature `parquet`. Left out: none. For example `test = "data/test.jsonl"`.
    pub test: GivenValue,
    /// Another file of such rows, to be looked at while compiling; can be there several times.
    ///
    /// Takes a path in quotes, from the folder of the crate's `Cargo.toml`: `.jsonl` or `.ndjson`, `.json`, `.csv`,
    /// `.tsv`, and `.parquet` with the feature `parquet`. Left out: none. For example `file = "data/more.jsonl"`.
    pub file: GivenValue,
    /// How much of each file is looked at while compiling: every row, up to a mebibyte of it, or nothing.
    ///
    /// Takes a text in quotes: `"full"`, `"sample"`, `"off"`. Left out: `"sample"`. For example `check = "full"`.
    pub check: GivenValue,
}

/// The keys of `#[example(…)]` on a field.
#[derive(Clone, Copy, Debug, Default)]
pub struct ExampleFieldKeys {
    /// The text that the model looks at: a `String`.
    ///
    /// Written without a value. Left out: said by a field of this name. For example `text`.
    pub text: GivenValue,
    /// A second text beside `text`: a `String`, or an `Option` of it.
    ///
    /// Written without a value. Left out: said by a field of this name. For example `text_pair`.
    pub text_pair: GivenValue,
    /// What the model has to find: an enum under `#[derive(ClassLabel)]`, an `f32` or an `[f32; N]`; its type decides
    /// the task.
    ///
    /// Written without a value. Left out: said by a field of this name. For example `label`.
    pub label: GivenValue,
    /// Several classes of one row: a `Vec` or a `BTreeSet` of an enum under `#[derive(ClassLabel)]`; of `input_ids`
    /// also a `Vec<i64>` with the token to find at each place, -100 where there is none.
    ///
    /// Written without a value. Left out: said by a field of this name. For example `labels`.
    pub labels: GivenValue,
    /// A text that is tokenised already: a `Vec<u32>`.
    ///
    /// Written without a value. Left out: said by a field of this name. For example `input_ids`.
    pub input_ids: GivenValue,
    /// Which of the `input_ids` are text (1) and which padding (0): a `Vec` of whole numbers.
    ///
    /// Written without a value. Left out: said by a field of this name. For example `attention_mask`.
    pub attention_mask: GivenValue,
    /// Which text each of the `input_ids` belongs to: a `Vec` of whole numbers.
    ///
    /// Written without a value. Left out: said by a field of this name. For example `token_type_ids`.
    pub token_type_ids: GivenValue,
    /// Numbers for a model of your own: a `Vec<f32>` or an `[f32; N]`.
    ///
    /// Written without a value. Left out: said by a field of this name. For example `features`.
    pub features: GivenValue,
    /// The words of a text, one by one: a `Vec<String>`. Needs `tags`.
    ///
    /// Written without a value. Left out: said by a field of this name. For example `tokens`.
    pub tokens: GivenValue,
    /// The class of each of the `tokens`, or of each of the `input_ids`: a `Vec` of an enum under
    /// `#[derive(ClassLabel)]`, or of an `Option` of it, which is `None` for `null` and -100.
    ///
    /// Written without a value. Left out: said by a field of this name. For example `tags`.
    pub tags: GivenValue,
    /// A conversation, whose answers are to be learnt: a `Vec<Message>`.
    ///
    /// Written without a value. Left out: said by a field of this name. For example `messages`.
    pub messages: GivenValue,
    /// What the model is given to answer: a `String`. Needs `completion`.
    ///
    /// Written without a value. Left out: said by a field of this name. For example `prompt`.
    pub prompt: GivenValue,
    /// What it has to answer to the `prompt`: a `String`.
    ///
    /// Written without a value. Left out: said by a field of this name. For example `completion`.
    pub completion: GivenValue,
    /// A text for which another is written: a `String`. Needs `target`.
    ///
    /// Written without a value. Left out: said by a field of this name. For example `source`.
    pub source: GivenValue,
    /// The text to write for the `source`: a `String`.
    ///
    /// Written without a value. Left out: said by a field of this name. For example `target`.
    pub target: GivenValue,
    /// The text to write for the `input_ids`, tokenised already: a `Vec<u32>` or a `Vec<i64>`.
    ///
    /// Written without a value. Left out: said by a field of this name. For example `target_ids`.
    pub target_ids: GivenValue,
    /// A column that is read and kept, but neither input nor label.
    ///
    /// Written without a value. Left out: no. For example `extra`.
    pub extra: GivenValue,
    /// The name of the column in the file, where it is another than the field's.
    ///
    /// Takes a text in quotes: not empty. Left out: the field's name. For example `column = "body"`.
    pub column: GivenValue,
    /// No column: the field is its `Default`.
    ///
    /// Written without a value. Left out: no. For example `skip`.
    pub skip: GivenValue,
}

/// The keys of `#[label(…)]` on the enum.
#[derive(Clone, Copy, Debug, Default)]
pub struct LabelKeys {
    /// How the variants become the names of the classes.
    ///
    /// Takes a case in quotes: `snake_case`, `lowercase`, `UPPERCASE`, `PascalCase`, `camelCase`,
    /// `SCREAMING_SNAKE_CASE`, `kebab-case`, `SCREAMING-KEBAB-CASE`. Left out: `snake_case`. For example
    /// `rename_all = "snake_case"`.
    pub rename_all: GivenValue,
}

/// The keys of `#[label(…)]` on a variant.
#[derive(Clone, Copy, Debug, Default)]
pub struct LabelVariantKeys {
    /// The name of the class in data files and in `config.json`.
    ///
    /// Takes a text in quotes: not empty, and of no other class. Left out: the variant's name, as `rename_all` says.
    /// For example `name = "very good"`.
    pub name: GivenValue,
}

/// The keys of `#[arg(…)]` on a field.
#[derive(Clone, Copy, Debug, Default)]
pub struct ArgKeys {
    /// The field is a hyper-parameter of your own, and no training argument.
    ///
    /// Written without a value. Left out: no. For example `own`.
    pub own: GivenValue,
    /// The value where none is given.
    ///
    /// Takes a value of the field's type: within `range` and `choices`. Left out: that of the training argument; a
    /// field that is `own` must be given, unless it is an `Option`. For example `default = 5e-5`.
    pub default: GivenValue,
    /// The numbers that are allowed.
    ///
    /// Takes a range of numbers: the lower end first. Left out: that of the training argument. For example
    /// `range = 1e-7..=1e-2`.
    pub range: GivenValue,
    /// The values that are allowed.
    ///
    /// Takes a list of texts or numbers in brackets: not empty. Left out: those of the training argument. For example
    /// `choices = ["a", "b"]`.
    pub choices: GivenValue,
    /// The text in `--help`.
    ///
    /// Takes a text in quotes: not empty. Left out: the documentation of the field. For example
    /// `help = "what it is for"`.
    pub help: GivenValue,
    /// The environment variable that gives the value where no flag does.
    ///
    /// Takes a name in quotes: not empty. Left out: none. For example `env = "NAME"`.
    pub env: GivenValue,
}
