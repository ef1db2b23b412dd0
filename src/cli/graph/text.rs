//! The graph as text for Mermaid and Graphviz.

use super::{Arrow, Picture};
use crate::picture::markup::{put, quoted};

/// A Mermaid flow chart. Dashed arrows need time, thick ones go round without end.
pub(super) fn mermaid(picture: &Picture) -> String {
    let mut out = String::from("flowchart LR\n");
    for (title, at) in picture.boxes.iter().zip(0..) {
        put(&mut out, format_args!("  r{at}[\"{}\"]\n", quoted(title)));
    }
    for Arrow { from, to, labels, later, endless } in &picture.arrows {
        let line = match (endless, later) {
            (true, _) => "==>",
            (false, true) => "-.->",
            (false, false) => "-->",
        };
        let label = quoted(&labels.join(", "));
        let label = if label.is_empty() { label } else { format!("|\"{label}\"|") };
        put(&mut out, format_args!("  r{from} {line}{label} r{to}\n"));
    }
    out
}

/// A Graphviz digraph.
pub(super) fn dot(picture: &Picture) -> String {
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    let mut out = String::from(
        "digraph triggers {\n  rankdir=LR;\n  node [shape=box, style=rounded, fontname=\"sans-serif\"];\n",
    );
    for (title, at) in picture.boxes.iter().zip(0..) {
        put(&mut out, format_args!("  r{at} [label=\"{}\"];\n", quoted(title)));
    }
    for Arrow { from, to, labels, later, endless } in &picture.arrows {
        let style = match (endless, later) {
            (true, _) => ", color=\"#c0392b\", penwidth=2",
            (false, true) => ", style=dashed",
            (false, false) => "",
        };
        let label = quoted(&labels.join(", "));
        put(&mut out, format_args!("  r{from} -> r{to} [label=\"{label}\"{style}];\n"));
    }
    out.push_str("}\n");
    out
}
