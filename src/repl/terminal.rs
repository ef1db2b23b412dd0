//! The session in a terminal, with rustyline's editor, or over plain lines.

use super::editor::Face;
use super::session::{Answer, Host, Session};
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{Config, Editor};
use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};

/// The prompt in a terminal.
const PROMPT: &str = "flow> ";
/// How many lines the history keeps.
const MOST_HISTORY: usize = 5_000;
/// The variable that names another file for the history; empty for none.
const HISTORY: &str = "DEALFLOW_HISTORY";

/// Talks in a terminal until somebody leaves.
///
/// # Errors
/// The terminal cannot be used.
pub fn interactive(session: &mut Session, host: &mut dyn Host, out: &mut dyn Write, color: bool) -> Result<(), String> {
    let failed = |e: ReadlineError| format!("the terminal cannot be used: {e}");
    let config = Config::builder().max_history_size(MOST_HISTORY).map_err(failed)?.auto_add_history(true).build();
    let mut editor: Editor<Face, FileHistory> = Editor::with_config(config).map_err(failed)?;
    editor.set_helper(Some(Face::new(session, color)));
    let history = history_file();
    if let Some(path) = &history {
        // The first session has none yet.
        let _ = editor.load_history(path);
    }
    show(out, session.greeting())?;
    loop {
        match editor.readline(PROMPT) {
            Ok(text) => {
                // A Ctrl-C from before was not meant for this line.
                host.interrupted();
                let mut answer = session.feed(&text, host);
                if answer.more {
                    // The editor takes a text only when it is complete, or when it was ended by empty lines.
                    answer = session.finish(host);
                }
                show(out, &answer.text)?;
                if answer.done {
                    break;
                }
                if let Some(face) = editor.helper_mut() {
                    face.learn(session);
                }
            }
            Err(ReadlineError::Interrupted) => session.forget(),
            Err(ReadlineError::Eof) => break,
            Err(error) => return Err(failed(error)),
        }
    }
    if let Some(path) = &history {
        keep_history(&mut editor, path, out)?;
    }
    Ok(())
}

fn keep_history(editor: &mut Editor<Face, FileHistory>, path: &Path, out: &mut dyn Write) -> Result<(), String> {
    let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    let saved = made.map_err(ReadlineError::from).and_then(|()| editor.save_history(path));
    match saved {
        Ok(()) => Ok(()),
        Err(error) => show(out, &format!("the history was not kept in `{}`: {error}\n", path.display())),
    }
}

/// Takes lines until they end; says whether something was wrong with one of them.
///
/// # Errors
/// The lines cannot be read, or nobody takes the answers.
pub fn plain(
    session: &mut Session,
    host: &mut dyn Host,
    lines: &mut dyn BufRead,
    out: &mut dyn Write,
) -> Result<bool, String> {
    let mut failed = false;
    let mut open = false;
    for line in lines.lines() {
        let line = line.map_err(|e| format!("cannot read standard input: {e}"))?;
        let Answer { text, more, done, failed: wrong } = session.feed(&line, host);
        (open, failed) = (more, failed || wrong);
        show(out, &text)?;
        if done {
            return Ok(failed);
        }
    }
    if open {
        let answer = session.finish(host);
        failed |= answer.failed;
        show(out, &answer.text)?;
    }
    Ok(failed)
}

fn show(out: &mut dyn Write, text: &str) -> Result<(), String> {
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|e| format!("cannot write an answer: {e}"))
}

/// Where the history is kept: in the place of the system for such things.
fn history_file() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os(HISTORY) {
        return (!path.is_empty()).then(|| path.into());
    }
    let from = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let home = || std::env::home_dir();
    let dir = if cfg!(windows) {
        from("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        home().map(|home| home.join("Library/Application Support"))
    } else {
        from("XDG_STATE_HOME").or_else(|| home().map(|home| home.join(".local/state")))
    };
    dir.map(|dir| dir.join("dealflow").join("history"))
}
