//! What an answer may not show, and what it must.

use super::case::Case;

/// What shows that a macro is at work, or where the core is.
const OF_THE_MACROS: &[&str] = &[
    "this error originates in",
    "in this macro invocation",
    "in this derive macro expansion",
    "in this procedural macro expansion",
    "panicked\n",
    "__private",
    "__trainer_core",
    "trainer-core/src",
    "trainer-macros/src",
    "$WORKSPACE",
    "$RUST",
    "$CARGO",
    "/rustc/",
    "-Z macro-backtrace",
    "required by a bound in `trainer_core",
    "required for",
    "the following other types implement trait",
];

/// Types and functions of the core that exist for generated code.
const OF_THE_CORE: &[&str] = &[
    "Argument",
    "Derives",
    "DerivesNothing",
    "Facts",
    "IsAValue",
    "Kept",
    "LabelSet",
    "Literal",
    "MetricValue",
    "Missing",
    "Needs",
    "NumberRange",
    "Returned",
    "Schema",
    "Specification",
    "TrainerParts",
    "ValueKind",
    "Verdict",
    "Words",
    "accept",
    "checks",
    "parts",
];

/// The traits through which the compiler is asked whether a type fits.
///
/// rustc names the trait in one line of every such answer ("the trait `TextField` is not implemented for `u32`"), and
/// nothing can keep it from doing so. They are public and documented; they are named there, in the advice to implement
/// one for a type of one's own, and nowhere else.
const TRAITS: &[&str] = &[
    "Absent",
    "ArgsField",
    "ArgumentValue",
    "CallbackValue",
    "CollatorValue",
    "EvalDatasetField",
    "EvalRow",
    "ExampleRow",
    "ExtraField",
    "FeaturesField",
    "FormattingFunction",
    "InputIdsField",
    "IntoArgument",
    "LabelColumn",
    "LossBatch",
    "LossName",
    "LossOutput",
    "LossReturn",
    "MessagesField",
    "MetricArgument",
    "MetricName",
    "MetricReturn",
    "ModelField",
    "TagsField",
    "TargetIdsField",
    "TextField",
    "TextPairField",
    "TokenMarksField",
    "TokenisedLabels",
    "TokenizerField",
    "TokensField",
    "TrainDatasetField",
    "WrittenField",
];

/// rustc's own errors, whose help is its own: a name that is not there, and what it says of types of the user's.
const OWN_HELP: &[(&str, &str)] = &[
    (
        "error[E0425]",
        "a name that nothing has: rustc offers one that is near, and where none is there is nothing to write",
    ),
    ("error[E0308]", "a constant of another type: rustc says which type it is, and which is asked for"),
    ("error[E0432]", "a path of the user's leads nowhere, and rustc says which part of it"),
    ("error[E0433]", "a path of the user's leads nowhere, and rustc says which part of it"),
    (
        "error[E0573]",
        "a function without its attribute: there is no type of that name, and nothing that could say more",
    ),
];

/// The names in a text: `Vec<String>` has two.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '_').filter(|name| !name.is_empty())
}

/// The lines that show the user's own code: `12 |     text: u32,` and what is underlined.
fn is_code(line: &str) -> bool {
    let (number, rest) = line.split_once('|').unwrap_or((line, ""));
    !rest.is_empty() && number.trim().chars().all(|letter| letter.is_ascii_digit())
}

/// Names and places that are ours, not the user's.
pub(crate) fn shows_our_own(case: &Case) -> Vec<String> {
    let mut objections = Vec::new();
    for error in case.errors() {
        for ours in OF_THE_MACROS.iter().filter(|ours| error.contains(**ours)) {
            objections.push(format!("{}: shows `{}`", case.name, ours.trim()));
        }
        for line in error.lines().filter(|line| !is_code(line) || line.contains("^ ")) {
            let said = line.split_once("^ ").map_or(line, |(_, said)| said);
            let asks = ["the trait `", "the trait bound `", "with `impl "].iter().any(|asks| said.contains(asks));
            let ours = names(said).filter(|name| OF_THE_CORE.contains(name) || (!asks && TRAITS.contains(name)));
            objections.extend(ours.map(|name| format!("{}: names `{name}`: {said}", case.name)));
            if let Some(unknown) = of_another_trait(said) {
                objections.push(format!("{}: `{unknown}` is no trait that is known to be asked: {said}", case.name));
            }
        }
    }
    objections
}

