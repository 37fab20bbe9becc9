//! The keys of `#[trainer(…)]`, and those between the parentheses of their values.

use crate::keys::{CRATE, Key};

pub(crate) const KEYS: &[Key] = &[
    Key {
        name: "collator",
        example: "collator = Padding",
        about: "How rows become batches.",
        takes: "a collator",
        range: "`Default`, `Padding`, `TokenClassification`, `Seq2Seq`, `MaskedLm`, `CausalLm`, `CompletionOnly`, \
                `Flattening`, `Packing`, or a value whose type is a `Collator`",
        default: "that of the task: `Padding` for one label for each example (`Default` without a field `tokenizer`), \
                  `TokenClassification` for tags, `Seq2Seq` for a source and a target, `MaskedLm` or `CausalLm` for a \
                  text as the model reads it, `CompletionOnly` for a prompt and its completion, `CausalLm` for messages",
    },
    Key {
        name: "loss",
        example: "loss = ce",
        about: "What training makes small.",
        takes: "a loss",
        range: "`ce`, `weighted_ce([…])`, `focal`, `bce`, `weighted_bce([…])`, `mse`, `mae`, `huber`, or a function under \
                `#[loss]`",
        default: "that of the task: `ce` for one class and for tokens, `bce` for several classes, `mse` for numbers",
    },
    Key {
        name: "metrics",
        example: "metrics = [accuracy, f1(average = \"macro\")]",
        about: "What an evaluation computes beside the loss. A function that is called like a built-in metric is \
                written with its path, such as `self::accuracy`.",
        takes: "a list of metrics in brackets",
        range: "built-in ones, and functions under `#[metric]`",
        default: "none",
    },
    Key {
        name: "optimizer",
        example: "optimizer = adamw",
        about: "What makes an update of the gradients. Its numbers are training arguments.",
        takes: "an optimiser",
        range: "`adamw`, `sgd(momentum = 0.9)`, `adafactor`, `lion`, or a function \
                `fn(&TrainingArguments) -> Result<Box<dyn Optimizer>>`",
        default: "that of the training argument `optim`, which is `adamw` if not said",
    },
    Key {
        name: "peft",
        example: "peft = lora(r = 8, alpha = 16)",
        about: "Small adapters are trained instead of the model itself.",
        takes: "a kind of adapter",
        range: "`lora(…)`",
        default: "none: all parameters are trained",
    },
    Key {
        name: "formatting",
        example: "formatting = \"{text}\"",
        about: "What the model reads of an example: a text with fields of the example in braces (`{{` for a brace), or \
                a function `fn(&Review) -> String`. `predict_one` takes a text that is formatted already.",
        takes: "a template in quotes, or a function's name",
        range: "fields that are texts, numbers, `bool`s, classes, or an `Option` of these",
        default: "the field `text`",
    },
    Key {
        name: "callbacks",
        example: "callbacks = [MyCallback]",
        about: "What is told of a run while it goes on, and may end it.",
        takes: "a list of values in brackets",
        range: "values whose types are a `Callback`",
        default: "none",
    },
    Key {
        name: "model_dir",
        example: "model_dir = \"models/minilm\"",
        about: "The folder of the model: `config.json`, the tokenizer and the header of the weights are read while \
                compiling and compared with the model, its labels, the lengths and the collator.",
        takes: "a path in quotes, from the folder of the crate's `Cargo.toml`",
        range: "",
        default: "none",
    },
    Key {
        name: "new_head",
        example: "new_head",
        about: "The head in `model_dir` is left for a fresh one (`from_pretrained_with_new_head`), so that it may be \
                of other labels.",
        takes: "",
        range: "",
        default: "no",
    },
    Key {
        name: "memory_budget",
        example: "memory_budget = \"8GiB\"",
        about: "The most memory that training may take. While compiling, and again before the first step, weights, \
                gradients, optimiser state and the activations of as many of the longest rows as are computed at once \
                are added up; more is an error.",
        takes: "a size in quotes",
        range: "a number with `KiB`, `MiB`, `GiB`, `KB`, `MB` or `GB`",
        default: "none",
    },
    CRATE,
];

pub(crate) const LABEL_SMOOTHING: Key = Key {
    name: "label_smoothing",
    example: "label_smoothing = 0.1",
    about: "Share of the target's probability that is spread over all classes.",
    takes: "a number",
    range: "at least 0 and below 1",
    default: "the training argument `label_smoothing_factor`",
};

pub(crate) const IGNORE_INDEX: Key = Key {
    name: "ignore_index",
    example: "ignore_index = 0",
    about: "A class whose rows do not count, beside those with the label -100.",
    takes: "a class's number",
    range: "",
    default: "none",
};

pub(crate) const WEIGHTS: Key = Key {
    name: "weights",
    example: "weights = [1.0, 2.0]",
    about: "How much a row of each class counts, in the order of the classes; also without the name, as the first value.",
    takes: "a list of numbers, or a constant",
    range: "one for each class, none below 0, not all 0",
    default: "none: they must be given",
};

