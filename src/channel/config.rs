//! `dealflow.toml`: how what runs want done outside gets there.
//!
//! Secrets never stand in the file: it names variables of the environment, `password = { env = "SMTP_PASSWORD" }`.
//! Reading goes on after a mistake; everything wrong is told with its place.

mod mirrors;

pub(super) use mirrors::{Calendar, Documents, Mirror, MirrorKind};

use crate::diagnostics::{Code, Diagnostic, sort};
use crate::engine::Pauses;
use crate::schema::document::{Codes, Kind, Named, Node, Reader};
use crate::source::FileId;
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

const CODES: Codes = Codes { syntax: Code::E0707, unknown: Code::E0707, value: Code::E0707, twice: Code::E0707 };

/// How long one attempt may take, where nothing else is said.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A text that is never shown.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(String);

impl Secret {
    /// A secret that is known already.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// All that a workspace declares.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// `[retry]`
    pub pauses: Pauses,
    /// `[email]`
    pub email: Option<Email>,
    /// `[sms.NAME]`
    pub sms: BTreeMap<String, Sms>,
    /// `[webhooks.NAME]`
    pub webhooks: BTreeMap<String, Hook>,
    /// `[chat.NAME]`
    pub chat: BTreeMap<String, Mirror>,
    /// `[calendar]`
    pub calendar: Option<Calendar>,
    /// `[documents]`
    pub documents: Documents,
    /// `[network]`
    pub network: Network,
}

/// `[email]`
#[derive(Clone, Debug, PartialEq)]
pub struct Email {
    /// The SMTP server's name.
    pub server: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// Name and password, if the server wants them.
    pub login: Option<(String, Secret)>,
    /// Who mails come from, where the script does not say.
    pub from: String,
    /// How long one attempt may take.
    pub timeout: Duration,
    /// Where links lead that are counted, and the key that signs them.
    pub tracking: Option<(String, Secret)>,
}

/// How a connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// By TLS from the first byte.
    Tls,
    /// By `STARTTLS`; a server that does not offer it is not used.
    StartTls,
    /// Not at all: for servers on the same machine.
    None,
}

/// `[sms.NAME]`: an HTTP provider as data. In `url`, `body` and headers, `{to}`, `{text}`, `{from}`, `{key}` and the names
/// of `secrets` stand for their values.
#[derive(Clone, Debug, PartialEq)]
pub struct Sms {
    /// Where the request goes.
    pub url: String,
    /// `GET`, `POST` or `PUT`.
    pub method: String,
    /// More headers.
    pub headers: Vec<(String, String)>,
    /// The body; none without.
    pub body: Option<String>,
    /// What the body is, which decides how values are written into it.
    pub content: Content,
    /// Who messages come from.
    pub from: String,
    /// What may be named in the templates besides the message's own parts.
    pub secrets: BTreeMap<String, Secret>,
    /// The answers that mean success; every `2xx` without.
    pub success: Vec<u16>,
    /// What the answer must contain besides.
    pub success_text: Option<String>,
    /// The place of the provider's own number in a JSON answer, such as `/messages/0/id`.
    pub id: Option<String>,
    /// How long one attempt may take.
    pub timeout: Duration,
}

/// What a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// JSON; values are escaped for the inside of a JSON text.
    Json,
    /// `a=b&c=d`; values are percent-encoded.
    Form,
    /// Anything; values stand as they are.
    Text,
}

/// `[webhooks.NAME]`
#[derive(Clone, Debug, PartialEq)]
pub struct Hook {
    /// Where it goes.
    pub url: String,
    /// The key of the signature, if there is one.
    pub secret: Option<Secret>,
    /// How long one attempt may take.
    pub timeout: Duration,
}

/// `[network]`: what may be reached by HTTP.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Network {
    /// Hosts that may be reached; `*.example.com` for all below one. Every public host without.
    pub allow: Option<Vec<String>>,
    /// Hosts with private addresses that may be reached none the less: `localhost`, `10.0.0.5`.
    pub private: Vec<String>,
}

