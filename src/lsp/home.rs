//! Workspaces as the server holds them: which files they have, and under which address the client knows each.

use super::uri;
use crate::ide::Workspace;
use crate::pipeline::Texts;
use crate::source::FileId;
use crate::value::Moment;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The name of a workspace's schema.
pub(super) const SCHEMA: &str = "crm.toml";

/// Where texts come from that the client has not opened.
pub trait Files {
    /// The text of a file, if it can be read.
    fn read(&self, path: &Path) -> Option<String>;
    /// The folder with `crm.toml` that a file belongs to: the nearest around it.
    fn workspace_of(&self, path: &Path) -> Option<PathBuf>;
    /// The folders with `crm.toml` at or below a folder.
    fn workspaces_below(&self, dir: &Path) -> Vec<PathBuf>;
    /// The scripts of the workspace in a folder, in the order in which their rules run.
    fn scripts(&self, root: &Path) -> Vec<PathBuf>;
    /// What time it is, for hints.
    fn now(&self) -> Moment;
}

/// One workspace, or one script that is in none.
#[derive(Debug)]
pub(super) struct Home {
    /// Its folder; `None` for a script that is in no workspace.
    pub(super) root: Option<PathBuf>,
    /// Its texts and what is known of them.
    pub(super) workspace: Workspace,
    /// Its files by their addresses, as [`uri::of_path`] writes them, or as the client does.
    files: BTreeMap<String, FileId>,
    uris: Vec<String>,
}

impl Home {
    /// The workspace in a folder. `open` gives the texts that the client has, by address; those among them that are in
    /// no folder yet are taken in.
    pub(super) fn read(root: &Path, files: &impl Files, open: &BTreeMap<String, String>) -> Self {
        let mut scripts = files.scripts(root);
        for path in open.keys().filter_map(|uri| uri::to_path(uri)) {
            let inside = path.starts_with(root) && files.workspace_of(&path).as_deref() == Some(root);
            if inside && path.file_name().is_some_and(|name| name != SCHEMA) && !scripts.contains(&path) {
                scripts.push(path);
            }
        }
        scripts.sort();
        let mut texts = Texts::default();
        let mut known = BTreeMap::new();
        let mut uris = Vec::new();
        for path in std::iter::once(root.join(SCHEMA)).chain(scripts) {
            let address = open
                .keys()
                .find(|uri| uri::to_path(uri).as_ref() == Some(&path))
                .cloned()
                .unwrap_or_else(|| uri::of_path(&path));
            let text = open.get(&address).cloned().or_else(|| files.read(&path)).unwrap_or_default();
            let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            let file = texts.sources.add(&name, &text);
            if uris.is_empty() {
                texts.schema = Some(file);
            } else {
                texts.scripts.push(file);
            }
            known.insert(uri::of_path(&path), file);
            known.insert(address.clone(), file);
            uris.push(address);
        }
        Self { root: Some(root.to_owned()), workspace: Workspace::new(texts), files: known, uris }
    }

    /// A script that is in no workspace.
    pub(super) fn alone(uri: &str, text: &str) -> Self {
        let mut texts = Texts::default();
        let name = uri.rsplit(['/', ':']).next().unwrap_or(uri);
        let file = texts.sources.add(name, text);
        texts.scripts.push(file);
        let files = BTreeMap::from([(uri.to_owned(), file)]);
        Self { root: None, workspace: Workspace::new(texts), files, uris: vec![uri.to_owned()] }
    }

    /// The file at an address.
    pub(super) fn file(&self, uri: &str) -> Option<FileId> {
        let canonical = || uri::to_path(uri).map(|path| uri::of_path(&path));
        self.files.get(uri).or_else(|| self.files.get(&canonical()?)).copied()
    }

    /// The address of a file, as the client writes it if it has opened it.
    pub(super) fn uri(&self, file: FileId) -> &str {
        self.uris.get(file.0 as usize).map_or("", String::as_str)
    }

    /// Takes over how the client writes the address of a file.
    pub(super) fn rename(&mut self, file: FileId, uri: &str) {
        if let Some(known) = self.uris.get_mut(file.0 as usize) {
            uri.clone_into(known);
            self.files.insert(uri.to_owned(), file);
        }
    }
}
