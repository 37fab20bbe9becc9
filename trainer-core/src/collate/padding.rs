//! The collator that brings rows to one length: `Padding` in `#[trainer(collator = …)]`.

use super::{Batch, Collator, Item, layout};
use crate::error::{Error, ErrorKind, Result};
use crate::text::{PaddingSettings, Side, Tokenizer};

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

    fn check(&self) -> Result<()> {
        let lengths = [
            ("pad_to_multiple_of", self.multiple),
            ("max_length", self.max_length),
            ("fixed_length", self.fixed_length),
        ];
        match lengths.into_iter().find(|(_, length)| *length == Some(0)) {
            Some((name, _)) => {
                Err(Error::new(ErrorKind::Arguments, format!("`{name}` of `Padding` is 0, expected at least 1")))
            }
            None => Ok(()),
        }
    }

    fn fill(&self, tokenizer: Option<&Tokenizer>) -> Result<layout::Fill> {
        let settings = match (&self.settings, tokenizer) {
            (Some(settings), _) => settings.clone(),
            (None, Some(tokenizer)) => tokenizer.padding()?,
            (None, None) => {
                return Err(Error::new(
                    ErrorKind::Text,
                    "`Padding` does not know what to pad with: there is no tokenizer",
                )
                .help("add a `tokenizer` field, or for tokenised data give `pad_id`, the id of the padding token"));
            }
        };
        Ok(layout::Fill { id: settings.id, type_id: settings.type_id, side: settings.side })
    }

    /// The length of a batch whose longest row has `longest` tokens.
    fn length(&self, longest: usize) -> usize {
        let multiple = self.multiple.unwrap_or(1).max(1);
        let length = self.fixed_length.unwrap_or(longest).next_multiple_of(multiple);
        // The maximum is a limit of the model: it is kept even where it is no multiple.
        self.max_length.map_or(length, |most| length.min(most))
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
        let Some(encodings) = layout::encodings(items)? else {
            return Err(Error::new(ErrorKind::Data, "`Padding` pads tokens, but these rows are features")
                .help("write `collator = Default`"));
        };
        self.check()?;
        let fill = self.fill(tokenizer)?;
        let mut longest = 0;
        for (row, encoding) in &encodings {
            let length = encoding.input_ids.len();
            if let Some((most, name)) = self.limit().filter(|(most, _)| length > *most) {
                let what = format!("row {row} has {length} tokens, but `{name}` is {most}");
                return Err(Error::new(ErrorKind::Data, what).help(format!(
                    "a larger `{name}`, or shorter rows; texts are cut by the tokenizer, token ids are not"
                )));
            }
            longest = longest.max(length);
        }
        layout::tokens(&mut batch, &encodings, self.length(longest), fill)?;
        Ok(batch)
    }
}
