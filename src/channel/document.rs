//! Documents: a template of the workspace, filled with what a record says, as a file in the workspace's folder of files.
//!
//! Templates are HTML with `{{ contact.name }}`, `{% if … %}` and the like (`minijinja`). What is put in is escaped, and a
//! template reads nothing but its values. The page becomes a PDF or DOCX file by a program of this machine. A file is
//! written beside its place and then moved there, so that a half of one is never seen, and the same one again is no harm.

use super::config::Documents;
use super::{Job, Prepared, Refusal};
use crate::engine::Attempt;
use crate::value::Value;
use minijinja::value::Value as Shown;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The largest template, in bytes.
const MOST_TEMPLATE: u64 = 4 * 1024 * 1024;

/// Steps of a template; a loop over a record's values takes some hundreds.
const FUEL: u64 = 1_000_000;

/// How often it is looked whether a converter is done.
const TICK: Duration = Duration::from_millis(50);

/// The name by which a template reads what belongs to the document itself: `document.number`, `document.date`.
pub const OWN: [&str; 3] = ["document.title", "document.number", "document.date"];

/// A page that is ready to become a file.
#[derive(Debug)]
pub(super) struct Page {
    /// The file, within the folder of files.
    file: PathBuf,
    /// `html`, `pdf` or `docx`.
    format: String,
    /// The page.
    pub(super) html: String,
}

/// Fills the template.
pub(super) fn prepare(workspace: &Path, job: &Job<'_>) -> Result<Prepared, Refusal> {
    let (template, file) = (job.needed("template")?, job.needed("file")?);
    let format = job.text("format").unwrap_or_else(|| "pdf".to_owned());
    let text = read(workspace, &template).map_err(Refusal::new)?;
    let values: BTreeMap<&str, &str> = match job.value("values") {
        Some(Value::Record(values)) => {
            values.iter().filter_map(|(name, value)| Some((&**name, text_of(value)?))).collect()
        }
        _ => BTreeMap::new(),
    };
    let html = fill(&text, &values).map_err(|why| Refusal::new(format!("`{template}`: {why}")))?;
    Ok(Prepared::Document(Page { file: inside(&file).map_err(Refusal::new)?, format, html }))
}

fn text_of(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

/// A path that stays in its folder.
fn inside(name: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(name);
    let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    if plain && !name.is_empty() { Ok(path) } else { Err(format!("the file `{name}` is not in the workspace")) }
}

/// The text of a template of the workspace.
///
/// # Errors
/// It is not there, outside the workspace, or too large.
pub fn read(workspace: &Path, file: &str) -> Result<String, String> {
    let path = workspace.join(inside(file)?);
    let failed = |e: std::io::Error| format!("the template `{file}` cannot be read: {e}");
    if std::fs::metadata(&path).map_err(failed)?.len() > MOST_TEMPLATE {
        return Err(format!("the template `{file}` is larger than {MOST_TEMPLATE} bytes"));
    }
    std::fs::read_to_string(&path).map_err(failed)
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    // What a record does not have is empty: whether it can have it was checked before.
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.set_fuel(Some(FUEL));
    environment
}

/// What a template reads: `title`, `contact.name`.
///
/// # Errors
/// It cannot be understood; the text says why and in which line.
pub fn placeholders(text: &str) -> Result<BTreeSet<String>, String> {
    let environment = environment();
    let template = environment.template_from_str(text).map_err(|e| said(&e))?;
    Ok(template.undeclared_variables(true).into_iter().collect())
}

/// The page: the template with these values, whose names may have dots.
///
/// # Errors
/// It cannot be understood, or does not come to its end; the text says why and in which line.
pub fn fill(text: &str, values: &BTreeMap<&str, &str>) -> Result<String, String> {
    let mut root = Tree::default();
    for (path, value) in values {
        root.put(path, value);
    }
    environment().render_str(text, root.shown()).map_err(|e| said(&e))
}

fn said(error: &minijinja::Error) -> String {
    let line = error.line().map_or_else(String::new, |line| format!("line {line}: "));
    format!("{line}{}", error.detail().map_or_else(|| error.kind().to_string(), str::to_owned))
}

/// Values by the parts of their names.
#[derive(Default)]
struct Tree {
    value: Option<String>,
    below: BTreeMap<String, Tree>,
}

impl Tree {
    fn put(&mut self, path: &str, value: &str) {
        let at = path.split('.').fold(self, |tree, part| tree.below.entry(part.to_owned()).or_default());
        at.value = Some(value.to_owned());
    }

    /// Where `contact` and `contact.name` are both wanted, `contact` shows as its own value only when nothing is below it.
    fn shown(self) -> Shown {
        match self.value {
            Some(value) if self.below.is_empty() => Shown::from(value),
            _ => {
                let below: BTreeMap<String, Shown> =
                    self.below.into_iter().map(|(name, tree)| (name, tree.shown())).collect();
                below.into()
            }
        }
    }
}

/// Writes the file.
pub(super) fn make(config: &Documents, files: &Path, page: &Page) -> Attempt {
    let target = files.join(&page.file);
    match write(config, &target, page) {
        Ok(()) => Attempt::Done { value: None, fields: Vec::new() },
        Err(Trouble::Here(error)) => {
            Attempt::Passing { why: format!("`{}` cannot be written: {error}", target.display()).into(), after: None }
        }
        Err(Trouble::Converter(why)) => Attempt::Permanent { why: why.into() },
    }
}

/// Why there is no file.
enum Trouble {
    /// The disk refused; it may not the next time.
    Here(std::io::Error),
    /// Nothing here turns a page into such a file, or it refused.
    Converter(String),
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        Self::Here(error)
    }
}

