//! `dealflow crm audience`: a customer-match file of who is in an audience now.

use super::super::exit::Exit;
use super::super::out::Out;
use super::super::runs::open;
use super::{AudienceArgs, each, schema_of};
use crate::channel::audience::{Member, Network, file};
use crate::crm::kind;
use crate::diagnostics::{did_you_mean, one_of};
use crate::engine::Record;
use crate::value::Value;

pub(super) fn write(args: &AudienceArgs, out: &mut Out) -> Result<Exit, String> {
    let schema = schema_of(&args.workspace)?;
    let Some(audience) = schema.audiences.get(&*args.name) else {
        let names = || schema.audiences.keys().map(|name| &**name);
        let near = did_you_mean(&args.name, names()).map(|near| format!(": did you mean `{near}`?"));
        let help = near.unwrap_or_else(|| format!("; there are {}", one_of(names(), 20)));
        return Err(format!("crm.toml has no audience `{}`{help}", args.name));
    };
    if !audience.networks.iter().any(|network| **network == *args.network) {
        return Err(format!("audience `{}` is not one of {} in crm.toml", args.name, args.network));
    }
    let network = if args.network == "google" { Network::Google } else { Network::Meta };
    let store = open(&args.store)?;
    let mut members = Vec::new();
    let wanted = |record: &Record| {
        *record.get("audience") == Value::text(&args.name) && *record.get("network") == Value::text(&args.network)
    };
    each(&store, kind::AUDIENCE_MEMBER, &mut |_, record| {
        if wanted(record) {
            members.push(Member { emails: texts(record.get("emails")), phones: texts(record.get("phones")) });
        }
        true
    })
    .map_err(|e| e.to_string())?;
    out.text(&file(network, &members)).map(|()| Exit::Fine)
}

fn texts(value: &Value) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::Text(text) => Some(text.to_string()),
        _ => None,
    };
    match value {
        Value::List(items) => items.iter().filter_map(text).collect(),
        one => text(one).into_iter().collect(),
    }
}
