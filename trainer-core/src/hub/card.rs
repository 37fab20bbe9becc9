//! What the card of a data set says about its files.
//!
//! What comes in: the text of a `README.md`. What goes out: the configurations in its front matter, each with the patterns that
//! its splits' files are called by. It refuses front matter that is no YAML, and patterns that are none.
//!
//! Source: `datasets.utils.metadata.MetadataConfigs` and `datasets.data_files.sanitize_patterns`.

use glob::{MatchOptions, Pattern};
use saphyr::{LoadableYamlNode, Yaml};

/// The split of files that are named without one.
const DEFAULT_SPLIT: &str = "train";

/// `*` and `?` stay within a folder, and what is hidden is named in full.
const MATCHING: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

/// A configuration of a data set, as its card says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Config {
    pub(super) name: String,
    pub(super) is_default: bool,
    /// The folder that its files lie in; empty for that of the data set.
    pub(super) folder: String,
    /// Splits and their patterns, in their order; `None` if the names of the files say which split they are of.
    pub(super) splits: Option<Vec<(String, Vec<String>)>>,
}

/// The configurations in the front matter of a card; none if it does not name any.
///
/// # Errors
/// What is no YAML, in the words of its reader; a configuration without a name, or with files that are none.
pub(super) fn configs(card: &str) -> Result<Vec<Config>, String> {
    let Some(front) = front_matter(card) else { return Ok(Vec::new()) };
    let documents = Yaml::load_from_str(&front).map_err(|error| error.to_string())?;
    let list = documents.first().and_then(|front| front.as_mapping_get("configs")).and_then(Yaml::as_sequence);
    list.into_iter().flatten().map(config).collect()
}

/// What stands between the first line, `---`, and the next such line.
fn front_matter(card: &str) -> Option<String> {
    let mut lines = card.trim_start_matches('\u{feff}').lines();
    if lines.next()?.trim_end() != "---" {
        return None;
    }
    let lines: Vec<&str> = lines.collect();
    let end = lines.iter().position(|line| line.trim_end() == "---")?;
    Some(lines[..end].join("\n"))
}

fn config(said: &Yaml<'_>) -> Result<Config, String> {
    let text = |key: &str| said.as_mapping_get(key).and_then(Yaml::as_str);
    let name = text("config_name").ok_or("a configuration has no `config_name`")?;
    let splits = said.as_mapping_get("data_files").map(|files| splits(name, files)).transpose()?;
    Ok(Config {
        name: name.to_owned(),
        is_default: said.as_mapping_get("default").and_then(Yaml::as_bool) == Some(true),
        folder: text("data_dir").map(within).unwrap_or_default(),
        splits,
    })
}

/// A path within the data set, as the hub lists it.
fn within(path: &str) -> String {
    path.trim_start_matches("./").trim_matches('/').to_owned()
}

/// One pattern or several, of the split `train`; or patterns of each split.
fn splits(config: &str, files: &Yaml<'_>) -> Result<Vec<(String, Vec<String>)>, String> {
    let unlike = || format!("the `data_files` of the configuration `{config}` are no patterns");
    if let Some(patterns) = patterns(files) {
        return Ok(vec![(DEFAULT_SPLIT.to_owned(), patterns)]);
    }
    let of_split = |entry: &Yaml<'_>| {
        let split = entry.as_mapping_get("split").and_then(Yaml::as_str)?;
        Some((split.to_owned(), patterns(entry.as_mapping_get("path")?)?))
    };
    let entries = files.as_sequence().ok_or_else(unlike)?;
    entries.iter().map(|entry| of_split(entry).ok_or_else(unlike)).collect()
}

/// A pattern, or a list of them.
fn patterns(said: &Yaml<'_>) -> Option<Vec<String>> {
    if let Some(one) = said.as_str() {
        return Some(vec![one.to_owned()]);
    }
    said.as_sequence()?.iter().map(|pattern| pattern.as_str().map(str::to_owned)).collect()
}

