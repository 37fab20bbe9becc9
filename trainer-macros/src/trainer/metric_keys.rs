//! The metrics of `#[trainer(metrics = […])]`, and what stands between their parentheses.

use super::keys::Word;
use crate::keys::Key;

pub(crate) const METRICS: &[Word] = &[
    Word {
        name: "accuracy",
        example: "accuracy",
        about: "The share of rows whose class is right, or whose classes are all right; of tokens, where they have labels.",
        first: None,
        keys: &[THRESHOLD, NAME],
    },
    Word {
        name: "balanced_accuracy",
        example: "balanced_accuracy",
        about: "The mean recall over the classes that rows have.",
        first: None,
        keys: NAMED,
    },
    Word {
        name: "precision",
        example: "precision(average = \"macro\")",
        about: "Of what was predicted, the share that is right.",
        first: None,
        keys: RATIO,
    },
    Word {
        name: "recall",
        example: "recall(average = \"macro\")",
        about: "Of what is there, the share that was found.",
        first: None,
        keys: RATIO,
    },
    Word {
        name: "f1",
        example: "f1(average = \"macro\")",
        about: "The harmonic mean of precision and recall.",
        first: None,
        keys: RATIO,
    },
    Word {
        name: "fbeta",
        example: "fbeta(2.0, average = \"macro\")",
        about: "The harmonic mean of precision and recall, where recall counts `beta` times as much.",
        first: Some(BETA),
        keys: RATIO,
    },
    Word {
        name: "roc_auc",
        example: "roc_auc(multi_class = \"ovo\")",
        about: "The share of pairs that the scores put in the right order.",
        first: None,
        keys: &[AVERAGE, MULTI_CLASS, NAME],
    },
    Word {
        name: "average_precision",
        example: "average_precision(average = \"macro\")",
        about: "The mean precision at the scores of the rows with the class.",
        first: None,
        keys: &[AVERAGE, NAME],
    },
    Word {
        name: "mcc",
        example: "mcc",
        about: "Matthews' correlation of labels and predictions, from -1 to 1.",
        first: None,
        keys: NAMED,
    },
    Word {
        name: "cohen_kappa",
        example: "cohen_kappa(weights = \"quadratic\")",
        about: "How much better the agreement is than by chance, up to 1.",
        first: None,
        keys: &[KAPPA_WEIGHTS, NAME],
    },
    Word {
        name: "log_loss",
        example: "log_loss",
        about: "The mean of `-ln(p)` of the right class; smaller is better.",
        first: None,
        keys: NAMED,
    },
    Word {
        name: "brier",
        example: "brier(scale = \"half\")",
        about: "The mean squared distance of the probabilities from the truth; smaller is better.",
        first: None,
        keys: &[SCALE, NAME],
    },
    Word {
        name: "top_k",
        example: "top_k(3)",
        about: "The share of rows whose class is among the `k` most probable; its key is `top_3` for 3.",
        first: Some(K),
        keys: NAMED,
    },
    Word {
        name: "confusion_matrix",
        example: "confusion_matrix",
        about: "Prints the confusion matrix under the values; it has no value of its own.",
        first: None,
        keys: NAMED,
    },
    Word { name: "mse", example: "mse", about: "The mean squared error; smaller is better.", first: None, keys: NAMED },
    Word {
        name: "mae",
        example: "mae",
        about: "The mean absolute error; smaller is better.",
        first: None,
        keys: NAMED,
    },
    Word {
        name: "r2",
        example: "r2",
        about: "The share of the variance that is explained, up to 1.",
        first: None,
        keys: NAMED,
    },
    Word {
        name: "pearson",
        example: "pearson",
        about: "Pearson's correlation of labels and predictions, from -1 to 1.",
        first: None,
        keys: NAMED,
    },
    Word {
        name: "spearman",
        example: "spearman",
        about: "Spearman's correlation: that of the ranks, from -1 to 1.",
        first: None,
        keys: NAMED,
    },
    Word {
        name: "entity_f1",
        example: "entity_f1",
        about: "F1 of the named entities that tags such as `B-PER` make, with their precision and recall, and the accuracy \
                of the tags: `entity_f1_precision`, `entity_f1_recall`, `entity_f1_accuracy`.",
        first: None,
        keys: &[AVERAGE, SCHEME, NAME],
    },
    Word {
        name: "perplexity",
        example: "perplexity",
        about: "The exponential of the mean loss of the tokens; smaller is better.",
        first: None,
        keys: NAMED,
    },
    Word {
        name: "exact_match",
        example: "exact_match",
        about: "The share of texts that the model writes exactly as they should be.",
        first: None,
        keys: NAMED,
    },
    Word {
        name: "bleu",
        example: "bleu(lowercase)",
        about: "BLEU of the texts that the model writes, 0 to 100, as sacrebleu computes it.",
        first: None,
        keys: &[SMOOTHING, LOWERCASE, NAME],
    },
    Word {
        name: "chrf",
        example: "chrf(word_order = 2)",
        about: "chrF of the texts that the model writes, 0 to 100, as sacrebleu computes it.",
        first: None,
        keys: &[WORD_ORDER, NAME],
    },
    Word {
        name: "rouge",
        example: "rouge(stemmer)",
        about: "ROUGE of the texts that the model writes, 0 to 1: `rouge1`, `rouge2`, `rougeL` and `rougeLsum`.",
        first: None,
        keys: &[STEMMER, NAME],
    },
];

