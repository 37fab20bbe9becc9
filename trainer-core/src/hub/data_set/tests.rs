//! Data sets of a hub on this machine.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

/// A hub that has `owner/data` with Parquet files, `owner/lines` of which it made Parquet, some whose card says which files are of
/// which split, and a private one. It counts its requests and ends with the process.
fn hub() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let requests = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&requests);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(std::result::Result::ok);
            let request = lines.next().unwrap_or_default();
            let headers: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            counted.fetch_add(1, Ordering::SeqCst);
            let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
            stream.write_all(answer(&path, &headers).as_bytes()).unwrap();
        }
    });
    (endpoint, requests)
}

/// The cards of data sets.
const CARDS: [(&str, &str); 3] = [
    (
        "owner/said/resolve/main/README.md",
        "---\nlicense: mit\nconfigs:\n- config_name: reviews\n  default: true\n  data_files:\n\
         \x20 - split: train\n    path: reviews/*\n  - split: validation\n    path:\n    - held_out.parquet\n\
         \x20 - split: gone\n    path: gone/*.parquet\n\
         - config_name: extra\n  data_files: extra/*.parquet\n- config_name: folder\n  data_dir: extra\n---\n# Reviews\n",
    ),
    (
        "owner/said_lines/resolve/main/README.md",
        "---\nconfigs:\n- config_name: half\n  data_files: a.jsonl\n  default: true\n\
         - config_name: all\n  data_files: ['*.jsonl']\n---\n",
    ),
    ("owner/said_badly/resolve/main/README.md", "---\nconfigs: [\n---\n"),
];

fn answer(path: &str, headers: &[String]) -> String {
    let end = "connection: close\r\n\r\n";
    let commit = if path.contains("convert") { "decade" } else { "c0ffee" };
    let listing = |names: &[&str]| {
        let files: Vec<String> = names.iter().map(|name| format!("{{\"rfilename\": \"{name}\"}}")).collect();
        let body = format!("{{\"sha\": \"{commit}\", \"siblings\": [{}]}}", files.join(", "));
        format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{end}{body}", body.len())
    };
    if path.contains("private/") {
        return format!("HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n{end}");
    }
    match path {
        "/api/datasets/owner/data/revision/main" => {
            return listing(&[
                "README.md",
                "data/train-00001-of-00002.parquet",
                "data/train-00000-of-00002.parquet",
                "data/test-00000-of-00001.parquet",
            ]);
        }
        "/api/datasets/owner/lines/revision/main" => return listing(&["train.jsonl"]),
        "/api/datasets/owner/lines/revision/refs%2Fconvert%2Fparquet" => {
            return listing(&["default/train/0000.parquet"]);
        }
        "/api/datasets/owner/nothing/revision/main" => return listing(&["README.md"]),
        "/api/datasets/owner/said/revision/main" => {
            return listing(&[
                "README.md",
                "reviews/2020.parquet",
                "reviews/2019.parquet",
                "reviews/old/2018.parquet",
                "held_out.parquet",
                "extra/train-00001-of-00002.parquet",
                "extra/train-00000-of-00002.parquet",
            ]);
        }
        "/api/datasets/owner/said_lines/revision/main" => return listing(&["README.md", "a.jsonl", "b.jsonl"]),
        "/api/datasets/owner/said_lines/revision/refs%2Fconvert%2Fparquet" => {
            return listing(&["all/train/0000.parquet", "half/train/0000.parquet"]);
        }
        "/api/datasets/owner/said_badly/revision/main" => {
            return listing(&["README.md", "train.parquet"]);
        }
        _ => {}
    }
    let Some((_, name)) = path.split_once("/resolve/") else {
        return format!("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n{end}");
    };
    let content = CARDS.iter().find(|(card, _)| path.ends_with(card)).map_or(name, |(_, content)| content);
    let first_byte_only = headers.iter().any(|header| header.to_lowercase().contains("bytes=0-0"));
    let body = if first_byte_only { &content[..1] } else { content };
    let (last, length) = (body.len() - 1, content.len());
    let etag = name.replace(['/', '%', '.'], "-");
    format!(
        "HTTP/1.1 206 Partial Content\r\nx-repo-commit: {commit}\r\netag: \"{etag}\"\r\ncontent-range: bytes 0-{last}/{length}\r\n\
         content-length: {}\r\n{end}{body}",
        body.len()
    )
}

fn place(cache: &Path, endpoint: &str, offline: bool) -> Place {
    Place { cache: cache.to_path_buf(), endpoint: endpoint.to_owned(), token: None, offline }
}

