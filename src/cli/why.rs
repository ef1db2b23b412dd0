//! `dealflow why`: which rules fired for a record, and what kept the others from it.

use super::exit::Exit;
use super::out::Out;
use super::runs::open;
use super::workspace;
use crate::feed::why::tell;
use crate::value::Ref;
use std::path::PathBuf;

/// `dealflow why`
#[derive(Debug, clap::Args)]
pub(super) struct WhyArgs {
    /// The record, such as `deal:57`.
    record: String,
    /// The workspace whose rules are looked at.
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// The store.
    #[arg(long)]
    store: PathBuf,
}

pub(super) fn why(args: &WhyArgs, out: &mut Out) -> Result<Exit, String> {
    let Some((kind, id)) = args.record.split_once(':').filter(|(kind, id)| !kind.is_empty() && !id.is_empty()) else {
        return Err(format!("`{}` is no record: write its entity and number, such as `deal:57`", args.record));
    };
    let parsed = workspace::read_dir(&args.dir)?.parse();
    let store = open(&args.store)?;
    let told = tell(&parsed, &store, &Ref::new(kind, id)).map_err(|e| e.to_string())?;
    match told {
        Some(told) => out.text(&told).map(|()| Exit::Fine),
        None => Err(format!("the workspace `{}` has no entity `{kind}`", args.dir.display())),
    }
}
