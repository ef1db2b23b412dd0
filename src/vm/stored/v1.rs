//! Runs of version 1: one line of execution, no calls, nothing to undo.

use super::super::machine::Machine;
use super::super::step::WaitState;
use super::super::task::{Frame, Phase, Task};
use serde::{Deserialize, Deserializer};

#[derive(Deserialize)]
pub(super) struct Machine1 {
    root: Task1,
    effects: u32,
    draws: u32,
}

#[derive(Deserialize)]
struct Task1 {
    phase: Phase1,
    frame: Frame,
    #[serde(deserialize_with = "none")]
    _callers: (),
    wait: Option<WaitState>,
    watching: bool,
    #[serde(deserialize_with = "none")]
    _children: (),
}

#[derive(Deserialize)]
enum Phase1 {
    Ready,
    Asked,
    Waiting,
    Over,
}

/// Reads a list that was empty in this version. Each element counts as a byte, so that a forged length ends with the bytes.
fn none<'de, D: Deserializer<'de>>(from: D) -> Result<(), D::Error> {
    let parts = Vec::<u8>::deserialize(from)?;
    if parts.is_empty() { Ok(()) } else { Err(serde::de::Error::custom("there were no branches and no calls then")) }
}

impl From<Machine1> for Machine {
    fn from(old: Machine1) -> Self {
        let Machine1 { root, effects, draws } = old;
        let Task1 { phase, frame, _callers: (), wait, watching, _children: () } = root;
        let phase = match phase {
            Phase1::Ready => Phase::Ready,
            Phase1::Asked => Phase::Asked,
            Phase1::Waiting => Phase::Waiting,
            Phase1::Over => Phase::Over,
        };
        let task = Task { phase, frame, callers: Vec::new(), wait, watching, parent: 0 };
        Self { tasks: vec![task], current: 0, effects, draws, undos: Vec::new(), ending: None }
    }
}
