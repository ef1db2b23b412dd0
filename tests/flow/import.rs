//! `dealflow import`: rows become events, nothing is lost in silence, and the example's map fits its schema.

use dealflow::cli::events::to_line;
use dealflow::cli::import::{Ended, Import, Imported, import, run};
use dealflow::diagnostics::{Diagnostic, render};
use dealflow::schema::{Schema, load};
use dealflow::source::{FileId, Sources};
use std::path::PathBuf;

fn schema(text: &str) -> Schema {
    let (schema, found) = load(FileId(0), text);
    assert!(found.is_empty(), "{found:?}");
    schema
}

fn example() -> (Schema, &'static str) {
    let schema = schema(include_str!("../../examples/opportunities/crm.toml"));
    (schema, include_str!("../../examples/opportunities/map.toml"))
}

/// Events as lines, then the rows that do not fit, then the counts.
fn show(schema: &Schema, imported: &Imported) -> String {
    let events = imported.events.iter().map(|event| to_line(event, &schema.calendar));
    let bad = imported.bad.iter().map(|bad| format!("{}:{}: {}", bad.file, bad.line, bad.message));
    let counts = imported
        .counts
        .iter()
        .map(|c| format!("{}: {} rows, {} left out, {} events", c.file, c.rows, c.left_out, c.events));
    events.chain(bad).chain(counts).collect::<Vec<_>>().join("\n")
}

fn reports(map: &str, found: &[Diagnostic]) -> String {
    let mut sources = Sources::default();
    sources.add("map.toml", map);
    render::plain(found, &sources)
}

const HEAD: &str = "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n";

#[test]
fn rows_of_the_example_become_the_lives_of_deals() {
    let (schema, map) = example();
    let rows = "\
        A1,Moses Frase,GTX Plus Basic,Cancity,Won,10/20/2016,3/1/2017,1054\n\
        A2,Darcel Schlecht,GTXPro,Isdom,Lost,10/25/2016,3/11/2017,0\n\
        A3,Darcel Schlecht,MG Special,,Engaging,3/1/2017,,\n\
        A4,Darcel Schlecht,GTXPro,,Prospecting,,,\n";
    let accounts = "account,sector,year_established,revenue,employees,office_location,subsidiary_of\n\
        Acme Corporation,technolgy,1996,1100.04,2822,United States,\n\
        Bioholding,medical,2012,587.34,1356,Philipines,Acme Corporation\n";
    let files = [("data/sales_pipeline.csv", &*format!("{HEAD}{rows}")), ("accounts.csv", accounts)];
    let (imported, found) = import(&schema, map, &files).unwrap();
    assert!(found.is_empty(), "{}", reports(map, &found));
    insta::assert_snapshot!(show(&schema, &imported));
}

#[test]
fn rows_that_do_not_fit_are_told_and_counted() {
    let (schema, map) = example();
    let rows = include_str!("../data/import/E0705_rows.csv");
    let (imported, found) = import(&schema, map, &[("sales_pipeline.csv", rows)]).unwrap();
    assert!(found.is_empty(), "{}", reports(map, &found));
    insta::assert_snapshot!(show(&schema, &imported));
}

