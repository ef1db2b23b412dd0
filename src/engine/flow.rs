//! Flows: runs that other runs start.
//!
//! The run that starts one goes on at once; the new run begins when what is going on is served. It is a run like any
//! other, with a number and a history of its own, and outlives the run that started it, unless that one is cancelled:
//! then it is cancelled as well. A run that waits for it watches its `state`.

use super::act::Acted;
use super::activation::{Activation, Queued};
use super::drive::Running;
use super::history::{Cause, Ending, HistoryRow, Occasion, Page, Start};
use super::limits;
use super::read::{self, RUN};
use super::rules::Rule;
use super::sleep::Wake;
use super::store::{Record, RunId, Stored};
use super::trace::{Cancelled, TraceKind};
use super::watch::Role;
use crate::ir::{Origin, Trigger};
use crate::value::{Name, Ref, Value};
use crate::vm::{Input, Machine, Request};
use std::sync::Arc;

/// A run that is to begin.
pub(super) struct Child {
    id: RunId,
    rule: Arc<Rule>,
    args: Vec<Value>,
    record: Option<Ref>,
    parent: RunId,
    depth: u32,
    /// Its parent was cancelled before it began.
    dropped: bool,
}

/// The kind under which a store keeps, for a run, the runs that it started.
const CHILDREN: &str = "$children";
/// Their list.
const RUNS: &str = "runs";

