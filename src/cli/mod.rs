//! The command line: reads arguments and files, calls the library, writes answers.
//!
//! To add a command: a variant in `args.rs`, a file with its function, and an arm in [`main`].

mod args;
mod back;
mod backtest;
mod check;
mod crm;
mod deploy;
mod diff;
mod effects;
mod event_file;
mod exit;
mod fmt;
mod graph;
pub mod import;
mod jsonl;
mod lsp;
mod manifest;
pub mod new;
mod orders;
mod out;
mod parse;
mod progress;
pub mod reference;
mod repl;
mod run;
mod runs;
mod schema;
mod shell;
mod store;
mod summary;
mod templates;
mod test;
mod why;
mod workspace;
mod zone;

use crate::feed::story;
pub use crate::feed::{events, timeline};

use args::{Args, Command};
use clap::Parser;
use exit::Exit;
use out::Out;
use std::process::ExitCode;

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            let wrong = error.use_stderr();
            // Help and version go to standard output and are no mistake.
            let _ = error.print();
            return if wrong { Exit::WrongUse.into() } else { Exit::Fine.into() };
        }
    };
    out::choose(args.color);
    let mut out = Out::new(args.quiet);
    let result = perform(args.command, &mut out).and_then(|exit| out.flush().map(|()| exit));
    match result {
        Ok(exit) => exit.into(),
        Err(message) => {
            let _ = out.flush();
            run::eprint_line(&format!("dealflow: {message}"));
            Exit::WrongUse.into()
        }
    }
}

fn perform(command: Command, out: &mut Out) -> Result<Exit, String> {
    match command {
        Command::Check(args) => check::check(&args, out),
        Command::Schema { command } => schema::schema(&command, out),
        Command::Graph(args) => graph::graph(&args, out),
        Command::Diff(args) => diff::diff(&args, out),
        Command::Run(args) => run::run(&args, out),
        Command::Backtest(args) => backtest::backtest(&args, out),
        Command::Deploy(args) => deploy::deploy(&args, out),
        Command::Test(args) => test::test(&args, out),
        Command::Lsp { .. } => lsp::lsp(),
        Command::Repl(args) => repl::repl(&args, out),
        Command::Runs { command } => runs::runs(&command, out),
        Command::Effects { command } => effects::effects(&command, out),
        Command::Store { command } => store::store(&command, out),
        Command::Crm(command) => crm::crm(&command, out),
        Command::Why(args) => why::why(&args, out),
        Command::Import(args) => import(&args, out),
        Command::New { dir } => make_new(&dir, out),
        Command::Fmt { paths, check } => fmt::fmt(&paths, check, out),
        Command::Parse { file, format } => parse::parse(&file, format, out),
        Command::Actions { name } => reference::actions(&name.join(" "), out),
        Command::Reference { output } => reference::write(&output, out),
        Command::Completions { shell } => shell::completions(shell, out),
        Command::Man { output } => shell::man(&output, out),
        Command::Explain { code } => check::explain(code.as_deref(), out),
    }
}

fn import(args: &import::Import, out: &mut Out) -> Result<Exit, String> {
    let ended = import::run(args, out, &mut std::io::stderr(), out::use_color_on_stderr());
    Ok(match ended.map_err(|e| e.to_string())? {
        import::Ended::Complete => Exit::Fine,
        import::Ended::RowsLeftOut | import::Ended::NotStarted => Exit::Findings,
    })
}

fn make_new(dir: &std::path::Path, out: &mut Out) -> Result<Exit, String> {
    for path in new::create(dir)? {
        out.note(&format!("made {}", path.display()))?;
    }
    out.note(&format!("try it: dealflow run {}", dir.display()))?;
    Ok(Exit::Fine)
}
