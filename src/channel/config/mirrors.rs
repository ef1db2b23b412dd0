//! `[chat.NAME]` and `[calendar]`.

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

/// `[calendar]`: a CalDAV collection.
#[derive(Clone, Debug, PartialEq)]
pub struct Calendar {
    /// The collection.
    pub url: String,
    /// Name and password.
    pub login: Option<(String, Secret)>,
    /// How long one attempt may take.
    pub timeout: Duration,
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

    pub(super) fn calendar(&mut self, node: &Node) -> Option<Calendar> {
        self.keys(node, "`[calendar]`", &["url", "user", "password", "timeout"]);
        let (url, login) = (self.url(node, "url"), self.login(node));
        Some(Calendar { url: url?, login, timeout: self.timeout(node) })
    }
}
