//! The commands that look at a store and take care of it.

use super::{RunFormat, SendArgs};
use clap::Subcommand;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum StoreCommand {
    /// Look whether everything in it is whole and fits together.
    #[command(after_help = "Example: dealflow store check --store sales.db")]
    Check {
        /// The store.
        #[arg(long)]
        store: PathBuf,
    },
    /// Copy it as it is now, also while another process works with it.
    #[command(after_help = "Example: dealflow store backup --store sales.db --to sales-monday.db")]
    Backup {
        /// The store.
        #[arg(long)]
        store: PathBuf,
        /// The copy; must not be there yet.
        #[arg(long)]
        to: PathBuf,
    },
    /// Bring it to the layout of this version, and keep a copy of what it was.
    #[command(after_help = "Example: dealflow store upgrade --store sales.db")]
    Upgrade {
        /// The store.
        #[arg(long)]
        store: PathBuf,
    },
}

/// `dealflow effects bounces`, `dealflow effects clicks`
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ReportArgs {
    /// The workspace: a folder with crm.toml, dealflow.toml and scripts.
    pub(in crate::cli) dir: PathBuf,
    /// What is read: files, and all files of folders.
    #[arg(required = true)]
    pub(in crate::cli) files: Vec<PathBuf>,
    /// The store.
    #[arg(long)]
    pub(in crate::cli) store: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum EffectsCommand {
    /// List the effects of every run, in the order of the runs.
    #[command(after_help = "Example: dealflow effects list --failed --store sales.db")]
    List {
        /// The store.
        #[arg(long)]
        store: PathBuf,
        /// Only those that were refused.
        #[arg(long)]
        failed: bool,
        /// How they are shown.
        #[arg(long, value_enum, default_value_t = RunFormat::Human)]
        format: RunFormat,
    },
    /// Send what runs want sent, by the channels of dealflow.toml: everything that is due by now.
    #[command(
        after_help = "Call it every minute, or whenever events were taken; what failed is tried again with growing \
        pauses.\nExample: dealflow effects send my-rules --store sales.db"
    )]
    Send(SendArgs),
    /// Take in reports of mail servers about mails that did not arrive: `email bounced` happens.
    #[command(after_help = "What was taken in before changes nothing.\n\
        Example: dealflow effects bounces my-rules ~/Maildir/new --store sales.db")]
    Bounces(ReportArgs),
    /// Take in clicks on links of mails from the log of the web server that they lead to: `email clicked` happens.
    #[command(after_help = "What was taken in before changes nothing.\n\
        Example: dealflow effects clicks my-rules /var/log/nginx/links.log --store sales.db")]
    Clicks(ReportArgs),
    /// List what waits to be sent, and what nobody tries any more.
    #[command(after_help = "Example: dealflow effects waiting --store sales.db")]
    Waiting {
        /// The store.
        #[arg(long)]
        store: PathBuf,
    },
    /// Try something again that no run waits for and that failed for good.
    #[command(after_help = "Example: dealflow effects retry 17/2/1 --store sales.db")]
    Retry {
        /// Its key, as `effects waiting` shows it.
        key: String,
        /// The store.
        #[arg(long)]
        store: PathBuf,
    },
}
