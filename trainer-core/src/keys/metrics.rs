//! The names that `metrics = …` takes in `#[trainer(…)]`.
// Written by the tests of `trainer-macros` from the tables of its macros.

use super::Value;

/// The share of rows whose class is right, or whose classes are all right.
///
/// For example `accuracy`.
#[derive(Clone, Copy, Debug, Default)]
pub struct accuracy {
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: Value,
}

/// The share of rows whose class is right, or whose classes are all right.
pub const accuracy: accuracy = accuracy { name: Value };

/// The mean recall over the classes that rows have.
///
/// For example `balanced_accuracy`.
#[derive(Clone, Copy, Debug, Default)]
pub struct balanced_accuracy {
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: Value,
}

/// The mean recall over the classes that rows have.
pub const balanced_accuracy: balanced_accuracy = balanced_accuracy { name: Value };

/// Of what was predicted, the share that is right.
///
/// For example `precision(average = "macro")`.
#[derive(Clone, Copy, Debug, Default)]
pub struct precision {
    /// What one value is made of: that of the second of two classes (`binary`), the mean over the classes (`macro`),
    /// one value over the sums of all counts (`micro`), the mean weighted by how many rows have a class (`weighted`),
    /// the mean over rows with several classes (`samples`), or one value for each class (`none`).
    ///
    /// Takes a name in quotes: `binary`, `macro`, `micro`, `weighted`, `samples`, `none`. Left out: `binary`; `macro`
    /// for `roc_auc` and `average_precision`. For example `average = "macro"`.
    pub average: Value,
    /// What a class counts that was never predicted, or never there.
    ///
    /// Takes a name in quotes, or 0 or 1: `zero`, `one`, `undefined`. Left out: `zero`. For example
    /// `zero_division = "undefined"`.
    pub zero_division: Value,
    /// Whether an average counts the classes that no row has and none was predicted to have.
    ///
    /// Takes a name in quotes: `left_out`, `counted`. Left out: `left_out`. For example `absent_classes = "counted"`.
    pub absent_classes: Value,
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: Value,
}

/// Of what was predicted, the share that is right.
pub const precision: precision = precision { average: Value, zero_division: Value, absent_classes: Value, name: Value };

/// Of what is there, the share that was found.
///
/// For example `recall(average = "macro")`.
#[derive(Clone, Copy, Debug, Default)]
pub struct recall {
    /// What one value is made of: that of the second of two classes (`binary`), the mean over the classes (`macro`),
    /// one value over the sums of all counts (`micro`), the mean weighted by how many rows have a class (`weighted`),
    /// the mean over rows with several classes (`samples`), or one value for each class (`none`).
    ///
    /// Takes a name in quotes: `binary`, `macro`, `micro`, `weighted`, `samples`, `none`. Left out: `binary`; `macro`
    /// for `roc_auc` and `average_precision`. For example `average = "macro"`.
    pub average: Value,
    /// What a class counts that was never predicted, or never there.
    ///
    /// Takes a name in quotes, or 0 or 1: `zero`, `one`, `undefined`. Left out: `zero`. For example
    /// `zero_division = "undefined"`.
    pub zero_division: Value,
    /// Whether an average counts the classes that no row has and none was predicted to have.
    ///
    /// Takes a name in quotes: `left_out`, `counted`. Left out: `left_out`. For example `absent_classes = "counted"`.
    pub absent_classes: Value,
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: Value,
}

/// Of what is there, the share that was found.
pub const recall: recall = recall { average: Value, zero_division: Value, absent_classes: Value, name: Value };

/// The harmonic mean of precision and recall.
///
/// For example `f1(average = "macro")`.
#[derive(Clone, Copy, Debug, Default)]
pub struct f1 {
    /// What one value is made of: that of the second of two classes (`binary`), the mean over the classes (`macro`),
    /// one value over the sums of all counts (`micro`), the mean weighted by how many rows have a class (`weighted`),
    /// the mean over rows with several classes (`samples`), or one value for each class (`none`).
    ///
    /// Takes a name in quotes: `binary`, `macro`, `micro`, `weighted`, `samples`, `none`. Left out: `binary`; `macro`
    /// for `roc_auc` and `average_precision`. For example `average = "macro"`.
    pub average: Value,
    /// What a class counts that was never predicted, or never there.
    ///
    /// Takes a name in quotes, or 0 or 1: `zero`, `one`, `undefined`. Left out: `zero`. For example
    /// `zero_division = "undefined"`.
    pub zero_division: Value,
    /// Whether an average counts the classes that no row has and none was predicted to have.
    ///
    /// Takes a name in quotes: `left_out`, `counted`. Left out: `left_out`. For example `absent_classes = "counted"`.
    pub absent_classes: Value,
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: Value,
}

