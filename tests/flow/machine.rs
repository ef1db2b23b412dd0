//! The machine: operators, functions, waits, its stored form.

pub(crate) mod asm;
mod functions;
mod operators;
mod property;
mod shortcuts;
mod stored;
mod undos;
mod waits;
mod workspace;
mod wrong;