/// Reads `dealflow.toml`; `env` gives variables of the environment. With mistakes it gives what could be read.
pub fn load(file: FileId, text: &str, env: &dyn Fn(&str) -> Option<String>) -> (Config, Vec<Diagnostic>) {
    let mut loader = Loader { reader: Reader::new(file, CODES), env };
    let root = loader.reader.parse(text);
    let sections = ["retry", "network", "email", "sms", "webhooks", "chat", "calendar", "documents"];
    loader.keys(&root, "`dealflow.toml`", &sections);
    let mut config = Config::default();
    if let Some(node) = root.get("retry") {
        config.pauses = loader.pauses(node);
    }
    if let Some(node) = root.get("network") {
        config.network = loader.network(node);
    }
    config.email = root.get("email").and_then(|node| loader.email(node));
    config.sms = loader.each(root.get("sms"), "`[sms]`", Loader::sms);
    config.webhooks = loader.each(root.get("webhooks"), "`[webhooks]`", Loader::hook);
    config.chat = loader.each(root.get("chat"), "`[chat]`", Loader::mirror);
    config.calendar = root.get("calendar").and_then(|node| loader.calendar(node));
    if let Some(node) = root.get("documents") {
        config.documents = loader.documents(node);
    }
    let mut found = loader.reader.found;
    sort(&mut found);
    (config, found)
}

struct Loader<'e> {
    reader: Reader,
    env: &'e dyn Fn(&str) -> Option<String>,
}

