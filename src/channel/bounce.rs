//! Bounces: reports of mail servers (DSN, RFC 3464) that a mail did not arrive.

use mail_parser::{MessageParser, MimeHeaders};

/// A mail that did not arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounce {
    /// The `Message-ID` of the report itself, by which a repetition is known.
    pub id: Option<String>,
    /// The `Message-ID` of the mail that is reported on, without its angles.
    pub message_id: Option<String>,
    /// Whom it did not reach.
    pub recipient: String,
    /// The status code, such as `5.1.1`.
    pub status: String,
    /// Whether the address will not work later either.
    pub permanent: bool,
    /// What the server said.
    pub diagnostic: Option<String>,
}

/// The bounces in a mail: one for each recipient that it did not reach; none if it is no report.
pub fn read(mail: &[u8]) -> Vec<Bounce> {
    let Some(message) = MessageParser::default().parse(mail) else { return Vec::new() };
    let part = |kind: &str, sub: &str| {
        message.parts.iter().find(|part| part.is_content_type(kind, sub)).map(mail_parser::MessagePart::contents)
    };
    let Some(status) = part("message", "delivery-status") else { return Vec::new() };
    let original = message.parts.iter().find_map(|part| part.message().and_then(|m| m.message_id().map(str::to_owned)));
    let headers = part("text", "rfc822-headers").map(String::from_utf8_lossy);
    let original = original.or_else(|| field(headers.as_deref()?, "message-id").map(|id| bare(&id)));
    let text = String::from_utf8_lossy(status).replace("\r\n", "\n");
    // The first block is about the message as a whole, the others about one recipient each.
    let blocks = text.split("\n\n").filter(|block| field(block, "action").is_some());
    let bounces = blocks.filter_map(|block| {
        let action = field(block, "action")?.to_ascii_lowercase();
        let status = field(block, "status").unwrap_or_default();
        let recipient = field(block, "original-recipient").or_else(|| field(block, "final-recipient"))?;
        let (_, recipient) = recipient.split_once(';').unwrap_or(("", &recipient));
        let diagnostic = field(block, "diagnostic-code").map(|text| match text.split_once(';') {
            Some((_, said)) => said.trim().to_owned(),
            None => text,
        });
        (action == "failed").then(|| Bounce {
            id: message.message_id().map(str::to_owned),
            message_id: original.clone(),
            recipient: recipient.trim().to_owned(),
            permanent: !status.starts_with('4'),
            status,
            diagnostic,
        })
    });
    bounces.collect()
}

fn bare(id: &str) -> String {
    id.trim().trim_start_matches('<').trim_end_matches('>').to_owned()
}

/// A field of a header block, its continuation lines joined.
fn field(block: &str, name: &str) -> Option<String> {
    let mut lines = block.lines();
    let first = lines.find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })?;
    let more = lines.take_while(|line| line.starts_with([' ', '\t']));
    Some(more.fold(first, |text, line| text + " " + line.trim()))
}
