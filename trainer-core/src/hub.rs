//! Files of models on the Hugging Face hub.
//!
//! What comes in: the id of a model and the name of a file. What goes out: where the file lies in the cache, downloaded
//! if it was not there. The cache is laid out as Hugging Face's, so that what Python has downloaded is found. It refuses
//! what cannot be an id, and says how to get the file by hand when there is no way to the hub.

use std::path::PathBuf;

use crate::error::{Error, ErrorKind, Result};

/// The file `name` of the model `repo`.
///
/// # Errors
/// [`ErrorKind::Hub`]: `repo` is no folder and cannot be an id, there is no such model or file, or no connection.
pub(crate) fn file(repo: &str, name: &str) -> Result<PathBuf> {
    download::find(repo, name)?.ok_or_else(|| {
        Error::new(ErrorKind::Hub, format!("the model `{repo}` has no file `{name}` on the hub"))
            .help(format!("look at what it has: https://huggingface.co/{repo}/tree/main"))
    })
}

/// The file `name` of the model `repo`; `None` if the model has no such file. To be asked for after a file that must be
/// there, so that an unknown model is an error.
pub(crate) fn optional_file(repo: &str, name: &str) -> Result<Option<PathBuf>> {
    download::find(repo, name)
}

/// What the hub takes for an id: a name, or an owner and a name.
fn is_id(repo: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && !part.starts_with(['.', '-'])
            && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
    };
    match repo.split_once('/') {
        Some((owner, name)) => part(owner) && part(name),
        None => part(repo),
    }
}

fn no_folder(repo: &str) -> Error {
    Error::new(ErrorKind::Hub, format!("there is no folder `{repo}`"))
        .help("give a folder that is there, or a model of the hub such as \"bert-base-uncased\"")
}

#[cfg(not(feature = "hub"))]
mod download {
    use super::{Error, ErrorKind, PathBuf, Result, is_id, no_folder};

    pub(super) fn find(repo: &str, name: &str) -> Result<Option<PathBuf>> {
        if !is_id(repo) {
            return Err(no_folder(repo));
        }
        let message =
            format!("there is no folder `{repo}`, and `{name}` cannot be downloaded without the feature `hub`");
        Err(Error::new(ErrorKind::Hub, message)
            .help("turn it on: trainer-core = { version = \"…\", features = [\"hub\"] }")
            .help("or give the path of a folder that holds the model's files"))
    }
}

#[cfg(feature = "hub")]
mod download {
    use std::path::Path;

    use hf_hub::api::sync::{ApiBuilder, ApiError};
    use hf_hub::{Cache, Repo};

    use super::{Error, ErrorKind, PathBuf, Result, is_id, no_folder};

    /// Where to look, from the environment as Python reads it.
    pub(super) struct Place {
        pub(super) cache: PathBuf,
        pub(super) endpoint: String,
        pub(super) token: Option<String>,
        pub(super) offline: bool,
    }

    impl Place {
        fn from_environment(repo: &str) -> Result<Self> {
            let set = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
            let cache = match set("HF_HOME") {
                Some(home) => PathBuf::from(home),
                None => std::env::home_dir().map(|home| home.join(".cache").join("huggingface")).ok_or_else(|| {
                    Error::new(ErrorKind::Hub, format!("there is no home folder to keep `{repo}` in"))
                        .help("say where downloaded models go: set HF_HOME to a folder")
                })?,
            };
            Ok(Self {
                cache: cache.join("hub"),
                endpoint: set("HF_ENDPOINT").unwrap_or_else(|| "https://huggingface.co".to_owned()),
                token: set("HF_TOKEN"),
                offline: set("HF_HUB_OFFLINE")
                    .is_some_and(|value| ["1", "true", "yes", "on"].iter().any(|yes| value.eq_ignore_ascii_case(yes))),
            })
        }
    }

    pub(super) fn find(repo: &str, name: &str) -> Result<Option<PathBuf>> {
        if !is_id(repo) {
            return Err(no_folder(repo));
        }
        find_at(&Place::from_environment(repo)?, repo, name)
    }

