//! Channels against real servers, which each test starts on a free port of this machine and stops by its process.
//!
//! `./test` installs them into `target/servers`; where they are not, these tests say so and are left out.

mod audience;
mod back;
mod calendar;
mod chat;
mod config;
mod delivery;
mod documents;
mod email;
mod http;
mod outside;
mod rules;
mod server;
mod sms;
