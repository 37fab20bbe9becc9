//! The arguments that a metric function can take: views on what was kept.

use std::marker::PhantomData;

use super::elements::{MetricElement, check_classes, does_not_fit};
use super::kept::{self, Column, Kept, Needs, Rows};
use crate::data::{ClassLabel, LabelSet};
use crate::error::{Error, ErrorKind, Result};

/// A type that an argument of a `#[metric]` function can have.
#[diagnostic::on_unimplemented(
    message = "a metric cannot take an argument of type `{Self}`",
    label = "not an argument that a metric can take",
    note = "a metric takes `Predictions<'_, L>`, `Labels<'_, L>`, `Probabilities<'_, L>`, `Scores<'_, L>`, `Logits<'_>`, \
            `Losses<'_>`, `Entities<'_, L>` and `Texts<'_>`, where `L` is the label type: an enum with \
            `#[derive(ClassLabel)]`, `f32` for numbers, or `u32` for tokens"
)]
pub trait MetricArgument<'a>: Sized {
    /// What has to be kept for it.
    const NEEDS: Needs;
    /// The classes that it speaks of.
    const LABELS: Option<LabelSet>;

    /// Looks at what was kept.
    ///
    /// # Errors
    /// [`ErrorKind::Metric`] if the task does not have such a thing.
    fn view(kept: &'a Kept) -> Result<Self>;
}

macro_rules! column_view {
    ($(#[$doc:meta])* $name:ident, $needs:expr, $column:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name<'a, L> {
            column: &'a Column,
            items: usize,
            outputs: usize,
            element: PhantomData<fn() -> L>,
        }

        impl<'a, L: MetricElement> $name<'a, L> {
            /// How many items there are.
            pub fn len(&self) -> usize {
                self.items
            }

            /// Whether there is no item.
            pub fn is_empty(&self) -> bool {
                self.items == 0
            }

            /// That of an item; `None` from `len` on.
            pub fn get(&self, item: usize) -> Option<L> {
                L::at(self.column, self.outputs, item)
            }

            /// Those of all items, in the order of the evaluation set.
            pub fn iter(&self) -> impl Iterator<Item = L> + use<'a, L> {
                let (column, outputs) = (self.column, self.outputs);
                (0..self.items).filter_map(move |item| L::at(column, outputs, item))
            }
        }

        #[diagnostic::do_not_recommend]
        impl<'a, L: MetricElement> MetricArgument<'a> for $name<'a, L> {
            const NEEDS: Needs = $needs;
            const LABELS: Option<LabelSet> = L::LABELS;

            fn view(kept: &'a Kept) -> Result<Self> {
                L::check(&kept.$column, kept.outputs())?;
                let (items, outputs) = (kept.items(), kept.outputs());
                Ok(Self { column: &kept.$column, items, outputs, element: PhantomData })
            }
        }
    };
}

column_view! {
    /// What the model predicts: for classes the first of the most probable, for several classes those whose
    /// probability is above one half, for numbers the number.
    Predictions, Needs::PREDICTIONS, predictions
}

column_view! {
    /// What the model should have predicted.
    Labels, Needs::LABELS, labels
}

/// The probability of every class: softmax where each item has one class, sigmoids where it can have several.
#[derive(Clone, Copy, Debug)]
pub struct Probabilities<'a, L> {
    values: &'a [f32],
    labels: PhantomData<fn() -> L>,
}

impl<'a, L: ClassLabel> Probabilities<'a, L> {
    /// How many items there are.
    pub fn len(&self) -> usize {
        self.values.len() / L::COUNT
    }

    /// Whether there is no item.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The probabilities of an item, in the order of the classes; `None` from `len` on.
    pub fn get(&self, item: usize) -> Option<&'a [f32]> {
        self.values.chunks_exact(L::COUNT).nth(item)
    }

    /// The probabilities of all items, in the order of the evaluation set: `L::COUNT` each.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &'a [f32]> + use<'a, L> {
        self.values.chunks_exact(L::COUNT)
    }

    /// The probability of one class, for all items.
    pub fn of(&self, class: L) -> impl Iterator<Item = f32> + use<'a, L> {
        self.values.iter().skip(class.index()).step_by(L::COUNT).copied()
    }
}

