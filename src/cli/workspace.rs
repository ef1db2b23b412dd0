//! Reading a workspace from disk.

use crate::pipeline::Texts;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The largest script or schema that is read, in bytes.
const MAX_FILE: u64 = 50 * 1024 * 1024;

/// The name of a workspace's schema.
pub(super) const SCHEMA: &str = "crm.toml";

/// Reads the workspace in `dir`: `crm.toml` and every `*.flow` below it, sorted by path.
pub(super) fn read_dir(dir: &Path) -> Result<Texts, String> {
    let schema = dir.join(SCHEMA);
    if !schema.is_file() {
        return Err(format!(
            "`{}` is not a workspace: it has no {SCHEMA} (make a new one with `dealflow new DIR`)",
            dir.display()
        ));
    }
    let mut scripts = BTreeSet::new();
    find_scripts(dir, &mut scripts)?;
    let mut texts = Texts::default();
    let text = read(&schema)?;
    texts.schema = Some(texts.sources.add(SCHEMA, &text));
    for path in scripts {
        let name = path.strip_prefix(dir).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        let text = read(&path)?;
        texts.scripts.push(texts.sources.add(&name, &text));
    }
    Ok(texts)
}

/// The workspaces that the paths belong to, each with its own texts: for a folder with a `crm.toml` that workspace, for a
/// folder without one every workspace below it, for a script the script alone with the schema of the nearest folder above.
pub(super) fn read_paths(paths: &[PathBuf]) -> Result<Vec<Texts>, String> {
    let mut all = Vec::new();
    for path in paths {
        if path.is_dir() {
            let before = all.len();
            read_folder(path, &mut all)?;
            if all.len() == before {
                return Err(format!("there is no {SCHEMA} and no script in `{}`", path.display()));
            }
        } else {
            all.push(read_script(path)?);
        }
    }
    Ok(all)
}

fn read_folder(dir: &Path, all: &mut Vec<Texts>) -> Result<(), String> {
    if dir.join(SCHEMA).is_file() {
        let mut texts = read_dir(dir)?;
        prefix_names(&mut texts, dir);
        all.push(texts);
        return Ok(());
    }
    for path in entries(dir)? {
        if path.is_dir() {
            read_folder(&path, all)?;
        } else if is_script(&path) {
            all.push(read_script(&path)?);
        }
    }
    Ok(())
}

/// One script, with the schema of the nearest folder above it that has one.
fn read_script(path: &Path) -> Result<Texts, String> {
    let mut texts = Texts::default();
    let full = std::fs::canonicalize(path).map_err(|e| cannot("read", path, &e))?;
    if let Some(schema) = full.ancestors().skip(1).map(|dir| dir.join(SCHEMA)).find(|p| p.is_file()) {
        let name = match path.parent().map(|dir| dir.join(SCHEMA)) {
            Some(near) if near.is_file() => near.to_string_lossy().into_owned(),
            _ => schema.to_string_lossy().into_owned(),
        };
        texts.schema = Some(texts.sources.add(&name, &read(&schema)?));
    }
    let text = read(path)?;
    texts.scripts.push(texts.sources.add(&path.to_string_lossy(), &text));
    Ok(texts)
}

/// Messages of `check` name files as the user would type them, not relative to the workspace.
fn prefix_names(texts: &mut Texts, dir: &Path) {
    if dir == Path::new(".") {
        return;
    }
    let mut named = crate::source::Sources::default();
    for (_, file) in texts.sources.iter() {
        named.add(&dir.join(&*file.name).to_string_lossy(), &file.text);
    }
    texts.sources = named;
}

fn find_scripts(dir: &Path, found: &mut BTreeSet<PathBuf>) -> Result<(), String> {
    for path in entries(dir)? {
        if path.is_dir() {
            // A folder with a schema of its own is another workspace.
            if !path.join(SCHEMA).is_file() {
                find_scripts(&path, found)?;
            }
        } else if is_script(&path) {
            found.insert(path);
        }
    }
    Ok(())
}

/// The scripts among the paths and below the folders among them, sorted.
pub(super) fn scripts(paths: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    fn below(dir: &Path, found: &mut BTreeSet<PathBuf>) -> Result<(), String> {
        for path in entries(dir)? {
            if path.is_dir() {
                below(&path, found)?;
            } else if is_script(&path) {
                found.insert(path);
            }
        }
        Ok(())
    }
    let mut found = BTreeSet::new();
    for path in paths {
        if path.is_dir() {
            below(path, &mut found)?;
        } else {
            found.insert(path.clone());
        }
    }
    Ok(found.into_iter().collect())
}

/// What is in a folder, sorted, without hidden entries, links and build folders.
fn entries(dir: &Path) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(|e| cannot("read", dir, &e))? {
        let entry = entry.map_err(|e| cannot("read", dir, &e))?;
        let name = entry.file_name();
        let linked = entry.file_type().is_ok_and(|t| t.is_symlink());
        if !linked && !name.to_string_lossy().starts_with('.') && name != "target" {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

fn is_script(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "flow")
}

/// Reads a text file of a size that can be handled.
pub(super) fn read(path: &Path) -> Result<String, String> {
    let size = std::fs::metadata(path).map_err(|e| cannot("read", path, &e))?.len();
    if size > MAX_FILE {
        return Err(format!(
            "`{}` has {} MB; the largest file that is read has 50",
            path.display(),
            size / 1024 / 1024
        ));
    }
    let bytes = std::fs::read(path).map_err(|e| cannot("read", path, &e))?;
    String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        format!("`{}` is not UTF-8 text: byte {at} cannot be read", path.display())
    })
}

/// "cannot read `x`: why"
pub(super) fn cannot(what: &str, path: &Path, error: &std::io::Error) -> String {
    format!("cannot {what} `{}`: {error}", path.display())
}

/// Writes beside the script first, so that a crash never leaves half of it.
pub(super) fn replace(path: &Path, text: &str) -> Result<(), String> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    let written = std::fs::File::create(&beside).and_then(|mut file| {
        if let Ok(old) = std::fs::metadata(path) {
            file.set_permissions(old.permissions())?;
        }
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written.and_then(|()| std::fs::rename(&beside, path)).map_err(|e| {
        // What is beside it is ours; that it cannot be removed either changes nothing.
        let _ = std::fs::remove_file(&beside);
        cannot("write", path, &e)
    })
}
