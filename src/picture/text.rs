//! Charts as text for Mermaid and Graphviz.

use super::markup::{put, quoted, wrapped};
use super::{Chart, Node, Split, Step};

/// How boxes look.
#[derive(Clone, Copy)]
enum Look {
    Round,
    Box,
    Plain,
    Six,
}

/// Boxes and arrows with numbers, as both formats want them.
#[derive(Default)]
struct Flat {
    boxes: Vec<(Look, String)>,
    arrows: Vec<(usize, usize, String)>,
}

/// What leads to the next box: from where, with which label.
type Open = Vec<(usize, String)>;

impl Flat {
    fn add(&mut self, look: Look, text: &str, open: &Open) -> usize {
        let at = self.boxes.len();
        self.boxes.push((look, wrapped(text, 40).join("\n")));
        self.arrows.extend(open.iter().map(|(from, label)| (*from, at, label.clone())));
        at
    }

    fn sequence(&mut self, nodes: &[Node], mut open: Open) -> Open {
        for node in nodes {
            open = self.node(node, &open);
        }
        open
    }

    fn node(&mut self, node: &Node, open: &Open) -> Open {
        match node {
            Node::Step(step, text) => {
                let look = match step {
                    Step::Start | Step::End => Look::Round,
                    Step::Action => Look::Box,
                    Step::Value => Look::Plain,
                    Step::Wait => Look::Six,
                };
                let at = self.add(look, text, open);
                if *step == Step::End { Open::new() } else { vec![(at, String::new())] }
            }
            Node::Split { split, text, arms } => {
                let look = match split {
                    Split::Decision | Split::Wait => Look::Six,
                    Split::Together | Split::Try => Look::Plain,
                };
                let at = self.add(look, text, open);
                let ways = arms.iter().map(|arm| self.sequence(&arm.nodes, vec![(at, arm.label.clone())]));
                ways.collect::<Vec<Open>>().concat()
            }
            Node::Frame(text, body) => {
                let at = self.add(Look::Six, text, open);
                let back = self.sequence(body, vec![(at, "each time".to_owned())]);
                self.arrows.extend(back.into_iter().map(|(from, label)| (from, at, label)));
                vec![(at, "then".to_owned())]
            }
        }
    }
}

fn flat(charts: &[Chart]) -> Vec<(&str, Flat)> {
    let one = |chart: &Chart| {
        let mut flat = Flat::default();
        flat.sequence(&chart.nodes, Open::new());
        flat
    };
    charts.iter().map(|chart| (&*chart.title, one(chart))).collect()
}

/// A Mermaid flow chart, with a part for each rule.
pub fn mermaid(charts: &[Chart]) -> String {
    let plain = |text: &str| quoted(text).replace('\n', "<br>");
    let mut out = String::from("flowchart TD\n");
    for ((title, flat), n) in flat(charts).iter().zip(1..) {
        put(&mut out, format_args!("  subgraph s{n}[\"{}\"]\n", plain(title)));
        for ((look, text), at) in flat.boxes.iter().zip(0..) {
            let (open, close) = match look {
                Look::Round => ("([", "])"),
                Look::Box => ("[", "]"),
                Look::Plain => ("[/", "/]"),
                Look::Six => ("{{", "}}"),
            };
            put(&mut out, format_args!("    s{n}b{at}{open}\"{}\"{close}\n", plain(text)));
        }
        for (from, to, label) in &flat.arrows {
            let label = if label.is_empty() { String::new() } else { format!("|\"{}\"|", plain(label)) };
            put(&mut out, format_args!("    s{n}b{from} -->{label} s{n}b{to}\n"));
        }
        out.push_str("  end\n");
    }
    out
}

/// A Graphviz digraph, with a cluster for each rule.
pub fn dot(charts: &[Chart]) -> String {
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    let mut out =
        String::from("digraph flow {\n  node [fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\"];\n");
    for ((title, flat), n) in flat(charts).iter().zip(1..) {
        put(&mut out, format_args!("  subgraph cluster{n} {{\n    label=\"{}\";\n", quoted(title)));
        for ((look, text), at) in flat.boxes.iter().zip(0..) {
            let shape = match look {
                Look::Round => "shape=box, style=rounded",
                Look::Box => "shape=box",
                Look::Plain => "shape=note",
                Look::Six => "shape=hexagon",
            };
            put(&mut out, format_args!("    s{n}b{at} [label=\"{}\", {shape}];\n", quoted(text)));
        }
        for (from, to, label) in &flat.arrows {
            put(&mut out, format_args!("    s{n}b{from} -> s{n}b{to} [label=\"{}\"];\n", quoted(label)));
        }
        out.push_str("  }\n");
    }
    out.push_str("}\n");
    out
}