    pub(super) fn find_at(place: &Place, repo: &str, name: &str) -> Result<Option<PathBuf>> {
        let cache = Cache::new(place.cache.clone());
        if let Some(path) = cache.model(repo.to_owned()).get(name) {
            return Ok(Some(path));
        }
        if known_to_be_absent(&place.cache, repo, name) {
            return Ok(None);
        }
        if place.offline {
            return Err(not_reachable(place, repo, name, "HF_HUB_OFFLINE is set"));
        }
        let token = place.token.clone().or_else(|| cache.token());
        let api = ApiBuilder::from_cache(cache).with_endpoint(place.endpoint.clone()).with_token(token);
        let downloaded = api.build().and_then(|api| api.model(repo.to_owned()).get(name));
        match downloaded {
            Ok(path) => Ok(Some(path)),
            Err(error) => match status(&error) {
                Some(404) if commit(&place.cache, repo).is_some() => {
                    remember_absence(&place.cache, repo, name);
                    Ok(None)
                }
                Some(404) => Err(Error::new(ErrorKind::Hub, format!("`{repo}` is neither a folder nor a model with a `{name}` on the hub"))
                    .help(format!("look for the model's exact id: {}/models", place.endpoint))),
                Some(401 | 403) => Err(Error::new(
                    ErrorKind::Hub,
                    format!("there is no folder `{repo}`, and the hub does not give `{name}` of `{repo}` to everybody"),
                )
                .help("check the id; if the model is private or asks for consent, set HF_TOKEN to a token that may read it")),
                _ => Err(not_reachable(place, repo, name, &error.to_string()).caused_by(error)),
            },
        }
    }

    fn not_reachable(place: &Place, repo: &str, name: &str, why: &str) -> Error {
        let page = format!("{}/{repo}/resolve/main/{name}", place.endpoint);
        Error::new(
            ErrorKind::Hub,
            format!("there is no folder `{repo}`, and `{name}` of the model `{repo}` could not be downloaded: {why}"),
        )
        .help(format!("without a connection, get {page} (and the model's other files) on another machine, put them into a folder, and give that folder"))
        .help("behind a mirror, set HF_ENDPOINT to its address")
    }

    /// The HTTP status in the error of a request, which the library gives only as text.
    fn status(error: &ApiError) -> Option<u16> {
        let ApiError::RequestError(error) = error else { return None };
        error.to_string().split_once("http status: ")?.1.trim().parse().ok()
    }

    fn folder(cache: &Path, repo: &str) -> PathBuf {
        cache.join(Repo::model(repo.to_owned()).folder_name())
    }

    /// The revision that the cache has of this model.
    fn commit(cache: &Path, repo: &str) -> Option<String> {
        let commit = std::fs::read_to_string(folder(cache, repo).join("refs").join("main")).ok()?;
        Some(commit.trim().to_owned()).filter(|commit| !commit.is_empty())
    }

    /// Where an empty file says that the model has no such file: Python's cache knows it in the same place.
    fn absence(cache: &Path, repo: &str, name: &str) -> Option<PathBuf> {
        Some(folder(cache, repo).join(".no_exist").join(commit(cache, repo)?).join(name))
    }

    fn known_to_be_absent(cache: &Path, repo: &str, name: &str) -> bool {
        absence(cache, repo, name).is_some_and(|path| path.exists())
    }

    /// Only saves a request next time, so that not being able to write it is no error.
    fn remember_absence(cache: &Path, repo: &str, name: &str) {
        if let Some(path) = absence(cache, repo, name) {
            let written =
                path.parent().map(std::fs::create_dir_all).transpose().and_then(|_| std::fs::write(&path, b""));
            written.unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_name_or_an_owner_and_a_name() {
        assert!(is_id("bert-base-uncased") && is_id("sentence-transformers/all-MiniLM-L6-v2"));
        assert!(!is_id("./models/mine") && !is_id("/models") && !is_id("a/b/c") && !is_id("") && !is_id("my model"));
    }
}
