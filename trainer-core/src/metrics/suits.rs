//! Which tasks a metric can judge, as a rule that runs while compiling and at run time.

use crate::data::TaskKind;

/// The tasks that a metric can judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suits {
    /// Tasks with classes, one or several for an item.
    Classes,
    /// Tasks with classes, and those over a vocabulary, whose tokens are right or wrong too.
    ClassesAndTokens,
    /// Tasks with classes of whole examples.
    ClassesOfExamples,
    /// Tasks with one class for each item.
    OneClass,
    /// Tasks with a class for each word.
    Tags,
    /// Tasks with numbers.
    Numbers,
    /// Tasks over a vocabulary.
    Vocabulary,
    /// Tasks in which the model writes a text that can be compared with another.
    Texts,
    /// Any task.
    Anything,
}

impl Suits {
    /// The tasks of a built-in metric, by the name of its constructor; `None` for a name that is none of them.
    pub const fn of_built_in(name: &str) -> Option<Self> {
        match name.as_bytes() {
            b"accuracy" => Some(Self::ClassesAndTokens),
            b"precision" | b"recall" | b"f1" | b"fbeta" => Some(Self::Classes),
            b"roc_auc" | b"average_precision" => Some(Self::ClassesOfExamples),
            b"balanced_accuracy" | b"mcc" | b"cohen_kappa" | b"log_loss" | b"brier" | b"top_k"
            | b"confusion_matrix" => Some(Self::OneClass),
            b"entity_f1" => Some(Self::Tags),
            b"mse" | b"mae" | b"r2" | b"pearson" | b"spearman" => Some(Self::Numbers),
            b"perplexity" => Some(Self::Vocabulary),
            b"exact_match" | b"bleu" | b"chrf" | b"rouge" => Some(Self::Texts),
            _ => None,
        }
    }

    /// Whether a task of this kind is among them.
    pub const fn accepts(self, kind: TaskKind) -> bool {
        let one_class = matches!(kind, TaskKind::SequenceClassification | TaskKind::TokenClassification);
        let several = matches!(kind, TaskKind::MultiLabelClassification);
        match self {
            Self::Classes => one_class || several,
            Self::ClassesAndTokens => one_class || several || kind.is_over_vocabulary(),
            Self::ClassesOfExamples => several || matches!(kind, TaskKind::SequenceClassification),
            Self::OneClass => one_class,
            Self::Tags => matches!(kind, TaskKind::TokenClassification),
            Self::Numbers => matches!(kind, TaskKind::Regression),
            Self::Vocabulary => kind.is_over_vocabulary(),
            Self::Texts => matches!(kind, TaskKind::Conversation | TaskKind::Seq2Seq),
            Self::Anything => true,
        }
    }

    /// What it judges, to be put after the metric's name: "judges one class an item".
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Classes => "judges classes",
            Self::ClassesAndTokens => "judges classes and tokens",
            Self::ClassesOfExamples => "judges classes of whole examples",
            Self::OneClass => "judges one class an item",
            Self::Tags => "judges tags of words",
            Self::Numbers => "judges numbers",
            Self::Vocabulary => "judges the tokens of a vocabulary",
            Self::Texts => "compares texts that the model writes",
            Self::Anything => "judges anything",
        }
    }

    /// The built-in metrics that suit a task of this kind, to be put in a help line.
    pub const fn fitting(kind: TaskKind) -> &'static str {
        match kind {
            TaskKind::Regression => "these fit: mse, mae, r2, pearson, spearman",
            TaskKind::MultiLabelClassification => {
                "these fit: accuracy, precision, recall, f1, fbeta, roc_auc, average_precision"
            }
            TaskKind::SequenceClassification => {
                "these fit: accuracy, balanced_accuracy, precision, recall, f1, fbeta, roc_auc, average_precision, mcc, \
                 cohen_kappa, log_loss, brier, top_k, confusion_matrix"
            }
            TaskKind::TokenClassification => {
                "these fit: entity_f1, accuracy, balanced_accuracy, precision, recall, f1, fbeta, mcc, cohen_kappa, \
                 log_loss, brier, top_k, confusion_matrix"
            }
            TaskKind::LanguageModeling => "these fit: perplexity, accuracy",
            TaskKind::Conversation | TaskKind::Seq2Seq => {
                "these fit: perplexity, accuracy, exact_match, bleu, chrf, rouge"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_as_fitting_is_accepted_and_nothing_else() {
        let kinds = [
            TaskKind::SequenceClassification,
            TaskKind::MultiLabelClassification,
            TaskKind::Regression,
            TaskKind::TokenClassification,
            TaskKind::LanguageModeling,
            TaskKind::Conversation,
            TaskKind::Seq2Seq,
        ];
        let fitting = |kind| Suits::fitting(kind).trim_start_matches("these fit: ").split(", ");
        for name in kinds.iter().flat_map(|kind| fitting(*kind)) {
            let suits = Suits::of_built_in(name).unwrap();
            for kind in kinds {
                assert_eq!(suits.accepts(kind), fitting(kind).any(|fit| fit == name), "{name} on {kind:?}");
            }
        }
    }
}
