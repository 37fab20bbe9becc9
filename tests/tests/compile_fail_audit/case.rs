//! A program with mistakes, and the answer of the compiler.

use std::path::Path;

/// A case: two files of the same name.
pub(crate) struct Case {
    /// Its theme and name, such as `metric/unknown_keys`.
    pub(crate) name: String,
    program: String,
    answer: String,
}

impl Case {
    /// The answer, error by error.
    pub(crate) fn errors(&self) -> Vec<&str> {
        let starts: Vec<usize> = line_starts(&self.answer)
            .filter(|start| {
                let line = &self.answer[*start..];
                ["error: ", "error[", "warning: "].iter().any(|head| line.starts_with(head))
            })
            .collect();
        let ends = starts.iter().skip(1).copied().chain([self.answer.len()]);
        starts.iter().zip(ends).map(|(start, end)| self.answer[*start..end].trim_end()).collect()
    }

    /// What the first line announces after `//`, such as `rows 1, 2: 3 errors`.
    fn announcement(&self) -> Option<(Vec<u8>, usize)> {
        let (_, said) = self.program.lines().next()?.split_once("// row")?;
        let (rows, errors) = said.trim_start_matches('s').split_once(':')?;
        let rows = rows.split(',').map(|row| row.trim().parse().ok()).collect::<Option<Vec<u8>>>()?;
        let errors = errors.trim().strip_suffix("errors").or_else(|| errors.trim().strip_suffix("error"))?;
        Some((rows, errors.trim().parse().ok()?))
    }

    /// The rows of the table that it is about.
    pub(crate) fn rows(&self) -> Vec<u8> {
        self.announcement().map(|(rows, _)| rows).unwrap_or_default()
    }

    /// What is wrong with the first line, if something is.
    pub(crate) fn announcement_is_wrong(&self) -> Option<String> {
        let (name, found) = (&self.name, self.errors().len());
        let plural = if found == 1 { "error" } else { "errors" };
        match self.announcement() {
            None => Some(format!("{name}: its first line does not end like `// row 7: {found} {plural}`")),
            Some((rows, _)) if rows.is_empty() || rows.iter().any(|row| !(1..=32).contains(row)) => {
                Some(format!("{name}: the rows are numbered from 1 to 32"))
            }
            Some((_, announced)) if announced != found => {
                Some(format!("{name}: {announced} errors are announced, but there are {found}"))
            }
            Some(_) => None,
        }
    }
}

fn line_starts(text: &str) -> impl Iterator<Item = usize> {
    std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1))
}

/// Every case below `folder`, by name.
pub(crate) fn all(folder: &Path) -> Vec<Case> {
    let mut cases: Vec<Case> = names(folder, "rs")
        .into_iter()
        .map(|name| {
            let read = |end: &str| std::fs::read_to_string(folder.join(format!("{name}.{end}"))).unwrap_or_default();
            Case { program: read("rs"), answer: read("stderr"), name }
        })
        .collect();
    cases.sort_by(|one, other| one.name.cmp(&other.name));
    cases
}

/// Programs without an answer, and answers without a program.
pub(crate) fn without_partner(folder: &Path) -> Vec<String> {
    let (programs, answers) = (names(folder, "rs"), names(folder, "stderr"));
    let alone = |of: &[String], among: &[String], end: &str| {
        let alone = of.iter().filter(|name| !among.contains(name));
        alone.map(|name| format!("{name}.{end} stands alone")).collect::<Vec<_>>()
    };
    [alone(&programs, &answers, "rs"), alone(&answers, &programs, "stderr")].concat()
}

/// `theme/name` of the files that end so.
fn names(folder: &Path, end: &str) -> Vec<String> {
    let entries = |folder: &Path| -> Vec<std::path::PathBuf> {
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
    };
    let themes = entries(folder).into_iter().filter(|path| path.is_dir());
    themes
        .flat_map(|theme| entries(&theme))
        .filter(|path| path.extension().is_some_and(|extension| extension == end))
        .filter_map(|path| {
            let theme = path.parent()?.file_name()?.to_str()?.to_owned();
            Some(format!("{theme}/{}", path.file_stem()?.to_str()?))
        })
        .collect()
}
