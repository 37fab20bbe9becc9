//! Jinja as chat templates are written for it: Python's, in the sandbox of transformers.
//!
//! What comes in: a template and its variables. What goes out: the text. A template reaches nothing but its variables and
//! the clock.

use std::fmt;
use std::ops::Range;

use chrono::{DateTime, Local};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Kwargs;
use minijinja::{Environment, Error as JinjaError, ErrorKind as JinjaErrorKind, State, Value};

use super::Rendered;
use super::generation::{self, FUNCTION, MARKS};
use super::json;
use super::methods;
use crate::error::{Error, ErrorKind, Result};

/// The variable that says whether blocks mark what they write.
const MARKING: &str = "__marking__";

/// The variable that holds the time, in seconds of Unix: one for all that is written of a conversation.
const NOW: &str = "__now__";

/// The template's name in its environment.
const NAME: &str = "chat_template";

/// A template that was read.
pub(super) struct Jinja {
    environment: Environment<'static>,
    place: String,
    generation_blocks: usize,
}

/// What a template gave to `raise_exception`.
#[derive(Debug)]
struct Raised(String);

impl fmt::Display for Raised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Raised {}

impl Jinja {
    /// # Errors
    /// A template that is no Jinja, with the line.
    pub(super) fn new(source: &str, place: &str) -> Result<Self> {
        let mut environment = environment()?;
        // Python's Jinja reads all ends of lines as one.
        let source = source.replace("\r\n", "\n").replace('\r', "\n");
        let (calls, generation_blocks) = generation::as_calls(&source);
        environment.add_template_owned(NAME, calls).map_err(|source| not_jinja(place, source))?;
        Ok(Self { environment, place: place.to_owned(), generation_blocks })
    }

    pub(super) fn has_generation_blocks(&self) -> bool {
        self.generation_blocks > 0
    }

    /// The text of a conversation.
    pub(super) fn render(&self, variables: &[(&'static str, Value)]) -> Result<String> {
        self.write(variables, false, Local::now())
    }

    /// The text of a conversation, and what of it `{% generation %}` blocks wrote.
    pub(super) fn render_with_spans(&self, variables: &[(&'static str, Value)]) -> Result<Rendered> {
        let now = Local::now();
        let text = self.write(variables, false, now)?;
        let generated = if self.has_generation_blocks() { Some(self.spans(variables, &text, now)?) } else { None };
        Ok(Rendered { text, generated })
    }

    /// What blocks wrote of `text`: it is written again with marks, which have to be all that differs.
    fn spans(
        &self,
        variables: &[(&'static str, Value)],
        text: &str,
        now: DateTime<Local>,
    ) -> Result<Vec<Range<usize>>> {
        if let Some(mark) = text.chars().find(|character| MARKS.contains(character)) {
            let message = format!("the conversation has the character U+{:04X}, which no text may have", mark as u32);
            return Err(
                Error::new(ErrorKind::Data, message).help("take it out of the data: Unicode gives it no meaning")
            );
        }
        let (unmarked, spans) = generation::take_marks(&self.write(variables, true, now)?);
        if unmarked == text {
            return Ok(spans);
        }
        let message = format!(
            "{} changes what a `{{% generation %}}` block wrote, so that its tokens cannot be told",
            self.place
        );
        Err(Error::new(ErrorKind::Text, message)
            .help("put filters such as `trim` inside of the block: `{% generation %}{{ message['content'] | trim }}{% endgeneration %}`"))
    }

    fn write(&self, variables: &[(&'static str, Value)], marking: bool, now: DateTime<Local>) -> Result<String> {
        let own = [(MARKING, Value::from(marking)), (NOW, Value::from(now.timestamp()))];
        let all = variables.iter().cloned().chain(own);
        let template = self.environment.get_template(NAME).map_err(|source| self.refused(source))?;
        template.render(Value::from_pairs(all)).map_err(|source| self.refused(source))
    }

    fn refused(&self, source: JinjaError) -> Error {
        let raised = std::error::Error::source(&source).and_then(|source| source.downcast_ref::<Raised>());
        if let Some(Raised(words)) = raised {
            return Error::new(ErrorKind::Data, format!("{} refuses the conversation: {words}", self.place)).help(
                "change the turns of the conversation, or take another template: `tokenizer.set_chat_template(…)?`",
            );
        }
        let line = source.line().map_or_else(String::new, |line| format!(", line {line}"));
        let what = source.detail().map_or_else(|| source.kind().to_string(), str::to_owned);
        Error::new(ErrorKind::Text, format!("{}{line}: {what}", self.place))
            .help("the template asks for something that a conversation does not have, or that Jinja does not do")
            .caused_by(source)
    }
}

fn not_jinja(place: &str, source: JinjaError) -> Error {
    let line = source.line().map_or_else(String::new, |line| format!(", line {line}"));
    let what = source.detail().map_or_else(|| source.kind().to_string(), str::to_owned);
    let what = what.replace(&format!("call {FUNCTION}()"), "generation").replace("endcall", "endgeneration");
    Error::new(ErrorKind::Text, format!("{place}{line}: {what}"))
        .help(
            "chat templates are written in Jinja: `{% for message in messages %}{{ message['content'] }}{% endfor %}`",
        )
        .caused_by(source)
}

/// Source: `_compile_jinja_template` of transformers.
fn environment() -> Result<Environment<'static>> {
    let mut environment = Environment::new();
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.map_err(|source| not_jinja("the chat template", source))?);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.set_unknown_method_callback(methods::call);
    environment.add_filter("tojson", json::to_json);
    environment.add_filter("trim", methods::trim);
    environment.add_filter("wordcount", |text: String| text.split_whitespace().count());
    environment.add_function("raise_exception", raise_exception);
    environment.add_function("strftime_now", strftime_now);
    environment.add_function(FUNCTION, generation_block);
    Ok(environment)
}

fn raise_exception(words: String) -> Result<Value, JinjaError> {
    Err(JinjaError::new(JinjaErrorKind::InvalidOperation, words.clone()).with_source(Raised(words)))
}

fn strftime_now(state: &State<'_, '_>, format: &str) -> Result<String, JinjaError> {
    use std::fmt::Write as _;
    let seconds = state.lookup(NOW).and_then(|now| now.as_i64());
    let now = seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0)).unwrap_or_default();
    let mut text = String::new();
    let written = write!(text, "{}", now.with_timezone(&Local).format(format));
    written.map_err(|_| {
        JinjaError::new(JinjaErrorKind::InvalidOperation, format!("`strftime_now` does not know the format {format:?}"))
    })?;
    Ok(text)
}

/// What stands between `{% generation %}` and `{% endgeneration %}`, with marks around it if the rendering asks for them.
fn generation_block(state: &mut State<'_, '_>, arguments: Kwargs) -> Result<String, JinjaError> {
    let caller: Value = arguments.get("caller")?;
    let marking = state.lookup(MARKING).is_some_and(|marking| marking.is_true());
    let text = caller.call(state, &[])?.to_string();
    let [open, close] = MARKS;
    Ok(if marking { format!("{open}{text}{close}") } else { text })
}
