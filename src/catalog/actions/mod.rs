//! The actions, by group. To add one: a `const` in the fitting group file, its name in that file's `ALL`, and an arm in
//! `crm::perform` for what it does.

mod bookings;
mod customers;
mod messaging;
mod reading;
mod records;
mod sending;
mod work;

pub use customers::CONVERSIONS;

use super::spec::Action;

/// Every action.
pub fn actions() -> impl Iterator<Item = &'static Action> {
    [records::ALL, messaging::ALL, work::ALL, customers::ALL, sending::ALL, bookings::ALL, reading::ALL]
        .into_iter()
        .flatten()
}

/// The action of this name, such as `notify chat`.
pub fn action(id: &str) -> Option<&'static Action> {
    actions().find(|action| action.id == id)
}

/// The actions that begin with this verb.
pub fn actions_of(verb: &str) -> impl Iterator<Item = &'static Action> {
    actions().filter(move |action| action.verb == verb)
}
