//! The prompt: golden sessions in `tests/data/repl/*.txt` (`> ` begins an input, `. ` continues it, `===` begins a new
//! session with the same files), the binary behind a pipe, and the binary in a real terminal.

use dealflow::pipeline::Texts;
use dealflow::repl::{Answer, Home, Host, Session, Style};
use dealflow::value::Moment;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Files in memory.
#[derive(Default)]
struct Files {
    files: BTreeMap<String, Vec<u8>>,
    workspace: Texts,
}

impl Host for Files {
    fn read(&mut self, path: &str) -> Result<Vec<u8>, String> {
        // Pieces of what `:snapshot good` wrote.
        let good = self.files.get("good");
        if let ("cut", Some(good)) = (path, good) {
            return Ok(good[..good.len() - 9].to_vec());
        }
        self.files.get(path).cloned().ok_or_else(|| format!("cannot read `{path}`: there is no such file"))
    }

    fn write(&mut self, path: &str, bytes: &[u8]) -> Result<(), String> {
        self.files.insert(path.to_owned(), bytes.to_vec());
        Ok(())
    }

    fn workspace(&mut self) -> Result<Texts, String> {
        Ok(self.workspace.clone())
    }

    fn interrupted(&mut self) -> bool {
        false
    }
}

const PLAIN: Style = Style { color: false, width: 100 };

fn start() -> Moment {
    "2026-03-02T09:00:00+01:00".parse().unwrap()
}

fn workspace(schema: &str) -> Texts {
    let mut texts = Texts::default();
    texts.schema = Some(texts.sources.add("crm.toml", schema));
    texts
}

/// Feeds a session and writes it down as it would look on a screen.
fn transcript(input: &str, schema: &str) -> String {
    let mut host = Files { workspace: workspace(schema), ..Files::default() };
    host.files.insert("garbage".into(), b"what is this".to_vec());
    host.files.insert("short".into(), b"DFSN".to_vec());
    host.files.insert("newer".into(), b"DFSN\x09abcdefgh".to_vec());
    let new = |host: &Files| Session::new(host.workspace.clone(), Home::Memory, start(), PLAIN).unwrap();
    let mut session = new(&host);
    let mut out = session.greeting().to_owned();
    for line in input.lines() {
        if let Some(title) = line.strip_prefix("===") {
            session = new(&host);
            write!(out, "==={title}\n{}", session.greeting()).unwrap();
            continue;
        }
        let Some(text) = line.strip_prefix("> ").or_else(|| line.strip_prefix(". ")).or(line.strip_prefix('>')) else {
            writeln!(out, "{line}").unwrap();
            continue;
        };
        let answer = session.feed(text, &mut host);
        let Answer { text, more, done, .. } = answer;
        write!(out, "{line}\n{text}").unwrap();
        if done {
            out.push_str("(the session is over)\n");
        }
        assert!(!more || text.is_empty());
    }
    out
}

#[test]
fn sessions_answer_as_written() {
    insta::glob!("../data/repl", "*.txt", |path| {
        let schema = std::fs::read_to_string(path.with_file_name("crm.toml")).unwrap();
        let input = std::fs::read_to_string(path).unwrap();
        let transcript = transcript(&input, &schema);
        insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(transcript) });
    });
}

/// Gives lines to the binary's standard input.
fn piped(args: &[&str], input: &str, dir: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dealflow"));
    command.arg("repl").args(args).current_dir(dir).env("NO_COLOR", "1").env("COLUMNS", "100");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn stdout(output: &Output) -> String {
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    String::from_utf8(output.stdout.clone()).unwrap()
}

const LEGAL: &str = "[users.leo]\nname = \"Leo\"\n[chats.Legal]\nmembers = [\"leo\"]\nbinding = \"legal\"\n";
const AT: [&str; 3] = [".", "--at", "2026-03-02T09:00"];

#[test]
fn two_processes_share_a_session_by_a_snapshot() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("crm.toml"), LEGAL).unwrap();
    let first = "on deal stage \"Invoice\" < notify chat $legal \"...\"; wait until lead.status in [Won] or 3d; >\n\
                 set deal.stage = Invoice;\n:advance 1d\n:snapshot half\n";
    let first = piped(&AT, first, dir.path());
    assert_eq!(first.status.code(), Some(0));
    let second =
        piped(&AT, ":restore half\n:runs\n:event update lead 1 status: Won\n:runs\n:quit\nnot read\n", dir.path());
    assert_eq!(second.status.code(), Some(0));
    insta::assert_snapshot!(format!("{}--- another process\n{}", stdout(&first), stdout(&second)));
}

#[test]
fn the_session_of_the_readme_is_what_happens() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let (_, block) = readme.split_once("```text\n$ dealflow repl ").unwrap();
    let (block, _) = block.split_once("```").unwrap();
    let (args, session) = block.split_once('\n').unwrap();
    let typed = |line: &&str| line.starts_with("flow> ");
    let input: Vec<&str> = session.lines().filter(typed).map(|line| &line[6..]).collect();
    let answers: String = session.lines().filter(|line| !typed(line)).map(|line| line.to_owned() + "\n").collect();
    let output = piped(&args.split(' ').collect::<Vec<_>>(), &input.join("\n"), root);
    assert_eq!(stdout(&output), answers);
}

#[test]
fn a_workspace_with_mistakes_can_be_tried_without_them() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("crm.toml"), LEGAL).unwrap();
    std::fs::write(dir.path().join("a.flow"), "on deal created { set deal.ammount = 5; }\non deal updated { stop; }\n")
        .unwrap();
    let output = piped(&AT, ":rules\n", dir.path());
    assert_eq!(output.status.code(), Some(0));
    let told = stdout(&output);
    assert!(told.contains("E0202") && told.ends_with("  a.flow:2  on deal updated\n"), "{told}");
}

