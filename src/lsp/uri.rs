//! `file:` addresses and paths.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The path that a `file:` address names; `None` for other schemes, such as that of a text never saved.
pub(super) fn to_path(uri: &str) -> Option<PathBuf> {
    let rest = uri.strip_prefix("file://")?;
    let path = rest.get(rest.find('/')?..)?;
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let decoded = decode(path)?;
    // `/c:/rules` names a drive.
    let bytes = decoded.as_bytes();
    let drive = bytes.get(1).is_some_and(u8::is_ascii_alphabetic) && bytes.get(2) == Some(&b':');
    Some(PathBuf::from(if drive { decoded.get(1..)?.to_owned() } else { decoded }))
}

/// The `file:` address of a path.
pub(super) fn of_path(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
    let mut uri = String::from(if text.starts_with('/') { "file://" } else { "file:///" });
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.~:".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let hex = tail.get(..2).filter(|_| *first == b'%');
        let byte = hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { tail.get(2..).unwrap_or(&[]) } else { tail };
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::{of_path, to_path};
    use std::path::{Path, PathBuf};

    #[test]
    fn addresses_and_paths_go_both_ways() {
        for (uri, path) in [
            ("file:///w/rules.flow", "/w/rules.flow"),
            ("file:///w/a%20b/%C3%A4%23.flow", "/w/a b/ä#.flow"),
            ("file:///w/100%25.flow", "/w/100%.flow"),
        ] {
            assert_eq!(to_path(uri), Some(PathBuf::from(path)));
            assert_eq!(of_path(Path::new(path)), uri);
        }
        assert_eq!(to_path("file:///c%3A/rules.flow"), Some(PathBuf::from("c:/rules.flow")));
        assert_eq!(of_path(Path::new("c:/rules.flow")), "file:///c:/rules.flow");
        assert_eq!(to_path("untitled:Untitled-1"), None);
        assert_eq!(to_path("file:///%FF"), None, "not text");
    }
}
