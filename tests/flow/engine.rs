//! The engine over both stores: every story is told on each, and must come out the same. Programs are made by hand, so
//! that these tests stand when the language changes.

mod care;
mod crashes;
mod crm;
mod errands;
mod garbage;
mod orders;
mod rules;
mod schedules;
mod script;
mod searches;
mod sleepers;
mod stores;
mod waits;
mod world;