#[test]
fn a_line_with_a_mistake_and_an_open_end_are_told_and_counted() {
    let dir = tempfile::tempdir().unwrap();
    let output = piped(&["--at", "2026-03-02T09:00"], "deal.amount\nset deal.stage = Nowhere;\nif true {", dir.path());
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(stdout(&output));
}

#[test]
fn a_store_is_only_looked_at_unless_told_otherwise() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("crm.toml"), LEGAL).unwrap();
    let on = |more: &[&str], input: &str| {
        let args: Vec<&str> = AT.iter().chain(&["--store", "s.db"]).chain(more).copied().collect();
        let output = piped(&args, input, dir.path());
        (output.status.code(), stdout(&output))
    };
    let missing = piped(&[AT.as_slice(), &["--store", "s.db"]].concat(), "", dir.path());
    assert_eq!(missing.status.code(), Some(2), "{}", String::from_utf8_lossy(&missing.stderr));
    let mut out = String::new();
    let made = on(&["--write"], ":event create deal title: \"ACME\"\nwait 3d;\n:snapshot x\n");
    write!(out, "{:?}\n{}", made.0, made.1).unwrap();
    let looked = on(
        &[],
        "deal.title\nlet $x = deal.title;\n$x\nset deal.title = \"X\";\n:event delete deal 1\n:advance 1d\n:next\n:runs\n",
    );
    write!(out, "--- only looking: {:?}\n{}", looked.0, looked.1).unwrap();
    let wrote = on(&["--write"], ":advance 3d\ndeal.title\n");
    write!(out, "--- writing: {:?}\n{}", wrote.0, wrote.1).unwrap();
    insta::assert_snapshot!(out);
}

/// A terminal of its own, which is gone when the test is.
struct Screen {
    name: String,
}

impl Screen {
    fn tmux(&self, args: &[&str]) -> Output {
        Command::new("tmux").args(["-L", &self.name]).args(args).output().unwrap()
    }

    fn keys(&self, keys: &[&str]) {
        for key in keys {
            // A `;` at the end of an argument means something to tmux.
            let sent = match (key.strip_prefix('^'), key.strip_suffix(';')) {
                (Some(key), _) => self.tmux(&["send-keys", key]),
                (None, Some(key)) => self.tmux(&["send-keys", "-l", &format!("{key}\\;")]),
                (None, None) => self.tmux(&["send-keys", "-l", key]),
            };
            assert!(sent.status.success(), "{}", String::from_utf8_lossy(&sent.stderr));
        }
    }

    /// Waits until the screen shows something.
    fn shows(&self, wanted: &str) -> String {
        let start = Instant::now();
        loop {
            let screen = String::from_utf8(self.tmux(&["capture-pane", "-p", "-J"]).stdout).unwrap();
            if screen.contains(wanted) {
                return screen;
            }
            assert!(start.elapsed() < Duration::from_mins(1), "never saw `{wanted}` on\n{screen}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.tmux(&["kill-server"]);
    }
}

#[test]
fn it_works_in_a_real_terminal() {
    if Command::new("tmux").arg("-V").output().is_err() {
        println!("skipped: there is no tmux, so the prompt was not tried in a real terminal");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("crm.toml"), LEGAL).unwrap();
    let history = dir.path().join("state/history");
    let screen = Screen { name: format!("dealflow-test-{}", std::process::id()) };
    let command = format!(
        "cd '{}' && DEALFLOW_HISTORY='{}' NO_COLOR=1 exec '{}' repl --at 2026-03-02T09:00",
        dir.path().display(),
        history.display(),
        env!("CARGO_BIN_EXE_dealflow")
    );
    let started = screen.tmux(&["-f", "/dev/null", "new-session", "-d", "-x", "160", "-y", "40", "sh", "-c", &command]);
    assert!(started.status.success(), "{}", String::from_utf8_lossy(&started.stderr));
    screen.shows("flow>");
    // Tab completes, from the schema.
    screen.keys(&["deal.am", "^Tab", "^Enter"]);
    screen.shows("10000 EUR : money?");
    // A block goes on over lines.
    screen.keys(&["if deal.amount > 5 EUR {", "^Enter", "notify deal.owner \"large\"; }", "^Enter"]);
    screen.shows("notify Leo \"large\"");
    // Ctrl-C clears the line and ends nothing.
    screen.keys(&["half a li", "^C-c"]);
    screen.shows("half a li\nflow>");
    screen.keys(&["1 + 1", "^Enter"]);
    screen.shows("2 : int");
    // A loop without an end comes to its end.
    screen.keys(&["while true { let $x = 1; }", "^Enter"]);
    screen.shows("does not come to its end");
    // A hint is shown for what is meant.
    screen.keys(&[":adv"]);
    screen.shows(":advance");
    screen.keys(&["^C-c"]);
    screen.shows(":advance\nflow>");
    screen.keys(&["wait 1d;", "^Enter"]);
    screen.shows("sleeps in `wait 1d`");
    screen.keys(&[":next", "^Enter"]);
    screen.shows("it is Tue 2026-03-03 09:00 now");
    screen.shows("now\nflow>");
    screen.keys(&["^C-d"]);
    // The file is there before all of it is written.
    let start = Instant::now();
    let kept = || std::fs::read_to_string(&history).unwrap_or_default();
    while !(kept().contains("deal.amount") && kept().contains(":next")) {
        assert!(start.elapsed() < Duration::from_mins(1), "Ctrl-D does not leave, or keeps no history: {}", kept());
        std::thread::sleep(Duration::from_millis(50));
    }
}
