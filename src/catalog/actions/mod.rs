//! The actions, by group. To add one: a `const` in the fitting group file, its name in that file's `ALL`, and an arm in
//! `crm::perform` for what it does.

mod messaging;
mod records;

use super::spec::Action;

/// Every action.
pub fn actions() -> impl Iterator<Item = &'static Action> {
    records::ALL.iter().chain(messaging::ALL)
}

/// The action of this name, such as `notify chat`.
pub fn action(id: &str) -> Option<&'static Action> {
    actions().find(|action| action.id == id)
}

/// The actions that begin with this verb.
pub fn actions_of(verb: &str) -> impl Iterator<Item = &'static Action> {
    actions().filter(move |action| action.verb == verb)
}
