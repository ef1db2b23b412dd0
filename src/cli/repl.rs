//! `dealflow repl`: the prompt over a workspace, and its files.

use super::args::ReplArgs;
use super::exit::Exit;
use super::out::{self, Out};
use super::run::send::is_live;
use super::workspace::{self, SCHEMA};
use crate::host::sqlite::{Durability, SqliteStore};
use crate::pipeline::Texts;
use crate::repl::terminal;
use crate::repl::{Home, Host, Session, Style};
use crate::schema;
use crate::value::Moment;
use signal_hook::consts::SIGINT;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

pub(super) fn repl(args: &ReplArgs, out: &mut Out) -> Result<Exit, String> {
    let mut disk = Disk { dir: args.dir.clone(), interrupted: Arc::default() };
    let texts = disk.workspace()?;
    let start = match &args.at {
        Some(text) => {
            let (schema, _) =
                schema::load(crate::source::FileId(0), texts.schema.map_or("", |id| texts.sources.text(id)));
            schema::moment(&schema, text).map_err(|e| format!("`--at`: {e}"))?
        }
        None => now()?,
    };
    let home = match &args.store {
        None => Home::Memory,
        Some(path) => open(path, args.write, args.offline)?,
    };
    let style = Style { color: out::use_color(), width: out::terminal_width() };
    let mut session = Session::new(texts, home, start, style)?;
    let (stdin, stdout) = (std::io::stdin(), std::io::stdout());
    if stdin.is_terminal() && stdout.is_terminal() {
        // While a line is edited Ctrl-C is a key; while it is worked on, a wish to stop.
        signal_hook::flag::register(SIGINT, Arc::clone(&disk.interrupted))
            .map_err(|e| format!("Ctrl-C cannot be caught: {e}"))?;
        terminal::interactive(&mut session, &mut disk, out, style.color)?;
        return Ok(Exit::Fine);
    }
    let failed = terminal::plain(&mut session, &mut disk, &mut stdin.lock(), out)?;
    Ok(if failed { Exit::Findings } else { Exit::Fine })
}

fn open(path: &Path, write: bool, offline: bool) -> Result<Home, String> {
    let failed = |e| format!("`{}`: {e}", path.display());
    if !write && !path.is_file() {
        return Err(format!("there is no store `{}`: with --write it is made", path.display()));
    }
    let store = if write { SqliteStore::open(path, Durability::Full) } else { SqliteStore::open_to_look(path) };
    let store = store.map_err(failed)?;
    if write && !offline && is_live(&store)? {
        return Err(format!(
            "`{}` is run live, and what rules send from here would count as sent: leave --write out, or add --offline \
             if that is meant",
            path.display()
        ));
    }
    Ok(Home::File { store: Box::new(store), write })
}

/// The system's clock, in whole seconds.
pub(super) fn now() -> Result<Moment, String> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|_| "the system's clock is wrong".to_owned())?;
    i64::try_from(since.as_secs()).map(|seconds| Moment(seconds * 1000)).map_err(|e| e.to_string())
}

/// Files on disk.
struct Disk {
    dir: Option<PathBuf>,
    interrupted: Arc<AtomicBool>,
}

impl Host for Disk {
    fn read(&mut self, path: &str) -> Result<Vec<u8>, String> {
        std::fs::read(path).map_err(|e| workspace::cannot("read", Path::new(path), &e))
    }

    fn write(&mut self, path: &str, bytes: &[u8]) -> Result<(), String> {
        std::fs::write(path, bytes).map_err(|e| workspace::cannot("write", Path::new(path), &e))
    }

    /// Without a folder, the current one; if that is no workspace, only the built-in entities.
    fn workspace(&mut self) -> Result<Texts, String> {
        match &self.dir {
            Some(dir) => workspace::read_dir(dir),
            None if Path::new(SCHEMA).is_file() => workspace::read_dir(Path::new(".")),
            None => Ok(Texts::default()),
        }
    }

    fn interrupted(&mut self) -> bool {
        self.interrupted.swap(false, Ordering::Relaxed)
    }
}
