//! E-mail: a message from an errand, and its way over SMTP.
//!
//! Names and texts of customers go into headers only through `lettre`'s encoders, and control characters go nowhere, so
//! that nobody can add a header or a recipient. The `Message-ID` is made from the errand's key: what is sent again after a
//! crash is the same message, and servers and readers can tell.

use super::config::{Email, Security};
use super::{Attachment, Job, Prepared, Refusal, calendar, html, token};
use crate::engine::Attempt;
use crate::value::{Name, Value};
use lettre::message::header::{ContentType, MessageId};
use lettre::message::{Mailbox, Message, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{SmtpTransport, Transport};

/// What a text is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Text,
    Html,
    BbCode,
}

/// Builds the message.
pub(super) fn prepare(config: &Email, job: &Job<'_>) -> Result<Prepared, Refusal> {
    let from = match job.text("from") {
        Some(from) => mailbox(&from)?,
        None => mailbox(&config.from)?,
    };
    let to = job.texts("to");
    if to.is_empty() {
        return Err(Refusal::new("the mail has no recipient"));
    }
    let id = message_id(job, &from);
    let sender = from.email.to_string();
    let mut builder = Message::builder()
        .from(from)
        .date(std::time::UNIX_EPOCH + job.asked())
        .header(MessageId::from(format!("<{id}>")))
        .subject(one_line(&job.text("subject").unwrap_or_default()));
    for address in &to {
        builder = builder.to(mailbox(address)?);
    }
    for address in job.texts("cc") {
        builder = builder.cc(mailbox(&address)?);
    }
    if let Some(address) = job.text("reply_to") {
        builder = builder.reply_to(mailbox(&address)?);
    }
    let body = body(config, job, sender)?;
    let message = builder.multipart(body).map_err(|e| Refusal::new(format!("the mail cannot be written: {e}")))?;
    Ok(Prepared::Mail { id, message: Box::new(message) })
}

/// Sends it.
pub(super) fn send(config: &Email, id: &str, message: &Message) -> Attempt {
    let transport = match transport(config) {
        Ok(transport) => transport,
        Err(error) => return Attempt::Permanent { why: format!("the mail server cannot be used: {error}").into() },
    };
    match transport.send(message) {
        Ok(_) => {
            let id = (Name::from("message_id"), Value::text(id));
            Attempt::Done { value: None, fields: vec![id] }
        }
        Err(error) => {
            let why = Name::from(format!("{}: {}", config.server, words(&error)));
            // A wrong password is the administrator's to mend, and every mail would fail by it.
            let login = error.status().is_some_and(|code| [530, 534, 535, 538].contains(&u16::from(code)));
            if (error.is_permanent() && !login) || error.is_client() {
                Attempt::Permanent { why }
            } else {
                Attempt::Passing { why, after: None }
            }
        }
    }
}

/// What the server or the network said, with its reason.
fn words(error: &dyn std::error::Error) -> String {
    let mut text = one_line(&error.to_string());
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = one_line(&cause.to_string());
        if !text.contains(&cause_text) {
            text.extend([": ", cause_text.as_str()]);
        }
        source = cause.source();
    }
    text
}

fn transport(config: &Email) -> Result<SmtpTransport, lettre::transport::smtp::Error> {
    let tls = match config.security {
        Security::None => Tls::None,
        Security::Tls => Tls::Wrapper(TlsParameters::new(config.server.clone())?),
        Security::StartTls => Tls::Required(TlsParameters::new(config.server.clone())?),
    };
    let builder = SmtpTransport::builder_dangerous(&config.server).port(config.port).tls(tls);
    let builder = builder.timeout(Some(config.timeout));
    Ok(match &config.login {
        Some((user, password)) => builder.credentials(Credentials::new(user.clone(), password.reveal().to_owned())),
        None => builder,
    }
    .build())
}

/// `run-effect-part-moment@domain`
fn message_id(job: &Job<'_>, from: &Mailbox) -> String {
    format!("{}@{}", job.key(), from.email.domain())
}

fn mailbox(text: &str) -> Result<Mailbox, Refusal> {
    if text.chars().any(char::is_control) {
        return Err(Refusal::new(format!("`{}` is no e-mail address", one_line(text))));
    }
    text.parse().map_err(|_| Refusal::new(format!("`{text}` is no e-mail address")))
}

/// A text without control characters, line breaks included.
fn one_line(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn body(config: &Email, job: &Job<'_>, sender: String) -> Result<MultiPart, Refusal> {
    let text = job.text("text").unwrap_or_default();
    let format = match job.text("format").as_deref() {
        Some("html") => Format::Html,
        Some("bbcode") => Format::BbCode,
        Some("text") | None => Format::Text,
        Some(other) => return Err(Refusal::new(format!("`{other}` is no format of a mail"))),
    };
    let html = match format {
        Format::Text => None,
        Format::Html => Some(text.clone()),
        Format::BbCode => Some(html::from_bbcode(&text)),
    };
    let plain = html.as_deref().map_or_else(|| text.clone(), html::to_text);
    let tracked = job.flag("track_clicks").then_some(config.tracking.as_ref()).flatten();
    let html = html.map(|html| match tracked {
        Some((url, secret)) => {
            let key = job.key();
            html::map_links(&html, |link| format!("{url}?t={}", token::link(secret, &key, link)))
        }
        None => html,
    });
    let mut content = match html {
        Some(html) => MultiPart::alternative_plain_html(plain, html),
        None => MultiPart::mixed().singlepart(SinglePart::plain(plain)),
    };
    let attachments = job.attachments()?;
    // A mail with a time is an invitation, or calls it off.
    if job.value("start").is_some() {
        let method = job.text("method").unwrap_or_else(|| "REQUEST".to_owned());
        let entry = calendar::entry(job, Some(&calendar::Asked { method: &method, sender }))?;
        content =
            content.singlepart(part(entry.into_bytes(), &format!("text/calendar; charset=utf-8; method={method}"))?);
    }
    if attachments.is_empty() {
        return Ok(content);
    }
    let mut whole = MultiPart::mixed().multipart(content);
    for Attachment { name, bytes } in attachments {
        let kind = ContentType::parse(media_type(&name)).map_err(|e| Refusal::new(e.to_string()))?;
        whole = whole.singlepart(lettre::message::Attachment::new(one_line(&name)).body(bytes, kind));
    }
    Ok(whole)
}

fn part(bytes: Vec<u8>, kind: &str) -> Result<SinglePart, Refusal> {
    let kind = ContentType::parse(kind).map_err(|e| Refusal::new(e.to_string()))?;
    Ok(SinglePart::builder().header(kind).body(bytes))
}

/// The media type that a file's name stands for.
fn media_type(name: &str) -> &'static str {
    let ending = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    match ending.as_str() {
        "pdf" => "application/pdf",
        "txt" | "md" => "text/plain; charset=utf-8",
        "html" | "htm" => "text/html; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "ics" => "text/calendar; charset=utf-8",
        "zip" => "application/zip",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _ => "application/octet-stream",
    }
}
