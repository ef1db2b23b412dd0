//! The command line.

mod runs;
mod store;

pub(super) use self::runs::{OrderArgs, ReplyArgs, RunsCommand};
pub(super) use self::store::{EffectsCommand, ReportArgs, StoreCommand};
use clap::{Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// A small, statically checked language for CRM automation.
#[derive(Debug, Parser)]
#[command(name = "dealflow", version, arg_required_else_help = true)]
#[command(after_help = "Exit status: 0 all fine, 1 something was found (lints only if denied), 2 wrong use.")]
pub(super) struct Args {
    /// Whether reports are coloured; `auto` colours them on a terminal, unless `NO_COLOR` is set.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub(super) color: Color,
    /// Show only what went wrong: no summaries, and nothing about what is fine.
    #[arg(long, short, global = true)]
    pub(super) quiet: bool,
    /// What to do.
    #[command(subcommand)]
    pub(super) command: Command,
}

/// When reports are coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a workspace that runs.
    #[command(after_help = "Example: dealflow new my-rules && dealflow run my-rules")]
    New {
        /// The folder; must not exist or be empty.
        dir: PathBuf,
    },
    /// Check scripts and crm.toml, without running anything.
    #[command(after_help = "Lints (codes W…) are shown but do not fail the check, unless `--deny` names them.\n\
        Example: dealflow check rules/ --format short --deny all --allow endless-wait")]
    Check(CheckArgs),
    /// Look at what scripts may name.
    Schema {
        #[command(subcommand)]
        command: SchemaCommand,
    },
    /// Draw rules as pictures; with --triggers, which rules set off which.
    #[command(
        after_help = "With --triggers, dashed arrows need time to pass; red or thick ones go round without end.\n\
        Examples:\n  dealflow graph rules/legal.flow --format svg > legal.svg\n  \
        dealflow graph rules/ --rule \"Large invoice\"\n  dealflow graph --triggers rules/ --format dot"
    )]
    Graph(GraphArgs),
    /// Say what changes in behaviour from one version of a workspace to another.
    #[command(after_help = "Exit status: 0 nothing behaves differently, 1 something does, 2 wrong use.\n\
        Example: dealflow diff rules.before/ rules/")]
    Diff(DiffArgs),
    /// Format scripts.
    #[command(after_help = "Example: dealflow fmt --check rules/")]
    Fmt {
        /// Folders and scripts; the current folder without any; `-` reads standard input.
        paths: Vec<PathBuf>,
        /// Change nothing: show what would change.
        #[arg(long)]
        check: bool,
    },
    /// Run a workspace over events, in virtual time.
    #[command(after_help = "Example: dealflow run examples/invoice --until 2026-04-01")]
    Run(RunArgs),
    /// Say how often each rule would have been used over events of the past, before it is deployed.
    #[command(after_help = "Example: dealflow backtest my-rules --events last-year.jsonl")]
    Backtest(super::backtest::BacktestArgs),
    /// Give a store new versions of its rules, and say what becomes of the runs that sleep in it.
    #[command(after_help = "`run` does the same when the rules have changed.\n\
        Example: dealflow deploy my-rules --store sales.db --dry-run")]
    Deploy(super::deploy::DeployArgs),
    /// Run the tests of scripts, in memory and in virtual time.
    #[command(
        after_help = "Examples:\n  dealflow test examples\n  dealflow test my-rules --filter silence --coverage\n  \
        dealflow test --format junit > tests.xml"
    )]
    Test(TestArgs),
    /// Try rules, events and time at a prompt.
    #[command(after_help = "Example: dealflow repl examples/invoice")]
    Repl(ReplArgs),
    /// Serve an editor: the Language Server Protocol over standard input and output.
    #[command(after_help = "Editors start it themselves; the manual's page on editors says how.\n\
        Example, for Neovim: vim.lsp.start({ name = \"dealflow\", cmd = { \"dealflow\", \"lsp\" } })")]
    Lsp {
        /// For editors that say it; there is no other way.
        #[arg(long)]
        stdio: bool,
    },
    /// Look at runs, and decide what becomes of them.
    Runs {
        #[command(subcommand)]
        command: RunsCommand,
    },
    /// Look at what runs did.
    Effects {
        #[command(subcommand)]
        command: EffectsCommand,
    },
    /// Look at the records of a store, and change one by hand.
    #[command(subcommand)]
    Crm(super::crm::CrmCommand),
    /// Take care of a store.
    Store {
        #[command(subcommand)]
        command: StoreCommand,
    },
    /// Say which rules fired for a record, and what kept the others from it.
    #[command(after_help = "Example: dealflow why deal:57 my-rules --store sales.db")]
    Why(super::why::WhyArgs),
    /// Turn CSV exports of a CRM into events.
    #[command(after_help = "Example: dealflow import --map map.toml deals.csv -o events.jsonl")]
    Import(super::import::Import),
    /// Show the tree of a script, also of a broken one.
    #[command(after_help = "Example: dealflow parse rules.flow --format json")]
    Parse {
        /// The script; `-` reads standard input.
        file: PathBuf,
        /// How the tree is shown.
        #[arg(long, value_enum, default_value_t = TreeFormat::Tree)]
        format: TreeFormat,
    },
    /// List the actions; with a name, explain one.
    #[command(after_help = "Example: dealflow actions notify chat")]
    Actions {
        /// Such as `notify chat`.
        name: Vec<String>,
    },
    /// Write the language reference.
    #[command(after_help = "Example: dealflow reference --output reference")]
    Reference {
        /// The folder that gets the pages; `-` writes them one after the other to standard output.
        #[arg(long, default_value = "-", value_name = "DIR")]
        output: PathBuf,
    },
    /// Write completions for a shell.
    #[command(after_help = "Examples:\n  dealflow completions bash > /etc/bash_completion.d/dealflow\n  \
        dealflow completions zsh > ~/.zfunc/_dealflow\n  \
        dealflow completions fish > ~/.config/fish/completions/dealflow.fish")]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Write the manual pages for `man`, one for each command.
    #[command(after_help = "Example: dealflow man --output /usr/local/share/man/man1 && man dealflow-test")]
    Man {
        /// The folder that gets the pages; `-` writes the first page to standard output.
        #[arg(long, default_value = "-", value_name = "DIR")]
        output: PathBuf,
    },
    /// Explain a diagnostic code; without one, list them all.
    #[command(after_help = "Example: dealflow explain E0103")]
    Explain {
        /// Such as E0103.
        code: Option<String>,
    },
}

