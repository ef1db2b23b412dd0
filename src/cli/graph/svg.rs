//! The graph as a picture.

use super::layout::{Layout, Way, layout};
use super::{Arrow, Picture};
use crate::picture::markup::{escaped, put, wrapped};
use std::collections::BTreeMap;

/// The width of a letter, the height of a line, and the room around a text, in pixels.
const LETTER: usize = 8;
const LINE: usize = 18;
const PAD: usize = 12;
/// The room between columns beside the longest label there, between boxes of a column, and between parts.
const GAP_X: usize = 50;
const GAP_Y: usize = 26;
const GAP_PART: usize = 50;
const MARGIN: usize = 30;
/// The room that an arrow needs at the side of a box, and a loop above it.
const PORT: usize = 18;
const LOOP: usize = 34;
/// The widest text of a box, in letters.
const WIDEST: usize = 28;

/// A box or a joint with its place.
#[derive(Clone, Debug, Default)]
struct Drawn {
    lines: Vec<String>,
    x: usize,
    y: usize,
    w: usize,
    h: usize,
    /// Room above it.
    above: usize,
}

/// One step of an arrow's way, from spot to spot.
type Step = (usize, usize);

/// An SVG image.
pub(super) fn svg(picture: &Picture) -> String {
    let plan = layout(picture);
    let drawn = arrange(picture, &plan);
    let right = |d: &Drawn| d.x + d.w + if d.above > 0 { 60 } else { 0 };
    let width = drawn.iter().map(right).max().unwrap_or(0) + MARGIN;
    let height = drawn.iter().map(|d| d.y + d.h).max().unwrap_or(0) + MARGIN;
    let mut out = String::new();
    put(
        &mut out,
        format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"13\">\n{HEAD}"
        ),
    );
    let ports = (ports(&plan, &drawn, true), ports(&plan, &drawn, false));
    for way in &plan.ways {
        if let Some(arrow) = picture.arrows.get(way.arrow) {
            line(&mut out, arrow, way, &drawn, &ports);
        }
    }
    for arrow in picture.arrows.iter().filter(|a| a.from == a.to) {
        if let Some(own) = drawn.get(arrow.from) {
            own_line(&mut out, arrow, own);
        }
    }
    for own in drawn.iter().take(picture.boxes.len()) {
        rectangle(&mut out, own);
    }
    out.push_str("</svg>\n");
    out
}

/// The heads of arrows, and a white ground.
const HEAD: &str = r##"  <defs>
    <marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path d="M0 0L10 5L0 10z" fill="#34495e"/></marker>
    <marker id="red" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="6" markerHeight="6" orient="auto-start-reverse"><path d="M0 0L10 5L0 10z" fill="#c0392b"/></marker>
  </defs>
  <rect width="100%" height="100%" fill="white"/>
"##;

/// Gives every box and joint its size and place.
fn arrange(picture: &Picture, plan: &Layout) -> Vec<Drawn> {
    let mut drawn: Vec<Drawn> = (0..plan.spots.len()).map(|at| sized(picture, plan, at)).collect();
    let mut columns: BTreeMap<usize, BTreeMap<usize, Vec<usize>>> = BTreeMap::new();
    for (at, spot) in plan.spots.iter().enumerate() {
        columns.entry(spot.part).or_default().entry(spot.column).or_default().push(at);
    }
    let mut top = MARGIN;
    for part in columns.values_mut() {
        let height = |list: &Vec<usize>, drawn: &[Drawn]| -> usize {
            let each = list.iter().filter_map(|&at| drawn.get(at)).map(|d| d.above + d.h + GAP_Y);
            each.sum::<usize>().saturating_sub(GAP_Y)
        };
        let tallest = part.values().map(|list| height(list, &drawn)).max().unwrap_or(0);
        let mut left = MARGIN;
        for list in part.values_mut() {
            list.sort_by_key(|&at| plan.spots.get(at).map(|s| s.row));
            let widest = list.iter().filter_map(|&at| drawn.get(at)).map(|d| d.w).max().unwrap_or(0);
            let mut y = top + (tallest - height(list, &drawn)) / 2;
            for &at in list.iter() {
                if let Some(own) = drawn.get_mut(at) {
                    own.x = left + (widest - own.w) / 2;
                    own.y = y + own.above;
                    y += own.above + own.h + GAP_Y;
                }
            }
            left += widest + GAP_X + label_room(picture, plan, list);
        }
        top += tallest + GAP_PART;
    }
    drawn
}

fn sized(picture: &Picture, plan: &Layout, at: usize) -> Drawn {
    let Some(title) = picture.boxes.get(at) else { return Drawn::default() };
    let lines = wrapped(title, WIDEST);
    let letters = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    let out = plan.ways.iter().filter(|w| w.spots.first() == Some(&at)).count();
    let into = plan.ways.iter().filter(|w| w.spots.last() == Some(&at)).count();
    let loops = picture.arrows.iter().any(|a| a.from == at && a.to == at);
    Drawn {
        w: letters * LETTER + 2 * PAD,
        h: (lines.len() * LINE + 2 * PAD).max((out.max(into) + 1) * PORT),
        above: if loops { LOOP } else { 0 },
        lines,
        ..Drawn::default()
    }
}

