//! `dealflow deploy`: new versions of rules for a store with sleeping runs.

use super::args::{CheckFormat, RunFormat};
use super::check;
use super::exit::Exit;
use super::out::Out;
use super::run::send::as_store;
use super::runs;
use super::timeline::Timeline;
use super::{workspace, zone};
use crate::crm::Embedded;
use crate::engine::{Deploy, Engine, Store};
use crate::feed::deploy;
use crate::host::memory::MemoryStore;
use crate::host::sqlite::{Durability, SqliteStore};
use std::path::PathBuf;
use std::sync::Arc;

/// `dealflow deploy`
#[derive(Debug, clap::Args)]
pub(super) struct DeployArgs {
    /// The workspace: a folder with crm.toml and scripts.
    pub(super) dir: PathBuf,
    /// The store.
    #[arg(long)]
    pub(super) store: PathBuf,
    /// Change nothing: only say what would be done.
    #[arg(long)]
    pub(super) dry_run: bool,
    /// How it is shown.
    #[arg(long, value_enum, default_value_t = RunFormat::Human)]
    pub(super) format: RunFormat,
}

pub(super) fn deploy(args: &DeployArgs, out: &mut Out) -> Result<Exit, String> {
    let compiled = workspace::read_dir(&args.dir)?.parse().compile();
    if !compiled.is_sound() {
        check::show(&compiled.diagnostics, &compiled.sources, CheckFormat::Human, out)?;
        out.line("nothing was deployed: mend these first")?;
        return Ok(Exit::Findings);
    }
    let said = |e: crate::engine::StoreError| format!("{e} (store `{}`)", args.store.display());
    let mut engine = Engine::new(compiled.schema.clone(), compiled.programs.clone(), Arc::new(Embedded));
    if args.dry_run {
        let store: Box<dyn Store> =
            if args.store.is_file() { Box::new(runs::open(&args.store)?) } else { Box::new(MemoryStore::default()) };
        tell(&engine.plan(&*store).map_err(said)?, args.format, out)?;
        if args.format == RunFormat::Human {
            out.line("nothing was changed: this is what `deploy` would do")?;
        }
        return Ok(Exit::Fine);
    }
    let is_new = !args.store.exists();
    let mut store = SqliteStore::open(&args.store, Durability::Full).map_err(said)?;
    if is_new && args.format == RunFormat::Human {
        out.line(&format!("there was no store `{}`: it is made", args.store.display()))?;
    }
    // A run that is carried over may go on at once.
    as_store(&mut engine, &store, &args.dir)?;
    zone::note(&mut store, &compiled.schema).map_err(said)?;
    let mut traces = Vec::new();
    let deployed = engine.deploy(&mut store, &mut |trace| traces.push(trace)).map_err(said)?;
    store.commit().map_err(said)?;
    tell(&deployed, args.format, out)?;
    let mut timeline = Timeline::new(&compiled.schema);
    let mut text = String::new();
    for trace in &traces {
        match args.format {
            RunFormat::Human => timeline.lines(trace, &store, &mut text),
            RunFormat::Json => super::jsonl::trace(trace, &compiled.schema, &mut text),
        }
    }
    out.text(&text)?;
    Ok(Exit::Fine)
}

/// Says what is done to rules and runs.
pub(super) fn tell(deployed: &Deploy, format: RunFormat, out: &mut Out) -> Result<(), String> {
    match format {
        RunFormat::Human if deployed.rules.is_empty() => out.line("the store has these very rules already"),
        RunFormat::Human => out.text(&deploy::text(deployed)),
        RunFormat::Json => deployed.rules.iter().try_for_each(|rule| out.line(&deploy::object(rule).to_string())),
    }
}
