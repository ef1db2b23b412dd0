//! Starts `dealflow lsp` for Zed.

use zed_extension_api::{self as zed, LanguageServerId, Result, Worktree};

struct Dealflow;

impl zed::Extension for Dealflow {
    fn new() -> Self {
        Self
    }

    fn language_server_command(&mut self, _: &LanguageServerId, worktree: &Worktree) -> Result<zed::Command> {
        let command = worktree.which("dealflow").ok_or("`dealflow` is not on the PATH: install it, then reload")?;
        Ok(zed::Command { command, args: vec!["lsp".to_owned()], env: worktree.shell_env() })
    }
}

zed::register_extension!(Dealflow);
