//! The candidates for each kind of place.

use super::pipeline::narrowed;
use super::place::{Migrate, wanted};
use super::{Candidate, Kind, Names};
use crate::catalog::{self, Action, Param, ParamType, Slot, With};
use crate::check::fixed_members;
use crate::schema::{Schema, Thing, Type};
use crate::syntax::lexer::Lexed;
use crate::syntax::token::{NOUNS, VERBS};
use std::fmt::Write as _;
use std::iter::once;

/// Words that begin statements, beside the verbs.
const STATEMENTS: &[&str] = &[
    "let", "set", "if", "match", "for", "while", "wait", "stop", "do", "start", "return", "try", "undo", "parallel",
    "race", "break", "continue", "assert", "migrate",
];
/// Words that begin items.
const ITEMS: &[&str] = &["on", "rule", "const"];
/// What happens to records, after the entity.
const HAPPENS: &[&str] = &["created", "updated", "deleted", "changed", "won", "lost", "closed"];

fn new(insert: impl Into<String>, detail: impl Into<String>) -> Candidate {
    of(Kind::Word, insert, detail)
}

fn of(kind: Kind, insert: impl Into<String>, detail: impl Into<String>) -> Candidate {
    Candidate { insert: insert.into(), detail: detail.into(), kind, snippet: None }
}

/// What begins an item.
pub(super) fn items() -> Vec<Candidate> {
    let items = [
        ("on", "a rule: what is done when something happens", "on ${1:deal} ${2:created} {\n  $0\n}"),
        ("rule", "a rule with a name", "rule \"${1:name}\"\non ${2:deal created} {\n  $0\n}"),
        ("fn", "a function", "fn ${1:name}(\\$${2:deal}: ${3:deal}) {\n  $0\n}"),
        ("const", "a value that never changes", "const \\$${1:limit} = ${2:10};"),
        ("use", "functions and constants of another file", "use \"${1:lib/legal.flow}\";"),
        ("test", "a test of rules", "test \"${1:name}\" {\n  $0\n}"),
    ];
    let item = |(word, detail, snippet): (&str, &str, &str)| Candidate {
        snippet: Some(snippet.to_owned()),
        ..new(word, detail)
    };
    items.into_iter().map(item).collect()
}

/// Whole actions with what they need, as places to fill in.
fn whole_actions() -> impl Iterator<Item = Candidate> {
    catalog::actions().filter(|action| action.verb != "set").map(|action| {
        let mut snippet = action.verb.to_owned();
        let mut next = 0;
        let mut fill = |snippet: &mut String, param: &Param| {
            next += 1;
            let text = matches!(param.ty, ParamType::Text);
            let quote = if text { "\"" } else { "" };
            let _ = write!(snippet, " {quote}${{{next}:{}}}{quote}", param.name);
        };
        for slot in action.head {
            match slot {
                Slot::Word(word) => {
                    snippet.push(' ');
                    snippet.push_str(word);
                }
                Slot::Arg(param) if param.required => fill(&mut snippet, param),
                Slot::Arg(_) => {}
            }
        }
        for prep in action.preps {
            let Some(param) = prep.param.as_ref().filter(|param| param.required) else { continue };
            for word in once(&prep.prep).chain(prep.words) {
                snippet.push(' ');
                snippet.push_str(word);
            }
            fill(&mut snippet, param);
            for param in prep.then.iter().filter(|param| param.required) {
                fill(&mut snippet, param);
            }
        }
        snippet.push(';');
        Candidate { snippet: Some(snippet), ..of(Kind::Action, action.id, action.summary) }
    })
}

/// The fields of a value of this type.
pub(super) fn fields(ty: &Type, schema: &Schema) -> Vec<Candidate> {
    match ty.present() {
        Type::Entity(id) => {
            let fields = schema.get(*id).into_iter().flat_map(|e| &e.fields);
            fields.map(|f| of(Kind::Field, &*f.name, schema.type_name(&f.ty))).collect()
        }
        ty => {
            let members = fixed_members(ty).into_iter();
            members.map(|(name, ty)| of(Kind::Field, name, schema.type_name(&ty))).collect()
        }
    }
}

/// `$names`
pub(super) fn variables(names: Names<'_>) -> Vec<Candidate> {
    let own = names.variables.iter().map(|(name, ty)| of(Kind::Variable, name, names.schema.type_name(ty)));
    let bindings =
        names.schema.bindings.iter().map(|(name, binding)| of(Kind::Variable, &**name, binding.target.to_string()));
    own.chain(bindings).collect()
}

