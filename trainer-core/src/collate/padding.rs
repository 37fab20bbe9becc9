//! The collator that brings rows to one length: `Padding` in `#[trainer(collator = …)]`. The collators of tokens pad as it does.

use super::{Batch, Collator, Item, layout};
use crate::error::{Error, ErrorKind, Result};
use crate::text::{Encoding, PaddingSettings, Side, Tokenizer};

/// Pads the tokens of a batch to the longest row.
///
/// The padding token, its type and its side are the tokenizer's; data that is already tokenised needs
/// [`pad_id`](Self::pad_id) or [`settings`](Self::settings) when the trainer has no tokenizer.
///
/// Source: `transformers.DataCollatorWithPadding`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Padding {
    multiple: Option<usize>,
    max_length: Option<usize>,
    fixed_length: Option<usize>,
    settings: Option<PaddingSettings>,
}

impl Padding {
    /// To the longest row of each batch, as the tokenizer pads.
    pub fn new() -> Self {
        Self::default()
    }

    /// To a length that is a multiple of `multiple` tokens, but not beyond the maximum length.
    pub fn pad_to_multiple_of(mut self, multiple: usize) -> Self {
        self.multiple = Some(multiple);
        self
    }

    /// To at most `length` tokens. Texts are cut to it when they are tokenised; a longer row is an error.
    pub fn max_length(mut self, length: usize) -> Self {
        self.max_length = Some(length);
        self
    }

    /// To `length` tokens in every batch (`padding="max_length"` in Hugging Face), rounded up to the multiple if there is
    /// one; a longer row is an error.
    pub fn fixed_length(mut self, length: usize) -> Self {
        self.fixed_length = Some(length);
        self
    }

    /// On the right, with the token `id` of type 0, whatever the tokenizer says.
    pub fn pad_id(self, id: u32) -> Self {
        self.settings(PaddingSettings { id, type_id: 0, token: String::new(), side: Side::Right })
    }

    /// As `settings` say, whatever the tokenizer says.
    pub fn settings(mut self, settings: PaddingSettings) -> Self {
        self.settings = Some(settings);
        self
    }

    pub(super) fn check(&self, of: &str) -> Result<()> {
        let lengths = [
            ("pad_to_multiple_of", self.multiple),
            ("max_length", self.max_length),
            ("fixed_length", self.fixed_length),
        ];
        match lengths.into_iter().find(|(_, length)| *length == Some(0)) {
            Some((name, _)) => {
                Err(Error::new(ErrorKind::Arguments, format!("`{name}` of `{of}` is 0, expected at least 1")))
            }
            None => Ok(()),
        }
    }

    /// What stands where a row of the collator `of` is shorter than its batch.
    pub(super) fn fill(&self, of: &str, tokenizer: Option<&Tokenizer>) -> Result<layout::Fill> {
        let settings = match (&self.settings, tokenizer) {
            (Some(settings), _) => settings.clone(),
            (None, Some(tokenizer)) => tokenizer.padding()?,
            (None, None) => {
                return Err(Error::new(
                    ErrorKind::Text,
                    format!("`{of}` does not know what to pad with: there is no tokenizer"),
                )
                .help("add a `tokenizer` field, or for tokenised data give `pad_id`, the id of the padding token"));
            }
        };
        Ok(layout::Fill { id: settings.id, type_id: settings.type_id, side: settings.side })
    }

