//! What can go wrong, said the same way everywhere: the thing in the user's spelling, what is wrong with it, and
//! what to write instead.

use std::fmt;
use std::path::Path;

/// The result of everything in this crate that can go wrong.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Which part of a run an [`Error`] is about, to match on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An argument of the run, from the attribute, a file, a flag or the environment.
    Arguments,
    /// A row, a column or a file of a data set.
    Data,
    /// A label that is no class, or a class index out of range.
    Label,
    /// A tokenizer, or a text it cannot encode.
    Text,
    /// A model, its configuration or its weights.
    Model,
    /// Tensors whose shapes do not go together.
    Shape,
    /// A parameter without a gradient, or with one that is not finite.
    Gradient,
    /// A loss, metric or gradient that is not a finite number.
    Numeric,
    /// A metric that is not defined on the data or not known.
    Metric,
    /// A checkpoint that is missing, incomplete or of another run.
    Checkpoint,
    /// The Hugging Face hub: not reachable, or without the file.
    Hub,
    /// A file or folder that cannot be read or written.
    Io,
    /// An operation on tensors, reported by candle.
    Tensor,
}

/// What is wrong, in the user's words, and what to do about it.
///
/// Its `Debug` form is the message too, so that `fn main() -> trainer_core::Result<()>` prints something to read.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    help: Vec<String>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error of `kind`; the first line of `message` says what is wrong, without a full stop.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner { kind, message: message.into(), help: Vec::new(), source: None }))
    }

    /// Adds a `help:` line: what to write instead.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.0.help.push(help.into());
        self
    }

    /// Keeps the error of a library that this one comes from.
    pub fn caused_by(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Says where it happened, in front of the message: a file and line, a parameter, a row.
    pub fn at(mut self, place: impl fmt::Display) -> Self {
        self.0.message = format!("{place}: {}", self.0.message);
        self
    }

    /// A file or folder that cannot be read or written.
    pub fn io(action: &str, path: &Path, source: std::io::Error) -> Self {
        Self::new(ErrorKind::Io, format!("cannot {action} `{}`: {source}", path.display())).caused_by(source)
    }

    /// Which part of a run this is about.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What is wrong, without the help.
    pub fn message(&self) -> &str {
        &self.0.message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        for help in &self.0.help {
            write!(f, "\nhelp: {help}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

impl From<candle_core::Error> for Error {
    /// An error of this crate that went through candle comes back as it was, with its kind.
    fn from(source: candle_core::Error) -> Self {
        let source = match source {
            candle_core::Error::Io(io) => match io.downcast::<Self>() {
                Ok(error) => return error,
                Err(io) => candle_core::Error::Io(io),
            },
            source => source,
        };
        // Where a backtrace was asked for, it stays in the source: the message is to be read.
        let message = match &source {
            candle_core::Error::WithBacktrace { inner, .. } => inner.to_string(),
            plain => plain.to_string(),
        };
        Self::new(ErrorKind::Tensor, message).caused_by(source)
    }
}

impl From<Error> for candle_core::Error {
    /// candle keeps errors of others only as text, except those of input and output.
    fn from(error: Error) -> Self {
        candle_core::Error::Io(std::io::Error::other(error))
    }
}

impl From<std::io::Error> for Error {
    fn from(source: std::io::Error) -> Self {
        Self::new(ErrorKind::Io, source.to_string()).caused_by(source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_prints_its_message_then_its_help() {
        let error = Error::new(ErrorKind::Label, "`rating` is \"neutal\", which is no class of `Rating`")
            .help("did you mean \"neutral\"?")
            .at("data/train.jsonl:812");
        let printed = "data/train.jsonl:812: `rating` is \"neutal\", which is no class of `Rating`\nhelp: did you mean \"neutral\"?";
        assert_eq!(error.to_string(), printed);
        assert_eq!(format!("{error:?}"), printed);
    }

    #[test]
    fn an_error_that_goes_through_candle_comes_back_as_it_was() {
        let error = Error::new(ErrorKind::Model, "`w` has the shape [2]").help("take another");
        let through = candle_core::Error::from(error);
        assert_eq!(through.to_string(), "`w` has the shape [2]\nhelp: take another");
        let back = Error::from(through);
        assert_eq!((back.kind(), back.message()), (ErrorKind::Model, "`w` has the shape [2]"));
        let io = candle_core::Error::Io(std::io::Error::other("the disk is gone"));
        assert_eq!(Error::from(io).to_string(), "the disk is gone");
    }
}
