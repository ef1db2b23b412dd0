//! What the catalogue says that actions change, against what they do: the search for circles goes by it.

use dealflow::catalog::{self, Action, RAISED, Touch, Way};
use dealflow::crm::Embedded;
use dealflow::engine::{Call, Change, Crm, Done, EffectError, Engine, Event, Raised, Store, Stored, Taken};
use dealflow::feed::events::parse_line;
use dealflow::host::MemoryStore;
use dealflow::reference;
use dealflow::schema::{Entity, Schema, StageKind};
use dealflow::value::{Moment, Value};
use dealflow::vm::Request;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

/// The embedded CRM, with a note of what each action did.
#[derive(Default)]
struct Watched(Mutex<Vec<(Request, Done)>>);

impl Crm for Watched {
    fn take(&self, store: &mut dyn Store, schema: &Schema, now: Moment, event: &Event) -> Stored<Taken> {
        Embedded.take(store, schema, now, event)
    }

    fn perform(&self, store: &mut dyn Store, call: Call<'_>) -> Result<Done, EffectError> {
        let done = Embedded.perform(store, call)?;
        self.0.lock().unwrap().push((call.request.clone(), done.clone()));
        Ok(done)
    }
}

/// Runs a rule in the manual's workspace; what its actions did.
fn run(script: &str) -> (Arc<Schema>, Vec<(Request, Done)>) {
    let compiled = reference::compile(script);
    assert!(compiled.is_sound(), "{script}\n{:?}", compiled.diagnostics);
    let crm = Arc::new(Watched::default());
    let mut engine = Engine::new(Arc::clone(&compiled.schema), compiled.programs, Arc::<Watched>::clone(&crm));
    let mut store = MemoryStore::new();
    for line in reference::EVENTS.lines() {
        let event = parse_line(line, &compiled.schema).unwrap();
        engine.deliver(&mut store, &event, &mut |_| ()).unwrap();
    }
    let until = dealflow::schema::moment(&compiled.schema, reference::UNTIL).unwrap();
    while engine.next_timer(&store).unwrap().is_some_and(|at| at <= until) {
        engine.fire_next(&mut store, &mut |_| ()).unwrap();
    }
    let done = crm.0.lock().unwrap().clone();
    (compiled.schema, done)
}

/// Whether a change is one that the catalogue's word for it covers.
fn covers(touch: Touch, change: &Change, request: &Request, schema: &Schema) -> bool {
    let names = |param: &str| match request.arg(param) {
        Some(Value::Text(name)) => vec![name.clone()],
        Some(Value::List(items)) => items
            .iter()
            .filter_map(|item| if let Value::Text(name) = item { Some(name.clone()) } else { None })
            .collect(),
        _ => Vec::new(),
    };
    let entity = schema.entity(&change.of.kind).unwrap();
    let own = request.arg("record") == Some(&Value::Ref(change.of.clone()));
    let written = |field: &str| change.touches(field);
    let stage = entity.stage_name().map(|name| &**name);
    let made = change.before.is_none();
    let first = || first_stage(entity, change);
    let ends = |kind| !made && stage.is_some_and(written) && kind_of(entity, change) == Some(kind);
    let others = |known: &[&str]| change.fields.iter().all(|f| known.contains(&&**f) || &**f == "updated_at");
    match touch {
        Touch::Makes(kind) => made && *change.of.kind == *kind && first(),
        Touch::MakesNamed(param) => {
            made && names(param).contains(&change.of.kind) && (request.action == "create".into() || first())
        }
        Touch::SetsGiven => {
            own && !made && change.fields.iter().all(|f| request.arg(f).is_some() || &**f == "updated_at")
        }
        Touch::Sets(fields) => own && !made && others(fields),
        Touch::SetsNamed(param) => own && !made && names(param).iter().any(|f| written(f)),
        Touch::Moves => own && stage.is_some_and(written),
        Touch::Ends(kind) => own && ends(kind),
        Touch::EndsOthers(other, kind) => *change.of.kind == *other && ends(kind),
    }
}

fn first_stage(entity: &Entity, change: &Change) -> bool {
    let Some(stage) = entity.stage_name() else { return true };
    entity.first_stage(None).is_some_and(|first| *change.new_value(stage) == Value::Text(first.name.clone()))
}

fn kind_of(entity: &Entity, change: &Change) -> Option<StageKind> {
    let Value::Text(stage) = change.new_value(entity.stage_name()?) else { return None };
    entity.find_stage(None, stage).map(|stage| stage.kind)
}

/// Whether an event can follow from what is declared of an action, by the catalogue's table.
fn follows(action: &Action, raised: &Raised, request: &Request) -> bool {
    let named = |param: &str| format!("{:?}", request.arg(param)).contains(&*raised.about.kind);
    RAISED.iter().filter(|raise| raise.event == &*raised.name && *raise.entity == *raised.about.kind).any(|raise| {
        action.touches.iter().any(|touch| match (touch, raise.way) {
            (Touch::Makes(kind), Way::Made) => *kind == raise.entity,
            (Touch::MakesNamed(param), _) => named(param),
            (Touch::EndsOthers(kind, end), Way::Ends(wanted)) => *kind == raise.entity && *end == wanted,
            (Touch::Ends(end), Way::Ends(wanted)) => *end == wanted,
            (Touch::SetsGiven | Touch::Moves, _) => true,
            _ => false,
        })
    })
}

/// Beside the examples of the manual: what they do not show of it.
const MORE: &[&str] = &[
    "on deal created { create task \"T\"; create activity \"A\"; schedule call \"C\" from now + 1h to now + 2h; \
     let $i = create invoice with title: \"I\"; set $i.status = Paid; }",
    "on lead created if lead.title != \"\" once per lead { create task \"T\"; create activity \"A\"; \
     schedule call \"C\" from now + 1h to now + 2h; schedule meeting \"M\" from now + 1h to now + 2h; \
     convert lead to company, deal; }",
    "on deal created if deal.title != \"\" once per deal { let $l = create lead with title: \"L\", company_name: \"B\"; \
     convert $l to company; }",
];

#[test]
fn actions_change_what_the_catalogue_says() {
    let examples = catalog::actions().flat_map(|action| {
        action.examples.iter().map(|example| format!("{} {{\n{}\n}}\n", example.head, example.source))
    });
    let mut seen: BTreeSet<(&str, String)> = BTreeSet::new();
    let mut events = 0;
    for script in examples.chain(MORE.iter().map(|script| (*script).to_owned())) {
        let (schema, all) = run(&script);
        for (request, done) in &all {
            let Some(action) = catalog::actions().find(|action| *action.id == *request.action) else { continue };
            for change in done.changes.iter().filter(|change| schema.entity(&change.of.kind).is_some()) {
                let mut covering =
                    action.touches.iter().filter(|touch| covers(**touch, change, request, &schema)).peekable();
                assert!(
                    covering.peek().is_some(),
                    "`{}` does not say that it does this: {change:?}\n{script}",
                    action.id
                );
                seen.extend(covering.map(|touch| (action.id, format!("{touch:?}"))));
            }
            for raised in &done.raised {
                assert!(
                    follows(action, raised, request),
                    "`{}` does not say it raises {raised:?}\n{script}",
                    action.id
                );
                events += 1;
            }
        }
    }
    let all = catalog::actions().flat_map(|a| a.touches.iter().map(|touch| (a.id, format!("{touch:?}"))));
    let unseen: Vec<_> = all.filter(|touch| !seen.contains(touch)).collect();
    assert!(unseen.is_empty(), "never done by any example: {unseen:?}");
    assert!(events > 5, "{events}");
}