/// The trait that a line asks for, where it is neither of the list nor of the standard library.
fn of_another_trait(said: &str) -> Option<&str> {
    let (_, asked) = said.split_once("the trait `")?;
    let path = asked.split(['<', '`']).next()?;
    let name = path.rsplit("::").next()?;
    (!TRAITS.contains(&name) && name != "Default").then_some(name)
}

/// First lines that do not say what is wrong as the style wants it.
pub(crate) fn has_another_style(case: &Case) -> Vec<String> {
    let refused = |first: &str| {
        let lower = first.to_lowercase();
        let word = ["invalid", "failed to", "unexpected", "illegal", "please", "sorry", "oops"];
        let word = word.iter().find(|word| lower.contains(**word)).map(|word| format!("says \"{word}\""));
        let end = first.ends_with(['.', '!', '?']).then(|| "ends like a sentence".to_owned());
        let name =
            (!first.contains('`') && !first.contains('"') && first.len() < 20).then(|| "names nothing".to_owned());
        word.or(end).or(name)
    };
    let errors = case.errors();
    let firsts = errors.iter().filter_map(|error| error.lines().next());
    firsts.filter_map(|first| Some(format!("{}: {}: {first}", case.name, refused(first)?))).collect()
}

/// Errors that do not say what to write.
///
/// A trait of ours has it in a `note`, where `rustc` puts what a trait says of itself.
pub(crate) fn lacks_help(case: &Case) -> Vec<String> {
    let helps = |error: &&str| {
        let asks = error.contains("the trait `") || error.contains("the trait bound `");
        let own = OWN_HELP.iter().any(|(code, _)| error.starts_with(code));
        // What was expected is what to write; a lint has one line.
        let first = error.lines().next().unwrap_or_default();
        let says = [", expected ", ": expected ", "is not a finite number", "use of deprecated"]
            .iter()
            .any(|words| first.contains(words));
        own || says
            || if asks {
                error.contains("= note: ") || error.contains("help: consider")
            } else {
                error.contains("help: ")
            }
    };
    let errors = case.errors();
    let without = errors.iter().filter(|error| !helps(error));
    without.map(|error| format!("{}: no help: {}", case.name, error.lines().next().unwrap_or(error))).collect()
}

/// The place that an error points to, as `file:line:column`.
fn place(error: &str) -> Option<&str> {
    error.lines().find_map(|line| line.trim_start().strip_prefix("--> "))
}

/// Errors that point to another file than the case's.
pub(crate) fn points_elsewhere(case: &Case) -> Vec<String> {
    let own = format!("compile_fail/{}.rs:", case.name);
    let errors = case.errors();
    let elsewhere = errors.iter().filter(|error| place(error).is_none_or(|place| !place.starts_with(&own)));
    elsewhere.map(|error| format!("{}: points elsewhere: {error}", case.name)).collect()
}

/// Tokens with two errors that say the same: one mistake is one error.
pub(crate) fn answers_twice(case: &Case) -> Vec<String> {
    let errors = case.errors();
    let said = |error: &str| Some((place(error)?.to_owned(), error.lines().next()?.to_owned()));
    let mut seen = Vec::new();
    let mut twice = Vec::new();
    for (place, first) in errors.iter().filter_map(|error| said(error)) {
        if seen.contains(&(place.clone(), first.clone())) {
            twice.push(format!("{}: {place} is answered twice: {first}", case.name));
        }
        seen.push((place, first));
    }
    twice
}
