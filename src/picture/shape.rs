//! How large everything is: boxes below one another, arms beside one another. No arrow ever crosses another.

use super::{Node, Split, Step, wrapped};

/// The width of a letter and the height of a line, in pixels.
pub(super) const LETTER: usize = 7;
pub(super) const LINE: usize = 18;
/// The room around a text.
pub(super) const PAD: usize = 12;
/// The room between boxes: below one another, where arms begin and end, and between arms.
pub(super) const GAP: usize = 26;
pub(super) const BAR: usize = 22;
pub(super) const ASIDE: usize = 24;
/// The widest text, in letters.
pub(super) const WIDEST: usize = 38;
/// The widest label of an arm.
pub(super) const LABEL: usize = 22;

/// A node with its size. The way comes in and goes out in its middle.
pub(super) struct Shaped<'a> {
    pub(super) node: &'a Node,
    pub(super) lines: Vec<String>,
    /// The box itself.
    pub(super) w: usize,
    pub(super) h: usize,
    /// With everything inside and below.
    pub(super) whole_w: usize,
    pub(super) whole_h: usize,
    /// Arms, or the inside of a frame.
    pub(super) arms: Vec<ShapedArm<'a>>,
}

/// A way with its size.
pub(super) struct ShapedArm<'a> {
    pub(super) label: Vec<String>,
    pub(super) nodes: Vec<Shaped<'a>>,
    pub(super) w: usize,
    pub(super) h: usize,
    /// Nothing comes after it.
    pub(super) ends: bool,
}

pub(super) fn shape(node: &Node) -> Shaped<'_> {
    let (text, extra) = match node {
        Node::Step(_, text) | Node::Frame(text, _) => (text, 0),
        // A hexagon needs room at its sides.
        Node::Split { split: Split::Decision | Split::Wait, text, .. } => (text, 16),
        Node::Split { split: Split::Together | Split::Try, text, .. } => (text, 0),
    };
    let lines = wrapped(text, WIDEST);
    let letters = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    let wait = if matches!(node, Node::Step(Step::Wait, _)) { 16 } else { 0 };
    let w = letters * LETTER + 2 * PAD + 2 * (extra + wait);
    let h = lines.len() * LINE + 2 * PAD - 6;
    let arms: Vec<ShapedArm<'_>> = match node {
        Node::Step(..) => Vec::new(),
        Node::Split { arms, .. } => arms.iter().map(|arm| shape_arm(&arm.label, &arm.nodes)).collect(),
        Node::Frame(_, body) => vec![shape_arm("", body)],
    };
    let (whole_w, whole_h) = match node {
        Node::Step(..) => (w, h),
        Node::Frame(..) => {
            let (inner_w, inner_h) = arms.first().map_or((0, 0), |arm| (arm.w, arm.h));
            (w.max(inner_w + 2 * ASIDE), h + inner_h.saturating_sub(GAP))
        }
        Node::Split { .. } => {
            let inner: usize = arms.iter().map(|arm| arm.w).sum::<usize>() + ASIDE * arms.len().saturating_sub(1);
            let deep = arms.iter().map(|arm| arm.h).max().unwrap_or(0);
            let joins = arms.iter().any(|arm| !arm.ends);
            (w.max(inner), h + BAR + deep + if joins { BAR } else { 0 })
        }
    };
    Shaped { node, lines, w, h, whole_w, whole_h, arms }
}

fn shape_arm<'a>(label: &str, nodes: &'a [Node]) -> ShapedArm<'a> {
    let ends = super::ends(nodes);
    let nodes: Vec<Shaped<'a>> = nodes.iter().map(shape).collect();
    let label = if label.is_empty() { Vec::new() } else { wrapped(label, LABEL) };
    let letters = label.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    let w = nodes.iter().map(|node| node.whole_w).max().unwrap_or(0).max(letters * LETTER + 16).max(60);
    let inner: usize = nodes.iter().map(|node| node.whole_h + GAP).sum();
    let h = label.len() * LINE + GAP + inner;
    ShapedArm { label, nodes, w, h, ends }
}

/// Whether the way goes on below this node.
pub(super) fn goes_on(node: &Shaped<'_>) -> bool {
    !super::ends(std::slice::from_ref(node.node))
}
