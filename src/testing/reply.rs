//! `when approved by user "mona";`: somebody says what a run asked.

use super::session::{Session, stopped};
use super::{Function, Stop};
use crate::check::testing::{Reply, Said};
use crate::engine::request::{Pending, all_pending};
use crate::engine::{Event, EventKind, ReplyKind};
use crate::source::Span;
use crate::value::{Name, Ref, Value};

impl Session<'_> {
    /// The first request that fits gets what is said.
    pub(super) fn reply(&mut self, span: Span, reply: &Reply<Function>) -> Result<(), Stop> {
        let by = self.employee(span, reply.by)?;
        let about = self.about(span, reply.about)?;
        let what = match &reply.said {
            Said::Approved => ReplyKind::Approve,
            Said::Rejected => ReplyKind::Reject,
            Said::Answered => ReplyKind::Answer,
            Said::Delegated(to) => ReplyKind::Delegate(self.employee(span, *to)?),
        };
        let mut fields = Vec::new();
        if let Some(text) = reply.text {
            fields.push(("text".into(), self.value(text)?));
        }
        let request = self.asked(span, &what, &by, about.as_ref())?;
        let what = EventKind::Reply(crate::engine::Reply { request: request.id, what });
        let event = Event { by: Some(by), ..self.event(what, None, fields) };
        self.deliver(span, &event)
    }

    fn employee(&self, span: Span, who: Function) -> Result<Name, Stop> {
        match self.value(who)? {
            Value::Ref(of) => Ok(of.id),
            _ => Err(Stop::broken(span, "there is no such employee", "nobody")),
        }
    }

    /// The request that this can be said to.
    fn asked(&self, span: Span, what: &ReplyKind, by: &Name, about: Option<&Ref>) -> Result<Pending, Stop> {
        let all = all_pending(&self.store).map_err(|error| stopped(span, &error))?;
        let fits = |asked: &&Pending| match what {
            ReplyKind::Approve | ReplyKind::Reject => asked.approval,
            ReplyKind::Answer => !asked.approval,
            ReplyKind::Delegate(_) => true,
        };
        let is_about = |asked: &&Pending| about.is_none_or(|about| asked.record.as_ref() == Some(about));
        let schema = &self.world.schema;
        let found = all.iter().filter(fits).filter(is_about).find(|asked| asked.asks(schema, by));
        if let Some(found) = found {
            return Ok(found.clone());
        }
        let name = |of: &Ref| self.timeline().human(&Value::Ref(of.clone()));
        let who = name(&Ref { kind: "user".into(), id: by.clone() });
        let what = if matches!(what, ReplyKind::Answer) { "a question" } else { "an approval" };
        let stop = Stop::broken(span, format!("no run asks {who} for {what} now"), "nobody waits for this");
        let told = |asked: &Pending| {
            let people: Vec<String> = asked.people.iter().map(name).collect();
            format!("\"{}\" is asked of {}", asked.question, people.join(", "))
        };
        Err(match all.first() {
            Some(other) => stop.help(told(other)),
            None => stop.help("no run waits for what people say: `expect waiting` shows where runs are"),
        })
    }
}
