//! A program as bytes, kept under its digest for as long as a run may need it.
//!
//! Layout: one byte of version, then the program in postcard's form. A released version is read for ever: when the form
//! moves, raise [`VERSION`] and add a reader for what it was. A program keeps the name that it was stored under, also
//! when a later version would name it otherwise.

mod v1;

use super::{Digest, Program};
use crate::value::append;
use std::fmt;

/// The version that [`save`] writes.
pub const VERSION: u8 = 2;

/// Why bytes are not the program that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProgramError {
    /// There are none.
    Empty,
    /// They have a version that is not known.
    Version(u8),
    /// They are another program, or were changed.
    Damaged,
    /// They cannot be read, for this reason.
    Payload(String),
}

impl fmt::Display for ProgramError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the program that it started on is empty"),
            Self::Version(found) => write!(f, "the program that it started on has the unknown format {found}"),
            Self::Damaged => f.write_str("the program that it started on is damaged"),
            Self::Payload(why) => write!(f, "the program that it started on cannot be read: {why}"),
        }
    }
}

impl std::error::Error for ProgramError {}

/// Writes a program down.
pub fn save(program: &Program) -> Vec<u8> {
    // Plain data into memory: this cannot fail. Were it to, loading would say so.
    append(program, vec![VERSION]).unwrap_or_default()
}

/// A digest of all of a program: it changes with every word of the script, and with what the checker says of it.
pub fn text_digest(program: &Program) -> Digest {
    Digest::of(b"dealflow text\0", &save(program))
}

/// Reads the program that was stored under this name.
///
/// # Errors
/// When the bytes are not that program.
pub fn load(bytes: &[u8], name: Digest) -> Result<Program, ProgramError> {
    let (version, rest) = bytes.split_first().ok_or(ProgramError::Empty)?;
    let (program, found) = match *version {
        1 => v1::read(rest)?,
        VERSION => {
            let program: Program = whole(rest)?;
            let digest = program.digest();
            (program, digest)
        }
        other => return Err(ProgramError::Version(other)),
    };
    if found == name { Ok(program) } else { Err(ProgramError::Damaged) }
}

/// Reads something that takes all bytes.
fn whole<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, ProgramError> {
    match postcard::take_from_bytes(bytes) {
        Ok((read, [])) => Ok(read),
        Ok((_, rest)) => Err(ProgramError::Payload(format!("{} bytes too many", rest.len()))),
        Err(error) => Err(ProgramError::Payload(error.to_string())),
    }
}
