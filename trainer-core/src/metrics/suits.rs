//! Which tasks a metric can judge, as a rule that runs while compiling and at run time.

use crate::data::TaskKind;

/// The tasks that a metric can judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suits {
    /// Tasks with classes, one or several for an item.
    Classes,
    /// Tasks with one class for each item.
    OneClass,
    /// Tasks with numbers.
    Numbers,
    /// Any task.
    Anything,
}

impl Suits {
    /// The tasks of a built-in metric, by the name of its constructor; `None` for a name that is none of them.
    pub const fn of_built_in(name: &str) -> Option<Self> {
        match name.as_bytes() {
            b"accuracy" | b"precision" | b"recall" | b"f1" | b"fbeta" | b"roc_auc" | b"average_precision" => {
                Some(Self::Classes)
            }
            b"balanced_accuracy" | b"mcc" | b"cohen_kappa" | b"log_loss" | b"brier" | b"top_k"
            | b"confusion_matrix" => Some(Self::OneClass),
            b"mse" | b"mae" | b"r2" | b"pearson" | b"spearman" => Some(Self::Numbers),
            _ => None,
        }
    }

    /// Whether a task of this kind is among them.
    pub const fn accepts(self, kind: TaskKind) -> bool {
        match self {
            Self::Classes => !matches!(kind, TaskKind::Regression),
            Self::OneClass => !matches!(kind, TaskKind::Regression | TaskKind::MultiLabelClassification),
            Self::Numbers => matches!(kind, TaskKind::Regression),
            Self::Anything => true,
        }
    }

    /// What it judges, to be put after the metric's name: "judges one class an item".
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Classes => "judges classes",
            Self::OneClass => "judges one class an item",
            Self::Numbers => "judges numbers",
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
            _ => {
                "these fit: accuracy, balanced_accuracy, precision, recall, f1, fbeta, roc_auc, average_precision, mcc, \
                 cohen_kappa, log_loss, brier, top_k, confusion_matrix"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_as_fitting_is_accepted() {
        let kinds = [TaskKind::SequenceClassification, TaskKind::MultiLabelClassification, TaskKind::Regression];
        let all = Suits::fitting(TaskKind::SequenceClassification);
        let names =
            all.trim_start_matches("these fit: ").split(", ").chain(["mse", "mae", "r2", "pearson", "spearman"]);
        for name in names {
            let suits = Suits::of_built_in(name).unwrap();
            for kind in kinds {
                let named = Suits::fitting(kind).trim_start_matches("these fit: ").split(", ").any(|fit| fit == name);
                assert_eq!(suits.accepts(kind), named, "{name} on {kind:?}");
            }
        }
    }
}
