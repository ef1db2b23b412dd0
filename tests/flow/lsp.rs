//! The language server. Sessions are text files in `tests/data/lsp`; each snapshot holds the file with every answer below
//! the step that it answers. What a step can be:
//!
//! ```text
//! ### init {"capabilities": …}          before everything else, where the usual client will not do
//! ### file NAME [closed]                a file of the workspace; opened unless told otherwise. `$0` … `$9` mark places
//! ### change NAME $0-$1 "text"          an edit of an open file; without places the whole text follows below
//! ### disk NAME [gone]                  a file changes on disk
//! ### close NAME
//! ### request METHOD NAME [$0 [$1]] [{…}]   a request about a place or a range, with more parameters
//! ### send {…}                          any message
//! ```
//!
//! Diagnostics are shown with the step that brings them. Ranges are shown as `line:column-line:column` with the text.

mod session;
mod show;

use session::Session;

#[test]
fn sessions_answer_as_written() {
    insta::glob!("../data/lsp", "*.txt", |path| {
        let input = std::fs::read_to_string(path).unwrap();
        let transcript = Session::play(&input);
        insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(transcript) });
    });
}
