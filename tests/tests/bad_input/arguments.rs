//! Flags and files of arguments that cannot work.

use std::fs;
use std::path::Path;

use trainer_core::prelude::*;
use trainer_core::{ErrorKind, Result};
use trainer_tests::reviews::file;

use crate::{Args, has, refusal};

#[test]
fn arguments_that_cannot_work_are_answered_where_they_stand() -> Result<()> {
    let here = Path::new("…");
    let flags = |line: &[&str]| {
        let line = std::iter::once("program").chain(line.iter().copied());
        refusal(here, ErrorKind::Arguments, Args::try_parse_from(line))
    };
    let rate = "`learning_rate` is nan, but must be above 0\nhelp: for fine-tuning, 1e-5 to 5e-4 is usual";
    assert_eq!(flags(&["--learning-rate", "nan"]), format!("--learning-rate: {rate}"));
    has(&flags(&["--learning-rate=fast"]), &["--learning-rate: `learning_rate` is \"fast\", but must be a number"]);
    has(
        &flags(&["--learning-rte", "1"]),
        &["`--learning-rte` is no argument of `Args`\nhelp: did you mean `--learning-rate`?"],
    );
    assert_eq!(
        flags(&["--learning-rate"]),
        "`--learning-rate` stands without a value\nhelp: write `--learning-rate <NUMBER>`"
    );
    has(&flags(&["--save-steps", "1e400"]), &["--save-steps: `save_steps` is 1e400, but must be"]);
    has(
        &flags(&["--seed", "-1"]),
        &["--seed: `seed` is -1, but must be a whole number of at least 0\nhelp: for example `seed = 42`"],
    );
    has(
        &flags(&["results"]),
        &["`results` stands without a flag\nhelp: every value follows its flag, as in `--output-dir results`"],
    );

    let (folder, path) = file("run.toml", "seed = 1\nlearning_rte = 1e-4\n");
    let read = || refusal(folder.path(), ErrorKind::Arguments, Args::from_file(&path));
    assert_eq!(read(), "…/run.toml:2: `learning_rte` is no argument of `Args`\nhelp: did you mean `learning_rate`?");
    fs::write(&path, "seed = 1\n\nlearning_rate = \n")?;
    has(&read(), &["…/run.toml:3: "]);
    fs::write(&path, b"seed = 1 # caf\xE9\n")?;
    has(&refusal(folder.path(), ErrorKind::Io, Args::from_file(&path)), &["cannot read `…/run.toml`: ", "UTF-8"]);
    Ok(())
}

/// The compiler's answer to a value out of range: the text of the golden files, without the compiler's own words.
#[test]
fn a_value_out_of_range_in_a_file_is_answered_in_the_words_of_the_compiler() -> Result<()> {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("compile_fail/training_args/out_of_range.stderr");
    let golden = fs::read_to_string(golden)?;
    for (argument, value) in [("gradient_accumulation_steps", "0"), ("save_steps", "2.5"), ("learning_rate", "-1")] {
        let (folder, path) = file("run.toml", format!("seed = 1\n{argument} = {value}\n"));
        let message = refusal(folder.path(), ErrorKind::Arguments, Args::from_file(&path));
        let words = message.strip_prefix("…/run.toml:2: ").unwrap_or_else(|| panic!("{message}"));
        let of_the_compiler = words.replace("\nhelp: ", &format!("\n{}help: ", " ".repeat(14)));
        assert!(golden.contains(&format!("evaluation panicked: {of_the_compiler}\n")), "{words}\nis not in\n{golden}");
    }
    Ok(())
}
