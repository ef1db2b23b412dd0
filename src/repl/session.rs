//! A session: what is typed, line by line, and what comes back.

use super::command::{self, Command};
use super::compile::{self, Mistakes, Scope};
use super::eval::{World, evaluate};
use super::rules::Item;
use super::seed;
use crate::check::Known;
use crate::diagnostics::render;
use crate::engine::{Order, RunId, Store};
use crate::host::memory::MemoryStore;
use crate::ir::Program;
use crate::pipeline::Texts;
use crate::schema::{Schema, Type};
use crate::syntax::open::{self, Typed as Kind};
use crate::value::{Moment, Name, Ref, Value};
use chrono::NaiveDate;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a session asks of the world: files, and whether somebody wants it to stop.
pub trait Host {
    /// The bytes of a file.
    fn read(&mut self, path: &str) -> Result<Vec<u8>, String>;
    /// Writes a file.
    fn write(&mut self, path: &str, bytes: &[u8]) -> Result<(), String>;
    /// The workspace as it is now.
    fn workspace(&mut self) -> Result<Texts, String>;
    /// Whether somebody pressed Ctrl-C since it was asked last.
    fn interrupted(&mut self) -> bool;
}

/// Where the records are.
pub enum Home {
    /// In memory, with a few records to begin with.
    Memory,
    /// In a store.
    File {
        /// The store.
        store: Box<dyn Store>,
        /// Whether it may be changed.
        write: bool,
    },
}

/// How reports look.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// With colours.
    pub color: bool,
    /// The terminal's width in columns.
    pub width: usize,
}

/// What comes back for a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// What is to be shown; empty, or lines with their ends.
    pub text: String,
    /// More lines have to come first.
    pub more: bool,
    /// The session is over.
    pub done: bool,
    /// Something was wrong with the line.
    pub failed: bool,
}

pub(super) enum Place {
    Memory(Box<MemoryStore>),
    File(Box<dyn Store>, bool),
}

/// Rules, records, runs, variables and a clock.
pub struct Session {
    pub(super) texts: Texts,
    pub(super) items: Vec<Item>,
    pub(super) schema: Arc<Schema>,
    pub(super) programs: Vec<Arc<Program>>,
    pub(super) place: Place,
    pub(super) variables: BTreeMap<Name, Known>,
    /// What runs of the prompt that sleep will hand out.
    pub(super) lets: BTreeMap<RunId, Vec<(Name, Type)>>,
    pub(super) current: Option<Ref>,
    pub(super) trace: bool,
    /// The day of the last line of the timeline.
    pub(super) day: Option<NaiveDate>,
    style: Style,
    pending: String,
    /// What is wrong with the workspace.
    mistakes: String,
    /// What a session begins with.
    hello: String,
}

