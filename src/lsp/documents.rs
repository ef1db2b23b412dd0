//! The texts that the client has open, over those on disk.

use super::convert::{self, Changed, Client, Opened, Watched};
use super::home::{Files, Home, SCHEMA};
use super::uri;
use crate::source::{Encoding, FileId, SourceFile};
use lsp_server::Message;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Every workspace that the client has something open of, or that lies in its folders.
#[derive(Debug, Default)]
pub(super) struct Documents {
    /// By folder; for a script in no workspace by its address.
    homes: BTreeMap<String, Home>,
    /// By address.
    open: BTreeMap<String, Open>,
    /// Addresses for which something wrong is shown.
    shown: BTreeSet<String>,
    /// Addresses that the client waits to hear of, because they were opened or changed.
    touched: BTreeSet<String>,
}

/// A text that the client has.
#[derive(Debug)]
struct Open {
    home: String,
    file: FileId,
    version: i32,
}

/// One file with what is around it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Doc<'a> {
    pub(super) home: &'a Home,
    pub(super) file: FileId,
    pub(super) source: &'a SourceFile,
}

impl Documents {
    /// The workspaces in and around folders.
    pub(super) fn open_folders(&mut self, folders: &[String], files: &impl Files) {
        for dir in folders.iter().filter_map(|uri| uri::to_path(uri)) {
            let around = files.workspace_of(&dir.join(SCHEMA));
            for root in around.into_iter().chain(files.workspaces_below(&dir)) {
                self.enter(&root, files);
            }
        }
    }

    /// The key of the workspace in a folder, read if it was not known.
    fn enter(&mut self, root: &Path, files: &impl Files) -> String {
        let key = uri::of_path(root);
        if !self.homes.contains_key(&key) {
            self.reread(&key, root, files);
        }
        key
    }

    /// Reads a workspace again, keeping the texts that the client has.
    fn reread(&mut self, key: &str, root: &Path, files: &impl Files) {
        let texts: BTreeMap<String, String> =
            self.open.keys().filter_map(|uri| Some((uri.clone(), self.doc(uri)?.source.text.to_string()))).collect();
        let home = Home::read(root, files, &texts);
        for (uri, open) in &mut self.open {
            if let Some(file) = home.file(uri) {
                (open.home, open.file) = (key.to_owned(), file);
            }
        }
        self.homes.insert(key.to_owned(), home);
    }

    /// A text was opened.
    pub(super) fn open(&mut self, opened: Opened, files: &impl Files) {
        let Opened { uri, version, text } = opened;
        let path = uri::to_path(&uri);
        let is_schema = path.as_ref().and_then(|path| path.file_name()).is_some_and(|name| name == SCHEMA);
        let root = path.as_ref().and_then(|path| files.workspace_of(path));
        let root = root.or_else(|| path.as_ref().filter(|_| is_schema)?.parent().map(PathBuf::from));
        let key = if let Some(root) = root {
            let key = self.enter(&root, files);
            if self.homes.get(&key).and_then(|home| home.file(&uri)).is_none() {
                // A file that is not on disk yet has its place among the others all the same.
                self.open.insert(uri.clone(), Open { home: uri.clone(), file: FileId(0), version });
                self.homes.insert(uri.clone(), Home::alone(&uri, &text));
                self.reread(&key, &root, files);
                self.homes.remove(&uri);
            }
            key
        } else {
            self.homes.insert(uri.clone(), Home::alone(&uri, &text));
            uri.clone()
        };
        let Some(home) = self.homes.get_mut(&key) else { return };
        let Some(file) = home.file(&uri) else { return };
        home.rename(file, &uri);
        home.workspace.set(file, &text);
        self.touched.insert(uri.clone());
        self.open.insert(uri, Open { home: key, file, version });
    }

    /// A text was changed.
    pub(super) fn change(&mut self, changed: &Changed, encoding: Encoding) {
        let Some(open) = self.open.get_mut(&changed.uri) else { return };
        open.version = changed.version;
        let Some(home) = self.homes.get_mut(&open.home) else { return };
        let Some(source) = home.workspace.source(open.file) else { return };
        let text = convert::apply(source, &changed.changes, encoding);
        home.workspace.set(open.file, &text);
        self.touched.insert(changed.uri.clone());
    }