/// The harmonic mean of precision and recall.
pub const f1: f1 = f1 { average: Value, zero_division: Value, absent_classes: Value, name: Value };

/// The harmonic mean of precision and recall, where recall counts `beta` times as much.
///
/// For example `fbeta(2.0, average = "macro")`.
#[derive(Clone, Copy, Debug, Default)]
pub struct fbeta {
    /// How many times as much recall counts; also without the name, as the first value.
    ///
    /// Takes a number: above 0. Left out: none: it must be given. For example `fbeta(2.0)`.
    pub beta: Value,
    /// What one value is made of: that of the second of two classes (`binary`), the mean over the classes (`macro`),
    /// one value over the sums of all counts (`micro`), the mean weighted by how many rows have a class (`weighted`),
    /// the mean over rows with several classes (`samples`), or one value for each class (`none`).
    ///
    /// Takes a name in quotes: `binary`, `macro`, `micro`, `weighted`, `samples`, `none`. Left out: `binary`; `macro`
    /// for `roc_auc` and `average_precision`. For example `average = "macro"`.
    pub average: Value,
    /// What a class counts that was never predicted, or never there.
    ///
    /// Takes a name in quotes, or 0 or 1: `zero`, `one`, `undefined`. Left out: `zero`. For example
    /// `zero_division = "undefined"`.
    pub zero_division: Value,
    /// Whether an average counts the classes that no row has and none was predicted to have.
    ///
    /// Takes a name in quotes: `left_out`, `counted`. Left out: `left_out`. For example `absent_classes = "counted"`.
    pub absent_classes: Value,
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: Value,
}

/// The harmonic mean of precision and recall, where recall counts `beta` times as much.
pub const fbeta: fbeta =
    fbeta { beta: Value, average: Value, zero_division: Value, absent_classes: Value, name: Value };

/// The share of pairs that the scores put in the right order.
///
/// For example `roc_auc(multi_class = "ovo")`.
#[derive(Clone, Copy, Debug, Default)]
pub struct roc_auc {
    /// What one value is made of: that of the second of two classes (`binary`), the mean over the classes (`macro`),
    /// one value over the sums of all counts (`micro`), the mean weighted by how many rows have a class (`weighted`),
    /// the mean over rows with several classes (`samples`), or one value for each class (`none`).
    ///
    /// Takes a name in quotes: `binary`, `macro`, `micro`, `weighted`, `samples`, `none`. Left out: `binary`; `macro`
    /// for `roc_auc` and `average_precision`. For example `average = "macro"`.
    pub average: Value,
    /// With three classes or more: each against all others (`ovr`), or each against each (`ovo`).
    ///
    /// Takes a name in quotes: `ovr`, `ovo`. Left out: `ovr`. For example `multi_class = "ovr"`.
    pub multi_class: Value,
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: Value,
}

/// The share of pairs that the scores put in the right order.
pub const roc_auc: roc_auc = roc_auc { average: Value, multi_class: Value, name: Value };

/// The mean precision at the scores of the rows with the class.
///
/// For example `average_precision(average = "macro")`.
#[derive(Clone, Copy, Debug, Default)]
pub struct average_precision {
    /// What one value is made of: that of the second of two classes (`binary`), the mean over the classes (`macro`),
    /// one value over the sums of all counts (`micro`), the mean weighted by how many rows have a class (`weighted`),
    /// the mean over rows with several classes (`samples`), or one value for each class (`none`).
    ///
    /// Takes a name in quotes: `binary`, `macro`, `micro`, `weighted`, `samples`, `none`. Left out: `binary`; `macro`
    /// for `roc_auc` and `average_precision`. For example `average = "macro"`.
    pub average: Value,
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: Value,
}

/// The mean precision at the scores of the rows with the class.
pub const average_precision: average_precision = average_precision { average: Value, name: Value };