/// The room that the labels right of a column need.
fn label_room(picture: &Picture, plan: &Layout, column: &[usize]) -> usize {
    let leaves = plan.ways.iter().filter(|way| way.spots.first().is_some_and(|first| column.contains(first)));
    let arrows = leaves.filter_map(|way| picture.arrows.get(way.arrow));
    arrows.map(|arrow| text_of(arrow).chars().count()).max().unwrap_or(0) * 7
}

/// The height at which each step leaves (or enters) its spot: in the order of where it goes, so that few cross.
fn ports(plan: &Layout, drawn: &[Drawn], leaving: bool) -> BTreeMap<(Step, usize), usize> {
    let mut sides: BTreeMap<usize, Vec<(usize, usize, Step)>> = BTreeMap::new();
    for way in &plan.ways {
        for step in way.spots.iter().copied().zip(way.spots.iter().copied().skip(1)) {
            let (here, there) = if leaving { step } else { (step.1, step.0) };
            let middle = drawn.get(there).map_or(0, |d| d.y + d.h / 2);
            sides.entry(here).or_default().push((middle, way.arrow, step));
        }
    }
    let mut ports = BTreeMap::new();
    for (here, mut list) in sides {
        list.sort_unstable();
        let Some(own) = drawn.get(here) else { continue };
        for (at, (_, arrow, step)) in list.iter().enumerate() {
            ports.insert((*step, *arrow), own.y + own.h * (at + 1) / (list.len() + 1));
        }
    }
    ports
}

type Ports = BTreeMap<(Step, usize), usize>;

fn line(out: &mut String, arrow: &Arrow, way: &Way, drawn: &[Drawn], (leave, enter): &(Ports, Ports)) {
    let mut path = String::new();
    let mut label_at = None;
    for step in way.spots.iter().copied().zip(way.spots.iter().copied().skip(1)) {
        let (Some(a), Some(b)) = (drawn.get(step.0), drawn.get(step.1)) else { return };
        let (x1, y1) = (a.x + a.w, leave.get(&(step, way.arrow)).copied().unwrap_or(a.y));
        let (x2, y2) = (b.x, enter.get(&(step, way.arrow)).copied().unwrap_or(b.y));
        if path.is_empty() {
            put(&mut path, format_args!("M{x1} {y1}"));
            label_at = Some((x1 + 10, y1));
        }
        let middle = x1.midpoint(x2);
        put(&mut path, format_args!("L{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}"));
    }
    let (color, head) = if arrow.endless { ("#c0392b", "red") } else { ("#34495e", "head") };
    let end = if way.back { "start" } else { "end" };
    let dashes = if arrow.later && !arrow.endless { " stroke-dasharray=\"6 4\"" } else { "" };
    let thick = if arrow.endless { 2 } else { 1 };
    put(
        out,
        format_args!(
            "  <path d=\"{path}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"{thick}\"{dashes} marker-{end}=\"url(#{head})\"/>\n"
        ),
    );
    if let Some((x, y)) = label_at {
        // Beside the head of an arrow that points here there is no room.
        label(out, &text_of(arrow), x + if way.back { 6 } else { 0 }, y.saturating_sub(4), "start");
    }
}

/// From a box to itself.
fn own_line(out: &mut String, arrow: &Arrow, own: &Drawn) {
    let (a, b, y) = (own.x + own.w / 2, own.x + own.w * 4 / 5, own.y);
    let (color, head) = if arrow.endless { ("#c0392b", "red") } else { ("#34495e", "head") };
    let dashes = if arrow.later && !arrow.endless { " stroke-dasharray=\"6 4\"" } else { "" };
    let top = y.saturating_sub(LOOP - 4);
    put(
        out,
        format_args!(
            "  <path d=\"M{a} {y}C{a} {top} {b} {top} {b} {y}\" fill=\"none\" stroke=\"{color}\"{dashes} marker-end=\"url(#{head})\"/>\n"
        ),
    );
    label(out, &text_of(arrow), b + 6, y.saturating_sub(12), "start");
}

fn rectangle(out: &mut String, own: &Drawn) {
    let Drawn { lines, x, y, w, h, .. } = own;
    put(
        out,
        format_args!(
            "  <rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" rx=\"8\" fill=\"#f4f7fb\" stroke=\"#34495e\"/>\n"
        ),
    );
    let top = y + (h - lines.len() * LINE) / 2;
    for (text, at) in lines.iter().zip(1usize..) {
        let (cx, cy, text) = (x + w / 2, top + at * LINE - 5, escaped(text));
        put(out, format_args!("  <text x=\"{cx}\" y=\"{cy}\" text-anchor=\"middle\" fill=\"#1b2631\">{text}</text>\n"));
    }
}

fn text_of(arrow: &Arrow) -> String {
    arrow.labels.join(", ")
}

fn label(out: &mut String, text: &str, x: usize, y: usize, anchor: &str) {
    let text = escaped(text);
    put(
        out,
        format_args!(
            "  <text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\" font-size=\"11\" fill=\"#566573\" stroke=\"white\" \
             stroke-width=\"3\" paint-order=\"stroke\">{text}</text>\n"
        ),
    );
}
