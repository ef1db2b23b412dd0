//! `dealflow new DIR`: a workspace that runs.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

/// The files of a new workspace.
const FILES: &[(&str, &str)] = &[
    ("README.md", include_str!("template/README.md")),
    ("crm.toml", include_str!("template/crm.toml")),
    ("dealflow.toml", include_str!("template/dealflow.toml")),
    ("events.jsonl", include_str!("template/events.jsonl")),
    ("rules.flow", include_str!("template/rules.flow")),
    ("tests.flow", include_str!("template/tests.flow")),
];

/// Makes the folder, and in it the files of a workspace that checks and runs; gives their paths.
///
/// Nothing is ever overwritten: the folder must be empty or not exist. The error says what is in the way.
pub fn create(dir: &Path) -> Result<Vec<PathBuf>, String> {
    let failed =
        |what: &str, path: &Path, error: &std::io::Error| format!("cannot {what} `{}`: {error}", path.display());
    fs::create_dir_all(dir).map_err(|error| failed("make the folder", dir, &error))?;
    let mut entries = fs::read_dir(dir).map_err(|error| failed("read", dir, &error))?;
    if entries.next().is_some() {
        return Err(format!("`{}` is not empty: name a new folder", dir.display()));
    }
    let mut made = Vec::with_capacity(FILES.len());
    for (name, text) in FILES {
        let path = dir.join(name);
        // A file that somebody makes at the same moment is not overwritten either.
        let file = OpenOptions::new().write(true).create_new(true).open(&path);
        let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
        written.map_err(|error| failed("write", &path, &error))?;
        made.push(path);
    }
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_with_something_in_it_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let inner = dir.path().join("a/b");
        let made = create(&inner).unwrap();
        assert_eq!(made.len(), FILES.len());
        assert!(made.iter().all(|path| path.is_file()));
        let message = create(&inner).unwrap_err();
        assert!(message.ends_with("b` is not empty: name a new folder"), "{message}");
        assert!(create(&inner.join("crm.toml")).unwrap_err().starts_with("cannot make the folder"));
        assert_eq!(fs::read_dir(&inner).unwrap().count(), FILES.len());
    }
}
