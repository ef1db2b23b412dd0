//! `crm.toml`: each file of `tests/data/schema` is loaded. `E….toml` shows its report, `ok….toml` has none and shows the
//! schema. To add a test, add a file and look at the new snapshot.

use dealflow::diagnostics::{Code, render};
use dealflow::schema::{Schema, Type, load, value_to_json};
use dealflow::source::Sources;
use std::collections::BTreeSet;

#[test]
fn mistakes_are_reported_with_their_place() {
    insta::glob!("../data/schema", "E*.toml", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        let mut sources = Sources::default();
        let file = sources.add("crm.toml", &text);
        let (_, found) = load(file, &text);
        let code: Code = path.file_name().unwrap().to_str().unwrap()[..5].parse().unwrap();
        assert!(found.iter().any(|d| d.code == code), "{} has no {code}", path.display());
        for fix in found.iter().filter_map(|d| d.fixes.first()) {
            let mut mended = text.clone();
            for edit in &fix.edits {
                mended.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
            }
            let (_, left) = load(file, &mended);
            assert!(left.len() < found.len(), "{}: `{}` does not help", path.display(), fix.title);
        }
        insta::assert_snapshot!(format!("{text}\n{}", render::plain(&found, &sources)));
    });
}

#[test]
fn what_can_be_said_is_understood() {
    insta::glob!("../data/schema", "ok*.toml", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        let mut sources = Sources::default();
        let file = sources.add("crm.toml", &text);
        let (schema, found) = load(file, &text);
        assert!(found.is_empty(), "{}", render::plain(&found, &sources));
        insta::assert_snapshot!(dump(&schema));
    });
}

#[test]
fn an_empty_file_is_a_workspace() {
    insta::assert_snapshot!(dump(&Schema::default()));
    let (schema, found) = load(dealflow::source::FileId(0), "");
    assert_eq!((dump(&schema), found), (dump(&Schema::default()), Vec::new()));
}

/// Loading never panics and keeps its places inside the text, whatever is cut off or put in.
#[test]
fn broken_files_are_survived() {
    let text = include_str!("../data/schema/ok_workspace.toml");
    for cut in (0..text.len()).filter(|at| text.is_char_boundary(*at)) {
        let (head, tail) = text.split_at(cut);
        for broken in [head.to_owned(), format!("{head}{{{tail}"), format!("{head}= [{tail}")] {
            let mut sources = Sources::default();
            let file = sources.add("crm.toml", &broken);
            for diagnostic in load(file, &broken).1 {
                assert!(diagnostic.span().end as usize <= broken.len(), "{diagnostic:?}");
            }
        }
    }
}

/// The examples of the explain pages are what they say.
#[test]
fn explain_pages_show_wrong_and_right() {
    for code in [Code::E0701, Code::E0702, Code::E0703, Code::E0706] {
        let blocks: Vec<&str> =
            code.page().split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
        let found = blocks.iter().map(|text| load(dealflow::source::FileId(0), text).1).collect::<Vec<_>>();
        let [wrong, right] = found.as_slice() else { panic!("{code} has {} examples", found.len()) };
        assert!(wrong.iter().any(|d| d.code == code), "{code}: {wrong:?}");
        assert!(right.is_empty(), "{code}: {right:?}");
    }
}

/// Every type of the built-in fields has a name in `crm.toml`'s words.
#[test]
fn built_in_fields_have_types_with_names() {
    let schema = Schema::default();
    let names: BTreeSet<String> =
        schema.entities.iter().flat_map(|e| &e.fields).map(|f| schema.type_name(&f.ty)).collect();
    assert!(names.contains("status of lead") && !names.contains(&schema.type_name(&Type::Error)), "{names:?}");
}

/// The schema as text.
fn dump(schema: &Schema) -> String {
    let mut out: Vec<String> = Vec::new();
    let calendar = &schema.calendar;
    out.push(format!("workspace {:?} {} {}", schema.name, calendar.zone, schema.base_currency));
    for (day, hours) in calendar.hours.iter().enumerate() {
        if let Some((from, to)) = hours {
            out.push(format!("  day {day}: {from} to {to}"));
        }
    }
    for day in &calendar.holidays {
        out.push(format!("  holiday {day}"));
    }
    for (currency, rate) in &schema.rates {
        out.push(format!("rate {currency} {rate}"));
    }
    for (id, user) in &schema.users {
        let (manager, department) = (user.manager.as_deref(), user.department.as_deref());
        out.push(format!("user {id} {:?} {manager:?} {department:?} {:?} {:?}", user.name, user.email, user.phone));
    }
    for (id, department) in &schema.departments {
        out.push(format!("department {id:?} head {:?}", department.head));
    }
    for (id, role) in &schema.roles {
        out.push(format!("role {id:?} {:?}", role.members));
    }
    for (id, chat) in &schema.chats {
        out.push(format!("chat {id:?} {:?}", chat.members));
    }
    for (name, binding) in &schema.bindings {
        out.push(format!("{name} = {}", binding.target));
    }
    for entity in &schema.entities {
        out.push(format!("entity {} {:?}", entity.name, entity.label));
        for field in &entity.fields {
            let flags = [(field.required, " required"), (field.read_only, " read-only")];
            let flags: String = flags.iter().filter(|(on, _)| *on).map(|(_, word)| *word).collect();
            let options = field.options.iter().map(|o| format!(" {}={}", o.name, o.label)).collect::<Vec<_>>().concat();
            let default = field.default.as_ref().map(|d| format!(" default {}", value_to_json(d))).unwrap_or_default();
            let ty = schema.type_name(&field.ty);
            out.push(format!("  {}: {ty} {:?}{flags}{options}{default}", field.name, field.label));
        }
        for pipeline in &entity.pipelines {
            let stages = pipeline.stages.iter().map(|s| format!(" {} ({:?})", s.name, s.kind));
            out.push(format!("  pipeline {}:{}", pipeline.name, stages.collect::<Vec<_>>().join(",")));
        }
    }
    out.join("\n")
}
