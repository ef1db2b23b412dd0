use super::super::Files;
use super::serve;
use crate::value::Moment;
use std::io::Cursor;
use std::path::{Path, PathBuf};

struct Nothing;

impl Files for Nothing {
    fn read(&self, _: &Path) -> Option<String> {
        None
    }
    fn workspace_of(&self, _: &Path) -> Option<PathBuf> {
        None
    }
    fn workspaces_below(&self, _: &Path) -> Vec<PathBuf> {
        Vec::new()
    }
    fn scripts(&self, _: &Path) -> Vec<PathBuf> {
        Vec::new()
    }

    fn now(&self) -> Moment {
        Moment(1_772_438_400_000)
    }
}

fn frames(bodies: &[&str]) -> Vec<u8> {
    bodies.iter().flat_map(|body| format!("Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()).collect()
}

fn answers(input: Vec<u8>) -> (bool, String) {
    let mut output = Vec::new();
    let clean = serve(Cursor::new(input), &mut output, Nothing).unwrap();
    (clean, String::from_utf8(output).unwrap())
}

const HELLO: &str =
    r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":null,"rootUri":null,"capabilities":{}}}"#;
const BYE: [&str; 2] = [r#"{"jsonrpc":"2.0","id":9,"method":"shutdown"}"#, r#"{"jsonrpc":"2.0","method":"exit"}"#];

#[test]
fn what_is_no_message_is_answered_and_the_server_goes_on() {
    let bodies = [HELLO, "{", "[]", r#"{"id":7,"x":1}"#, r#"{"id":8,"method":"no/such","params":5}"#, BYE[0], BYE[1]];
    let (clean, output) = answers(frames(&bodies));
    assert!(clean, "{output}");
    for part in [
        r#""id":null,"error":{"code":-32700"#,
        r#""id":null,"error":{"code":-32600"#,
        r#""id":7,"error":{"code":-32600"#,
        r#""id":8,"error":{"code":-32601"#,
        r#""id":9,"result":null"#,
    ] {
        assert!(output.contains(part), "{part} in {output}");
    }
}

#[test]
fn a_client_that_goes_away_ends_the_server() {
    let (clean, _) = answers(frames(&[HELLO]));
    assert!(!clean, "nobody said shutdown");
    let (clean, output) = answers(b"nonsense\r\n\r\nContent-Length: 5\r\n\r\n{}".to_vec());
    assert!(!clean);
    assert_eq!(output, "", "a frame that is cut off");
}
