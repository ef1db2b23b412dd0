//! Reading a workspace from disk.

use crate::pipeline::Texts;
use crate::source::FileId;
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

/// A workspace, and which of its files were asked for.
pub(super) struct Selection {
    /// The whole workspace: what a file means depends on the others.
    pub(super) texts: Texts,
    /// The files asked for; `None` for all.
    only: Option<BTreeSet<FileId>>,
}

impl Selection {
    /// Whether a file was asked for. The schema always is.
    pub(super) fn has(&self, file: FileId) -> bool {
        self.texts.schema == Some(file) || self.only.as_ref().is_none_or(|only| only.contains(&file))
    }

    /// How many scripts were asked for.
    pub(super) fn scripts(&self) -> usize {
        self.only.as_ref().map_or(self.texts.scripts.len(), BTreeSet::len)
    }
}

/// The workspaces that the paths belong to, each once, in the order of the paths: for a folder with a `crm.toml` that
/// workspace, for a folder without one every workspace below it, for a script the workspace around it. A script in no
/// workspace stands for itself.
pub(super) fn read_paths(paths: &[PathBuf]) -> Result<Vec<Selection>, String> {
    let mut found = Found::default();
    for path in paths {
        if path.is_dir() {
            let before = found.len();
            found.folder(path)?;
            if found.len() == before && !found.again {
                return Err(format!("there is no {SCHEMA} and no script in `{}`", path.display()));
            }
        } else {
            found.script(path)?;
        }
    }
    found.workspaces.into_iter().map(|(_, part)| part.read()).collect()
}

/// What the paths ask for in one workspace.
struct Part {
    /// The workspace's folder as messages name it; `None` for a script that is in none.
    dir: Option<PathBuf>,
    /// The scripts asked for, by their canonical paths, and as they were given; empty for all.
    scripts: Vec<(PathBuf, PathBuf)>,
    all: bool,
}

#[derive(Default)]
struct Found {
    /// By canonical path, in the order found.
    workspaces: Vec<(PathBuf, Part)>,
    /// The last folder was found before.
    again: bool,
}

impl Found {
    fn len(&self) -> usize {
        self.workspaces.len()
    }

    fn part(&mut self, key: PathBuf, dir: Option<PathBuf>) -> Option<&mut Part> {
        if let Some(at) = self.workspaces.iter().position(|(other, _)| *other == key) {
            self.again = true;
            return self.workspaces.get_mut(at).map(|(_, part)| part);
        }
        self.workspaces.push((key, Part { dir, scripts: Vec::new(), all: false }));
        self.workspaces.last_mut().map(|(_, part)| part)
    }

    fn folder(&mut self, dir: &Path) -> Result<(), String> {
        self.again = false;
        if dir.join(SCHEMA).is_file() {
            let key = canonical(dir)?;
            if let Some(part) = self.part(key, Some(dir.to_owned())) {
                part.all = true;
            }
            return Ok(());
        }
        for path in entries(dir)? {
            if path.is_dir() {
                self.folder(&path)?;
            } else if is_script(&path) {
                self.script(&path)?;
            }
        }
        Ok(())
    }

    fn script(&mut self, path: &Path) -> Result<(), String> {
        let full = canonical(path)?;
        let root = full.ancestors().skip(1).find(|dir| dir.join(SCHEMA).is_file()).map(Path::to_owned);
        let (key, dir) = match root {
            Some(root) => (root.clone(), Some(as_given(path, &full, &root))),
            None => (full.clone(), None),
        };
        if let Some(part) = self.part(key, dir) {
            part.scripts.push((full, path.to_owned()));
        }
        Ok(())
    }
}

fn canonical(path: &Path) -> Result<PathBuf, String> {
    std::fs::canonicalize(path).map_err(|e| cannot("read", path, &e))
}

/// The workspace's folder in the words of the path that was given: `rules` for `rules/lib/a.flow`.
fn as_given(path: &Path, full: &Path, root: &Path) -> PathBuf {
    let levels = full.strip_prefix(root).map_or(1, |inner| inner.components().count());
    let plain = path.components().all(|c| matches!(c, std::path::Component::Normal(_) | std::path::Component::RootDir));
    match path.ancestors().nth(levels).filter(|_| plain) {
        Some(dir) if dir.as_os_str().is_empty() => PathBuf::from("."),
        Some(dir) => dir.to_owned(),
        None => root.to_owned(),
    }
}

impl Part {
    fn read(self) -> Result<Selection, String> {
        let Self { dir, scripts, all } = self;
        let Some(dir) = dir else {
            let mut texts = Texts::default();
            for (_, given) in &scripts {
                let text = read(given)?;
                texts.scripts.push(texts.sources.add(&given.to_string_lossy(), &text));
            }
            return Ok(Selection { texts, only: None });
        };
        let mut texts = read_dir(&dir)?;
        prefix_names(&mut texts, &dir);
        let wanted: BTreeSet<&PathBuf> = scripts.iter().map(|(full, _)| full).collect();
        let mut only = BTreeSet::new();
        for (file, source) in texts.sources.iter() {
            if wanted.contains(&canonical(Path::new(&*source.name))?) {
                only.insert(file);
            }
        }
        // A script that the workspace does not take in, such as one in a hidden folder, is looked at with it all the same.
        let known: BTreeSet<PathBuf> =
            texts.sources.iter().filter_map(|(_, s)| std::fs::canonicalize(&*s.name).ok()).collect();
        for (_, given) in scripts.iter().filter(|(full, _)| !known.contains(full)) {
            let text = read(given)?;
            let file = texts.sources.add(&given.to_string_lossy(), &text);
            texts.scripts.push(file);
            only.insert(file);
        }
        Ok(Selection { texts, only: (!all).then_some(only) })
    }
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
    texts.root = dir.join("").to_string_lossy().into_owned();
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

/// The folders with a schema at or below a folder, as far as they can be read.
pub(super) fn roots(dir: &Path) -> Vec<PathBuf> {
    let own = dir.join(SCHEMA).is_file().then(|| dir.to_owned());
    let below = entries(dir).unwrap_or_default().into_iter().filter(|path| path.is_dir());
    own.into_iter().chain(below.flat_map(|path| roots(&path))).collect()
}

/// The scripts of the workspace in a folder, sorted, as far as they can be read.
pub(super) fn scripts_of(root: &Path) -> Vec<PathBuf> {
    let mut found = BTreeSet::new();
    // A folder that cannot be read holds nothing that an editor could show.
    let _ = find_scripts(root, &mut found);
    found.into_iter().collect()
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
