//! Servers that tests start and stop.

use dealflow::channel::{Channels, load};
use dealflow::engine::{Errand, ErrandKey, ErrandRow, RuleNo, RunId, history::Place};
use dealflow::source::FileId;
use dealflow::value::{Moment, Name, Value};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A server's process, killed when it goes out of scope.
pub(super) struct Server {
    child: Child,
    pub(super) port: u16,
    pub(super) folder: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The folder of programs that `./test` installs servers into.
pub(super) fn program(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/servers/bin").join(name);
    if path.is_file() {
        return Some(path);
    }
    println!("left out: {} is not there; `./test` installs it", path.display());
    None
}

impl Server {
    /// One of the scripts in `tests/servers`, on a port (0 for a free one) and a folder.
    pub(super) fn script(name: &str) -> Option<Self> {
        Self::script_at(name, 0, tempfile::tempdir().unwrap())
    }

    pub(super) fn script_at(name: &str, port: u16, folder: tempfile::TempDir) -> Option<Self> {
        let script = format!("{}/tests/servers/{name}.py", env!("CARGO_MANIFEST_DIR"));
        let mut command = Command::new(program("python")?);
        command.arg(script).arg(port.to_string()).arg(folder.path());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().parse().unwrap_or_else(|_| panic!("{name} said {line:?}"));
        Some(Self { child, port, folder })
    }

    /// Any command that listens on a port when it is ready.
    pub(super) fn command(command: &mut Command, port: u16, folder: tempfile::TempDir) -> Self {
        let log = std::fs::File::create(folder.path().join("server.log")).unwrap();
        let child = command.stdout(log.try_clone().unwrap()).stderr(log).stdin(Stdio::null()).spawn().unwrap();
        let server = Self { child, port, folder };
        wait_until("the server listens", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
        server
    }

    /// Kills it, as a power cut would; the folder stays.
    pub(super) fn kill(mut self) -> (u16, tempfile::TempDir) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let folder = std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap());
        (self.port, folder)
    }

    pub(super) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).unwrap_or_default()
    }
}

/// A port that is free now.
pub(super) fn free_port() -> u16 {
    std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

pub(super) fn wait_until(what: &str, ready: impl Fn() -> bool) {
    let start = Instant::now();
    while !ready() {
        assert!(start.elapsed() < Duration::from_mins(4), "waited four minutes: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The channels of a `dealflow.toml`; secrets are called `SECRET` and say `s3cret`.
pub(super) fn channels(text: &str, workspace: &Path) -> Channels {
    let env = |name: &str| (name == "SECRET").then(|| "s3cret".to_owned());
    let (config, found) = load(FileId(0), text, &env);
    assert!(found.is_empty(), "{found:?}");
    Channels::new(config, workspace)
}

/// An errand of run 7.
pub(super) fn errand(channel: &str, args: &[(&str, Value)]) -> (ErrandKey, ErrandRow) {
    let args = args.iter().map(|(name, value)| (Name::from(*name), value.clone())).collect();
    let errand = Errand { channel: channel.into(), args, about: None, awaited: true, not_before: None };
    let row = ErrandRow {
        errand,
        rule: RuleNo(0),
        record: None,
        place: Place::default(),
        action: format!("send {channel}").into(),
        given: Vec::new(),
        answer: Value::Missing,
        asked: Moment(1_772_438_400_000),
        attempts: 1,
        next: None,
        last: None,
        arrived: None,
    };
    (ErrandKey { run: RunId(7), seq: 2, part: 0 }, row)
}

pub(super) fn text(text: &str) -> Value {
    Value::text(text)
}
