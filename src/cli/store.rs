//! `dealflow store check|backup|upgrade`.

use super::args::StoreCommand;
use super::exit::Exit;
use super::orders;
use super::out::Out;
use super::runs::open;
use crate::engine::Store;

pub(super) fn store(command: &StoreCommand, out: &mut Out) -> Result<Exit, String> {
    match command {
        StoreCommand::Check { store } => {
            let file = open(store)?;
            let mut runs = 0;
            let found = file.check(&mut |looked| runs = looked).map_err(|e| e.to_string())?;
            for line in &found {
                out.line(line)?;
            }
            if found.is_empty() {
                let counters = &file.meta().counters;
                let (events, started) = (counters.events, counters.started);
                out.line(&format!(
                    "all is well: {events} events, {started} runs started, {runs} of them are there now"
                ))?;
                return Ok(Exit::Fine);
            }
            Ok(Exit::Findings)
        }
        StoreCommand::Backup { store, to } => {
            open(store)?.backup(to).map_err(|e| e.to_string())?;
            out.line(&format!("copied to {}", to.display()))?;
            Ok(Exit::Fine)
        }
        StoreCommand::Upgrade { store } => {
            orders::open(store)?;
            out.line("the store has the layout of this version")?;
            Ok(Exit::Fine)
        }
    }
}
