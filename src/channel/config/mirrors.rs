//! `[chat.NAME]`, `[calendar]` and `[documents]`.

use super::{Loader, Secret};
use crate::schema::document::Node;
use std::time::Duration;

/// `[chat.NAME]`: where messages of chats, notifications and posts are shown as well.
#[derive(Clone, Debug, PartialEq)]
pub struct Mirror {
    /// What kind of service it is.
    pub kind: MirrorKind,
    /// The chats that are shown there; all without.
    pub chats: Vec<String>,
    /// How long one attempt may take.
    pub timeout: Duration,
}

/// A chat service.
#[derive(Clone, Debug, PartialEq)]
pub enum MirrorKind {
    /// An incoming webhook of Slack; its URL is the secret.
    Slack(Secret),
    /// One of Mattermost.
    Mattermost(Secret),
    /// A room of a Matrix server.
    Matrix {
        /// The server, such as `https://matrix.example.com`.
        server: String,
        /// The room's id, such as `!abc:example.com`.
        room: String,
        /// The access token of the account that writes.
        token: Secret,
    },
}

/// `[calendar]`: where planned calls, meetings and bookings go.
#[derive(Clone, Debug, PartialEq)]
pub struct Calendar {
    /// A CalDAV collection, if there is one.
    pub url: Option<String>,
    /// Whether those who take part are invited by e-mail.
    pub invite: bool,
    /// Name and password.
    pub login: Option<(String, Secret)>,
    /// How long one attempt may take.
    pub timeout: Duration,
}

/// `[documents]`: what turns a page into a PDF or DOCX file.
#[derive(Clone, Debug, PartialEq)]
pub struct Documents {
    /// The program, by its name or path; without it what is found: Chromium or `soffice`.
    pub converter: Option<String>,
    /// How long one conversion may take.
    pub timeout: Duration,
}

impl Default for Documents {
    fn default() -> Self {
        Self { converter: None, timeout: super::TIMEOUT }
    }
}

impl Loader<'_> {
    pub(super) fn mirror(&mut self, node: &Node) -> Option<Mirror> {
        self.keys(node, "a chat service", &["kind", "url", "server", "room", "token", "chats", "timeout"]);
        if node.get("kind").is_none() {
            let help = "add `kind = \"slack\"`, `\"mattermost\"` or `\"matrix\"`";
            self.reader.bad(node.span, "`kind` is missing", help);
        }
        let kind = self.choice(node, "kind", &[("slack", 0), ("mattermost", 1), ("matrix", 2)])?;
        let needs = |loader: &mut Self, key: &str| {
            if node.get(key).is_none() {
                let help = format!("add `{key} = {{ env = \"NAME\" }}`");
                loader.reader.bad(node.span, format!("`{key}` is missing"), help);
            }
            loader.secret(node, key)
        };
        let kind = match kind {
            0 => MirrorKind::Slack(needs(self, "url")?),
            1 => MirrorKind::Mattermost(needs(self, "url")?),
            _ => {
                let token = needs(self, "token");
                let server = self.url(node, "server");
                let room = self.needed(node, "room", "\"!id:example.com\"");
                MirrorKind::Matrix { server: server?, room: room?, token: token? }
            }
        };
        let chats = self.texts(node, "chats").unwrap_or_default();
        Some(Mirror { kind, chats, timeout: self.timeout(node) })
    }

    pub(super) fn documents(&mut self, node: &Node) -> Documents {
        self.keys(node, "`[documents]`", &["converter", "timeout"]);
        Documents { converter: self.text(node, "converter"), timeout: self.timeout(node) }
    }

    pub(super) fn calendar(&mut self, node: &Node) -> Option<Calendar> {
        self.keys(node, "`[calendar]`", &["url", "invite", "user", "password", "timeout"]);
        let invite = self.flag(node, "invite");
        let url = match node.get("url") {
            Some(_) => Some(self.url(node, "url")?),
            None if invite => None,
            None => {
                let help = "add `url = \"https://…\"`, a CalDAV collection, or `invite = true`";
                self.reader.bad(node.span, "a calendar needs a place or guests", help);
                return None;
            }
        };
        Some(Calendar { url, invite, login: self.login(node), timeout: self.timeout(node) })
    }
}