    /// The tokens of the items, which the collator `of` was given.
    pub(super) fn encodings<'a>(of: &str, items: &[&'a Item]) -> Result<Vec<(usize, &'a Encoding)>> {
        layout::encodings(items)?.ok_or_else(|| {
            Error::new(ErrorKind::Data, format!("`{of}` pads tokens, but these rows are features"))
                .help("write `collator = Default`")
        })
    }

    /// Lays the tokens of rows out, as the collator `of`, and says with which length and filling.
    ///
    /// # Errors
    /// A row that is longer than the maximum, by its row in the data set; no tokenizer and no padding token.
    pub(super) fn lay_out(
        &self,
        of: &str,
        batch: &mut Batch,
        encodings: &[(usize, &Encoding)],
        tokenizer: Option<&Tokenizer>,
    ) -> Result<(usize, layout::Fill)> {
        self.check(of)?;
        let fill = self.fill(of, tokenizer)?;
        let mut longest = 0;
        for (row, encoding) in encodings {
            self.is_within_the_limit(*row, encoding.len())?;
            longest = longest.max(encoding.len());
        }
        let length = self.length(longest);
        layout::tokens(batch, encodings, length, fill)?;
        Ok((length, fill))
    }

    /// A row of so many tokens can be laid out.
    pub(super) fn is_within_the_limit(&self, row: usize, length: usize) -> Result<()> {
        let Some((most, name)) = self.limit().filter(|(most, _)| length > *most) else { return Ok(()) };
        let message = format!("row {row} has {length} tokens, but `{name}` is {most}");
        Err(Error::new(ErrorKind::Data, message)
            .help(format!("a larger `{name}`, or shorter rows; texts are cut by the tokenizer, token ids are not")))
    }

    /// The length of a batch whose longest row has `longest` tokens.
    pub(super) fn length(&self, longest: usize) -> usize {
        let multiple = self.multiple.unwrap_or(1).max(1);
        let length = self.fixed_length.unwrap_or(longest).next_multiple_of(multiple);
        // The maximum is a limit of the model: it is kept even where it is no multiple.
        self.max_length.map_or(length, |most| length.min(most))
    }

    /// The length that targets are laid out with, of which the longest stands in a row and has so many tokens: `most` if it is
    /// said; the maximum length is that of what the model reads.
    ///
    /// # Errors
    /// A target that is longer than `most`, or than the fixed length.
    pub(super) fn target_length(&self, of: &str, longest: (usize, usize), most: Option<usize>) -> Result<usize> {
        let (row, longest) = longest;
        let name = if most.is_some() { "max_target_length" } else { "fixed_length" };
        let fixed = self.fixed_length.map(|fixed| most.unwrap_or(fixed));
        let length = fixed.unwrap_or(longest).next_multiple_of(self.multiple.unwrap_or(1).max(1));
        let length = most.map_or(length, |most| length.min(most));
        if length < longest {
            let message = format!("row {row} has {longest} tokens to write, but `{name}` of `{of}` is {length}");
            return Err(Error::new(ErrorKind::Data, message).help(format!(
                "a larger `{name}`, or shorter targets; texts are cut by the tokenizer, token ids are not"
            )));
        }
        Ok(length)
    }

    /// The length of a row that holds so many tokens of several sequences: the maximum length is that of a sequence.
    pub(super) fn row_length(&self, tokens: usize) -> usize {
        tokens.next_multiple_of(self.multiple.unwrap_or(1).max(1))
    }

    /// The most tokens that a row may have.
    fn limit(&self) -> Option<(usize, &'static str)> {
        let most = self.max_length.map(|most| (most, "max_length"));
        let fixed = self.fixed_length.map(|_| (self.length(0), "fixed_length"));
        most.into_iter().chain(fixed).min_by_key(|(length, _)| *length)
    }
}

impl Collator for Padding {
    fn max_length(&self) -> Option<usize> {
        self.fixed_length.or(self.max_length)
    }

    fn padded_length(&self, longest: usize) -> Option<usize> {
        Some(self.length(longest))
    }

    /// # Errors
    /// Features, which have no padding; a row that is longer than the maximum, by its row in the data set; no tokenizer and
    /// no padding token.
    fn collate(&self, items: &[&Item], tokenizer: Option<&Tokenizer>) -> Result<Batch> {
        let mut batch = layout::begin(items)?;
        batch.labels = layout::labels("Padding", items)?;
        let encodings = Self::encodings("Padding", items)?;
        self.lay_out("Padding", &mut batch, &encodings, tokenizer)?;
        Ok(batch)
    }
}

/// What is said of padding to a collator that pads as [`Padding`] does, in its field `padding`; `filled up` alone is said to one
/// whose rows have lengths of their own.
macro_rules! pads_as_padding_does {
    ($collator:ident) => {
        $crate::collate::padding::pads_as_padding_does!($collator, filled up);

        impl $collator {
            /// To at most `length` tokens. Texts are cut to it when they are tokenised; a longer row is an error.
            pub fn max_length(mut self, length: usize) -> Self {
                self.padding = self.padding.max_length(length);
                self
            }

            /// To `length` tokens in every batch, rounded up to the multiple if there is one; a longer row is an error.
            pub fn fixed_length(mut self, length: usize) -> Self {
                self.padding = self.padding.fixed_length(length);
                self
            }
        }
    };
    ($collator:ident, filled up) => {
        impl $collator {
            /// To a length that is a multiple of `multiple` tokens, but not beyond the maximum length.
            pub fn pad_to_multiple_of(mut self, multiple: usize) -> Self {
                self.padding = self.padding.pad_to_multiple_of(multiple);
                self
            }

            /// On the right, with the token `id` of type 0, whatever the tokenizer says.
            pub fn pad_id(mut self, id: u32) -> Self {
                self.padding = self.padding.pad_id(id);
                self
            }

            /// As `settings` say, whatever the tokenizer says.
            pub fn settings(mut self, settings: $crate::text::PaddingSettings) -> Self {
                self.padding = self.padding.settings(settings);
                self
            }
        }
    };
}

pub(super) use pads_as_padding_does;
