//! What scripts may name: entities, fields, stages, people, chats, and the calendar.
//!
//! [`load`] reads it from the text of a workspace's `crm.toml` over the built-in entities (customers, sales, work). It is pure and never fails: mistakes are diagnostics `E0701` to `E0703` and `E0706` with their place, and
//! the schema has what could be read. An empty file is a workspace too.
//!
//! # The format of `crm.toml`
//!
//! Every section may be left out. Texts stand in quotes; names with spaces too (`[roles."Key account"]`).
//!
//! ```toml
//! [workspace]
//! name = "ACME"
//! timezone = "Europe/Warsaw"                # UTC without it
//! currency = "PLN"                          # of amounts without a currency; EUR without it
//! hours = { mon-thu = "09:00-17:00", friday = "09:00-15:00" }   # days left out are days off
//! holidays = [2026-12-25, 2026-12-26, "01-01"]                  # the last one every year
//! language = "en"                           # which of several labels people see
//! quiet_hours = "20:00-08:00"               # no SMS goes out then
//! caps = ["at most 1 sms per client per day"]
//!
//! [currencies]                              # what one of it is worth in the workspace's currency
//! EUR = 4.27
//!
//! [departments.Sales]
//! head = "mona"
//!
//! [users.mona]
//! name = "Mona Lis"
//!
//! [users.anna]                              # the short name: user "anna" in scripts
//! name = "Anna Nowak"
//! email = "anna@example.com"
//! phone = "+48 22 123 45 67"
//! manager = "mona"
//! department = "Sales"
//! hours = { mon-wed = "08:00-14:00" }       # the workspace's without it
//! days_off = ["2026-08-03..2026-08-14"]
//! binding = "anna"                          # $anna in scripts
//!
//! [roles.Manager]
//! members = ["mona"]
//!
//! [chats.Legal]
//! members = ["anna", "mona"]
//! binding = "legal"                         # $legal in scripts
//!
//! [senders.office]
//! name = "ACME"
//! email = "office@example.com"
//!
//! [providers.smsapi]
//! from = "ACME"
//!
//! [templates.Offer]
//! file = "templates/offer.html"
//! placeholders = ["title", "contact.name"]  # fields of the record that it is made for
//!
//! [resources."Room 2"]
//!
//! [audiences.VIP]
//! networks = ["google", "facebook"]
//!
//! [webhooks.erp]
//! payload = { number = "text", total = "money" }
//! answer = { id = "int" }
//!
//! [entities.deal.fields]
//! visit = "booking"                         # a field of bookings
//! kwota = "money"                           # short for { type = "money" }
//! amount = { currency = "PLN" }             # always in this currency
//! priority = { options = ["Low", "Normal", "Urgent"] }   # other options for a built-in field
//!
//! [entities.deal.fields.branch]
//! type = "enum"                             # "list of enum" for several of them
//! label = { en = "Branch office", de = "Filiale" }
//! required = true
//! options = ["North", { name = "South", label = "Down south" }]
//! default = "North"
//!
//! [[entities.deal.pipelines]]               # replaces the built-in pipeline "Sales"
//! name = "Sales"
//! stages = ["New", "Invoice", "Won", { name = "Lost", kind = "failure" }]
//! success = ["Won"]                         # the same as kind = "success"
//! rules_only = ["Invoice"]                  # people and other systems cannot put a deal there
//!
//! [entities.lead]
//! statuses = ["New", "Won", "Junk"]         # leads have one list, called statuses
//! success = ["Won"]
//! failure = ["Junk"]
//!
//! [entities.project]                        # a new entity; it has title, owner, id … by itself
//! label = "Project"
//! stages = ["Planned", "Running", "Done"]   # one pipeline, named like the entity
//! success = ["Done"]
//! fields.deal = "deal"                      # a link to a record
//! ```
//!
//! Types: `text int decimal money bool date datetime time duration user department role chat file phone email url
//! template address enum`, an entity's name for a link, and `list of` any of them (also as `multiple = true`). A list of
//! phones, e-mail addresses or web addresses gets a second field with the kind of each: `emails_kinds` of `emails`.
//!
//! Every record has `id`, `created_at`, `created_by` and `updated_at`, which the system keeps, and an `owner`, who is
//! the acting user unless somebody else is named ([`Entity::filled`]).

mod builtin;
pub mod calendar;
mod currencies;
pub(crate) mod document;
mod json;
mod json_schema;
mod load;
mod lookup;
mod model;
mod names;
mod things;
mod types;

pub(crate) use builtin::KINDS_SUFFIX;
pub use calendar::{Calendar, CronMistake, Schedule, cron};
pub use currencies::{CURRENCIES, is_currency};
pub use json::{AsJson, date, field_from_json, kinds_from_json, moment, value_from_json, value_to_json};
pub use json_schema::json_schema;
pub use load::load;
pub use lookup::Filled;
pub use model::*;
pub use names::KEPT;
pub use things::*;
pub use types::{EntityId, FieldId, Type};
