//! A process that is killed while it writes checkpoints leaves whole ones.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use trainer_core::train::checkpoint::{folder_of, newest_whole, rotate, step_of, verify, write};

/// Tells the test that it is the process to be killed, and where it writes.
const WRITE_HERE: &str = "TRAINER_TEST_WRITE_CHECKPOINTS";
const KILLS: u64 = 12;

/// What the file `name` of a checkpoint holds: some pages that name their update.
fn content(step: usize, name: &str) -> String {
    format!("{name} after update {step}\n").repeat(4000)
}

fn save(output: &Path, step: usize) -> PathBuf {
    let folder = folder_of(output, step);
    write(&folder, |inside| {
        for name in ["model.safetensors", "optimizer.safetensors"] {
            fs::write(inside.join(name), content(step, name))?;
        }
        Ok(())
    })
    .unwrap();
    folder
}

/// Goes on from the newest whole checkpoint, which it writes again first, until it is killed.
fn write_for_ever(output: &Path) -> ! {
    let newest = newest_whole(output).unwrap().checkpoint;
    for step in newest.as_deref().and_then(step_of).unwrap_or(1).. {
        let written = save(output, step);
        rotate(output, Some(2), &written, None).unwrap();
    }
    unreachable!("there are more numbers than time")
}

fn start(output: &Path) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "a_killed_process_leaves_whole_checkpoints"])
        .env(WRITE_HERE, output)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

fn hidden_in(output: &Path) -> usize {
    let is_hidden = |name: std::ffi::OsString| name.to_string_lossy().starts_with('.');
    fs::read_dir(output).unwrap().filter(|entry| is_hidden(entry.as_ref().unwrap().file_name())).count()
}

#[test]
fn a_killed_process_leaves_whole_checkpoints() {
    if let Some(output) = env::var_os(WRITE_HERE) {
        write_for_ever(Path::new(&output));
    }
    let output = tempfile::tempdir().unwrap();
    let mut newest_before = 0;
    for kill in 0..KILLS {
        let mut child = start(output.path());
        let begun = Instant::now();
        let newest = || newest_whole(output.path()).unwrap().checkpoint.as_deref().and_then(step_of).unwrap_or(0);
        while newest() < newest_before + 2 {
            assert!(begun.elapsed() < Duration::from_mins(1), "the process writes nothing");
            thread::sleep(Duration::from_millis(5));
        }
        // Somewhere in one of the next writes.
        thread::sleep(Duration::from_micros(700 * kill));
        child.kill().unwrap();
        child.wait().unwrap();
        let found = newest_whole(output.path()).unwrap();
        assert_eq!(found.notes, [""; 0], "nothing torn has the name of a checkpoint");
        let folder = found.checkpoint.unwrap();
        let step = step_of(&folder).unwrap();
        verify(&folder).unwrap();
        let model = fs::read_to_string(folder.join("model.safetensors")).unwrap();
        assert_eq!(model, content(step, "model.safetensors"));
        assert!(step > newest_before, "{step} after {newest_before}");
        newest_before = step;
    }
    save(output.path(), newest_before + 1);
    assert_eq!(hidden_in(output.path()), 0, "the next write clears what they left");
}
