//! Charts as an SVG image, one beside the other.

use super::markup::{escaped, put, wrapped};
use super::shape::{ASIDE, BAR, GAP, LINE, PAD, Shaped, ShapedArm, goes_on, shape};
use super::{Chart, Node, Split, Step};

const MARGIN: usize = 28;
/// The height of a title.
const TITLE: usize = 34;
/// The widest picture before the next chart begins a row of its own.
const ROW: usize = 1600;

const HEAD: &str = r##"  <defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L10 5L0 10z" fill="#34495e"/></marker></defs>
  <rect width="100%" height="100%" fill="white"/>
"##;

/// Draws charts.
pub fn svg(charts: &[Chart]) -> String {
    let mut body = String::new();
    let (mut x, mut y, mut tallest, mut widest) = (MARGIN, MARGIN, 0, 0);
    for chart in charts {
        let nodes: Vec<Shaped<'_>> = chart.nodes.iter().map(shape).collect();
        let titles = wrapped(&chart.title, 60);
        let letters = titles.iter().map(|line| line.chars().count()).max().unwrap_or(0);
        let w = nodes.iter().map(|node| node.whole_w).max().unwrap_or(0).max(letters * 9);
        let top = titles.len() * TITLE;
        let h = top + nodes.iter().map(|node| node.whole_h + GAP).sum::<usize>().saturating_sub(GAP);
        if x > MARGIN && x + w > ROW {
            (x, y, tallest) = (MARGIN, y + tallest + 2 * MARGIN, 0);
        }
        for (line, at) in titles.iter().zip(0..) {
            let (cx, cy, line) = (x + w / 2, y + at * TITLE + 18, escaped(line));
            put(
                &mut body,
                format_args!(
                    "  <text x=\"{cx}\" y=\"{cy}\" text-anchor=\"middle\" font-size=\"16\" font-weight=\"bold\" \
                     fill=\"#1b2631\">{line}</text>\n"
                ),
            );
        }
        sequence(&mut body, &nodes, x + w / 2, y + top);
        widest = widest.max(x + w);
        tallest = tallest.max(h);
        x += w + 3 * MARGIN;
    }
    let (width, height) = (widest + MARGIN, y + tallest + MARGIN);
    let mut out = String::new();
    put(
        &mut out,
        format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" font-family=\"DejaVu Sans, Verdana, sans-serif\" font-size=\"12\">\n{HEAD}{body}</svg>\n"
        ),
    );
    out
}

