//! The names that `metrics = …` takes in `#[trainer(…)]`.
// Written by the tests of `trainer-macros` from the tables of its macros.

use super::GivenValue;

/// The names alone.
pub mod names {
    use super::GivenValue;

    /// The share of rows whose class is right, or whose classes are all right; of tokens, where they have labels.
    ///
    /// For example `accuracy`.
    pub const accuracy: GivenValue = GivenValue;

    /// The mean recall over the classes that rows have.
    ///
    /// For example `balanced_accuracy`.
    pub const balanced_accuracy: GivenValue = GivenValue;

    /// Of what was predicted, the share that is right.
    ///
    /// For example `precision(average = "macro")`.
    pub const precision: GivenValue = GivenValue;

    /// Of what is there, the share that was found.
    ///
    /// For example `recall(average = "macro")`.
    pub const recall: GivenValue = GivenValue;

    /// The harmonic mean of precision and recall.
    ///
    /// For example `f1(average = "macro")`.
    pub const f1: GivenValue = GivenValue;

    /// The harmonic mean of precision and recall, where recall counts `beta` times as much.
    ///
    /// For example `fbeta(2.0, average = "macro")`.
    pub const fbeta: GivenValue = GivenValue;

    /// The share of pairs that the scores put in the right order.
    ///
    /// For example `roc_auc(multi_class = "ovo")`.
    pub const roc_auc: GivenValue = GivenValue;

    /// The mean precision at the scores of the rows with the class.
    ///
    /// For example `average_precision(average = "macro")`.
    pub const average_precision: GivenValue = GivenValue;

    /// Matthews' correlation of labels and predictions, from -1 to 1.
    ///
    /// For example `mcc`.
    pub const mcc: GivenValue = GivenValue;

    /// How much better the agreement is than by chance, up to 1.
    ///
    /// For example `cohen_kappa(weights = "quadratic")`.
    pub const cohen_kappa: GivenValue = GivenValue;

    /// The mean of `-ln(p)` of the right class; smaller is better.
    ///
    /// For example `log_loss`.
    pub const log_loss: GivenValue = GivenValue;

    /// The mean squared distance of the probabilities from the truth; smaller is better.
    ///
    /// For example `brier(scale = "half")`.
    pub const brier: GivenValue = GivenValue;

    /// The share of rows whose class is among the `k` most probable; its key is `top_3` for 3.
    ///
    /// For example `top_k(3)`.
    pub const top_k: GivenValue = GivenValue;

    /// Prints the confusion matrix under the values; it has no value of its own.
    ///
    /// For example `confusion_matrix`.
    pub const confusion_matrix: GivenValue = GivenValue;

    /// The mean squared error; smaller is better.
    ///
    /// For example `mse`.
    pub const mse: GivenValue = GivenValue;

    /// The mean absolute error; smaller is better.
    ///
    /// For example `mae`.
    pub const mae: GivenValue = GivenValue;

    /// The share of the variance that is explained, up to 1.
    ///
    /// For example `r2`.
    pub const r2: GivenValue = GivenValue;

    /// Pearson's correlation of labels and predictions, from -1 to 1.
    ///
    /// For example `pearson`.
    pub const pearson: GivenValue = GivenValue;

    /// Spearman's correlation: that of the ranks, from -1 to 1.
    ///
    /// For example `spearman`.
    pub const spearman: GivenValue = GivenValue;

    /// F1 of the named entities that tags such as `B-PER` make, with their precision and recall, and the accuracy of
    /// the tags: `entity_f1_precision`, `entity_f1_recall`, `entity_f1_accuracy`.
    ///
    /// For example `entity_f1`.
    pub const entity_f1: GivenValue = GivenValue;

    /// The exponential of the mean loss of the tokens; smaller is better.
    ///
    /// For example `perplexity`.
    pub const perplexity: GivenValue = GivenValue;

    /// The share of texts that the model writes exactly as they should be.
    ///
    /// For example `exact_match`.
    pub const exact_match: GivenValue = GivenValue;

    /// BLEU of the texts that the model writes, 0 to 100, as sacrebleu computes it.
    ///
    /// For example `bleu(lowercase)`.
    pub const bleu: GivenValue = GivenValue;

    /// chrF of the texts that the model writes, 0 to 100, as sacrebleu computes it.
    ///
    /// For example `chrf(word_order = 2)`.
    pub const chrf: GivenValue = GivenValue;

    /// ROUGE of the texts that the model writes, 0 to 1: `rouge1`, `rouge2`, `rougeL` and `rougeLsum`.
    ///
    /// For example `rouge(stemmer)`.
    pub const rouge: GivenValue = GivenValue;
}

