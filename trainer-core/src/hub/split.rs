//! Which Parquet files of a data set make up a split.
//!
//! What comes in: the names of a repository's files, and what the data set's card says about them. What goes out: those of one
//! configuration and split, in order. It refuses a configuration or split that there is not, with a list of those there are, and
//! a split of which a part is missing.
//!
//! Source: the names that `datasets` looks for (`data_files.py`).

use std::collections::{BTreeMap, BTreeSet};

use super::card::Config;
use crate::error::{Error, ErrorKind, Result};
use crate::nearest::nearest;

/// The configuration of files that lie in no folder of their own.
const DEFAULT: &str = "default";

/// The words for splits, and the split that each means.
const WORDS: [(&str, &str); 10] = [
    ("train", "train"),
    ("training", "train"),
    ("validation", "validation"),
    ("valid", "validation"),
    ("val", "validation"),
    ("dev", "validation"),
    ("test", "test"),
    ("testing", "test"),
    ("eval", "test"),
    ("evaluation", "test"),
];

/// What the name of a file says about it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    config: String,
    split: String,
    /// Of how many files it is one, where the name says so.
    of: Option<usize>,
}

/// The Parquet files among `names` that make up a split of the data set `repo`; `None` if none of them is Parquet.
pub(super) fn files<'a>(
    repo: &str,
    names: &'a [String],
    config: Option<&str>,
    split: &str,
) -> Result<Option<Vec<&'a str>>> {
    let parts: Vec<(&str, Part)> = names.iter().filter_map(|name| Some((name.as_str(), part(name)?))).collect();
    if parts.is_empty() {
        return Ok(None);
    }
    let configs: BTreeSet<&str> = parts.iter().map(|(_, part)| part.config.as_str()).collect();
    let config = chosen(repo, &configs, config)?;
    let of_config = parts.iter().filter(|(_, part)| part.config == config);
    let of_config: Vec<(&str, &Part)> = of_config.map(|(name, part)| (*name, part)).collect();
    of_split(repo, &of_config, split).map(Some)
}

/// The files of a split in order, of parts that are of one configuration.
fn of_split<'a>(repo: &str, parts: &[(&'a str, &Part)], split: &str) -> Result<Vec<&'a str>> {
    let splits: BTreeSet<&str> = parts.iter().map(|(_, part)| part.split.as_str()).collect();
    let Some(asked) = one_of(&splits, split) else { return Err(no_split(repo, split, splits)) };
    let mut found: Vec<(&str, Option<usize>)> =
        parts.iter().filter(|(_, part)| part.split == asked).map(|(name, part)| (*name, part.of)).collect();
    found.sort_unstable();
    match found.iter().find_map(|(_, of)| of.filter(|of| *of != found.len())) {
        Some(of) => Err(incomplete(repo, split, of, found.len())),
        None => Ok(found.into_iter().map(|(name, _)| name).collect()),
    }
}

/// The split of that name, else the one that is meant.
fn one_of<'a>(splits: &BTreeSet<&'a str>, asked: &str) -> Option<&'a str> {
    splits.get(asked).or_else(|| splits.get(meaning(asked)?)).copied()
}

fn no_split(repo: &str, split: &str, splits: BTreeSet<&str>) -> Error {
    let error = Error::new(ErrorKind::Hub, format!("the data set `{repo}` has no split `{split}`"));
    let error = match nearest(split, splits.iter().copied()) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error,
    };
    error.help(format!("its splits are {}", listed(splits)))
}

fn incomplete(repo: &str, split: &str, of: usize, there: usize) -> Error {
    let message = format!("the split `{split}` of the data set `{repo}` is {of} files, but {there} are there");
    Error::new(ErrorKind::Hub, message).help("without HF_HUB_OFFLINE, the others are downloaded")
}

/// The configuration that the card of a data set means, of those that it names: the one asked for, else the only one, else its
/// default; `None` if it names none.
///
/// # Errors
/// [`ErrorKind::Hub`] for another one, and where the card does not say which is meant.
pub(super) fn said<'a>(repo: &str, card: &'a [Config], asked: Option<&str>) -> Result<Option<&'a Config>> {
    if card.is_empty() {
        return Ok(None);
    }
    if let (None, Some(default)) = (asked, card.iter().find(|config| config.is_default)) {
        return Ok(Some(default));
    }
    let names: BTreeSet<&str> = card.iter().map(|config| config.name.as_str()).collect();
    let name = chosen(repo, &names, asked)?;
    Ok(card.iter().find(|config| config.name == name))
}