/// Draws nodes below one another, with arrows between; gives where the last one ends.
fn sequence(out: &mut String, nodes: &[Shaped<'_>], x: usize, mut y: usize) -> usize {
    for (at, node) in nodes.iter().enumerate() {
        if at > 0 {
            arrow(out, x, y, y + GAP);
            y += GAP;
        }
        draw(out, node, x, y);
        y += node.whole_h;
    }
    y
}

/// Draws a node whose middle is at `x`.
fn draw(out: &mut String, node: &Shaped<'_>, x: usize, y: usize) {
    match node.node {
        Node::Step(step, _) => {
            let (fill, stroke) = colours(*step);
            let round = match step {
                Step::Start | Step::End => node.h / 2,
                Step::Action => 4,
                Step::Value | Step::Wait => 0,
            };
            if *step == Step::Wait {
                hexagon(out, node, x, y, fill, stroke);
            } else {
                rectangle(out, (x - node.w / 2, y, node.w, node.h), round.min(20), fill, stroke);
            }
            text(out, &node.lines, x, y, node.h);
        }
        Node::Split { split, .. } => {
            match split {
                Split::Decision => hexagon(out, node, x, y, "#fff3cd", "#b7950b"),
                Split::Wait => hexagon(out, node, x, y, "#e8daef", "#7d3c98"),
                Split::Together | Split::Try => {
                    rectangle(out, (x - node.w / 2, y, node.w, node.h), 0, "#eaeded", "#34495e");
                }
            }
            text(out, &node.lines, x, y, node.h);
            arms(out, node, x, y);
        }
        Node::Frame(..) => {
            let left = x - node.whole_w / 2;
            put(
                out,
                format_args!(
                    "  <rect x=\"{left}\" y=\"{y}\" width=\"{}\" height=\"{}\" rx=\"6\" fill=\"none\" stroke=\"#34495e\" \
                     stroke-dasharray=\"5 4\"/>\n",
                    node.whole_w, node.whole_h
                ),
            );
            text(out, &node.lines, x, y, node.h);
            if let Some(arm) = node.arms.first() {
                sequence(out, &arm.nodes, x, y + node.h + GAP / 2);
            }
        }
    }
}

/// The ways below a split, and the line on which those that go on come together.
fn arms(out: &mut String, node: &Shaped<'_>, x: usize, y: usize) {
    let all: usize = node.arms.iter().map(|arm| arm.w).sum::<usize>() + ASIDE * node.arms.len().saturating_sub(1);
    let bar = y + node.h + BAR / 2;
    let top = y + node.h + BAR;
    let bottom = y + node.whole_h - if node.arms.iter().any(|arm| !arm.ends) { BAR / 2 } else { 0 };
    let mut left = x - all / 2;
    let mut middles = Vec::new();
    for arm in &node.arms {
        middles.push((left + arm.w / 2, arm));
        left += arm.w + ASIDE;
    }
    line(out, (x, y + node.h), (x, bar));
    across(out, middles.iter().map(|(middle, _)| *middle).chain([x]), bar);
    for (middle, arm) in &middles {
        one_arm(out, arm, *middle, bar, top, bottom);
    }
    let joining = || middles.iter().filter(|(_, arm)| !arm.ends).map(|(middle, _)| *middle);
    if goes_on(node) {
        across(out, joining().chain([x]), bottom);
        line(out, (x, bottom), (x, y + node.whole_h));
    } else if joining().next().is_some() {
        across(out, joining(), bottom);
    }
}

fn one_arm(out: &mut String, arm: &ShapedArm<'_>, x: usize, bar: usize, top: usize, bottom: usize) {
    let begin = top + arm.label.len() * LINE;
    line(out, (x, bar), (x, top.saturating_sub(4)));
    for (words, at) in arm.label.iter().zip(1usize..) {
        let (cy, words) = (top + at * LINE - 6, escaped(words));
        put(
            out,
            format_args!(
                "  <text x=\"{x}\" y=\"{cy}\" text-anchor=\"middle\" font-style=\"italic\" fill=\"#566573\">{words}</text>\n"
            ),
        );
    }
    if arm.nodes.is_empty() {
        line(out, (x, begin + 2), (x, bottom));
        return;
    }
    arrow(out, x, begin + 2, begin + GAP);
    let end = sequence(out, &arm.nodes, x, begin + GAP);
    if !arm.ends {
        line(out, (x, end), (x, bottom));
    }
}

const fn colours(step: Step) -> (&'static str, &'static str) {
    match step {
        Step::Start => ("#d5f5e3", "#1e8449"),
        Step::Action => ("#eaf2fb", "#2471a3"),
        Step::Value => ("#f8f9f9", "#7f8c8d"),
        Step::Wait => ("#e8daef", "#7d3c98"),
        Step::End => ("#eaeded", "#34495e"),
    }
}

fn rectangle(out: &mut String, (x, y, w, h): (usize, usize, usize, usize), round: usize, fill: &str, stroke: &str) {
    put(
        out,
        format_args!(
            "  <rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" rx=\"{round}\" fill=\"{fill}\" stroke=\"{stroke}\"/>\n"
        ),
    );
}

/// Where the way parts, and where it stands still.
fn hexagon(out: &mut String, node: &Shaped<'_>, x: usize, y: usize, fill: &str, stroke: &str) {
    let (left, right) = (x - node.w / 2, x + node.w / 2);
    let (middle, low) = (y + node.h / 2, y + node.h);
    let (a, b) = (left + PAD, right - PAD);
    put(
        out,
        format_args!(
            "  <polygon points=\"{left},{middle} {a},{y} {b},{y} {right},{middle} {b},{low} {a},{low}\" fill=\"{fill}\" \
             stroke=\"{stroke}\"/>\n"
        ),
    );
}

fn text(out: &mut String, lines: &[String], x: usize, y: usize, h: usize) {
    let top = y + (h - lines.len() * LINE) / 2;
    for (line, at) in lines.iter().zip(1usize..) {
        let (cy, line) = (top + at * LINE - 5, escaped(line));
        put(out, format_args!("  <text x=\"{x}\" y=\"{cy}\" text-anchor=\"middle\" fill=\"#1b2631\">{line}</text>\n"));
    }
}

fn line(out: &mut String, (x1, y1): (usize, usize), (x2, y2): (usize, usize)) {
    put(out, format_args!("  <path d=\"M{x1} {y1}L{x2} {y2}\" stroke=\"#34495e\" fill=\"none\"/>\n"));
}

/// A line at one height over all these places.
fn across(out: &mut String, places: impl Iterator<Item = usize> + Clone, y: usize) {
    if let (Some(left), Some(right)) = (places.clone().min(), places.max())
        && left < right
    {
        line(out, (left, y), (right, y));
    }
}

fn arrow(out: &mut String, x: usize, from: usize, to: usize) {
    put(
        out,
        format_args!(
            "  <path d=\"M{x} {from}L{x} {to}\" stroke=\"#34495e\" fill=\"none\" marker-end=\"url(#head)\"/>\n"
        ),
    );
}
