//! Actions that leave the CRM: SMS, e-mails, documents, webhooks.

use super::super::spec::{
    Action, ActionOp, ActionResult, EffectClass, Example, Param, ParamType, Prep, Slot, Touch, With,
};
use crate::schema::Thing;

const TO: Param = Param::required(
    "to",
    ParamType::Recipient,
    "a contact, company or lead, which has addresses and phones, an employee, or an address of a field",
);
const TEXT: Param = Param::required("text", ParamType::Text, "what they read");
const SUBJECT: Param = Param::required("subject", ParamType::Text, "its subject");

/// `send sms to client "text" via "provider"`.
const SMS: Action = Action {
    id: "send sms",
    verb: "send",
    summary: "Sends an SMS to a customer or an employee. In quiet hours it waits until they end; above a cap it is held back.",
    rows: &["F36", "F37", "F66"],
    head: &[Slot::Word("sms")],
    preps: &[
        Prep::then("to", TO, &[TEXT]),
        Prep::new(
            "via",
            Param::optional(
                "provider",
                ParamType::Thing(Thing::Provider),
                "the SMS provider; the only one of the workspace without",
            ),
        ),
    ],
    with: With::Params(&[]),
    result: ActionResult::Record("sms"),
    effect: EffectClass::External,
    touches: &[],
    op: ActionOp::Sms,
    examples: &[
        Example::new(
            "To the customer",
            r#"if client is not empty { send sms to client "Your invoice over {deal.amount} is on its way" via "smsapi"; }"#,
        ),
        Example::on("on deal won", "To an employee", r#"send sms to user "anna" "{deal.title} is won";"#),
    ],
};

/// `send email to client "Subject" "Text" from "sender"`.
const EMAIL: Action = Action {
    id: "send email",
    verb: "send",
    summary: "Sends an e-mail to a customer, which is shown on the record's timeline, or to an employee, which is not.",
    rows: &["F15", "F38", "F39", "F40", "F64", "F65", "F77", "F80", "F83"],
    head: &[Slot::Word("email")],
    preps: &[
        Prep::then("to", TO, &[SUBJECT, TEXT]),
        Prep::new(
            "from",
            Param::optional(
                "sender",
                ParamType::Sender,
                "a sender of crm.toml or an employee; the record's owner without",
            ),
        ),
    ],
    with: With::Params(&[
        Param::optional(
            "format",
            ParamType::Choice(&["text", "html", "bbcode"]),
            "how the text is meant; `text` without",
        ),
        Param::optional(
            "address",
            ParamType::Choice(&["work", "home", "mobile", "other"]),
            "which of the customer's addresses; the first without",
        ),
        Param::optional(
            "attach",
            ParamType::Files,
            "a file field of a record, or files by their paths: one kind of the two",
        ),
        Param::optional(
            "track_clicks",
            ParamType::Bool,
            "whether clicks on its links are told by `on email clicked`; `false` without",
        ),
    ]),
    result: ActionResult::Record("email"),
    effect: EffectClass::External,
    touches: &[],
    op: ActionOp::Email,
    examples: &[
        Example::new(
            "To the customer, with files and click tracking",
            r#"if client is not empty { send email to client "Your invoice" "Please see <a href='https://mill.example/pay'>here</a>" from "office" with format: html, address: work, attach: deal.files, track_clicks: true; }"#,
        ),
        Example::new(
            "To the owner, with a file of the company's drive",
            r#"send email to deal.owner "New invoice" "for {deal.title}" with attach: ["handbook/invoices.pdf"];"#,
        ),
    ],
};

/// `create document from template "Offer" for deal`.
const DOCUMENT: Action = Action {
    id: "create document",
    verb: "create",
    summary: "Makes a document from a template, with the next number of that template.",
    rows: &["F25"],
    head: &[Slot::Word("document")],
    preps: &[
        Prep::words(
            "from",
            &["template"],
            Param::required("template", ParamType::Thing(Thing::Template), "the template"),
        ),
        Prep::new("for", Param::required("record", ParamType::Record, "the record whose fields it shows")),
    ],
    with: With::Params(&[Param::optional(
        "format",
        ParamType::Choice(&["pdf", "html", "docx"]),
        "the kind of file; `pdf` without",
    )]),
    result: ActionResult::Record("document"),
    effect: EffectClass::External,
    touches: &[Touch::Makes("document")],
    op: ActionOp::Document,
    examples: &[
        Example::new("An offer", r#"create document from template "Offer" for deal;"#),
        Example::new(
            "Sent with an e-mail",
            r#"let $made = create document from template $offer for deal with format: html; send email to deal.owner "Offer {$made.number}" "made for {deal.title}";"#,
        ),
    ],
};

/// `invoke webhook "erp" with number: 5`.
const WEBHOOK: Action = Action {
    id: "invoke webhook",
    verb: "invoke",
    summary: "Calls an outside system that crm.toml declares, and gives its answer.",
    rows: &[],
    head: &[
        Slot::Word("webhook"),
        Slot::Arg(Param::required("webhook", ParamType::Thing(Thing::Webhook), "the webhook")),
    ],
    preps: &[],
    with: With::Payload,
    result: ActionResult::Answer,
    effect: EffectClass::External,
    touches: &[],
    op: ActionOp::Webhook,
    examples: &[
        Example::new("Tell another system", r#"invoke webhook "erp" with deal: deal.id, total: deal.amount;"#),
        Example::new(
            "Use what it answers",
            r#"let $answer = invoke webhook "erp" with deal: deal.id; comment deal "the ERP says {$answer.number default "nothing"}";"#,
        ),
    ],
};

pub(super) const ALL: &[Action] = &[SMS, EMAIL, DOCUMENT, WEBHOOK];
