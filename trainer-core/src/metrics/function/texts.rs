//! The texts that the model wrote, as an argument.

use super::arguments::MetricArgument;
use super::kept::{Kept, Needs};
use crate::data::LabelSet;
use crate::error::{Error, ErrorKind, Result};
use crate::metrics::GeneratedText;

/// What the model wrote for each example of the evaluation set, and what it should have written.
#[derive(Clone, Copy, Debug)]
pub struct Texts<'a>(&'a [GeneratedText]);

impl<'a> Texts<'a> {
    /// How many examples there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no example.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// That of an example; `None` from `len` on.
    pub fn get(&self, example: usize) -> Option<&'a GeneratedText> {
        self.0.get(example)
    }

    /// Those of all examples, in the order of the evaluation set.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &'a GeneratedText> + use<'a> {
        self.0.iter()
    }
}

#[diagnostic::do_not_recommend]
impl<'a> MetricArgument<'a> for Texts<'a> {
    const NEEDS: Needs = Needs::TEXTS;
    const LABELS: Option<LabelSet> = None;

    fn view(kept: &'a Kept) -> Result<Self> {
        if kept.texts.is_empty() && kept.lacks_texts {
            let message = "`Texts` is asked for, but the model writes none in this task";
            return Err(Error::new(ErrorKind::Metric, message).help(
                "take `Predictions` and `Labels`: texts are written for conversations, and from `source` to `target`",
            ));
        }
        Ok(Self(&kept.texts))
    }
}
