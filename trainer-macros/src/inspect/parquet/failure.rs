//! Files that the library cannot read, in our words.

use std::panic::{AssertUnwindSafe, catch_unwind};

use parquet::errors::ParquetError;

use super::{Error, ErrorKind, Result};

/// What the library answers; what it says when it gives up on a broken file is an answer too.
pub(super) fn guarded<T>(action: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(action)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(ParquetError::General(reason) | ParquetError::NYI(reason) | ParquetError::EOF(reason))) => Err(reason),
        Ok(Err(ParquetError::External(source))) => Err(source.to_string()),
        Ok(Err(other)) => Err(other.to_string()),
        Err(_) => Err("its pages contradict each other".to_owned()),
    }
}

/// The error for a file of `length` bytes that cannot be opened.
pub(super) fn not_parquet(length: u64, reason: &str) -> Error {
    const SMALLEST: u64 = 12;
    if length < SMALLEST || reason.contains("magic") || reason.contains("Corrupt footer") {
        return Error::new(ErrorKind::Data, "this is no Parquet file: it does not end with `PAR1`")
            .help("the file is cut off, or in another format than its name says");
    }
    broken(reason)
}

/// The longest reason that is quoted, in characters: some hold whole pages of bytes.
const LONGEST: usize = 160;

/// The error for a file that the library gives up on.
pub(super) fn broken(reason: &str) -> Error {
    if reason.starts_with("Error reading BYTE_ARRAY as String") {
        return Error::new(ErrorKind::Data, "a text of this row is not UTF-8").help("write the column again, as UTF-8");
    }
    let first_line = reason.lines().next().unwrap_or_default();
    let short: String = first_line.chars().take(LONGEST).collect();
    Error::new(ErrorKind::Data, format!("this Parquet file cannot be read: {short}"))
        .help("it is damaged or cut off: write or download it again")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_library_gives_up_on_is_an_answer() {
        let reason = guarded(|| -> Result<(), ParquetError> { panic!("index out of bounds") }).unwrap_err();
        assert_eq!(reason, "its pages contradict each other");
    }
}
