//! Actions that tell people something: chats, notifications, direct messages, the news feed.

use super::super::spec::{Action, ActionOp, ActionResult, EffectClass, Example, Param, ParamType, Prep, Slot, With};

const TEXT: Param = Param::required("text", ParamType::Text, "what they read");
const FROM: Prep =
    Prep::new("from", Param::optional("sender", ParamType::Person, "who it comes from; the record's owner without"));
const AS: Prep = Prep::new(
    "as",
    Param::optional(
        "type",
        ParamType::Choice(&["general", "announcement", "notification", "important", "alarm"]),
        "how it is shown; `general` without",
    ),
);

/// `notify chat $room "text"`.
const NOTIFY_CHAT: Action = Action {
    id: "notify chat",
    verb: "notify",
    summary: "Writes a message into a group chat.",
    rows: &["F59", "F61", "F62"],
    head: &[
        Slot::Word("chat"),
        Slot::Arg(Param::required("chat", ParamType::Chat, "a chat of the workspace or one that a rule made")),
        Slot::Arg(TEXT),
    ],
    preps: &[FROM, AS],
    with: With::Params(&[]),
    result: ActionResult::None,
    effect: EffectClass::Embedded,
    touches: &[],
    op: ActionOp::NotifyChat,
    examples: &[
        Example::new("To a chat of the workspace", r#"notify chat $legal "{deal.title}: {deal.amount}";"#),
        Example::new("By its name, as important", r#"notify chat "Legal" "please look today" as important;"#),
    ],
};

/// `notify $user "text"`.
const NOTIFY: Action = Action {
    id: "notify",
    verb: "notify",
    summary: "Shows a notification to employees.",
    rows: &["F14", "F54"],
    head: &[
        Slot::Arg(Param::required("to", ParamType::People, "one employee, several, a department or a role")),
        Slot::Arg(TEXT),
    ],
    preps: &[FROM, AS],
    with: With::Params(&[]),
    result: ActionResult::None,
    effect: EffectClass::Embedded,
    touches: &[],
    op: ActionOp::Notify,
    examples: &[
        Example::new("The owner", r#"notify deal.owner "{deal.title} is yours";"#),
        Example::new("A department", r#"notify department "Sales" "new price list" from user "mona";"#),
    ],
};

/// `message $user "text"`.
const MESSAGE: Action = Action {
    id: "message",
    verb: "message",
    summary: "Writes to one employee in the personal chat.",
    rows: &["F63"],
    head: &[Slot::Arg(Param::required("to", ParamType::Person, "the employee")), Slot::Arg(TEXT)],
    preps: &[FROM, AS],
    with: With::Params(&[]),
    result: ActionResult::None,
    effect: EffectClass::Embedded,
    touches: &[],
    op: ActionOp::Message,
    examples: &[
        Example::new("The manager", r#"message deal.owner.manager "no answer on {deal.title}" as alarm;"#),
        Example::new("A colleague", r#"message user "anna" "call them today";"#),
    ],
};

/// `post "Subject" "Text" to everybody`.
const POST: Action = Action {
    id: "post",
    verb: "post",
    summary: "Puts a post in the news feed.",
    rows: &["F15", "F55"],
    head: &[Slot::Arg(Param::required("subject", ParamType::Text, "its headline")), Slot::Arg(TEXT)],
    preps: &[
        Prep::new(
            "to",
            Param::required("to", ParamType::People, "who sees it: people, departments, roles or `everybody`"),
        ),
        FROM,
    ],
    with: With::Params(&[
        Param::optional("tag", ParamType::Text, "a word to find it by"),
        Param::optional(
            "attach",
            ParamType::Files,
            "a file field of a record, or files by their paths: one kind of the two",
        ),
    ]),
    result: ActionResult::None,
    effect: EffectClass::Embedded,
    touches: &[],
    op: ActionOp::Post,
    examples: &[
        Example::new("To everybody", r#"post "Won!" "{deal.title} for {deal.amount}" to everybody;"#),
        Example::new(
            "To some, with a tag",
            r#"post "Prices" "from Monday" to [department "Sales", deal.owner] with tag: "prices";"#,
        ),
    ],
};

/// `create chat "Name" with members: […]`.
const CREATE_CHAT: Action = Action {
    id: "create chat",
    verb: "create",
    summary: "Opens a group chat with at least two people.",
    rows: &["F56", "F57"],
    head: &[Slot::Word("chat"), Slot::Arg(Param::required("name", ParamType::Text, "the chat's name"))],
    preps: &[FROM],
    with: With::Params(&[Param::required(
        "members",
        ParamType::People,
        "at least two people, after departments and roles are expanded",
    )]),
    result: ActionResult::Chat,
    effect: EffectClass::Embedded,
    touches: &[],
    op: ActionOp::CreateChat,
    examples: &[
        Example::new(
            "A chat per deal",
            r#"let $room = create chat "Deal {deal.title}" with members: [deal.owner, deal.owner.manager]; notify chat $room "hello";"#,
        ),
        Example::new("With a department", r#"create chat "Prices" with members: [deal.owner, department "Sales"];"#),
    ],
};

/// `add members […] to chat $room`.
const ADD_MEMBERS: Action = Action {
    id: "add members",
    verb: "add",
    summary: "Adds people to a group chat.",
    rows: &["F58", "F59"],
    head: &[
        Slot::Word("members"),
        Slot::Arg(Param::required("members", ParamType::People, "employees, departments, roles")),
    ],
    preps: &[Prep::words("to", &["chat"], Param::required("chat", ParamType::Chat, "the chat"))],
    with: With::Params(&[Param::optional(
        "history",
        ParamType::Bool,
        "whether they may read what was written before; `false` without",
    )]),
    result: ActionResult::None,
    effect: EffectClass::Embedded,
    touches: &[],
    op: ActionOp::AddMembers,
    examples: &[
        Example::new(
            "More people at a later stage",
            r#"let $room = create chat "{deal.title}" with members: [deal.owner, deal.owner.manager]; add members department "Legal" to chat $room with history: true;"#,
        ),
        Example::new("To a chat of the workspace", r"add members [deal.owner] to chat $legal;"),
    ],
};

pub(super) const ALL: &[Action] = &[NOTIFY_CHAT, NOTIFY, MESSAGE, POST, CREATE_CHAT, ADD_MEMBERS];
