//! Files of models and data sets on the Hugging Face hub.
//!
//! What comes in: the id of a model and the name of a file, or the id of a data set and the name of a split. What goes out: where the file lies in the cache, downloaded
//! if it was not there. The cache is laid out as Hugging Face's, so that what Python has downloaded is found. It refuses
//! what cannot be an id, and says how to get the file by hand when there is no way to the hub.

#[cfg(feature = "hub")]
mod card;
#[cfg(feature = "hub")]
mod data_set;
#[cfg(feature = "hub")]
mod split;

use std::path::PathBuf;

use crate::error::{Error, ErrorKind, Result};

/// The file `name` of the model `repo`.
///
/// # Errors
/// [`ErrorKind::Hub`]: `repo` is no folder and cannot be an id, there is no such model or file, or no connection.
pub(crate) fn file(repo: &str, name: &str) -> Result<PathBuf> {
    download::find(repo, name, Need::Required)?.ok_or_else(|| {
        Error::new(ErrorKind::Hub, format!("the model `{repo}` has no file `{name}` on the hub"))
            .help(format!("look at what it has: https://huggingface.co/{repo}/tree/main"))
    })
}

/// The file `name` of the model `repo`; `None` if the model has no such file. To be asked for after a file that must be
/// there, so that an unknown model is an error.
///
/// Without a connection, a file that the cache does not have counts as absent when it has others of the model, as it
/// does in Python.
pub(crate) fn optional_file(repo: &str, name: &str) -> Result<Option<PathBuf>> {
    download::find(repo, name, Need::IfThere)
}

/// The Parquet files of the split `split` of the data set `repo`, in order; `config`: of which configuration, if it has several.
///
/// # Errors
/// [`ErrorKind::Hub`]: `repo` cannot be an id, there is no such data set, configuration or split, it has no Parquet files, or
/// there is no connection.
#[cfg(feature = "hub")]
pub(crate) fn data_set(repo: &str, config: Option<&str>, split: &str) -> Result<Vec<PathBuf>> {
    data_set::find(repo, config, split)
}

/// As its twin with the feature `hub`, which downloads.
#[cfg(not(feature = "hub"))]
pub(crate) fn data_set(repo: &str, _config: Option<&str>, _split: &str) -> Result<Vec<PathBuf>> {
    let message = format!("the data set `{repo}` cannot be downloaded without the feature `hub`");
    Err(Error::new(ErrorKind::Hub, message)
        .help("turn it on: trainer-core = { version = \"…\", features = [\"hub\", \"parquet\"] }")
        .help("or read a file: `Dataset::from_file(path)`"))
}

