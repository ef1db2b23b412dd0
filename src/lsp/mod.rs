//! The language server: `dealflow lsp` speaks the Language Server Protocol over standard input and output.
//!
//! It is a thin face over [`crate::ide`]: a [`Server`] takes one message and gives those that answer it, without threads,
//! files or streams, so that tests drive it directly; [`serve`] puts it between two streams. Files come in through
//! [`Files`]. Only `convert` knows the protocol's types.
//!
//! Messages are handled one after the other, in order, so an answer is always about the text that the client had when it
//! asked. What is wrong is worked out when nothing is left to read: typing faster than that costs nothing.

mod convert;
mod documents;
mod home;
mod requests;
mod server;
mod transport;
mod uri;

pub use home::Files;
pub use server::Server;
pub use transport::serve;
