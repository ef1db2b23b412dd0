//! What no test reached: statements, and ways in which waits can end.
//!
//! A statement was reached when its first instruction was executed, in any program that holds it: a function of a script is
//! part of the program of every rule that calls it.

use crate::check::testing::Point;
use crate::engine::cover::Seen;
use crate::ir::{Debug, Digest, Ix, Op, Pc, Program};
use crate::source::{FileId, Sources};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

/// A statement with what tests reached of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covered {
    /// Its file.
    pub file: FileId,
    /// Its line, from 1.
    pub line: u32,
    /// Its first line as written.
    pub text: String,
    /// How often it was executed.
    pub hits: u64,
    /// For a wait: how it can end, and whether a test saw it end so.
    pub outcomes: Vec<(&'static str, bool)>,
}

/// What tests reached of a workspace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Every statement, in the order of files and places.
    pub statements: Vec<Covered>,
}

impl Coverage {
    /// Lays what was executed over the statements.
    pub fn new(points: &[Point], programs: &[Arc<Program>], sources: &Sources, seen: &Seen) -> Self {
        let code = Placed::all(programs, sources);
        let statements = points.iter().map(|point| covered(point, &code, sources, seen));
        Self { statements: statements.collect() }
    }

    /// How many statements were reached, and how many there are.
    pub fn reached(&self) -> (usize, usize) {
        (self.statements.iter().filter(|s| s.hits > 0).count(), self.statements.len())
    }

    /// How many outcomes of waits were seen, and how many are possible.
    pub fn outcomes(&self) -> (usize, usize) {
        let all = || self.statements.iter().flat_map(|s| &s.outcomes);
        (all().filter(|(_, seen)| *seen).count(), all().count())
    }

    /// What no test reached, one a line.
    pub fn missed(&self, sources: &Sources) -> String {
        let mut out = String::new();
        for statement in &self.statements {
            let file = sources.get(statement.file).map_or("", |file| &file.name);
            let place = format!("{file}:{}", statement.line);
            if statement.hits == 0 {
                let _ = writeln!(out, "  {place}  never reached: `{}`", statement.text);
                continue;
            }
            let missed: Vec<&str> =
                statement.outcomes.iter().filter(|(_, seen)| !seen).map(|(outcome, _)| *outcome).collect();
            if !missed.is_empty() {
                let _ = writeln!(out, "  {place}  never ended with {}: `{}`", missed.join(", "), statement.text);
            }
        }
        out
    }

    /// The same as an lcov trace file: lines, and a branch for each way in which a wait can end.
    pub fn lcov(&self, sources: &Sources) -> String {
        let mut files: BTreeMap<FileId, BTreeMap<u32, Vec<&Covered>>> = BTreeMap::new();
        for statement in &self.statements {
            files.entry(statement.file).or_default().entry(statement.line).or_default().push(statement);
        }
        let mut out = String::new();
        for (file, lines) in files {
            let name = sources.get(file).map_or("", |file| &file.name);
            let _ = writeln!(out, "TN:\nSF:{name}");
            let mut branches = (0, 0);
            for (line, statements) in &lines {
                let outcomes = statements.iter().flat_map(|s| s.outcomes.iter().map(move |o| (s.hits, o)));
                for (branch, (hits, (_, seen))) in outcomes.enumerate() {
                    let taken = if hits == 0 { "-".to_owned() } else { u8::from(*seen).to_string() };
                    let _ = writeln!(out, "BRDA:{line},0,{branch},{taken}");
                    branches = (branches.0 + u32::from(*seen), branches.1 + 1);
                }
            }
            let _ = writeln!(out, "BRF:{}\nBRH:{}", branches.1, branches.0);
            let mut hit = 0;
            for (line, statements) in &lines {
                let hits = statements.iter().map(|s| s.hits).max().unwrap_or(0);
                hit += u32::from(hits > 0);
                let _ = writeln!(out, "DA:{line},{hits}");
            }
            let _ = writeln!(out, "LF:{}\nLH:{hit}\nend_of_record", lines.len());
        }
        out
    }
}

