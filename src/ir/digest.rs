//! The name of a program: a hash of what it means.

use super::{CallShape, Catch, Function, Ix, Op, Origin, Program, Reentry, Trigger};
use crate::value::{Name, Value};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::str::FromStr;

/// The first half of the SHA-256 of a program's meaning: two rules with the same digest do the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Digest(pub [u8; 16]);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Digest {
    type Err = String;

    /// Reads the 32 hexadecimal digits that `Display` writes.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a digest: it has 32 hexadecimal digits");
        let plain = text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
        let number = u128::from_str_radix(text, 16).ok().filter(|_| plain).ok_or_else(wrong)?;
        Ok(Self(number.to_be_bytes()))
    }
}

impl Digest {
    /// The first half of the SHA-256 of both.
    pub(super) fn of(form: &[u8], bytes: &[u8]) -> Self {
        let hash = Sha256::new().chain_update(form).chain_update(bytes).finalize();
        let mut digest = [0; 16];
        digest.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
        Self(digest)
    }

    /// The first eight digits: enough for people.
    pub fn short(self) -> String {
        let mut text = self.to_string();
        text.truncate(8);
        text
    }
}

/// What is hashed: everything of a program but what only people need.
#[derive(Serialize)]
struct Meaning<'a> {
    trigger: &'a Trigger,
    condition: Option<Ix>,
    lifetime: Option<Ix>,
    reentry: &'a Reentry,
    origins: &'a [Origin],
    functions: Vec<Body<'a>>,
    consts: &'a [Value],
    names: &'a [Name],
    calls: &'a [CallShape],
}

/// What a function means.
#[derive(Serialize)]
struct Body<'a> {
    params: u16,
    registers: u16,
    code: &'a [Op],
    catches: &'a [Catch],
}

impl<'a> Body<'a> {
    fn of(function: &'a Function) -> Self {
        let Function { name: _, params, registers, code, spans: _, catches, locals: _, quick: _ } = function;
        Self { params: *params, registers: *registers, code, catches }
    }
}

impl Program {
    /// The digest of its meaning. Comments, layout, the rule's name and the names of variables do not count.
    pub fn digest(&self) -> Digest {
        // Destructured so that a new field makes whoever adds it decide whether it means something.
        let Self {
            trigger,
            condition,
            lifetime,
            reentry,
            origins,
            functions,
            consts,
            names,
            calls,
            migrations: _,
            debug: _,
        } = self;
        let meaning = Meaning {
            trigger,
            condition: *condition,
            lifetime: *lifetime,
            reentry,
            origins,
            functions: functions.iter().map(Body::of).collect(),
            consts,
            names,
            calls,
        };
        // Writing plain data to memory cannot fail; were it to, no stored program would match the empty digest.
        let bytes = postcard::to_stdvec(&meaning).unwrap_or_default();
        Digest::of(b"dealflow program 2\0", &bytes)
    }
}
