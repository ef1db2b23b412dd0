//! Reading scripts: trees, mistakes, and what must hold for any text.

use dealflow::source::FileId;
use dealflow::syntax::{dump, parse};

#[test]
fn trees() {
    insta::glob!("../data/syntax", "*.flow", |path| {
        let text = std::fs::read_to_string(path).expect("the file can be read");
        let parse = parse(&text, FileId(0));
        assert_eq!(parse.diagnostics, Vec::new());
        insta::assert_snapshot!(dump::tree(&parse.file, &text));
    });
}
