//! What a deploy does to rules and runs, for people and for tools.

use crate::engine::{Deploy, RuleChange, RuleDeploy};
use crate::vm::carry::Class;
use serde_json::{Value as Json, json};
use std::fmt::Write as _;

/// How many places at which runs stay are told of each rule.
const PLACES: usize = 10;

/// One paragraph for each rule that is not as it was.
pub(crate) fn text(deploy: &Deploy) -> String {
    let mut out = String::new();
    for rule in &deploy.rules {
        let program = rule.program.short();
        let _ = match &rule.change {
            RuleChange::New => writeln!(out, "{}  new, program {program}", rule.key),
            RuleChange::Changed => writeln!(out, "{}  changed, program {program}", rule.key),
            RuleChange::Migrates => writeln!(out, "{}  says `migrate`, program {program}", rule.key),
            RuleChange::Renamed(from) => writeln!(out, "{}  was {from}, program {program}", rule.key),
            RuleChange::Removed => writeln!(out, "{}  removed", rule.key),
        };
        if rule.runs() > 0 {
            let _ = writeln!(out, "    {}", counts(rule));
        }
        for (pinned, count) in rule.pinned.iter().take(PLACES) {
            let (file, line) = (&pinned.file, pinned.line);
            let _ = writeln!(out, "    {count} pinned at {file}:{line} `{}`: {}", pinned.words, pinned.why);
        }
        if let Some(more) = rule.pinned.len().checked_sub(PLACES).filter(|more| *more > 0) {
            let _ = writeln!(out, "    … and at {more} more places");
        }
        for (why, count) in &rule.stuck {
            let _ = writeln!(out, "    {count} stuck: {why}");
        }
    }
    out
}

/// `12 runs sleep: 8 identical, 3 compatible, 1 pinned`
fn counts(rule: &RuleDeploy) -> String {
    let carried = |class| rule.carried.get(&class).copied().unwrap_or_default();
    let counts = [
        ("identical", carried(Class::Identical)),
        ("compatible", carried(Class::Compatible)),
        ("mapped", carried(Class::Mapped)),
        ("pinned", rule.pinned.values().sum()),
        ("stuck", rule.stuck.values().sum()),
    ];
    let told = counts.iter().filter(|(_, count)| *count > 0).map(|(name, count)| format!("{count} {name}"));
    let told = told.collect::<Vec<_>>().join(", ");
    match rule.runs() {
        1 => format!("1 run sleeps: {told}"),
        runs => format!("{runs} runs sleep: {told}"),
    }
}

/// One object for a rule.
pub(crate) fn object(rule: &RuleDeploy) -> Json {
    let carried = |class| rule.carried.get(&class).copied().unwrap_or_default();
    let (change, from) = match &rule.change {
        RuleChange::New => ("new", None),
        RuleChange::Changed => ("changed", None),
        RuleChange::Migrates => ("migrates", None),
        RuleChange::Renamed(from) => ("renamed", Some(&**from)),
        RuleChange::Removed => ("removed", None),
    };
    let pinned = rule.pinned.iter().map(|(pinned, count)| {
        json!({
            "file": &*pinned.file, "line": pinned.line, "at": pinned.words,
            "why": pinned.why.to_string(), "runs": count,
        })
    });
    json!({
        "rule": &*rule.key,
        "change": change,
        "was": from,
        "program": rule.program.to_string(),
        "identical": carried(Class::Identical),
        "compatible": carried(Class::Compatible),
        "mapped": carried(Class::Mapped),
        "pinned": rule.pinned.values().sum::<u64>(),
        "stuck": rule.stuck.values().sum::<u64>(),
        "places": pinned.collect::<Vec<_>>(),
    })
}
