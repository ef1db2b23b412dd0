//! A rule as a picture: what sets it off, what it asks, waits for and does, in words that need no manual.
//!
//! [`charts`] makes a [`Chart`] of every rule: boxes below one another, and arms beside one another where the way parts. A
//! chart knows nothing of its looks; `svg` draws it, `text` writes it for Mermaid and Graphviz.

mod build;
mod compare;
pub(crate) mod markup;
mod outline;
mod shape;
mod svg;
mod text;
mod words;

pub use build::charts;
pub use compare::{Change, Difference, What, differences};
pub use outline::outline;
pub use svg::svg;
pub use text::{dot, mermaid};

use markup::wrapped;

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// Its name.
    pub title: String,
    /// From its trigger to its end.
    pub nodes: Vec<Node>,
}

/// One thing below another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// A box.
    Step(Step, String),
    /// The way parts.
    Split {
        /// How.
        split: Split,
        /// The question, or what is waited for.
        text: String,
        /// The ways.
        arms: Vec<Arm>,
    },
    /// Something that is done again and again.
    Frame(String, Vec<Node>),
}

/// What a box stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// What sets the rule off.
    Start,
    /// Something is done.
    Action,
    /// Something is worked out.
    Value,
    /// Time passes.
    Wait,
    /// The end.
    End,
}

/// How the way parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// One way is taken, by a condition.
    Decision,
    /// One way is taken, by how a wait ends.
    Wait,
    /// All ways are taken; it goes on when all have ended, or the first.
    Together,
    /// The second way is taken when the first goes wrong.
    Try,
}

/// One of several ways.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arm {
    /// When it is taken; may be empty.
    pub label: String,
    /// What is done on it.
    pub nodes: Vec<Node>,
}

/// Whether nothing comes after these.
fn ends(nodes: &[Node]) -> bool {
    match nodes.last() {
        Some(Node::Step(Step::End, _)) => true,
        Some(Node::Split { split: Split::Decision | Split::Wait | Split::Try, arms, .. }) => {
            arms.iter().all(|arm| ends(&arm.nodes))
        }
        Some(Node::Step(..) | Node::Split { .. } | Node::Frame(..)) | None => false,
    }
}
