//! What people do with a store: looking at runs and records, deciding about runs, checking and copying it, deploying.

use crate::cli::{dealflow, stdout};
use std::fmt::Write as _;
use std::path::Path;

/// Calls `dealflow` with the words of a line; `STORE` and `DIR` stand for the paths.
struct Desk {
    folder: tempfile::TempDir,
    dir: String,
    told: String,
}

impl Desk {
    /// A desk with a copy of the workspace in `tests/data/NAME`.
    fn new(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
        for file in ["crm.toml", "rules.flow", "events.jsonl"] {
            std::fs::copy(from.join(file), folder.path().join(file)).unwrap();
        }
        let dir = folder.path().to_str().unwrap().to_owned();
        Self { folder, dir, told: String::new() }
    }

    /// Calls the command, and notes what it said.
    fn call(&mut self, line: &str) -> i32 {
        let store = format!("{}/s.db", self.dir);
        let words: Vec<String> =
            line.split(' ').map(|word| word.replace("STORE", &store).replace("DIR", &self.dir)).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let output = dealflow(&words);
        let code = output.status.code().unwrap();
        let said = stdout(&output) + &String::from_utf8_lossy(&output.stderr);
        let said = said.replace(&self.dir, "DIR");
        let _ = write!(self.told, "$ dealflow {line}\n{said}[{code}]\n\n");
        code
    }

    /// Replaces a part of the script.
    fn edit(&mut self, from: &str, to: &str) {
        let path = self.folder.path().join("rules.flow");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{from}");
        std::fs::write(path, text.replace(from, to)).unwrap();
    }

    /// All that was said, without the digests of programs.
    fn told(&self) -> String {
        super::cli::without_digests(&self.told)
    }
}

#[test]
fn a_record_and_its_runs_can_be_asked() {
    let mut desk = Desk::new("ops");
    assert_eq!(desk.call("run DIR --store STORE"), 1);
    for line in [
        "why deal:57 DIR --store STORE",
        "why lead:9 DIR --store STORE",
        "why deal:58 DIR --store STORE",
        "why ship:1 DIR --store STORE",
        "why deal DIR --store STORE",
        "runs list --store STORE",
        "runs list --all --store STORE",
        "runs list --failed --store STORE",
        "runs list --ended --store STORE",
        "effects list --store STORE",
        "effects list --failed --store STORE --format json",
        "runs show 1 --store STORE",
        "runs show 2 --store STORE",
    ] {
        desk.call(line);
    }
    insta::assert_snapshot!(desk.told());
}

#[test]
fn a_person_decides_about_runs() {
    let mut desk = Desk::new("ops");
    desk.call("run DIR --store STORE --until 2026-03-02T12:00");
    for line in [
        "runs retry 2 --store STORE --workspace DIR",
        "runs pause 1 --store STORE --workspace DIR",
        "runs skip 2 --store STORE --workspace DIR",
        "runs resume 2 --store STORE --workspace DIR",
        "runs cancel 2 --store STORE",
        "runs cancel 2 --store STORE --workspace DIR",
        "runs resume 1 --store STORE",
    ] {
        desk.call(line);
    }
    desk.edit("\"later\"", "\"much later\"");
    desk.call("runs resume 1 --store STORE --workspace DIR");
    desk.call("runs show 2 --store STORE");
    insta::assert_snapshot!(desk.told());
}

#[test]
fn a_store_is_checked_and_copied() {
    let mut desk = Desk::new("ops");
    desk.call("store check --store STORE");
    desk.call("run DIR --store STORE --until 2026-03-02T12:00 --format json");
    desk.told.clear();
    for line in [
        "store check --store STORE",
        "store backup --store STORE --to DIR/copy.db",
        "store backup --store STORE --to DIR/copy.db",
        "store backup --store STORE --to DIR/no/such/folder.db",
        "store check --store DIR/copy.db",
        "store upgrade --store DIR/copy.db",
        "store check --store DIR/rules.flow",
    ] {
        desk.call(line);
    }
    insta::assert_snapshot!(desk.told());
}

