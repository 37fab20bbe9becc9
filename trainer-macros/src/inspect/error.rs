//! What is wrong with a data file: the same shape as the core's error, so that the readers here are the core's.

use std::fmt;
use std::path::Path;

pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// Which part of reading an error is about; the readers tell the core, here nobody asks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ErrorKind {
    Data,
    #[cfg(feature = "parquet")]
    Numeric,
    Io,
}

/// What is wrong, and what to do about it.
#[derive(Debug)]
pub(crate) struct Error {
    message: String,
    help: Vec<String>,
}

impl Error {
    /// An error; the first line of `message` says what is wrong.
    pub(crate) fn new(_kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { message: message.into(), help: Vec::new() }
    }

    /// Adds a `help:` line.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// Says where it happened, in front of the message.
    pub(crate) fn at(mut self, place: impl fmt::Display) -> Self {
        self.message = format!("{place}: {}", self.message);
        self
    }

    /// A file or folder that cannot be read.
    pub(crate) fn io(action: &str, path: &Path, source: std::io::Error) -> Self {
        Self::new(ErrorKind::Io, format!("cannot {action} `{}`: {source}", path.display()))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.help.iter().try_for_each(|help| write!(f, "\nhelp: {help}"))
    }
}
