//! Channels: how errands leave the machine.
//!
//! Each channel turns an errand into something ready to go (`prepare`), which a dry run writes down, and what comes back
//! into an [`Attempt`]. Nothing here knows runs or stores. Every request has the errand's key, so that a receiver can tell
//! a repetition: mails by their `Message-ID`, Matrix by its transaction id, CalDAV by `If-None-Match`, webhooks by the
//! header `Idempotency-Key`.
//!
//! To add a channel: a section in `config`, a file with `prepare` and what an answer means, an arm in
//! [`Channels::prepare`] and [`Channels::send`].

pub mod audience;
mod bounce;
mod calendar;
mod chat;
mod config;
pub mod document;
mod email;
mod html;
mod http;
mod sms;
mod token;
mod webhook;

pub use bounce::{Bounce, read as read_bounces};
pub use config::{Config, Secret, load};
pub use token::read_link;

use crate::engine::{Attempt, ErrandKey, ErrandRow, Live};
use crate::value::Value;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

/// The name of the file that declares channels.
pub const FILE: &str = "dealflow.toml";

/// How the channels of mirrors begin.
const CHAT: &str = "chat/";

/// The channels of what is planned: an entry in a calendar, and mails to those who take part.
const CALENDAR: &str = "calendar";
const INVITATION: &str = "invitation";

/// The largest file that is attached, in bytes.
const MOST_ATTACHED: u64 = 25 * 1024 * 1024;

/// Everything that a workspace can reach.
#[derive(Debug)]
pub struct Channels {
    config: Config,
    client: http::Client,
    /// Where attached files lie, and documents are written.
    files: PathBuf,
    /// The workspace's folder.
    workspace: PathBuf,
}

/// Why an errand cannot even be written down; trying again does not help.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Refusal(String);

impl Refusal {
    fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }

    fn permanent(self) -> Attempt {
        Attempt::Permanent { why: self.0.into() }
    }
}

/// Something that is ready to go.
enum Prepared {
    /// A mail with its `Message-ID`.
    Mail { id: String, message: Box<lettre::Message> },
    /// A request.
    Http(Box<http::Request>),
    /// A file of this machine.
    Document(document::Page),
}

/// A file that goes with a mail.
struct Attachment {
    name: String,
    bytes: Vec<u8>,
}

/// An errand as channels see it.
struct Job<'a> {
    key: ErrandKey,
    row: &'a ErrandRow,
    files: &'a Path,
}

impl Job<'_> {
    /// The key that receivers see: run, effect, part, and the moment it was asked for, so that two stores do not meet.
    fn key(&self) -> String {
        let ErrandKey { run, seq, part } = self.key;
        format!("{run}-{seq}-{part}-{:x}", self.row.asked.0)
    }

    /// The name of what is planned, the same in the calendar, in the invitation and in all that follows.
    fn uid(&self) -> String {
        self.text("uid").unwrap_or_else(|| self.key())
    }

    /// When the run asked for it, from 1970.
    fn asked(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.row.asked.0).unwrap_or(0))
    }

    fn value(&self, name: &str) -> Option<&Value> {
        self.row.errand.arg(name)
    }

    fn text(&self, name: &str) -> Option<String> {
        match self.value(name)? {
            Value::Text(text) => Some(text.to_string()),
            _ => None,
        }
    }

    fn needed(&self, name: &str) -> Result<String, Refusal> {
        self.text(name).ok_or_else(|| Refusal::new(format!("`{}` needs `{name}`", self.row.action)))
    }

    fn texts(&self, name: &str) -> Vec<String> {
        let text = |value: &Value| match value {
            Value::Text(text) => Some(text.to_string()),
            _ => None,
        };
        match self.value(name) {
            Some(Value::List(items)) => items.iter().filter_map(text).collect(),
            Some(one) => text(one).into_iter().collect(),
            None => Vec::new(),
        }
    }

    fn flag(&self, name: &str) -> bool {
        self.value(name) == Some(&Value::Bool(true))
    }

    /// The files that go with it, from the workspace's folder of files and nowhere else.
    fn attachments(&self) -> Result<Vec<Attachment>, Refusal> {
        let read = |name: String| {
            let inside = Path::new(&name).components().all(|part| matches!(part, Component::Normal(_)));
            if !inside || name.is_empty() {
                return Err(Refusal::new(format!("the file `{name}` is not in the workspace's folder of files")));
            }
            let path = self.files.join(&name);
            let failed = |e: std::io::Error| Refusal::new(format!("the file `{name}` cannot be attached: {e}"));
            if std::fs::metadata(&path).map_err(failed)?.len() > MOST_ATTACHED {
                return Err(Refusal::new(format!("the file `{name}` is larger than {MOST_ATTACHED} bytes")));
            }
            let bytes = std::fs::read(&path).map_err(failed)?;
            let name = path.file_name().map_or(name.clone(), |name| name.to_string_lossy().into_owned());
            Ok(Attachment { name, bytes })
        };
        self.texts("attachments").into_iter().map(read).collect()
    }
}

impl Channels {
    /// The channels of a workspace, whose folder is given.
    pub fn new(config: Config, workspace: &Path) -> Self {
        let client = http::Client::new(&config.network);
        Self { config, client, files: workspace.join("files"), workspace: workspace.to_owned() }
    }

