//! Customers and what is sold to them: leads, deals, contacts, companies.

use super::{Spec, choice, field};

pub(super) const SOURCES: &[&str] =
    &["Call", "Email", "Website", "Web form", "Advertising", "Partner", "Recommendation", "Event", "Other"];
pub(super) const PRIORITIES: &[&str] = &["Low", "Normal", "High"];

pub(super) const LEAD: &[Spec] = &[
    field("title", "Title", "text").required(),
    field("status", "Status", "stage").required(),
    field("first_name", "First name", "text"),
    field("last_name", "Last name", "text"),
    field("company_name", "Company name", "text"),
    field("position", "Position", "text"),
    field("phones", "Phones", "list of phone"),
    field("emails", "E-mails", "list of email"),
    field("website", "Website", "url"),
    field("address", "Address", "text"),
    field("amount", "Amount", "money"),
    choice("source", "Source", SOURCES),
    choice("priority", "Priority", PRIORITIES).required().default("Normal"),
    field("contact", "Contact", "contact"),
    field("company", "Company", "company"),
    field("repeat", "Repeat lead", "bool").required().default("false"),
    field("score", "Score", "int").required().default("0"),
    field("recommended", "Recommended date", "date"),
    field("comments", "Comments", "text"),
    field("chat", "Chat", "chat"),
    field("files", "Files", "list of file"),
];

pub(super) const DEAL: &[Spec] = &[
    field("title", "Title", "text").required(),
    field("pipeline", "Pipeline", "pipeline").required(),
    field("stage", "Stage", "stage").required(),
    field("amount", "Amount", "money"),
    field("probability", "Probability", "decimal"),
    field("close_date", "Expected close date", "date"),
    choice("type", "Deal type", &["Sale", "Service", "Subscription", "Project", "Other"]),
    choice("source", "Source", SOURCES),
    choice("priority", "Priority", PRIORITIES).required().default("Normal"),
    field("lead", "Lead", "lead"),
    field("contact", "Contact", "contact"),
    field("company", "Company", "company"),
    field("discount", "Discount", "decimal"),
    field("payment_date", "Invoice payment date", "date"),
    field("delivery_date", "Delivery date", "date"),
    field("score", "Score", "int").required().default("0"),
    field("recommended", "Recommended date", "date"),
    field("comments", "Comments", "text"),
    field("chat", "Chat", "chat"),
    field("files", "Files", "list of file"),
];

pub(super) const CONTACT: &[Spec] = &[
    field("name", "Name", "text").required(),
    field("first_name", "First name", "text"),
    field("last_name", "Last name", "text"),
    field("position", "Position", "text"),
    field("company", "Company", "company"),
    field("phones", "Phones", "list of phone"),
    field("emails", "E-mails", "list of email"),
    field("website", "Website", "url"),
    field("address", "Address", "text"),
    field("birthday", "Birthday", "date"),
    choice("type", "Contact type", &["Customer", "Supplier", "Partner", "Other"]),
    choice("source", "Source", SOURCES),
    field("score", "Score", "int").required().default("0"),
    field("recommended", "Recommended date", "date"),
    field("comments", "Comments", "text"),
    field("chat", "Chat", "chat"),
    field("files", "Files", "list of file"),
];

pub(super) const COMPANY: &[Spec] = &[
    field("name", "Name", "text").required(),
    choice("type", "Company type", &["Customer", "Supplier", "Partner", "Competitor", "Other"]),
    field("industry", "Industry", "text"),
    field("parent", "Parent company", "company"),
    field("phones", "Phones", "list of phone"),
    field("emails", "E-mails", "list of email"),
    field("website", "Website", "url"),
    field("address", "Address", "text"),
    field("employees", "Employees", "int"),
    field("revenue", "Annual revenue", "money"),
    choice("source", "Source", SOURCES),
    field("score", "Score", "int").required().default("0"),
    field("comments", "Comments", "text"),
    field("chat", "Chat", "chat"),
    field("files", "Files", "list of file"),
];