/// `dealflow check`
#[derive(Debug, clap::Args)]
pub(super) struct CheckArgs {
    /// Folders and scripts; the current folder without any.
    pub(super) paths: Vec<PathBuf>,
    /// How mistakes are shown.
    #[arg(long, value_enum, default_value_t = CheckFormat::Human)]
    pub(super) format: CheckFormat,
    /// Mend what can be mended for certain, and report the rest.
    #[arg(long)]
    pub(super) fix: bool,
    /// Instead of looking for mistakes, say what each rule can do in one run: effects, audiences, personal data, bounds.
    #[arg(long, conflicts_with_all = ["fix", "deny", "allow"])]
    pub(super) effects: bool,
    /// Exit with status 1 for this lint too; `all` for every one. Can be given several times.
    #[arg(long, value_name = "LINT")]
    pub(super) deny: Vec<String>,
    /// Do not show this lint; `all` for none at all. Can be given several times.
    #[arg(long, value_name = "LINT")]
    pub(super) allow: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(super) enum SchemaCommand {
    /// Show the entities of a workspace with their fields, types, labels and stages, and its people and chats.
    #[command(after_help = "Example: dealflow schema show deal examples/invoice")]
    Show {
        /// Only this entity.
        entity: Option<String>,
        /// The workspace; the current folder without it.
        dir: Option<PathBuf>,
    },
    /// Write a JSON Schema of crm.toml, for editors.
    #[command(after_help = "Example: dealflow schema json > crm.schema.json; then, as the first line of crm.toml:\n\
        #:schema ./crm.schema.json")]
    Json,
}

/// `dealflow graph`
#[derive(Debug, clap::Args)]
pub(super) struct GraphArgs {
    /// Draw the triggers: an arrow from each rule to those that its changes set off.
    #[arg(long, conflicts_with = "rule")]
    pub(super) triggers: bool,
    /// Only the rule of this name (or with this trigger, if it has no name).
    #[arg(long, value_name = "NAME")]
    pub(super) rule: Option<String>,
    /// A script, or a workspace: a folder with crm.toml and scripts.
    #[arg(default_value = ".")]
    pub(super) path: PathBuf,
    /// What is written.
    #[arg(long, value_enum, default_value_t = GraphFormat::Mermaid)]
    pub(super) format: GraphFormat,
}

/// What `graph` writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum GraphFormat {
    /// A Mermaid flow chart.
    Mermaid,
    /// A Graphviz digraph.
    Dot,
    /// A picture.
    Svg,
}

