//! Requests: what runs ask people, and what becomes of it.
//!
//! A request is a record of the store with the number of its run and effect (`request 17.3`). The run watches its
//! `outcome`; an answer is an event that changes the record. It goes as soon as its run does not wait for it any more.

use super::act::Acted;
use super::activation::Activation;
use super::change::Change;
use super::crm::{Call, EffectError};
use super::drive::Running;
use super::event::{Event, Reply, ReplyKind};
use super::limits;
use super::read::RUN;
use super::store::{Record, RunId, Store, Stored};
use crate::schema::Schema;
use crate::value::{Name, Ref, Value};
use crate::vm::{Request, Watch};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The kind of a request.
pub const REQUEST: &str = "request";

/// The action by which people hear that they are asked.
pub const TELL: &str = "notify";

/// The fields of a request that the run looks at, and by which people are found.
const OUTCOME: &str = "outcome";
const PEOPLE: &str = "people";
const APPROVAL: &str = "approval";

/// A request that nobody has answered yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Pending {
    /// Its number: that of the run and that of the effect.
    pub id: Name,
    /// The run.
    pub run: RunId,
    /// The record that the run is about.
    pub record: Option<Ref>,
    /// Whether something is to be approved; else a question is to be answered.
    pub approval: bool,
    /// What.
    pub question: Name,
    /// Who can answer.
    pub people: Vec<Ref>,
    /// Whether each of them must approve.
    pub all: bool,
}

/// The requests of a run that wait for people, in order.
pub fn pending(store: &dyn Store, run: RunId) -> Stored<Vec<Pending>> {
    let all = of_run(store, run)?;
    Ok(all.into_iter().filter_map(|(id, record)| open(run, id, &record)).collect())
}

/// The requests of all runs that wait for people, in the order of their runs.
///
/// # Errors
/// When the store fails.
pub fn all_pending(store: &dyn Store) -> Stored<Vec<Pending>> {
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = store.runs(after, limits::PAGE)?;
        let Some((last, _)) = page.last() else { return Ok(found) };
        after = Some(*last);
        for (run, _) in page {
            found.append(&mut pending(store, run)?);
        }
    }
}

impl Pending {
    /// Whether this employee can say it: by name, as the member of a department, or in a role.
    pub fn asks(&self, schema: &Schema, user: &Name) -> bool {
        self.people.iter().any(|of| is_or_holds(schema, of, user))
    }
}

fn open(run: RunId, id: Name, record: &Record) -> Option<Pending> {
    if *record.get(OUTCOME) != Value::Missing {
        return None;
    }
    let text = |field: &str| match record.get(field) {
        Value::Text(text) => text.clone(),
        _ => Name::default(),
    };
    let about = match record.get("record") {
        Value::Ref(of) => Some(of.clone()),
        _ => None,
    };
    Some(Pending {
        id,
        run,
        record: about,
        approval: &*text("kind") == APPROVAL,
        question: text("question"),
        people: refs(record.get(PEOPLE)),
        all: *record.get("all") == Value::Bool(true),
    })
}

/// All requests of a run.
fn of_run(store: &dyn Store, run: RunId) -> Stored<Vec<(Name, Arc<Record>)>> {
    let prefix = format!("{run}.");
    let mut found = Vec::new();
    let mut after = prefix.clone();
    loop {
        let page = store.records(REQUEST, Some(&after), limits::PAGE)?;
        let own = page.len();
        for (id, record) in page {
            if !id.starts_with(&prefix) {
                return Ok(found);
            }
            after = id.to_string();
            found.push((id, record));
        }
        if own < limits::PAGE {
            return Ok(found);
        }
    }
}

