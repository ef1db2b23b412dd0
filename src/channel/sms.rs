//! SMS by an HTTP provider that is described as data.

use super::config::{Content, Sms};
use super::http::{Answer, Request, percent};
use super::{Job, Prepared, Refusal};
use crate::engine::Attempt;
use crate::value::{Name, Value};

/// Builds the request.
pub(super) fn prepare(config: &Sms, job: &Job<'_>) -> Result<Prepared, Refusal> {
    let to = job.needed("to")?;
    let digits = to.chars().filter(char::is_ascii_digit).count();
    if !(4..=15).contains(&digits) || !to.chars().all(|c| c.is_ascii_digit() || "+ -()/.".contains(c)) {
        return Err(Refusal::new(format!("`{to}` is no phone number")));
    }
    let to: String = to.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    let text = job.needed("text")?;
    let from = job.text("from").unwrap_or_else(|| config.from.clone());
    let key = job.key();
    let mut values = vec![("to", to.as_str()), ("text", &text), ("from", &from), ("key", &key)];
    values.extend(config.secrets.iter().map(|(name, secret)| (name.as_str(), secret.reveal())));
    let mut request = Request::new(&config.method, &fill(&config.url, &values, percent), config.timeout);
    for (name, value) in &config.headers {
        let value = fill(value, &values, |value| value.chars().filter(|c| !c.is_control()).collect());
        request = request.header(name, value);
    }
    if let Some(body) = &config.body {
        let (kind, encode): (_, fn(&str) -> String) = match config.content {
            Content::Json => ("application/json", json),
            Content::Form => ("application/x-www-form-urlencoded", percent),
            Content::Text => ("text/plain; charset=utf-8", str::to_owned),
        };
        request = request.body(kind, fill(body, &values, encode));
    }
    request.hidden = config.secrets.values().cloned().collect();
    Ok(Prepared::Http(Box::new(request)))
}

/// What the provider's answer means.
pub(super) fn outcome(config: &Sms, host: &str, answer: &Answer) -> Attempt {
    let status = if config.success.is_empty() {
        (200..300).contains(&answer.status)
    } else {
        config.success.contains(&answer.status)
    };
    let text = config.success_text.as_ref().is_none_or(|text| answer.body.contains(text.as_str()));
    if !(status && text) {
        return answer.failure(host);
    }
    let id = config.id.as_ref().and_then(|pointer| answer.at(pointer));
    let fields = id.map(|id| (Name::from("provider_id"), Value::text(&id))).into_iter().collect();
    Attempt::Done { value: None, fields }
}

/// Puts values in the places of their names. What a value says is never looked at again.
fn fill(template: &str, values: &[(&str, &str)], encode: impl Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        let (before, inner) = rest.split_at(at);
        out.push_str(before);
        let known = inner.get(1..).and_then(|inner| inner.split_once('}')).and_then(|(name, after)| {
            let value = values.iter().find(|(known, _)| *known == name)?;
            Some((value.1, after))
        });
        if let Some((value, after)) = known {
            out.push_str(&encode(value));
            rest = after;
        } else {
            out.push('{');
            rest = inner.get(1..).unwrap_or_default();
        }
    }
    out.push_str(rest);
    out
}

/// The inside of a JSON text.
fn json(value: &str) -> String {
    let quoted = serde_json::Value::from(value).to_string();
    quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{fill, json, percent};

    #[test]
    fn values_cannot_break_out_of_their_places() {
        let values = [("to", "+48 1"), ("text", "a\"}{to}&x=1"), ("from", "")];
        assert_eq!(fill("u?to={to}&text={text}", &values, percent), "u?to=%2B48%201&text=a%22%7D%7Bto%7D%26x%3D1");
        assert_eq!(fill(r#"{"m":"{text}","{nobody}"}{"#, &values, json), r#"{"m":"a\"}{to}&x=1","{nobody}"}{"#);
    }
}