/// Other formats, list fields, conditions, creation dates, origin: what the example does not need.
#[test]
fn a_map_can_say_more() {
    let schema = schema("[workspace]\ntimezone = \"Europe/Warsaw\"\ncurrency = \"PLN\"\n[users.anna]\nname = \"Anna\"");
    let map = r#"
        origin = "import"
        [[source]]
        entity = "lead"
        id = "Nr"
        by = { value = "anna" }
        separator = ";"
        decimal = ","
        format = "DD.MM.YYYY HH:mm"
        created = ["angelegt", "kontakt"]
        stage = "New"
        [source.fields]
        title = "{Name} ({Nr})"
        phones = { column = "Tel", split = "/" }
        amount = { column = "Wert", default = "0 PLN" }
        comments = { text = ["{Notiz}", "{Name}: keine Notiz"] }
        recommended = { column = "Tag", format = "%Y%m%d" }
        repeat = { value = true }
        [source.values.Notiz]
        "-" = ""
        [[source.steps]]
        at = "Ende"
        when = { Art = ["gewonnen"] }
        stage = "Won"
        [[source.steps]]
        at = "Ende"
        when = { Art = ["verloren"] }
        stage = "Lost"
        set = ["comments"]
    "#;
    let file = "\u{feff}Nr;Name;Tel;Wert;Notiz;Tag;angelegt;kontakt;Ende;Art\n\
        1;Łódź AG;+48 1 234/(22) 555;1.234,50;-;20260301;02.03.2026 09:00;;03.03.2026 10:30;gewonnen\n\
        2;Beta;;;wichtig;;;01.03.2026 08:00;04.03.2026 12:00;verloren\n\
        3;Gamma;;5;;;02.03.2026 09:00;;09.03.2026 12:00;erwartet\n\
        4;Delta;;5;;;;;;\n";
    let (imported, found) = import(&schema, map, &[("export.csv", file)]).unwrap();
    assert!(found.is_empty(), "{}", reports(map, &found));
    insta::assert_snapshot!(show(&schema, &imported));
}

#[test]
fn mistakes_in_a_map_are_reported_with_their_place() {
    let (schema, _) = example();
    let map = include_str!("../data/import/E0705_map.toml");
    let (imported, found) = import(&schema, map, &[("deals.csv", "number\n1\n")]).unwrap();
    assert!(imported.events.is_empty());
    insta::assert_snapshot!(reports(map, &found));
}

/// The examples of the explain page are what they say.
#[test]
fn the_explain_page_shows_wrong_and_right() {
    let page = dealflow::diagnostics::Code::E0705.page();
    let examples: Vec<&str> = page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let found = examples.iter().map(|map| import(&Schema::default(), map, &[]).unwrap().1.len());
    assert_eq!(found.collect::<Vec<_>>(), [1, 0]);
}

#[test]
fn files_and_columns_that_are_not_there_are_reported() {
    let (schema, map) = example();
    let files = [("sales_pipelin.csv", "a\n1\n"), ("sales_pipeline.csv", "opportunity_id,agent\nA1,Moses Frase\n")];
    let (imported, found) = import(&schema, map, &files).unwrap();
    assert!(imported.events.is_empty());
    insta::assert_snapshot!(reports(map, &found));
}

#[test]
fn the_command_writes_events_and_says_what_it_did() {
    let dir = tempfile::tempdir().unwrap();
    let csv = dir.path().join("sales_pipeline.csv");
    std::fs::write(&csv, format!("{HEAD}A1,Moses Frase,GTXPro,,Won,10/20/2016,3/1/2017,1054\nA2,,,,,,,\n")).unwrap();
    let map = PathBuf::from("examples/opportunities/map.toml");
    let output = dir.path().join("events.jsonl");
    let mut args = Import { map, schema: None, files: vec![csv], output: Some(output.clone()) };
    let (mut out, mut console) = (Vec::new(), Vec::new());
    assert_eq!(run(&args, &mut out, &mut console, false).unwrap(), Ended::RowsLeftOut);
    let said = String::from_utf8(console).unwrap().replace(&dir.path().display().to_string(), "DIR");
    insta::assert_snapshot!(said);
    let map = std::mem::replace(&mut args.map, dir.path().join("map.toml"));
    std::fs::copy(&map, &args.map).unwrap();
    let alone = run(&args, &mut out, &mut Vec::new(), false).unwrap_err().to_string();
    assert!(alone.ends_with("is not there: name the workspace's crm.toml by --schema"), "{alone}");
    args.map = map;
    args.output = None;
    assert_eq!(run(&args, &mut out, &mut Vec::new(), false).unwrap(), Ended::RowsLeftOut);
    assert_eq!(std::fs::read(&output).unwrap(), out, "a file and the standard output get the same");
    assert_eq!(out.split(|byte| *byte == b'\n').count(), 3);
    args.files = vec![dir.path().join("none.csv")];
    assert!(run(&args, &mut out, &mut Vec::new(), false).unwrap_err().to_string().contains("none.csv"));
}