    /// A text was closed: what is on disk counts again.
    pub(super) fn close(&mut self, uri: &str, files: &impl Files) {
        let Some(open) = self.open.remove(uri) else { return };
        let Some(home) = self.homes.get_mut(&open.home) else { return };
        match home.root.clone() {
            Some(root) => match uri::to_path(uri).and_then(|path| files.read(&path)) {
                Some(text) => home.workspace.set(open.file, &text),
                // It was never saved.
                None => self.reread(&open.home, &root, files),
            },
            None => drop(self.homes.remove(&open.home)),
        }
        self.touched.insert(uri.to_owned());
    }

    /// Files changed on disk.
    pub(super) fn watched(&mut self, events: &[Watched], files: &impl Files) {
        let mut anew: BTreeSet<PathBuf> = BTreeSet::new();
        for event in events {
            let Some(path) = uri::to_path(&event.uri) else { continue };
            let known = self.homes.values_mut().find_map(|home| home.file(&event.uri).map(|file| (home, file)));
            match (known, event.kept) {
                (Some((home, file)), true) => {
                    if !self.open.contains_key(home.uri(file)) {
                        home.workspace.set(file, &files.read(&path).unwrap_or_default());
                    }
                }
                (Some((home, _)), false) => anew.extend(home.root.clone()),
                (None, true) => anew.extend(files.workspace_of(&path)),
                (None, false) => {}
            }
        }
        for root in anew {
            self.reread(&uri::of_path(&root), &root, files);
        }
    }

    /// What is to be told about what is wrong.
    pub(super) fn publish(&mut self, client: Client) -> Vec<Message> {
        let mut out = Vec::new();
        let touched = std::mem::take(&mut self.touched);
        let mut there = BTreeSet::new();
        for home in self.homes.values_mut() {
            let mut changed: BTreeSet<FileId> = home.workspace.refresh();
            changed.extend(touched.iter().filter_map(|uri| home.file(uri)));
            for (file, _) in home.workspace.sources().iter() {
                let uri = home.uri(file);
                there.insert(uri.to_owned());
                if !changed.contains(&file) {
                    continue;
                }
                if home.workspace.diagnostics(file).is_empty() {
                    if !self.shown.remove(uri) && !touched.contains(uri) {
                        continue;
                    }
                } else {
                    self.shown.insert(uri.to_owned());
                }
                let version = self.open.get(uri).map(|open| open.version);
                out.push(convert::publish(home, file, version, client));
            }
        }
        let gone: Vec<String> = self.shown.difference(&there).cloned().collect();
        for uri in gone {
            self.shown.remove(&uri);
            out.push(convert::publish_nothing(&uri));
        }
        if client.pulls { Vec::new() } else { out }
    }

    /// The file at an address, as it is now.
    pub(super) fn doc(&self, uri: &str) -> Option<Doc<'_>> {
        let (home, file) = match self.open.get(uri) {
            Some(open) => (self.homes.get(&open.home)?, open.file),
            None => self.homes.values().find_map(|home| home.file(uri).map(|file| (home, file)))?,
        };
        Some(Doc { home, file, source: home.workspace.source(file)? })
    }

    /// The version of an open text.
    pub(super) fn version(&self, uri: &str) -> Option<i32> {
        self.open.get(uri).map(|open| open.version)
    }

    /// Checks the workspace of a file, so that answers are about the text as it is now.
    pub(super) fn refresh(&mut self, uri: &str) {
        let key = match self.open.get(uri) {
            Some(open) => Some(open.home.clone()),
            None => self.homes.iter().find(|(_, home)| home.file(uri).is_some()).map(|(key, _)| key.clone()),
        };
        if let Some(home) = key.and_then(|key| self.homes.get_mut(&key)) {
            // What changed is told when nothing is left to read.
            let changed = home.workspace.refresh();
            self.touched.extend(changed.iter().map(|file| home.uri(*file).to_owned()));
        }
    }
}
