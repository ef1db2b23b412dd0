//! `dealflow lsp`: the language server, with its files on disk.

use super::exit::Exit;
use super::workspace::{self, SCHEMA};
use crate::lsp::{Files, serve};
use crate::value::Moment;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// Serves an editor over standard input and output.
pub(super) fn lsp() -> Result<Exit, String> {
    let clean = serve(std::io::stdin(), std::io::stdout().lock(), Disk);
    let clean = clean.map_err(|e| format!("the connection to the editor broke: {e}"))?;
    Ok(if clean { Exit::Fine } else { Exit::Findings })
}

/// The files on disk.
struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> Option<String> {
        workspace::read(path).ok()
    }

    fn workspace_of(&self, path: &Path) -> Option<PathBuf> {
        path.ancestors().skip(1).find(|dir| dir.join(SCHEMA).is_file()).map(Path::to_owned)
    }

    fn workspaces_below(&self, dir: &Path) -> Vec<PathBuf> {
        workspace::roots(dir)
    }

    fn scripts(&self, root: &Path) -> Vec<PathBuf> {
        workspace::scripts_of(root)
    }

    fn now(&self) -> Moment {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Moment(i64::try_from(since.as_millis()).unwrap_or_default())
    }
}
