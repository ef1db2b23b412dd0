//! A small judge of JSON against a JSON Schema, and what is judged by it: SARIF logs, and the schema of `crm.toml`.
//!
//! The judge knows the keywords that these two schemas use and panics at any other, so that nothing is passed over in
//! silence. Patterns are left to editors: the shapes are what these tests are about.

use crate::cli::{dealflow, stdout};
use dealflow::schema::json_schema;
use serde_json::Value as Json;
use std::path::Path;

/// What is wrong, each with its place.
fn faults(schema: &Json, json: &Json) -> Vec<String> {
    let mut found = Vec::new();
    judge(schema, schema, json, "", &mut found);
    found
}

fn judge(root: &Json, schema: &Json, json: &Json, at: &str, found: &mut Vec<String>) {
    if let Some(verdict) = schema.as_bool() {
        if !verdict {
            found.push(format!("{at}: not allowed"));
        }
        return;
    }
    let keywords = schema.as_object().unwrap();
    if let Some(to) = keywords.get("$ref") {
        let target = root.pointer(to.as_str().unwrap().trim_start_matches('#')).unwrap();
        return judge(root, target, json, at, found);
    }
    let passes = |schema: &Json| {
        let mut found = Vec::new();
        judge(root, schema, json, at, &mut found);
        found.is_empty()
    };
    for (keyword, value) in keywords {
        let all = || value.as_array().unwrap().iter();
        let fine = match keyword.as_str() {
            "type" => value.as_str().map_or_else(|| all().any(|t| is(t, json)), |_| is(value, json)),
            "enum" => all().any(|one| one == json),
            "anyOf" => all().any(passes),
            "oneOf" => all().filter(|s| passes(s)).count() == 1,
            "allOf" => all().all(passes),
            "not" => !passes(value),
            "required" => json.as_object().is_none_or(|o| all().all(|key| o.contains_key(key.as_str().unwrap()))),
            "minimum" => json.as_f64().is_none_or(|n| n >= value.as_f64().unwrap()),
            "maximum" => json.as_f64().is_none_or(|n| n <= value.as_f64().unwrap()),
            "exclusiveMinimum" => json.as_f64().is_none_or(|n| n > value.as_f64().unwrap()),
            "minItems" => json.as_array().is_none_or(|a| a.len() as u64 >= value.as_u64().unwrap()),
            "uniqueItems" => json.as_array().is_none_or(|a| a.iter().enumerate().all(|(i, x)| !a[..i].contains(x))),
            "dependencies" => json.as_object().is_none_or(|o| {
                value.as_object().unwrap().iter().all(|(key, schema)| !o.contains_key(key) || passes(schema))
            }),
            "propertyNames" => {
                json.as_object().is_none_or(|o| o.keys().all(|key| faults_of(root, value, &Json::from(key.as_str()))))
            }
            "items" => {
                for (i, item) in json.as_array().into_iter().flatten().enumerate() {
                    judge(root, value, item, &format!("{at}/{i}"), found);
                }
                true
            }
            "properties" | "additionalProperties" => true,
            "$schema" | "$id" | "title" | "description" | "default" | "definitions" | "examples" | "format"
            | "pattern" | "patternProperties" => true,
            other => panic!("the judge does not know `{other}`"),
        };
        if !fine {
            found.push(format!("{at}: {keyword} {value}"));
        }
    }
    for (key, value) in json.as_object().into_iter().flatten() {
        let at = format!("{at}/{key}");
        let own = keywords.get("properties").and_then(|p| p.get(key));
        let by_pattern = keywords.get("patternProperties").and_then(|p| p.as_object()?.values().next());
        if let Some(schema) = own.or(by_pattern).or_else(|| keywords.get("additionalProperties")) {
            judge(root, schema, value, &at, found);
        }
    }
}

fn faults_of(root: &Json, schema: &Json, json: &Json) -> bool {
    let mut found = Vec::new();
    judge(root, schema, json, "", &mut found);
    found.is_empty()
}

fn is(ty: &Json, json: &Json) -> bool {
    match ty.as_str().unwrap() {
        "object" => json.is_object(),
        "array" => json.is_array(),
        "string" => json.is_string(),
        "boolean" => json.is_boolean(),
        "integer" => json.is_i64() || json.is_u64(),
        "number" => json.is_number(),
        "null" => json.is_null(),
        other => panic!("no type `{other}`"),
    }
}

