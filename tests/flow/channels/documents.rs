//! Documents: templates filled by a rule through the real outbox, as files that are there once and whole.

use super::server::{channels, errand, text};
use dealflow::channel::document::{fill, placeholders};
use dealflow::engine::Attempt;
use dealflow::value::Value;
use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Arc;

const TEMPLATE: &str = "<h1>Offer {{ document.number }}</h1>\n<p>{{ contact.name }}: {{ title }}</p>\n\
                        {% if amount %}<p>{{ amount }}</p>{% endif %}\n";

fn workspace(template: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("templates")).unwrap();
    std::fs::write(folder.path().join("templates/offer.html"), template).unwrap();
    folder
}

fn offer(file: &str, format: &str) -> Vec<(&'static str, Value)> {
    let values = [("title", "Mixer <b>\"5\"</b>"), ("contact.name", "Żaneta & Sons"), ("document.number", "7")];
    let values = values.map(|(name, value)| (name.into(), text(value))).into();
    vec![
        ("template", text("templates/offer.html")),
        ("file", text(file)),
        ("format", text(format)),
        ("values", Value::Record(Arc::new(values))),
    ]
}

#[test]
fn what_is_put_into_a_page_is_escaped_and_what_is_missing_is_empty() {
    let values = BTreeMap::from([("title", "<script>"), ("contact.name", "Ann")]);
    let page = fill(TEMPLATE, &values).unwrap();
    assert_eq!(page, "<h1>Offer </h1>\n<p>Ann: &lt;script&gt;</p>\n");
    let found: Vec<String> = placeholders(TEMPLATE).unwrap().into_iter().collect();
    assert_eq!(found, ["amount", "contact.name", "document.number", "title"]);
    let wrong = placeholders("<p>\n{{ title }").unwrap_err();
    assert!(wrong.starts_with("line 2: "), "{wrong}");
    let endless = "{% for a in range(9999) %}{% for b in range(9999) %}{{ b }}{% endfor %}{% endfor %}";
    assert!(fill(endless, &values).is_err());
    // Nothing of the machine can be read.
    assert!(fill("{% include \"/etc/passwd\" %}", &values).is_err());
}

#[test]
fn a_page_is_written_once_however_often_it_is_tried() {
    let folder = workspace(TEMPLATE);
    let channels = channels("", folder.path());
    let (key, row) = errand("document", &offer("documents/Offer-7.html", "html"));
    let (ending, shown) = channels.dry_run(key, &row).unwrap();
    let made = folder.path().join("files/documents/Offer-7.html");
    assert!(ending == "html" && !made.exists());
    let done = Attempt::Done { value: None, fields: Vec::new() };
    assert_eq!([channels.send(key, &row), channels.send(key, &row)], [done.clone(), done]);
    assert_eq!(std::fs::read(&made).unwrap(), shown);
    insta::assert_snapshot!(String::from_utf8(shown).unwrap());
    let files = std::fs::read_dir(made.parent().unwrap()).unwrap().count();
    assert_eq!(files, 1, "nothing is left beside it");
}

#[test]
fn what_cannot_be_made_is_refused_for_good() {
    let folder = workspace("{{ title ");
    let channels = channels("[documents]\nconverter = \"no-such-program\"\n", folder.path());
    let refused = |args: &[(&str, Value)]| {
        let (key, row) = errand("document", args);
        match channels.send(key, &row) {
            Attempt::Permanent { why } => why.to_string(),
            other => panic!("{other:?}"),
        }
    };
    let mut lines = vec![refused(&offer("a.html", "html"))];
    std::fs::write(folder.path().join("templates/offer.html"), TEMPLATE).unwrap();
    lines.push(refused(&offer("../../a.html", "html")));
    lines.push(refused(&offer("a.pdf", "pdf")));
    let mut outside = offer("a.html", "html");
    outside[0].1 = text("../crm.toml");
    lines.push(refused(&outside));
    outside[0].1 = text("templates/none.html");
    lines.push(refused(&outside));
    insta::assert_snapshot!(lines.join("\n"));
}

/// Where Chromium or `soffice` is there.
#[test]
fn a_page_becomes_a_pdf() {
    let there = ["chromium", "chromium-browser", "google-chrome", "soffice", "libreoffice"]
        .into_iter()
        .any(|program| Command::new(program).arg("--version").output().is_ok());
    if !there {
        println!("left out: neither Chromium nor LibreOffice is there");
        return;
    }
    let folder = workspace(TEMPLATE);
    let channels = channels("[documents]\ntimeout = \"3min\"\n", folder.path());
    let (key, row) = errand("document", &offer("documents/Offer-7.pdf", "pdf"));
    let done = channels.send(key, &row);
    assert_eq!(done, Attempt::Done { value: None, fields: Vec::new() });
    let bytes = std::fs::read(folder.path().join("files/documents/Offer-7.pdf")).unwrap();
    assert!(bytes.starts_with(b"%PDF-"));
    assert_eq!(std::fs::read_dir(folder.path().join("files/documents")).unwrap().count(), 1);
}