/// The keys of [`accuracy`](names::accuracy).
#[derive(Clone, Copy, Debug, Default)]
pub struct AccuracyKeys {
    /// The probability above which a class is predicted, where a row can have several: `best_threshold` of predictions
    /// finds the best one.
    ///
    /// Takes a number: above 0 and below 1. Left out: `0.5`. For example `threshold = 0.3`.
    pub threshold: GivenValue,
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: GivenValue,
}

/// The keys of [`balanced_accuracy`](names::balanced_accuracy).
#[derive(Clone, Copy, Debug, Default)]
pub struct BalancedAccuracyKeys {
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: GivenValue,
}

/// The keys of [`precision`](names::precision).
#[derive(Clone, Copy, Debug, Default)]
pub struct PrecisionKeys {
    /// What one value is made of: that of the second of two classes (`binary`), the mean over the classes (`macro`),
    /// one value over the sums of all counts (`micro`), the mean weighted by how many rows have a class (`weighted`),
    /// the mean over rows with several classes (`samples`), or one value for each class (`none`).
    ///
    /// Takes a name in quotes: `binary`, `macro`, `micro`, `weighted`, `samples`, `none`. Left out: `binary`; `macro`
    /// for `roc_auc` and `average_precision`, `micro` for `entity_f1`. For example `average = "macro"`.
    pub average: GivenValue,
    /// What a class counts that was never predicted, or never there.
    ///
    /// Takes a name in quotes, or 0 or 1: `zero`, `one`, `undefined`. Left out: `zero`. For example
    /// `zero_division = "undefined"`.
    pub zero_division: GivenValue,
    /// Whether an average counts the classes that no row has and none was predicted to have.
    ///
    /// Takes a name in quotes: `left_out`, `counted`. Left out: `left_out`. For example `absent_classes = "counted"`.
    pub absent_classes: GivenValue,
    /// The probability above which a class is predicted, where a row can have several: `best_threshold` of predictions
    /// finds the best one.
    ///
    /// Takes a number: above 0 and below 1. Left out: `0.5`. For example `threshold = 0.3`.
    pub threshold: GivenValue,
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: GivenValue,
}

/// The keys of [`recall`](names::recall).
#[derive(Clone, Copy, Debug, Default)]
pub struct RecallKeys {
    /// What one value is made of: that of the second of two classes (`binary`), the mean over the classes (`macro`),
    /// one value over the sums of all counts (`micro`), the mean weighted by how many rows have a class (`weighted`),
    /// the mean over rows with several classes (`samples`), or one value for each class (`none`).
    ///
    /// Takes a name in quotes: `binary`, `macro`, `micro`, `weighted`, `samples`, `none`. Left out: `binary`; `macro`
    /// for `roc_auc` and `average_precision`, `micro` for `entity_f1`. For example `average = "macro"`.
    pub average: GivenValue,
    /// What a class counts that was never predicted, or never there.
    ///
    /// Takes a name in quotes, or 0 or 1: `zero`, `one`, `undefined`. Left out: `zero`. For example
    /// `zero_division = "undefined"`.
    pub zero_division: GivenValue,
    /// Whether an average counts the classes that no row has and none was predicted to have.
    ///
    /// Takes a name in quotes: `left_out`, `counted`. Left out: `left_out`. For example `absent_classes = "counted"`.
    pub absent_classes: GivenValue,
    /// The probability above which a class is predicted, where a row can have several: `best_threshold` of predictions
    /// finds the best one.
    ///
    /// Takes a number: above 0 and below 1. Left out: `0.5`. For example `threshold = 0.3`.
    pub threshold: GivenValue,
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: GivenValue,
}

/// The keys of [`f1`](names::f1).
#[derive(Clone, Copy, Debug, Default)]
pub struct F1Keys {
    /// What one value is made of: that of the second of two classes (`binary`), the mean over the classes (`macro`),
    /// one value over the sums of all counts (`micro`), the mean weighted by how many rows have a class (`weighted`),
    /// the mean over rows with several classes (`samples`), or one value for each class (`none`).
    ///
    /// Takes a name in quotes: `binary`, `macro`, `micro`, `weighted`, `samples`, `none`. Left out: `binary`; `macro`
    /// for `roc_auc` and `average_precision`, `micro` for `entity_f1`. For example `average = "macro"`.
    pub average: GivenValue,
    /// What a class counts that was never predicted, or never there.
    ///
    /// Takes a name in quotes, or 0 or 1: `zero`, `one`, `undefined`. Left out: `zero`. For example
    /// `zero_division = "undefined"`.
    pub zero_division: GivenValue,
    /// Whether an average counts the classes that no row has and none was predicted to have.
    ///
    /// Takes a name in quotes: `left_out`, `counted`. Left out: `left_out`. For example `absent_classes = "counted"`.
    pub absent_classes: GivenValue,
    /// The probability above which a class is predicted, where a row can have several: `best_threshold` of predictions
    /// finds the best one.
    ///
    /// Takes a number: above 0 and below 1. Left out: `0.5`. For example `threshold = 0.3`.
    pub threshold: GivenValue,
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: GivenValue,
}

