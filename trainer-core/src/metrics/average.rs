//! How the values of several classes become one, and what a division by zero is worth.

use crate::data::TaskKind;

/// How the values of several classes become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Average {
    /// The value of the second class, where there are two classes and each item has one.
    Binary,
    /// The mean over the classes.
    Macro,
    /// One value over the sums of all classes' counts.
    Micro,
    /// The mean over the classes, weighted by how many items have each.
    Weighted,
    /// The mean over the items, where an item can have several classes.
    Samples,
    /// No average: one value for each class, under `name_class`.
    PerClass,
}

impl Average {
    /// The average that scikit-learn calls so; `none` is one value for each class.
    pub const fn from_name(name: &str) -> Option<Self> {
        match name.as_bytes() {
            b"binary" => Some(Self::Binary),
            b"macro" => Some(Self::Macro),
            b"micro" => Some(Self::Micro),
            b"weighted" => Some(Self::Weighted),
            b"samples" => Some(Self::Samples),
            b"none" => Some(Self::PerClass),
            _ => None,
        }
    }

    /// The name, as [`Average::from_name`] takes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Binary => "binary",
            Self::Macro => "macro",
            Self::Micro => "micro",
            Self::Weighted => "weighted",
            Self::Samples => "samples",
            Self::PerClass => "none",
        }
    }

    /// What has to be different for this average to mean something on a task; `None` if it does.
    ///
    /// `binary` needs two classes and one class for each item; `samples` needs several classes for each item.
    pub const fn objection(self, kind: TaskKind, classes: usize) -> Option<&'static str> {
        match (self, kind) {
            (Self::Binary, TaskKind::MultiLabelClassification) => {
                Some("`average = \"binary\"` is for one class an item, and here an item can have several")
            }
            (Self::Binary, _) if classes != 2 => {
                Some("`average = \"binary\"` is for two classes, and here is another number of them")
            }
            (Self::Samples, TaskKind::MultiLabelClassification) => None,
            (Self::Samples, _) => {
                Some("`average = \"samples\"` is for several classes an item, and here each item has one")
            }
            _ => None,
        }
    }
}

/// What a ratio is worth whose denominator is zero, such as the precision of a class that is never predicted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ZeroDivision {
    /// 0, which also counts in an average.
    #[default]
    Zero,
    /// 1, which also counts in an average.
    One,
    /// Nothing: it is left out of an average, and undefined by itself.
    Undefined,
}

impl ZeroDivision {
    /// The value, if it has one.
    pub const fn value(self) -> Option<f64> {
        match self {
            Self::Zero => Some(0.0),
            Self::One => Some(1.0),
            Self::Undefined => None,
        }
    }
}

/// Whether an average over classes counts those that neither an item has nor the model predicts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AbsentClasses {
    /// They are left out, as scikit-learn does when it is not given `labels`.
    #[default]
    LeftOut,
    /// They count with the value of a division by zero, as scikit-learn does when `labels` names all classes.
    Counted,
}

/// The mean of `values`, weighted or not, over those that are defined; without any weight, the plain mean of them.
pub(super) fn mean_of_defined(values: &[Option<f64>], weights: Option<&[f64]>) -> Option<f64> {
    let defined = || values.iter().enumerate().filter_map(|(index, value)| value.map(|value| (index, value)));
    let weight_of = |index: usize| weights.map_or(1.0, |weights| weights.get(index).copied().unwrap_or(0.0));
    let total: f64 = defined().map(|(index, _)| weight_of(index)).sum();
    if total > 0.0 {
        return Some(defined().map(|(index, value)| weight_of(index) * value).sum::<f64>() / total);
    }
    let count = defined().count();
    (count > 0).then(|| defined().map(|(_, value)| value).sum::<f64>() / count as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_average_has_a_name_that_finds_it() {
        let all =
            [Average::Binary, Average::Macro, Average::Micro, Average::Weighted, Average::Samples, Average::PerClass];
        for average in all {
            assert_eq!(Average::from_name(average.as_str()), Some(average));
        }
        assert_eq!(Average::from_name("marco"), None);
    }

    #[test]
    fn binary_is_refused_on_three_classes_and_on_several_labels() {
        assert!(Average::Binary.objection(TaskKind::SequenceClassification, 2).is_none());
        assert!(Average::Binary.objection(TaskKind::SequenceClassification, 3).is_some());
        assert!(Average::Binary.objection(TaskKind::MultiLabelClassification, 2).is_some());
        assert!(Average::Samples.objection(TaskKind::SequenceClassification, 3).is_some());
    }

    #[test]
    fn without_any_weight_the_plain_mean_of_the_defined_counts() {
        assert_eq!(mean_of_defined(&[Some(1.0), None, Some(0.0)], Some(&[0.0, 4.0, 0.0])), Some(0.5));
        assert_eq!(mean_of_defined(&[None, None], None), None);
        assert_eq!(mean_of_defined(&[Some(1.0), Some(0.0)], Some(&[3.0, 1.0])), Some(0.75));
    }
}