impl Activation<'_> {
    /// A run asks people; it gets a reference to the request.
    pub(super) fn ask(&mut self, run: &mut Running, request: Request) -> Stored<Acted> {
        let people = request.arg("people").map(refs).unwrap_or_default();
        let question = request.arg("question").cloned().unwrap_or_default();
        if people.is_empty() {
            return Ok(self.refused(run, request, "nobody is asked: the people are missing".into()));
        }
        let of = Ref::new(REQUEST, &format!("{}.{}", run.id, request.seq));
        let mut record = Record::default();
        let told = Value::list(people.iter().cloned().map(Value::Ref).collect());
        let mut set = |field: &str, value: Value| record.set(&field.into(), value);
        set("kind", request.arg("kind").cloned().unwrap_or_default());
        set("question", question.clone());
        set(PEOPLE, told.clone());
        set("all", request.arg("all").cloned().unwrap_or_default());
        set("run", Value::Ref(Ref::new(RUN, &run.id.to_string())));
        set("record", run.record.clone().map_or(Value::Missing, Value::Ref));
        set("at", Value::DateTime(self.now));
        if let Err(why) = self.tell_people(run, &request, told, &question, &of)? {
            return Ok(self.refused(run, request, why));
        }
        self.store.put_record(&of, Arc::new(record))?;
        Ok(self.done(run, request, Value::Ref(of)))
    }

    /// The people hear of it as of any notification.
    fn tell_people(
        &mut self,
        run: &Running,
        request: &Request,
        people: Value,
        question: &Value,
        of: &Ref,
    ) -> Stored<Result<(), Name>> {
        let question = match question {
            Value::Text(text) => text.to_string(),
            _ => String::new(),
        };
        let text = format!("{question} ({of})");
        let args = vec![(Name::from("to"), people), ("text".into(), Value::text(&text))];
        let request = Request { seq: request.seq, action: TELL.into(), args };
        let call =
            Call { schema: &self.schema, now: self.now, run: run.id, record: run.record.as_ref(), request: &request };
        match self.engine.crm.perform(self.store, call) {
            Ok(_) => Ok(Ok(())),
            Err(EffectError::Refused(why)) => Ok(Err(why.into())),
            Err(EffectError::Store(error)) => Err(error),
        }
    }

    /// Somebody answers: the change of the request, or why it changes nothing.
    pub(super) fn reply(&mut self, event: &Event, reply: &Reply) -> Stored<Result<Change, &'static str>> {
        let of = Ref { kind: REQUEST.into(), id: reply.request.clone() };
        let Some(before) = self.store.record(&of)? else {
            return Ok(Err("there is no such request now: it was answered, or its run does not wait any more"));
        };
        let Some(by) = &event.by else { return Ok(Err("it is not said who answers")) };
        let mut after = (*before).clone();
        if let Err(why) = answer(&self.schema, &mut after, event, reply, by) {
            return Ok(Err(why));
        }
        let after = Arc::new(after);
        self.store.put_record(&of, after.clone())?;
        Ok(Change::between(of, Some(before), Some(after)).ok_or("this is known already"))
    }

    /// Requests that a run does not wait for any more go; all of them when it is over.
    pub(super) fn settle_requests(&mut self, run: &Running, over: bool) -> Stored<()> {
        if !run.rule.asks {
            return Ok(());
        }
        let waited: BTreeSet<Ref> = run.machine.waiting().filter(|_| !over).map_or_else(BTreeSet::new, |wait| {
            let of = |watch: Watch| match watch {
                Watch::Field { of, field: _ } => Some(of),
                Watch::Event { .. } => None,
            };
            wait.watches.into_iter().filter_map(of).collect()
        });
        for (id, _) in of_run(self.store, run.id)? {
            let of = Ref { kind: REQUEST.into(), id };
            if !waited.contains(&of) {
                self.store.remove_record(&of)?;
            }
        }
        Ok(())
    }
}

/// Puts an answer into the request.
fn answer(schema: &Schema, request: &mut Record, event: &Event, reply: &Reply, by: &Name) -> Result<(), &'static str> {
    if *request.get(OUTCOME) != Value::Missing {
        return Err("this request is answered");
    }
    let mut people = refs(request.get(PEOPLE));
    let Some(at) = people.iter().position(|of| is_or_holds(schema, of, by)) else {
        return Err("this person is not asked");
    };
    let approval = *request.get("kind") == Value::text(APPROVAL);
    let text = event.fields.iter().find(|(name, _)| &**name == "text").map(|(_, value)| value.clone());
    let outcome = match &reply.what {
        ReplyKind::Approve | ReplyKind::Reject if !approval => {
            return Err("this is a question: it is answered with a text");
        }
        ReplyKind::Answer if approval => return Err("this is approved or rejected, not answered"),
        ReplyKind::Answer if text.is_none() => return Err("the answer is missing"),
        ReplyKind::Answer => "reached",
        ReplyKind::Reject => "rejected",
        ReplyKind::Approve => {
            people.remove(at);
            if *request.get("all") == Value::Bool(true) && !people.is_empty() {
                request.set(&PEOPLE.into(), Value::list(people.into_iter().map(Value::Ref).collect()));
                return Ok(());
            }
            "approved"
        }
        ReplyKind::Delegate(to) => {
            let to = Ref { kind: "user".into(), id: to.clone() };
            if people.contains(&to) {
                return Err("this person is asked already");
            }
            if let Some(place) = people.get_mut(at) {
                *place = to;
            }
            request.set(&PEOPLE.into(), Value::list(people.into_iter().map(Value::Ref).collect()));
            return Ok(());
        }
    };
    request.set(&OUTCOME.into(), Value::text(outcome));
    request.set(&"by".into(), Value::Ref(Ref { kind: "user".into(), id: by.clone() }));
    request.set(&"text".into(), text.unwrap_or_default());
    Ok(())
}

/// What an answer did, in a word, for the timeline.
pub(super) fn word(change: &Change) -> &'static str {
    match change.new_value(OUTCOME) {
        Value::Text(outcome) if &**outcome == "rejected" => "rejected",
        Value::Text(outcome) if &**outcome == "approved" => "approved",
        Value::Text(_) => "answered",
        _ if refs(change.new_value(PEOPLE)).len() < refs(change.old(PEOPLE)).len() => "approved",
        _ => "delegated",
    }
}

/// The references in a list, which may hold lists.
fn refs(value: &Value) -> Vec<Ref> {
    let mut found = Vec::new();
    collect(value, &mut found);
    found
}

fn collect(value: &Value, found: &mut Vec<Ref>) {
    match value {
        Value::Ref(of) if !found.contains(of) => found.push(of.clone()),
        Value::List(items) => items.iter().for_each(|item| collect(item, found)),
        _ => {}
    }
}

/// Whether this is the person, or a department or role that the person belongs to.
fn is_or_holds(schema: &Schema, of: &Ref, user: &Name) -> bool {
    match &*of.kind {
        "user" => of.id == *user,
        "department" => schema.users.get(user).is_some_and(|user| user.department.as_ref() == Some(&of.id)),
        "role" => schema.roles.get(&of.id).is_some_and(|role| role.members.contains(user)),
        _ => false,
    }
}
