//! The named events: what can happen besides changes of records. Each is a trigger (`on call missed`), something to wait
//! for (`wait for call missed`), and an event of an event file (`"event": "call missed"`).

use crate::schema::Type;

/// The type of a member of an event's payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayloadType {
    /// `text`
    Text,
    /// `phone`
    Phone,
    /// `email`
    Email,
    /// `url`
    Url,
    /// `duration`
    Duration,
    /// `datetime`
    DateTime,
    /// `money`
    Money,
    /// `user`
    User,
    /// `file`
    File,
    /// `list of file`
    Files,
}

impl PayloadType {
    /// The type that scripts see.
    pub fn ty(self) -> Type {
        match self {
            Self::Text => Type::Text,
            Self::Phone => Type::Phone,
            Self::Email => Type::Email,
            Self::Url => Type::Url,
            Self::Duration => Type::Duration,
            Self::DateTime => Type::DateTime,
            Self::Money => Type::Money,
            Self::User => Type::User,
            Self::File => Type::File,
            Self::Files => Type::File.list(),
        }
    }
}

/// One named event.
#[derive(Clone, Copy, Debug)]
pub struct EventSpec {
    /// Its two words, such as `call missed`.
    pub name: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// What `event.…` gives, each of which may be missing.
    pub payload: &'static [(&'static str, PayloadType)],
    /// The member that a text after the words is compared with: the form in `on form submitted "Callback"`.
    pub selector: Option<&'static str>,
    /// Whether it counts as an activity of the customer (`wait for activity`).
    pub activity: bool,
}

use PayloadType::{DateTime, Duration, Email, File, Files, Money, Phone, Text, Url, User};

const CALL: &[(&str, PayloadType)] = &[("from", Phone), ("to", Phone), ("duration", Duration), ("recording", File)];
const EMAIL: &[(&str, PayloadType)] =
    &[("from", Email), ("to", Email), ("subject", Text), ("text", Text), ("link", Url), ("attachments", Files)];
const MESSAGE: &[(&str, PayloadType)] = &[("from", Text), ("text", Text), ("page", Text), ("post", Text)];
const APPOINTMENT: &[(&str, PayloadType)] =
    &[("start", DateTime), ("end", DateTime), ("resource", Text), ("employee", User)];
const PAYMENT: &[(&str, PayloadType)] = &[("amount", Money), ("number", Text)];
const DOCUMENT: &[(&str, PayloadType)] = &[("number", Text), ("file", File), ("link", Url)];
const WORK: &[(&str, PayloadType)] = &[("subject", Text), ("employee", User)];
const FORM: &[(&str, PayloadType)] = &[("form", Text), ("text", Text)];

const fn event(
    name: &'static str,
    summary: &'static str,
    payload: &'static [(&'static str, PayloadType)],
) -> EventSpec {
    EventSpec { name, summary, payload, selector: None, activity: false }
}

impl EventSpec {
    const fn by_customer(mut self) -> Self {
        self.activity = true;
        self
    }

    const fn selected_by(mut self, member: &'static str) -> Self {
        self.selector = Some(member);
        self
    }
}

