//! The whole process of `dealflow check`: on the clock, and in instructions, which a busy machine does not change.

use super::checking::files;
use super::clock::Spent;
use super::runner::{Outcome, Show};
use super::table::{Figure, Row};
use super::turns::{turns, work};
use super::workspace::SCHEMA;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const COMMAND: &str = env!("CARGO_BIN_EXE_dealflow");

pub(crate) fn measure(show: Show<'_>) -> Outcome {
    let (short, long) = (workspace(500)?, workspace(5_000)?);
    let run = |args: &[&str]| Command::new(COMMAND).args(args).current_dir(&short).stdout(Stdio::null()).status();
    let [check, nothing] = turns(20, [&mut work(|| run(&["check", "."])), &mut work(|| run(&["--version"]))]);
    let wall = |spent: Spent| Figure::new(spent.wall.as_secs_f64() * 1e9, "ns");
    let what = "`dealflow check`, 500 lines, on the clock";
    show(Row::new(what, wall(check), "`dealflow --version`", wall(nothing)).goal("≤ 10 ms"))?;

    let [nothing, check, more] = [
        instructions(&short, &["--version"])?,
        instructions(&short, &["check", "."])?,
        instructions(&long, &["check", "."])?,
    ];
    show(Row::new("the same, instructions", check, "`dealflow --version`", nothing))?;
    show(Row::new("5,000 lines, instructions", more, "500 lines", check))
}

/// A folder with one file of so many lines and nothing wrong.
fn workspace(lines: usize) -> Outcome<PathBuf> {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("speed-process-{lines}"));
    std::fs::create_dir_all(&dir)?;
    std::fs::write(dir.join("crm.toml"), SCHEMA)?;
    std::fs::write(dir.join("rules.flow"), files(1, lines).concat())?;
    let found = Command::new(COMMAND).arg("check").arg(&dir).stdout(Stdio::null()).status()?;
    if found.success() { Ok(dir) } else { Err(format!("the file of {lines} lines has mistakes").into()) }
}

/// How many millions of instructions the command takes, as valgrind counts them; not a number where there is none.
fn instructions(dir: &Path, args: &[&str]) -> Outcome<Figure> {
    let counted = Command::new("valgrind")
        .args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", COMMAND])
        .args(args)
        .current_dir(dir)
        .output();
    let counted = match counted {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Figure::new(f64::NAN, "M")),
        counted => String::from_utf8(counted?.stderr)?,
    };
    // ==123== I   refs:      12,345,678
    let number = counted.lines().find(|line| line.contains("refs:")).and_then(|line| line.split("refs:").nth(1));
    let number = number.ok_or_else(|| format!("valgrind did not count: {counted}"))?.trim().replace(',', "");
    Ok(Figure::new(number.parse::<f64>()? / 1e6, "M"))
}
