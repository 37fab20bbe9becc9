use super::*;
use crate::train::checkpoint::verify;

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn save(folder: &Path, text: &str) -> Result<()> {
    write(folder, |inside| Ok(fs::write(inside.join("model.safetensors"), text)?))
}

fn content(folder: &Path) -> String {
    verify(folder).unwrap();
    fs::read_to_string(folder.join("model.safetensors")).unwrap()
}

#[test]
fn a_folder_appears_whole_with_its_manifest_and_nothing_beside_it() {
    let output = tempfile::tempdir().unwrap();
    let folder = output.path().join("deep/results/checkpoint-1");
    write(&folder, |inside| {
        assert!(!folder.exists(), "not seen while it is filled");
        fs::create_dir(inside.join("adapter"))?;
        fs::write(inside.join("adapter/a"), "a")?;
        Ok(fs::write(inside.join("model.safetensors"), "weights")?)
    })
    .unwrap();
    assert_eq!(content(&folder), "weights");
    assert_eq!(names(&folder), ["adapter", "manifest.json", "model.safetensors"]);
    assert_eq!(names(folder.parent().unwrap()), ["checkpoint-1"]);
}

#[test]
fn a_failure_while_filling_leaves_what_was_there() {
    let output = tempfile::tempdir().unwrap();
    let folder = output.path().join("checkpoint-1");
    let fail = |inside: &Path| {
        fs::write(inside.join("model.safetensors"), "half")?;
        Err(Error::new(ErrorKind::Io, "no space left"))
    };
    assert_eq!(write(&folder, fail).unwrap_err().message(), "no space left");
    assert_eq!(names(output.path()), [""; 0]);
    save(&folder, "first").unwrap();
    write(&folder, fail).unwrap_err();
    assert_eq!((content(&folder).as_str(), names(output.path()).len()), ("first", 1));
    let panicked = std::panic::catch_unwind(|| write(&folder, |_| panic!("of the model")));
    assert!(panicked.is_err());
    assert_eq!((content(&folder).as_str(), names(output.path()).len()), ("first", 1));
    save(&folder, "second").unwrap();
    assert_eq!((content(&folder).as_str(), names(output.path()).len()), ("second", 1));
}

#[test]
fn what_a_killed_process_left_is_removed_and_what_it_was_replacing_comes_back() {
    let output = tempfile::tempdir().unwrap();
    for left in [".checkpoint-3.tmp-1-0", ".checkpoint-1.gone-1-2"] {
        fs::create_dir(output.path().join(left)).unwrap();
        fs::write(output.path().join(left).join("model.safetensors"), "half").unwrap();
    }
    // Killed between two renames: the older checkpoint 2 has lost its name, the newer has not taken it.
    save(&output.path().join("checkpoint-2"), "older").unwrap();
    fs::rename(output.path().join("checkpoint-2"), output.path().join(".checkpoint-2.old-1-1")).unwrap();
    // Not of ours.
    fs::create_dir(output.path().join(".git.tmp-x")).unwrap();
    save(&output.path().join("checkpoint-4"), "new").unwrap();
    assert_eq!(names(output.path()), [".git.tmp-x", "checkpoint-2", "checkpoint-4"]);
    assert_eq!(content(&output.path().join("checkpoint-2")), "older");
}

#[test]
fn what_a_living_process_fills_stays() {
    let output = tempfile::tempdir().unwrap();
    write(&output.path().join("checkpoint-1"), |inside| {
        save(&output.path().join("checkpoint-2"), "of another").unwrap();
        Ok(fs::write(inside.join("model.safetensors"), "slow")?)
    })
    .unwrap();
    assert_eq!(content(&output.path().join("checkpoint-1")), "slow");
}

#[test]
fn files_of_others_are_not_replaced() {
    let output = tempfile::tempdir().unwrap();
    let folder = output.path().join("final");
    save(&folder, "first").unwrap();
    save(&folder, "second").unwrap();
    fs::write(folder.join("notes.md"), "mine").unwrap();
    let error = save(&folder, "third").unwrap_err();
    assert!(error.message().contains("`notes.md`"), "{error}");
    assert_eq!(content(&folder), "second");
    let error = save(output.path(), "third").unwrap_err();
    assert!(error.message().contains("`final`"), "{error}");
    let file = output.path().join("file");
    fs::write(&file, "mine").unwrap();
    assert!(save(&file, "third").unwrap_err().message().contains("is a file"));
    assert!(save(&output.path().join(".."), "third").is_err());
}

#[test]
fn a_folder_that_cannot_be_written_in_is_named_before_training() {
    let output = tempfile::tempdir().unwrap();
    check_writable(&output.path().join("results")).unwrap();
    assert_eq!(names(&output.path().join("results")), [""; 0]);
    fs::write(output.path().join("file"), "").unwrap();
    let error = check_writable(&output.path().join("file/results")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(error.to_string().contains("file/results") && error.to_string().contains("`output_dir`"), "{error}");
}
