//! The command line of `dealflow runs`.

use super::{RunFormat, Which};
use clap::Subcommand;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum RunsCommand {
    /// List the runs of a store: those that sleep, unless told otherwise.
    #[command(after_help = "Example: dealflow runs list --failed --store sales.db")]
    List {
        /// The store.
        #[arg(long)]
        store: PathBuf,
        /// Which runs.
        #[command(flatten)]
        which: Which,
        /// How they are shown.
        #[arg(long, value_enum, default_value_t = RunFormat::Human)]
        format: RunFormat,
    },
    /// Say rule by rule how many runs there were, what they did and what became of them, and how mails and messages arrived.
    #[command(after_help = "Example: dealflow runs report --since 2026-03-01 --store sales.db")]
    Report {
        /// The store.
        #[arg(long)]
        store: PathBuf,
        /// Only runs and messages of this day (of UTC) and later.
        #[arg(long)]
        since: Option<String>,
    },
    /// Show one run with its values and its history, also when it is over.
    #[command(after_help = "Example: dealflow runs show 17 --store sales.db")]
    Show {
        /// The store.
        #[arg(long)]
        store: PathBuf,
        /// The run's number.
        id: u64,
    },
    /// End a run.
    #[command(after_help = "Example: dealflow runs cancel 17 --store sales.db --workspace my-rules")]
    Cancel(OrderArgs),
    /// Let a run neither act nor notice anything, until it is resumed; only its `while` clause still ends it.
    #[command(after_help = "Example: dealflow runs pause 17 --store sales.db")]
    Pause(OrderArgs),
    /// Let a paused run go on: it looks at once at what it waits for.
    #[command(after_help = "Example: dealflow runs resume 17 --store sales.db --workspace my-rules")]
    Resume(OrderArgs),
    /// Let a parked run try its refused effect again, with the data of now.
    #[command(after_help = "Example: dealflow runs retry 17 --store sales.db --workspace my-rules")]
    Retry(OrderArgs),
    /// Let a parked run go on without its refused effect.
    #[command(after_help = "Example: dealflow runs skip 17 --store sales.db --workspace my-rules")]
    Skip(OrderArgs),
    /// Approve what a run asks.
    #[command(after_help = "Example: dealflow runs approve 17.3 --by mona --text fine --store sales.db")]
    Approve(ReplyArgs),
    /// Reject what a run asks.
    #[command(after_help = "Example: dealflow runs reject 17.3 --by mona --text \"too much\" --store sales.db")]
    Reject(ReplyArgs),
    /// Answer the question of a run, with --text.
    #[command(after_help = "Example: dealflow runs answer 17.3 --by anna --text 12% --store sales.db")]
    Answer(ReplyArgs),
    /// Have somebody else say it.
    #[command(after_help = "Example: dealflow runs delegate 17.3 --by mona --to leo --store sales.db")]
    Delegate {
        /// Which request, and who hands it on.
        #[command(flatten)]
        args: ReplyArgs,
        /// The employee who is to say it instead.
        #[arg(long)]
        to: String,
    },
}

/// Who says what to which request.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ReplyArgs {
    /// The request's number, such as 17.3; `dealflow runs list` shows it.
    pub(in crate::cli) request: String,
    /// The employee who says it.
    #[arg(long)]
    pub(in crate::cli) by: String,
    /// In these words.
    #[arg(long)]
    pub(in crate::cli) text: Option<String>,
    /// The store.
    #[arg(long)]
    pub(in crate::cli) store: PathBuf,
    /// The workspace that the store runs with.
    #[arg(long, default_value = ".")]
    pub(in crate::cli) workspace: PathBuf,
}

/// What is ordered.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct OrderArgs {
    /// The run's number.
    pub(in crate::cli) id: u64,
    /// The store.
    #[arg(long)]
    pub(in crate::cli) store: PathBuf,
    /// The workspace that the store runs with.
    #[arg(long, default_value = ".")]
    pub(in crate::cli) workspace: PathBuf,
}
