//! The form in which actions, triggers and functions are declared.

use crate::schema::{StageKind, Thing};

/// What a parameter of an action takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamType {
    /// Any text.
    Text,
    /// A whole number.
    Int,
    /// Yes or no.
    Bool,
    /// A date or a moment.
    Moment,
    /// A period.
    Duration,
    /// One employee.
    Person,
    /// Employees: one, several, a department, a role, or `everybody`.
    People,
    /// A chat.
    Chat,
    /// A record of any entity.
    Record,
    /// The name of an entity, written as a word: `deal`.
    Entity,
    /// A stage or status of the record in the parameter `record`.
    Stage,
    /// A pipeline of the entity in the parameter `entity`.
    Pipeline,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Yes or no, written out.
    Flag,
    /// A contact, company or lead.
    Customer,
    /// A contact, company or lead, an employee, or an address.
    Recipient,
    /// Something that `crm.toml` declares, by its name.
    Thing(Thing),
    /// A sender of `crm.toml`, or an employee.
    Sender,
    /// A resource of `crm.toml`, or an employee whose time is booked.
    Bookable,
    /// The booking field of a record: `deal.visit`. It also gives the parameters `record` and `field`.
    BookingField,
    /// The entities that a record is converted to.
    Targets,
    /// A pipeline of the deal that a record is converted to.
    TargetPipeline,
    /// The number of a record.
    Id,
    /// Names of fields of the entity in the parameter `entity`.
    FieldNames,
    /// A file field, or files by their paths: one kind of the two.
    Files,
    /// An employee, or `next` or `least busy` with `of` after it.
    Assignee,
}

/// One parameter.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// Its name in effects, in `with`, and in the reference.
    pub name: &'static str,
    /// What it takes.
    pub ty: ParamType,
    /// Whether the action needs it.
    pub required: bool,
    /// What it is for; for optional ones also what happens without.
    pub doc: &'static str,
}

impl Param {
    /// A parameter that must be given.
    pub const fn required(name: &'static str, ty: ParamType, doc: &'static str) -> Self {
        Self { name, ty, required: true, doc }
    }

    /// A parameter that may be left out.
    pub const fn optional(name: &'static str, ty: ParamType, doc: &'static str) -> Self {
        Self { name, ty, required: false, doc }
    }

    /// Who reads what the action says, if this parameter names them.
    pub fn readers(&self) -> Option<Readers> {
        match self.ty {
            ParamType::Chat => Some(Readers::Room),
            ParamType::People => Some(Readers::People),
            ParamType::Recipient | ParamType::Customer => Some(Readers::One),
            ParamType::Person => (self.name == "to").then_some(Readers::One),
            ParamType::Text
            | ParamType::Int
            | ParamType::Bool
            | ParamType::Moment
            | ParamType::Duration
            | ParamType::Record
            | ParamType::Entity
            | ParamType::Stage
            | ParamType::Pipeline
            | ParamType::Flag
            | ParamType::Thing(_)
            | ParamType::Sender
            | ParamType::Bookable
            | ParamType::BookingField
            | ParamType::Targets
            | ParamType::TargetPipeline
            | ParamType::Id
            | ParamType::FieldNames
            | ParamType::Files
            | ParamType::Assignee
            | ParamType::Choice(_) => None,
        }
    }
}

/// Who reads what an action says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// One person.
    One,
    /// Employees, one or several.
    People,
    /// Everybody in a chat.
    Room,
}

/// What may follow the verb before the first preposition.
#[derive(Clone, Copy, Debug)]
pub enum Slot {
    /// This very word.
    Word(&'static str),
    /// A value.
    Arg(Param),
}

/// A preposition with what follows it.
#[derive(Clone, Copy, Debug)]
pub struct Prep {
    /// The preposition.
    pub prep: &'static str,
    /// Words between it and its value: `chat` in `to chat $room`.
    pub words: &'static [&'static str],
    /// Its value; without one the words are all.
    pub param: Option<Param>,
    /// Values that follow without a comma: the text in `to client "text"`.
    pub then: &'static [Param],
}

impl Prep {
    /// A preposition directly followed by one value.
    pub const fn new(prep: &'static str, param: Param) -> Self {
        Self { prep, words: &[], param: Some(param), then: &[] }
    }

    /// A preposition with a value and the values behind it.
    pub const fn then(prep: &'static str, param: Param, then: &'static [Param]) -> Self {
        Self { prep, words: &[], param: Some(param), then }
    }