/// What commands that only look say where nothing may be written, as the user nobody where we are the administrator; that
/// nothing is left behind is looked at too.
#[cfg(unix)]
#[test]
fn a_store_is_looked_at_where_nothing_may_be_written() {
    let mut desk = Desk::new("ops");
    desk.call("run DIR --store STORE --until 2026-03-02T12:00");
    desk.told.clear();
    let beside = |ending: &str| desk.folder.path().join(format!("s.db{ending}"));
    let look = |file, folder| {
        let lines = [
            "runs list --store STORE",
            "runs show 1 --store STORE",
            "why deal:57 DIR --store STORE",
            "effects list --store STORE",
            "crm show deal 57 --store STORE --workspace DIR",
            "store check --store STORE",
        ];
        let said = lines.map(|line| as_reader(desk.folder.path(), file, folder, line)).concat();
        assert!(!beside("-wal").exists() && !beside("-shm").exists(), "{said}");
        said
    };
    let mut told = look(0o444, 0o555);
    assert_eq!(look(0o444, 0o755), told);
    assert_eq!(look(0o666, 0o555), told);
    // A process that was killed leaves changes beside the file.
    std::fs::write(beside("-wal"), b"changes").unwrap();
    for file in [0o444, 0o666] {
        told += &as_reader(desk.folder.path(), file, 0o555, "runs list --store STORE");
    }
    insta::assert_snapshot!(super::cli::without_digests(&told));
}

/// What the command says with these permissions of the store and its folder.
#[cfg(unix)]
fn as_reader(dir: &Path, file: u32, folder: u32, words: &str) -> String {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    use std::os::unix::process::CommandExt as _;
    const NOBODY: u32 = 65_534;

    let may = |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    let (store, name) = (dir.join("s.db"), dir.to_str().unwrap());
    let program = Path::new(env!("CARGO_BIN_EXE_dealflow"));
    let is_root = std::fs::metadata(dir).unwrap().uid() == 0;
    let mut command = if is_root {
        // Nobody may not look into the folder in which we build.
        let copy = dir.join("dealflow");
        if !copy.exists() {
            std::fs::copy(program, &copy).unwrap();
        }
        let mut command = std::process::Command::new(copy);
        command.uid(NOBODY).gid(NOBODY);
        command
    } else {
        std::process::Command::new(program)
    };
    may(&store, file);
    may(dir, folder);
    let args = words.split(' ').map(|word| word.replace("STORE", store.to_str().unwrap()).replace("DIR", name));
    let output = command.args(args).env("NO_COLOR", "1").current_dir("/").output().unwrap();
    may(dir, 0o755);
    may(&store, 0o644);
    let said = stdout(&output) + &String::from_utf8_lossy(&output.stderr);
    format!("$ dealflow {words}\n{}[{}]\n\n", said.replace(name, "DIR"), output.status.code().unwrap())
}

#[test]
fn people_answer_what_a_run_asks() {
    let mut desk = Desk::new("people");
    assert_eq!(desk.call("run DIR --store STORE --until 2026-03-02"), 0);
    assert_eq!(desk.call("runs list --store STORE"), 0);
    assert_eq!(desk.call("runs show 1 --store STORE"), 0);
    for line in [
        "runs approve 1.1 --by leo --store STORE --workspace DIR",
        "runs answer 1.1 --by mona --text yes --store STORE --workspace DIR",
        "runs answer 1.1 --by mona --store STORE --workspace DIR",
        "runs approve 7.1 --by mona --store STORE --workspace DIR",
        "runs approve 1.1 --by nobody --store STORE --workspace DIR",
    ] {
        assert_ne!(desk.call(line), 0);
    }
    for line in [
        "runs delegate 1.1 --by mona --to leo --store STORE --workspace DIR",
        "runs list --store STORE --format json",
        "runs approve 1.1 --by leo --text fine --store STORE --workspace DIR",
        "runs show 1 --store STORE",
    ] {
        assert_eq!(desk.call(line), 0);
    }
    insta::assert_snapshot!(desk.told());
}
