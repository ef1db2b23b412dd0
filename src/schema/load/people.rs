//! `[users]`, `[departments]`, `[roles]` and `[chats]`.

use super::Loader;
use crate::schema::document::{Kind, Node};
use crate::schema::json::contact;
use crate::schema::{Chat, Department, Role, User};
use crate::source::Span;
use crate::value::Name;
use chrono::NaiveDate;
use std::collections::BTreeSet;

pub(super) const USER: &[&str] = &["name", "email", "phone", "manager", "department", "hours", "days_off", "binding"];

/// Longer than a year nobody is away in one piece.
const MOST_DAYS: usize = 366;

impl Loader {
    /// Only who there is, so that everything else may name them.
    pub(super) fn user_names(&mut self, section: &Node) {
        for (entry, _) in self.named_tables(section, "users") {
            let user = User { name: entry.key.clone(), place: self.place(entry.span), ..User::default() };
            self.schema.users.insert(entry.key.as_str().into(), user);
        }
    }

    pub(super) fn users(&mut self, section: &Node) {
        // The shapes were reported by `user_names`.
        let reported = self.reader.found.len();
        let tables = self.named_tables(section, "users");
        self.reader.found.truncate(reported);
        let mut managed: Vec<(Name, Span)> = Vec::new();
        for (entry, keys) in tables {
            let id: Name = entry.key.as_str().into();
            let Some(mut user) = self.schema.users.get(&id).cloned() else { continue };
            for key in keys {
                match key.key.as_str() {
                    "name" => {
                        if let Some(name) = self.reader.text(&key.value, "`name`") {
                            name.text.clone_into(&mut user.name);
                        }
                    }
                    "email" => user.email = self.contact(&key.value, "`email`", contact::email),
                    "phone" => user.phone = self.contact(&key.value, "`phone`", contact::phone),
                    "manager" => {
                        user.manager = self.manager(&key.value, &id);
                        managed.push((id.clone(), key.value.span));
                    }
                    "department" => user.department = self.department_ref(&key.value),
                    "hours" => user.hours = Some(self.hours(&key.value)),
                    "days_off" => user.days_off = self.days_off(&key.value),
                    "binding" => self.binding(&key.value, "user", &id),
                    _ => self.reader.unknown_key(key, "a user", USER),
                }
            }
            self.schema.users.insert(id, user);
        }
        for (id, span) in managed {
            self.is_not_above_itself(&id, span);
        }
    }

    /// Reports managers that go round in a ring, at the first of them.
    fn is_not_above_itself(&mut self, id: &Name, span: Span) {
        let users = &self.schema.users;
        let above = |id: &Name| users.get(id).and_then(|user| user.manager.as_ref());
        let way: Vec<&Name> =
            std::iter::successors(above(id), |at| above(at)).take(users.len()).take_while(|at| *at != id).collect();
        if way.last().and_then(|last| above(last)) != Some(id) {
            return;
        }
        let over = way.iter().map(|at| format!("`{at}`")).collect::<Vec<_>>().join(", then ");
        let message = format!("`{id}` would be the manager of `{id}`: above is {over}, then `{id}` again");
        self.reader.bad(span, message, "give one of them another manager, or none");
        if let Some(user) = self.schema.users.get_mut(id) {
            user.manager = None;
        }
    }

    /// Days, or texts `from..to` with both ends.
    fn days_off(&mut self, node: &Node) -> BTreeSet<NaiveDate> {
        let mut days = BTreeSet::new();
        for item in self.reader.list(node, "`days_off`") {
            let found = match &item.kind {
                Kind::Text(text) | Kind::Time(text) => days_of(text),
                Kind::Int(_) | Kind::Decimal(_) | Kind::Bool(_) | Kind::List(_) | Kind::Table(_) => None,
            };
            if let Some(found) = found {
                days.extend(found);
            } else {
                let help = "write 2026-08-03, or \"2026-08-03..2026-08-14\" for all of them (a year at most)";
                self.reader.bad(item.span, "this is no day off", help);
            }
        }
        days
    }

    pub(super) fn contact(&mut self, node: &Node, what: &str, check: fn(&str) -> Result<(), String>) -> Option<String> {
        let text = self.reader.text(node, what)?;
        match check(text.text) {
            Ok(()) => Some(text.text.to_owned()),
            Err(reason) => {
                self.reader.bad(text.span, reason, "correct it, or remove the line");
                None
            }
        }
    }

    fn manager(&mut self, node: &Node, id: &Name) -> Option<Name> {
        let name = self.reader.text(node, "`manager`")?;
        let manager = self.user_ref(name)?;
        if manager == *id {
            self.reader.bad(name.span, format!("`{id}` cannot be the manager of `{id}`"), "name another user");
            return None;
        }
        Some(manager)
    }

    fn department_ref(&mut self, node: &Node) -> Option<Name> {
        let name = self.reader.text(node, "`department`")?;
        if let Some((key, _)) = self.schema.departments.get_key_value(name.text) {
            return Some(key.clone());
        }
        let message = format!("there is no department `{}`", name.text);
        self.unknown_in(name, message, |schema| schema.departments.keys().map(|k| &**k).collect());
        None
    }

    pub(super) fn departments(&mut self, section: &Node) {
        for (entry, keys) in self.named_tables(section, "departments") {
            let mut department = Department { head: None, place: self.place(entry.span) };
            for key in keys {
                match key.key.as_str() {
                    "head" => {
                        let name = self.reader.text(&key.value, "`head`");
                        department.head = name.and_then(|name| self.user_ref(name));
                    }
                    "binding" => self.binding(&key.value, "department", &entry.key),
                    _ => self.reader.unknown_key(key, "a department", &["head", "binding"]),
                }
            }
            self.schema.departments.insert(entry.key.as_str().into(), department);
        }
    }

    pub(super) fn roles(&mut self, section: &Node) {
        for (entry, keys) in self.named_tables(section, "roles") {
            let mut role = Role { members: Vec::new(), place: self.place(entry.span) };
            for key in keys {
                match key.key.as_str() {
                    "members" => role.members = self.members(&key.value),
                    "binding" => self.binding(&key.value, "role", &entry.key),
                    _ => self.reader.unknown_key(key, "a role", &["members", "binding"]),
                }
            }
            self.schema.roles.insert(entry.key.as_str().into(), role);
        }
    }

    pub(super) fn chats(&mut self, section: &Node) {
        for (entry, keys) in self.named_tables(section, "chats") {
            let mut chat = Chat { members: Vec::new(), place: self.place(entry.span) };
            for key in keys {
                match key.key.as_str() {
                    "members" => chat.members = self.members(&key.value),
                    "binding" => self.binding(&key.value, "chat", &entry.key),
                    _ => self.reader.unknown_key(key, "a chat", &["members", "binding"]),
                }
            }
            self.schema.chats.insert(entry.key.as_str().into(), chat);
        }
    }
}

/// `2026-08-03` or `2026-08-03..2026-08-14`.
fn days_of(text: &str) -> Option<Vec<NaiveDate>> {
    let (first, last) = text.split_once("..").unwrap_or((text, text));
    let (first, last): (NaiveDate, NaiveDate) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    let count = usize::try_from((last - first).num_days()).ok().filter(|count| *count <= MOST_DAYS)?;
    Some(first.iter_days().take(count + 1).collect())
}