/// The files among `names` that the card says make up a split; `None` if they are no Parquet, or if none is there and
/// `names` are not all that there are.
///
/// # Errors
/// [`ErrorKind::Hub`] for a split that the card does not name, for patterns that are none or mean no file, and for parts that are
/// missing.
pub(super) fn files_said<'a>(
    repo: &str,
    names: &'a [String],
    config: &Config,
    split: &str,
    listing: Listing,
) -> Result<Option<Vec<&'a str>>> {
    let Some(splits) = &config.splits else { return files_in(repo, names, config, split) };
    let known: BTreeSet<&str> = splits.iter().map(|(split, _)| split.as_str()).collect();
    let asked = one_of(&known, split);
    let Some((_, patterns)) = splits.iter().find(|(name, _)| asked == Some(name)) else {
        return Err(no_split(repo, split, known));
    };
    let found = config.files(patterns, names).map_err(|why| {
        let message = format!("the card of the data set `{repo}` names its files in a way that cannot be read: {why}");
        Error::new(ErrorKind::Hub, message).help("download its files, and read them with `Dataset::from_file(path)`")
    })?;
    if found.is_empty() {
        let patterns = listed(patterns.iter().map(String::as_str));
        let message =
            format!("the card of the data set `{repo}` says that `{split}` is {patterns}, and there is no such file");
        return match listing {
            Listing::Whole => {
                Err(Error::new(ErrorKind::Hub, message).help("look at what it has, on its page on the hub"))
            }
            Listing::Cached => Ok(None),
        };
    }
    if listing == Listing::Cached {
        all_parts(repo, split, &found)?;
    }
    Ok(found.iter().all(|name| name.ends_with(".parquet")).then_some(found))
}

/// Of a configuration whose files the card does not name: those of its folder, by their names.
fn files_in<'a>(repo: &str, names: &'a [String], config: &Config, split: &str) -> Result<Option<Vec<&'a str>>> {
    let below = |name: &'a String| match config.folder.as_str() {
        "" => Some(name.as_str()),
        folder => name.strip_prefix(folder)?.strip_prefix('/'),
    };
    let parts: Vec<(&str, Part)> = names.iter().filter_map(|name| Some((name.as_str(), part(below(name)?)?))).collect();
    if parts.is_empty() {
        return Ok(None);
    }
    let parts: Vec<(&str, &Part)> = parts.iter().map(|(name, part)| (*name, part)).collect();
    of_split(repo, &parts, split).map(Some)
}

/// Of each series of numbered files all are there.
fn all_parts(repo: &str, split: &str, names: &[&str]) -> Result<()> {
    let mut series: BTreeMap<(&str, usize), usize> = BTreeMap::new();
    for name in names {
        if let Some(of) = name.strip_suffix(".parquet").and_then(numbered) {
            *series.entry(of).or_default() += 1;
        }
    }
    match series.into_iter().find(|((_, of), there)| of != there) {
        Some(((_, of), there)) => Err(incomplete(repo, split, of, there)),
        None => Ok(()),
    }
}

/// Whether names are all that a repository has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Listing {
    /// They are.
    Whole,
    /// They are those that were downloaded.
    Cached,
}

/// The configuration asked for, else the only one, else the one of that name.
fn chosen<'a>(repo: &str, configs: &BTreeSet<&'a str>, asked: Option<&str>) -> Result<&'a str> {
    let found = match asked {
        Some(asked) => configs.iter().find(|config| **config == asked),
        None if configs.len() == 1 => configs.first(),
        None => configs.get(DEFAULT),
    };
    if let Some(config) = found {
        return Ok(config);
    }
    let list = listed(configs.iter().copied());
    Err(match asked {
        Some(asked) => {
            let error = Error::new(ErrorKind::Hub, format!("the data set `{repo}` has no configuration `{asked}`"));
            let error = match nearest(asked, configs.iter().copied()) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error,
            };
            error.help(format!("its configurations are {list}"))
        }
        None => {
            let first = configs.first().copied().unwrap_or(DEFAULT);
            Error::new(ErrorKind::Hub, format!("the data set `{repo}` has {} configurations: {list}", configs.len()))
                .help(format!("say which: `Dataset::from_hub_config(\"{repo}\", \"{first}\", \"train\")`"))
        }
    })
}

fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// What the name of a Parquet file says; `None` for other files.
///
/// * `data/train-00000-of-00002.parquet`: the split `train`;
/// * `plain_text/train/0000.parquet`, as the hub converts data sets: the split `train` of the configuration `plain_text`;
/// * `my_test.parquet`: a word for a split; without any, it is `train`.
fn part(name: &str) -> Option<Part> {
    let stem = name.strip_suffix(".parquet")?;
    let mut folders: Vec<&str> = stem.split('/').collect();
    let file = folders.pop()?;
    folders.retain(|folder| *folder != "data");
    let (split, of) = if let Some((base, of)) = numbered(file) {
        (base.to_owned(), Some(of))
    } else if file.chars().all(|character| character.is_ascii_digit()) && !folders.is_empty() {
        (folders.pop().unwrap_or_default().to_owned(), None)
    } else if let Some(split) = word_in(file) {
        (split.to_owned(), None)
    } else if let Some((place, split)) =
        folders.iter().enumerate().rev().find_map(|(place, folder)| Some((place, word_in(folder)?)))
    {
        folders.remove(place);
        (split.to_owned(), None)
    } else {
        ("train".to_owned(), None)
    };
    let split = meaning(&split).map_or(split.clone(), str::to_owned);
    let config = if folders.is_empty() { DEFAULT.to_owned() } else { folders.join("/") };
    Some(Part { config, split, of })
}

