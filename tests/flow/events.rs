//! Event files of `tests/data/events`: what every wrong line says, and that what is written can be read.

use dealflow::cli::events::{EventError, Events, parse_line, to_line};
use dealflow::diagnostics::render;
use dealflow::engine::Event;
use dealflow::schema::{Schema, load};
use dealflow::source::{FileId, Sources};

fn schema() -> Schema {
    let (schema, found) = load(FileId(0), include_str!("../data/events/crm.toml"));
    assert!(found.is_empty(), "{found:?}");
    schema
}

fn read(text: &str, schema: &Schema) -> Vec<Result<Event, EventError>> {
    Events::new("events.jsonl", text.as_bytes(), schema).collect()
}

#[test]
fn every_wrong_line_says_what_and_where() {
    let schema = schema();
    let text = include_str!("../data/events/E0704_lines.jsonl");
    let events = read(text, &schema);
    let (last, bad) = events.split_last().unwrap();
    assert!(last.is_ok(), "after bad lines it goes on");
    let mut shown = String::new();
    for event in bad {
        let Err(EventError::Line(bad)) = event else { panic!("{event:?} is not bad") };
        let mut sources = Sources::default();
        let diagnostic = bad.diagnostic(&mut sources);
        assert!(bad.to_string().starts_with(&format!("events.jsonl:{}: E0704: ", bad.line)), "{bad}");
        shown.push_str(&render::plain(&[diagnostic], &sources));
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn what_is_written_can_be_read() {
    let schema = schema();
    let mut lines = Vec::new();
    for event in read(include_str!("../data/events/good.jsonl"), &schema) {
        let event = event.unwrap();
        let line = to_line(&event, &schema.calendar);
        assert_eq!(parse_line(&line, &schema), Ok(event), "{line}");
        lines.push(line);
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn broken_files_are_told() {
    let schema = schema();
    let good = r#"{"at":"2026-03-02","do":"update","entity":"deal","id":"57"}"#;
    let long = format!("{good}\n\"{}\"\n{good}", "x".repeat(2 << 20));
    let mut text = long.into_bytes();
    text.extend(b"\n\xff\xfe\n");
    let events: Vec<String> = Events::new("e", text.as_slice(), &schema)
        .map(|event| event.map_or_else(|error| error.to_string(), |_| "ok".to_owned()))
        .collect();
    let expected =
        ["ok", "e:2: E0704: the line is longer than a megabyte", "ok", "e:4: E0704: the line is not UTF-8 text"];
    assert_eq!(events, expected);
    let marked = format!("\u{feff}{good}\r\n\r\n{good}");
    assert!(read(&marked, &schema).iter().all(Result::is_ok));
}

/// The examples of the explain page are what they say.
/// A line may have a megabyte; a report shows where it is wrong, not all of it.
#[test]
fn long_lines_are_shown_in_part() {
    let long = format!("{{\"at\": \"2026-03-02T09:00\", \"what\": \"{}\"}}", "ż".repeat(100_000));
    let text = format!("{long}\n{long}\n{{\"at\": \"yesterday\", \"do\": \"{}\"}}\n", "x".repeat(100_000));
    let mut sources = Sources::default();
    let found: Vec<_> = read(&text, &schema())
        .into_iter()
        .map(|event| match event {
            Err(EventError::Line(bad)) => bad.diagnostic(&mut sources),
            other => panic!("{other:?}"),
        })
        .collect();
    let report = render::plain(&found, &sources);
    assert!(report.contains("events.jsonl:3:27") && report.contains("the event has no `do`"), "{report}");
    let longest = report.lines().map(|line| line.chars().count()).max().unwrap();
    assert!(longest < 1000, "{longest}: {report}");
}

#[test]
fn the_explain_page_shows_wrong_and_right() {
    let page = dealflow::diagnostics::Code::E0704.page();
    let lines: Vec<&str> = page.lines().filter(|line| line.starts_with('{')).collect();
    let read = lines.iter().map(|line| parse_line(line, &schema()).is_ok());
    assert_eq!(read.collect::<Vec<_>>(), [false, true]);
}

/// The event files that we ship fit the workspaces beside them.
#[test]
fn shipped_events_can_be_read() {
    let workspaces = [
        (include_str!("../../examples/invoice/crm.toml"), include_str!("../../examples/invoice/events.jsonl")),
        (include_str!("../../src/cli/template/crm.toml"), include_str!("../../src/cli/template/events.jsonl")),
    ];
    for (schema, text) in workspaces {
        let (schema, found) = load(FileId(0), schema);
        assert!(found.is_empty(), "{found:?}");
        let events: Vec<Event> = read(text, &schema).into_iter().collect::<Result<_, _>>().unwrap();
        assert!(!events.is_empty() && events.is_sorted_by_key(|event| event.at), "in the order of time");
    }
}