impl Activation<'_> {
    /// A run starts a flow, and gets a reference to the new run.
    pub(super) fn start_flow(&mut self, run: &mut Running, request: Request) -> Stored<Acted> {
        let depth = run.depth + 1;
        if let Some(text) = self.over_limit(depth) {
            run.did(request, Err(text.as_str().into()));
            return Ok(Acted::Answered(Input::Failed(text)));
        }
        let mut values = request.args.iter().map(|(_, value)| value.clone());
        let key = match values.next() {
            Some(Value::Text(key)) => key,
            _ => Name::default(),
        };
        let args: Vec<Value> = values.collect();
        let found = self.engine.index.flow(&key).and_then(|at| self.engine.rules.get(at)).cloned();
        let rule = match found {
            Some(rule) if takes(&rule) == args.len() => rule,
            Some(rule) => {
                let why = format!("`{}` takes {} values by now, not {}", rule.name(), takes(&rule), args.len());
                return Ok(self.refused(run, request, why.into()));
            }
            None => {
                let (file, name) = key.rsplit_once('#').unwrap_or(("", &key));
                let why = format!("there is no flow `{name}` in `{file}` any more");
                return Ok(self.refused(run, request, why.into()));
            }
        };
        let mut children = self.going_on(run.id)?;
        if children.len() >= limits::CHILDREN {
            let text = format!("a run may have at most {} runs of flows going on", limits::CHILDREN);
            run.did(request, Err(text.as_str().into()));
            return Ok(Acted::Answered(Input::Failed(text)));
        }
        self.starts += 1;
        let meta = self.store.meta_mut();
        let id = RunId(meta.next_run);
        meta.next_run += 1;
        meta.counters.started += 1;
        let of = reference(id);
        children.push(Value::Ref(of.clone()));
        let mut record = Record::default();
        record.set(&RUNS.into(), Value::list(children));
        self.store.put_record(&children_of(run.id), Arc::new(record))?;
        // It is about the first record that it is given.
        let schema = &self.schema;
        let record = args.iter().find_map(|value| match value {
            Value::Ref(of) if schema.entity(&of.kind).is_some() => Some(of.clone()),
            _ => None,
        });
        let parent = run.id;
        self.queue.push_back(Queued::Start(Child { id, rule, args, record, parent, depth, dropped: false }));
        Ok(self.done(run, request, Value::Ref(of)))
    }

    /// The runs that a run has started and that go on.
    fn going_on(&self, id: RunId) -> Stored<Vec<Value>> {
        let record = self.store.record(&children_of(id))?;
        let Some(Value::List(runs)) = record.as_deref().map(|record| record.get(RUNS)) else { return Ok(Vec::new()) };
        let mut found = Vec::with_capacity(runs.len());
        for run in runs.iter() {
            if let Value::Ref(of) = run
                && self.is_going_on(of)?
            {
                found.push(run.clone());
            }
        }
        Ok(found)
    }

    fn is_going_on(&self, of: &Ref) -> Stored<bool> {
        Ok(read::read(&self.schema, self.store, of, "state")? == Value::text("running"))
    }

    /// A flow begins.
    pub(super) fn start_child(&mut self, child: Child) -> Stored<()> {
        let Child { id, rule, args, record, parent, depth, dropped } = child;
        let occasion = Occasion { what: format!("run {parent}").into(), by: None, origin: Origin::Rule };
        let start = Start { rule: rule.no, program: rule.digest, record: record.clone(), occasion };
        let cause = Cause::Started(Box::new(start));
        if dropped {
            let end = Ending::Cancelled(Cancelled::Parent);
            self.store.append_history(id, &HistoryRow { at: self.now, cause, deeds: Vec::new(), more: 0, end })?;
            self.store.meta_mut().counters.cancelled += 1;
            let what = TraceKind::Cancelled { why: Cancelled::Parent };
            self.tell(Some(rule.name()), record.as_ref(), Some(id), what);
            return self.child_over(id, depth);
        }
        self.tell(Some(rule.name()), record.as_ref(), Some(id), TraceKind::RunStarted);
        let machine = Machine::start(0, args, &rule.program);
        let (page, started) = (Page::new(cause), self.now);
        let (slept, woken, event, outside) = (None, None, Value::Missing, Vec::new());
        let run = Running { id, rule, record, event, started, machine, depth, slept, woken, page, outside };
        self.drive(run, Input::Go)
    }

    /// A run is over: what only it needed goes, and who waits for it hears of it.
    pub(super) fn untie(&mut self, run: &Running) -> Stored<()> {
        self.settle_requests(run, true)?;
        if run.rule.starts {
            self.store.remove_record(&children_of(run.id))?;
        }
        if run.rule.is_flow() {
            // Who waits for it stands one rule nearer to the outside, however often it does so.
            self.queue.push_back(Queued::Over(run.id, run.depth.saturating_sub(1)));
        }
        Ok(())
    }

    /// Wakes the runs that wait for this one to be over.
    pub(super) fn child_over(&mut self, id: RunId, depth: u32) -> Stored<()> {
        for (watcher, role) in self.store.field_watchers(&reference(id), &["state".into()])? {
            let wake = match role {
                Role::Lifetime => Wake { lifetime: true, ..Wake::default() },
                Role::Wait => Wake { look_again: true, ..Wake::default() },
            };
            self.wake(watcher, wake, depth)?;
        }
        Ok(())
    }

    /// A run is cancelled: so are the runs that it started.
    pub(super) fn cancel_children(&mut self, run: &Running) -> Stored<()> {
        if !run.rule.starts {
            return Ok(());
        }
        for queued in &mut self.queue {
            if let Queued::Start(child) = queued {
                child.dropped |= child.parent == run.id;
            }
        }
        self.cancel_children_of(run.id)
    }

    /// The same for a run that cannot be read.
    pub(super) fn cancel_children_of(&mut self, id: RunId) -> Stored<()> {
        for child in self.going_on(id)? {
            if let Value::Ref(of) = child
                && let Ok(number) = of.id.parse()
            {
                self.queue.push_back(Queued::Cancel(RunId(number)));
            }
        }
        self.store.remove_record(&children_of(id))
    }

    /// A run goes with the one that started it.
    pub(super) fn cancel_child(&mut self, id: RunId) -> Stored<()> {
        let Some(row) = self.store.run(id)? else { return Ok(()) };
        match self.take_up(id, row, 0, Cause::Parent)? {
            Some(mut run) => self.cancelled(&mut run, Cancelled::Parent),
            None => Ok(()),
        }
    }

    /// A record is removed: the runs that it set off are cancelled, unless they are there because of removals. What
    /// waited for it to be closed has been woken before.
    pub(super) fn end_runs_of(&mut self, of: &Ref) -> Stored<()> {
        let mut after = None;
        loop {
            let page = self.store.runs_of(of, after, limits::PAGE)?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(*last);
            for id in page {
                let Some(row) = self.store.run(id)? else { continue };
                let Some(mut run) = self.take_up(id, row, 0, Cause::Deleted)? else { continue };
                if !matches!(run.rule.program.trigger, Trigger::Deleted(_)) {
                    self.cancelled(&mut run, Cancelled::Deleted)?;
                }
            }
        }
    }
}

fn takes(rule: &Rule) -> usize {
    rule.program.functions.first().map_or(0, |function| usize::from(function.params))
}

fn reference(id: RunId) -> Ref {
    Ref::new(RUN, &id.to_string())
}

fn children_of(id: RunId) -> Ref {
    Ref::new(CHILDREN, &id.to_string())
}