/// A SARIF log of everything that the golden files of mistakes give, circles and lints too.
#[test]
fn sarif_logs_pass_the_official_schema() {
    let schema = std::fs::read_to_string("tests/data/sarif/sarif-schema-2.1.0.json").unwrap();
    let schema: Json = serde_json::from_str(&schema).unwrap();
    let mut results = 0;
    for place in ["tests/data/errors", "tests/data/lints", "tests/data/circle", "tests/data/schema", "examples"] {
        let Ok(log) = serde_json::from_str::<Json>(&stdout(&dealflow(&["check", place, "--format", "sarif"]))) else {
            continue;
        };
        assert_eq!(faults(&schema, &log), Vec::<String>::new(), "{place}");
        results += log["runs"][0]["results"].as_array().unwrap().len();
    }
    assert!(results > 200, "only {results} results were looked at");
    let mut broken: Json =
        serde_json::from_str(&stdout(&dealflow(&["check", "examples", "--format", "sarif"]))).unwrap();
    broken["runs"][0]["tool"]["driver"]["name"] = Json::Null;
    assert!(!faults(&schema, &broken).is_empty(), "the judge finds what is wrong");
}

fn toml(path: &Path) -> Option<Json> {
    let text = std::fs::read_to_string(path).unwrap();
    let table: toml::Table = text.parse().ok()?;
    Some(plain(serde_json::to_value(table).unwrap()))
}

/// Dates come as `{ "$__toml_private_datetime": "2026-12-25" }`; editors see texts.
fn plain(json: Json) -> Json {
    match json {
        Json::Object(object) if object.len() == 1 && object.contains_key("$__toml_private_datetime") => {
            object.into_iter().next().unwrap().1
        }
        Json::Object(object) => object.into_iter().map(|(key, value)| (key, plain(value))).collect(),
        Json::Array(items) => items.into_iter().map(plain).collect(),
        other => other,
    }
}

#[test]
fn the_schema_of_crm_toml_takes_what_is_right_and_refuses_what_is_wrong() {
    let schema = json_schema();
    for right in [
        "examples/invoice/crm.toml",
        "examples/opportunities/crm.toml",
        "src/cli/template/crm.toml",
        "tests/data/errors/crm.toml",
        "tests/data/run/crm.toml",
        "tests/data/schema/ok_workspace.toml",
    ] {
        let json = toml(Path::new(right)).unwrap_or_else(|| panic!("{right}"));
        assert_eq!(faults(&schema, &json), Vec::<String>::new(), "{right}");
    }
    // References and repetitions are beyond a JSON Schema.
    let table = [
        ("E0702_unknown_key.toml", "/user: not allowed"),
        ("E0702_unknown_stage.toml", "/entities/deal/pipelines/0/stages/2: anyOf"),
        ("E0703_fields.toml", "/entities/deal/fields/number: anyOf"),
        ("E0703_stages.toml", "/entities/contact: not"),
        ("E0703_stages.toml", "/entities/project: dependencies"),
        ("E0703_workspace.toml", "/currencies/GBP: exclusiveMinimum"),
        ("E0703_workspace.toml", "/workspace/holidays/2: type"),
    ];
    for (name, fault) in table {
        let json = toml(&Path::new("tests/data/schema").join(name)).unwrap();
        let found = faults(&schema, &json);
        assert!(found.iter().any(|f| f.starts_with(fault)), "{name}: {fault} is not in {found:#?}");
    }
}

#[test]
fn the_schema_is_shown_as_a_table() {
    let output = dealflow(&["schema", "show", "examples/invoice"]);
    assert_eq!(output.status.code(), Some(0));
    let one = dealflow(&["schema", "show", "deal", "examples/invoice"]);
    assert!(stdout(&output).contains(&stdout(&one)) && !stdout(&one).is_empty());
    insta::assert_snapshot!(stdout(&output));
    let wrong = dealflow(&["schema", "show", "deel", "examples/invoice"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("did you mean `deal`?"));
    assert_eq!(dealflow(&["schema", "json"]).status.code(), Some(0));
}
