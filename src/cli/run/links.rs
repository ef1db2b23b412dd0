//! Records that events speak of and the store does not have. A store may begin in the middle of a CRM's life, and what a link
//! leads to may come in a later line: so they are told at the end, and only those that lead nowhere still.

use super::super::out::Out;
use crate::engine::{Event, EventKind, Store, Stored};
use crate::schema::Schema;
use crate::value::Ref;
use std::fmt::Write as _;

/// How many are kept in mind, and how many are told.
const KEPT: usize = 10_000;
const TOLD: usize = 5;

/// Links that led nowhere when their event came.
#[derive(Debug, Default)]
pub(super) struct Links {
    noted: Vec<Noted>,
}

#[derive(Debug)]
struct Noted {
    line: usize,
    /// `` the `company` of deal 57 ``
    what: String,
    to: Ref,
}

impl Links {
    /// Looks at an event of a line before it is taken.
    pub(super) fn look(&mut self, event: &Event, line: usize, store: &dyn Store, schema: &Schema) -> Stored<()> {
        let leads_nowhere = |to: &Ref| Ok(schema.entity(&to.kind).is_some() && store.record(to)?.is_none());
        let about = event.about.as_ref();
        if let (EventKind::Named(name), Some(to)) = (&event.what, about)
            && leads_nowhere(to)?
        {
            self.note(line, format!("what `{name}` is about"), to);
        }
        for (field, to) in event.links() {
            if about != Some(to) && leads_nowhere(to)? {
                let of = about.map_or_else(String::new, |of| format!(" of {of}"));
                self.note(line, format!("`{field}`{of}"), to);
            }
        }
        Ok(())
    }

    fn note(&mut self, line: usize, what: String, to: &Ref) {
        if self.noted.len() < KEPT {
            self.noted.push(Noted { line, what, to: to.clone() });
        }
    }

    /// Those that lead nowhere at the end, for people; nothing if all is well.
    pub(super) fn told(&self, store: &dyn Store) -> Stored<Option<String>> {
        let mut left = Vec::new();
        for noted in &self.noted {
            if store.record(&noted.to)?.is_none() {
                left.push(noted);
            }
        }
        if left.is_empty() {
            return Ok(None);
        }
        let mut text = String::from("events speak of records that this store does not have:\n");
        for Noted { line, what, to } in left.iter().take(TOLD) {
            let _ = writeln!(text, "    line {line}: {what} is {to}");
        }
        if left.len() > TOLD {
            let _ = writeln!(text, "    … and {} more", left.len() - TOLD);
        }
        text += "rules find nothing there: mend the numbers, or have these records created as well";
        Ok(Some(text))
    }
}

impl super::Session<'_> {
    /// Says which events speak of records that are not there.
    pub(super) fn tell_links(&self, store: &dyn Store, out: &mut Out) -> Result<(), String> {
        let told = self.links.told(store).map_err(|e| e.to_string())?;
        if let Some(text) = told.filter(|_| !out.is_quiet()) {
            out.flush()?;
            super::eprint_line(&text);
        }
        Ok(())
    }
}