fn contents(paths: &[PathBuf]) -> Vec<String> {
    paths.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

#[test]
fn a_split_is_downloaded_once_into_pythons_cache_and_read_without_a_connection() {
    let cache = tempfile::tempdir().unwrap();
    let (endpoint, requests) = hub();
    let online = place(cache.path(), &endpoint, false);
    let train = find_at(&online, "owner/data", None, "train").unwrap();
    assert_eq!(contents(&train), ["main/data/train-00000-of-00002.parquet", "main/data/train-00001-of-00002.parquet"]);
    let folder = cache.path().join("datasets--owner--data").join("snapshots").join("c0ffee");
    assert!(train.iter().all(|path| path.starts_with(&folder)), "{train:?}");
    let asked = requests.load(Ordering::SeqCst);
    assert_eq!(find_at(&online, "owner/data", None, "train").unwrap(), train);
    assert_eq!(requests.load(Ordering::SeqCst), asked + 1, "the list is asked for again, the files are not");

    let offline = place(cache.path(), &endpoint, true);
    assert_eq!(find_at(&offline, "owner/data", None, "train").unwrap(), train);
    let error = find_at(&offline, "owner/data", None, "test").unwrap_err().to_string();
    assert!(error.contains("has no split `test`") && error.contains("its splits are `train`"), "{error}");
    let error = find_at(&offline, "owner/other", None, "train").unwrap_err().to_string();
    assert!(
        error.contains("HF_HUB_OFFLINE is set") && error.contains(&format!("{endpoint}/datasets/owner/other")),
        "{error}"
    );
    assert_eq!(requests.load(Ordering::SeqCst), asked + 1);

    // A hub that has gone away is as good as none.
    let gone = format!("http://{}", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    assert_eq!(find_at(&place(cache.path(), &gone, false), "owner/data", None, "train").unwrap(), train);
    let error = find_at(&place(cache.path(), &gone, false), "owner/other", None, "train").unwrap_err();
    assert!(error.message().starts_with("the data set `owner/other` could not be downloaded: "), "{error}");
}

#[test]
fn of_other_formats_the_hubs_own_parquet_is_taken() {
    let cache = tempfile::tempdir().unwrap();
    let (endpoint, _) = hub();
    let online = place(cache.path(), &endpoint, false);
    let train = find_at(&online, "owner/lines", None, "train").unwrap();
    assert_eq!(contents(&train), ["refs%2Fconvert%2Fparquet/default/train/0000.parquet"]);
    assert!(train[0].to_string_lossy().contains("snapshots/decade"), "{train:?}");
    let offline = place(cache.path(), &endpoint, true);
    assert_eq!(find_at(&offline, "owner/lines", None, "train").unwrap(), train);
}

#[test]
fn a_card_says_which_files_are_of_which_split() {
    let cache = tempfile::tempdir().unwrap();
    let (endpoint, _) = hub();
    let online = place(cache.path(), &endpoint, false);
    let found = |place: &Place, config, split| find_at(place, "owner/said", config, split);
    let files = |config, split| contents(&found(&online, config, split).unwrap());
    assert_eq!(files(None, "train"), ["main/reviews/2019.parquet", "main/reviews/2020.parquet"]);
    assert_eq!(files(None, "validation"), ["main/held_out.parquet"]);
    assert_eq!(files(None, "dev"), ["main/held_out.parquet"], "another word for it");
    let extra = ["main/extra/train-00000-of-00002.parquet", "main/extra/train-00001-of-00002.parquet"];
    assert_eq!(files(Some("extra"), "train"), extra);
    assert_eq!(files(Some("folder"), "train"), extra, "by their names, in the folder that the card names");

    let refused = |config, split| found(&online, config, split).unwrap_err().to_string();
    let error = refused(None, "tests");
    let expected = "the data set `owner/said` has no split `tests`\nhelp: its splits are `gone`, `train`, `validation`";
    assert_eq!(error, expected);
    let error = refused(Some("extras"), "train");
    assert!(error.contains("no configuration `extras`\nhelp: did you mean `extra`?"), "{error}");
    let error = refused(None, "gone");
    assert!(error.contains("says that `gone` is `gone/*.parquet`, and there is no such file"), "{error}");

    let offline = place(cache.path(), &endpoint, true);
    assert_eq!(contents(&found(&offline, Some("extra"), "train").unwrap()), extra);
    let cached = found(&offline, Some("extra"), "train").unwrap();
    std::fs::remove_file(&cached[0]).unwrap();
    let error = found(&offline, Some("extra"), "train").unwrap_err().to_string();
    assert!(error.starts_with("the split `train` of the data set `owner/said` is 2 files, but 1 are there"), "{error}");
    let error = found(&offline, None, "gone").unwrap_err().to_string();
    assert!(error.starts_with("the data set `owner/said` could not be downloaded: "), "{error}");
}

#[test]
fn what_a_card_says_of_other_formats_is_looked_for_in_the_hubs_own_parquet() {
    let cache = tempfile::tempdir().unwrap();
    let (endpoint, _) = hub();
    for offline in [false, true] {
        let place = place(cache.path(), &endpoint, offline);
        let files = |config| contents(&find_at(&place, "owner/said_lines", config, "train").unwrap());
        assert_eq!(files(None), ["refs%2Fconvert%2Fparquet/half/train/0000.parquet"], "the default of the card");
        assert_eq!(files(Some("all")), ["refs%2Fconvert%2Fparquet/all/train/0000.parquet"]);
    }
}

#[test]
fn a_card_that_cannot_be_read_is_noted_and_files_go_by_their_names() {
    let cache = tempfile::tempdir().unwrap();
    let (endpoint, _) = hub();
    let found = find_at(&place(cache.path(), &endpoint, false), "owner/said_badly", None, "train").unwrap();
    assert_eq!(contents(&found), ["main/train.parquet"]);
}

#[test]
fn what_the_hub_does_not_give_is_told_apart() {
    let cache = tempfile::tempdir().unwrap();
    let (endpoint, _) = hub();
    let online = place(cache.path(), &endpoint, false);
    let refused = |repo: &str, split: &str| find_at(&online, repo, None, split).unwrap_err().to_string();
    let error = refused("owner/dta", "train");
    assert_eq!(
        error,
        format!("there is no data set `owner/dta` on the hub\nhelp: look for its exact id: {endpoint}/datasets")
    );
    assert!(refused("owner/data", "validation").contains("its splits are `test`, `train`"));
    assert!(refused("private/data", "train").contains("set HF_TOKEN"));
    assert!(refused("owner/nothing", "train").starts_with("the data set `owner/nothing` has no Parquet files"));
    let error = find("data/train.jsonl/x", None, "train").unwrap_err();
    assert_eq!(error.message(), "`data/train.jsonl/x` cannot be a data set of the hub");
}
