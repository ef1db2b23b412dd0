//! From a page of `pages/` to a page of the reference.

use super::{EVENTS, Story, Teller, UNTIL, lists};

/// Writes one page.
pub(super) fn page(source: &str, tell: &Teller<'_>) -> Result<String, String> {
    let mut lines = source.lines().zip(1..);
    let mut out = String::with_capacity(source.len() * 2);
    while let Some((line, number)) = lines.next() {
        let at = |e: String| format!("line {number}: {e}");
        if let Some(name) = line.strip_prefix("{{").and_then(|l| l.strip_suffix("}}")) {
            out.push_str(&lists::list(name, tell).map_err(at)?);
        } else if let Some(words) = line.strip_prefix("```flow ") {
            let script = fenced(&mut lines);
            fence(&mut out, "flow", &script);
            let until = words.split_whitespace().find_map(|w| w.strip_prefix("until=")).unwrap_or(UNTIL);
            let own = match words.split_whitespace().next() {
                Some("run") => None,
                Some("own") => Some(own_events(&mut lines, &mut out).map_err(at)?),
                _ => return Err(at(format!("`{words}` is neither `run` nor `own`"))),
            };
            let story =
                Story { script: &script, events: own.as_deref().unwrap_or(EVENTS), until, everything: own.is_some() };
            out.push_str("\nWhat happens:\n\n");
            fence(&mut out, "text", &tell(&story).map_err(at)?.timeline);
        } else {
            out.push_str(line);
            out.push('\n');
        }
    }
    Ok(out)
}

/// The lines up to the end of a fence that is open.
fn fenced<'s>(lines: &mut impl Iterator<Item = (&'s str, usize)>) -> String {
    let mut text = String::new();
    for (line, _) in lines.by_ref().take_while(|(line, _)| *line != "```") {
        text.push_str(line);
        text.push('\n');
    }
    text
}

/// The events that follow a script, perhaps after some words.
fn own_events<'s>(lines: &mut impl Iterator<Item = (&'s str, usize)>, out: &mut String) -> Result<String, String> {
    let mut words = String::new();
    for (line, _) in lines.by_ref() {
        if line == "```json" {
            let events = fenced(lines);
            out.push_str(if words.trim().is_empty() { "\nThese events come:\n\n" } else { &words });
            fence(out, "json", &events);
            return Ok(events);
        }
        if line.starts_with("```") {
            break;
        }
        words.push_str(line);
        words.push('\n');
    }
    Err("the events of this script must follow it in a fence `json`".to_owned())
}

/// Writes a fence.
pub(super) fn fence(out: &mut String, language: &str, text: &str) {
    out.push_str("```");
    out.push_str(language);
    out.push('\n');
    out.push_str(text);
    if !text.ends_with('\n') {
        out.push('\n');
    }
    out.push_str("```\n");
}
