//! The pure functions of the language: declaration and body side by side.

use crate::schema::Schema;
use crate::value::Moment;
use serde::{Deserialize, Serialize};

/// What a computation may know of the world: it is handed in, never asked for.
#[derive(Clone, Copy, Debug)]
pub struct Env<'a> {
    /// The moment of this activation.
    pub now: Moment,
    /// The workspace.
    pub schema: &'a Schema,
    /// Where `random` starts; the same for the same run and effect.
    pub seed: u64,
}

/// A function by number. The order is part of the stored form: add at the end, never remove.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Func {
    /// `upper`
    Upper,
}