/// What begins a statement; at the beginning of a prompt's line also items and values.
pub(super) fn statement_starts(names: Names<'_>, also_values: bool) -> Vec<Candidate> {
    let verb =
        |verb: &&'static str| catalog::actions_of(verb).next().map(|action| of(Kind::Action, *verb, action.summary));
    let mut all: Vec<Candidate> = VERBS.iter().filter_map(verb).collect();
    if !names.prompt {
        all.extend(whole_actions());
    }
    all.extend(STATEMENTS.iter().map(|word| new(*word, "")));
    if also_values {
        all.extend(ITEMS.iter().map(|word| new(*word, "")));
        all.extend(values(names));
    }
    all
}

/// After `on`: what can happen.
pub(super) fn trigger(done: &[String], schema: &Schema) -> Vec<Candidate> {
    let words: Vec<&str> = done.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] => {
            let records = schema.entities.iter().map(|e| of(Kind::Entity, &*e.name, "changes of records"));
            let events = catalog::EVENTS.iter().filter_map(|e| e.name.split_once(' ')).map(|(first, _)| new(first, ""));
            records.chain(events).collect()
        }
        [first] => {
            let entity = schema.entity(first);
            let records = entity.into_iter().flat_map(|entity| {
                let stage = entity.stage_name().map(|name| new(&**name, "enters a stage"));
                HAPPENS.iter().map(|word| new(*word, "")).chain(stage)
            });
            let events = catalog::EVENTS.iter().filter_map(|e| Some((e.name.split_once(' ')?, e.summary)));
            let second = events.filter(|((word, _), _)| word == first).map(|((_, word), summary)| new(word, summary));
            records.chain(second).collect()
        }
        [entity, "stage" | "status"] => match schema.entity_id(entity) {
            Some(id) => members(&Type::Stage(id), schema, false).into_iter().map(quote).collect(),
            None => Vec::new(),
        },
        [entity, "changed", ..] => match schema.entity_id(entity) {
            Some(id) => fields(&Type::Entity(id), schema),
            None => Vec::new(),
        },
        _ => ["if", "while", "once per", "each time", "one at a time", "restart", "in pipeline", "from"]
            .map(|word| new(word, ""))
            .into(),
    }
}

fn quote(candidate: Candidate) -> Candidate {
    if candidate.insert.starts_with('"') {
        return candidate;
    }
    Candidate { insert: format!("\"{}\"", candidate.insert), ..candidate }
}

/// Names after a noun.
pub(super) fn nouns(noun: &str, schema: &Schema, quotes: bool) -> Vec<Candidate> {
    let name = |name: &str, detail: &str| {
        of(Kind::Member, if quotes { format!("\"{name}\"") } else { name.to_owned() }, detail)
    };
    match noun {
        "user" => schema.users.iter().map(|(id, user)| name(id, &user.name)).collect(),
        "department" => schema.departments.keys().map(|id| name(id, "department")).collect(),
        "role" => schema.roles.keys().map(|id| name(id, "role")).collect(),
        "chat" => schema.chats.keys().map(|id| name(id, "chat")).collect(),
        "stage" | "pipeline" => {
            let pipelines = schema.entities.iter().flat_map(|e| &e.pipelines);
            let names = pipelines.flat_map(|p| {
                let stages = p.stages.iter().map(|s| &s.name);
                if noun == "stage" { stages.collect::<Vec<_>>() } else { vec![&p.name] }
            });
            names.map(|id| name(id, noun)).collect()
        }
        _ => Vec::new(),
    }
}

