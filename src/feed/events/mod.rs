//! Event files: one JSON object per line.
//!
//! A change of a record, and something that happened (a name of [`crate::catalog::EVENTS`]):
//!
//! ```json
//! {"at":"2026-03-02T09:00:00+01:00","do":"create","entity":"deal","id":"57","fields":{"title":"ACME"},"by":"anna"}
//! {"at":"2026-03-02T09:05:00+01:00","do":"event","event":"call missed","entity":"deal","id":"57","fields":{"from":"+48 22 123 45 67"}}
//! ```
//!
//! A person answers what a run asked by `approve`, `reject`, `answer` or `delegate`:
//!
//! ```json
//! {"at":"2026-03-02T10:00:00+01:00","do":"approve","request":"17.3","by":"mona","text":"fine"}
//! ```
//!
//! Else `do` is `create`, `update`, `delete` or `event`. `at` may leave its offset out and is then in the workspace's zone.
//! `by` (an employee) and `origin` (`user`, `api`, `import`, `rule`; `user` without it) may be left out, and so may
//! `key`, the event's own identifier, by which a repetition is told from a new event. Of a named event `entity` and `id`
//! say which record it concerns, if any; `fields` hold what belongs to the call or mail itself, and may name further
//! records by their entity (`"contact":"12"`).
//!
//! Everything is checked against the schema when it is read: what gets past here fits its field's type, and a new record
//! has all that it must have.

mod json;
mod parse;
mod read;
mod write;

pub use parse::{LineError, parse_line};
pub use read::{BadLine, EventError, Events};
pub use write::to_line;