/// The keys of [`fbeta`](names::fbeta).
#[derive(Clone, Copy, Debug, Default)]
pub struct FbetaKeys {
    /// How many times as much recall counts; also without the name, as the first value.
    ///
    /// Takes a number: above 0. Left out: none: it must be given. For example `fbeta(2.0)`.
    pub beta: GivenValue,
    /// What one value is made of: that of the second of two classes (`binary`), the mean over the classes (`macro`),
    /// one value over the sums of all counts (`micro`), the mean weighted by how many rows have a class (`weighted`),
    /// the mean over rows with several classes (`samples`), or one value for each class (`none`).
    ///
    /// Takes a name in quotes: `binary`, `macro`, `micro`, `weighted`, `samples`, `none`. Left out: `binary`; `macro`
    /// for `roc_auc` and `average_precision`, `micro` for `entity_f1`. For example `average = "macro"`.
    pub average: GivenValue,
    /// What a class counts that was never predicted, or never there.
    ///
    /// Takes a name in quotes, or 0 or 1: `zero`, `one`, `undefined`. Left out: `zero`. For example
    /// `zero_division = "undefined"`.
    pub zero_division: GivenValue,
    /// Whether an average counts the classes that no row has and none was predicted to have.
    ///
    /// Takes a name in quotes: `left_out`, `counted`. Left out: `left_out`. For example `absent_classes = "counted"`.
    pub absent_classes: GivenValue,
    /// The probability above which a class is predicted, where a row can have several: `best_threshold` of predictions
    /// finds the best one.
    ///
    /// Takes a number: above 0 and below 1. Left out: `0.5`. For example `threshold = 0.3`.
    pub threshold: GivenValue,
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: GivenValue,
}

/// The keys of [`roc_auc`](names::roc_auc).
#[derive(Clone, Copy, Debug, Default)]
pub struct RocAucKeys {
    /// What one value is made of: that of the second of two classes (`binary`), the mean over the classes (`macro`),
    /// one value over the sums of all counts (`micro`), the mean weighted by how many rows have a class (`weighted`),
    /// the mean over rows with several classes (`samples`), or one value for each class (`none`).
    ///
    /// Takes a name in quotes: `binary`, `macro`, `micro`, `weighted`, `samples`, `none`. Left out: `binary`; `macro`
    /// for `roc_auc` and `average_precision`, `micro` for `entity_f1`. For example `average = "macro"`.
    pub average: GivenValue,
    /// With three classes or more: each against all others (`ovr`), or each against each (`ovo`).
    ///
    /// Takes a name in quotes: `ovr`, `ovo`. Left out: `ovr`. For example `multi_class = "ovr"`.
    pub multi_class: GivenValue,
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: GivenValue,
}

/// The keys of [`average_precision`](names::average_precision).
#[derive(Clone, Copy, Debug, Default)]
pub struct AveragePrecisionKeys {
    /// What one value is made of: that of the second of two classes (`binary`), the mean over the classes (`macro`),
    /// one value over the sums of all counts (`micro`), the mean weighted by how many rows have a class (`weighted`),
    /// the mean over rows with several classes (`samples`), or one value for each class (`none`).
    ///
    /// Takes a name in quotes: `binary`, `macro`, `micro`, `weighted`, `samples`, `none`. Left out: `binary`; `macro`
    /// for `roc_auc` and `average_precision`, `micro` for `entity_f1`. For example `average = "macro"`.
    pub average: GivenValue,
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: GivenValue,
}

/// The keys of [`mcc`](names::mcc).
#[derive(Clone, Copy, Debug, Default)]
pub struct MccKeys {
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: GivenValue,
}

/// The keys of [`cohen_kappa`](names::cohen_kappa).
#[derive(Clone, Copy, Debug, Default)]
pub struct CohenKappaKeys {
    /// How bad a confusion is: all alike, as the distance of the classes in their order, or as its square.
    ///
    /// Takes a name in quotes: `equal`, `linear`, `quadratic`. Left out: `equal`. For example `weights = "quadratic"`.
    pub weights: GivenValue,
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: GivenValue,
}

/// The keys of [`log_loss`](names::log_loss).
#[derive(Clone, Copy, Debug, Default)]
pub struct LogLossKeys {
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: GivenValue,
}

