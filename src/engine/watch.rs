//! Why a run is looked at when something changes.

use serde::{Deserialize, Serialize};

/// What a watch is for. The order is part of the stored form, and the order in which they are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Role {
    /// The rule's `while` clause read it.
    Lifetime,
    /// The run waits for it.
    Wait,
}