/// Every named event.
pub const EVENTS: &[EventSpec] = &[
    event("call incoming", "The customer calls and somebody answers.", CALL).by_customer(),
    event("call outgoing", "Somebody calls the customer.", CALL),
    event("call missed", "The customer calls and nobody answers.", CALL).by_customer(),
    event("call scheduled", "A call is planned.", CALL),
    event("call completed", "A call has ended.", CALL),
    event("email received", "The customer writes an e-mail.", EMAIL).by_customer(),
    event("email sent", "An e-mail goes out to the customer.", EMAIL),
    event("email opened", "The customer opens an e-mail.", EMAIL),
    event("email clicked", "The customer clicks a link in an e-mail.", EMAIL).by_customer().selected_by("link"),
    event("email bounced", "An e-mail could not be delivered.", EMAIL),
    event("sms received", "The customer sends an SMS.", MESSAGE).by_customer(),
    event("message received", "The customer writes in a chat or messenger.", MESSAGE).by_customer(),
    event("facebook post", "Somebody posts on the company's Facebook page.", MESSAGE).by_customer(),
    event("facebook comment", "Somebody comments on a Facebook post.", MESSAGE).by_customer(),
    event("facebook like", "Somebody likes a Facebook post.", MESSAGE).by_customer(),
    event("facebook message", "Somebody writes to the company on Facebook.", MESSAGE).by_customer(),
    event("twitter mention", "Somebody mentions the company on Twitter.", MESSAGE).by_customer(),
    event("twitter retweet", "Somebody retweets the company.", MESSAGE).by_customer(),
    event("twitter reply", "Somebody answers a tweet of the company.", MESSAGE).by_customer(),
    event("twitter message", "Somebody writes to the company on Twitter.", MESSAGE).by_customer(),
    event("appointment booked", "An appointment is made.", APPOINTMENT).by_customer(),
    event("appointment rescheduled", "An appointment gets another time.", APPOINTMENT).by_customer(),
    event("appointment cancelled", "An appointment is called off.", APPOINTMENT).by_customer(),
    event("appointment completed", "An appointment took place.", APPOINTMENT),
    event("appointment missed", "Nobody came to an appointment.", APPOINTMENT),
    event("resource booked", "A resource is booked.", APPOINTMENT),
    event("invoice paid", "The customer pays an invoice.", PAYMENT).by_customer(),
    event("payment received", "A payment comes in.", PAYMENT).by_customer(),
    event("document created", "A document is made from a template.", DOCUMENT),
    event("document viewed", "The customer looks at a document.", DOCUMENT).by_customer(),
    event("form submitted", "The customer sends a web form.", FORM).by_customer().selected_by("form"),
    event("task completed", "A task is done.", WORK),
    event("task overdue", "A task was not done in time.", WORK),
    event("activity completed", "A planned activity is done.", WORK),
];

/// What a person does by hand: `on manual "Call me"` is the button of that name.
const MANUAL: EventSpec = event("manual", "A person presses a button, on a record or not.", &[]);
/// What an outside system sends: `on webhook "erp"` is the one of that name in `crm.toml`.
const WEBHOOK: EventSpec = event("webhook", "An outside system calls.", &[]);

/// What has a name of its own behind this word, such as `manual`.
pub fn named_source(word: &str) -> Option<&'static EventSpec> {
    match word {
        "manual" => Some(&MANUAL),
        "webhook" => Some(&WEBHOOK),
        _ => None,
    }
}

/// The name of the event of such a source: `manual Call me`.
pub fn named_event(source: &EventSpec, name: &str) -> String {
    format!("{} {name}", source.name)
}

/// Words that other systems have an action for, and what is written here.
const INSTEAD: &[(&str, &str)] = &[(
    "request",
    "a wait asks: `wait for approval of deal.discount by deal.owner.manager or 1d`, \
     `let $a = wait for answer \"Which discount?\" from deal.owner or 2d`",
)];

/// What is written instead of an action that there is not.
pub fn instead(verb: &str) -> Option<&'static str> {
    INSTEAD.iter().find(|(word, _)| *word == verb).map(|(_, help)| *help)
}

/// The event of this name.
pub fn event_spec(name: &str) -> Option<&'static EventSpec> {
    EVENTS.iter().find(|event| event.name == name)
}

/// Whether the event of this name is something the customer did.
pub fn is_activity(name: &str) -> bool {
    event_spec(name).is_some_and(|event| event.activity)
}

#[cfg(test)]
mod tests {
    use super::EVENTS;

    #[test]
    fn names_are_two_words_and_unique_and_selectors_exist() {
        for (i, event) in EVENTS.iter().enumerate() {
            assert_eq!(event.name.split(' ').count(), 2, "{}", event.name);
            assert!(EVENTS.iter().skip(i + 1).all(|other| other.name != event.name), "{}", event.name);
            if let Some(member) = event.selector {
                assert!(event.payload.iter().any(|(name, _)| *name == member), "{}", event.name);
            }
        }
    }
}