/// Whether a file must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    Required,
    IfThere,
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
    use super::{Error, ErrorKind, Need, PathBuf, Result, is_id, no_folder};

    pub(super) fn find(repo: &str, name: &str, _: Need) -> Result<Option<PathBuf>> {
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

    use super::{Error, ErrorKind, Need, PathBuf, Result, is_id, no_folder};

    /// Where to look, from the environment as Python reads it.
    pub(super) struct Place {
        pub(super) cache: PathBuf,
        pub(super) endpoint: String,
        pub(super) token: Option<String>,
        pub(super) offline: bool,
    }

    impl Place {
        pub(super) fn from_environment(repo: &str) -> Result<Self> {
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

    pub(super) fn find(repo: &str, name: &str, need: Need) -> Result<Option<PathBuf>> {
        if !is_id(repo) {
            return Err(no_folder(repo));
        }
        find_at(&Place::from_environment(repo)?, repo, name, need)
    }

    pub(super) fn find_at(place: &Place, repo: &str, name: &str, need: Need) -> Result<Option<PathBuf>> {
        let cache = Cache::new(place.cache.clone());
        if let Some(path) = cache.model(repo.to_owned()).get(name) {
            return Ok(Some(path));
        }
        if known_to_be_absent(&place.cache, repo, name) {
            return Ok(None);
        }
        let may_be_absent = need == Need::IfThere && commit(&place.cache, repo).is_some();
        if place.offline {
            if may_be_absent {
                return Ok(None);
            }
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
                None if may_be_absent => Ok(None),
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
    pub(super) fn status(error: &ApiError) -> Option<u16> {
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

    #[cfg(feature = "hub")]
    mod with_a_hub {
        use std::io::{BufRead, BufReader, Write};
        use std::net::TcpListener;
        use std::path::Path;
        use std::sync::Arc;
        use std::sync::atomic::{AtomicUsize, Ordering};

        use super::super::Need::{IfThere, Required};
        use super::super::download::{Place, find_at};

        const CONTENT: &str = "{\"of\": \"the hub\"}";

        /// A hub on this machine that has one file of one model; it counts its requests and ends with the process.
        fn hub() -> (String, Arc<AtomicUsize>) {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let endpoint = format!("http://{}", listener.local_addr().unwrap());
            let requests = Arc::new(AtomicUsize::new(0));
            let counted = Arc::clone(&requests);
            std::thread::spawn(move || {
                for stream in listener.incoming() {
                    let mut stream = stream.unwrap();
                    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
                    let request = lines.next().unwrap_or_default();
                    let headers: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
                    counted.fetch_add(1, Ordering::SeqCst);
                    stream.write_all(answer(&request, &headers).as_bytes()).unwrap();
                }
            });
            (endpoint, requests)
        }

        fn answer(request: &str, headers: &[String]) -> String {
            let end = "connection: close\r\n\r\n";
            if request.contains("/private/model/") {
                return format!("HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n{end}");
            }
            if !request.contains(" /owner/model/resolve/main/tokenizer.json") {
                return format!("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n{end}");
            }
            let first_byte_only = headers.iter().any(|header| header.to_lowercase().contains("bytes=0-0"));
            let body = if first_byte_only { &CONTENT[..1] } else { CONTENT };
            let (last, length) = (body.len() - 1, CONTENT.len());
            format!(
                "HTTP/1.1 206 Partial Content\r\nx-repo-commit: c0ffee\r\netag: \"tag\"\r\ncontent-range: bytes 0-{last}/{length}\r\n\
                 content-length: {}\r\n{end}{body}",
                body.len()
            )
        }

        fn place(cache: &Path, endpoint: &str) -> Place {
            Place { cache: cache.to_path_buf(), endpoint: endpoint.to_owned(), token: None, offline: false }
        }

        #[test]
        fn a_file_is_downloaded_once_and_an_absent_one_is_asked_for_once() {
            let cache = tempfile::tempdir().unwrap();
            let (endpoint, requests) = hub();
            let online = place(cache.path(), &endpoint);
            let path = find_at(&online, "owner/model", "tokenizer.json", Required).unwrap().unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), CONTENT);
            assert_eq!(find_at(&online, "owner/model", "config.json", Required).unwrap(), None);
            let asked = requests.load(Ordering::SeqCst);
            assert!(asked >= 2);

            let offline = Place { offline: true, ..place(cache.path(), &endpoint) };
            assert_eq!(find_at(&offline, "owner/model", "tokenizer.json", Required).unwrap(), Some(path));
            assert_eq!(find_at(&offline, "owner/model", "config.json", Required).unwrap(), None);
            assert_eq!(find_at(&online, "owner/model", "config.json", Required).unwrap(), None);
            // Not known to be absent: without a connection it counts as absent only if the model can do without it.
            assert_eq!(find_at(&offline, "owner/model", "other.json", IfThere).unwrap(), None);
            find_at(&offline, "owner/model", "other.json", Required).unwrap_err();
            find_at(&offline, "owner/nothing", "other.json", IfThere).unwrap_err();
            assert_eq!(requests.load(Ordering::SeqCst), asked);
        }

        #[test]
        fn what_the_hub_does_not_give_is_told_apart() {
            let cache = tempfile::tempdir().unwrap();
            let (endpoint, _) = hub();
            let online = place(cache.path(), &endpoint);
            let unknown = find_at(&online, "owner/modle", "tokenizer.json", Required).unwrap_err();
            assert_eq!(
                unknown.message(),
                "`owner/modle` is neither a folder nor a model with a `tokenizer.json` on the hub"
            );
            let private = find_at(&online, "private/model", "tokenizer.json", Required).unwrap_err();
            assert!(private.to_string().contains("set HF_TOKEN"), "{private}");
            let offline = Place { offline: true, ..place(cache.path(), &endpoint) };
            let offline = find_at(&offline, "owner/model", "tokenizer.json", Required).unwrap_err().to_string();
            assert!(offline.contains("HF_HUB_OFFLINE is set"), "{offline}");
            assert!(offline.contains(&format!("get {endpoint}/owner/model/resolve/main/tokenizer.json")), "{offline}");
        }

        #[test]
        fn without_a_connection_it_says_how_to_get_the_file() {
            let cache = tempfile::tempdir().unwrap();
            // A port that was free a moment ago, and that nobody listens at.
            let endpoint = format!("http://{}", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
            let error =
                find_at(&place(cache.path(), &endpoint), "owner/model", "tokenizer.json", Required).unwrap_err();
            let start = "there is no folder `owner/model`, and `tokenizer.json` of the model `owner/model` could not be downloaded: ";
            assert!(error.message().starts_with(start), "{error}");
            assert!(error.to_string().contains("put them into a folder, and give that folder"));
        }
    }
}
