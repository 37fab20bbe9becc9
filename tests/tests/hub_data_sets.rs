//! A split of a data set on a hub of this machine, in two Parquet files, is one data set.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use trainer_tests::fixtures;

const LISTING: &str = "{\"sha\": \"c0ffee\", \"siblings\": [{\"rfilename\": \"README.md\"}, \
    {\"rfilename\": \"data/train-00000-of-00002.parquet\"}, {\"rfilename\": \"data/train-00001-of-00002.parquet\"}]}";

/// A hub with the files of `folder`, which ends with the process.
fn hub(folder: PathBuf) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || listener.incoming().for_each(|stream| answer(stream.unwrap(), &folder)));
    endpoint
}

fn answer(mut stream: TcpStream, folder: &Path) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
    let request = lines.next().unwrap_or_default();
    let headers: Vec<String> = lines.take_while(|line| !line.is_empty()).map(|line| line.to_lowercase()).collect();
    let head = |status: &str, length: usize, more: &str| {
        format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n{more}\r\n")
    };
    if request.contains("/api/datasets/owner/reviews/revision/main") {
        stream.write_all((head("200 OK", LISTING.len(), "") + LISTING).as_bytes()).unwrap();
        return;
    }
    let name = request.split_once("/resolve/main/").and_then(|(_, rest)| rest.split(' ').next()?.rsplit('/').next());
    let Some(whole) = name.and_then(|name| std::fs::read(folder.join(name)).ok()) else {
        stream.write_all(head("404 Not Found", 0, "").as_bytes()).unwrap();
        return;
    };
    let body = if headers.iter().any(|header| header.contains("bytes=0-0")) { &whole[..1] } else { &whole[..] };
    let etag = name.unwrap_or_default().replace('.', "-");
    let range = format!("content-range: bytes 0-{}/{}\r\n", body.len() - 1, whole.len());
    let more = format!("x-repo-commit: c0ffee\r\netag: \"{etag}\"\r\n{range}");
    stream.write_all(head("206 Partial Content", body.len(), &more).as_bytes()).unwrap();
    stream.write_all(body).unwrap();
}

/// Starts `hub_program` with this hub and cache: what it printed, or said where it failed.
fn program(endpoint: &str, cache: &Path, arguments: [&str; 2]) -> Result<String, String> {
    let output = Command::new(env!("CARGO_BIN_EXE_hub_program"))
        .args(arguments)
        .env("HF_ENDPOINT", endpoint)
        .env("HF_HOME", cache)
        .env_remove("HF_HUB_OFFLINE")
        .env_remove("HF_TOKEN")
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

#[test]
fn a_split_in_several_files_is_one_data_set_with_rows_numbered_through() {
    let (folder, cache) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    for part in ["train-00000-of-00002.parquet", "train-00001-of-00002.parquet"] {
        std::fs::copy(fixtures().join("data/reviews.parquet"), folder.path().join(part)).unwrap();
    }
    let card = "---\nconfigs:\n- config_name: default\n  data_files:\n  - split: train\n    path: data/train-*\n---\n";
    std::fs::write(folder.path().join("README.md"), card).unwrap();
    let endpoint = hub(folder.path().to_owned());
    let rows = trainer_tests::json("data/reviews.json");
    let last = rows.as_array().unwrap().last().unwrap()["text"].as_str().unwrap();
    let count = 2 * rows.as_array().unwrap().len();
    let printed = program(&endpoint, cache.path(), ["owner/reviews", "train"]).unwrap();
    assert_eq!(printed, format!("{count} rows, the last is owner/reviews, train: row {count}: {last}\n"));
    let said = program(&endpoint, cache.path(), ["owner/reviews", "trian"]).unwrap_err();
    assert!(said.contains("has no split `trian`\nhelp: did you mean `train`?"), "{said}");
    let said = program(&endpoint, cache.path(), ["owner/review", "train"]).unwrap_err();
    assert!(said.contains("there is no data set `owner/review` on the hub"), "{said}");
}