/// The members of an enumeration, in quotes where they are no words.
pub(super) fn members(ty: &Type, schema: &Schema, quotes: bool) -> Vec<Candidate> {
    let plain = |name: &str| name.chars().all(|c| c.is_alphanumeric() || c == '_');
    let member = |name: &str, detail: &str| {
        of(Kind::Member, if quotes && !plain(name) { format!("\"{name}\"") } else { name.to_owned() }, detail)
    };
    match ty.present() {
        Type::Stage(id) => {
            let pipelines = schema.get(*id).map_or(&[][..], |entity| &entity.pipelines);
            let mut found: Vec<Candidate> = Vec::new();
            for stage in pipelines.iter().flat_map(|p| &p.stages) {
                let of = pipelines.iter().filter(|p| p.stages.iter().any(|s| s.name == stage.name));
                let of: Vec<&str> = of.map(|p| &*p.name).collect();
                let detail = if pipelines.len() > 1 { format!("stage of {}", of.join(", ")) } else { "stage".into() };
                let one = member(&stage.name, &detail);
                if !found.contains(&one) {
                    found.push(one);
                }
            }
            found
        }
        Type::Pipeline(id) => {
            let pipelines = schema.get(*id).into_iter().flat_map(|e| &e.pipelines);
            pipelines.map(|pipeline| member(&pipeline.name, "pipeline")).collect()
        }
        Type::Enum(id, field) => {
            let options = schema.get(*id).and_then(|e| e.get(*field)).into_iter().flat_map(|f| &f.options);
            options.map(|option| member(&option.name, &option.label)).collect()
        }
        Type::User => {
            schema.users.iter().map(|(id, user)| of(Kind::Member, format!("user \"{id}\""), &user.name)).collect()
        }
        _ => Vec::new(),
    }
}

/// In quotes that are open: names after a noun, or members of what is wanted.
pub(super) fn quoted(text: &str, tokens: &[Lexed], names: Names<'_>) -> Vec<Candidate> {
    let Some((last, before)) = tokens.split_last() else { return Vec::new() };
    let word = last.span.of(text);
    let entity = before.last().and_then(|t| names.schema.entity_id(t.span.of(text)));
    let found = match (word, entity, wanted(text, tokens, names)) {
        ("stage" | "status", Some(id), _) => members(&Type::Stage(id), names.schema, false),
        (_, _, Some(ty)) => narrowed(text, &ty, names.schema, members(&ty, names.schema, false)),
        (noun, ..) => nouns(noun, names.schema, false),
    };
    found.into_iter().map(|c| Candidate { insert: format!("{}\"", c.insert), ..c }).collect()
}

/// What may follow in an action, by the catalogue.
pub(super) fn action(words: &[String], names: Names<'_>) -> Vec<Candidate> {
    let Some((verb, rest)) = words.split_first() else { return Vec::new() };
    let last = words.last().map_or("", String::as_str);
    let has = |word: &str| rest.iter().any(|w| w == word);
    let mut all = Vec::new();
    let actions: Vec<&Action> =
        catalog::actions_of(verb).filter(|action| rest.is_empty() || fits(action, rest)).collect();
    for action in actions {
        if rest.is_empty() {
            let words = action.head.iter().filter_map(|slot| match slot {
                Slot::Word(word) => Some(*word),
                Slot::Arg(_) => None,
            });
            all.extend(words.take(1).map(|word| new(word, action.summary)));
            let first = action.head.iter().find_map(|slot| match slot {
                Slot::Arg(param) => Some(param),
                Slot::Word(_) => None,
            });
            all.extend(first.into_iter().flat_map(|param| values_of(param, names)));
        }
        if let Some(prep) = action.preps.iter().find(|prep| prep.prep == last) {
            all.extend(prep.words.iter().map(|word| new(*word, action.summary)));
            all.extend(prep.param.iter().flat_map(|param| values_of(param, names)));
        } else if has("with") {
            all.extend(named(action, rest, names.schema));
        } else if !rest.is_empty() {
            all.extend(
                action
                    .preps
                    .iter()
                    .filter(|prep| !has(prep.prep))
                    .map(|p| new(p.prep, p.param.map_or(action.summary, |param| param.doc))),
            );
            if !matches!(action.with, With::Params([])) {
                all.push(new("with", "named values"));
            }
        }
    }
    all.extend(values(names));
    all
}

/// Whether an action can be meant by these words.
fn fits(action: &Action, rest: &[String]) -> bool {
    let first = action.head.first();
    let fixed = matches!(first, Some(Slot::Word(word)) if rest.first().is_some_and(|w| w == word));
    fixed || !matches!(first, Some(Slot::Word(_)))
}

/// `name:` for what `with` takes.
fn named(action: &Action, rest: &[String], schema: &Schema) -> Vec<Candidate> {
    match action.with {
        With::Params(params) => params.iter().map(|p| new(format!("{}:", p.name), p.doc)).collect(),
        With::Fields => {
            let entity = rest.first().and_then(|word| schema.entity(word));
            let fields = entity.into_iter().flat_map(|e| &e.fields).filter(|f| !f.read_only);
            fields.map(|f| of(Kind::Field, format!("{}:", f.name), schema.type_name(&f.ty))).collect()
        }
        With::Payload => {
            let webhook = rest.iter().find_map(|word| schema.webhooks.get(word.trim_matches('"')));
            let payload = webhook.into_iter().flat_map(|webhook| &webhook.payload);
            payload.map(|(name, ty)| new(format!("{name}:"), schema.type_name(ty))).collect()
        }
    }
}

