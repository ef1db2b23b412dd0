//! The prompt: golden sessions in `tests/data/repl/*.txt` (`> ` begins an input, `. ` continues it, `===` begins a new
//! session with the same files), the binary behind a pipe, and the binary in a real terminal.

use dealflow::pipeline::Texts;
use dealflow::repl::{Answer, Home, Host, Session, Style};
use dealflow::value::Moment;
use std::collections::BTreeMap;

/// Files in memory.
#[derive(Default)]
struct Files {
    files: BTreeMap<String, Vec<u8>>,
    workspace: Texts,
}

impl Host for Files {
    fn read(&mut self, path: &str) -> Result<Vec<u8>, String> {
        // Pieces of what `:snapshot good` wrote.
        let good = self.files.get("good");
        match (path, good) {
            ("cut", Some(good)) => return Ok(good[..good.len() - 9].to_vec()),
            _ => {}
        }
        self.files.get(path).cloned().ok_or_else(|| format!("cannot read `{path}`: there is no such file"))
    }

    fn write(&mut self, path: &str, bytes: &[u8]) -> Result<(), String> {
        self.files.insert(path.to_owned(), bytes.to_vec());
        Ok(())
    }

    fn workspace(&mut self) -> Result<Texts, String> {
        Ok(self.workspace.clone())
    }

    fn interrupted(&mut self) -> bool {
        false
    }
}

const PLAIN: Style = Style { color: false, width: 100 };

fn start() -> Moment {
    "2026-03-02T09:00:00+01:00".parse().unwrap()
}

fn workspace(schema: &str) -> Texts {
    let mut texts = Texts::default();
    texts.schema = Some(texts.sources.add("crm.toml", schema));
    texts
}

/// Feeds a session and writes it down as it would look on a screen.
fn transcript(input: &str, schema: &str) -> String {
    let mut host = Files { workspace: workspace(schema), ..Files::default() };
    host.files.insert("garbage".into(), b"what is this".to_vec());
    host.files.insert("short".into(), b"DFSN".to_vec());
    host.files.insert("newer".into(), b"DFSN\x09abcdefgh".to_vec());
    let new = |host: &Files| Session::new(host.workspace.clone(), Home::Memory, start(), PLAIN).unwrap();
    let mut session = new(&host);
    let mut out = session.greeting().to_owned();
    for line in input.lines() {
        if let Some(title) = line.strip_prefix("===") {
            session = new(&host);
            out.push_str(&format!("==={title}\n{}", session.greeting()));
            continue;
        }
        let Some(text) = line.strip_prefix("> ").or_else(|| line.strip_prefix(". ")).or(line.strip_prefix('>')) else {
            out.push_str(&format!("{line}\n"));
            continue;
        };
        let answer = session.feed(text, &mut host);
        let Answer { text, more, done, .. } = answer;
        out.push_str(&format!("{line}\n{text}"));
        if done {
            out.push_str("(the session is over)\n");
        }
        assert!(!more || text.is_empty());
    }
    out
}

#[test]
fn sessions_answer_as_written() {
    insta::glob!("../data/repl", "*.txt", |path| {
        let schema = std::fs::read_to_string(path.with_file_name("crm.toml")).unwrap();
        let input = std::fs::read_to_string(path).unwrap();
        let transcript = transcript(&input, &schema);
        insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(transcript) });
    });
}