    /// A preposition with words before its value.
    pub const fn words(prep: &'static str, words: &'static [&'static str], param: Param) -> Self {
        Self { prep, words, param: Some(param), then: &[] }
    }

    /// A preposition with words alone.
    pub const fn fixed(prep: &'static str, words: &'static [&'static str]) -> Self {
        Self { prep, words, param: None, then: &[] }
    }

    /// All its values.
    pub fn params(&'static self) -> impl Iterator<Item = &'static Param> {
        self.param.iter().chain(self.then)
    }
}

/// Where an effect happens, which decides how often it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EffectClass {
    /// Reads only.
    Pure,
    /// On the embedded CRM, inside the activation's transaction: exactly once.
    Embedded,
    /// Outside: at least once, with a key by which the receiver can tell a repetition.
    External,
}

/// What an action gives back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionResult {
    /// Nothing.
    None,
    /// A record of the entity named in the parameter `entity`.
    NewRecord,
    /// A chat.
    Chat,
    /// A record of this entity.
    Record(&'static str),
    /// The record that is asked for; with the parameter `fields` their values.
    Asked,
    /// One record for each target, under the name of its entity.
    Converted,
    /// What the webhook in the parameter `webhook` answers.
    Answer,
}

/// What `with` takes.
#[derive(Clone, Copy, Debug)]
pub enum With {
    /// These named parameters.
    Params(&'static [Param]),
    /// The fields of the entity named in the parameter `entity`.
    Fields,
    /// The payload of the webhook in the parameter `webhook`.
    Payload,
}

/// What the engine does for an action; one arm of `crm::perform` each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ActionOp {
    /// A message into a chat.
    NotifyChat,
    /// A notification to people.
    Notify,
    /// A direct message to people.
    Message,
    /// A post in the news feed.
    Post,
    /// A comment on a record's timeline.
    Comment,
    /// A new record.
    Create,
    /// Fields of a record get new values.
    Set,
    /// Another owner.
    Assign,
    /// Another stage, and the end of the run.
    Move,
    /// A line in the run's journal.
    Log,
    /// A chat with members.
    CreateChat,
    /// More people in a chat.
    AddMembers,
    /// A record as it is.
    Get,
    /// Records of other entities from one.
    Convert,
    /// A contact for a lead.
    ContactForLead,
    /// A lead from a deal.
    RepeatLead,
    /// An activity.
    Activity,
    /// A task.
    Task,
    /// A call that is planned.
    ScheduleCall,
    /// A meeting that is planned.
    ScheduleMeeting,
    /// A line in the CRM's history.
    History,
    /// An SMS.
    Sms,
    /// An e-mail.
    Email,
    /// A customer becomes part of an audience.
    AddToAudience,
    /// A customer is taken out of an audience.
    RemoveFromAudience,
    /// A customer's mails and calls are not recorded any more.
    Exclude,
    /// A resource or an employee's time.
    Book,
    /// A booking is released.
    CancelBooking,
    /// A document from a template.
    Document,
    /// A call of an outside system.
    Webhook,
}

/// A record that an action makes or changes, so that other rules can be set off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touch {
    /// Makes a record of this entity, in its first stage.
    Makes(&'static str),
    /// Makes records of the entities that this parameter names.
    MakesNamed(&'static str),
    /// Sets the fields that are given as parameters, of the record in the parameter `record`.
    SetsGiven,
    /// Sets these fields of the record in the parameter `record`.
    Sets(&'static [&'static str]),
    /// Sets those of its fields that this parameter names.
    SetsNamed(&'static str),
    /// Puts the record in the parameter `record` into another stage.
    Moves,
    /// Puts the record in the parameter `record` into a stage of this meaning.
    Ends(StageKind),
    /// Puts records of this entity into a stage of this meaning.
    EndsOthers(&'static str, StageKind),
}

/// A tested example.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// What it shows.
    pub title: &'static str,
    /// The head of the rule in which they stand.
    pub head: &'static str,
    /// Statements as they may stand in such a rule of the manual's workspace (`src/reference/workspace`), where they are
    /// run.
    pub source: &'static str,
}

impl Example {
    /// An example in a rule `on deal stage "Invoice"`.
    pub const fn new(title: &'static str, source: &'static str) -> Self {
        Self { title, head: "on deal stage \"Invoice\"", source }
    }

    /// An example in another rule.
    pub const fn on(head: &'static str, title: &'static str, source: &'static str) -> Self {
        Self { title, head, source }
    }
}

/// One action: everything that anybody needs to know of it.
#[derive(Clone, Copy, Debug)]
pub struct Action {
    /// Its name in effects, summaries and the reference: `notify chat`.
    pub id: &'static str,
    /// Its first word.
    pub verb: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// The rows of the feature list that it covers.
    pub rows: &'static [&'static str],
    /// What follows the verb.
    pub head: &'static [Slot],
    /// The prepositions it takes, in any order.
    pub preps: &'static [Prep],
    /// What it takes after `with`.
    pub with: With,
    /// What it gives back.
    pub result: ActionResult,
    /// Where its effect happens.
    pub effect: EffectClass,
    /// The records it makes and changes, where that can set off rules.
    pub touches: &'static [Touch],
    /// What the engine does.
    pub op: ActionOp,
    /// Examples, tested.
    pub examples: &'static [Example],
}

impl Action {
    /// All parameters: of the head, of the prepositions, of `with`.
    pub fn params(&self) -> impl Iterator<Item = &'static Param> {
        let head = self.head.iter().filter_map(|slot| match slot {
            Slot::Word(_) => None,
            Slot::Arg(param) => Some(param),
        });
        let preps = self.preps.iter().flat_map(Prep::params);
        let with: &'static [Param] = match self.with {
            With::Params(params) => params,
            With::Fields | With::Payload => &[],
        };
        head.chain(preps).chain(with)
    }
}