#[diagnostic::do_not_recommend]
impl<'a, L: ClassLabel> MetricArgument<'a> for Probabilities<'a, L> {
    const NEEDS: Needs = Needs::PROBABILITIES;
    const LABELS: Option<LabelSet> = <L as MetricElement>::LABELS;

    fn view(kept: &'a Kept) -> Result<Self> {
        match &kept.probabilities {
            Rows::NumbersHaveNone => Err(does_not_fit(L::TYPE_NAME, "here the model predicts numbers")
                .help("take `Predictions<'_, f32>`: numbers have no probabilities")),
            Rows::TokensHaveNone => Err(does_not_fit(L::TYPE_NAME, "here the model predicts tokens of a vocabulary")
                .help("take `Predictions<'_, u32>` or `Losses<'_>`: the probabilities of a vocabulary are not kept")),
            Rows::Kept(values) => {
                if !values.is_empty() {
                    check_classes::<L>(kept.outputs())?;
                }
                Ok(Self { values, labels: PhantomData })
            }
        }
    }
}

/// How probable one class is for each item, to rank items by: `scores.of(Rating::Positive)`.
#[derive(Clone, Copy, Debug)]
pub struct Scores<'a, L>(Probabilities<'a, L>);

impl<'a, L: ClassLabel> Scores<'a, L> {
    /// How many items there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no item.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The probability of one class, for all items, in the order of the evaluation set.
    pub fn of(&self, class: L) -> impl Iterator<Item = f32> + use<'a, L> {
        self.0.of(class)
    }

    /// The probability of one class for an item; `None` from `len` on.
    pub fn get(&self, item: usize, class: L) -> Option<f32> {
        self.0.get(item)?.get(class.index()).copied()
    }
}

#[diagnostic::do_not_recommend]
impl<'a, L: ClassLabel> MetricArgument<'a> for Scores<'a, L> {
    const NEEDS: Needs = Needs::PROBABILITIES;
    const LABELS: Option<LabelSet> = <L as MetricElement>::LABELS;

    fn view(kept: &'a Kept) -> Result<Self> {
        Probabilities::view(kept).map(Self)
    }
}

/// All logits, unnormalised, as the model gives them.
#[derive(Clone, Copy, Debug)]
pub struct Logits<'a> {
    values: &'a [f32],
    outputs: usize,
}

impl<'a> Logits<'a> {
    /// How many items there are.
    pub fn len(&self) -> usize {
        self.values.len() / self.outputs.max(1)
    }

    /// Whether there is no item.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// How many logits an item has.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// The logits of an item; `None` from `len` on.
    pub fn get(&self, item: usize) -> Option<&'a [f32]> {
        self.iter().nth(item)
    }

    /// The logits of all items, in the order of the evaluation set.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &'a [f32]> + use<'a> {
        self.values.chunks_exact(self.outputs.max(1))
    }
}

#[diagnostic::do_not_recommend]
impl<'a> MetricArgument<'a> for Logits<'a> {
    const NEEDS: Needs = Needs::LOGITS;
    const LABELS: Option<LabelSet> = None;

    fn view(kept: &'a Kept) -> Result<Self> {
        if kept.items() > 0 && kept.outputs() == 0 {
            let message = "`Logits` is asked for, but those of a vocabulary are not kept";
            return Err(Error::new(ErrorKind::Metric, message).help("take `Predictions<'_, u32>` or `Losses<'_>`"));
        }
        Ok(Self { values: &kept.logits, outputs: kept.outputs() })
    }
}

/// The loss of each item; of tokens of a vocabulary the negative logarithm of the label's probability, whatever the loss of the run.
#[derive(Clone, Copy, Debug)]
pub struct Losses<'a>(&'a [f32]);

impl<'a> Losses<'a> {
    /// How many items there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no item.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The loss of an item; `None` from `len` on.
    pub fn get(&self, item: usize) -> Option<f32> {
        self.0.get(item).copied()
    }

    /// The losses of all items, in the order of the evaluation set.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = f32> + use<'a> {
        self.0.iter().copied()
    }
}

#[diagnostic::do_not_recommend]
impl<'a> MetricArgument<'a> for Losses<'a> {
    const NEEDS: Needs = Needs::LOSSES;
    const LABELS: Option<LabelSet> = None;

    fn view(kept: &'a Kept) -> Result<Self> {
        match &kept.losses {
            kept::Losses::Kept(losses) => Ok(Self(losses)),
            kept::Losses::LossGivesNone => {
                Err(Error::new(ErrorKind::Metric, "`Losses` is asked for, but the loss gives none for single items")
                    .help("take `Probabilities` and `Labels`, and compute it from them"))
            }
        }
    }
}
