//! A chart as lines of text, each further right than what it belongs to; and what differs between two versions of a rule.

use super::{Chart, Node, Split};

/// A chart in words: its name, then each step on a line, further right than what it belongs to.
pub fn outline(chart: &Chart) -> String {
    let mut out = Vec::new();
    nodes(&chart.nodes, 0, &mut out);
    let lines = out.iter().flat_map(|line| {
        let indent = line.len() - line.trim_start().len();
        line.lines().enumerate().map(move |(n, part)| {
            // The clauses of a rule stand below its trigger.
            format!("  {}{}\n", if n == 0 { String::new() } else { " ".repeat(indent + 2) }, part)
        })
    });
    format!("{}\n{}", chart.title, lines.collect::<String>())
}

/// The lines of a chart.
pub(super) fn lines(chart: &Chart) -> Vec<String> {
    let mut out = Vec::new();
    // The trigger and the clauses are compared by themselves.
    nodes(chart.nodes.get(1..).unwrap_or(&[]), 0, &mut out);
    out
}

fn nodes(all: &[Node], depth: usize, out: &mut Vec<String>) {
    let indent = "  ".repeat(depth);
    for node in all {
        match node {
            Node::Step(_, text) => out.push(format!("{indent}{text}")),
            Node::Frame(text, body) => {
                out.push(format!("{indent}{text}"));
                nodes(body, depth + 1, out);
            }
            Node::Split { split, text, arms } => {
                out.push(format!("{indent}{text}"));
                for (arm, n) in arms.iter().zip(1..) {
                    let label = match (split, arm.label.as_str()) {
                        (Split::Together, _) => format!("branch {n}"),
                        (Split::Try, "") => "as long as it works".to_owned(),
                        (Split::Decision | Split::Wait | Split::Try, label) => label.to_owned(),
                    };
                    let empty = arm.nodes.is_empty();
                    out.push(format!("{indent}  {label}:{}", if empty { " go on" } else { "" }));
                    nodes(&arm.nodes, depth + 2, out);
                }
            }
        }
    }
}

/// A line without its texts: what is between “ and ”.
pub(super) fn without_texts(line: &str) -> String {
    let mut out = String::new();
    let mut depth = 0u32;
    for c in line.chars() {
        match c {
            '“' => {
                depth += 1;
                out.push(c);
            }
            '”' => {
                depth = depth.saturating_sub(1);
                out.push(c);
            }
            c if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out
}
