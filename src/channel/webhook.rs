//! Outgoing webhooks: JSON with a signature, by which the receiver knows who it is from and that it is whole.

use super::config::Hook;
use super::http::{Answer, Request};
use super::{Job, Prepared, Refusal, token};
use crate::engine::Attempt;
use crate::schema::value_to_json;
use crate::value::{Fields, Name, Value};
use std::sync::Arc;

/// Builds the request.
///
/// Headers: `Idempotency-Key`, `Dealflow-Timestamp` (seconds from 1970, of the moment the run asked for it) and
/// `Dealflow-Signature: sha256=…`, which is the HMAC of the timestamp, a full stop and the body.
pub(super) fn prepare(config: &Hook, job: &Job<'_>) -> Result<Prepared, Refusal> {
    let fields = match job.value("payload") {
        Some(Value::Record(fields)) => fields.clone(),
        None => Arc::default(),
        Some(_) => return Err(Refusal::new("the payload of a webhook is a record")),
    };
    let members = fields.iter().map(|(name, value)| (name.to_string(), value_to_json(value)));
    let body = serde_json::Value::Object(members.collect()).to_string();
    let time = job.asked().as_secs().to_string();
    let mut request = Request::new("POST", &config.url, config.timeout)
        .header("Idempotency-Key", job.key())
        .header("Dealflow-Timestamp", &time);
    if let Some(secret) = &config.secret {
        let sign = token::signature(secret, &[time.as_bytes(), b".", body.as_bytes()]);
        request = request.header("Dealflow-Signature", format!("sha256={sign}"));
    }
    Ok(Prepared::Http(Box::new(request.body("application/json", body))))
}

/// What the answer means: its JSON is what the action gives.
pub(super) fn outcome(host: &str, answer: &Answer) -> Attempt {
    if !(200..300).contains(&answer.status) {
        return answer.failure(host);
    }
    let value = serde_json::from_str(&answer.body).ok().map(|json| plain(&json, 0)).filter(|v| *v != Value::Missing);
    Attempt::Done { value, fields: Vec::new() }
}

/// How deep an answer may be nested.
const DEPTH: u8 = 16;

/// JSON as a value, without a type that says what its texts mean.
fn plain(json: &serde_json::Value, depth: u8) -> Value {
    if depth > DEPTH {
        return Value::Missing;
    }
    match json {
        serde_json::Value::Null => Value::Missing,
        serde_json::Value::Bool(value) => Value::Bool(*value),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(int) => Value::Int(int),
            None => number.to_string().parse().map_or_else(|_| Value::text(&number.to_string()), Value::Decimal),
        },
        serde_json::Value::String(text) => Value::text(text),
        serde_json::Value::Array(items) => Value::list(items.iter().map(|item| plain(item, depth + 1)).collect()),
        serde_json::Value::Object(members) => {
            let members = members.iter().map(|(name, value)| (Name::from(name.as_str()), plain(value, depth + 1)));
            Value::Record(Arc::new(members.collect::<Fields>()))
        }
    }
}
