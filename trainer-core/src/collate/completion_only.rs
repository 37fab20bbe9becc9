//! The collator of prompts and answers, of which the answers are learned: `CompletionOnly` in `#[trainer(collator = …)]`.

mod template;

use super::padding::pads_as_padding_does;
use super::{Batch, Collation, Collator, Item, Padding, causal_lm, labels, layout};
use crate::error::{Error, ErrorKind, Result};
use crate::text::Tokenizer;

use self::template::{Templates, Written};

const NAME: &str = "CompletionOnly";

/// As [`CausalLm`](super::CausalLm), where only the tokens of answers are learned.
///
/// Which these are is known of `prompt` and `completion`, and of the assistant's turns in `messages`: the labels of the row say
/// it. In a text that was put together by hand they are found by what stands in front of them:
///
/// * [`response_template`](Self::response_template), such as `"### Response:\n"`: what follows the *last* one in the row;
/// * with an [`instruction_template`](Self::instruction_template) too: what follows each response template, up to the next
///   instruction template.
///
/// Templates are found as tokens. A row without its template is an error.
///
/// Source: `trl.SFTTrainer` with `completion_only_loss` or `assistant_only_loss`; with templates `DataCollatorForCompletionOnlyLM`
/// of `trl` 0.19, which masks a row without template altogether and warns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompletionOnly {
    padding: Padding,
    response: Option<Written>,
    instruction: Option<Written>,
}

pads_as_padding_does!(CompletionOnly);

impl CompletionOnly {
    /// Answers as the rows say them.
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers are what follows this text.
    pub fn response_template(mut self, template: &str) -> Self {
        self.response = Some(Written::Text(template.to_owned()));
        self
    }

    /// Answers are what follows these tokens: for a template that has other tokens within a text than alone.
    pub fn response_template_ids(mut self, ids: &[u32]) -> Self {
        self.response = Some(Written::Ids(ids.to_vec()));
        self
    }

    /// Answers end where this text begins.
    pub fn instruction_template(mut self, template: &str) -> Self {
        self.instruction = Some(Written::Text(template.to_owned()));
        self
    }

    /// Answers end where these tokens begin.
    pub fn instruction_template_ids(mut self, ids: &[u32]) -> Self {
        self.instruction = Some(Written::Ids(ids.to_vec()));
        self
    }

    /// The templates as tokens, if there are any.
    fn templates(&self, tokenizer: Option<&Tokenizer>) -> Result<Option<Templates>> {
        match (&self.response, &self.instruction) {
            (None, None) => Ok(None),
            (None, Some(_)) => {
                let message = "`CompletionOnly` has an `instruction_template`, but no `response_template`";
                Err(Error::new(ErrorKind::Arguments, message).help("say what stands before an answer too"))
            }
            (Some(response), instruction) => Ok(Some(Templates {
                response: response.ids("response_template", tokenizer)?,
                instruction: instruction
                    .as_ref()
                    .map(|written| written.ids("instruction_template", tokenizer))
                    .transpose()?,
                response_written: response.clone(),
                instruction_written: instruction.clone(),
            })),
        }
    }

    /// What the model has to find at each token of a row.
    fn labels(item: &Item, tokens: &[u32], mask: &[u32], templates: Option<&Templates>) -> Result<Vec<u32>> {
        match templates {
            Some(templates) => {
                let answers = templates.answers(tokens);
                let found = labels::of_the_next(&answers, mask);
                labels::something_to_find(item.row, &found, || templates.why_nothing(tokens))?;
                Ok(found)
            }
            None => match labels::of_item_alone(NAME, item)? {
                Some(given) => causal_lm::of_row(item.row, Some(given), tokens, mask),
                None => {
                    let message = format!("row {} does not say which of its tokens are an answer", item.row);
                    Err(Error::new(ErrorKind::Data, message).help(
                        "give the example `prompt` and `completion`, or `messages`; or say what stands before an answer: `CompletionOnly(response_template = \"### Response:\\n\")`",
                    ))
                }
            },
        }
    }
}

impl Collator for CompletionOnly {
    fn max_length(&self) -> Option<usize> {
        Collator::max_length(&self.padding)
    }

    fn padded_length(&self, longest: usize) -> Option<usize> {
        self.padding.padded_length(longest)
    }

    /// # Errors
    /// As [`Padding`]; a row that does not say which tokens are an answer; one in which no answer is found, with why; templates
    /// as texts without a tokenizer.
    fn collate(&self, items: &[&Item], tokenizer: Option<&Tokenizer>) -> Result<Batch> {
        let mut batch = layout::begin(items)?;
        let encodings = Padding::encodings(NAME, items)?;
        let templates = self.templates(tokenizer)?;
        let rows = items.iter().zip(&encodings);
        let rows =
            rows.map(|(item, (_, row))| Self::labels(item, &row.input_ids, &row.attention_mask, templates.as_ref()));
        let rows = rows.collect::<Result<Vec<_>>>()?;
        let (length, fill) = self.padding.lay_out(NAME, &mut batch, &encodings, tokenizer)?;
        batch.labels = Some(labels::laid_out(&rows, length, fill)?);
        Ok(batch)
    }

    fn check(&self, item: &Item, collation: &Collation<'_>) -> Result<()> {
        let Some(encoding) = item.input.tokens() else { return Ok(()) };
        let templates = self.templates(collation.tokenizer)?;
        Self::labels(item, &encoding.input_ids, &encoding.attention_mask, templates.as_ref()).map(|_| ())
    }
}