/// A name that a key takes as its value, with what may stand in its parentheses.
#[derive(Clone, Copy)]
#[cfg_attr(not(test), allow(dead_code, reason = "tests write the pages and the structs for editors from it"))]
pub(crate) struct Word {
    pub(crate) name: &'static str,
    pub(crate) example: &'static str,
    pub(crate) about: &'static str,
    /// What the parentheses must have, as their first value or under its name.
    pub(crate) first: Option<Key>,
    /// The keys that they may have.
    pub(crate) keys: &'static [Key],
}

impl Word {
    /// Everything that may stand in the parentheses.
    pub(crate) fn known(&self) -> Vec<Key> {
        self.first.into_iter().chain(self.keys.iter().copied()).collect()
    }
}

pub(crate) const GAMMA: Key = Key {
    name: "gamma",
    example: "gamma = 2.0",
    about: "How much less counts what the model is sure of; 0 is cross-entropy.",
    takes: "a number",
    range: "at least 0",
    default: "2.0",
};

pub(crate) const ALPHA: Key = Key {
    name: "alpha",
    example: "alpha = [0.25, 1.0]",
    about: "How much each class counts, in their order. Where a row can have several classes, a class that is there counts \
            its `alpha`, and one that is not `1 - alpha`.",
    takes: "a list of numbers, or a constant",
    range: "one for each class, none below 0, not all 0; up to 1 where a row can have several classes",
    default: "all classes alike",
};

pub(crate) const DELTA: Key = Key {
    name: "delta",
    example: "delta = 1.0",
    about: "The distance up to which the error is squared; beyond it the loss grows with the distance.",
    takes: "a number",
    range: "above 0",
    default: "1.0",
};

pub(crate) const LOSSES: &[Word] = &[
    Word {
        name: "ce",
        example: "ce(label_smoothing = 0.1)",
        about: "Cross-entropy, for one class of several, or one token.",
        first: None,
        keys: SMOOTHED,
    },
    Word {
        name: "weighted_ce",
        example: "weighted_ce([1.0, 2.0])",
        about: "Cross-entropy with a weight for each class.",
        first: Some(WEIGHTS),
        keys: SMOOTHED,
    },
    Word {
        name: "focal",
        example: "focal(gamma = 2.0)",
        about: "Cross-entropy in which what the model is sure of already counts little, for one class or several at once.",
        first: None,
        keys: &[GAMMA, ALPHA],
    },
    Word {
        name: "bce",
        example: "bce",
        about: "Binary cross-entropy, for any number of classes at once.",
        first: None,
        keys: &[],
    },
    Word {
        name: "weighted_bce",
        example: "weighted_bce([1.0, 5.0])",
        about: "Binary cross-entropy in which each class counts so much where it is there.",
        first: Some(WEIGHTS),
        keys: &[],
    },
    Word { name: "mse", example: "mse", about: "The mean squared error, for numbers.", first: None, keys: &[] },
    Word { name: "mae", example: "mae", about: "The mean absolute error, for numbers.", first: None, keys: &[] },
    Word {
        name: "huber",
        example: "huber(delta = 1.0)",
        about: "The squared error where it is small, the absolute error where it is large, for numbers.",
        first: None,
        keys: &[DELTA],
    },
];

const SMOOTHED: &[Key] = &[LABEL_SMOOTHING, IGNORE_INDEX];

pub(crate) const OPTIMIZERS: &[Word] = &[
    Word {
        name: "adamw",
        example: "adamw",
        about: "Adam with decoupled weight decay: `learning_rate`, `weight_decay`, `adam_beta1`, `adam_beta2` and \
                `adam_epsilon` are training arguments.",
        first: None,
        keys: &[],
    },
    Word {
        name: "sgd",
        example: "sgd(momentum = 0.9, nesterov)",
        about: "Gradient descent; `learning_rate` and `weight_decay` are training arguments.",
        first: None,
        keys: &[MOMENTUM, DAMPENING, NESTEROV],
    },
    Word {
        name: "adafactor",
        example: "adafactor",
        about: "An update like Adam's that keeps a number for each row and column of a matrix instead of two for each \
                element; `learning_rate` and `weight_decay` are training arguments.",
        first: None,
        keys: &[],
    },
    Word {
        name: "lion",
        example: "lion",
        about: "Steps of the learning rate in the direction of a mean of gradients, with half the memory of `adamw`: \
                `learning_rate`, `weight_decay`, `adam_beta1` and `adam_beta2` are training arguments.",
        first: None,
        keys: &[],
    },
];

pub(crate) const MOMENTUM: Key = Key {
    name: "momentum",
    example: "momentum = 0.9",
    about: "How much of the change before stays in each update.",
    takes: "a number",
    range: "at least 0 and below 1",
    default: "0.0: no momentum",
};

pub(crate) const DAMPENING: Key = Key {
    name: "dampening",
    example: "dampening = 0.1",
    about: "How much less of the gradient enters the momentum.",
    takes: "a number",
    range: "from 0 to 1; 0 with `nesterov`",
    default: "0.0",
};

pub(crate) const NESTEROV: Key = Key {
    name: "nesterov",
    example: "nesterov",
    about: "Looks one step of momentum ahead.",
    takes: "",
    range: "",
    default: "no",
};
