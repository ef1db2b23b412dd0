//! Texts of messages: BBCode to HTML, HTML to plain text, and the links in them.

/// Escapes a text for HTML.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
    out
}

/// Tags that become the HTML tag of the same meaning.
const PAIRS: &[(&str, &str)] =
    &[("b", "strong"), ("i", "em"), ("u", "u"), ("s", "s"), ("quote", "blockquote"), ("code", "code"), ("list", "ul")];

/// BBCode as HTML. What is no tag, or is not closed, stays as text; nothing in it can become HTML of its own.
pub(super) fn from_bbcode(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut open: Vec<(&str, String)> = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('[') {
        out.push_str(&lines(rest.get(..at).unwrap_or_default()));
        rest = rest.get(at..).unwrap_or_default();
        let tag = rest.get(1..).and_then(|inner| inner.split_once(']')).map(|(tag, _)| tag);
        let taken = tag.and_then(|tag| self::tag(tag, rest, &mut open, &mut out));
        let n = taken.unwrap_or_else(|| {
            out.push('[');
            1
        });
        rest = rest.get(n..).unwrap_or_default();
    }
    out.push_str(&lines(rest));
    while let Some((_, close)) = open.pop() {
        out.push_str(&close);
    }
    out
}

/// Writes one tag; how many bytes of `rest` it takes, or `None` if it is none.
fn tag<'t>(tag: &'t str, rest: &str, open: &mut Vec<(&'t str, String)>, out: &mut String) -> Option<usize> {
    let whole = tag.len() + 2;
    if let Some(name) = tag.strip_prefix('/') {
        let at = open.iter().rposition(|(opened, _)| opened.eq_ignore_ascii_case(name))?;
        for (_, close) in open.drain(at..).rev() {
            out.push_str(&close);
        }
        return Some(whole);
    }
    if tag == "*" {
        out.push_str("<li>");
        return Some(whole);
    }
    let (name, value) = tag.split_once('=').map_or((tag, None), |(name, value)| (name, Some(value)));
    if let Some((_, html)) = PAIRS.iter().find(|(bb, _)| value.is_none() && bb.eq_ignore_ascii_case(name)) {
        out.extend(["<", html, ">"]);
        open.push((name, format!("</{html}>")));
        return Some(whole);
    }
    let value = value.map(|value| value.trim_matches('"'));
    match (name.to_ascii_lowercase().as_str(), value) {
        ("url", Some(link)) if is_link(link) => {
            out.extend(["<a href=\"", &escape(link), "\">"]);
            open.push((name, "</a>".to_owned()));
            Some(whole)
        }
        ("url", None) | ("img", None) => {
            let close = format!("[/{name}]");
            let inner = rest.get(whole..)?;
            let end = inner.to_ascii_lowercase().find(&close.to_ascii_lowercase())?;
            let link = inner.get(..end).filter(|link| is_link(link))?;
            let link = escape(link);
            if name.eq_ignore_ascii_case("url") {
                out.extend(["<a href=\"", &link, "\">", &link, "</a>"]);
            } else {
                out.extend(["<img src=\"", &link, "\" alt=\"\">"]);
            }
            Some(whole + end + close.len())
        }
        ("color", Some(color)) if color.chars().all(|c| c.is_ascii_alphanumeric() || c == '#') => {
            out.extend(["<span style=\"color:", color, "\">"]);
            open.push((name, "</span>".to_owned()));
            Some(whole)
        }
        ("size", Some(size)) if size.len() < 4 && size.chars().all(|c| c.is_ascii_digit()) => {
            out.extend(["<span style=\"font-size:", size, "px\">"]);
            open.push((name, "</span>".to_owned()));
            Some(whole)
        }
        _ => None,
    }
}

fn lines(text: &str) -> String {
    escape(text).replace("\r\n", "\n").replace('\n', "<br>\n")
}

/// Links that a message may have: never scripts.
fn is_link(link: &str) -> bool {
    let lower = link.trim().to_ascii_lowercase();
    ["http://", "https://", "mailto:", "tel:"].iter().any(|scheme| lower.starts_with(scheme))
        && !link.contains(['\n', '\r', '['])
}

/// Tags after which a new line begins.
const BLOCKS: &[&str] = &["br", "p", "div", "tr", "li", "h1", "h2", "h3", "blockquote", "ul", "ol", "table"];