/// `train` and 2, of `train-00000-of-00002` and `train-00000-of-00002-c0ffee`.
fn numbered(file: &str) -> Option<(&str, usize)> {
    let (before, after) = file.rsplit_once("-of-")?;
    let (base, number) = before.rsplit_once('-')?;
    let of = after.split('-').next()?;
    let is_number = |text: &str| text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(number) || !is_number(of) || base.is_empty() {
        return None;
    }
    Some((base, of.parse().ok()?))
}

/// The split that one of the words in a name means.
fn word_in(name: &str) -> Option<&'static str> {
    name.split(|character: char| !character.is_ascii_alphanumeric()).find_map(meaning)
}

fn meaning(word: &str) -> Option<&'static str> {
    WORDS.iter().find(|(known, _)| *known == word).map(|(_, split)| *split)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn found(list: &[&str], config: Option<&str>, split: &str) -> Vec<String> {
        let names = names(list);
        let found = files("owner/data", &names, config, split).unwrap().unwrap();
        found.into_iter().map(str::to_owned).collect()
    }

    fn refused(list: &[&str], config: Option<&str>, split: &str) -> String {
        files("owner/data", &names(list), config, split).unwrap_err().to_string()
    }

    #[test]
    fn names_tell_configuration_and_split() {
        for (name, config, split, of) in [
            ("data/train-00000-of-00002.parquet", "default", "train", Some(2)),
            ("data/train-00001-of-00002-90f5ba1a2b0e8f44.parquet", "default", "train", Some(2)),
            ("plain_text/unsupervised-00000-of-00001.parquet", "plain_text", "unsupervised", Some(1)),
            ("plain_text/partial-train/0000.parquet", "plain_text", "partial-train", None),
            ("default/validation/0012.parquet", "default", "validation", None),
            ("my_dev.parquet", "default", "validation", None),
            ("small/test/part.parquet", "small", "test", None),
            ("reviews.parquet", "default", "train", None),
            ("training.parquet", "default", "train", None),
        ] {
            let part = part(name).unwrap();
            assert_eq!((part.config.as_str(), part.split.as_str(), part.of), (config, split, of), "{name}");
        }
        assert_eq!(part("README.md"), None);
    }

    #[test]
    fn a_split_is_all_of_its_files_in_order() {
        let list = [
            "b/test-00000-of-00001.parquet",
            "README.md",
            "b/train-00001-of-00002.parquet",
            "b/train-00000-of-00002.parquet",
        ];
        let train = ["b/train-00000-of-00002.parquet", "b/train-00001-of-00002.parquet"];
        assert_eq!(found(&list, None, "train"), train);
        assert_eq!(found(&list, Some("b"), "training"), train);
        assert_eq!(files("owner/data", &names(&["a.csv"]), None, "train").unwrap(), None);
    }

    #[test]
    fn the_default_configuration_is_taken_where_there_are_several() {
        let list = ["data/train-00000-of-00001.parquet", "extra/train-00000-of-00001.parquet"];
        assert_eq!(found(&list, None, "train"), list[..1]);
        assert_eq!(found(&list, Some("extra"), "train"), list[1..]);
    }

    #[test]
    fn what_there_is_not_is_refused_with_what_there_is() {
        let list =
            ["a/train-00000-of-00001.parquet", "a/test-00000-of-00001.parquet", "b/train-00000-of-00001.parquet"];
        let error = refused(&list, Some("a"), "tests");
        assert_eq!(
            error,
            "the data set `owner/data` has no split `tests`\nhelp: did you mean `test`?\nhelp: its splits are `test`, `train`"
        );
        let error = refused(&list, Some("c"), "train");
        assert!(error.contains("no configuration `c`") && error.contains("its configurations are `a`, `b`"), "{error}");
        let error = refused(&list, None, "train");
        assert!(error.starts_with("the data set `owner/data` has 2 configurations: `a`, `b`\n"), "{error}");
        assert!(error.contains("Dataset::from_hub_config(\"owner/data\", \"a\", \"train\")"), "{error}");
    }

    #[test]
    fn a_part_that_is_missing_is_noticed() {
        let error = refused(&["train-00000-of-00003.parquet", "train-00002-of-00003.parquet"], None, "train");
        assert!(
            error.starts_with("the split `train` of the data set `owner/data` is 3 files, but 2 are there"),
            "{error}"
        );
    }
}
