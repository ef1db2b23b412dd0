//! `dealflow effects bounces|clicks`: what comes back for mails that were sent. Each report is an event about the mail's record,
//! with a key of its own, so that reading it again changes nothing.

use super::args::ReportArgs;
use super::crm::deliver;
use super::exit::Exit;
use super::orders::{knows, open, workspace_engine};
use super::out::Out;
use super::run::send;
use crate::channel::{self, Bounce};
use crate::engine::{Event, EventKind, Record, Store};
use crate::ir::Origin;
use crate::value::{Name, Ref, Value};
use std::path::{Path, PathBuf};

/// The kind of record of mails.
const EMAIL: &str = "email";

/// Whose customer or deal a mail is of: what the event is about, in this order.
const ABOUT: [&str; 5] = ["deal", "lead", "contact", "company", "quote"];

/// How many records are read at once.
const PAGE: usize = 500;

/// A report about a mail.
struct Report {
    /// What tells the mail: its `Message-ID`, or how that begins.
    mail: String,
    event: &'static str,
    /// The key of the event.
    key: String,
    /// What the event brings besides what the mail's record says.
    fields: Vec<(Name, Value)>,
    /// What the mail's record says from now on.
    delivery: &'static str,
    note: Option<String>,
}

pub(super) fn bounces(args: &ReportArgs, out: &mut Out) -> Result<Exit, String> {
    let mut reports = Vec::new();
    for path in files(&args.files)? {
        let bytes = std::fs::read(&path).map_err(|e| format!("cannot read `{}`: {e}", path.display()))?;
        reports.extend(channel::read_bounces(&bytes).into_iter().filter_map(bounce));
    }
    take(args, reports, out)
}

fn bounce(bounce: Bounce) -> Option<Report> {
    let Bounce { id, message_id, recipient, status, permanent, diagnostic } = bounce;
    let mail = message_id?;
    let said = diagnostic.unwrap_or_else(|| format!("status {status}"));
    let key = format!("bounce {} {recipient}", id.as_deref().unwrap_or(&mail));
    let fields = vec![(Name::from("to"), Value::text(&recipient)), ("text".into(), Value::text(&said))];
    let delivery = if permanent { "Bounced" } else { "Failed" };
    Some(Report { mail, event: "email bounced", key, fields, delivery, note: Some(format!("{recipient}: {said}")) })
}

pub(super) fn clicks(args: &ReportArgs, out: &mut Out) -> Result<Exit, String> {
    let channels = send::channels(&args.dir)?;
    let Some((_, secret)) = channels.tracking() else {
        return Err(format!("`{}` has no section `[email.tracking]`: no link is counted", channel::FILE));
    };
    let mut reports = Vec::new();
    for path in files(&args.files)? {
        let text = std::fs::read(&path).map_err(|e| format!("cannot read `{}`: {e}", path.display()))?;
        for line in String::from_utf8_lossy(&text).lines() {
            // Each token says which mail and which link; one that is not ours says nothing.
            let tokens = line.match_indices("t=").filter_map(|(at, _)| line.get(at + 2..));
            let mut token = tokens.map(|rest| rest.split(|c: char| !is_token(c)).next().unwrap_or_default());
            let found = token.find_map(|token| channel::read_link(secret, token));
            let Some((mail, link)) = found else {
                continue;
            };
            let key = format!("click {mail} {link}");
            let fields = vec![(Name::from("link"), Value::text(&link))];
            reports.push(Report { mail, event: "email clicked", key, fields, delivery: "Clicked", note: None });
        }
    }
    take(args, reports, out)
}

fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

/// The files, with those in folders, in the order of their names.
fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    let mut all = Vec::new();
    for path in paths {
        if !path.is_dir() {
            all.push(path.clone());
            continue;
        }
        let failed = |e: std::io::Error| format!("cannot read `{}`: {e}", path.display());
        let inside = std::fs::read_dir(path).map_err(failed)?.collect::<Result<Vec<_>, _>>().map_err(failed)?;
        let mut inside: Vec<PathBuf> = inside.into_iter().map(|entry| entry.path()).filter(|p| p.is_file()).collect();
        inside.sort();
        all.extend(inside);
    }
    Ok(all)
}

fn take(args: &ReportArgs, reports: Vec<Report>, out: &mut Out) -> Result<Exit, String> {
    let (mut engine, schema) = workspace_engine(&args.dir)?;
    let mut store = open(&args.store)?;
    knows(&engine, &store, &args.dir, &args.store)?;
    if Path::new(&args.dir).join(channel::FILE).is_file() {
        engine.go_live(send::channels(&args.dir)?.live());
    }
    let (mut exit, mut strange) = (Exit::Fine, 0_u32);
    for report in reports {
        let Some((of, record)) = mail(&store, &report.mail)? else {
            strange += 1;
            continue;
        };
        let at = send::now().max(store.meta().now);
        let about = ABOUT.iter().find_map(|field| match record.get(field) {
            Value::Ref(of) => Some(of.clone()),
            _ => None,
        });
        let mut fields: Vec<(Name, Value)> =
            ["subject", "from"].map(|name| (Name::from(name), record.get(name).clone())).into();
        fields.push((EMAIL.into(), Value::Ref(of.clone())));
        fields.extend(ABOUT.iter().map(|name| (Name::from(*name), record.get(name).clone())));
        fields.retain(|(name, value)| {
            *value != Value::Missing && about.as_ref().is_none_or(|about| *about.kind != **name)
        });
        fields.extend(report.fields);
        let told = |what: EventKind, about: Option<Ref>, fields, id: String| {
            let id = Some(Name::from(id));
            Event { at, what, about, fields, by: None, origin: Origin::Api, id }
        };
        let mut noted = vec![(Name::from("delivery"), Value::text(report.delivery))];
        noted.extend(report.note.map(|note| (Name::from("note"), Value::text(&note))));
        let note = told(EventKind::Update, Some(of), noted, format!("{} note", report.key));
        let event = told(EventKind::Named(report.event.into()), about, fields, report.key);
        for event in [note, event] {
            if deliver(&mut engine, &mut store, &schema, &event, out)? == Exit::Findings {
                exit = Exit::Findings;
            }
        }
    }
    if strange > 0 {
        out.note(&format!("{strange} about mails that are not in this store"))?;
    }
    Ok(exit)
}

/// The record of the mail whose `Message-ID` this is, or begins with.
fn mail(store: &dyn Store, id: &str) -> Result<Option<(Ref, Record)>, String> {
    let mut after: Option<Name> = None;
    loop {
        let page = store.records(EMAIL, after.as_deref(), PAGE).map_err(|e| e.to_string())?;
        let Some((last, _)) = page.last() else { return Ok(None) };
        after = Some(last.clone());
        let same = |record: &Record| match record.get("message_id") {
            Value::Text(known) => **known == *id || known.split('@').next() == Some(id),
            _ => false,
        };
        if let Some((id, record)) = page.into_iter().find(|(_, record)| same(record)) {
            return Ok(Some((Ref { kind: EMAIL.into(), id }, (*record).clone())));
        }
    }
}