const NAMED: &[Key] = &[NAME];
const RATIO: &[Key] = &[AVERAGE, ZERO_DIVISION, ABSENT_CLASSES, THRESHOLD, NAME];

pub(crate) const NAME: Key = Key {
    name: "name",
    example: "name = \"f1_macro\"",
    about: "The key in the results: two metrics of one trainer have different ones.",
    takes: "a text in quotes",
    range: "not empty, without spaces",
    default: "the metric's name",
};

const BETA: Key = Key {
    name: "beta",
    example: "fbeta(2.0)",
    about: "How many times as much recall counts; also without the name, as the first value.",
    takes: "a number",
    range: "above 0",
    default: "none: it must be given",
};

const K: Key = Key {
    name: "k",
    example: "top_k(3)",
    about: "How many classes are looked at; also without the name, as the first value.",
    takes: "a whole number",
    range: "at least 1",
    default: "none: it must be given",
};

const AVERAGE: Key = Key {
    name: "average",
    example: "average = \"macro\"",
    about: "What one value is made of: that of the second of two classes (`binary`), the mean over the classes (`macro`), \
            one value over the sums of all counts (`micro`), the mean weighted by how many rows have a class \
            (`weighted`), the mean over rows with several classes (`samples`), or one value for each class (`none`).",
    takes: "a name in quotes",
    range: "`binary`, `macro`, `micro`, `weighted`, `samples`, `none`",
    default: "`binary`; `macro` for `roc_auc` and `average_precision`, `micro` for `entity_f1`",
};

const ZERO_DIVISION: Key = Key {
    name: "zero_division",
    example: "zero_division = \"undefined\"",
    about: "What a class counts that was never predicted, or never there.",
    takes: "a name in quotes, or 0 or 1",
    range: "`zero`, `one`, `undefined`",
    default: "`zero`",
};

const ABSENT_CLASSES: Key = Key {
    name: "absent_classes",
    example: "absent_classes = \"counted\"",
    about: "Whether an average counts the classes that no row has and none was predicted to have.",
    takes: "a name in quotes",
    range: "`left_out`, `counted`",
    default: "`left_out`",
};

const MULTI_CLASS: Key = Key {
    name: "multi_class",
    example: "multi_class = \"ovr\"",
    about: "With three classes or more: each against all others (`ovr`), or each against each (`ovo`).",
    takes: "a name in quotes",
    range: "`ovr`, `ovo`",
    default: "`ovr`",
};

const KAPPA_WEIGHTS: Key = Key {
    name: "weights",
    example: "weights = \"quadratic\"",
    about: "How bad a confusion is: all alike, as the distance of the classes in their order, or as its square.",
    takes: "a name in quotes",
    range: "`equal`, `linear`, `quadratic`",
    default: "`equal`",
};

const SCALE: Key = Key {
    name: "scale",
    example: "scale = \"half\"",
    about: "`usual` goes from 0 to 1 for two classes and from 0 to 2 for more; `half` always from 0 to 1.",
    takes: "a name in quotes",
    range: "`usual`, `half`",
    default: "`usual`",
};

pub(crate) const THRESHOLD: Key = Key {
    name: "threshold",
    example: "threshold = 0.3",
    about: "The probability above which a class is predicted, where a row can have several: `best_threshold` of predictions finds \
            the best one.",
    takes: "a number",
    range: "above 0 and below 1",
    default: "0.5",
};

const SCHEME: Key = Key {
    name: "scheme",
    example: "scheme = \"iob2\"",
    about: "How tags are read: in any usual way (`lenient`), or strictly as `iob2` or `bioes`, where an entity that does not \
            begin or end as it should is none.",
    takes: "a name in quotes",
    range: "`lenient`, `iob2`, `bioes`",
    default: "`lenient`",
};

const SMOOTHING: Key = Key {
    name: "smoothing",
    example: "smoothing = \"floor\"",
    about: "What runs of words count none of which is right: ever smaller parts of one (`exp`), a tenth of one (`floor`), \
            one more of each length (`add-k`), or nothing (`none`).",
    takes: "a name in quotes",
    range: "`exp`, `floor`, `add-k`, `none`",
    default: "`exp`",
};

pub(crate) const LOWERCASE: Key = Key {
    name: "lowercase",
    example: "lowercase",
    about: "Texts are compared in lower case.",
    takes: "",
    range: "",
    default: "no",
};

pub(crate) const STEMMER: Key = Key {
    name: "stemmer",
    example: "stemmer",
    about: "English words of more than three letters are compared by their stems.",
    takes: "",
    range: "",
    default: "no",
};

pub(crate) const WORD_ORDER: Key = Key {
    name: "word_order",
    example: "word_order = 2",
    about: "The longest runs of words that are compared beside those of characters: 2 is chrF++.",
    takes: "a whole number",
    range: "at least 0",
    default: "0",
};