impl Config {
    /// The files among `names` that a split's patterns mean, those of each in the order of their names.
    ///
    /// # Errors
    /// A pattern that is none, in the words of its reader.
    pub(super) fn files<'a>(&self, patterns: &[String], names: &'a [String]) -> Result<Vec<&'a str>, String> {
        let mut all = Vec::new();
        for pattern in patterns {
            let whole = match self.folder.as_str() {
                "" => within(pattern),
                folder => format!("{}/{}", Pattern::escape(folder), within(pattern)),
            };
            let matcher = Pattern::new(&whole).map_err(|error| format!("`{pattern}`: {}", error.msg))?;
            let mut found: Vec<&str> = names.iter().map(String::as_str).collect();
            found.retain(|name| matcher.matches_with(name, MATCHING));
            found.sort_unstable();
            all.extend(found);
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(front: &str) -> Result<Vec<Config>, String> {
        configs(&format!("---\n{front}\n---\n\n# Reviews\n\n---\nconfigs: none of the front matter\n"))
    }

    fn split(name: &str, patterns: &[&str]) -> (String, Vec<String>) {
        (name.to_owned(), patterns.iter().map(|pattern| (*pattern).to_owned()).collect())
    }

    #[test]
    fn files_are_said_in_each_of_the_ways_that_python_reads() {
        let found = card(
            "license: mit\nlanguage:\n- en\nconfigs:\n\
             - config_name: whole\n  default: true\n  data_files:\n  - split: train\n    path: data/train-*\n\
             \x20 - split: test\n    path:\n    - a/test.parquet\n    - \"b/*.parquet\"\n\
             - config_name: one\n  data_files: all.parquet\n\
             - config_name: several\n  data_files: [a/*, b/*]\n\
             - config_name: folder\n  data_dir: ./small/\n\
             dataset_info:\n  features:\n  - name: text\n    dtype: string",
        );
        let whole = vec![split("train", &["data/train-*"]), split("test", &["a/test.parquet", "b/*.parquet"])];
        let config = |name: &str, folder: &str, splits| Config {
            name: name.to_owned(),
            is_default: name == "whole",
            folder: folder.to_owned(),
            splits,
        };
        let expected = [
            config("whole", "", Some(whole)),
            config("one", "", Some(vec![split("train", &["all.parquet"])])),
            config("several", "", Some(vec![split("train", &["a/*", "b/*"])])),
            config("folder", "small", None),
        ];
        assert_eq!(found.as_deref(), Ok(&expected[..]));
    }

    #[test]
    fn a_card_without_configurations_says_nothing() {
        assert_eq!(configs("# Reviews\n"), Ok(Vec::new()));
        assert_eq!(configs("---\nlicense: mit\n"), Ok(Vec::new()), "the front matter does not end");
        assert_eq!(card("license: mit"), Ok(Vec::new()));
        assert_eq!(card(""), Ok(Vec::new()));
        assert_eq!(configs("---\r\nconfigs:\r\n- config_name: a\r\n---\r\n").map(|all| all.len()), Ok(1));
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        assert!(card("configs: [").is_err());
        assert_eq!(card("configs:\n- data_files: a").unwrap_err(), "a configuration has no `config_name`");
        let error = card("configs:\n- config_name: a\n  data_files:\n  - path: b").unwrap_err();
        assert_eq!(error, "the `data_files` of the configuration `a` are no patterns");
    }

    #[test]
    fn a_star_stays_within_a_folder_and_two_go_below() {
        let names = ["a/x.parquet", "a/b/y.parquet", "z.parquet", "a/.w.parquet", "[a]/v.parquet"].map(str::to_owned);
        let found = |folder: &str, pattern: &str| {
            let config = Config { folder: folder.to_owned(), ..Config::default() };
            config.files(&[pattern.to_owned()], &names)
        };
        assert_eq!(found("", "*.parquet"), Ok(vec!["z.parquet"]));
        assert_eq!(found("", "a/*"), Ok(vec!["a/x.parquet"]));
        assert_eq!(found("", "a/**"), Ok(vec!["a/b/y.parquet", "a/x.parquet"]));
        assert_eq!(found("a", "**/*.parquet"), Ok(vec!["a/b/y.parquet", "a/x.parquet"]));
        assert_eq!(found("a", "./b/?.parquet"), Ok(vec!["a/b/y.parquet"]));
        assert_eq!(found("[a]", "*"), Ok(vec!["[a]/v.parquet"]));
        assert!(found("", "a/**b").unwrap_err().starts_with("`a/**b`: "));
    }
}