/// What people without HTML read: tags are left out, links stand behind their words.
pub(super) fn to_text(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut link: Option<(String, usize)> = None;
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        out.push_str(&words(rest.get(..at).unwrap_or_default()));
        let inner = rest.get(at + 1..).unwrap_or_default();
        let Some((tag, after)) = inner.split_once('>') else {
            out.push_str(&unescape(rest.get(at..).unwrap_or_default()));
            return tidy(&out);
        };
        rest = after;
        let name = tag.trim_start_matches('/').split([' ', '\n', '\t', '/']).next().unwrap_or("").to_ascii_lowercase();
        if matches!(name.as_str(), "script" | "style" | "head") && !tag.starts_with('/') {
            let close = format!("</{name}");
            let end = rest.to_ascii_lowercase().find(&close).map_or(rest.len(), |at| at);
            rest = rest.get(end..).unwrap_or_default();
        } else if name == "a" && !tag.starts_with('/') {
            link = attribute(tag, "href").map(|(from, to)| (unescape(tag.get(from..to).unwrap_or("")), out.len()));
        } else if name == "a" {
            if let Some((href, from)) = link.take()
                && out.get(from..).map(str::trim) != Some(href.as_str())
            {
                out.extend([" (", &href, ")"]);
            }
        } else if BLOCKS.contains(&name.as_str()) && (name == "br" || !out.ends_with('\n')) {
            out.push('\n');
        }
    }
    out.push_str(&words(rest));
    tidy(&out)
}

fn tidy(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let mut out = String::new();
    let mut empty = 0;
    for line in lines {
        empty = if line.is_empty() { empty + 1 } else { 0 };
        if empty < 2 {
            out.push_str(line);
            out.push('\n');
        }
    }
    out.trim().to_owned()
}

/// A piece of text between tags: line breaks in the source are no more than spaces.
fn words(text: &str) -> String {
    unescape(&text.replace(['\r', '\n'], " "))
}

fn unescape(text: &str) -> String {
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", " "), ("&amp;", "&")];
    entities.iter().fold(text.to_owned(), |text, (entity, plain)| text.replace(entity, plain))
}

/// Where the value of an attribute stands in a tag.
fn attribute(tag: &str, name: &str) -> Option<(usize, usize)> {
    let lower = tag.to_ascii_lowercase();
    let at = lower.find(&format!("{name}="))? + name.len() + 1;
    let quote = tag.get(at..)?.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let end = tag.get(at + 1..)?.find(quote)?;
    Some((at + 1, at + 1 + end))
}

/// Every web link of an HTML text through `change`.
pub(super) fn map_links(html: &str, change: impl Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (before, inner) = rest.split_at(at);
        out.push_str(before);
        let end = inner.find('>').map_or(inner.len(), |end| end + 1);
        let (tag, after) = inner.split_at(end);
        let is_link = tag.len() > 2 && tag.get(..3).is_some_and(|head| head.eq_ignore_ascii_case("<a "));
        let place = attribute(tag, "href").filter(|_| is_link);
        let href = place.and_then(|(from, to)| tag.get(from..to)).map(unescape).filter(|href| href.starts_with("http"));
        if let (Some((from, to)), Some(href)) = (place, href) {
            out.push_str(tag.get(..from).unwrap_or_default());
            out.push_str(&escape(&change(&href)));
            out.push_str(tag.get(to..).unwrap_or_default());
        } else {
            out.push_str(tag);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::{from_bbcode, map_links, to_text};

    #[test]
    fn bbcode_becomes_html_and_nothing_else_does() {
        for (bbcode, html) in [
            ("[b]Hi[/b]\nyou", "<strong>Hi</strong><br>\nyou"),
            ("[url=https://a.b/?x=1&y=2]here[/url]", "<a href=\"https://a.b/?x=1&amp;y=2\">here</a>"),
            ("[url]https://a.b[/url]", "<a href=\"https://a.b\">https://a.b</a>"),
            ("[url=javascript:alert(1)]x[/url]", "[url=javascript:alert(1)]x[/url]"),
            ("[url=https://a\"onclick=\"x]y[/url]", "<a href=\"https://a&quot;onclick=&quot;x\">y</a>"),
            ("<script>[i]a[/b]", "&lt;script&gt;<em>a[/b]</em>"),
            ("[list][*]a[*]b[/list]", "<ul><li>a<li>b</ul>"),
            ("[b][i]a[/b]", "<strong><em>a</em></strong>"),
            ("[color=red;x]a", "[color=red;x]a"),
            ("[ü][", "[ü]["),
        ] {
            assert_eq!(from_bbcode(bbcode), html);
        }
    }

    #[test]
    fn html_has_a_text_for_those_without() {
        let html = "<head><title>x</title></head><p>Dear <b>Ann</b>,</p>a &lt; b<br>see <a href=\"https://a.b/?c=1&amp;d\">here</a>\
            <style>p{}</style> <a href='https://c.d'>https://c.d</a><ul><li>one<li>two</ul>";
        assert_eq!(to_text(html), "Dear Ann,\na < b\nsee here (https://a.b/?c=1&d) https://c.d\none\ntwo");
        assert_eq!(to_text("1 < 2"), "1 < 2");
    }

    #[test]
    fn only_web_links_are_changed() {
        let html = "<a class=x href=\"http://a?b=1&amp;c=2\">a</a> <a href='mailto:x'>m</a> <abbr href=\"http://no\">";
        let changed = map_links(html, |link| format!("T({link})&"));
        assert_eq!(
            changed,
            "<a class=x href=\"T(http://a?b=1&amp;c=2)&amp;\">a</a> <a href='mailto:x'>m</a> <abbr href=\"http://no\">"
        );
    }
}