    /// What the engine has to know.
    pub fn live(&self) -> Live {
        let chats = self.config.chat.keys().map(|name| format!("{CHAT}{name}").into());
        let calendar = self.config.calendar.as_ref();
        let entries = calendar.and_then(|calendar| calendar.url.as_ref()).map(|_| CALENDAR.into());
        let guests = calendar.filter(|calendar| calendar.invite).map(|_| INVITATION.into());
        Live { mirrors: chats.chain(entries).chain(guests).collect(), pauses: self.config.pauses }
    }

    /// Where the links of mails lead first, and whose signature they have, if clicks are counted.
    pub fn tracking(&self) -> Option<(&str, &Secret)> {
        self.config.email.as_ref()?.tracking.as_ref().map(|(url, secret)| (url.as_str(), secret))
    }

    /// Tries an errand once.
    pub fn send(&self, key: ErrandKey, row: &ErrandRow) -> Attempt {
        let job = Job { key, row, files: &self.files };
        if let Ok(Way::Chat(config)) = self.which(&job)
            && !chat::shows(config, &job)
        {
            return Attempt::Done { value: None, fields: Vec::new() };
        }
        let prepared = match self.prepare(&job) {
            Ok(prepared) => prepared,
            Err(refusal) => return refusal.permanent(),
        };
        let request = match prepared {
            Prepared::Mail { id, message } => {
                return match &self.config.email {
                    Some(config) => email::send(config, &id, &message),
                    None => missing("email").permanent(),
                };
            }
            Prepared::Document(page) => return document::make(&self.config.documents, &self.files, &page),
            Prepared::Http(request) => request,
        };
        let host = match self.client.check(&request.url) {
            Ok(host) => host,
            Err(refusal) => return refusal.permanent(),
        };
        let answer = match self.client.send(&request) {
            Ok(answer) => answer,
            Err(attempt) => return attempt,
        };
        match self.which(&job) {
            Ok(Way::Sms(config)) => sms::outcome(config, &host, &answer),
            Ok(Way::Webhook(_)) => webhook::outcome(&host, &answer),
            Ok(Way::Chat(_)) => chat::outcome(&host, &answer),
            Ok(Way::Calendar(_)) => calendar::outcome(&host, &answer, &job),
            Ok(Way::Email(_) | Way::Document) => answer.failure(&host),
            Err(refusal) => refusal.permanent(),
        }
    }

    /// What would be sent, as a file: its ending and its bytes.
    ///
    /// # Errors
    /// Why it cannot be sent.
    pub fn dry_run(&self, key: ErrandKey, row: &ErrandRow) -> Result<(&'static str, Vec<u8>), String> {
        let job = Job { key, row, files: &self.files };
        match self.prepare(&job).map_err(|Refusal(why)| why)? {
            Prepared::Mail { message, .. } => Ok(("eml", message.formatted())),
            Prepared::Document(page) => Ok(("html", page.html.into_bytes())),
            Prepared::Http(request) => {
                self.client.check(&request.url).map_err(|Refusal(why)| why)?;
                Ok(("http", request.show().into_bytes()))
            }
        }
    }

    fn prepare(&self, job: &Job<'_>) -> Result<Prepared, Refusal> {
        match self.which(job)? {
            Way::Email(config) => email::prepare(config, job),
            Way::Sms(config) => sms::prepare(config, job),
            Way::Webhook(config) => webhook::prepare(config, job),
            Way::Chat(config) => Ok(chat::prepare(config, job)),
            Way::Calendar(config) => calendar::prepare(config, job),
            Way::Document => document::prepare(&self.workspace, job),
        }
    }

    /// The way that an errand takes.
    fn which(&self, job: &Job<'_>) -> Result<Way<'_>, Refusal> {
        let channel = &*job.row.errand.channel;
        match channel {
            "email" | INVITATION => self.config.email.as_ref().map(Way::Email).ok_or_else(|| missing("email")),
            "sms" => {
                let provider = job.needed("provider")?;
                let found = self.config.sms.get(&provider).map(Way::Sms);
                found.ok_or_else(|| missing(&format!("sms.{provider}")))
            }
            "webhook" => {
                let name = job.needed("name")?;
                let found = self.config.webhooks.get(&name).map(Way::Webhook);
                found.ok_or_else(|| missing(&format!("webhooks.{name}")))
            }
            CALENDAR => self.config.calendar.as_ref().map(Way::Calendar).ok_or_else(|| missing("calendar")),
            "document" => Ok(Way::Document),
            other if other.starts_with(CHAT) => {
                let name = other.trim_start_matches(CHAT);
                let found = self.config.chat.get(name).map(Way::Chat);
                found.ok_or_else(|| missing(&format!("chat.{name}")))
            }
            other => Err(Refusal::new(format!("there is no channel `{other}`"))),
        }
    }
}

/// The way that an errand takes.
enum Way<'c> {
    Email(&'c config::Email),
    Sms(&'c config::Sms),
    Webhook(&'c config::Hook),
    Chat(&'c config::Mirror),
    Calendar(&'c config::Calendar),
    Document,
}

fn missing(section: &str) -> Refusal {
    Refusal::new(format!("`{FILE}` has no section `[{section}]`"))
}