fn values_of(param: &Param, names: Names<'_>) -> Vec<Candidate> {
    let schema = names.schema;
    match param.ty {
        ParamType::Choice(words) => words.iter().map(|word| new(*word, param.doc)).collect(),
        ParamType::Entity => schema.entities.iter().map(|e| of(Kind::Entity, &*e.name, &e.label)).collect(),
        ParamType::Person | ParamType::Assignee => {
            let user = once("user").map(|noun| new(noun, param.doc));
            let chosen = ["next", "least"].map(|word| new(word, "of several"));
            user.chain(chosen.into_iter().filter(|_| param.ty == ParamType::Assignee)).collect()
        }
        ParamType::Thing(thing) => things(thing, schema, param),
        ParamType::Sender => things(Thing::Sender, schema, param),
        ParamType::Bookable => things(Thing::Resource, schema, param),
        ParamType::Customer | ParamType::Recipient => {
            ["client", "contact", "company", "lead"].map(|root| new(root, param.doc)).into()
        }
        ParamType::Targets => {
            let all = catalog::CONVERSIONS.iter().flat_map(|(_, targets)| *targets);
            let all: std::collections::BTreeSet<&str> = all.copied().collect();
            all.into_iter().map(|target| new(target, param.doc)).collect()
        }
        ParamType::Flag => ["true", "false"].map(|word| new(word, param.doc)).into(),
        ParamType::People => ["user", "department", "role", "everybody"].map(|noun| new(noun, param.doc)).into(),
        ParamType::Chat => once("chat").map(|noun| new(noun, param.doc)).collect(),
        ParamType::Text
        | ParamType::Int
        | ParamType::Bool
        | ParamType::Moment
        | ParamType::Duration
        | ParamType::Record
        | ParamType::Stage
        | ParamType::BookingField
        | ParamType::TargetPipeline
        | ParamType::Id
        | ParamType::FieldNames
        | ParamType::Files
        | ParamType::Pipeline => Vec::new(),
    }
}

fn things(thing: Thing, schema: &Schema, param: &Param) -> Vec<Candidate> {
    schema.things(thing).into_iter().map(|name| new(format!("\"{name}\""), param.doc)).collect()
}

/// In a `find`: the kinds of records, then its parts.
pub(super) fn find(done: usize, names: Names<'_>) -> Vec<Candidate> {
    match done {
        0 => names.schema.entities.iter().map(|e| of(Kind::Entity, &*e.name, &e.label)).collect(),
        1 => vec![new("$d", "one of them")],
        _ => {
            let parts = [
                ("where", "which of them"),
                ("order by", "in this order"),
                ("desc", "the largest first"),
                ("limit", "at most so many"),
            ];
            parts.map(|(word, detail)| new(word, detail)).into_iter().chain(values(names)).collect()
        }
    }
}

/// In a `migrate`.
pub(super) fn migrate(part: Migrate, names: Names<'_>) -> Vec<Candidate> {
    let with = || new("with", "what variables of this version get");
    match part {
        Migrate::Parts => vec![new("from wait", "the old wait as it was written"), with()],
        Migrate::Wait => ["wait", "wait until", "wait for"].map(|words| new(words, "as it was written")).into(),
        Migrate::InWait => [with()].into_iter().chain(values(names)).collect(),
        Migrate::Variable => {
            let own = names.variables.iter();
            own.map(|(name, ty)| of(Kind::Variable, format!("{name}:"), names.schema.type_name(ty))).collect()
        }
    }
}

/// What can begin a value.
pub(super) fn values(names: Names<'_>) -> Vec<Candidate> {
    let roots = names.schema.entities.iter().map(|e| of(Kind::Entity, &*e.name, &e.label));
    let clock = [new("now", "this moment"), new("today", "this day"), new("client", "the contact or the company")];
    let functions = catalog::functions().iter().map(|f| of(Kind::Function, format!("{}(", f.name), f.doc));
    let nouns = NOUNS.iter().take(4).map(|noun| new(*noun, "by its name"));
    roots.chain(clock).chain(functions).chain(nouns).chain(variables(names)).collect()
}
