//! Data sets of the hub: the Parquet files of a split, from the cache or downloaded.
//!
//! What comes in: a data set's id, perhaps a configuration, and a split. What goes out: where the files lie. Which files are of
//! which split is what the data set's card says, else what their names say. The files are the repository's own; of one that has no
//! Parquet, those that the hub makes of it (the revision `refs/convert/parquet`).

use std::path::{Path, PathBuf};

use hf_hub::api::sync::{ApiBuilder, ApiError, ApiRepo};
use hf_hub::{Cache, Repo, RepoType};

use super::card::{self, Config};
use super::download::{Place, status};
use super::split::Listing;
use super::{is_id, split};
use crate::error::{Error, ErrorKind, Result};

/// The revisions that may have Parquet files, in the order in which they are looked at.
const REVISIONS: [&str; 2] = ["main", "refs/convert/parquet"];

/// The Parquet files of a split, in order.
///
/// # Errors
/// [`ErrorKind::Hub`]: what cannot be an id, no such data set, configuration or split, no Parquet, or no connection.
pub(super) fn find(repo: &str, config: Option<&str>, split: &str) -> Result<Vec<PathBuf>> {
    if !is_id(repo) {
        return Err(Error::new(ErrorKind::Hub, format!("`{repo}` cannot be a data set of the hub"))
            .help("write it as on its page: `Dataset::from_hub(\"owner/name\", \"train\")`")
            .help("a file is read with `Dataset::from_file(path)`"));
    }
    find_at(&Place::from_environment(repo)?, repo, config, split)
}

fn find_at(place: &Place, repo: &str, config: Option<&str>, split: &str) -> Result<Vec<PathBuf>> {
    let (mut unreachable, mut card) = (None, Vec::new());
    for revision in REVISIONS {
        let source = Source::new(place, repo, revision)?;
        let (names, listing) = match source.names()? {
            Listed::Names(names) => (names, Listing::Whole),
            Listed::Cached(names) => (names, Listing::Cached),
            Listed::NoSuchRevision => continue,
            Listed::Unknown(error) => {
                unreachable = unreachable.or(Some(error));
                continue;
            }
        };
        let is_own = revision == REVISIONS[0];
        if is_own {
            card = source.card(&names)?;
        }
        let files = match split::said(repo, &card, config)? {
            Some(said) if is_own => split::files_said(repo, &names, said, split, listing)?,
            // What the hub makes lies in a folder for each configuration of the card.
            Some(said) => split::files(repo, &names, Some(&said.name), split)?,
            None => split::files(repo, &names, config, split)?,
        };
        if let Some(files) = files {
            return files.into_iter().map(|name| source.file(name)).collect();
        }
        if listing == Listing::Cached {
            unreachable =
                unreachable.or_else(|| Some(not_reachable(place, repo, "its files are not all in the cache")));
        }
    }
    Err(unreachable.unwrap_or_else(|| {
        Error::new(ErrorKind::Hub, format!("the data set `{repo}` has no Parquet files"))
            .help("download its files, and read them with `Dataset::from_file(path)`")
    }))
}

/// What is known of a revision's files.
enum Listed {
    /// All of them.
    Names(Vec<String>),
    /// Those that were downloaded.
    Cached(Vec<String>),
    NoSuchRevision,
    /// Neither the hub nor the cache says anything.
    Unknown(Error),
}

/// One revision of a data set.
struct Source<'a> {
    place: &'a Place,
    repo: &'a str,
    revision: &'a str,
    identity: Repo,
    online: Option<ApiRepo>,
}

impl<'a> Source<'a> {
    fn new(place: &'a Place, repo: &'a str, revision: &'a str) -> Result<Self> {
        let identity = Repo::with_revision(repo.to_owned(), RepoType::Dataset, revision.to_owned());
        let online = if place.offline {
            None
        } else {
            let cache = Cache::new(place.cache.clone());
            let token = place.token.clone().or_else(|| cache.token());
            let api = ApiBuilder::from_cache(cache).with_endpoint(place.endpoint.clone()).with_token(token).build();
            Some(
                api.map_err(|error| not_reachable(place, repo, &error.to_string()).caused_by(error))?
                    .repo(identity.clone()),
            )
        };
        Ok(Self { place, repo, revision, identity, online })
    }

