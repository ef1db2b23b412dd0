//! Messages of chats, notifications and posts, shown in chat services as well.
//!
//! Matrix knows a repetition by its transaction id; incoming webhooks of Slack and Mattermost know none, so there a message
//! may be shown twice after a crash.

use super::config::{Mirror, MirrorKind};
use super::http::{Answer, Request, percent};
use super::{Job, Prepared};
use crate::engine::Attempt;
use serde_json::json;

/// Whether a mirror shows what is written in that chat.
pub(super) fn shows(config: &Mirror, job: &Job<'_>) -> bool {
    let chat = job.text("chat");
    config.chats.is_empty() || chat.is_some_and(|chat| config.chats.contains(&chat))
}

/// Builds the request.
pub(super) fn prepare(config: &Mirror, job: &Job<'_>) -> Prepared {
    let text = message(job);
    let request = match &config.kind {
        MirrorKind::Slack(url) => {
            // Slack reads `<…>` and `&` as marks of its own.
            let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            let mut request = Request::new("POST", url.reveal(), config.timeout);
            request.hidden.push(url.clone());
            request.body("application/json", json!({ "text": text }).to_string())
        }
        MirrorKind::Mattermost(url) => {
            let mut request = Request::new("POST", url.reveal(), config.timeout);
            request.hidden.push(url.clone());
            request.body("application/json", json!({ "text": text }).to_string())
        }
        MirrorKind::Matrix { server, room, token } => {
            let (room, key) = (percent(room), percent(&job.key()));
            let server = server.trim_end_matches('/');
            let url = format!("{server}/_matrix/client/v3/rooms/{room}/send/m.room.message/{key}");
            let mut request = Request::new("PUT", &url, config.timeout);
            request.hidden.push(token.clone());
            request
                .header("Authorization", format!("Bearer {}", token.reveal()))
                .body("application/json", json!({ "msgtype": "m.text", "body": text }).to_string())
        }
    };
    Prepared::Http(Box::new(request))
}

/// `Legal · Anna Nowak (important): the text`
fn message(job: &Job<'_>) -> String {
    let place = ["chat", "subject"].into_iter().find_map(|name| job.text(name));
    let head = [place, job.text("from")].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let kind = job.text("type").filter(|kind| kind != "general").map_or_else(String::new, |kind| format!(" ({kind})"));
    let text = job.text("text").unwrap_or_default();
    if head.is_empty() && kind.is_empty() { text } else { format!("{head}{kind}: {text}") }
}

/// What the answer means.
pub(super) fn outcome(host: &str, answer: &Answer) -> Attempt {
    if (200..300).contains(&answer.status) {
        return Attempt::Done { value: None, fields: Vec::new() };
    }
    let mut answer = answer.clone();
    // Matrix says it in the body.
    let said = answer.at("/retry_after_ms").and_then(|ms| ms.parse::<i64>().ok());
    answer.retry_after = answer.retry_after.or(said.map(|ms| ms.clamp(0, 86_400_000)));
    answer.failure(host)
}