/// What `LibreOffice` is told. A program of its name stands in for it, which refuses what the real one refuses: a page that
/// is not said to be a text document has "no export filter" to DOCX.
#[cfg(unix)]
#[test]
fn a_page_becomes_a_word_file() {
    use std::os::unix::fs::PermissionsExt as _;
    const OFFICE: &str = "#!/bin/sh\nformat=\"\"; out=\"\"; text=\"\"\nwhile [ $# -gt 1 ]; do\n  case \"$1\" in\n    \
        \"--infilter=HTML (StarWriter)\") text=yes;;\n    --convert-to) format=$2; shift;;\n    --outdir) out=$2; shift;;\n  \
        esac\n  shift\ndone\n[ \"$format\" = docx ] && [ -z \"$text\" ] && exit 0\n{ echo \"made into $format:\"; cat \"$1\"; } > \"$out/page.$format\"\n";
    let folder = workspace(TEMPLATE);
    let office = folder.path().join("soffice");
    std::fs::write(&office, OFFICE).unwrap();
    std::fs::set_permissions(&office, std::fs::Permissions::from_mode(0o755)).unwrap();
    let config = format!("[documents]\nconverter = {:?}\n", office.display().to_string());
    let channels = channels(&config, folder.path());
    for format in ["docx", "pdf"] {
        let file = format!("documents/Offer-7.{format}");
        let (key, row) = errand("document", &offer(&file, format));
        assert_eq!(channels.send(key, &row), Attempt::Done { value: None, fields: Vec::new() }, "{format}");
        let made = std::fs::read_to_string(folder.path().join("files").join(&file)).unwrap();
        assert!(made.starts_with(&format!("made into {format}:\n<h1>")), "{made}");
    }
    assert_eq!(std::fs::read_dir(folder.path().join("files/documents")).unwrap().count(), 2);
}

/// A rule makes a document and sends it: numbers follow one another, the file is there before the mail goes out.
#[test]
fn a_rule_makes_documents_with_numbers() {
    let folder = workspace(TEMPLATE);
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let schema = std::fs::read_to_string("tests/data/engine/crm.toml").unwrap();
    let template = "[templates.Offer]\nfile = \"templates/offer.html\"\nplaceholders = [\"title\", \"amount\", \"contact.name\"]\n";
    write("crm.toml", &format!("{schema}\n{template}"));
    write(
        "rules.flow",
        "on deal created {\n  let $made = create document from template \"Offer\" for deal with format: html;\n  \
         log \"made {$made.number}: {$made.file}\";\n}\n",
    );
    write("dealflow.toml", "");
    write(
        "events.jsonl",
        "{\"at\": \"2026-03-02T09:00\", \"do\": \"create\", \"entity\": \"contact\", \"id\": \"5\", \"fields\": {\"name\": \"Jan\"}, \"by\": \"anna\"}\n\
         {\"at\": \"2026-03-02T09:01\", \"do\": \"create\", \"entity\": \"deal\", \"id\": \"1\", \"fields\": {\"title\": \"A & B\", \"contact\": \"5\", \"amount\": \"5 PLN\"}, \"by\": \"anna\"}\n\
         {\"at\": \"2026-03-02T09:02\", \"do\": \"create\", \"entity\": \"deal\", \"id\": \"2\", \"fields\": {\"title\": \"C\"}, \"by\": \"anna\"}\n",
    );
    let run = |args: &[&str]| {
        let output =
            Command::new(env!("CARGO_BIN_EXE_dealflow")).args(args).current_dir(folder.path()).output().unwrap();
        String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
    };
    let told = run(&["run", ".", "--store", "s.db", "--live"]);
    assert!(
        told.contains("made 1: documents/Offer-1.html") && told.contains("made 2: documents/Offer-2.html"),
        "{told}"
    );
    let page = |n: u32| std::fs::read_to_string(folder.path().join(format!("files/documents/Offer-{n}.html"))).unwrap();
    assert_eq!(page(1), "<h1>Offer 1</h1>\n<p>Jan: A &amp; B</p>\n<p>5 PLN</p>");
    assert_eq!(page(2), "<h1>Offer 2</h1>\n<p>: C</p>\n");
    // What a template shows is compared with what crm.toml says of it.
    write("templates/offer.html", "<p>{{ titel }} {{ contact.name }}</p>");
    insta::assert_snapshot!(run(&["check", "."]));
}
