//! `dealflow completions` and `dealflow man`: both are made of the command line's own description.

use super::args::Args;
use super::exit::Exit;
use super::out::Out;
use super::workspace::cannot;
use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;
use std::path::Path;

pub(super) fn completions(shell: Shell, out: &mut Out) -> Result<Exit, String> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "dealflow", &mut text);
    out.text(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Fine)
}

pub(super) fn man(dir: &Path, out: &mut Out) -> Result<Exit, String> {
    let mut command = Args::command().disable_help_subcommand(true);
    command.build();
    let mut pages = Vec::new();
    collect(&command, "dealflow", &mut pages)?;
    if dir == Path::new("-") {
        let first = pages.first().map_or("", |(_, text)| text.as_str());
        out.text(first)?;
        return Ok(Exit::Fine);
    }
    std::fs::create_dir_all(dir).map_err(|e| cannot("make the folder", dir, &e))?;
    for (name, text) in &pages {
        let path = dir.join(format!("{name}.1"));
        std::fs::write(&path, text).map_err(|e| cannot("write", &path, &e))?;
    }
    out.note(&format!("wrote {} pages to {}", pages.len(), dir.display()))?;
    Ok(Exit::Fine)
}

/// The page of a command, then those of the commands below it.
fn collect(command: &clap::Command, name: &str, pages: &mut Vec<(String, String)>) -> Result<(), String> {
    let mut text = Vec::new();
    Man::new(command.clone()).render(&mut text).map_err(|e| format!("the page `{name}` cannot be written: {e}"))?;
    pages.push((name.to_owned(), String::from_utf8_lossy(&text).into_owned()));
    for below in command.get_subcommands() {
        collect(below, &format!("{name}-{}", below.get_name()), pages)?;
    }
    Ok(())
}