fn covered(point: &Point, code: &[Placed<'_>], sources: &Sources, seen: &Seen) -> Covered {
    let file = sources.get(point.file);
    let line = file.map_or(0, |file| file.lines.line_col(&file.text, point.span.start).line);
    let written = file.map_or("", |file| point.span.of(&file.text));
    let mut hits = 0;
    let mut ended = BTreeSet::new();
    for function in code.iter().filter(|placed| (placed.file, placed.item) == (point.file, point.item)) {
        let inside = |offset: u32| (point.span.start..point.span.end).contains(&offset);
        let mut own = function.ops().filter(|(_, offset, _)| inside(*offset));
        let Some((first, _, op)) = own.next() else { continue };
        hits += seen.sites.get(&(function.digest, function.function, first)).copied().unwrap_or(0);
        let disarm = std::iter::once((first, 0, op)).chain(own).find(|(_, _, op)| matches!(op, Op::Disarm));
        if let Some((pc, _, _)) = disarm.filter(|_| !point.outcomes.is_empty()) {
            let outcomes = seen.outcomes.get(&(function.digest, function.function, pc));
            ended.extend(outcomes.into_iter().flatten().cloned());
        }
    }
    let outcomes = point.outcomes.iter().map(|outcome| (*outcome, ended.contains(*outcome))).collect();
    let text = crate::feed::timeline::first_line(written);
    Covered { file: point.file, line, text, hits, outcomes }
}

/// The part of a function's code that lies in one item of a script.
struct Placed<'p> {
    digest: Digest,
    function: Ix,
    file: FileId,
    /// Where the item begins in its file.
    item: u32,
    /// Where its text begins in the program's.
    start: u32,
    end: u32,
    program: &'p Program,
}

impl<'p> Placed<'p> {
    fn all(programs: &'p [Arc<Program>], sources: &Sources) -> Vec<Self> {
        let mut found = Vec::new();
        for program in programs {
            let digest = program.digest();
            for (start, end) in parts(&program.debug) {
                let Some((file, item)) = item(&program.debug, start, sources) else { continue };
                let functions = (0..program.functions.len()).filter_map(|at| Ix::try_from(at).ok());
                found.extend(functions.map(|function| Self { digest, function, file, item, start, end, program }));
            }
        }
        found
    }

    /// The instructions of this part in their order, with their places in the file.
    fn ops(&self) -> impl Iterator<Item = (Pc, u32, &'p Op)> {
        let function = self.program.functions.get(usize::from(self.function));
        let (start, end, item) = (self.start, self.end, self.item);
        let all = function.into_iter().flat_map(|f| (0..).zip(&f.code).zip(&f.spans));
        all.filter(move |(_, span)| (start..end).contains(&span.start))
            .map(move |((pc, op), span)| (pc, span.start - start + item, op))
    }
}

/// The parts of a program's text: the rule's own, then those of functions.
fn parts(debug: &Debug) -> Vec<(u32, u32)> {
    let starts: Vec<u32> = std::iter::once(0).chain(debug.parts.iter().map(|part| part.start)).collect();
    let ends = starts.iter().skip(1).copied().chain([u32::try_from(debug.text.len()).unwrap_or(u32::MAX)]);
    starts.iter().copied().zip(ends).collect()
}

/// The file of a part, and where the part begins in it.
fn item(debug: &Debug, start: u32, sources: &Sources) -> Option<(FileId, u32)> {
    let (text, name, line) = debug.part(start);
    let (id, file) = sources.iter().find(|(_, file)| file.name == *name)?;
    let before: usize =
        file.text.split_inclusive('\n').take(usize::try_from(line).ok()?.checked_sub(1)?).map(str::len).sum();
    let column = file.text.get(before..)?.find(text)?;
    Some((id, u32::try_from(before + column).ok()?))
}
