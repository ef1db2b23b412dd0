//! The papers of a sale: quotes, orders, invoices, documents.

use super::{Spec, choice, field};

pub(super) const QUOTE: &[Spec] = &[
    field("title", "Title", "text").required(),
    field("status", "Status", "stage").required(),
    field("number", "Quote number", "text"),
    field("amount", "Amount", "money"),
    field("discount", "Discount", "decimal"),
    field("valid_until", "Valid until", "date"),
    field("comments", "Comments", "text"),
    field("files", "Files", "list of file"),
];

pub(super) const ORDER: &[Spec] = &[
    field("title", "Title", "text").required(),
    field("status", "Status", "stage").required(),
    field("number", "Order number", "text"),
    field("amount", "Amount", "money"),
    field("order_date", "Ordered on", "date"),
    field("delivery_date", "Delivery date", "date"),
    field("tracking", "Tracking number", "text"),
    field("quote", "Quote", "quote"),
    field("comments", "Comments", "text"),
    field("files", "Files", "list of file"),
];

pub(super) const INVOICE: &[Spec] = &[
    field("title", "Title", "text").required(),
    field("status", "Status", "stage").required(),
    field("number", "Invoice number", "text"),
    field("amount", "Amount", "money"),
    field("issued", "Issued on", "date"),
    field("due_date", "Due date", "date"),
    field("paid_on", "Paid on", "date"),
    field("quote", "Quote", "quote"),
    field("order", "Order", "order"),
    field("comments", "Comments", "text"),
    field("files", "Files", "list of file"),
];

pub(super) const DOCUMENT: &[Spec] = &[
    field("title", "Title", "text").required(),
    field("number", "Document number", "text"),
    field("template", "Template", "template"),
    choice("format", "Format", &["html", "pdf", "docx"]).required().default("pdf"),
    field("file", "File", "file"),
    field("link", "Link", "url"),
    field("quote", "Quote", "quote"),
    field("order", "Order", "order"),
    field("invoice", "Invoice", "invoice"),
];