impl Loader<'_> {
    fn keys(&mut self, node: &Node, owner: &str, known: &[&str]) {
        for entry in self.reader.table(node, owner) {
            if !known.contains(&entry.key.as_str()) {
                self.reader.unknown_key(entry, owner, known);
            }
        }
    }

    /// The tables in a table, by name.
    fn each<T>(
        &mut self,
        node: Option<&Node>,
        what: &str,
        read: impl Fn(&mut Self, &Node) -> Option<T>,
    ) -> BTreeMap<String, T> {
        let Some(node) = node else { return BTreeMap::new() };
        let entries = self.reader.table(node, what);
        entries.iter().filter_map(|entry| Some((entry.key.clone(), read(self, &entry.value)?))).collect()
    }

    fn text(&mut self, node: &Node, key: &str) -> Option<String> {
        let value = node.get(key)?;
        self.reader.text(value, &format!("`{key}`")).map(|named| named.text.to_owned())
    }

    fn needed(&mut self, node: &Node, key: &str, example: &str) -> Option<String> {
        if node.get(key).is_none() {
            self.reader.bad(node.span, format!("`{key}` is missing"), format!("add `{key} = {example}`"));
        }
        self.text(node, key)
    }

    fn url(&mut self, node: &Node, key: &str) -> Option<String> {
        let text = self.needed(node, key, "\"https://…\"")?;
        if !text.starts_with("https://") && !text.starts_with("http://") {
            let span = node.get(key).map_or(node.span, |value| value.span);
            self.reader.bad(span, format!("`{text}` is no address"), "begin it with `https://`");
            return None;
        }
        Some(text)
    }

    /// `{ env = "NAME" }`
    fn secret(&mut self, node: &Node, key: &str) -> Option<Secret> {
        let value = node.get(key)?;
        let help = format!("write `{key} = {{ env = \"NAME\" }}`, and put the secret into that variable");
        let Some(env) = value.get("env") else {
            let message = format!("`{key}` is a secret, and secrets do not stand in files");
            self.reader.bad(value.span, message, help);
            return None;
        };
        let Named { text, span, .. } = self.reader.text(env, "`env`")?;
        match (self.env)(text) {
            Some(secret) if !secret.is_empty() => Some(Secret(secret)),
            Some(_) | None => {
                let help = format!("set it before you start: `export {text}=…`");
                self.reader.bad(span, format!("the environment has no variable `{text}`"), help);
                None
            }
        }
    }

    /// `"30s"`, `"5min"`, `"4h"`, `"500ms"`
    fn time(&mut self, node: &Node, key: &str) -> Option<Duration> {
        let text = self.text(node, key)?;
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let unit = match unit.trim() {
            "ms" => Some(1),
            "s" => Some(1_000),
            "min" => Some(60_000),
            "h" => Some(3_600_000),
            _ => None,
        };
        let time = number.parse::<u64>().ok().zip(unit).and_then(|(n, unit)| n.checked_mul(unit));
        if let Some(time) = time.filter(|time| (1..=604_800_000).contains(time)) {
            return Some(Duration::from_millis(time));
        }
        let span = node.get(key).map_or(node.span, |value| value.span);
        self.reader.bad(span, format!("`{text}` is no length of time"), "write it like `30s`, `5min` or `4h`");
        None
    }

    fn number<T: std::str::FromStr>(&mut self, node: &Node, key: &str, what: &str) -> Option<T> {
        let value = node.get(key)?;
        if let Kind::Int(text) = &value.kind
            && let Ok(number) = text.replace('_', "").parse()
        {
            return Some(number);
        }
        self.reader.bad(value.span, format!("`{key}` must be {what}"), "write a number without quotes");
        None
    }

    fn flag(&mut self, node: &Node, key: &str) -> bool {
        let Some(value) = node.get(key) else { return false };
        match value.kind {
            Kind::Bool(yes) => yes,
            Kind::Text(_) | Kind::Int(_) | Kind::Decimal(_) | Kind::Time(_) | Kind::List(_) | Kind::Table(_) => {
                self.reader.bad(value.span, format!("`{key}` is yes or no"), "write `true` or `false`");
                false
            }
        }
    }

    fn choice<T: Copy>(&mut self, node: &Node, key: &str, known: &[(&str, T)]) -> Option<T> {
        let named = self.reader.text(node.get(key)?, &format!("`{key}`"))?;
        let found = known.iter().find(|(name, _)| *name == named.text).map(|(_, value)| *value);
        if found.is_none() {
            let message = format!("`{key}` cannot be `{}`", named.text);
            self.reader.unknown(named, message, known.iter().map(|(name, _)| *name));
        }
        found
    }

    fn texts(&mut self, node: &Node, key: &str) -> Option<Vec<String>> {
        let value = node.get(key)?;
        let texts = self.reader.texts(value, &format!("`{key}`"));
        Some(texts.into_iter().map(|named| named.text.to_owned()).collect())
    }

    fn timeout(&mut self, node: &Node) -> Duration {
        self.time(node, "timeout").unwrap_or(TIMEOUT)
    }

    /// `user` and `password`: both or none.
    fn login(&mut self, node: &Node) -> Option<(String, Secret)> {
        let user = self.text(node, "user");
        let password = self.secret(node, "password");
        if user.is_some() != node.get("password").is_some() {
            self.reader.bad(node.span, "`user` and `password` go together", "give both or none");
        }
        user.zip(password)
    }

    fn pauses(&mut self, node: &Node) -> Pauses {
        self.keys(node, "`[retry]`", &["first", "longest", "attempts"]);
        let ms = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        let standard = Pauses::default();
        Pauses {
            first: self.time(node, "first").map_or(standard.first, ms),
            longest: self.time(node, "longest").map_or(standard.longest, ms),
            attempts: self.number(node, "attempts", "a number of attempts").unwrap_or(standard.attempts),
        }
    }

    fn network(&mut self, node: &Node) -> Network {
        self.keys(node, "`[network]`", &["allow", "private"]);
        Network { allow: self.texts(node, "allow"), private: self.texts(node, "private").unwrap_or_default() }
    }

    fn email(&mut self, node: &Node) -> Option<Email> {
        self.keys(
            node,
            "`[email]`",
            &["server", "port", "security", "user", "password", "from", "timeout", "tracking"],
        );
        let known = [("tls", Security::Tls), ("starttls", Security::StartTls), ("none", Security::None)];
        let security = self.choice(node, "security", &known).unwrap_or(Security::StartTls);
        let usual = match security {
            Security::Tls => 465,
            Security::StartTls => 587,
            Security::None => 25,
        };
        let tracking = node.get("tracking").and_then(|tracking| {
            self.keys(tracking, "`[email.tracking]`", &["url", "secret"]);
            if tracking.get("secret").is_none() {
                self.reader.bad(tracking.span, "`secret` is missing", "add `secret = { env = \"NAME\" }`");
            }
            Some((self.url(tracking, "url")?, self.secret(tracking, "secret")?))
        });
        let server = self.needed(node, "server", "\"smtp.example.com\"");
        let from = self.needed(node, "from", "\"Sales <sales@example.com>\"");
        if let Some(text) = &from
            && text.parse::<lettre::message::Mailbox>().is_err()
        {
            let span = node.get("from").map_or(node.span, |value| value.span);
            let help = "write `sales@example.com` or `Sales <sales@example.com>`";
            self.reader.bad(span, format!("`{text}` is no e-mail address"), help);
        }
        let port = self.number(node, "port", "the number of a port").unwrap_or(usual);
        let (login, timeout) = (self.login(node), self.timeout(node));
        Some(Email { server: server?, port, security, login, from: from?, timeout, tracking })
    }

    fn sms(&mut self, node: &Node) -> Option<Sms> {
        let keys = [
            "url",
            "method",
            "headers",
            "body",
            "content",
            "from",
            "secrets",
            "success",
            "success_text",
            "id",
            "timeout",
        ];
        self.keys(node, "an SMS provider", &keys);
        let url = self.url(node, "url");
        let known = [("GET", "GET"), ("POST", "POST"), ("PUT", "PUT")];
        let body = self.text(node, "body");
        let method = self.choice(node, "method", &known).unwrap_or(if body.is_some() { "POST" } else { "GET" });
        let known = [("json", Content::Json), ("form", Content::Form), ("text", Content::Text)];
        let content = self.choice(node, "content", &known).unwrap_or(Content::Json);
        let text = |loader: &mut Self, value: &Node| Some(loader.reader.text(value, "a header")?.text.to_owned());
        let headers = self.each(node.get("headers"), "`headers`", text).into_iter().collect();
        let mut secrets = BTreeMap::new();
        if let Some(table) = node.get("secrets") {
            for entry in self.reader.table(table, "`secrets`") {
                secrets.extend(self.secret(table, &entry.key).map(|secret| (entry.key.clone(), secret)));
            }
        }
        let listed = node.get("success");
        let success = listed.map(|list| self.reader.list(list, "`success`"));
        let status = |node: &Node| match &node.kind {
            Kind::Int(text) => text.parse().ok(),
            Kind::Text(_) | Kind::Decimal(_) | Kind::Bool(_) | Kind::Time(_) | Kind::List(_) | Kind::Table(_) => None,
        };
        let numbers: Vec<u16> = success.into_iter().flatten().filter_map(status).collect();
        if success.is_some_and(|list| list.len() != numbers.len()) {
            let span = listed.map_or(node.span, |list| list.span);
            self.reader.bad(span, "`success` lists HTTP status codes", "such as `success = [200, 202]`");
        }
        Some(Sms {
            url: url?,
            method: method.to_owned(),
            headers,
            body,
            content,
            from: self.text(node, "from").unwrap_or_default(),
            secrets,
            success: numbers,
            success_text: self.text(node, "success_text"),
            id: self.text(node, "id"),
            timeout: self.timeout(node),
        })
    }

    fn hook(&mut self, node: &Node) -> Option<Hook> {
        self.keys(node, "a webhook", &["url", "secret", "timeout"]);
        let (url, secret) = (self.url(node, "url"), self.secret(node, "secret"));
        Some(Hook { url: url?, secret, timeout: self.timeout(node) })
    }
}