/// Matthews' correlation of labels and predictions, from -1 to 1.
///
/// For example `mcc`.
#[derive(Clone, Copy, Debug, Default)]
pub struct mcc {
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: Value,
}

/// Matthews' correlation of labels and predictions, from -1 to 1.
pub const mcc: mcc = mcc { name: Value };

/// How much better the agreement is than by chance, up to 1.
///
/// For example `cohen_kappa(weights = "quadratic")`.
#[derive(Clone, Copy, Debug, Default)]
pub struct cohen_kappa {
    /// How bad a confusion is: all alike, as the distance of the classes in their order, or as its square.
    ///
    /// Takes a name in quotes: `equal`, `linear`, `quadratic`. Left out: `equal`. For example `weights = "quadratic"`.
    pub weights: Value,
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: Value,
}

/// How much better the agreement is than by chance, up to 1.
pub const cohen_kappa: cohen_kappa = cohen_kappa { weights: Value, name: Value };

/// The mean of `-ln(p)` of the right class; smaller is better.
///
/// For example `log_loss`.
#[derive(Clone, Copy, Debug, Default)]
pub struct log_loss {
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: Value,
}

/// The mean of `-ln(p)` of the right class; smaller is better.
pub const log_loss: log_loss = log_loss { name: Value };

/// The mean squared distance of the probabilities from the truth; smaller is better.
///
/// For example `brier(scale = "half")`.
#[derive(Clone, Copy, Debug, Default)]
pub struct brier {
    /// `usual` goes from 0 to 1 for two classes and from 0 to 2 for more; `half` always from 0 to 1.
    ///
    /// Takes a name in quotes: `usual`, `half`. Left out: `usual`. For example `scale = "half"`.
    pub scale: Value,
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: Value,
}

/// The mean squared distance of the probabilities from the truth; smaller is better.
pub const brier: brier = brier { scale: Value, name: Value };

/// The share of rows whose class is among the `k` most probable; its key is `top_3` for 3.
///
/// For example `top_k(3)`.
#[derive(Clone, Copy, Debug, Default)]
pub struct top_k {
    /// How many classes are looked at; also without the name, as the first value.
    ///
    /// Takes a whole number: at least 1. Left out: none: it must be given. For example `top_k(3)`.
    pub k: Value,
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: Value,
}

/// The share of rows whose class is among the `k` most probable; its key is `top_3` for 3.
pub const top_k: top_k = top_k { k: Value, name: Value };

/// Prints the confusion matrix under the values; it has no value of its own.
///
/// For example `confusion_matrix`.
#[derive(Clone, Copy, Debug, Default)]
pub struct confusion_matrix {
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: Value,
}

/// Prints the confusion matrix under the values; it has no value of its own.
pub const confusion_matrix: confusion_matrix = confusion_matrix { name: Value };

/// The mean squared error; smaller is better.
///
/// For example `mse`.
#[derive(Clone, Copy, Debug, Default)]
pub struct mse {
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: Value,
}

/// The mean squared error; smaller is better.
pub const mse: mse = mse { name: Value };

/// The mean absolute error; smaller is better.
///
/// For example `mae`.
#[derive(Clone, Copy, Debug, Default)]
pub struct mae {
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: Value,
}

/// The mean absolute error; smaller is better.
pub const mae: mae = mae { name: Value };

/// The share of the variance that is explained, up to 1.
///
/// For example `r2`.
#[derive(Clone, Copy, Debug, Default)]
pub struct r2 {
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: Value,
}

/// The share of the variance that is explained, up to 1.
pub const r2: r2 = r2 { name: Value };

/// Pearson's correlation of labels and predictions, from -1 to 1.
///
/// For example `pearson`.
#[derive(Clone, Copy, Debug, Default)]
pub struct pearson {
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: Value,
}

/// Pearson's correlation of labels and predictions, from -1 to 1.
pub const pearson: pearson = pearson { name: Value };

/// Spearman's correlation: that of the ranks, from -1 to 1.
///
/// For example `spearman`.
#[derive(Clone, Copy, Debug, Default)]
pub struct spearman {
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: Value,
}

/// Spearman's correlation: that of the ranks, from -1 to 1.
pub const spearman: spearman = spearman { name: Value };
