//! A run as bytes: what is kept while it sleeps.
//!
//! Layout: the magic `DFR`, one byte of format version, the 16 bytes of the program's digest, the machine in postcard's
//! form, and the CRC-32 (little endian) of everything before it. The bytes of a released version are read for ever: when
//! the layout moves, raise [`VERSION`] and keep a reader for the old one. A test guards that.
//!
//! Loading never panics, whatever the bytes: sizes are bounded by the bytes that are there, nesting by
//! `value::MAX_DEPTH`, and the first step checks that the machine fits its program.

mod v1;

use super::Machine;
use crate::ir::Digest;
use crate::value::append;
use std::fmt;

/// The version that [`save`] writes.
pub const VERSION: u8 = 2;

/// What a stored run starts with.
const MAGIC: [u8; 3] = *b"DFR";
/// Magic and version.
const HEAD: usize = MAGIC.len() + 1;
/// The digest.
const DIGEST: usize = 16;
/// The checksum.
const CHECKSUM: usize = 4;

/// Why bytes are not a run that can go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// They are something else.
    NotARun,
    /// They are a run of another version of the format.
    Version {
        /// The version they have.
        found: u8,
        /// The newest version that is known.
        newest: u8,
    },
    /// They were cut or changed: the checksum does not fit.
    Damaged,
    /// They are whole, but say something impossible.
    Payload(String),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotARun => f.write_str("this is not a stored run"),
            Self::Version { found, newest } => {
                write!(f, "this run was stored in format {found}, but only formats up to {newest} are known")
            }
            Self::Damaged => f.write_str("the stored run is damaged: its checksum does not fit"),
            Self::Payload(why) => write!(f, "the stored run cannot be read: {why}"),
        }
    }
}

impl std::error::Error for LoadError {}

/// Writes a run down, with the digest of the program that it runs.
pub fn save(machine: &Machine, program: Digest) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(128);
    bytes.extend(MAGIC);
    bytes.push(VERSION);
    bytes.extend(program.0);
    // Plain data into memory: this cannot fail. Were it to, loading would say so.
    let mut bytes = append(machine, bytes).unwrap_or_default();
    let checksum = crc32fast::hash(&bytes);
    bytes.extend(checksum.to_le_bytes());
    bytes
}

/// Reads a run, and the digest of the program that it runs.
///
/// # Errors
/// See [`LoadError`]; the host reacts differently to each.
pub fn load(bytes: &[u8]) -> Result<(Digest, Machine), LoadError> {
    let Some((&[a, b, c, found], rest)) = bytes.split_first_chunk::<HEAD>() else { return Err(LoadError::NotARun) };
    if [a, b, c] != MAGIC {
        return Err(LoadError::NotARun);
    }
    if !(1..=VERSION).contains(&found) {
        return Err(LoadError::Version { found, newest: VERSION });
    }
    let (Some((digest, _)), Some((body, checksum))) =
        (rest.split_first_chunk::<DIGEST>(), bytes.split_last_chunk::<CHECKSUM>())
    else {
        return Err(LoadError::Damaged);
    };
    let Some(payload) = body.get(HEAD + DIGEST..) else { return Err(LoadError::Damaged) };
    if crc32fast::hash(body) != u32::from_le_bytes(*checksum) {
        return Err(LoadError::Damaged);
    }
    let machine = if found == 1 { whole::<v1::Machine1>(payload)?.into() } else { whole::<Machine>(payload)? };
    if machine.is_whole() {
        Ok((Digest(*digest), machine))
    } else {
        Err(LoadError::Payload("branches that belong to nobody".to_owned()))
    }
}

/// Reads something that takes all bytes.
fn whole<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, LoadError> {
    match postcard::take_from_bytes(bytes) {
        Ok((read, [])) => Ok(read),
        Ok((_, rest)) => Err(LoadError::Payload(format!("{} bytes too many", rest.len()))),
        Err(error) => Err(LoadError::Payload(error.to_string())),
    }
}