    /// The names of its files: as the hub lists them, else those that the cache has.
    fn names(&self) -> Result<Listed> {
        let Some(online) = &self.online else {
            let offline = || Listed::Unknown(not_reachable(self.place, self.repo, "HF_HUB_OFFLINE is set"));
            return Ok(self.cached().map_or_else(offline, Listed::Cached));
        };
        match online.info() {
            Ok(info) => {
                // What the cache has of an earlier revision must not be mixed with this one.
                let cache = Cache::new(self.place.cache.clone());
                let written = cache.repo(self.identity.clone()).create_ref(&info.sha);
                written.map_err(|source| Error::io("write to", &self.place.cache, source))?;
                Ok(Listed::Names(info.siblings.into_iter().map(|file| file.rfilename).collect()))
            }
            Err(error) => match status(&error) {
                Some(404 | 401 | 403) if self.revision != REVISIONS[0] => Ok(Listed::NoSuchRevision),
                Some(404) => {
                    Err(Error::new(ErrorKind::Hub, format!("there is no data set `{}` on the hub", self.repo))
                        .help(format!("look for its exact id: {}/datasets", self.place.endpoint)))
                }
                Some(401 | 403) => Err(refused(self.repo)),
                status => Ok(self.without_connection(status, error)),
            },
        }
    }

    /// What the cache has, where the hub cannot be asked; an answer that is none is told.
    fn without_connection(&self, status: Option<u16>, error: ApiError) -> Listed {
        match self.cached().filter(|_| status.is_none()) {
            Some(names) => {
                let repo = self.repo;
                crate::note(format!("the hub cannot be asked about `{repo}` ({error}): what was downloaded is read"));
                Listed::Cached(names)
            }
            None => Listed::Unknown(not_reachable(self.place, self.repo, &error.to_string()).caused_by(error)),
        }
    }

    /// The configurations that the data set's card names; none if it has no card, or one that cannot be read, which is noted.
    fn card(&self, names: &[String]) -> Result<Vec<Config>> {
        /// What cards are called.
        const CARD: &str = "README.md";
        if !names.iter().any(|name| name == CARD) {
            return Ok(Vec::new());
        }
        let path = self.file(CARD)?;
        let text = std::fs::read(&path).map_err(|source| Error::io("read", &path, source))?;
        let configs = card::configs(&String::from_utf8_lossy(&text));
        Ok(configs.unwrap_or_else(|why| {
            let repo = self.repo;
            crate::note(format!("the card of the data set `{repo}` cannot be read ({why}): files go by their names"));
            Vec::new()
        }))
    }

    /// The files that the cache has.
    fn cached(&self) -> Option<Vec<String>> {
        let folder = self.place.cache.join(self.identity.folder_name());
        let commit = std::fs::read_to_string(folder.join("refs").join(self.revision)).ok()?;
        let snapshot = folder.join("snapshots").join(commit.trim());
        let mut names = Vec::new();
        walk(&snapshot, "", &mut names);
        Some(names).filter(|names| !names.is_empty())
    }

    fn file(&self, name: &str) -> Result<PathBuf> {
        let Some(online) = &self.online else {
            let cached = Cache::new(self.place.cache.clone()).repo(self.identity.clone()).get(name);
            return cached.ok_or_else(|| not_reachable(self.place, self.repo, "HF_HUB_OFFLINE is set"));
        };
        online.get(name).map_err(|error| match status(&error) {
            Some(401 | 403) => refused(self.repo),
            _ => not_reachable(self.place, self.repo, &format!("`{name}`: {error}")).caused_by(error),
        })
    }
}

/// Adds the names of the files below `folder`, with `/` between folders.
fn walk(folder: &Path, before: &str, names: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let Some(name) = entry.file_name().to_str().map(|name| format!("{before}{name}")) else { continue };
        if entry.path().is_dir() {
            walk(&entry.path(), &format!("{name}/"), names);
        } else if entry.path().exists() {
            names.push(name);
        }
    }
}

fn refused(repo: &str) -> Error {
    Error::new(ErrorKind::Hub, format!("the hub does not give the data set `{repo}` to everybody, or there is none"))
        .help("check the id; if the data set is private or asks for consent, set HF_TOKEN to a token that may read it")
}

fn not_reachable(place: &Place, repo: &str, why: &str) -> Error {
    Error::new(ErrorKind::Hub, format!("the data set `{repo}` could not be downloaded: {why}"))
        .help(format!(
            "without a connection, get its Parquet files from {}/datasets/{repo}/tree/main on another machine, and read them with `Dataset::from_parquet(path)`",
            place.endpoint
        ))
        .help("behind a mirror, set HF_ENDPOINT to its address")
}

#[cfg(test)]
mod tests;