impl Session {
    /// A session over a workspace that begins at `start`, or at the store's own time if that is later.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn new(texts: Texts, home: Home, start: Moment, style: Style) -> Result<Self, String> {
        let compiled = texts.clone().parse().compile();
        let mut session = Self {
            texts,
            items: Vec::new(),
            schema: compiled.schema.clone(),
            programs: Vec::new(),
            place: Place::Memory(Box::default()),
            variables: BTreeMap::new(),
            lets: BTreeMap::new(),
            current: None,
            trace: false,
            day: None,
            style,
            pending: String::new(),
            mistakes: String::new(),
            hello: String::new(),
        };
        session.take_over(&compiled);
        if !compiled.is_sound() {
            let errors = compiled.diagnostics.iter().filter(|d| d.severity() == crate::diagnostics::Severity::Error);
            let errors: Vec<_> = errors.cloned().collect();
            session.mistakes = render::terminal(&errors, &compiled.sources, style.color, style.width);
            session.mistakes.push_str("rules with mistakes are left out\n");
        }
        match home {
            Home::Memory => {
                let mut store = MemoryStore::new();
                store.meta_mut().now = start;
                seed::fill(&mut store, &session.schema, start).map_err(|e| e.to_string())?;
                session.place = Place::Memory(Box::new(store));
            }
            Home::File { mut store, write } => {
                let meta = store.meta_mut();
                meta.now = meta.now.max(start);
                session.place = Place::File(store, write);
            }
        }
        session.current = session.first_record()?;
        let about = match &session.current {
            Some(of) => format!("statements are about {of} (`:use` another)"),
            None => "there is no deal: `:event create deal …` makes one".to_owned(),
        };
        session.hello = format!("{}; {about}; `:help` helps\n", session.at_work());
        Ok(session)
    }

    /// What is wrong with the workspace; empty, or to be shown before anything else.
    pub fn mistakes(&self) -> &str {
        &self.mistakes
    }

    /// What to show before the first line.
    pub fn greeting(&self) -> &str {
        &self.hello
    }

    /// The workspace's names, for completion.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// The variables with their types, for completion.
    pub fn variables(&self) -> impl Iterator<Item = (&str, &Type)> {
        self.variables.values().map(|known| (&*known.name, &known.ty))
    }

    /// Takes a line, or several at once.
    pub fn feed(&mut self, line: &str, host: &mut dyn Host) -> Answer {
        if self.pending.is_empty() {
            if line.trim().is_empty() {
                return Answer::default();
            }
            if line.trim_start().starts_with(':') {
                return self.command_line(line, host);
            }
        } else {
            self.pending.push('\n');
        }
        self.pending.push_str(line);
        if !ends_here(&self.pending) && open::is_open(&self.pending) {
            return Answer { more: true, ..Answer::default() };
        }
        self.finish(host)
    }

    /// No more lines come for what is not complete: takes it as it is.
    pub fn finish(&mut self, host: &mut dyn Host) -> Answer {
        let text = std::mem::take(&mut self.pending);
        let text = text.trim_end();
        let result = match open::kind(text) {
            Kind::Nothing => Ok(String::new()),
            Kind::Items => self.define(text),
            Kind::Statements => self.statements(text, host),
            Kind::Expression => self.expression(text, host),
        };
        Answer::of(result)
    }

    /// Forgets a text that is not complete.
    pub fn forget(&mut self) {
        self.pending.clear();
    }

    fn command_line(&mut self, line: &str, host: &mut dyn Host) -> Answer {
        match Command::parse(line) {
            Ok(Command::Quit) => Answer { done: true, ..Answer::default() },
            Ok(command) => Answer::of(self.command(&command, host)),
            Err(message) => Answer::of(Err(message)),
        }
    }

    fn command(&mut self, command: &Command, host: &mut dyn Host) -> Result<String, String> {
        match command {
            Command::Help => Ok(command::help()),
            Command::Load(path) => self.load(path, host),
            Command::Reload => self.reload(host),
            Command::Save(path) => self.save(path, host),
            Command::Schema(entity) => self.show_schema(entity),
            Command::Type(text) => {
                let typed = compile::expression(self.scope(&self.items_text(), &self.known()), text);
                let typed = typed.map_err(|mistakes| self.report(&mistakes))?;
                let name = typed.lets.first().map(|(_, ty)| self.schema.type_name(ty)).unwrap_or_default();
                Ok(format!("{name}\n"))
            }
            Command::Actions(name) => self.show_actions(name),
            Command::Records(what) => self.show_records(what),
            Command::Use(record) => self.use_record(record),
            Command::Rules => Ok(self.show_rules()),
            Command::Graph(name) => self.show_graph(name),
            Command::Test(part) => self.run_tests(part),
            Command::Vars => Ok(self.show_variables()),
            Command::Event(text) => self.event(text),
            Command::Advance(period) => self.advance(period, host),
            Command::At(time) => self.until(time, host),
            Command::Next => self.next(),
            Command::Runs => self.show_runs(),
            Command::Run(id) => self.show_run(id),
            Command::Why(record) => self.why(record),
            Command::Pause(id) => self.decide(Order::Pause, id),
            Command::Resume(id) => self.decide(Order::Resume, id),
            Command::Skip(id) => self.decide(Order::Skip, id),
            Command::Cancel(id) => self.decide(Order::Cancel, id),
            Command::Snapshot(path) => self.snapshot(path, host),
            Command::Restore(path) => self.restore(path, host),
            Command::Trace(how) => self.set_trace(how),
            Command::Quit => Ok(String::new()),
        }
    }

    fn set_trace(&mut self, how: &str) -> Result<String, String> {
        self.trace = match how {
            "on" => true,
            "off" => false,
            "" => return Ok(format!("tracing is {}\n", if self.trace { "on" } else { "off" })),
            other => return Err(format!("`:trace {other}`: write `:trace on` or `:trace off`")),
        };
        Ok(String::new())
    }

    fn expression(&mut self, text: &str, host: &mut dyn Host) -> Result<String, String> {
        let known = self.known();
        let typed = compile::expression(self.scope(&self.items_text(), &known), text);
        let typed = typed.map_err(|mistakes| match text.trim() {
            word @ ("help" | "quit" | "exit") => format!("commands begin with `:`, as in `:{word}`"),
            _ => self.report(&mistakes),
        })?;
        let values = self.evaluate(&typed.program, host)?;
        let lines = typed.lets.iter().zip(values).map(|((_, ty), (_, value))| {
            let ty_name = self.schema.type_name(ty);
            format!("{} : {ty_name}\n", self.value_text(&value, ty))
        });
        Ok(lines.collect())
    }

    fn statements(&mut self, text: &str, host: &mut dyn Host) -> Result<String, String> {
        let known = self.known();
        let typed = compile::statements(self.scope(&self.items_text(), &known), text);
        let typed = typed.map_err(|mistakes| self.report(&mistakes))?;
        if !typed.pure {
            return self.perform(typed);
        }
        let values = self.evaluate(&typed.program, host)?;
        let mut out = String::new();
        for (name, value) in values {
            let ty = typed.lets.iter().find(|(n, _)| *n == name).map_or(Type::Error, |(_, ty)| ty.clone());
            out.push_str(&self.keep(name, value, ty));
        }
        Ok(out)
    }

    fn evaluate(&self, program: &Program, host: &mut dyn Host) -> Result<Vec<(Name, Value)>, String> {
        let mut world = World {
            schema: &self.schema,
            store: self.store(),
            now: self.now(),
            interrupted: &mut || host.interrupted(),
        };
        evaluate(&mut world, program, &self.about())
    }

    /// Keeps a variable, and says so.
    pub(super) fn keep(&mut self, name: Name, value: Value, ty: Type) -> String {
        // What is known to be there needs no test any more.
        let ty = if value == Value::Missing { ty } else { ty.present().clone() };
        let line = format!("{name} = {} : {}\n", self.value_text(&value, &ty), self.schema.type_name(&ty));
        self.variables.insert(name.clone(), Known { name, ty, value });
        line
    }

    pub(super) fn known(&self) -> Vec<Known> {
        self.variables.values().cloned().collect()
    }

    pub(super) fn scope<'a>(&'a self, items: &'a str, variables: &'a [Known]) -> Scope<'a> {
        let entity = self.current.as_ref().map_or("deal", |of| &*of.kind);
        Scope { schema: &self.schema, items, entity, variables }
    }

    /// The record that statements are about; one that does not exist has no values.
    pub(super) fn about(&self) -> Ref {
        self.current.clone().unwrap_or_else(|| Ref::new("deal", "0"))
    }

    pub(super) fn store(&self) -> &dyn Store {
        match &self.place {
            Place::Memory(store) => &**store,
            Place::File(store, _) => &**store,
        }
    }

    pub(super) fn store_mut(&mut self) -> &mut dyn Store {
        match &mut self.place {
            Place::Memory(store) => &mut **store,
            Place::File(store, _) => &mut **store,
        }
    }

    pub(super) fn now(&self) -> Moment {
        self.store().meta().now
    }

    /// The report of what is wrong.
    pub(super) fn report(&self, mistakes: &Mistakes) -> String {
        render::terminal(&mistakes.diagnostics, &mistakes.sources, self.style.color, self.style.width)
    }

    fn first_record(&self) -> Result<Option<Ref>, String> {
        let kinds = std::iter::once("deal").chain(self.schema.entities.iter().map(|e| &*e.name));
        for kind in kinds {
            let first = self.store().records(kind, None, 1).map_err(|e| e.to_string())?;
            if let Some((id, _)) = first.first() {
                return Ok(Some(Ref::new(kind, id)));
            }
        }
        Ok(None)
    }
}

/// Whether a text ends with two empty lines, by which people say that no more comes.
pub(super) fn ends_here(text: &str) -> bool {
    let mut last = text.rsplit('\n');
    text.contains('\n') && last.by_ref().take(2).all(|line| line.trim().is_empty()) && last.next().is_some()
}

impl Answer {
    fn of(result: Result<String, String>) -> Self {
        let failed = result.is_err();
        let text = result.unwrap_or_else(|message| message);
        let mut text = text.trim_start_matches('\n').to_owned();
        while text.ends_with("\n\n") {
            text.pop();
        }
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        Self { text, failed, ..Self::default() }
    }
}