fn write(config: &Documents, target: &Path, page: &Page) -> Result<(), Trouble> {
    let folder = target.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    if page.format == "html" {
        let beside = target.with_extension("html.part");
        std::fs::write(&beside, &page.html)?;
        return Ok(std::fs::rename(beside, target)?);
    }
    // A folder of its own for what the converter reads, writes and leaves behind.
    let work = target.with_extension("making");
    let _ = std::fs::remove_dir_all(&work);
    std::fs::create_dir_all(&work)?;
    let work = work.canonicalize()?;
    let source = work.join("page.html");
    std::fs::write(&source, &page.html)?;
    let made = convert(config, &work, &source, &page.format);
    let moved = made.and_then(|made| Ok(std::fs::rename(made, target)?));
    let _ = std::fs::remove_dir_all(&work);
    moved
}

/// Programs that make PDF files from pages, and those that make both kinds.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];
const OFFICES: [&str; 2] = ["soffice", "libreoffice"];

fn convert(config: &Documents, work: &Path, source: &Path, format: &str) -> Result<PathBuf, Trouble> {
    let wanted: Vec<&str> = match &config.converter {
        Some(program) => vec![program],
        None if format == "pdf" => BROWSERS.into_iter().chain(OFFICES).collect(),
        None => OFFICES.to_vec(),
    };
    let made = work.join(format!("page.{format}"));
    for program in &wanted {
        let name = Path::new(program).file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let mut command = Command::new(program);
        if OFFICES.contains(&&*name) {
            command.arg(format!("-env:UserInstallation=file://{}", work.join("profile").display()));
            // Without it a page opens as one for the web, from which no DOCX file can be made.
            command.args(["--headless", "--infilter=HTML (StarWriter)", "--convert-to", format, "--outdir"]);
            command.arg(work).arg(source);
        } else {
            command.args(["--headless", "--disable-gpu", "--no-pdf-header-footer", "--disable-extensions"]);
            // A page reaches no other machine.
            command.arg("--host-resolver-rules=MAP * ~NOTFOUND");
            command.arg(format!("--user-data-dir={}", work.join("profile").display()));
            command.arg(format!("--print-to-pdf={}", made.display()));
            if is_root(work) {
                command.arg("--no-sandbox");
            }
            command.arg(format!("file://{}", source.display()));
        }
        match run(&mut command, config.timeout) {
            Ok(true) if made.is_file() => return Ok(made),
            Ok(_) => return Err(Trouble::Converter(format!("`{program}` made no {format} of the page"))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    let names = wanted.join(", ");
    let help = "install Chromium or LibreOffice, name a program as `converter` in `[documents]`, or use `format: html`";
    Err(Trouble::Converter(format!("nothing here makes {format} files (looked for {names}): {help}")))
}

/// Runs a program to its end; false if it failed or took too long.
fn run(command: &mut Command, timeout: Duration) -> std::io::Result<bool> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
        if start.elapsed() > timeout {
            child.kill()?;
            child.wait()?;
            return Ok(false);
        }
        std::thread::sleep(TICK);
    }
}

/// Whether what this process writes belongs to root, for whom browsers have no sandbox.
#[cfg(unix)]
fn is_root(written: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(written).is_ok_and(|meta| meta.uid() == 0)
}

#[cfg(not(unix))]
fn is_root(_written: &Path) -> bool {
    false
}