/// `dealflow run`
#[derive(Debug, clap::Args)]
pub(super) struct RunArgs {
    /// The workspace: a folder with crm.toml and scripts.
    pub(super) dir: PathBuf,
    /// The events, one JSON object per line; DIR/events.jsonl without.
    #[arg(long)]
    pub(super) events: Option<PathBuf>,
    /// Keep everything in this file, and go on where it was left.
    #[arg(long)]
    pub(super) store: Option<PathBuf>,
    /// Let time run to this day or moment; without it, until no timer of the next ten years is left.
    #[arg(long)]
    pub(super) until: Option<String>,
    /// How what happens is shown.
    #[arg(long, value_enum, default_value_t = RunFormat::Human)]
    pub(super) format: RunFormat,
    /// Report bad lines of the event file and go on with the others.
    #[arg(long)]
    pub(super) keep_going: bool,
    /// Let effects leave the machine by the channels of dealflow.toml, and stop at the clock's time. Without it nothing
    /// leaves: effects outside count as done.
    #[arg(long, requires = "store")]
    pub(super) live: bool,
    /// Let nothing leave, and count effects outside as done, also over a store that was run live: for a copy to try things on.
    #[arg(long, conflicts_with = "live")]
    pub(super) offline: bool,
}

/// `dealflow effects send`
#[derive(Debug, clap::Args)]
pub(super) struct SendArgs {
    /// The workspace: a folder with crm.toml, dealflow.toml and scripts.
    pub(super) dir: PathBuf,
    /// The store.
    #[arg(long)]
    pub(super) store: PathBuf,
    /// Send nothing and change nothing: write what would be sent into files of this folder.
    #[arg(long, value_name = "FOLDER")]
    pub(super) dry_run: Option<PathBuf>,
    /// How what happens is shown.
    #[arg(long, value_enum, default_value_t = RunFormat::Human)]
    pub(super) format: RunFormat,
}

/// `dealflow diff`
#[derive(Debug, clap::Args)]
pub(super) struct DiffArgs {
    /// The version before: a script or a workspace.
    pub(super) old: PathBuf,
    /// The version now.
    pub(super) new: PathBuf,
    /// How differences are shown.
    #[arg(long, value_enum, default_value_t = RunFormat::Human)]
    pub(super) format: RunFormat,
}

/// `dealflow test`
#[derive(Debug, clap::Args)]
pub(super) struct TestArgs {
    /// Folders and scripts; the current folder without any.
    pub(super) paths: Vec<PathBuf>,
    /// Only tests whose name contains this.
    #[arg(long, value_name = "TEXT")]
    pub(super) filter: Option<String>,
    /// How results are shown.
    #[arg(long, value_enum, default_value_t = TestFormat::Human)]
    pub(super) format: TestFormat,
    /// Also say which statements, and which outcomes of waits, no test reached.
    #[arg(long)]
    pub(super) coverage: bool,
    /// Write this to a file in the lcov format, which editors and build servers show.
    #[arg(long, value_name = "FILE")]
    pub(super) lcov: Option<PathBuf>,
    /// Run again whenever a file changes.
    #[arg(long)]
    pub(super) watch: bool,
    /// How many records each `for any` is tried with.
    #[arg(long, default_value_t = 100, value_name = "N")]
    pub(super) cases: u32,
    /// Another number gives other records; the same gives the same.
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(super) seed: u64,
}

/// How results of tests are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum TestFormat {
    /// A line for each test, and a report for each that failed.
    Human,
    /// One JSON object per line.
    Json,
    /// The XML that build servers read.
    Junit,
}

/// `dealflow repl`
#[derive(Debug, clap::Args)]
pub(super) struct ReplArgs {
    /// The workspace; the current folder without, or only the built-in entities if that is none.
    pub(super) dir: Option<PathBuf>,
    /// Look into this store, instead of a few records in memory.
    #[arg(long)]
    pub(super) store: Option<PathBuf>,
    /// Also change the store.
    #[arg(long, requires = "store")]
    pub(super) write: bool,
    /// Change it also if it was run live, though nothing leaves from here: for a copy to try things on.
    #[arg(long, requires = "write")]
    pub(super) offline: bool,
    /// When the session begins, such as 2026-03-02T09:00; now without.
    #[arg(long, value_name = "TIME")]
    pub(super) at: Option<String>,
}

/// Which runs are listed.
#[derive(Clone, Copy, Debug, clap::Args)]
#[group(multiple = false)]
pub(super) struct Which {
    /// Every run that ever was.
    #[arg(long)]
    pub(super) all: bool,
    /// Those that failed, and those that are parked because an effect was refused.
    #[arg(long)]
    pub(super) failed: bool,
    /// Those that came to their end or were cancelled.
    #[arg(long)]
    pub(super) ended: bool,
}

/// How mistakes are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum CheckFormat {
    /// Reports with the source.
    Human,
    /// One line each: `file:line:column: code: message`.
    Short,
    /// One JSON object per line.
    Json,
    /// One SARIF 2.1.0 log, for code hosts and CI.
    Sarif,
}

/// How what happens is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum RunFormat {
    /// A timeline.
    Human,
    /// One JSON object per line.
    Json,
}

/// How a tree is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum TreeFormat {
    /// Indented text, without places.
    Tree,
    /// One JSON object with places and texts; its form may change from version to version.
    Json,
}