/// The keys of [`brier`](names::brier).
#[derive(Clone, Copy, Debug, Default)]
pub struct BrierKeys {
    /// `usual` goes from 0 to 1 for two classes and from 0 to 2 for more; `half` always from 0 to 1.
    ///
    /// Takes a name in quotes: `usual`, `half`. Left out: `usual`. For example `scale = "half"`.
    pub scale: GivenValue,
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: GivenValue,
}

/// The keys of [`top_k`](names::top_k).
#[derive(Clone, Copy, Debug, Default)]
pub struct TopKKeys {
    /// How many classes are looked at; also without the name, as the first value.
    ///
    /// Takes a whole number: at least 1. Left out: none: it must be given. For example `top_k(3)`.
    pub k: GivenValue,
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: GivenValue,
}

/// The keys of [`confusion_matrix`](names::confusion_matrix).
#[derive(Clone, Copy, Debug, Default)]
pub struct ConfusionMatrixKeys {
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: GivenValue,
}

/// The keys of [`mse`](names::mse).
#[derive(Clone, Copy, Debug, Default)]
pub struct MseKeys {
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: GivenValue,
}

/// The keys of [`mae`](names::mae).
#[derive(Clone, Copy, Debug, Default)]
pub struct MaeKeys {
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: GivenValue,
}

/// The keys of [`r2`](names::r2).
#[derive(Clone, Copy, Debug, Default)]
pub struct R2Keys {
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: GivenValue,
}

/// The keys of [`pearson`](names::pearson).
#[derive(Clone, Copy, Debug, Default)]
pub struct PearsonKeys {
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: GivenValue,
}

/// The keys of [`spearman`](names::spearman).
#[derive(Clone, Copy, Debug, Default)]
pub struct SpearmanKeys {
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: GivenValue,
}

/// The keys of [`entity_f1`](names::entity_f1).
#[derive(Clone, Copy, Debug, Default)]
pub struct EntityF1Keys {
    /// What one value is made of: that of the second of two classes (`binary`), the mean over the classes (`macro`),
    /// one value over the sums of all counts (`micro`), the mean weighted by how many rows have a class (`weighted`),
    /// the mean over rows with several classes (`samples`), or one value for each class (`none`).
    ///
    /// Takes a name in quotes: `binary`, `macro`, `micro`, `weighted`, `samples`, `none`. Left out: `binary`; `macro`
    /// for `roc_auc` and `average_precision`, `micro` for `entity_f1`. For example `average = "macro"`.
    pub average: GivenValue,
    /// How tags are read: in any usual way (`lenient`), or strictly as `iob2` or `bioes`, where an entity that does not
    /// begin or end as it should is none.
    ///
    /// Takes a name in quotes: `lenient`, `iob2`, `bioes`. Left out: `lenient`. For example `scheme = "iob2"`.
    pub scheme: GivenValue,
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: GivenValue,
}

/// The keys of [`perplexity`](names::perplexity).
#[derive(Clone, Copy, Debug, Default)]
pub struct PerplexityKeys {
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: GivenValue,
}

/// The keys of [`exact_match`](names::exact_match).
#[derive(Clone, Copy, Debug, Default)]
pub struct ExactMatchKeys {
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: GivenValue,
}

/// The keys of [`bleu`](names::bleu).
#[derive(Clone, Copy, Debug, Default)]
pub struct BleuKeys {
    /// What runs of words count none of which is right: ever smaller parts of one (`exp`), a tenth of one (`floor`),
    /// one more of each length (`add-k`), or nothing (`none`).
    ///
    /// Takes a name in quotes: `exp`, `floor`, `add-k`, `none`. Left out: `exp`. For example `smoothing = "floor"`.
    pub smoothing: GivenValue,
    /// Texts are compared in lower case.
    ///
    /// Written without a value. Left out: no. For example `lowercase`.
    pub lowercase: GivenValue,
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: GivenValue,
}

/// The keys of [`chrf`](names::chrf).
#[derive(Clone, Copy, Debug, Default)]
pub struct ChrfKeys {
    /// The longest runs of words that are compared beside those of characters: 2 is chrF++.
    ///
    /// Takes a whole number: at least 0. Left out: `0`. For example `word_order = 2`.
    pub word_order: GivenValue,
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: GivenValue,
}

/// The keys of [`rouge`](names::rouge).
#[derive(Clone, Copy, Debug, Default)]
pub struct RougeKeys {
    /// English words of more than three letters are compared by their stems.
    ///
    /// Written without a value. Left out: no. For example `stemmer`.
    pub stemmer: GivenValue,
    /// The key in the results: two metrics of one trainer have different ones.
    ///
    /// Takes a text in quotes: not empty, without spaces. Left out: the metric's name. For example `name = "f1_macro"`.
    pub name: GivenValue,
}
